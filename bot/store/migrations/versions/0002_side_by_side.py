"""Posts of one time lie side by side: names that begin with their time, bodies apart, a chain for each author.

An index of random numbers and one over authors cost each post a page of their own, and a verdict wrote the post's whole text
again. Tombstones of posts that never came cannot be named anew and are dropped: they only guard the moments around a deletion.
"""

import sqlalchemy as sa
from alembic import op
from xxhash import xxh3_64_hexdigest

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 5_000

_posts = sa.table(
    "posts",
    sa.column("id"),
    sa.column("platform"),
    sa.column("native_id"),
    sa.column("author_id"),
    sa.column("ident"),
    sa.column("ident_2"),
    sa.column("author_before"),
)
_gone = sa.table("gone", sa.column("ident"), sa.column("ident_2"))
_authors = sa.table("authors", sa.column("id"), sa.column("last_post_id"))


def upgrade() -> None:
    """Name posts anew, and move what they say."""
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
    op.add_column("posts", sa.Column("ident_2", sa.Text(), nullable=True))
    op.add_column("gone", sa.Column("ident_2", sa.Text(), nullable=True))
    _name_anew()
    op.execute("UPDATE gone SET ident_2 = (SELECT min(posts.ident_2) FROM posts WHERE posts.ident = gone.ident)")
    op.execute("DELETE FROM gone WHERE ident_2 IS NULL")
    op.drop_index("ix_posts_author_id", "posts")
    op.drop_index("ix_gone_to_handle", "gone")
    with op.batch_alter_table("posts") as batch:
        batch.drop_constraint(op.f("uq_posts_ident_version"), type_="unique")
        batch.drop_column("ident")
        batch.drop_column("body")
        batch.alter_column("ident_2", new_column_name="ident", existing_type=sa.Text(), nullable=False)
    with op.batch_alter_table(
        "posts"
    ) as batch:  # in a block of its own: by the new name, a column is known after the old block
        batch.create_unique_constraint(op.f("uq_posts_ident_version"), ["ident", "version"])
    with op.batch_alter_table("gone") as batch:
        batch.drop_constraint(op.f("pk_gone"), type_="primary")
        batch.drop_column("ident")
        batch.alter_column("ident_2", new_column_name="ident", existing_type=sa.Text(), nullable=False)
    with op.batch_alter_table("gone") as batch:
        batch.create_primary_key(op.f("pk_gone"), ["ident"])
    op.create_index(
        "ix_gone_to_handle",
        "gone",
        ["ident"],
        unique=False,
        sqlite_where=sa.text("handled = 0"),
        postgresql_where=sa.text("NOT handled"),
    )


def _name_anew() -> None:
    connection = op.get_bind()
    last: dict[int, int] = {}
    after = 0
    columns = (_posts.c.id, _posts.c.platform, _posts.c.native_id, _posts.c.author_id)
    rename = (
        sa.update(_posts)
        .where(_posts.c.id == sa.bindparam("b_id"))
        .values(ident_2=sa.bindparam("b_ident"), author_before=sa.bindparam("b_before"))
    )
    while True:
        page = sa.select(*columns).where(_posts.c.id > after).order_by(_posts.c.id).limit(_BATCH)
        rows = connection.execute(page).all()
        if not rows:
            break
        changed = []
        for number, platform, native_id, author in rows:
            changed.append({"b_id": number, "b_ident": _ident(platform, native_id), "b_before": last.get(author)})
            last[author] = number
        connection.execute(rename, changed)
        after = rows[-1][0]
    if last:
        keep = sa.update(_authors).where(_authors.c.id == sa.bindparam("b_id"))
        connection.execute(
            keep.values(last_post_id=sa.bindparam("b_last")),
            [{"b_id": author, "b_last": number} for author, number in last.items()],
        )


def _ident(platform: str, native_id: str) -> str:
    """As `bot.store.idents` made it when this was written."""
    head = native_id.rpartition("/")[2][:8]
    if not (head.isascii() and head.isalnum()):
        head = ""
    return head + xxh3_64_hexdigest(f"{platform}\0{native_id}".encode("utf-8", "surrogatepass"))


def downgrade() -> None:
    """Name posts as they were named before, and put what they say back."""
    op.add_column("posts", sa.Column("body", sa.LargeBinary(), nullable=True))
    op.execute("UPDATE posts SET body = (SELECT body FROM bodies WHERE bodies.post_id = posts.id)")
    op.drop_table("bodies")
    for name in ("posts", "gone"):
        op.add_column(name, sa.Column("ident_2", _NUMBER, nullable=True))
    connection = op.get_bind()
    for table in (_posts, _gone):
        rename = sa.update(table).where(table.c.ident == sa.bindparam("b_old")).values(ident_2=sa.bindparam("b_new"))
        named = [
            {"b_old": old, "b_new": _number(old)}
            for old in connection.execute(sa.select(table.c.ident).distinct()).scalars()
        ]
        if named:
            connection.execute(rename, named)
    op.drop_index("ix_gone_to_handle", "gone")
    with op.batch_alter_table("posts") as batch:
        batch.drop_constraint(op.f("uq_posts_ident_version"), type_="unique")
        batch.drop_column("ident")
        batch.drop_column("author_before")
        batch.alter_column("body", existing_type=sa.LargeBinary(), nullable=False)
        batch.alter_column("ident_2", new_column_name="ident", existing_type=_NUMBER, nullable=False)
    with op.batch_alter_table("posts") as batch:
        batch.create_unique_constraint(op.f("uq_posts_ident_version"), ["ident", "version"])
    with op.batch_alter_table("gone") as batch:
        batch.drop_constraint(op.f("pk_gone"), type_="primary")
        batch.drop_column("ident")
        batch.alter_column("ident_2", new_column_name="ident", existing_type=_NUMBER, nullable=False)
    with op.batch_alter_table("gone") as batch:
        batch.create_primary_key(op.f("pk_gone"), ["ident"])
    op.create_index("ix_posts_author_id", "posts", ["author_id"], unique=False)
    op.create_index(
        "ix_gone_to_handle",
        "gone",
        ["ident"],
        unique=False,
        sqlite_where=sa.text("handled = 0"),
        postgresql_where=sa.text("NOT handled"),
    )
    op.drop_column("authors", "last_post_id")


def _number(ident: str) -> int:
    number = int(ident[-16:], 16)
    return number - (1 << 64) if number >= 1 << 63 else number
