"""What the same events cost without Milepost: the limits it is measured against, and the script one would write first.

- `decode`: typed msgspec decoding of the frames alone.
- `decode_and_insert`: the same, and `executemany` of ready rows into a table with the columns of `posts` and `bodies`,
  the unique key of `posts` and no other index; no socket, no mapping, no second table. Nothing that keeps posts can be faster.
- `naive`: a script of thirty lines: websockets, json, one commit for each post; with SQLite as it comes, and with WAL.
"""

import json
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from bot.core.idents import ident
from bot.platforms.bluesky.lexicon import Record
from bot.store import schema
from tests.bench import events
from tests.bench.filled import SOURCE, mapped
from tests.bench.wire import Wire

BATCH = 500
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "cache_size = -65536",
    "temp_store = MEMORY",
    "wal_autocheckpoint = 4000",
)
_COLUMNS = (*(column.name for column in schema.posts.columns), "body")
_TABLE = (
    "CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, ident INTEGER NOT NULL, version TEXT NOT NULL,"
    " platform TEXT NOT NULL, native_id TEXT NOT NULL, source TEXT NOT NULL, author_id INTEGER NOT NULL,"
    " seen_at DATETIME NOT NULL, arrival SMALLINT NOT NULL, author_before INTEGER, story_id INTEGER, verdict TEXT,"
    " judgement_id INTEGER, rule_set_id INTEGER, again_at DATETIME, rank INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (ident, version))"
)


class _Payload(msgspec.Struct, gc=False):
    did: str
    seq: int
    time: str
    rkey: str
    cid: str
    operation: str
    collection: str
    record: Record


class _Frame(msgspec.Struct, gc=False):
    payload: _Payload


_decode = msgspec.json.Decoder(_Frame).decode


def calibrate() -> float:
    """Seconds of a bare loop: how fast this machine is at this moment."""
    before = time.perf_counter()
    total = 0
    for number in range(3_000_000):
        total += number & 7
    return time.perf_counter() - before


def decode(frames: Sequence[bytes]) -> float:
    """Seconds to decode all frames."""
    before = time.perf_counter()
    for frame in frames:
        _decode(frame)
    return time.perf_counter() - before


def rows(frames: Sequence[bytes], first_id: int) -> list[tuple[object, ...]]:
    """The rows that Milepost's table has of these frames after they are judged."""
    encode = msgspec.json.Encoder().encode
    return [
        (
            number,
            ident(post.platform, post.native_id),
            post.version,
            post.platform,
            post.native_id,
            SOURCE,
            ident(post.platform, post.author.id),
            f"{post.seen_at:%Y-%m-%d %H:%M:%S.%f}",
            0,
            number,
            number,
            "hold",
            number,
            1,
            None,
            0,
            encode(post),
        )
        for number, post in enumerate(mapped(frames), first_id)
    ]


def bare_store(path: Path, filled: Path) -> None:
    """A store of the bare table alone, with the posts of a filled one."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(_TABLE)
        connection.execute("ATTACH ? AS filled", (str(filled),))
        names = ", ".join(_COLUMNS)
        joined = "filled.posts JOIN filled.bodies ON post_id = id"
        connection.execute(f"INSERT INTO bare ({names}) SELECT {names} FROM {joined} ORDER BY id")  # noqa: S608 - our own names
        connection.execute("DETACH filled")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def decode_and_insert(path: Path, frames: Sequence[bytes], ready: Sequence[tuple[object, ...]]) -> float:
    """Seconds to decode all frames and insert their ready rows, 500 in a transaction."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    statement = (
        f"INSERT INTO bare ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
    )
    before = time.perf_counter()
    for first in range(0, len(frames), BATCH):
        for frame in frames[first : first + BATCH]:
            _decode(frame)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(statement, ready[first : first + BATCH])
        connection.execute("COMMIT")
    took = time.perf_counter() - before
    connection.close()
    return took


def naive(path: Path, count: int, *, wal: bool) -> float:
    """Seconds that a first script takes to receive and keep the posts, each in a transaction of its own."""
    with Wire(0, count) as wire:
        connection = sqlite3.connect(path)
        if wal:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE posts (uri TEXT PRIMARY KEY, author TEXT, at TEXT, text TEXT, verdict TEXT)")
        with connect(wire.jetstream, compression=None, subprotocols=[Subprotocol("xrpc.v1.json")]) as socket:
            wire.go()
            before = time.perf_counter()
            for _ in range(count):
                payload = json.loads(socket.recv())["payload"]
                record = payload["record"]
                tags = {
                    feature["tag"].lower()
                    for facet in record["facets"]
                    for feature in facet["features"]
                    if "tag" in feature
                }
                if "getinspired" in tags:
                    uri = f"at://{payload['did']}/{payload['collection']}/{payload['rkey']}"
                    row = (uri, payload["did"], record["createdAt"], record["text"], "hold")
                    connection.execute("INSERT OR IGNORE INTO posts VALUES (?, ?, ?, ?, ?)", row)
                    connection.commit()
            took = time.perf_counter() - before
        connection.close()
    return took


def measured_frames(count: int) -> list[bytes]:
    """The frames that all candidates get."""
    return list(events.frames(events.MEASURED, count))
