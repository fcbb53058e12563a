"""What is owed by its worth: after an outage, milestones do not wait behind what people said.

What is owed now ranks as a snippet, in the order in which it was owed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('owed', 'sending', 'unconfirmed', 'retracting')")


def upgrade() -> None:
    """Give deliveries a worth, and sort what is open by it."""
    op.add_column("deliveries", sa.Column("worth", sa.SmallInteger(), nullable=False, server_default="3"))
    op.drop_index("ix_deliveries_open", "deliveries")
    op.create_index(
        "ix_deliveries_open", "deliveries", ["account", "worth", "id"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )


def downgrade() -> None:
    """Sort what is owed by its age alone."""
    op.drop_index("ix_deliveries_open", "deliveries")
    op.create_index("ix_deliveries_open", "deliveries", ["account", "id"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.drop_column("deliveries", "worth")
