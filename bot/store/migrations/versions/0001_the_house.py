"""The house: posts, journal, feed, outbox and what belongs to them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_ok_at", _TIME, nullable=True),
        sa.Column("last_sent_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("error_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("error_at", _TIME, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_accounts")),
    )
    op.create_table(
        "authors",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("published", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gone_at", _TIME, nullable=True),
        sa.Column("gone_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("gone_handled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
    )
    op.create_index(
        "ix_authors_to_handle",
        "authors",
        ["id"],
        unique=False,
        sqlite_where=sa.text("gone_handled = 0"),
        postgresql_where=sa.text("NOT gone_handled"),
    )
    op.create_table(
        "brakes",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_brakes")),
    )
    op.create_table(
        "gone",
        sa.Column("ident", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("handled", sa.Boolean(), nullable=False),
        sa.Column("final", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("ident", name=op.f("pk_gone")),
    )
    op.create_index(
        "ix_gone_to_handle",
        "gone",
        ["ident"],
        unique=False,
        sqlite_where=sa.text("handled = 0"),
        postgresql_where=sa.text("NOT handled"),
    )
    op.create_table(
        "journal",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("post_id", _NUMBER, nullable=True),
        sa.Column("story_id", _NUMBER, nullable=True),
        sa.Column("update_id", _NUMBER, nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("rule_set_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index(
        "ix_journal_post_id",
        "journal",
        ["post_id"],
        unique=False,
        sqlite_where=sa.text("post_id IS NOT NULL"),
        postgresql_where=sa.text("post_id IS NOT NULL"),
    )
    op.create_index(
        "ix_journal_update_id",
        "journal",
        ["update_id"],
        unique=False,
        sqlite_where=sa.text("update_id IS NOT NULL"),
        postgresql_where=sa.text("update_id IS NOT NULL"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )
    op.create_table(
        "media",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_media")),
    )
    op.create_table(
        "memory",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_memory")),
    )
    op.create_table(
        "milestones",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("update_id", _NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
    )
    op.create_table(
        "posts",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("ident", _NUMBER, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author_id", _NUMBER, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.Column("arrival", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("story_id", _NUMBER, nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("judgement_id", _NUMBER, nullable=True),
        sa.Column("rule_set_id", sa.Integer(), nullable=True),
        sa.Column("again_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("ident", "version", name=op.f("uq_posts_ident_version")),
    )
    op.create_index("ix_posts_author_id", "posts", ["author_id"], unique=False)
    op.create_index(
        "ix_posts_held",
        "posts",
        ["id"],
        unique=False,
        sqlite_where=sa.text("verdict = 'hold'"),
        postgresql_where=sa.text("verdict = 'hold'"),
    )
    op.create_index("ix_posts_story_id", "posts", ["story_id"], unique=False)
    op.create_index(
        "ix_posts_unjudged",
        "posts",
        ["id"],
        unique=False,
        sqlite_where=sa.text("verdict IS NULL"),
        postgresql_where=sa.text("verdict IS NULL"),
    )
    op.create_index(
        "ix_posts_waiting",
        "posts",
        ["again_at"],
        unique=False,
        sqlite_where=sa.text("verdict = 'wait'"),
        postgresql_where=sa.text("verdict = 'wait'"),
    )
    op.create_table(
        "rule_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_sets")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_rule_sets_kind_name")),
    )
    op.create_table(
        "sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fetch_cursor", sa.Text(), server_default="", nullable=False),
        sa.Column("stream_cursor", sa.Text(), server_default="", nullable=False),
        sa.Column("first_contact_at", _TIME, nullable=True),
        sa.Column("last_ok_at", _TIME, nullable=True),
        sa.Column("last_post_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("error_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("error_at", _TIME, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", _TIME, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sources")),
    )
    op.create_table(
        "sightings",
        sa.Column("post_id", _NUMBER, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_sightings_post_id_posts")),
        sa.PrimaryKeyConstraint("post_id", "source", name=op.f("pk_sightings")),
    )
    op.create_table(
        "updates",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("first_seq", _NUMBER, nullable=True),
        sa.Column("strand", sa.Text(), nullable=False),
        sa.Column("tone", sa.Text(), nullable=False),
        sa.Column("post_id", _NUMBER, nullable=True),
        sa.Column("story_id", _NUMBER, nullable=True),
        sa.Column("author_id", _NUMBER, nullable=True),
        sa.Column("milestone", sa.Text(), nullable=True),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_updates_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_updates")),
        sa.UniqueConstraint("slug", name=op.f("uq_updates_slug")),
    )
    op.create_index("ix_updates_author_id", "updates", ["author_id"], unique=False)
    op.create_index("ix_updates_post_id", "updates", ["post_id"], unique=False)
    op.create_index("ix_updates_seq", "updates", ["seq"], unique=False)
    op.create_index("ix_updates_state_at", "updates", ["state", "at"], unique=False)
    op.create_index("ix_updates_story_id_state", "updates", ["story_id", "state"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("update_id", _NUMBER, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("down", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("cleared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("owed_at", _TIME, nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", _TIME, nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("seq", _NUMBER, nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["update_id"], ["updates.id"], name=op.f("fk_deliveries_update_id_updates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("update_id", "account", name=op.f("uq_deliveries_update_id_account")),
    )
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["account", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('owed', 'sending', 'unconfirmed', 'retracting')"),
        postgresql_where=sa.text("state IN ('owed', 'sending', 'unconfirmed', 'retracting')"),
    )


def downgrade() -> None:
    """Drop all tables."""
    tables = (
        "media",
        "sightings",
        "deliveries",
        "updates",
        "posts",
        "journal",
        "rule_sets",
        "milestones",
        "brakes",
        "leases",
        "gone",
        "authors",
        "marks",
        "memory",
        "accounts",
        "sources",
    )
    for table in tables:
        op.drop_table(table)
