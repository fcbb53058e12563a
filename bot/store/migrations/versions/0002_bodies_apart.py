"""Bodies apart, and a chain of posts for each author.

A verdict wrote a post's whole text again, and an index over authors cost each post a page of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 5_000

_posts = sa.table("posts", sa.column("id"), sa.column("author_id"), sa.column("author_before"))
_authors = sa.table("authors", sa.column("id"), sa.column("last_post_id"))


def upgrade() -> None:
    """Move what posts say, and chain them."""
    if op.get_bind().dialect.name == "postgresql":
        # A program of the first schema may still collect, and writes in this order: it ends first, or waits for us.
        op.execute("LOCK TABLE posts, authors IN ACCESS EXCLUSIVE MODE")
    op.create_table(
        "bodies",
        sa.Column("post_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_bodies")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_bodies_post_id_posts")),
    )
    op.execute("INSERT INTO bodies (post_id, body) SELECT id, body FROM posts ORDER BY id")
    op.add_column("authors", sa.Column("last_post_id", _NUMBER, nullable=True))
    op.add_column("posts", sa.Column("author_before", _NUMBER, nullable=True))
    _chain()
    op.drop_index("ix_posts_author_id", "posts")
    op.drop_column("posts", "body")


def _chain() -> None:
    connection = op.get_bind()
    last: dict[int, int] = {}
    after = 0
    link = sa.update(_posts).where(_posts.c.id == sa.bindparam("b_id")).values(author_before=sa.bindparam("b_before"))
    while True:
        page = sa.select(_posts.c.id, _posts.c.author_id).where(_posts.c.id > after).order_by(_posts.c.id).limit(_BATCH)
        rows = connection.execute(page).all()
        if not rows:
            break
        linked = []
        for number, author in rows:
            if author in last:
                linked.append({"b_id": number, "b_before": last[author]})
            last[author] = number
        if linked:
            connection.execute(link, linked)
        after = rows[-1][0]
    if last:
        end = (
            sa.update(_authors).where(_authors.c.id == sa.bindparam("b_id")).values(last_post_id=sa.bindparam("b_last"))
        )
        connection.execute(end, [{"b_id": author, "b_last": number} for author, number in last.items()])


def downgrade() -> None:
    """Put what posts say back."""
    op.add_column("posts", sa.Column("body", sa.LargeBinary(), nullable=True))
    op.execute("UPDATE posts SET body = (SELECT body FROM bodies WHERE bodies.post_id = posts.id)")
    op.drop_table("bodies")
    with op.batch_alter_table("posts") as batch:
        batch.drop_column("author_before")
        batch.alter_column("body", existing_type=sa.LargeBinary(), nullable=False)
    op.create_index("ix_posts_author_id", "posts", ["author_id"], unique=False)
    op.drop_column("authors", "last_post_id")
