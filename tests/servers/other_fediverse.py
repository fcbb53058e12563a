"""Servers of Mastodon's API that are not Mastodon: what GoToSocial and Takahē do otherwise, in memory.

Behind pytest-httpserver: `OtherServer(httpserver, "gotosocial")`. Both ignore Idempotency-Key: every repeat is a new status.

Source: GoToSocial's and Takahē's API documents and sources, as seen in 2026.
"""

import itertools
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug.wrappers import Request, Response

TOKEN = "good-token"
_NUMBERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass
class OtherServer:
    """One such server.

    Attributes:
        http: Where it listens.
        kind: "gotosocial", "takahe", or "relay": a Mastodon that shows what others wrote.
        statuses: All of them, oldest first.
        limited: Its limit is used up.
        requests: What was asked, "GET /path".
    """

    http: HTTPServer
    kind: str
    statuses: list[dict[str, Any]] = field(default_factory=list)
    limited: bool = False
    lose_posts: int = 0
    requests: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    instance: dict[str, Any] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.http.expect_request(re.compile(".*")).respond_with_handler(self.answer)

    @property
    def url(self) -> str:
        return self.http.url_for("").rstrip("/")

    def show(self, text: str, *, tags: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
        """Have a status, of somebody elsewhere unless `more` says otherwise."""
        number = next(self._numbers)
        own_id = self._own_id(number)
        words = "".join(f" #{tag}" for tag in tags)
        status = {
            "id": own_id,
            "uri": f"{self.url}/users/desk/statuses/{own_id}",
            "url": f"{self.url}/@desk/statuses/{own_id}",
            "created_at": (self.now + timedelta(seconds=number)).isoformat(),
            "content": f"<p>{text}{words}</p>",
            "visibility": "public",
            "account": {
                "id": "1",
                "acct": "desk",
                "username": "desk",
                "url": f"{self.url}/@desk",
                "display_name": "Desk",
            },
            "tags": [{"name": tag} for tag in tags],
            "media_attachments": [],
            **more,
        }
        self.statuses.append(status)
        return status

    def hear(self, status: dict[str, Any], own_id: str, **more: Any) -> None:
        """Hear of a status of another server, and give it an id of its own."""
        self.statuses.append({**status, "id": own_id, **more})

    def answer(self, request: Request) -> Response:
        """What it answers."""
        self.requests.append(f"{request.method} {request.path}")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token:
            self.tokens.append(token)
        if self.limited:
            return self._too_many()
        if token and token != TOKEN:
            if self.kind == "takahe":
                return Response("Invalid Bearer token", 400)
            return _json({"error": "Unauthorized: the token is not valid"}, 401)
        return self._routed(request, is_ours=bool(token))

    def _routed(self, request: Request, *, is_ours: bool) -> Response:
        path, method = request.path, request.method
        if path == "/api/v2/instance":
            return Response("not found", 404) if self.kind == "takahe" else _json(self._v2())
        if path == "/api/v1/instance":
            return _json({"uri": "it", "version": self._version(), "max_toot_chars": 500, **self.instance})
        if path == "/api/v1/accounts/verify_credentials":
            return _json(self._me()) if is_ours else _json({"error": "unauthorized"}, 401)
        if path.startswith("/api/v1/streaming"):
            return Response("Bad Request", 400) if self.kind == "gotosocial" else Response("not found", 404)
        if path.startswith("/api/v1/timelines/tag/"):
            if self.kind == "gotosocial" and not is_ours:
                return _json({"error": "Unauthorized: token not supplied"}, 401)
            tag = path.rpartition("/")[2].lower()
            return self._listed(request, [s for s in self.statuses if tag in [t["name"].lower() for t in s["tags"]]])
        if re.fullmatch(r"/api/v1/accounts/[^/]+/statuses", path):
            return self._listed(request, [s for s in self.statuses if s["account"]["id"] == "1"])
        if path == "/api/v1/statuses" and method == "POST":
            return self._posted(request)
        if found := re.fullmatch(r"/api/v1/statuses/([^/]+)", path):
            return self._one(request, found[1])
        return _json({"error": "not found"}, 404)

    def _posted(self, request: Request) -> Response:
        # GoToSocial's own default is what the account is set to, and no account is set to public at first.
        status = self.show(request.form["status"], tags=(), visibility=request.form.get("visibility") or "private")
        if self.lose_posts:
            self.lose_posts -= 1
            return Response("bad gateway", 502)
        return _json(status)

    def _one(self, request: Request, own_id: str) -> Response:
        status = next((s for s in self.statuses if s["id"] == own_id), None)
        if status is None:
            return _json({"error": "Record not found"}, 404)
        if request.method == "DELETE":
            self.statuses.remove(status)
        if request.method == "PUT":
            if self.kind == "takahe":
                return _json({"error": "not found"}, 404)
            status["content"] = f"<p>{request.form['status']}</p>"
        return _json(status)

    def _listed(self, request: Request, found: list[dict[str, Any]]) -> Response:
        limit = int(request.args.get("limit", "20"))
        newest = sorted(found, key=lambda status: str(status["id"]), reverse=True)
        if "min_id" in request.args:
            newest = [status for status in newest if status["id"] > request.args["min_id"]][-limit:]
        if "max_id" in request.args:
            newest = [status for status in newest if status["id"] < request.args["max_id"]]
        return _json(newest[:limit])

    def _too_many(self) -> Response:
        answer = _json({"error": "rate limit reached"}, 429)
        resets = self.now + timedelta(minutes=4)
        if self.kind == "gotosocial":
            answer.headers["X-RateLimit-Reset"] = resets.isoformat(timespec="seconds").replace("+00:00", "Z")
        else:
            answer.headers["X-RateLimit-Reset"] = str(int(resets.timestamp()))
        answer.headers["X-RateLimit-Remaining"] = "0"
        answer.headers.pop("Date", None)
        return answer

    def _me(self) -> dict[str, Any]:
        return {"id": "1", "acct": "desk", "username": "desk", "url": f"{self.url}/@desk"}

    def _version(self) -> str:
        return {"gotosocial": "0.17.3+git-1", "takahe": "takahe/0.11.0"}.get(self.kind, "4.5.2")

    def _v2(self) -> dict[str, Any]:
        length = 5000 if self.kind == "gotosocial" else 500
        statuses = {"max_characters": length, "characters_reserved_per_url": 25 if length == 5000 else 23}
        return {"version": self._version(), "configuration": {"statuses": statuses}, **self.instance}

    def _own_id(self, number: int) -> str:
        if self.kind == "gotosocial":  # a ULID
            return "01J8Z3K9QW" + "".join(_NUMBERS[number // 32**place % 32] for place in reversed(range(16)))
        return str(112_000_000_000_000_000 + number)


def _json(found: object, status: int = 200) -> Response:
    return Response(json.dumps(found), status, content_type="application/json; charset=utf-8")
