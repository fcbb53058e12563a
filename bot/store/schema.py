"""The tables. Times are aware UTC, event time unless a column says machine time."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out: SQLite alone would drop the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse what has no zone; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone reached the store: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


_Id = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[Any]:
    return Column("id", _Id, primary_key=True)


# What is being collected, and how that goes. Times here are machine time but for first_contact_at.
sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("fetch_cursor", Text, nullable=False, server_default=""),
    Column("stream_cursor", Text, nullable=False, server_default=""),
    Column("first_contact_at", UtcDateTime),
    Column("last_ok_at", UtcDateTime),
    Column("last_post_at", UtcDateTime),
    Column("error", Text, nullable=False, server_default=""),
    Column("error_kind", Text, nullable=False, server_default=""),
    Column("error_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime),
    Column("note", Text, nullable=False, server_default=""),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last_ok_at", UtcDateTime),
    Column("last_sent_at", UtcDateTime),
    Column("error", Text, nullable=False, server_default=""),
    Column("error_kind", Text, nullable=False, server_default=""),
    Column("error_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime),
)

memory = Table(
    "memory",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# Small facts with a name: the active rule set, what a folder offered last, the feed's sequence, what is refused.
marks = Table("marks", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

# id: xxh3-64 of platform and account id, so that a batch needs no look-up to name its authors.
authors = Table(
    "authors",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=False),
    Column("platform", Text, nullable=False),
    Column("native_id", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("seen", Integer, nullable=False, server_default="0"),
    Column("published", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("last_post_id", _Id),  # the newest of their posts: the end of the chain that posts.author_before makes
    Column("gone_at", UtcDateTime),
    Column("gone_reason", Text, nullable=False, server_default=""),
    Column("gone_handled", Boolean, nullable=False, server_default=text("true")),
    Index(
        "ix_authors_to_handle", "id", sqlite_where=text("gone_handled = 0"), postgresql_where=text("NOT gone_handled")
    ),
)

# ident: xxh3-64 of platform and native id. A unique index over the text itself grows several times dearer.
posts = Table(
    "posts",
    metadata,
    _id(),
    Column("ident", _Id, nullable=False),
    Column("version", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("native_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("author_id", _Id, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("arrival", SmallInteger, nullable=False),  # 0 live, 1 late, 2 baseline
    Column(
        "author_before", _Id
    ),  # the post of this author before this one: an index over authors would cost each post a page
    Column("story_id", _Id),
    Column("verdict", Text),
    Column(
        "judgement_id", _Id
    ),  # the journal line that decided; no foreign key: both are written in one statement each
    Column("rule_set_id", Integer),  # None where a person or a tombstone decided
    Column("again_at", UtcDateTime),
    Column("rank", Integer, nullable=False, server_default="0"),  # minus the score: the queue begins with the lowest
    UniqueConstraint("ident", "version"),
    Index("ix_posts_unjudged", "id", sqlite_where=text("verdict IS NULL"), postgresql_where=text("verdict IS NULL")),
    Index(
        "ix_posts_held", "rank", "id", sqlite_where=text("verdict = 'hold'"), postgresql_where=text("verdict = 'hold'")
    ),
    Index(
        "ix_posts_waiting", "again_at", sqlite_where=text("verdict = 'wait'"), postgresql_where=text("verdict = 'wait'")
    ),
    Index("ix_posts_story_id", "story_id"),
)

# What posts say, as JSON. Apart from `posts`, whose rows are written again when they are judged: that stays cheap.
bodies = Table(
    "bodies",
    metadata,
    Column("post_id", _Id, ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary),  # what it is compared by (core/stories/signature.py); None before it was made
)

sightings = Table(
    "sightings",
    metadata,
    Column("post_id", _Id, ForeignKey("posts.id"), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# Other names of posts whose platform changes its ids, and ids that lead to another post than once. Both xxh3-64.
identities = Table(
    "identities",
    metadata,
    Column("key", _Id, primary_key=True, autoincrement=False),
    Column("ident", _Id, nullable=False),
)

# Tombstones: they win over a create that comes late.
gone = Table(
    "gone",
    metadata,
    Column("ident", _Id, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("handled", Boolean, nullable=False),
    Column(
        "final", Boolean, nullable=False, server_default=text("true")
    ),  # false: it only left our view, and a later version brings it back
    Index("ix_gone_to_handle", "ident", sqlite_where=text("handled = 0"), postgresql_where=text("NOT handled")),
)

# Who has asked to be left out. key: keyed hash of platform and account id, so that the list tells nobody who stands on it;
# author_id only while their posts are still here.
opt_outs = Table(
    "opt_outs",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("author_id", _Id),
    Column("handled", Boolean, nullable=False),
    Index("ix_opt_outs_to_handle", "key", sqlite_where=text("handled = 0"), postgresql_where=text("NOT handled")),
)

# What authors said who were asked about one post: append-only, the last row counts.
consents = Table(
    "consents",
    metadata,
    _id(),
    Column("ident", _Id, nullable=False),
    Column("post_id", _Id, ForeignKey("posts.id"), nullable=False),  # the version that they were asked about
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),  # who asked, or took it back
    Column("answer", Text, nullable=False),  # yes, no, revoked
    Column("page", Boolean, nullable=False),  # what is allowed from now on
    Column("accounts", Boolean, nullable=False),
    Column("evidence", Text, nullable=False),
    Index("ix_consents_ident", "ident"),
)

# What needs a person, now or lately. Times are machine time.
alarms = Table(
    "alarms",
    metadata,
    Column("id", Text, primary_key=True),  # "account bluesky: unauthorized"
    Column("about", Text, nullable=False),
    Column("mend", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("over_at", UtcDateTime),
    Column("hushed_by", Text, nullable=False, server_default=""),
)

# What each way of telling was given of it: a row is written before the network is touched.
notices = Table(
    "notices",
    metadata,
    Column("alarm_id", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("state", Text, nullable=False),  # owed, sending, sent, unanswered, failed
    Column("at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime),
    Column("error", Text, nullable=False, server_default=""),
)

# All rule sets and plans that were ever active: every verdict can be explained with the rules of then.
rule_sets = Table(
    "rule_sets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),  # rules, milestones, people
    Column("name", Text, nullable=False),
    Column("files", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "name"),
)

# The curation log: append-only.
journal = Table(
    "journal",
    metadata,
    _id(),
    Column("at", UtcDateTime, nullable=False),
    Column("what", Text, nullable=False),
    Column("post_id", _Id),
    Column("story_id", _Id),
    Column("update_id", _Id),
    Column("place", Text),  # a source or an account
    Column("by", Text, nullable=False),
    Column("verdict", Text),
    Column("rule", Text),
    Column("rule_set_id", Integer),
    Column("why", Text, nullable=False),
    Column("details", LargeBinary),
    Index(
        "ix_journal_post_id",
        "post_id",
        sqlite_where=text("post_id IS NOT NULL"),
        postgresql_where=text("post_id IS NOT NULL"),
    ),
    Index(
        "ix_journal_update_id",
        "update_id",
        sqlite_where=text("update_id IS NOT NULL"),
        postgresql_where=text("update_id IS NOT NULL"),
    ),
)

# Our coverage feed. first_seq: when it first went live; seq: its last change.
updates = Table(
    "updates",
    metadata,
    _id(),
    Column("slug", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("seq", _Id, nullable=False),
    Column("first_seq", _Id),
    Column("strand", Text, nullable=False),
    Column("tone", Text, nullable=False),
    Column("post_id", _Id, ForeignKey("posts.id")),
    Column("story_id", _Id),
    Column("author_id", _Id),
    Column("milestone", Text),
    Column("due_at", UtcDateTime),
    Column("body", LargeBinary, nullable=False),
    Index("ix_updates_seq", "seq"),
    Index("ix_updates_state_at", "state", "at"),
    Index("ix_updates_post_id", "post_id"),
    Index("ix_updates_story_id_state", "story_id", "state"),
    Index("ix_updates_author_id", "author_id"),
)

# People's word that two stories are never one: the lesser number first. Both follow when a story becomes part of another.
apart = Table(
    "apart",
    metadata,
    Column("story_id", _Id, primary_key=True, autoincrement=False),
    Column("other_id", _Id, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index("ix_apart_other_id", "other_id"),
)

# A story that adds a fact to an earlier one.
follow_ups = Table(
    "follow_ups",
    metadata,
    Column("story_id", _Id, primary_key=True, autoincrement=False),
    Column("earlier_id", _Id, nullable=False),
    Index("ix_follow_ups_earlier_id", "earlier_id"),
)

# Posts that say the same few words as an update and have none of their own. first_id: the first post that said them: a chorus
# goes by it, also after that post is gone and another one stands for all.
choruses = Table(
    "choruses",
    metadata,
    Column("post_id", _Id, ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("first_id", _Id, nullable=False),
    Column("update_id", _Id, ForeignKey("updates.id"), nullable=False),
    Index("ix_choruses_first_id", "first_id"),
    Index("ix_choruses_update_id", "update_id"),
)

# The outbox: one update owed to one account. next_at is machine time.
deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("update_id", _Id, ForeignKey("updates.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("down", Boolean, nullable=False, server_default=text("false")),  # must not stand at the account (any more)
    Column(
        "cleared", Boolean, nullable=False, server_default=text("false")
    ),  # a person looked at it: quiet mode lets it go
    Column("worth", SmallInteger, nullable=False, server_default="3"),  # core.model.Worth: the lowest goes first
    Column("owed_at", UtcDateTime, nullable=False),
    Column("key", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime),
    Column("payload", LargeBinary),
    Column("seq", _Id),  # the update's own when the payload was fitted
    Column("receipt", LargeBinary),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("update_id", "account"),
    Index(
        "ix_deliveries_open",
        "account",
        "worth",
        "id",
        sqlite_where=text("state IN ('owed', 'sending', 'unconfirmed', 'correcting', 'retracting')"),
        postgresql_where=text("state IN ('owed', 'sending', 'unconfirmed', 'correcting', 'retracting')"),
    ),
)

# What an account's platform still allows: of one kind of call, until a time (machine time).
allowances = Table(
    "allowances",
    metadata,
    Column("account", Text, primary_key=True),
    Column("work", Text, primary_key=True),  # core.budget.Work
    Column("left", Integer, nullable=False),
    Column("most", Integer, nullable=False),
    Column("resets_at", UtcDateTime, nullable=False),
)

# What has been announced, or missed: a row is for ever.
milestones = Table(
    "milestones",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),  # told, missed, skipped, held
    Column("at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("update_id", _Id),
    Column("said", Text, nullable=False, server_default=""),  # JSON: the values that results filled in
    Column("provisional", Boolean, nullable=False, server_default=text("false")),
)

# What timing says of each entrant of a race, as each source tells it now. seq: its last change.
entrants = Table(
    "entrants",
    metadata,
    Column("source", Text, primary_key=True),
    Column("race", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("seq", _Id, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_entrants_seq", "seq"),
)

# Numbers that somebody else counts.
tallies = Table(
    "tallies",
    metadata,
    Column("source", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# The bullets at the top of the page. seq, ended_seq: the feed's when they came and went.
headlines = Table(
    "headlines",
    metadata,
    _id(),
    Column("slot", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("milestone", Text, nullable=False),
    Column("update_id", _Id),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("seq", _Id, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", Text, nullable=False, server_default=""),
    Column("ended_seq", _Id),
    Index(
        "ix_headlines_standing",
        "slot",
        unique=True,
        sqlite_where=text("ended_seq IS NULL"),
        postgresql_where=text("ended_seq IS NULL"),
    ),
)

# What was told of results and is not so any more, or shall not be told before a person has decided.
cards = Table(
    "cards",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),  # correction, stopped
    Column("about", Text, nullable=False),  # a milestone, a person
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),  # open, confirmed, dismissed, over
    Column("by", Text, nullable=False, server_default=""),
    Column("ended_at", UtcDateTime),
    Index(
        "ix_cards_open",
        "kind",
        "about",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

# Pictures of the desk's own, re-encoded without metadata. Name: content hash and ending.
media = Table(
    "media",
    metadata,
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Pictures of posts within the story window: only their difference hash is kept. at: event time; due_at: machine time.
pictures = Table(
    "pictures",
    metadata,
    Column("post_id", _Id, ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("place", SmallInteger, primary_key=True, autoincrement=False),  # 0 for the post's first picture
    Column("source", Text, nullable=False),  # who can fetch it
    Column("url", Text, nullable=False),
    Column("cid", Text, nullable=False),
    Column("state", Text, nullable=False),  # owed, fresh (examined, and the story index has not heard), known, failed
    Column("hash", _Id),  # None where it says nothing
    Column("at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),  # so long its post waits for it
    Column("error", Text, nullable=False, server_default=""),
    Index("ix_pictures_owed", "due_at", sqlite_where=text("state = 'owed'"), postgresql_where=text("state = 'owed'")),
    Index(
        "ix_pictures_fresh",
        "post_id",
        "place",
        sqlite_where=text("state = 'fresh'"),
        postgresql_where=text("state = 'fresh'"),
    ),
)

# The desk's brake. seq: the feed's sequence when it was pulled.
brakes = Table(
    "brakes",
    metadata,
    Column("scope", Text, primary_key=True),  # quiet, all, page, account:NAME
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("seq", _Id, nullable=False),
)

# The right to run a step for a while. Machine time.
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
