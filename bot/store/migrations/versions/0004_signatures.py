"""What posts are compared by lies beside them: an index of stories is built from it after a start.

Posts that are there have none; theirs is made from their bodies while they are still in the window.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give bodies a signature."""
    op.add_column("bodies", sa.Column("signature", sa.LargeBinary()))


def downgrade() -> None:
    """Without."""
    op.drop_column("bodies", "signature")
