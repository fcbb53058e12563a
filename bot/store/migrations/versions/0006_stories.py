"""What people say of stories, and which story adds a fact to which."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, empty: nothing was said before."""
    op.create_table(
        "apart",
        sa.Column("story_id", _ID, autoincrement=False, nullable=False),
        sa.Column("other_id", _ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("story_id", "other_id", name=op.f("pk_apart")),
    )
    op.create_index(op.f("ix_apart_other_id"), "apart", ["other_id"])
    op.create_table(
        "follow_ups",
        sa.Column("story_id", _ID, autoincrement=False, nullable=False),
        sa.Column("earlier_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_follow_ups")),
    )
    op.create_index(op.f("ix_follow_ups_earlier_id"), "follow_ups", ["earlier_id"])


def downgrade() -> None:
    """Forget what was said."""
    op.drop_table("follow_ups")
    op.drop_table("apart")
