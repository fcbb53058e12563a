"""The examples inside rules: from a text or a few fields to a whole post.

An example says only what it is about; all else comes from a fixed, harmless post of a known author.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from bot.core.durations import parse_signed
from bot.core.model import Author, Media, Post
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.fields import FIELDS, Field, tidy_name, tidy_tag
from bot.core.rules.values import Kind, in_utc, parse_moment

BASE_NOW = datetime(2016, 4, 24, 12, 0, tzinfo=UTC)
UNKNOWN = "unknown"
"""What an example writes for a value that the platform does not tell: `author.age = "unknown"`."""

_MOST_MEDIA = 100
_TAG = re.compile(r"#(\w+)")
_LINK = re.compile(r"https?://[^\s<>\"]+")
_MENTION = re.compile(r"(?<!\w)@([\w.\-]*\w)")
_WANTED: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.TEXT: "a text in quotes",
        Kind.NUMBER: "a whole number",
        Kind.YESNO: "true or false",
        Kind.DURATION: 'a duration in quotes: "7d"',
        Kind.TIME: "date, time and zone: 2016-04-24T10:00:00+01:00",
        Kind.TEXTS: 'a list of texts: ["a", "b"]',
    },
)


@dataclass(frozen=True, slots=True)
class Sample:
    """An example of a rule.

    Attributes:
        caught: Whether the rule must match it.
        number: Its place in `catches` or `spares`, from 0.
        line: Where it stands, 1-based.
        post: The whole post.
        around: Its circumstances.
    """

    caught: bool
    number: int
    line: int
    post: Post
    around: Circumstances


class SampleError(ValueError):
    """An example cannot be read.

    Attributes:
        path: Which key of the example, empty for the example itself.
        hint: What to write instead, "" where nothing is near.
    """

    def __init__(self, path: tuple[str, ...], reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.path = path
        self.hint = hint


def is_askable(field: Field) -> bool:
    """Whether an example can say that the platform does not tell the value; an empty text says so by itself."""
    return bool(field.known) and field.kind is not Kind.TEXT


def build(given: object, now: datetime = BASE_NOW) -> tuple[Post, Circumstances]:
    """Make the post that an example stands for.

    Args:
        given: A text, or a table of fields.
        now: The moment of judging where the example does not say it.

    Raises:
        SampleError: What stands there makes no post; says which key.
    """
    if isinstance(given, str):
        given = {"text": given}
    if not isinstance(given, dict):
        raise SampleError((), "an example is a text or a table of fields", '{ text = "…", is_official = true }')
    clocks: dict[str, timedelta] = {}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key == "clock" and isinstance(value, dict):
            for name, length in value.items():
                clocks[name] = _read(Kind.DURATION, length, (key, name))
        elif isinstance(value, dict):
            for name, inner in value.items():
                values[f"{key}.{name}"] = _value(f"{key}.{name}", inner, (key, name))
        else:
            values[key] = _value(key, value, (key,))
    try:
        return _post(values, clocks, values.get("now", now))
    except OverflowError:
        raise SampleError((), "a duration of this example reaches too far back") from None


def moment(given: object, path: tuple[str, ...]) -> datetime:
    """Read a moment of judging: a time of TOML, or a text.

    Raises:
        SampleError: It is none, or has no zone.
    """
    found: datetime = _read(Kind.TIME, given, path)
    return found


def _value(name: str, given: object, path: tuple[str, ...]) -> object:
    field = FIELDS.get(name)
    if field is None:
        near = get_close_matches(name, list(FIELDS), n=1, cutoff=0.6)
        raise SampleError(path, f"unknown field '{name}' in an example", f"did you mean '{near[0]}'?" if near else "")
    if given == UNKNOWN and is_askable(field):
        return None
    return _read(field.kind, given, path)


def _read(kind: Kind, given: object, path: tuple[str, ...]) -> Any:
    try:
        match kind, given:
            case Kind.TEXT, str():
                return given
            case Kind.YESNO, bool():
                return given
            case Kind.NUMBER, int() if not isinstance(given, bool) and given >= 0:
                return given
            case Kind.DURATION, str():
                return parse_signed(given)
            case Kind.TIME, datetime():
                return in_utc(given)
            case Kind.TIME, str():
                return parse_moment(given)
            case Kind.TEXTS, list() if all(isinstance(entry, str) for entry in given):
                return tuple(given)
    except ValueError as error:
        raise SampleError(path, str(error)) from None
    raise SampleError(path, f"'{'.'.join(path)}' must be {_WANTED[kind]}")


def _post(values: Mapping[str, Any], clocks: Mapping[str, timedelta], now: datetime) -> tuple[Post, Circumstances]:
    text = values.get("text", "A steady mile over the bridge")
    links = values.get("links", tuple(found.rstrip(".,!?;:)") for found in _LINK.findall(text)))
    kinds = values.get("media.kinds", ())
    described = values.get("media.with_alt", 0)
    amount = max(values.get("media.count", 0), described, len(kinds))
    if amount > _MOST_MEDIA:
        raise SampleError((), f"an example has at most {_MOST_MEDIA} media")
    author_age = values.get("author.age", timedelta(days=400))
    author = Author(
        id=values.get("author.id", "example:kim"),
        handle=values.get("author.handle", "kim.example").removeprefix("@"),
        name=values.get("author.name", "Kim"),
        created_at=None if author_age is None else now - author_age,
        followers=values.get("author.followers", 100),
    )
    post = Post(
        platform=values.get("platform", "example"),
        native_id="example",
        source=values.get("source", "example"),
        author=author,
        created_at=now - values.get("age", timedelta(0)),
        seen_at=now,
        text=text,
        lang=values.get("lang", ""),
        tags=tuple(map(tidy_tag, values.get("tags", dict.fromkeys(_TAG.findall(text))))),
        mentions=tuple(map(tidy_name, values.get("mentions", dict.fromkeys(_MENTION.findall(text))))),
        links=(*links, *(f"https://{domain}/" for domain in values.get("domains", ()))),
        labels=values.get("labels", ()),
        sensitive=values.get("sensitive", False),
        repost_of="example:other" if values.get("is_repost") else "",
        reply_to="example:other" if values.get("is_reply") else "",
        quote_of="example:other" if values.get("is_quote") else "",
        is_edit=values.get("is_edit", False),
        media=tuple(
            Media(kinds[at] if at < len(kinds) else "image", alt="A runner" if at < described else "")
            for at in range(amount)
        ),
        likes=values.get("likes", 0),
        reposts=values.get("reposts", 0),
    )
    around = Circumstances(
        now=now,
        is_official=values.get("is_official", False),
        strand=values.get("strand", ""),
        author_seen=values.get("author.seen", 5),
        author_published=values.get("author.published", 0),
        author_rejected=values.get("author.rejected", 0),
        person=values.get("author.person", ""),
        story_size=values.get("story.size", 1),
        story_published=values.get("story.published", False),
        clocks={name: now - length for name, length in clocks.items()},
    )
    return post, around
