"""What each account's platform still allows, for each kind of call."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it."""
    op.create_table(
        "allowances",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("work", sa.Text(), primary_key=True),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("resets_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Forget it: platforms say it again."""
    op.drop_table("allowances")
