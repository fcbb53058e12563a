"""The fields that clauses can ask for: every one has a value for every post.

A table, so that the checker, the compiler, the examples, the guide and `rules fields` all tell the same. `code` is our own
Python expression over `post`, `author` and `around` (the circumstances); what it calls stands in `READERS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.core.model import Media, Post
from bot.core.rules.domains import domains_of, tidy_domain
from bot.core.rules.values import Kind
from bot.core.rules.words import clean, fold


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        name: As clauses write it.
        kind: Type of its value.
        meaning: One line for an editor.
        code: How the program reads it.
        tidy: Brings a constant that it is compared with into the form of its values.
        known: Code that is true where the platform says the value; "" where it is always known.
        cost: Roughly, in lookups; what costs more than 3 is read once for a post.
    """

    name: str
    kind: Kind
    meaning: str
    code: str
    tidy: Callable[[str], str] | None = None
    known: str = ""
    cost: int = 1


_NOTHING = timedelta(0)


def text_of(post: Post) -> str:
    """What a post says: its title, if it has one, and its text."""
    return clean(f"{post.title}\n{post.text}" if post.title else post.text)


def age_of(made_at: datetime | None, now: datetime) -> timedelta:
    """How long something is there, never less than nothing; a stranger is new."""
    return now - made_at if made_at is not None and made_at < now else _NOTHING


def folded(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Texts without a difference of case."""
    return tuple(map(str.casefold, texts)) if texts else texts


def with_alt(media: tuple[Media, ...]) -> int:
    """How many have a text equivalent."""
    return sum(1 for one in media if one.alt.strip())


def kinds_of(media: tuple[Media, ...]) -> tuple[str, ...]:
    """The kinds of media, each once."""
    return tuple(dict.fromkeys(one.kind for one in media))


def since(clocks: Mapping[str, datetime], name: str, now: datetime) -> timedelta:
    """Time since an event clock's start, negative before; the shortest there is where the clock is not known."""
    start = clocks.get(name)
    return timedelta.min if start is None else now - start


READERS: Mapping[str, object] = MappingProxyType(
    {
        "text_of": text_of,
        "clean": clean,
        "domains_of": domains_of,
        "age_of": age_of,
        "folded": folded,
        "with_alt": with_alt,
        "kinds_of": kinds_of,
        "since": since,
        "len": len,
    },
)


def tidy_tag(text: str) -> str:
    """A tag as posts have it: folded, without "#"."""
    return fold(text).strip().removeprefix("#")


def tidy_name(text: str) -> str:
    """A handle as posts have it: folded, without "@"."""
    return fold(text).strip().removeprefix("@")


def _lower(text: str) -> str:
    return text.strip().casefold()


_TABLE = (
    Field("text", Kind.TEXT, "what the post says; for feeds title and summary", "text_of(post)", cost=5),
    Field("lang", Kind.TEXT, 'language, e.g. "en"; "" where unknown', "post.lang", _lower, "(post.lang != '')"),
    Field("tags", Kind.TEXTS, "hashtags, lower case, without #", "post.tags", tidy_tag),
    Field("mentions", Kind.TEXTS, "mentioned accounts, lower case, without @", "post.mentions", tidy_name),
    Field("links", Kind.TEXTS, "addresses the post points to", "post.links"),
    Field("domains", Kind.TEXTS, 'their hosts without "www."', "domains_of(post.links)", tidy_domain, cost=4),
    Field(
        "labels", Kind.TEXTS, "labels on the post or its author", "folded(post.labels + author.labels)", _lower, cost=4
    ),
    Field("sensitive", Kind.YESNO, "marked sensitive by author or platform", "post.sensitive"),
    Field("platform", Kind.TEXT, 'where it was posted, e.g. "bluesky"', "post.platform", _lower),
    Field("source", Kind.TEXT, "name of the source that brought it", "post.source", _lower),
    Field("strand", Kind.TEXT, "the source's strand of coverage", "around.strand", _lower),
    Field("is_official", Kind.YESNO, "the account is on the desk's list of officials", "around.is_official"),
    Field("is_reply", Kind.YESNO, "it answers another post", "(post.reply_to != '')"),
    Field("is_repost", Kind.YESNO, "it only repeats another post", "(post.repost_of != '')"),
    Field("is_quote", Kind.YESNO, "it quotes another post", "(post.quote_of != '')"),
    Field("is_edit", Kind.YESNO, "an earlier version of it was seen", "post.is_edit"),
    Field("age", Kind.DURATION, "time since it was made", "age_of(post.created_at, around.now)", cost=4),
    Field("author.id", Kind.TEXT, "permanent account id: trust goes by this", "author.id"),
    Field(
        "author.handle",
        Kind.TEXT,
        "account name without @; can change hands",
        "clean(author.handle).casefold()",
        tidy_name,
        "(author.handle != '')",
        4,
    ),
    Field("author.name", Kind.TEXT, "display name", "clean(author.name)", None, "(author.name != '')", 4),
    Field(
        "author.age",
        Kind.DURATION,
        "time since the account was made; 0s where unknown",
        "age_of(author.created_at, around.now)",
        None,
        "(author.created_at is not None)",
        4,
    ),
    Field(
        "author.followers",
        Kind.NUMBER,
        "0 where unknown",
        "(author.followers or 0)",
        None,
        "(author.followers is not None)",
    ),
    Field("author.seen", Kind.NUMBER, "posts of this author seen before", "around.author_seen"),
    Field("author.published", Kind.NUMBER, "how many of them were published", "around.author_published"),
    Field("author.rejected", Kind.NUMBER, "how many of them a person rejected", "around.author_rejected"),
    Field("author.person", Kind.TEXT, "name in the desk's list of people", "around.person"),
    Field("media.count", Kind.NUMBER, "pictures, videos, sounds and link cards", "len(post.media)"),
    Field("media.with_alt", Kind.NUMBER, "how many of them have a text equivalent", "with_alt(post.media)", cost=5),
    Field("media.kinds", Kind.TEXTS, "of image, video, audio, link", "kinds_of(post.media)", _lower, cost=5),
    Field("story.size", Kind.NUMBER, "posts that tell this story, at least 1", "around.story_size"),
    Field("story.published", Kind.YESNO, "the story is already on the page", "around.story_published"),
    Field("likes", Kind.NUMBER, "when it was collected", "post.likes"),
    Field("reposts", Kind.NUMBER, "when it was collected", "post.reposts"),
    Field("now", Kind.TIME, "the moment of judging", "around.now"),
)

FIELDS: Mapping[str, Field] = MappingProxyType({field.name: field for field in _TABLE})
