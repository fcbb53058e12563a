"""Both wires of Jetstream from a PDS' firehose: v1 (/subscribe) and v2 (subscribeEvents), on a free loopback port.

    python jetstream_bridge.py ws://127.0.0.1:2583/xrpc

Prints one line of JSON when it listens; ends when its standard input ends. No compression: Jetstream leaves that to clients.
Source: bluesky-social/jetstream, internal/subscribe and lexicons/network/bsky/jetstream
"""

import asyncio
import base64
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import websockets
from atproto import CAR, AsyncFirehoseSubscribeReposClient, models, parse_subscribe_repos_message
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

METHOD = "network.bsky.jetstream.subscribeEvents"
PATH = f"/xrpc/{METHOD}"
JSON_SUBPROTOCOL = Subprotocol("xrpc.v1.json")


@dataclass(frozen=True)
class Entry:
    us: int
    did: str
    kind: str
    collection: str
    v1: str
    v2: str

    def passes(self, query: Mapping[str, list[str]], *, v1: bool) -> bool:
        """Whether a subscriber with this query is told."""
        if v1 and not self.v1:
            return False
        dids = query.get("wantedDids" if v1 else "dids", [])
        kinds = [] if v1 else query.get("kinds", [])
        collections = query.get("wantedCollections" if v1 else "collections", [])
        if (dids and self.did not in dids) or (kinds and self.kind not in kinds):
            return False
        return not collections or self.kind != "commit" or self.collection in collections


@dataclass
class Log:
    """Every event since the start; entry i has seq i + 1."""

    entries: list[Entry] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def add(self, did: str, kind: str, body: dict[str, Any]) -> None:
        us = max(time.time_ns() // 1000, self.entries[-1].us + 1 if self.entries else 0)
        moment = datetime.fromtimestamp(us / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        own = {"$type": f"{METHOD}#{kind}", "seq": len(self.entries) + 1, "did": did, "time": moment}
        v1 = {"did": did, "time_us": us, "kind": kind, kind: body}
        v2 = {"$type": "message", "payload": {**own, **(body if kind == "commit" else {kind: body})}}
        told = "" if kind == "sync" else _json(v1)
        async with self.changed:
            self.entries.append(Entry(us, did, kind, str(body.get("collection", "")), told, _json(v2)))
            self.changed.notify_all()

    async def entry(self, index: int) -> Entry:
        """An entry, as soon as there is one of this index."""
        async with self.changed:
            await self.changed.wait_for(lambda: index < len(self.entries))
        return self.entries[index]

    def start(self, cursor: str) -> int:
        """The first entry to send; cursors are inclusive, and from 10**15 on they are microseconds."""
        if not cursor:
            return len(self.entries)
        number = int(cursor)
        if number >= 10**15:
            return next((i for i, entry in enumerate(self.entries) if entry.us >= number), len(self.entries))
        return max(0, min(number - 1, len(self.entries)))


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """A DAG-CBOR value as JSON writes it."""
    if isinstance(value, dict):
        is_blob = value.get("$type") == "blob"
        return {k: {"$link": _link(v)} if is_blob and k == "ref" else _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode().rstrip("=")}
    return value if isinstance(value, str | int | float | bool | None) else {"$link": str(value)}


def _link(value: Any) -> str:
    """A CID as text: the decoder gives its bytes. Source: https://github.com/multiformats/cid (base32, lower case)"""
    if isinstance(value, bytes):
        return "b" + base64.b32encode(value).decode().lower().rstrip("=")
    return str(value)


async def take(log: Log, message: Any) -> None:
    """Note what one firehose message says."""
    event = parse_subscribe_repos_message(message)
    kinds = models.ComAtprotoSyncSubscribeRepos
    if isinstance(event, kinds.Commit):
        car = CAR.from_bytes(event.blocks) if event.blocks else None
        for op in event.ops:
            collection, rkey = op.path.split("/", 1)
            commit = {"rev": event.rev, "operation": op.action, "collection": collection, "rkey": rkey}
            if op.cid and car is not None:
                commit |= {"record": _plain(car.blocks.get(op.cid)), "cid": str(op.cid)}
            await log.add(event.repo, "commit", commit)
    elif isinstance(event, kinds.Identity):
        handle = {"handle": event.handle} if event.handle else {}
        await log.add(event.did, "identity", {"did": event.did, **handle, "seq": event.seq, "time": event.time})
    elif isinstance(event, kinds.Account):
        status = {"status": event.status} if event.status else {}
        state = {"active": event.active, "did": event.did, "seq": event.seq, "time": event.time}
        await log.add(event.did, "account", {**state, **status})
    elif isinstance(event, kinds.Sync):
        await log.add(event.did, "sync", {"did": event.did, "rev": event.rev, "seq": event.seq, "time": event.time})


def _refusal(status: int, name: str, message: str) -> Response:
    body = json.dumps({"error": name, "message": message}).encode()
    headers = Headers({"content-type": "application/json", "content-length": str(len(body))})
    return Response(status, "Refused", headers, body)


async def admit(_connection: ServerConnection, request: Request) -> Response | None:
    """Refuse before the upgrade what Jetstream refuses there."""
    url = urlsplit(request.path)
    query = parse_qs(url.query)
    if url.path == PATH:
        if any(name.startswith("wanted") for name in query):
            return _refusal(400, "InvalidRequest", "use kinds, dids and collections")
        return None
    return None if url.path == "/subscribe" else _refusal(404, "NotFound", url.path)


async def tell(log: Log, connection: ServerConnection) -> None:
    """Send one subscriber what it asked for, until it leaves."""
    assert connection.request is not None
    url = urlsplit(connection.request.path)
    query, v1 = parse_qs(url.query), url.path == "/subscribe"
    at = log.start(query.get("cursor", [""])[0])
    reader = asyncio.create_task(connection.wait_closed())
    try:
        while True:
            entry = await log.entry(at)
            at += 1
            if entry.passes(query, v1=v1):
                await connection.send(entry.v1 if v1 else entry.v2)
    except websockets.ConnectionClosed:
        pass
    finally:
        reader.cancel()


def choose(_connection: ServerConnection, offered: Any) -> Subprotocol | None:
    """Speak JSON where it is offered; v1 clients offer nothing."""
    return JSON_SUBPROTOCOL if JSON_SUBPROTOCOL in offered else None


async def main(firehose: str) -> None:
    log = Log()
    client = AsyncFirehoseSubscribeReposClient(models.ComAtprotoSyncSubscribeRepos.Params(cursor=0), base_uri=firehose)

    async def on_message(message: Any) -> None:
        await take(log, message)
        # The client reconnects with the parameters that it has: without this it would replay everything.
        client.update_params(models.ComAtprotoSyncSubscribeRepos.Params(cursor=message.body.get("seq", 0)))

    following = asyncio.create_task(client.start(on_message))

    async def serve_one(connection: ServerConnection) -> None:
        await tell(log, connection)

    server: Server
    async with serve(
        serve_one,
        "127.0.0.1",
        0,
        process_request=admit,
        subprotocols=[JSON_SUBPROTOCOL],
        select_subprotocol=choose,
        compression=None,
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(json.dumps({"url": f"ws://127.0.0.1:{port}"}), flush=True)  # noqa: T201 - whoever started us reads it
        await asyncio.to_thread(sys.stdin.read)
        following.cancel()
        server.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
