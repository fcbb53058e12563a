"""The queue by score: what rules rank highest waits first.

Posts that are held now were judged without it and rank as 0, in the order of their arrival.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_HELD = sa.text("verdict = 'hold'")


def upgrade() -> None:
    """Give posts a rank, and sort the queue by it."""
    op.add_column("posts", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_posts_held", "posts")
    op.create_index("ix_posts_held", "posts", ["rank", "id"], sqlite_where=_HELD, postgresql_where=_HELD)


def downgrade() -> None:
    """Sort the queue by arrival alone."""
    op.drop_index("ix_posts_held", "posts")
    op.create_index("ix_posts_held", "posts", ["id"], sqlite_where=_HELD, postgresql_where=_HELD)
    op.drop_column("posts", "rank")
