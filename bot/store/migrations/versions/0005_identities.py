"""Other names of posts whose platform changes its ids.

Posts that are stored now have none yet: they get theirs when their source brings them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make room for names."""
    op.create_table(
        "identities",
        sa.Column("key", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("ident", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_identities")),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("identities")
