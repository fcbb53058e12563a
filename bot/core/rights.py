"""What may be done with somebody else's words: by where they were posted, and by what the desk says of a source. Data and pure.

The page shows what was posted complete and unaltered, or not at all. What leaves the page (feeds, previews, accounts) is another thing:
some platforms allow only a link there, in our own words. A desk can allow less than a platform does, never more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

from bot.core.model import Post, Update, UpdateKind


@dataclass(frozen=True, slots=True)
class Rights:
    """What may be done with the words and pictures of a post; who posted, and the link, are always told.

    Attributes:
        full_text: They may stand on the page; without it they stand nowhere.
        feeds: They may stand in feeds, in JSON and in previews of the page.
        cross_post: Such a post may be sent to the desk's accounts at all.
        quote: They may stand in what is sent there.
        approve: A person must have approved each post, whatever rules say.
        altered: They may be shown with something blacked out; else such a post is only linked. No setting: platforms say it.
    """

    full_text: bool = True
    feeds: bool = True
    cross_post: bool = True
    quote: bool = True
    approve: bool = False
    altered: bool = True

    def within(self, other: "Rights") -> "Rights":
        """What both allow."""
        return Rights(
            full_text=self.full_text and other.full_text,
            feeds=self.feeds and other.feeds,
            cross_post=self.cross_post and other.cross_post,
            quote=self.quote and other.quote,
            approve=self.approve or other.approve,
            altered=self.altered and other.altered,
        )

    @property
    def said(self) -> tuple[str, ...]:
        """For people, what is not allowed; empty where everything is."""
        found = []
        if self.approve:
            found.append("a person approves each post")
        if not self.full_text:
            found.append("on the page the link alone")
        elif not self.altered:
            found.append("on the page whole or not at all")
        if not (self.feeds and self.full_text):
            found.append("in feeds the link alone")
        if not self.cross_post:
            found.append("not at accounts")
        elif not (self.quote and self.full_text):
            found.append("at accounts the link alone")
        return tuple(found)


NAMES = tuple(field.name for field in fields(Rights) if field.name != "altered")
"""What can be set of a source, in the order of the documentation."""

_EVERYTHING = Rights()
# Source: X developer agreement II.A and policy, "Content redistribution" (IDs alone may be handed on) and display requirements
# (complete and unmodified, linked to the post). Bluesky, Mastodon and feeds have no such rule; what their authors say against it is
# a matter of consent. Letters are sent to the desk alone: none goes out by a rule.
RIGHTS: Mapping[str, Rights] = {"x": Rights(feeds=False, quote=False, altered=False), "mail": Rights(approve=True)}
_REASONS: Mapping[tuple[str, str], str] = {
    ("x", "feeds"): "X's terms let feeds and previews carry who posted and the link, not the words",
    ("x", "quote"): "X's terms let other networks carry who posted and the link, not the words",
    ("mail", "approve"): "letters are sent to the desk alone, so a person decides on each",
}


def rights(platform: str) -> Rights:
    """What a platform allows; everything where nothing is known against it."""
    return RIGHTS.get(platform, _EVERYTHING)


def loosened(platform: str, wanted: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """What is wanted and not allowed by a platform.

    Args:
        wanted: By `NAMES`; may hold anything.

    Returns:
        The name, why it is not allowed, and what is.
    """
    most = rights(platform)
    for name in NAMES:
        allowed = getattr(most, name)
        is_strict = allowed if name == "approve" else not allowed
        if is_strict and isinstance(given := wanted.get(name), bool) and given is not allowed:
            yield name, _REASONS[platform, name], f"{name} = {str(allowed).lower()}"


def feeds_text(update: Update) -> bool:
    """Whether the words of an update may stand in feeds and previews: its source's rights, and its platform's."""
    return not _is_post(update) or (update.in_feeds and _of(update).feeds)


def quotes(update: Update) -> bool:
    """Whether the words and pictures of an update may be sent to accounts."""
    return not _is_post(update) or (update.is_quotable and _of(update).quote)


def as_elsewhere(update: Update) -> Update:
    """An update as it may leave the page: whole, or without the words and pictures that may not."""
    return update if feeds_text(update) else replace(update, text="", title="", media=(), entities=())


def kept_to_page(post: Post, found: Rights) -> str:
    """Why a post is not sent to accounts, for the log; "" where it may be."""
    return "" if found.cross_post else f"not cross-posted: {_whose(post, 'cross_post')} keep it to the page"


def for_a_person(post: Post, found: Rights) -> str:
    """Why a post waits for a person, for the log; "" where none is needed."""
    return f"{_whose(post, 'approve')} want a person's approval" if found.approve else ""


def _whose(post: Post, name: str) -> str:
    most = rights(post.platform)
    is_platform = most.approve if name == "approve" else not getattr(most, name)
    return f"the rights of {post.platform}" if is_platform else f'the rights of source "{post.source}"'


def _is_post(update: Update) -> bool:
    return update.kind is UpdateKind.POST


def _of(update: Update) -> Rights:
    return rights(update.credit.platform) if update.credit else _EVERYTHING
