"""The bullets at the top of the page, with their history."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "headlines",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("update_id", _Id),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("seq", _Id, nullable=False),
        sa.Column("ended_at", _AT),
        sa.Column("ended_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("ended_seq", _Id),
    )
    where = sa.text("ended_seq IS NULL")
    op.create_index(
        "ix_headlines_standing", "headlines", ["slot"], unique=True, sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("headlines")
