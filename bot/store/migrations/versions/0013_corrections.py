"""A delivery may have to be corrected: what is open is found by an index that knows it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BEFORE = sa.text("state IN ('owed', 'sending', 'unconfirmed', 'retracting')")
_OPEN = sa.text("state IN ('owed', 'sending', 'unconfirmed', 'correcting', 'retracting')")
_COLUMNS = ["account", "worth", "id"]


def upgrade() -> None:
    """Count what is to be corrected as open."""
    op.drop_index("ix_deliveries_open", "deliveries")
    op.create_index("ix_deliveries_open", "deliveries", _COLUMNS, sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    """Leave what was to be corrected as it stands."""
    op.execute("UPDATE deliveries SET state = 'sent' WHERE state = 'correcting'")
    op.drop_index("ix_deliveries_open", "deliveries")
    op.create_index("ix_deliveries_open", "deliveries", _COLUMNS, sqlite_where=_BEFORE, postgresql_where=_BEFORE)
