"""What X knows in the simulator of it: accounts, posts, media, and what the next requests meet."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

BEARER = "AAAAAAAAAAAAAAAAAAAAAplanted%2Bbearer"
CONSUMER = ("planted-consumer-key", "planted-consumer-secret")
EPOCH_MS = 1_288_834_974_657
PROBLEM = "https://api.x.com/2/problems/"


@dataclass
class Account:
    """Somebody at X."""

    server: "State" = field(repr=False)
    id: str
    username: str
    token: str
    token_secret: str
    protected: bool = False
    suspended: bool = False

    def post(self, text: str, **more: Any) -> str:
        """Post a text now; gives its id."""
        return self.server.add(self, text, **more)

    def edit(self, post_id: str, text: str) -> str:
        """Edit the newest version of a post; gives the new version's id."""
        new = self.server.add(self, text)
        chain = [*self.server.posts[post_id]["history"], new]
        for version in chain:
            self.server.posts[version]["history"] = chain
        return new


@dataclass
class Fault:
    """What the next requests to a path meet.

    Attributes:
        path: Regular expression, matched at the path's beginning.
        status: Of the answer; 0 closes the connection without one.
        body: JSON, or text where `kind` says so.
        headers: Beside the usual ones.
        kind: Content type.
        handled: Whether the request is carried out first: "posted, but the answer was lost".
        count: How many requests.
    """

    path: str
    status: int = 0
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    handled: bool = False
    count: int = 1
    method: str = ""


@dataclass
class Asked:
    """One request, as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


class State:
    """Everything but the server.

    Args:
        now: Its clock.
        spelling: Which fields it takes and gives: "tweet", "post", or "both".
    """

    def __init__(self, now: Callable[[], datetime], spelling: str) -> None:
        self.now = now
        self.spelling = spelling
        self.accounts: dict[str, Account] = {}
        self.posts: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.deleted: set[str] = set()
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.limits: dict[str, int] = {}
        self.hosts: set[str] = set()
        self.nonces: set[str] = set()
        self.lock = Lock()
        self.errors: list[dict[str, Any]] = []
        self._sequence = 0

    def account(self, username: str, **more: Any) -> Account:
        """Somebody new."""
        number = str(1000 + len(self.accounts))
        made = Account(self, number, username, f"{number}-planted-token", f"planted-token-secret-{number}", **more)
        self.accounts[number] = made
        return made

    def new_id(self) -> str:
        """A snowflake of this moment, larger than all before."""
        self._sequence += 1
        ms = int(self.now().timestamp() * 1000) - EPOCH_MS
        return str((ms << 22) | (self._sequence & 0x3FFFFF))

    def add(self, author: Account, text: str, *, media_ids: tuple[str, ...] = (), **fields: Any) -> str:
        """Store a post; gives its id."""
        number = self.new_id()
        self.posts[number] = {
            "id": number,
            "author": author,
            "sent": text,
            "at": self.now(),
            "media": list(media_ids),
            "history": [number],
            "fields": fields,
        }
        return number

    def fail(self, path: str, status: int = 0, body: Any = None, **more: Any) -> None:
        """Let the next request to a path fail."""
        self.faults.append(Fault(path, status, body, **more))

    def calls(self, path: str, method: str = "") -> list[Asked]:
        """The requests to a path so far."""
        return [one for one in self.asked if re.match(path, one.path) and (not method or one.method == method)]


class Refused(Exception):  # noqa: N818
    def __init__(self, status: int, body: dict[str, Any], kind: str = "application/json", **headers: str) -> None:
        super().__init__(status)
        self.status, self.body, self.kind, self.headers = status, body, kind, headers


def problem(status: int, name: str, title: str, detail: str, **more: Any) -> Refused:
    """A problem of the OpenAPI document; prism holds it against the document's `Error`, which has `code` and `message`."""
    body = {"type": PROBLEM + name, "title": title, "detail": detail, "status": status, **more}
    body |= {"code": status, "message": detail}
    return Refused(status, body, "application/problem+json")


def plain(status: int, title: str, detail: str, **more: Any) -> Refused:
    """What X really answers for much of 401, 402, 403 and 429; `code` and `message` are what its document promises."""
    body = {
        "detail": detail,
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": status,
        "message": detail,
    }
    return Refused(status, body | more)


def invalid(name: str, value: str, said: str) -> Refused:
    """As X says it: the parameter's name under `errors`, too."""
    body = {
        "errors": [{"parameters": {name: [value]}, "message": said}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": PROBLEM + "invalid-request",
        "status": 400,
        "code": 400,
        "message": said,
    }
    return Refused(400, body, "application/problem+json")


def new_key() -> str:
    """A delivery's key that nobody has used."""
    return f"{secrets.randbelow(10**15)}-{secrets.randbelow(10**6)}"
