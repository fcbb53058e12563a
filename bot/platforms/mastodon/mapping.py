"""Statuses as posts.

A status is known by its `uri`, which is the same on every server that shows it; ids and addresses of a server are its own.
Source: https://docs.joinmastodon.org/entities/Status/, …/Account/, …/MediaAttachment/, …/Quote/, FEP-5feb (indexable)
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from bot.core.model import Author, Media, Post
from bot.core.people import verified_address
from bot.core.text.cleaning import fold, one_line
from bot.platforms.mastodon.content import first_link, read
from bot.platforms.mastodon.fields import Json, moment, number, table, tables, text, truth, web

OPEN = frozenset({"public", "unlisted"})
"""Visibilities that anybody may read."""

_MOST_TAGS = 100
_MOST_MENTIONS = 100
_MOST_MEDIA = 40
_MOST_FIELDS = 16
_LONGEST_WARNING_CHARS = 200
_KINDS: Mapping[str, str] = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".heic")
_ASKS = frozenset({"nobot", "nobots", "noindex", "noarchive", "noai", "nosearch", "nobridge", "norepost"})

Uris = Callable[[str], str]


def _unknown(_id: str) -> str:
    return ""


class Mapper:
    """Makes posts of what one server shows.

    Args:
        source: The source's name.
        server: The server's address.
        uri_of: The uri of a status by its id at this server; "" where it was not seen.
    """

    def __init__(self, source: str, server: str, uri_of: Uris = _unknown) -> None:
        self._source = source
        self._server = server
        self._host = urlsplit(server).netloc
        self._uri_of = uri_of

    def post(self, status: Json, seen_at: datetime) -> Post | None:
        """A status as a post; None where it is none (no uri, nobody who wrote it).

        Args:
            status: As the server sent it.
            seen_at: When we got it (event time).
        """
        uri = text(status, "uri")
        whose = table(status, "account")
        if not _is_name(uri) or not whose:
            return None
        boosted = table(status, "reblog")
        said = boosted or status
        author = self.author(whose, uri)
        if not author.id:
            return None
        names = self._names(said)
        words = read(text(said, "content"), names)
        media = self._media(said)
        card = table(said, "card")
        target = web(card, "url")
        if target:
            media.append(Media("link", target, one_line(text(card, "title"))))
        edited_at = moment(said, "edited_at")
        created_at = moment(status, "created_at")
        warning = one_line(text(said, "spoiler_text"))
        return Post(
            platform="mastodon",
            native_id=uri,
            source=self._source,
            author=author,
            created_at=min(created_at, seen_at) if created_at is not None else seen_at,
            seen_at=seen_at,
            text=words.text,
            version=version_of(edited_at),
            url=web(status, "url") or web(said, "url") or (uri if _is_web(uri) else ""),
            lang=_primary(text(said, "language")),
            tags=_once([*(e.target for e in words.entities if e.kind == "tag"), *self._tags(said)]),
            mentions=tuple(dict.fromkeys((*words.mentions, *(name.casefold() for _, name in names.values())))),
            links=tuple(dict.fromkeys((*words.links, *((target,) if target else ())))),
            labels=_labels(status, said, warning),
            sensitive=truth(said, "sensitive") is True or bool(warning),
            repost_of=text(boosted, "uri") if boosted else "",
            reply_to=self._parent(said),
            quote_of=self._quoted(said, words.quoted),
            is_edit=edited_at is not None,
            media=tuple(media),
            entities=words.entities,
            likes=number(said, "favourites_count"),
            reposts=number(said, "reblogs_count"),
        )

    def author(self, account: Json, uri: str = "") -> Author:
        """An account as an author.

        Args:
            account: As the server sent it.
            uri: Of a status of theirs: it names them where the server does not say their own uri.
        """
        acct = text(account, "acct") or text(account, "username")
        page = web(account, "url")
        return Author(
            id=actor_of(account, uri),
            handle=self.handle(acct),
            name=one_line(text(account, "display_name")),
            url=page,
            created_at=moment(account, "created_at"),
            followers=number(account, "followers_count") if "followers_count" in account else None,
            labels=_flags(account),
            verified=_verified(account),
        )

    def handle(self, acct: str) -> str:
        """`name@host` of an account as the server names it: its own ones come without a host."""
        acct = one_line(acct).removeprefix("@")
        return acct if not acct or "@" in acct else f"{acct}@{self._host}"

    def _names(self, status: Json) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for one in tables(status, "mentions", _MOST_MENTIONS):
            page, name = web(one, "url"), self.handle(text(one, "acct"))
            if name:
                who = (page or name, name)
                found[f"@{name}".lower()] = who
                if page:
                    found[page] = who
        return found

    @staticmethod
    def _tags(status: Json) -> list[str]:
        return [text(tag, "name") for tag in tables(status, "tags", _MOST_TAGS)]

    @staticmethod
    def _media(status: Json) -> list[Media]:
        found = []
        for one in tables(status, "media_attachments", _MOST_MEDIA):
            url = web(one, "url") or web(one, "remote_url")
            kind = _KINDS.get(text(one, "type"), "")
            if not kind:
                is_picture = urlsplit(url).path.lower().endswith(_PICTURES) if url else False
                kind = "image" if is_picture else "link"
            if not url and kind == "link":
                continue
            sizes = table(one, "meta")
            size = table(sizes, "original") or table(sizes, "small")
            alt = text(one, "description")
            found.append(Media(kind, url, alt, number(size, "width"), number(size, "height")))
        return found

    def _parent(self, status: Json) -> str:
        """The uri of what a status answers.

        A server says its own id of it alone. Where that status was seen, its uri is known; where somebody goes on with
        their own thread on their own server, it follows; else the address under which the server has it stands for it.
        """
        parent = text(status, "in_reply_to_id")
        if not parent:
            return ""
        known = self._uri_of(parent)
        if known:
            return known
        uri, own = text(status, "uri"), text(status, "id")
        is_thread = text(status, "in_reply_to_account_id") == text(table(status, "account"), "id")
        if is_thread and own and uri.endswith(f"/{own}") and uri.startswith(f"{self._server}/"):
            return f"{uri.removesuffix(own)}{parent}"
        return f"{self._server}/api/v1/statuses/{parent}"

    def _quoted(self, status: Json, inline: str) -> str:
        quote = table(status, "quote")
        if not quote:
            return inline
        quoted = table(quote, "quoted_status") or (quote if "uri" in quote else {})
        return text(quoted, "uri") or self._uri_of(text(quote, "quoted_status_id")) or inline


def version_of(edited_at: datetime | None) -> str:
    """Which state a status is in: "" for its first.

    To the second: the server where it was written knows the millisecond, those that heard of it do not.
    """
    return "" if edited_at is None else f"{edited_at:%Y-%m-%dT%H:%M:%SZ}"


def actor_of(account: Json, uri: str = "") -> str:
    """The permanent id of an account: its actor's uri.

    Servers that do not say it (Mastodon before 4.2, others still) have it in the uris of their statuses; where it is not there
    either, the profile's address stands for it.
    """
    actor = text(account, "uri")
    if _is_name(actor):
        return actor
    before, mark, _ = uri.partition("/statuses/")
    if mark and "/users/" in before and _is_name(before):
        return before
    return web(account, "url")


def _flags(account: Json) -> tuple[str, ...]:
    """What an account says of being found, shown and written about, and how its server sees it.

    `indexable` and `discoverable` are there where it agreed; `not-…` where it said no; neither where nobody asked.
    """
    found = []
    for name in ("indexable", "discoverable"):
        said = truth(account, name)
        if said is not None:
            found.append(name if said else f"not-{name}")
    found += [name for name in ("bot", "noindex", "memorial", "suspended", "limited") if truth(account, name) is True]
    if isinstance(account.get("moved"), dict):
        found.append("moved")
    notes = [text(account, "note"), *(text(one, "value") for one in tables(account, "fields", _MOST_FIELDS))]
    notes += [text(one, "name") for one in tables(account, "fields", _MOST_FIELDS)]
    found += [f"#{tag}" for note in notes if "#" in note for tag in _asked(note)]
    return tuple(dict.fromkeys(found))


def _asked(note: str) -> list[str]:
    """Tags of a profile by which people ask to be left alone, in order; with or without a link behind them."""
    words = read(note, {}).text.replace("#", " #").split()
    tags = (fold(word[1:]).rstrip(".,;:!?)]") for word in words if word.startswith("#"))
    return [tag for tag in tags if tag in _ASKS]


def _verified(account: Json) -> tuple[str, ...]:
    """Addresses that link back to the account, as the server that we ask has checked itself."""
    found = [
        verified_address(first_link(text(one, "value")))
        for one in tables(account, "fields", _MOST_FIELDS)
        if moment(one, "verified_at") is not None
    ]
    return tuple(dict.fromkeys(address for address in found if address))


def _labels(status: Json, said: Json, warning: str) -> tuple[str, ...]:
    found = []
    visibility = text(status, "visibility")
    if visibility != "public":
        found.append(f"visibility:{visibility if visibility.isalpha() else 'unknown'}")
    if warning:
        found += ["content-warning", f"warning:{fold(warning)[:_LONGEST_WARNING_CHARS]}"]
    state = text(table(said, "quote"), "state")
    if state and state != "accepted":
        found.append("quote-not-accepted")
    for one in tables(said, "filtered", 10):
        title = one_line(text(table(one, "filter"), "title"))
        if title:
            found.append(f"filtered:{fold(title)[:_LONGEST_WARNING_CHARS]}")
    return tuple(found)


def _once(tags: list[str]) -> tuple[str, ...]:
    folded = (fold(one_line(tag).lstrip("#＃")) for tag in tags)
    return tuple(dict.fromkeys(tag for tag in folded if tag))


def _is_name(uri: str) -> bool:
    return _is_web(uri) and len(uri) <= 2_000 and uri.isprintable() and " " not in uri


def _is_web(address: str) -> bool:
    return address[:8].lower().startswith(("https://", "http://"))


@lru_cache(maxsize=1024)
def _primary(lang: str) -> str:
    primary = lang.replace("_", "-").partition("-")[0].lower()
    return primary if primary.isascii() and primary.isalpha() and len(primary) in {2, 3} else ""
