"""Pictures of posts: which are to be fetched, and the difference hash of those that were seen; never a picture itself.

Posts that came before are not examined.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_OWED = sa.text("state = 'owed'")
_FRESH = sa.text("state = 'fresh'")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "pictures",
        sa.Column("post_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("cid", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("hash", _NUMBER, nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("post_id", "place", name=op.f("pk_pictures")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_pictures_post_id_posts")),
    )
    op.create_index("ix_pictures_owed", "pictures", ["due_at"], sqlite_where=_OWED, postgresql_where=_OWED)
    op.create_index("ix_pictures_fresh", "pictures", ["post_id", "place"], sqlite_where=_FRESH, postgresql_where=_FRESH)


def downgrade() -> None:
    """Drop the table: what is forgotten is not examined again."""
    op.drop_table("pictures")
