"""The `replay` source: any recorded day once more, in real or in faster time.

A recording (`core.recording`) has one line for each batch. Two clocks are possible:

- `shift = true` (the default): the event clock is the real one. The first line is due at first contact, and every later one as
  much later as it was on the day, divided by `speed`. All times of a line are moved by the same amount, so that a post that
  came 20 minutes late comes 20 minutes late again.
- `shift = false`: the event clock itself is rehearsed (the app lets it run in the recording's own time, as fast as it likes). A
  line is due when that clock has passed its `at`; no time is changed.

Either way `speed = 0` means everything at once. A recording has no baseline: what it brings is told however old it is.
"""

import os
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar, Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.core.errors import Unavailable
from bot.core.model import Author, Batch, Gone, Media, Post
from bot.core.ports import PlatformContext
from bot.core.recording import Recorded, decode_line
from bot.core.stories.pictures import MOST_BYTES

_POSTS_PER_FETCH = 500
_MAX_LINE_BYTES = 64_000_000
_MAX_NOTES = 3


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where we left off.

    Attributes:
        offset: Bytes read.
        line: Lines read.
        base: Event time of first contact.
        first: `at` of the recording's first good line; None while none was found.
        platforms: Platform of each recorded source, as its posts said.
    """

    base: datetime
    offset: int = 0
    line: int = 0
    first: datetime | None = None
    platforms: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the file.

    Attributes:
        number: 1-based.
        end: Byte after it.
        recorded: None where it is broken or empty.
        fault: Why it is broken; "" where it is not.
    """

    number: int
    end: int
    recorded: Recorded | None = None
    fault: str = ""


class ReplaySource:
    """A recording as a source. Posts keep the platform that they were recorded from."""

    secrets: ClassVar[tuple[str, ...]] = ()
    platform: ClassVar[str] = ""  # every post and tombstone says its own
    has_baseline: ClassVar[bool] = False

    class Settings(BaseModel):
        """[[source]] of kind "replay".

        Attributes:
            file: The recording, relative to the configuration file.
            speed: How many times faster than on the day; 0 brings everything at once.
            shift: Whether the recorded day is moved to now; false where the event clock itself is rehearsed.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        file: Path
        speed: float = Field(default=1.0, ge=0, le=100_000, allow_inf_nan=False)
        shift: bool = True

        @model_validator(mode="after")
        def _has_one_clock(self) -> Self:
            if not self.shift and self.speed not in {0, 1}:
                raise ValueError(
                    "with shift = false the event clock sets the pace: leave speed out, or write speed = 0"
                )
            return self

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._path = Path(context.folder, settings.file)

    def fetch(self, cursor: str) -> Batch:
        """The lines that are due, as one batch; `more` where further lines are.

        A broken line is left out with a note "file:line: reason"; a last line without its line end is waited for while it is
        broken, for somebody may still be writing it.

        Raises:
            Unavailable: The file is missing, cannot be read, or is shorter than what was read from it.
        """
        now = self._context.now()
        state = self._state(cursor, now)
        batches: list[Batch] = []
        faults: list[str] = []
        count, more = 0, False
        with self._open(state.offset) as file:
            for line in _lines(file, state.offset, state.line):
                if line.recorded is not None:
                    if count >= _POSTS_PER_FETCH:
                        more = self._due(line.recorded, state, now) <= now
                        break
                    state = state if state.first else msgspec.structs.replace(state, first=line.recorded.at)
                    due = self._due(line.recorded, state, now)
                    if due > now:
                        break
                    state = msgspec.structs.replace(state, platforms=_platforms(state.platforms, line.recorded))
                    batches.append(self._moved(line.recorded, due, state.platforms.get(line.recorded.source, "")))
                    count += len(batches[-1].posts) + len(batches[-1].results)
                elif line.fault:
                    faults.append(f"{self._settings.file}:{line.number}: {line.fault}")
                state = msgspec.structs.replace(state, offset=line.end, line=line.number)
        self._context.memory.put("base", f"{state.base.isoformat()} {state.first.isoformat() if state.first else ''}")
        return Batch(
            posts=tuple(post for batch in batches for post in batch.posts),
            cursor=msgspec.json.encode(state).decode(),
            gone=tuple(gone for batch in batches for gone in batch.gone),
            gone_authors=tuple(gone for batch in batches for gone in batch.gone_authors),
            back_authors=tuple(author for batch in batches for author in batch.back_authors),
            results=tuple(result for batch in batches for result in batch.results),
            tallies=tuple(tally for batch in batches for tally in batch.tallies),
            more=more,
            note=_note(faults),
        )

    def shows(self, media: Media) -> bool:
        """Whether this is a picture that lies in the recording's folder: a replay needs no network."""
        return self._file_of(media) is not None

    def picture(self, media: Media) -> bytes:
        """The bytes of a picture that lies in the recording's folder.

        Raises:
            Unavailable: It is not there, or too large.
        """
        path = self._file_of(media)
        if path is None:
            raise Unavailable(f"{media.url[:200]!r} is no picture in the recording's folder")
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise Unavailable(f"{media.url[:200]!r} cannot be read ({error.strerror})") from error
        if len(content) > MOST_BYTES:
            raise Unavailable(f"{media.url[:200]!r} has more than {MOST_BYTES} bytes")
        return content

    def _file_of(self, media: Media) -> Path | None:
        """The file that a recording names; None where it names none inside its own folder."""
        if not media.url or "://" in media.url or media.url.startswith("data:"):
            return None
        folder = self._path.parent
        try:
            path = (folder / media.url).resolve()
            return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
        except (OSError, ValueError, RuntimeError):  # a name that no file can have, a circle of links
            return None

    def missing(self, ids: Sequence[str]) -> AbstractSet[str]:
        """The posts whose tombstone is due already.

        Raises:
            Unavailable: As `fetch`.
        """
        wanted = set(ids)
        now = self._context.now()
        base, _, first = self._context.memory.get("base").partition(" ")
        if not wanted or not base or not first:
            return frozenset()
        state = Cursor(base=datetime.fromisoformat(base), first=datetime.fromisoformat(first))
        found: set[str] = set()
        with self._open(0) as file:
            for line in _lines(file, 0, 0):
                if line.recorded is None or not line.recorded.batch.gone:
                    continue
                if self._due(line.recorded, state, now) > now:
                    break
                found.update(gone.id for gone in line.recorded.batch.gone)
        return wanted & found

    def _state(self, cursor: str, now: datetime) -> Cursor:
        try:
            return msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor(base=now)
        except ValueError as error:
            raise Unavailable(
                f"{self._settings.file}: the cursor {cursor[:80]!r} is none of ours ({error}): give the source another name to begin again"
            ) from error

    def _open(self, offset: int) -> BinaryIO:
        try:
            file = self._path.open("rb")
        except OSError as error:
            raise Unavailable(
                f"{self._settings.file}: no recording to read ({error.strerror}): write one with `run --record FILE`, or correct `file`"
            ) from error
        size = os.fstat(file.fileno()).st_size
        if size < offset:
            file.close()
            raise Unavailable(
                f"{self._settings.file}: has {size} bytes, but {offset} were read before: it was replaced; give the source another name to begin again"
            )
        file.seek(offset)
        return file

    def _due(self, recorded: Recorded, state: Cursor, now: datetime) -> datetime:
        if not self._settings.shift:
            return recorded.at if self._settings.speed else min(recorded.at, now)
        if not self._settings.speed or state.first is None:
            return min(state.base, now)
        try:
            return state.base + (recorded.at - state.first) / self._settings.speed
        except OverflowError:
            return datetime.max.replace(tzinfo=UTC)

    def _moved(self, recorded: Recorded, due: datetime, platform: str) -> Batch:
        """The batch as if it came at `due`, from this source."""
        by = due - recorded.at if self._settings.shift else timedelta(0)
        batch = recorded.batch
        return replace(
            batch,
            posts=tuple(self._moved_post(post, by, due) for post in batch.posts),
            gone=tuple(_moved_gone(gone, by, due, platform) for gone in batch.gone),
            gone_authors=tuple(_moved_gone(gone, by, due, platform) for gone in batch.gone_authors),
        )

    def _moved_post(self, post: Post, by: timedelta, due: datetime) -> Post:
        return msgspec.structs.replace(
            post,
            source=self._context.name,
            created_at=min(_later(post.created_at, by), due),
            seen_at=due,
            author=_moved_author(post.author, by),
        )


def _lines(file: BinaryIO, offset: int, number: int) -> Iterator[_Line]:
    """Every complete line from here on; a last line without an end only where it can be read."""
    while raw := file.readline(_MAX_LINE_BYTES):
        whole = raw.endswith(b"\n")
        size = len(raw)
        while not whole and size >= _MAX_LINE_BYTES and (rest := file.readline(_MAX_LINE_BYTES)):
            size += len(rest)
            whole = rest.endswith(b"\n")
        offset, number = offset + size, number + 1
        if size > _MAX_LINE_BYTES:
            yield _Line(number, offset, fault=f"longer than {_MAX_LINE_BYTES} bytes")
            continue
        if not raw.strip():
            if whole:
                yield _Line(number, offset)
            continue
        try:
            recorded = decode_line(raw)
            _check_times(recorded)
        except (ValueError, RecursionError) as error:
            if not whole:
                return
            yield _Line(number, offset, fault=str(error)[:200])
            continue
        yield _Line(number, offset, recorded)


def _check_times(recorded: Recorded) -> None:
    batch = recorded.batch
    moments = [recorded.at]
    moments += [
        moment for post in batch.posts for moment in (post.created_at, post.seen_at, post.author.created_at) if moment
    ]
    moments += [gone.at for gone in (*batch.gone, *batch.gone_authors)]
    if any(moment.tzinfo is None for moment in moments):
        raise ValueError("a time without a zone: write 2016-04-24T09:00:00Z")


def _platforms(known: dict[str, str], recorded: Recorded) -> dict[str, str]:
    if not recorded.batch.posts or known.get(recorded.source) == recorded.batch.posts[-1].platform:
        return known
    return {**known, recorded.source: recorded.batch.posts[-1].platform}


def _moved_gone(gone: Gone, by: timedelta, due: datetime, platform: str) -> Gone:
    return msgspec.structs.replace(gone, at=min(_later(gone.at, by), due), platform=gone.platform or platform)


def _moved_author(author: Author, by: timedelta) -> Author:
    return (
        author
        if author.created_at is None
        else msgspec.structs.replace(author, created_at=_later(author.created_at, by))
    )


def _later(moment: datetime, by: timedelta) -> datetime:
    try:
        return (moment + by).astimezone(UTC)
    except OverflowError:
        return moment.astimezone(UTC)


def _note(faults: Sequence[str]) -> str:
    shown = "; ".join(faults[:_MAX_NOTES])
    return f"{shown}; and {len(faults) - _MAX_NOTES} more" if len(faults) > _MAX_NOTES else shown
