"""A simulator of X's API v2, written from X's documentation: what a newsroom desk uses of it, and how it refuses.

It knows bearer tokens and OAuth 1.0a (its own check of the signature, not oauthlib's), recent search with pages, `since_id` and
its age, `errors` beside `data`, lookup, own timelines, create, delete, media v2 with metadata, weighted length, duplicate texts,
`x-rate-limit-*`, 429, 402, the kinds of 403, and "posted, but the answer was lost". `prism()` puts X's own OpenAPI document in
front of it, so that no request and no answer may break it.

    with XSimulator(clock) as x:
        ana = x.account("ana")
        ana.post("Good luck! #LondonMarathon")

Source: https://docs.x.com/x-api, X's OpenAPI document 2.167.
"""

import base64
import hashlib
import hmac
import html
import json
import re
import secrets
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote, urlsplit

BEARER = "AAAAAAAAAAAAAAAAAAAAAplanted%2Bbearer"
CONSUMER = ("planted-consumer-key", "planted-consumer-secret")
_EPOCH_MS = 1_288_834_974_657
_PROBLEM = "https://api.x.com/2/problems/"
_WEEK = timedelta(days=7)
_URL = re.compile(r"https?://\S+")
_LIGHT = re.compile(r"[\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]")


@dataclass
class Account:
    """Somebody at X."""

    server: "XSimulator" = field(repr=False)
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


class XSimulator:
    """X on a free loopback port, while it is entered.

    Args:
        now: Its clock.
        spelling: Which fields it takes and gives: "tweet", "post", or "both".
    """

    def __init__(self, now: Callable[[], datetime], spelling: str = "both") -> None:
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
        self.lock = Lock()
        self.errors: list[dict[str, Any]] = []
        self._sequence = 0
        self._nonces: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.hosts.add(f"127.0.0.1:{self.port}")

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def account(self, username: str, **more: Any) -> Account:
        """Somebody new."""
        number = str(1000 + len(self.accounts))
        made = Account(self, number, username, f"{number}-planted-token", f"planted-token-secret-{number}", **more)
        self.accounts[number] = made
        return made

    def new_id(self) -> str:
        """A snowflake of this moment, larger than all before."""
        self._sequence += 1
        ms = int(self.now().timestamp() * 1000) - _EPOCH_MS
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
    """A problem of the OpenAPI document."""
    body = {"type": _PROBLEM + name, "title": title, "detail": detail, "status": status, **more}
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


def weight(text: str) -> int:
    """X's weight, but for emoji sequences: links 23, Latin and its neighbours 1, all else 2."""
    total = 23 * len(_URL.findall(text))
    return total + sum(1 if _LIGHT.match(sign) else 2 for sign in _URL.sub("", text))


def _handler(x: XSimulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: object) -> None:
            pass

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_DELETE(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            asked = Asked(self.command, parts.path, query, dict(self.headers.items()), body)
            with x.lock:
                x.asked.append(asked)
                fault = next(
                    (
                        one
                        for one in x.faults
                        if one.count > 0 and re.match(one.path, parts.path) and one.method in {"", self.command}
                    ),
                    None,
                )
                if fault is not None:
                    fault.count -= 1
                if fault is None or fault.handled:
                    status, answer, kind, headers = self._answer(asked)
                if fault is not None:
                    status, answer, kind, headers = fault.status, fault.body, fault.kind, dict(fault.headers)
            if status == 0:
                self.close_connection = True
                # a reset, as of a connection that broke
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def _answer(self, asked: Asked) -> tuple[int, Any, str, dict[str, str]]:
            headers = {"x-access-level": "read-write"}
            try:
                who = _who(x, asked)
                headers |= _limited(x, asked)
                status, body = _route(x, asked, who)
            except Refused as refused:
                return refused.status, refused.body, refused.kind, {**headers, **refused.headers}
            return status, body, "application/json", headers

    return Handler


def _who(x: XSimulator, asked: Asked) -> Account | None:
    """Who asks: an account, or None for the application itself."""
    header = next((value for name, value in asked.headers.items() if name.lower() == "authorization"), "")
    if header == f"Bearer {BEARER}":
        return None
    if header.startswith("OAuth "):
        return _signed(x, asked, header.removeprefix("OAuth "))
    raise plain(401, "Unauthorized", "Unauthorized")


def _signed(x: XSimulator, asked: Asked, header: str) -> Account:
    """RFC 5849: the signature over method, address and parameters. Forms of several parts are not signed."""
    given = {
        name.strip(): unquote(value.strip('"')) for name, _, value in (p.partition("=") for p in header.split(","))
    }
    account = next((one for one in x.accounts.values() if one.token == given.get("oauth_token")), None)
    nonce = f"{given.get('oauth_timestamp')}-{given.get('oauth_nonce')}"
    if account is None or given.get("oauth_consumer_key") != CONSUMER[0] or nonce in x._nonces:
        raise plain(401, "Unauthorized", "Unauthorized")
    x._nonces.add(nonce)
    pairs = [(name, value) for name, value in given.items() if name not in {"oauth_signature", "realm"}]
    pairs += list(asked.query.items())
    line = "&".join(f"{n}={v}" for n, v in sorted((quote_(n), quote_(v)) for n, v in pairs))
    key = f"{quote_(CONSUMER[1])}&{quote_(account.token_secret)}".encode()
    for host in x.hosts:
        base = "&".join(quote_(part) for part in (asked.method, f"http://{host}{asked.path}", line))
        made = base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()
        if hmac.compare_digest(made, given.get("oauth_signature", "")):
            return account
    raise plain(401, "Unauthorized", "Unauthorized")


def quote_(text: str) -> str:
    """Percent-encoding of RFC 3986, as RFC 5849 wants it."""
    return quote(text, safe="~")


def _limited(x: XSimulator, asked: Asked) -> dict[str, str]:
    left = x.limits.get(asked.path, 450)
    reset = str(int((x.now() + timedelta(minutes=15)).timestamp()))
    headers = {
        "x-rate-limit-limit": "450",
        "x-rate-limit-reset": reset,
        "x-rate-limit-remaining": str(max(0, left - 1)),
    }
    if left <= 0:
        raise Refused(
            429,
            {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
            | {"code": 429, "message": "Too Many Requests"},
            **headers,
        )
    if asked.path in x.limits:
        x.limits[asked.path] = left - 1
    return headers


def _route(x: XSimulator, asked: Asked, who: Account | None) -> tuple[int, Any]:
    match (asked.method, asked.path.split("/")[2:]):
        case ("GET", ["tweets", "search", "recent"]):
            return 200, _search(x, asked.query)
        case ("GET", ["tweets"]):
            return 200, _lookup(x, asked.query)
        case ("GET", ["users", number, "tweets"]):
            return 200, _timeline(x, number, asked.query)
        case ("POST", ["tweets"]):
            return 201, _create(x, _user(who), json.loads(asked.body))
        case ("DELETE", ["tweets", number]):
            return 200, _delete(x, _user(who), number)
        case ("POST", ["media", "upload"]):
            return 200, _upload(x, _user(who), asked)
        case ("POST", ["media", "metadata"]):
            return 200, _metadata(x, _user(who), json.loads(asked.body))
    raise problem(404, "resource-not-found", "Not Found Error", "Could not find this path", resource_type="path")


def _user(who: Account | None) -> Account:
    if who is None:
        raise plain(
            403,
            "Unsupported Authentication",
            "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
            type=_PROBLEM + "unsupported-authentication",
        )
    if who.suspended:
        raise plain(403, "Forbidden", "Your account is suspended and is not permitted to access this feature.")
    return who


def _spelling(x: XSimulator, query: Mapping[str, str]) -> str:
    for name in ("tweet", "post"):
        if f"{name}.fields" in query and x.spelling not in {name, "both"}:
            raise problem(
                400,
                "invalid-request",
                "Invalid Request",
                "One or more parameters to your request was invalid.",
                parameter=f"{name}.fields",
                value=query[f"{name}.fields"],
            )
    return x.spelling


def _visible(x: XSimulator) -> Iterator[dict[str, Any]]:
    for post in x.posts.values():
        if post["id"] not in x.deleted and not post["author"].protected and not post["author"].suspended:
            yield post


def _search(x: XSimulator, query: Mapping[str, str]) -> dict[str, Any]:
    words = query.get("query", "")
    if not words or len(words) > 512:
        raise _invalid("query", words, "query must be between 1 and 512 characters")
    size = int(query.get("max_results", "10"))
    if not 10 <= size <= 100:
        raise _invalid("max_results", str(size), "max_results must be between 10 and 100")
    start = x.now() - _WEEK
    if "start_time" in query:
        start = datetime.fromisoformat(query["start_time"])
        if start < x.now() - _WEEK:
            raise _invalid("start_time", query["start_time"], "'start_time' must be within the last seven days")
    since = int(query.get("since_id", "0"))
    if since and datetime.fromtimestamp(((since >> 22) + _EPOCH_MS) / 1000, UTC) < x.now() - _WEEK:
        raise _invalid("since_id", str(since), "'since_id' must be a tweet id created after the last seven days")
    end = x.now() - timedelta(seconds=30)
    found = [
        post
        for post in _visible(x)
        if _matches(words, post)
        and int(post["id"]) > since
        and start <= post["at"] <= end
        and post["id"] == post["history"][-1]
    ]
    return _page(x, sorted(found, key=lambda post: -int(post["id"])), query, size, "next_token")


def _matches(query: str, post: Mapping[str, Any]) -> bool:
    if "-is:retweet" in query and post["fields"].get("retweet_of"):
        return False
    inside = query[query.index("(") + 1 : query.index(")")]
    text = post["sent"].casefold()
    for part in inside.split(" OR "):
        if part.startswith("#") and re.search(rf"(?<!\w){re.escape(part.casefold())}(?!\w)", text):
            return True
        if part.startswith("from:") and part[5:].casefold() in {post["author"].id, post["author"].username.casefold()}:
            return True
    return False


def _page(x: XSimulator, found: list[dict[str, Any]], query: Mapping[str, str], size: int, name: str) -> dict[str, Any]:
    given = query.get(name)
    if given:
        try:
            before = int(base64.urlsafe_b64decode(given.encode()).decode())
        except ValueError as error:
            raise _invalid(name, given, f"'{name}' is not valid") from error
        found = [post for post in found if int(post["id"]) < before]
    page = found[:size]
    meta: dict[str, Any] = {"result_count": len(page)}
    if page:
        meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
    if len(found) > size:
        meta["next_token"] = base64.urlsafe_b64encode(page[-1]["id"].encode()).decode()
    answer = _with_data(x, page, query)
    if not page:
        answer.pop("data")
    return answer | {"meta": meta}


def _lookup(x: XSimulator, query: Mapping[str, str]) -> dict[str, Any]:
    ids = query.get("ids", "").split(",")
    if not 1 <= len(ids) <= 100:
        raise _invalid("ids", query.get("ids", ""), "between 1 and 100 ids")
    seen = {post["id"]: post for post in _visible(x)}
    answer = _with_data(x, [seen[number] for number in ids if number in seen], query)
    errors = []
    for number in ids:
        if number in seen:
            continue
        hidden = number in x.posts and number not in x.deleted
        errors.append(
            {
                "value": number,
                "detail": "Sorry, you are not authorized to see the Tweet with ids: [..]."
                if hidden
                else f"Could not find tweet with ids: [{number}].",
                "title": "Authorization Error" if hidden else "Not Found Error",
                "resource_type": "tweet",
                "parameter": "ids",
                "resource_id": number,
                "type": _PROBLEM + ("not-authorized-for-resource" if hidden else "resource-not-found"),
            }
        )
    if errors:
        answer["errors"] = [*errors, *answer.get("errors", [])]
    if not answer["data"]:
        answer.pop("data")
    return answer


def _timeline(x: XSimulator, number: str, query: Mapping[str, str]) -> dict[str, Any]:
    start = datetime.fromisoformat(query.get("start_time", "2010-11-06T00:00:00Z"))
    found = [post for post in _visible(x) if post["author"].id == number and post["at"].replace(microsecond=0) >= start]
    size = int(query.get("max_results", "10"))
    return _page(x, sorted(found, key=lambda post: -int(post["id"])), query, size, "pagination_token")


def _with_data(x: XSimulator, page: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    spelling = _spelling(x, query)
    fields = ",".join(query.get(f"{name}.fields", "") for name in ("tweet", "post")).split(",")
    expansions = query.get("expansions", "").split(",")
    wanted = {*fields, *expansions}
    # a spelling that it does not know by heart: without its fields a post has id and text alone
    answer: dict[str, Any] = {"data": [_drawn(post, spelling, wanted) for post in page]}
    includes: dict[str, Any] = {}
    if "author_id" in expansions:
        includes["users"] = [_user_of(one) for one in {post["author"].id: post["author"] for post in page}.values()]
    keys = [key for post in page for key in post["media"]]
    if "attachments.media_keys" in expansions and keys:
        includes["media"] = [_media_of(x.media[key]) for key in dict.fromkeys(keys)]
    if includes:
        answer["includes"] = includes
    if x.errors:
        answer["errors"] = list(x.errors)
    return answer


def _drawn(post: Mapping[str, Any], spelling: str, wanted: set[str]) -> dict[str, Any]:
    text, entities = _shortened(post)
    row: dict[str, Any] = {"id": post["id"], "text": text}
    full: dict[str, Any] = {
        "author_id": post["author"].id,
        "created_at": post["at"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "entities": entities,
        "lang": "en",
        "possibly_sensitive": False,
        "public_metrics": dict.fromkeys(
            (
                "retweet_count",
                "repost_count",
                "reply_count",
                "like_count",
                "quote_count",
                "bookmark_count",
                "impression_count",
            ),
            0,
        ),
    }
    if post["media"]:
        full["attachments"] = {"media_keys": list(post["media"])}
    row |= {name: value for name, value in full.items() if name in wanted}
    row |= {name: value for name, value in post["fields"].items() if name != "retweet_of"}
    if spelling in {"tweet", "both"}:
        row["edit_history_tweet_ids"] = post["history"]
    if spelling in {"post", "both"}:
        row["edit_history_post_ids"] = post["history"]
    return row


def _shortened(post: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The text as X gives it: escaped, every link as t.co, a link for the pictures at the end."""
    urls: list[dict[str, Any]] = []
    text = html.escape(post["sent"], quote=False)
    made, last = "", 0
    for number, match in enumerate(_URL.finditer(text)):
        short = f"https://t.co/{post['id'][-6:]}{number:04d}"
        made += text[last : match.start()]
        target = html.unescape(match[0])
        urls.append(
            {
                "start": len(made),
                "end": len(made) + len(short),
                "url": short,
                "expanded_url": target,
                "display_url": target[8:30],
            }
        )
        made += short
        last = match.end()
    made += text[last:]
    if post["media"]:
        short = f"https://t.co/{post['id'][-6:]}pics"
        made += " " if made else ""
        target = f"https://x.com/{post['author'].username}/status/{post['id']}/photo/1"
        urls.append(
            {
                "start": len(made),
                "end": len(made) + len(short),
                "url": short,
                "expanded_url": target,
                "display_url": "pic.x.com/abc",
                "media_key": post["media"][0],
            }
        )
        made += short
    entities: dict[str, Any] = {}
    tags = [{"start": m.start(), "end": m.end(), "tag": m[1]} for m in re.finditer(r"#(\w+)", made)]
    mentions = [{"start": m.start(), "end": m.end(), "username": m[1]} for m in re.finditer(r"@(\w+)", made)]
    for name, found in (("urls", urls), ("hashtags", tags), ("mentions", mentions)):
        if found:
            entities[name] = found
    return made, entities


def _user_of(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "username": account.username,
        "name": account.username.title(),
        "created_at": "2012-05-01T10:00:00.000Z",
        "protected": account.protected,
        "verified": True,
        "public_metrics": {
            "followers_count": 12,
            "following_count": 3,
            "post_count": 4,
            "tweet_count": 4,
            "listed_count": 0,
        },
    }


def _media_of(media: Mapping[str, Any]) -> dict[str, Any]:
    row = {
        "media_key": media["media_key"],
        "type": "photo",
        "url": f"https://pbs.twimg.com/media/{media['id']}.jpg",
        "width": 4,
        "height": 3,
    }
    return row | ({"alt_text": media["alt"]} if media["alt"] else {})


def _create(x: XSimulator, who: Account, body: Mapping[str, Any]) -> dict[str, Any]:
    text = str(body.get("text", ""))
    ids = list(body.get("media", {}).get("media_ids", []))
    if body.get("quote_tweet_id"):
        raise plain(403, "Forbidden", "You are not permitted to perform this action.")
    if body.get("reply") or any(f"@{one.username}" in text for one in x.accounts.values() if one is not who):
        raise plain(403, "Forbidden", "You can only reply to or quote posts where you are mentioned or are the author.")
    if not text.strip() and not ids:
        raise problem(400, "invalid-request", "Invalid Request", "Text is required unless media is provided.")
    if weight(text) > 280:
        raise problem(400, "invalid-request", "Invalid Request", "Your Tweet text is too long.")
    if len(re.findall(r"\$[A-Za-z]+", text)) > 1:
        raise plain(403, "Forbidden", "A post may hold one cashtag.")
    if any(number not in {one["id"] for one in x.media.values()} for number in ids):
        raise problem(
            400, "invalid-request", "Invalid Request", "Your media IDs are invalid.", parameter="media.media_ids"
        )
    mine = [one for one in x.posts.values() if one["author"] is who and one["id"] not in x.deleted]
    if any(one["sent"] == text and text for one in mine):
        raise plain(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
    keys = tuple(key for key, one in x.media.items() if one["id"] in ids)
    number = x.add(who, text, media_ids=keys)
    drawn, _ = _shortened(x.posts[number])
    return {
        "data": {"id": number, "text": drawn, "edit_history_tweet_ids": [number], "edit_history_post_ids": [number]}
    }


def _delete(x: XSimulator, who: Account, number: str) -> dict[str, Any]:
    post = x.posts.get(number)
    if post is None or number in x.deleted:
        raise problem(
            404,
            "resource-not-found",
            "Not Found Error",
            f"Could not find tweet with id: [{number}].",
            resource_type="tweet",
        )
    if post["author"] is not who:
        raise plain(403, "Forbidden", "You are not permitted to perform this action.")
    x.deleted |= set(post["history"])
    return {"data": {"deleted": True}}


def _upload(x: XSimulator, who: Account, asked: Asked) -> dict[str, Any]:
    kind = next(value for name, value in asked.headers.items() if name.lower() == "content-type")
    message: Message = BytesParser().parsebytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + asked.body)
    parts: dict[str, bytes] = {}
    for part in message.get_payload():  # type: ignore[union-attr]
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        parts[str(name)] = bytes(part.get_payload(decode=True) or b"")  # type: ignore[union-attr,arg-type]
    if "media" not in parts or parts.get("media_category", b"") != b"tweet_image":
        raise problem(400, "invalid-request", "Invalid Request", "media and media_category are required")
    if len(parts["media"]) > 5_242_880:
        raise problem(400, "invalid-request", "Invalid Request", "media is too large")
    number = x.new_id()
    key = f"3_{number}"
    x.media[key] = {"id": number, "media_key": key, "content": parts["media"], "alt": "", "owner": who.id}
    return {"data": {"id": number, "media_key": key, "size": len(parts["media"]), "expires_after_secs": 86400}}


def _metadata(x: XSimulator, who: Account, body: Mapping[str, Any]) -> dict[str, Any]:
    media = next((one for one in x.media.values() if one["id"] == body.get("id") and one["owner"] == who.id), None)
    alt = body.get("metadata", {}).get("alt_text", {}).get("text", "")
    if media is None or len(alt) > 1000:
        raise problem(400, "invalid-request", "Invalid Request", "no such media, or its text is too long")
    media["alt"] = alt
    return {"data": {"id": media["id"], "associated_metadata": body["metadata"]}}


def _invalid(name: str, value: str, said: str) -> Refused:
    """As X says it: the parameter's name under `errors`, too."""
    body = {
        "errors": [{"parameters": {name: [value]}, "message": said}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": _PROBLEM + "invalid-request",
        "status": 400,
    }
    return Refused(400, body, "application/problem+json")


def new_key() -> str:
    """A delivery's key that nobody has used."""
    return f"{secrets.randbelow(10**15)}-{secrets.randbelow(10**6)}"


__all__ = ["BEARER", "CONSUMER", "Account", "Asked", "Fault", "XSimulator", "new_key", "weight"]
