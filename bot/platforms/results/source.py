"""Asks for timing data and brings what has changed, in bounded batches."""

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.core.errors import Unavailable
from bot.core.model import Batch
from bot.core.ports import PlatformContext
from bot.core.results import FINISH, Result, Standing
from bot.platforms._http.network import Dial, Resolve, dial, resolve
from bot.platforms._http.reading import Http
from bot.platforms.results.cursor import Cursor
from bot.platforms.results.mapping import Columns, Mapped, mapped
from bot.platforms.results.tables import Table, read_csv, read_json, whole_lines

_BLOCK = 250
"""So many rows are compared at once: of a block in which one row changed all are brought, and the store knows which it is."""
_MOST_BLOCKS = 20
_TAIL_WAITS_S = 60
_ACCEPT = "text/csv, application/json, text/plain;q=0.8, */*;q=0.1"
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class _Document:
    """What was read: its rows by blocks, and what to remember once all are brought."""

    found: Mapped
    blocks: tuple[tuple[Result, ...], ...]
    hashes: tuple[str, ...]
    etag: str = ""
    modified: str = ""
    seen: str = ""
    tail: str = ""


class ResultsSource:
    """Timing data as a source.

    Args:
        settings: The platform's part of the source's block.
        context: What the house gives.
        resolve: Addresses of a host name; the outer end that tests replace.
        dial: Opens a TCP connection; the outer end that tests replace.
    """

    secrets: ClassVar[tuple[str, ...]] = ()
    has_baseline: ClassVar[bool] = (
        False  # what timing says counts whenever it was said: milestones know how late they are
    )

    class Settings(BaseModel):
        """[[source]] of kind "results".

        Attributes:
            data: Where it is: a path, relative to the configuration file, or an address (http or https, without user and password).
            format: "" goes by the ending of the name or by what the host says: .json is JSON, all else is CSV.
            race: Id of the race where the document has one alone; "" takes the source's name. `columns.race` stands above it.
            rows: Where the list of rows stands in JSON, "results.items".
            delimiter: Of CSV; "" for the one that the first line has most of.
            columns: Which column is what.
            splits: The points of the course between start and finish in their order: names of columns, and what the plan calls them.
            statuses: What written statuses mean, beside the usual ones.
            tallies: Numbers beside the rows: what the plan calls them, and where they stand (JSON: a path; CSV: a column, whose
                last row counts).
            max_bytes: The largest document that is read.
            timeout_s: Seconds that one look may take.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        data: str = Field(min_length=1, max_length=2000)
        format: Literal["", "csv", "json"] = ""
        race: str = ""
        rows: str = ""
        delimiter: Literal["", ",", ";", "\t", "|"] = ""
        columns: Columns
        splits: tuple[str, ...] = Field(default=(), max_length=200)
        statuses: Mapping[str, Standing] = {}
        tallies: Mapping[str, str] = {}
        max_bytes: int = Field(default=50_000_000, ge=1000, le=500_000_000)
        timeout_s: float = Field(default=20.0, gt=0, le=300)

        @field_validator("data")
        @classmethod
        def _is_place(cls, value: str) -> str:
            scheme, there, rest = value.partition("://")
            if there and (scheme not in {"http", "https"} or "@" in rest.split("/")[0] or not rest):
                raise ValueError(
                    "is no address: write http://… or https://…, without user and password, or the path of a file"
                )
            return value

        @field_validator("splits")
        @classmethod
        def _is_course(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            twice = next((point for point in value if value.count(point) > 1), "")
            if twice:
                raise ValueError(f"names {twice!r} twice: name each point once, in the order of the course")
            if FINISH in value:
                raise ValueError(f"names {FINISH!r}: write it as columns.finish, it is no split")
            return value

        @property
        def is_address(self) -> bool:
            """Whether a host is asked."""
            return "://" in self.data

        @property
        def kind(self) -> str:
            """CSV or JSON, as a word, as far as the name says it."""
            name = self.data.partition("?")[0] if self.is_address else self.data
            return self.format or ("json" if name.casefold().endswith(".json") else "csv")

    def __init__(
        self, settings: Settings, context: PlatformContext, *, resolve: Resolve = resolve, dial: Dial = dial
    ) -> None:
        self._settings = settings
        self._context = context
        self._http = Http(
            context.user_agent,
            context.machine_now,
            timeout_s=settings.timeout_s,
            max_bytes=settings.max_bytes,
            resolve=resolve,
            dial=dial,
        )
        self._known: tuple[str, dict[tuple[str, str], bytes]] = (
            "",
            {},
        )  # the cursor that we gave, and hashes of its rows
        self._left: tuple[str, _Document] | None = None  # the cursor that we gave, and what it left to bring

    def fetch(self, cursor: str) -> Batch:
        """What has changed since the last look, in the order of the document; empty where nothing has.

        Raises:
            Unavailable: Not reached, too large, no such file, no whole document, or a column is missing.
            RateLimited: The host asks us to wait.
            Unauthorized: 401 or 403.
            Rejected: 410, or another 4xx that says that we are wrong here.
        """
        state = self._state(cursor)
        if self._left is not None and self._left[0] == cursor:
            document: _Document | None = self._left[1]
        else:
            document = self._read_url(state) if self._settings.is_address else self._read_file(state)
        self._left = None
        if document is None:
            return Batch(note=state.note)
        changed = [
            number
            for number, found in enumerate(document.hashes)
            if number >= len(state.blocks) or state.blocks[number] != found
        ]
        now, later = changed[:_MOST_BLOCKS], frozenset(changed[_MOST_BLOCKS:])
        brought = tuple("" if number in later else found for number, found in enumerate(document.hashes))
        known = self._known[1] if self._known[0] == cursor else {}
        self._known = ("", {})  # until the batch is made
        results = []
        for result in (result for number in now for result in document.blocks[number]):
            print_of = hashlib.blake2b(_encode(result), digest_size=8).digest()
            if known.get((result.race, result.key)) != print_of:
                known[result.race, result.key] = print_of
                results.append(result)
        note = "; ".join(document.found.notes)
        done = not later
        new = Cursor(
            self._place,
            brought,
            document.etag if done else "",
            document.modified if done else "",
            document.seen if done else "",
            document.tail if done else "",
            note,
        )
        written = msgspec.json.encode(new).decode()
        if later:
            self._left = (written, document)
        if len(known) > 2 * sum(map(len, document.blocks)) + 1_000:  # what is gone from the document is let go
            known = {}
        self._known = (written, known)
        return Batch(
            cursor=written,
            more=bool(later),
            note=note,
            results=tuple(results),
            tallies=document.found.tallies if done else (),
        )

    def missing(self, ids: Sequence[str]) -> AbstractSet[str]:
        """Empty: there are no posts here."""
        del ids
        return frozenset()

    @property
    def _place(self) -> str:
        """File or address, with the mapping: whoever changes one starts anew."""
        own = self._settings.model_dump_json(exclude={"max_bytes", "timeout_s"})
        return hashlib.sha256(own.encode()).hexdigest()[:16]

    def _state(self, cursor: str) -> Cursor:
        try:
            state = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        except ValueError:  # written by hand or by another version: the store knows what it has
            return Cursor()
        return state if state.place == self._place else Cursor()

    def _read_file(self, state: Cursor) -> _Document | None:
        path = Path(self._context.folder) / self._settings.data
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe without a writer would hold us up
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise Unavailable(f"{path} is no file: name one")
            with os.fdopen(descriptor, "rb") as file:
                about = os.fstat(file.fileno())
                if about.st_size > self._settings.max_bytes:
                    raise Unavailable(f"{path} has more than {self._settings.max_bytes:,} bytes: raise max_bytes")
                seen = f"{about.st_size} {about.st_mtime_ns}"
                if seen == state.seen:
                    return None
                body = file.read(self._settings.max_bytes + 1)
        except OSError as error:
            raise Unavailable(f"{path} cannot be read: {error.strerror}") from error
        return self._document(body, state, where=str(path), seen=seen, changed=about.st_mtime)

    def _read_url(self, state: Cursor) -> _Document | None:
        reply = self._http.get(self._settings.data, etag=state.etag, modified=state.modified, accept=_ACCEPT)
        if reply.status == 304:
            if not (state.etag or state.modified):
                raise Unavailable(f"{reply.url}: answered 304 (not modified) though nothing was asked: tell its owner")
            return None
        headers = reply.headers
        return self._document(
            reply.body,
            state,
            where=reply.url,
            etag=headers.get("etag", "")[:1000],
            modified=headers.get("last-modified", "")[:1000],
            says_json="json" in headers.get("content-type", "").partition(";")[0].casefold(),
        )

    def _stood(self, body: bytes, state: Cursor, changed: float | None) -> tuple[bool, str]:
        """Whether a document has stood for a while as it is, and what is remembered of it where it has not."""
        now = self._context.machine_now().timestamp()
        mark = hashlib.sha256(body).hexdigest()[:12]
        before, _, moment = state.tail.partition(" ")
        since = float(moment) if before == mark and moment.isdecimal() else now if changed is None else changed
        return abs(now - since) >= _TAIL_WAITS_S, f"{mark} {max(0, int(since))}"

    def _table(self, body: bytes, state: Cursor, changed: float | None) -> tuple[Table, str]:
        """The rows of CSV, and what is remembered of an end that waits.

        A last line without an end may be half of one ("2:03" of "2:03:51"): it is taken once it has stood for a while.
        """
        stood, tail = self._stood(body, state, changed)
        whole, more = (body, False) if stood else whole_lines(body)
        table = read_csv(whole, self._settings.delimiter, is_done=stood)
        if more:
            table = replace(table, notes=(*table.notes, "the last line has no end yet: it waits"))
        return table, tail if more or table.waits else ""

    def _document(
        self,
        body: bytes,
        state: Cursor,
        *,
        where: str,
        etag: str = "",
        modified: str = "",
        seen: str = "",
        changed: float | None = None,
        says_json: bool = False,
    ) -> _Document:
        own, tail = self._settings, ""
        try:
            if own.kind == "csv" and not (says_json and not own.format):
                table, tail = self._table(body, state, changed)
            else:
                table = read_json(body, own.rows)
            found = mapped(
                table,
                own.columns,
                race=own.race or self._context.name,
                splits=own.splits,
                statuses=own.statuses,
                tallies=own.tallies,
            )
        except Unavailable as error:
            raise Unavailable(f"{where}: {error}") from error
        if tail:  # to be seen again, whatever the host says of it
            etag = modified = seen = ""
        rows = found.results
        blocks = tuple(tuple(rows[start : start + _BLOCK]) for start in range(0, len(rows), _BLOCK))
        hashes = tuple(hashlib.sha256(_encode(block)).hexdigest()[:12] for block in blocks)
        return _Document(found, blocks, hashes, etag, modified, seen, tail)
