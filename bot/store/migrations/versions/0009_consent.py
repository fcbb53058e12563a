"""Who has asked to be left out, and what authors said who were asked."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Keep opt-outs and answers."""
    op.create_table(
        "opt_outs",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("author_id", _ID),
        sa.Column("handled", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "ix_opt_outs_to_handle",
        "opt_outs",
        ["key"],
        sqlite_where=sa.text("handled = 0"),
        postgresql_where=sa.text("NOT handled"),
    )
    op.create_table(
        "consents",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("ident", _ID, nullable=False),
        sa.Column("post_id", _ID, sa.ForeignKey("posts.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("page", sa.Boolean(), nullable=False),
        sa.Column("accounts", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
    )
    op.create_index("ix_consents_ident", "consents", ["ident"])


def downgrade() -> None:
    """Forget both: whoever asked to be left out would be shown again."""
    op.drop_table("consents")
    op.drop_table("opt_outs")
