"""The same few words by many people: one update, and who said them beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Keep who said what an update says."""
    op.create_table(
        "choruses",
        sa.Column("post_id", _ID, sa.ForeignKey("posts.id"), primary_key=True, autoincrement=False),
        sa.Column("first_id", _ID, nullable=False),
        sa.Column("update_id", _ID, sa.ForeignKey("updates.id"), nullable=False),
    )
    op.create_index("ix_choruses_first_id", "choruses", ["first_id"])
    op.create_index("ix_choruses_update_id", "choruses", ["update_id"])


def downgrade() -> None:
    """Forget who said it; counts stay in the updates."""
    op.drop_table("choruses")
