"""What timing says, numbers that are counted, what a milestone said of them, and what waits for a person because it changed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make room for it."""
    op.create_table(
        "entrants",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("race", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("seq", _Id, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", _AT, nullable=False),
    )
    op.create_index("ix_entrants_seq", "entrants", ["seq"])
    op.create_table(
        "tallies",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("at", _AT, nullable=False),
    )
    op.create_table(
        "cards",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, server_default=""),
        sa.Column("ended_at", _AT),
    )
    where = sa.text("state = 'open'")
    op.create_index(
        "ix_cards_open", "cards", ["kind", "about"], unique=True, sqlite_where=where, postgresql_where=where
    )
    op.add_column("milestones", sa.Column("said", sa.Text(), nullable=False, server_default=""))
    op.add_column("milestones", sa.Column("provisional", sa.Boolean(), nullable=False, server_default=sa.text("false")))


def downgrade() -> None:
    """Forget it: sources tell results again; what was told stays told, what was held comes again."""
    op.execute("DELETE FROM milestones WHERE state = 'held'")
    with op.batch_alter_table("milestones") as table:
        table.drop_column("provisional")
        table.drop_column("said")
    op.drop_table("cards")
    op.drop_table("tallies")
    op.drop_table("entrants")
