"""A stand-in for Bluesky's AppView that knows what one PDS knows: profiles, author feeds, single posts, handles, searches.

Only what the adapter asks, in the shapes of the lexicons; numbers of likes are always 0. Can be told to fail.
"""

from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx2

POST = "app.bsky.feed.post"
MOST = 25


class AppView:
    """Serves on a free loopback port while it is entered.

    Args:
        pds: Address of the PDS that it asks.

    Attributes:
        fails_with: A status that every answer has from now on; 0 for none.
        pds: May be told later.
        calls: What was asked: method names, in order.
        searched: The query of each search, in order.
        page: The most posts on a page of a search.
    """

    def __init__(self, pds: str) -> None:
        self.fails_with = 0
        self.searched: list[dict[str, str]] = []
        self.page = 100
        self.calls: list[str] = []
        self.pds = pds
        self._client = httpx2.Client(timeout=30, trust_env=False)
        view = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                view.answer(self)

            def log_message(self, *_args: object) -> None:
                """A test's output is no access log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._methods: dict[str, Callable[[dict[str, list[str]]], object]] = {
            "app.bsky.actor.getProfiles": self._profiles,
            "app.bsky.feed.getPosts": self._posts,
            "app.bsky.feed.getAuthorFeed": self._feed,
            "com.atproto.identity.resolveHandle": self._resolve,
            "app.bsky.feed.searchPosts": self._search,
        }

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._client.close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        url = urlsplit(handler.path)
        method = url.path.removeprefix("/xrpc/")
        self.calls.append(method)
        if method == "app.bsky.feed.searchPosts" and "authorization" not in handler.headers:
            # As the public one: a page of HTML, whoever asks.
            handler.send_error(403)
            return
        status, body = self._reply(method, parse_qs(url.query))
        content = dumps(body).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _reply(self, method: str, query: dict[str, list[str]]) -> tuple[int, object]:
        if self.fails_with:
            return self.fails_with, {"error": "Failing", "message": "as it was told"}
        if method not in self._methods:
            return 501, {"error": "MethodNotImplemented", "message": method}
        found = self._methods[method](query)
        return (400, {"error": "InvalidRequest", "message": "not found"}) if found is None else (200, found)

    def _ask(self, method: str, **params: str | int) -> Any:
        response = self._client.get(f"{self.pds}/xrpc/{method}", params=params)
        return response.json() if response.status_code == 200 else None

    def _profile(self, actor: str) -> dict[str, Any] | None:
        repo = self._ask("com.atproto.repo.describeRepo", repo=actor)
        if repo is None:
            return None
        did = repo["did"]
        record = self._ask("com.atproto.repo.getRecord", repo=did, collection="app.bsky.actor.profile", rkey="self")
        value = record["value"] if record else {}
        uri = f"at://{did}/app.bsky.actor.profile/self"
        labels = [{"src": did, "uri": uri, "val": label["val"]} for label in value.get("labels", {}).get("values", [])]
        return {"did": did, "handle": repo["handle"], "displayName": value.get("displayName", ""), "labels": labels}

    def _profiles(self, query: dict[str, list[str]]) -> object:
        actors = query.get("actors", [])
        if not 0 < len(actors) <= MOST:
            return None
        return {"profiles": [found for actor in actors if (found := self._profile(actor)) is not None]}

    def _resolve(self, query: dict[str, list[str]]) -> object:
        return self._ask("com.atproto.identity.resolveHandle", handle=query["handle"][0])

    def _view(self, found: dict[str, Any], author: dict[str, Any]) -> dict[str, Any]:
        counts = dict.fromkeys(("replyCount", "repostCount", "likeCount", "quoteCount"), 0)
        seen = found["value"].get("createdAt")
        return {
            "uri": found["uri"],
            "cid": found["cid"],
            "author": author,
            "record": found["value"],
            "indexedAt": seen,
            **counts,
        }

    def _posts(self, query: dict[str, list[str]]) -> object:
        uris = query.get("uris", [])
        if not 0 < len(uris) <= MOST:
            return None
        views = []
        for uri in uris:
            repo, collection, rkey = uri.removeprefix("at://").split("/")
            found = self._ask("com.atproto.repo.getRecord", repo=repo, collection=collection, rkey=rkey)
            author = self._profile(repo)
            if found is not None and author is not None:
                views.append(self._view(found, author))
        return {"posts": views}

    def _feed(self, query: dict[str, list[str]]) -> object:
        author = self._profile(query["actor"][0])
        if author is None:
            return None
        limit = int(query.get("limit", ["50"])[0])
        more = {"cursor": query["cursor"][0]} if "cursor" in query else {}
        listed = self._ask("com.atproto.repo.listRecords", repo=author["did"], collection=POST, limit=limit, **more)
        if listed is None:
            return None
        feed = [{"post": self._view(found, author)} for found in listed["records"]]
        return {"feed": feed, **({"cursor": listed["cursor"]} if listed.get("cursor") else {})}

    def _search(self, query: dict[str, list[str]]) -> object:
        """All posts of the PDS that hold the words, newest first; `until` is not inclusive."""
        asked = {name: values[0] for name, values in query.items()}
        self.searched.append(asked)
        found: list[dict[str, Any]] = []
        for repo in self._ask("com.atproto.sync.listRepos", limit=1000)["repos"]:
            listed = self._ask("com.atproto.repo.listRecords", repo=repo["did"], collection=POST, limit=100)
            author = self._profile(repo["did"]) if listed and listed["records"] else None
            found += [self._view(record, author) for record in listed["records"]] if author else []
        since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
        words = asked["q"].lower()
        found = [
            view
            for view in found
            if since <= datetime.fromisoformat(view["indexedAt"]) < until and words in view["record"]["text"].lower()
        ]
        found.sort(key=lambda view: datetime.fromisoformat(view["indexedAt"]), reverse=True)
        start, limit = int(asked.get("cursor", "0")), min(int(asked["limit"]), self.page)
        more = {"cursor": str(start + limit)} if start + limit < len(found) else {}
        return {"posts": found[start : start + limit], **more}
