"""The `inbox` source: what forms and partners bring to our own door, signed with a secret of theirs.

Nothing is asked for here: `POST /inbox` brings it (`app.inbox`), and what is answered with 202 is stored.
"""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Annotated, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.core.errors import RateLimited, Rejected, Unauthorized
from bot.core.model import NEEDS_CONSENT, Author, Batch, Gone, Post
from bot.core.ports import PlatformContext
from bot.core.signing import is_signed, key_of
from bot.core.text.cleaning import one_line, plain

STATED = "consent-stated"
_NAMELESS = "A reader"
_LONGEST_TEXT = 10_000
_LANG = r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$"
_YES = frozenset({"yes", "true", "on", "1"})
_NO = frozenset({"", "no", "false", "off", "0"})


def _address(value: str) -> str:
    url = urlsplit(value)
    if value and (url.scheme not in {"http", "https"} or not url.netloc or url.username is not None):
        raise ValueError("is no address: write https://…")
    return value


def _answer(value: str | bool) -> str | bool:
    if isinstance(value, str) and value.lower() not in _YES | _NO:
        raise ValueError('is neither yes nor no: send "yes" or "no"')
    return value


class _Brought(BaseModel):
    """A body. What is not named here is left out and kept nowhere: addresses, telephone numbers, hidden fields.

    Attributes:
        id: The sender's own permanent id of it; "" takes the message's. The same id with other words is an edit.
        author_id: The sender's own permanent id of who wrote it; "" for nobody who is known.
        name: How who wrote it wants to be called.
        consent: "yes": who wrote it has agreed to be shown, on the page and in our accounts.
        deleted: It is to be taken back.
    """

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    id: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=_LONGEST_TEXT)
    title: str = Field(default="", max_length=300)
    name: str = Field(default="", max_length=80)
    author_id: str = Field(default="", max_length=200)
    url: Annotated[str, AfterValidator(_address)] = Field(default="", max_length=2000)
    lang: str = Field(default="", pattern=_LANG)
    at: datetime | None = None
    consent: Annotated[str | bool, AfterValidator(_answer)] = ""
    deleted: bool = False


class InboxSource:
    """What one sender brings.

    Args:
        settings: Its block in config.toml.
        context: What the house gives; the secret "signing" is what the sender signs with, "previous" the one before it.
    """

    secrets: ClassVar[tuple[str, ...]] = ("signing", "previous")
    needs: ClassVar[tuple[str, ...]] = ("signing",)
    ids_begin: ClassVar[str] = "inbox:"
    has_baseline: ClassVar[bool] = False

    class Settings(BaseModel):
        """[[source]] of kind "inbox".

        Attributes:
            consent: "ask": every post waits for a recorded yes. "stated": not where the sender says that who wrote it has agreed.
                "own": the sender speaks for itself.
            per_minute: So many are taken in a minute.
            lang: BCP 47 where a body does not say its own; "" for unknown.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        consent: Literal["ask", "stated", "own"] = "ask"
        per_minute: int = Field(default=60, ge=1, le=10_000)
        lang: str = Field(default="", pattern=_LANG)

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._taken: deque[datetime] = deque()
        self._lock = Lock()

    def fetch(self, cursor: str) -> Batch:
        """Nothing: it is brought.

        Raises:
            Unauthorized: There is no secret to know the sender by, or one that is none.
        """
        name = self._context.name
        if self._context.secret("signing") is None:
            raise Unauthorized(f'source "{name}": its secret "signing" is not given: nobody can bring anything')
        for key in self.secrets:
            found = self._context.secret(key)
            try:
                key_of(found.reveal().strip()) if found else None
            except ValueError as error:
                raise Unauthorized(f'source "{name}": its secret "{key}" {error}, and restart') from None
        return Batch(cursor=cursor)

    def missing(self, ids: Sequence[str]) -> AbstractSet[str]:
        """None: the sender says what is to be taken back."""
        del ids
        return frozenset()

    def is_from(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether this sender has signed it, with a key that is in force.

        Args:
            headers: By their names in lower case.
        """
        keys = []
        for name in self.secrets:
            found = self._context.secret(name)
            if found is None:
                continue
            try:
                keys.append(key_of(found.reveal().strip()))
            except ValueError:
                continue
        return is_signed(body, headers, keys)

    def receive(self, headers: Mapping[str, str], body: bytes) -> Batch:
        """What the sender's message means.

        Args:
            headers: By their names in lower case; `is_from` was true of them.

        Raises:
            Rejected: It is not understood; the message says where.
            RateLimited: Too many in the last minute.
        """
        brought = _read(headers.get("content-type", ""), body)
        self._count()
        own_id = brought.id or headers["webhook-id"]
        number = f"{self._context.name}/{sha256(own_id.encode()).hexdigest()[:32]}"
        now = self._context.now()
        if brought.deleted:
            if not brought.id:
                raise Rejected("id: what is to be taken back is named by its id: send the id that it was sent with")
            return Batch(gone=(Gone(number, now, "taken back by who sent it"),))
        text, title = plain(brought.text).strip(), one_line(brought.title)
        if not any(sign.isprintable() and not sign.isspace() for sign in text + title):
            raise Rejected("text: is missing: send what shall be shown")
        who = f"{self._context.name}/{brought.author_id or number}"
        post = Post(
            platform="inbox",
            native_id=number,
            source=self._context.name,
            author=Author(f"inbox:{sha256(who.encode()).hexdigest()[:24]}", "", name=_name(brought.name)),
            created_at=_made_at(brought.at, now),
            seen_at=now,
            text=text,
            title=title,
            version=sha256(f"{title}\n{text}".encode()).hexdigest()[:16] if brought.id else "",
            url=brought.url,
            lang=brought.lang or self._settings.lang,
            labels=self._labels(brought.consent),
        )
        return Batch(posts=(post,))

    def _labels(self, consent: str | bool) -> tuple[str, ...]:
        match self._settings.consent:
            case "own":
                return ()
            case "stated" if consent is True or str(consent).lower() in _YES:
                return (STATED,)
            case _:
                return (NEEDS_CONSENT,)

    def _count(self) -> None:
        now = self._context.machine_now()
        minute = timedelta(minutes=1)
        with self._lock:
            while self._taken and self._taken[0] <= now - minute:
                self._taken.popleft()
            if len(self._taken) >= self._settings.per_minute:
                raise RateLimited("too many in a minute", self._taken[0] + minute)
            self._taken.append(now)


def _read(content_type: str, body: bytes) -> _Brought:
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            given: object = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100))
        elif kind == "application/json":
            given = json.loads(body)
        else:
            raise Rejected("content-type: send application/json, or a form (application/x-www-form-urlencoded)")
    except (ValueError, RecursionError) as error:
        raise Rejected(f"the body is not what its content-type says: {str(error)[:200]}") from None
    if not isinstance(given, dict):
        raise Rejected('the body is no object: send {"text": "…"}')
    try:
        return _Brought.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        raise Rejected(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def _name(given: str) -> str:
    """How somebody is called; an address is no name."""
    name = one_line(given)
    return _NAMELESS if not name or "@" in name else name


def _made_at(stated: datetime | None, now: datetime) -> datetime:
    """When it was written, as the sender says, but never later than now; without a zone nobody knows when that is."""
    return now if stated is None or stated.tzinfo is None or stated > now else stated
