"""An update's words, fitted to what one account can carry.

Other people's words are quoted with credit and a link; the credit and the link are never cut, only the quote is. Nobody is
mentioned: no "@" that a platform would take for a name goes out, so nobody is notified by us.

Source: X's display requirements (a post of X is never shown cut, so it is not quoted at all); Bluesky's guidelines for bots
(no mention of people who did not ask for it).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import msgspec
import regex

from bot.core.model import Credit, Entity, Limits, Media, Snippet, Update, UpdateKind
from bot.core.rights import quotes
from bot.core.text.cleaning import one_line, paragraphs, plain, unmentioned
from bot.core.text.facets import facets
from bot.core.text.links import links
from bot.core.text.shortening import fits, shorten_to
from bot.core.text.titles import begins_with

PLATFORM_NAMES: Mapping[str, str] = MappingProxyType({"bluesky": "Bluesky", "mastodon": "Mastodon", "x": "X"})
"""How readers know a platform; one that is not here is left out of the credit."""

# Less than this of somebody's words says nothing; the credit and the link then stand alone.
_SHORTEST_QUOTE_CHARS = 10

_LINK_TARGET = regex.compile(r"https?://[^\s/\p{C}][^\s\p{C}]*", regex.IGNORECASE)
_ENDS_SENTENCE = (".", "!", "?", "…", ":", "。", "！", "？")
_NAME_SIGNS = regex.compile(r"[#＃“”]+")


@dataclass(frozen=True, slots=True)
class _Draft:
    """One way to say it: before the quote, the quote, between quote and link, the link.

    Attributes:
        lead: Our words before the body, with their spaces.
        body: What may be shortened: the quote, or our own text.
        tail: After the body and before the link: closing quotation mark and credit.
        link: http(s), or "".
    """

    lead: str = ""
    body: str = ""
    tail: str = ""
    link: str = ""

    def text(self, body: str | None = None) -> str:
        """The whole, with another body where one is given."""
        words = f"{self.lead}{self.body if body is None else body}{self.tail}"
        return f"{words} {self.link}" if self.link and words else words or self.link


def fit(
    update: Update,
    limits: Limits,
    *,
    created_at: datetime,
    strand_name: str = "",
    page_url: str = "",
    platform_names: Mapping[str, str] | None = None,
) -> Snippet:
    """Word an update so that it keeps to an account's limits.

    A post reads `#GetInspired: “Good luck!” — Alex Younger, on Bluesky https://…`; a post without words, or one whose
    rights do not let it be quoted, `Alex Younger, on X: https://…`; what we say ourselves `Title. Text https://…`. A name
    alone, without words, link or picture, is nothing: then the text is empty. Never fails.

    Args:
        update: Any update; its text may hold anything.
        limits: Length in its unit and bytes are both kept to.
        created_at: Aware UTC; frozen with the claim.
        strand_name: How readers know the strand ("#GetInspired", "Men's race"); it leads the text; "" for none.
        page_url: The update's permalink on our page, for what we say ourselves, and where a post has no address; "" for none.
        platform_names: How readers know the platforms; None for `PLATFORM_NAMES`.

    Returns:
        A text within the limits. Where even credit and link do not fit, first the strand and then the end of the name give
        way; the text is "" where the link alone is too long, and such a snippet is not worth sending. Entities are tags and
        links, in order, never within the credit; in other people's words only links that name their scheme are made live.
        Pictures with alt text only, in the update's order: one without is left out, since nobody could hear what it shows.
    """

    def accepts(text: str) -> bool:
        return fits(text, limits.length, limits.unit, limits.max_bytes)

    lead = unmentioned(one_line(strand_name))
    names = PLATFORM_NAMES if platform_names is None else platform_names
    if update.kind is UpdateKind.POST:
        draft, body = _fitted_post(update, lead, limits, page_url, names, accepts)
    else:
        draft, body = _fitted_own(update, lead, limits, page_url, accepts)
    text = draft.text(body)
    if not accepts(text):
        draft, body, text = _Draft(), "", ""
    return Snippet(
        text=text,
        created_at=created_at,
        entities=_entities(draft, text, body, quoted=update.kind is UpdateKind.POST),
        media=_pictures(_media(update), limits.media),
        lang=update.lang,
        kind=update.kind,
    )


def _fitted_post(
    update: Update, strand: str, limits: Limits, page_url: str, names: Mapping[str, str], accepts: Callable[[str], bool]
) -> tuple[_Draft, str]:
    """Somebody else's words, with credit and link: the fullest wording that is accepted, and what is left of the quote."""
    link = (_target(update.url) or _target(page_url)) if limits.link else ""
    credit = update.credit or Credit(name="")
    place = names.get(credit.platform, "")
    name = _name(credit)
    lead = f"{strand}: " if strand else ""
    twice = not update.title or begins_with(update.text, update.title)
    said = update.text if twice else f"{update.title}\n{update.text}"
    quote = unmentioned(paragraphs(said)) if quotes(update) else ""
    if quote:
        draft = _Draft(f"{lead}“", quote, f"”{_after_quote(name, place)}", link)
        body = shorten_to(quote, _room(draft, accepts))
        if body == quote or len(body) >= _SHORTEST_QUOTE_CHARS:
            return draft, body
    if not link and not _pictures(_media(update), limits.media):
        return _Draft(), ""  # a name alone says nothing
    for start in dict.fromkeys((lead, "")):
        draft = _Draft(lead=start, tail=_alone(name, place, link), link=link)
        if accepts(draft.text()):
            return draft, ""
    short = shorten_to(name, lambda cut: bool(cut) and accepts(_Draft(tail=_alone(cut, place, link), link=link).text()))
    return _Draft(tail=_alone(short, place, link) if short else "", link=link), ""


def _fitted_own(
    update: Update, strand: str, limits: Limits, page_url: str, accepts: Callable[[str], bool]
) -> tuple[_Draft, str]:
    """Our own words: everything gives way to the link, from the end of the text backwards."""
    title, words = unmentioned(one_line(update.title)), unmentioned(paragraphs(update.text))
    if title and words and not title.endswith(_ENDS_SENTENCE):
        title += "."
    body = f"{title} {words}".strip()
    link = _target(page_url) if limits.link else ""
    for lead in dict.fromkeys((f"{strand}: " if strand and body else "", "")):
        if link and link in body and accepts(lead + body):
            return _Draft(lead=lead, body=body), body
        draft = _Draft(lead=lead, body=body, link=link)
        short = shorten_to(body, _room(draft, accepts))
        if short:
            return draft, short
    return _Draft(link=link), ""


def _room(draft: _Draft, accepts: Callable[[str], bool]) -> Callable[[str], bool]:
    """Whether a body, cut or whole, is something and fits with everything around it."""
    return lambda body: bool(body) and accepts(draft.text(body))


def _name(credit: Credit) -> str:
    """The name to credit: on one line, without what would become a mention, a tag or a link."""
    return next(filter(None, map(_harmless, (credit.name, credit.handle))), "")


def _harmless(name: str) -> str:
    name = one_line(name)
    for link in reversed(links(name)):
        if "://" in name[link.start : link.end]:
            name = name[: link.start] + name[link.end :]
    return one_line(unmentioned(_NAME_SIGNS.sub("", name)))


def _after_quote(name: str, place: str) -> str:
    """The credit as it follows a quote."""
    who = f"{name}, on {place}" if name and place else name or (f"on {place}" if place else "")
    return f" — {who}" if who else ""


def _alone(name: str, place: str, link: str) -> str:
    """The credit where there is no quote; it leads to the link where there is one."""
    who = f"{name}, on {place}" if name and place else name or (f"On {place}" if place else "")
    return f"{who}:" if who and link else who


def _target(url: str) -> str:
    """An address that may go out, "" for everything that is not one whole http(s) address."""
    return url if _LINK_TARGET.fullmatch(plain(url)) and plain(url) == url else ""


def _entities(draft: _Draft, text: str, body: str, *, quoted: bool) -> tuple[Entity, ...]:
    """Tags and links of the finished text; the credit holds none, whatever somebody calls himself.

    Lead and body are looked at apart, so that a tag is one also right after the quotation mark and a link ends before it.
    """
    found = [entity for entity in facets(draft.lead) if entity.kind != "mention"]
    start = len(draft.lead)
    for entity in facets(body):
        slip = quoted and entity.kind == "link" and "://" not in body[entity.start : entity.end]
        if entity.kind != "mention" and not slip:
            found.append(msgspec.structs.replace(entity, start=start + entity.start, end=start + entity.end))
    if draft.link and text.endswith(draft.link):
        found.append(Entity("link", len(text) - len(draft.link), len(text), draft.link))
    return tuple(found)


def _media(update: Update) -> tuple[Media, ...]:
    return update.media if quotes(update) else ()


def _pictures(media: tuple[Media, ...], most: int) -> tuple[Media, ...]:
    """The first pictures that have alt text, which is made harmless."""
    told = (msgspec.structs.replace(item, alt=plain(item.alt)) for item in media if item.kind == "image")
    return tuple(item for item in told if item.alt.strip())[: max(0, most)]
