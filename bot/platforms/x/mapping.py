"""X's answers as posts.

Whatever an answer gets wrong costs that part of it alone. Both spellings of the API are read: `edit_history_tweet_ids` and
`edit_history_post_ids`, `note_tweet` and `note_post`.
Source: https://docs.x.com/x-api/fundamentals/data-dictionary, https://docs.x.com/x-api/fundamentals/edit-posts
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.core.model import Author, Gone, Media, Post
from bot.platforms.x.entities import Rich, clean, is_web

_LANGS = {"in": "id", "iw": "he", "ji": "yi"}
_NO_LANGS = frozenset({"und", "art", "qam", "qct", "qht", "qme", "qst", "zxx"})
_KINDS = {"photo": "image", "video": "video", "animated_gif": "video"}
# What else a problem may be (a field that we may not see, a service that did not answer) says nothing about the post.
_GONE = frozenset({"resource-not-found", "not-authorized-for-resource", "disallowed-resource"})

_MOST = 2**31 - 1
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,50}")

Json = Mapping[str, Any]


class Answer:
    """One answer that holds posts: `data` with what belongs to them.

    Args:
        body: The decoded JSON.
        source: The source's name.
        seen_at: When it came (event time).
        page: Site that permalinks lead to.
    """

    def __init__(self, body: Json, source: str, seen_at: datetime, page: str) -> None:
        self._body = body
        self._source = source
        self._seen_at = seen_at
        self._page = page
        included = _object(body.get("includes"))
        self._users = {clean(user.get("id")): user for user in rows(included.get("users"))}
        self._media = {clean(one.get("media_key")): one for one in rows(included.get("media"))}
        beside = [*rows(included.get("tweets")), *rows(included.get("posts"))]
        self._authors: dict[str, Author] = {}
        self._beside = {clean(one.get("id")): one for one in beside}

    @property
    def data(self) -> list[Json]:
        """The posts as X gave them, in its order; one post comes alone."""
        data = self._body.get("data")
        return [data] if isinstance(data, dict) else rows(data)

    @property
    def beside(self) -> list[Json]:
        """The posts to which these refer, where they were asked for."""
        return list(self._beside.values())

    @property
    def authors(self) -> frozenset[str]:
        """Ids of the authors that came with it: X bills them."""
        return frozenset(self._users)

    def posts(self) -> Iterator[Post]:
        """The posts, in X's order; what has neither id nor author is none."""
        for row in self.data:
            found = self.post(row)
            if found is not None:
                yield found

    def post(self, row: Json) -> Post | None:
        """One post of the answer; None where it has no id or no author."""
        number, author_id = clean(row.get("id")), clean(row.get("author_id"))
        if not is_id(number) or not is_id(author_id):
            return None
        chain = history(row)
        author = self._authors.get(author_id)
        if author is None:
            author = self._authors[author_id] = self._author(author_id)
        note = _object(row.get("note_tweet")) or _object(row.get("note_post"))
        full = note.get("text")
        if isinstance(full, str) and full:
            rich = Rich(full, note.get("entities") or row.get("entities"))
        else:
            rich = Rich(clean(row.get("text")), row.get("entities"))
        refers = self._refers(row)
        metrics = _object(row.get("public_metrics"))
        created_at = moment(row.get("created_at"))
        return Post(
            platform="x",
            native_id=chain[0],
            version=number,
            source=self._source,
            author=author,
            created_at=min(created_at, self._seen_at) if created_at else self._seen_at,
            seen_at=self._seen_at,
            text=rich.text,
            url=f"{self._page}/{author.handle or 'i'}/status/{number}",
            lang=_lang(row.get("lang")),
            tags=rich.tags,
            mentions=rich.mentions,
            links=rich.links,
            labels=_withheld(row.get("withheld")),
            sensitive=row.get("possibly_sensitive") is True,
            repost_of=refers.get("retweeted", ""),
            reply_to=refers.get("replied_to", ""),
            quote_of=refers.get("quoted", ""),
            is_edit=number != chain[0],
            media=(*self._pictures(row), *rich.cards),
            entities=rich.entities,
            likes=count(metrics, "like_count"),
            reposts=count(metrics, "retweet_count") or count(metrics, "repost_count"),
        )

    def gone(self, at: datetime) -> tuple[Gone, ...]:
        """The posts that `errors` says are not there (any more) or not for us, each once."""
        found: dict[str, Gone] = {}
        for error in rows(self._body.get("errors")):
            number = clean(error.get("resource_id")) or clean(error.get("value"))
            if clean(error.get("resource_type")) in {"tweet", "post"} and is_id(number) and is_gone(error):
                found.setdefault(number, Gone(number, at, _reason(error)))
        return tuple(found.values())

    def _author(self, number: str) -> Author:
        user = self._users.get(number, {})
        handle = clean(user.get("username"))
        handle = handle if _HANDLE.fullmatch(handle) else ""
        metrics = _object(user.get("public_metrics"))
        labels = [name for name in ("protected", "parody") if user.get(name) is True]
        # `verified` can be bought: it proves nothing about who somebody is, and so stands nowhere here.
        return Author(
            id=number,
            handle=handle,
            name=clean(user.get("name")),
            url=f"{self._page}/{handle}" if handle else f"{self._page}/i/user/{number}",
            created_at=moment(user.get("created_at")),
            followers=count(metrics, "followers_count") if "followers_count" in metrics else None,
            labels=(*labels, *_withheld(user.get("withheld"))),
        )

    def _refers(self, row: Json) -> dict[str, str]:
        """Native ids by the way in which this post refers to them."""
        found: dict[str, str] = {}
        for one in rows(row.get("referenced_tweets")) or rows(row.get("referenced_posts")):
            number = clean(one.get("id"))
            if is_id(number):
                found[clean(one.get("type"))] = history(self._beside.get(number, {"id": number}))[0]
        return found

    def _pictures(self, row: Json) -> Iterator[Media]:
        keys = _object(row.get("attachments")).get("media_keys")
        for key in keys if isinstance(keys, list) else ():
            one = self._media.get(clean(key))
            kind = _KINDS.get(clean(one.get("type")), "") if one else ""
            if one is None or not kind:
                continue
            address = clean(one.get("url")) if kind == "image" else _best(one) or clean(one.get("url"))
            yield Media(
                kind,
                address if is_web(address) else "",
                clean(one.get("alt_text")),
                count(one, "width"),
                count(one, "height"),
            )
            still = clean(one.get("preview_image_url"))
            if kind == "video" and is_web(still):
                yield Media("image", still, clean(one.get("alt_text")), count(one, "width"), count(one, "height"))


def rows(value: Any) -> list[Json]:
    """The objects of a list; [] for what is none."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def is_id(number: str) -> bool:
    """Whether this can be an id of X: 1 to 19 digits."""
    return number.isascii() and number.isdigit() and len(number) <= 19


def history(row: Json) -> list[str]:
    """The ids of a post's versions, the first one first; at least its own."""
    chain = row.get("edit_history_tweet_ids") or row.get("edit_history_post_ids")
    found = [number for number in chain if isinstance(number, str) and is_id(number)] if isinstance(chain, list) else []
    return sorted(found, key=int) or [clean(row.get("id"))]


def is_gone(error: Json) -> bool:
    """Whether a problem says that a thing is not there for us, and not only one of its fields."""
    kind = clean(error.get("type")).rpartition("/")[2]
    return kind in _GONE and not clean(error.get("field"))


def is_hidden(row: Json) -> bool:
    """Whether X withholds a post from the whole world (the codes XX and XY, or a copyright claim)."""
    labels = _withheld(row.get("withheld"))
    return not {"withheld:XX", "withheld:XY", "withheld:copyright"}.isdisjoint(labels)


def moment(value: Any) -> datetime | None:
    """A time of X's; None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def count(row: Json, name: str) -> int:
    """A number that cannot be negative, nor larger than the store takes; 0 where there is none."""
    value = row.get(name)
    return min(max(0, value), _MOST) if isinstance(value, int) and not isinstance(value, bool) else 0


def _reason(error: Json) -> str:
    said = f"{clean(error.get('title'))} {clean(error.get('detail'))}".lower()
    if "suspended" in said:
        return "suspended"
    kind = clean(error.get("type")).rpartition("/")[2]
    return "deleted" if kind == "resource-not-found" else "protected or withheld"


def _withheld(value: Any) -> tuple[str, ...]:
    """Labels of what X withholds: "withheld", and for each country "withheld:DE"; "withheld:copyright"."""
    if not isinstance(value, dict):
        return ()
    codes = value.get("country_codes")
    found = [clean(code).upper() for code in codes if clean(code).isalnum()] if isinstance(codes, list) else []
    if value.get("copyright") is True:
        found.append("copyright")
    return ("withheld", *(f"withheld:{code}" for code in dict.fromkeys(found)))


def _lang(value: Any) -> str:
    primary = clean(value).replace("_", "-").partition("-")[0].lower()
    if primary in _NO_LANGS or not (primary.isascii() and primary.isalpha() and len(primary) in {2, 3}):
        return ""
    return _LANGS.get(primary, primary)


def _best(one: Json) -> str:
    """The address of the best recording of a video; "" where X names none."""
    films = [row for row in rows(one.get("variants")) if is_web(clean(row.get("url")))]
    films.sort(key=lambda row: (clean(row.get("content_type")) == "video/mp4", count(row, "bit_rate")))
    return clean(films[-1].get("url")) if films else ""


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
