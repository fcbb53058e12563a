"""Following Jetstream over reconnects: nothing skipped, nothing repeated for ever, no silence unnoticed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.errors import Unavailable
from bot.core.ports import StopSign
from bot.platforms.bluesky.connection import Connection
from bot.platforms.bluesky.gaps import Gap
from bot.platforms.bluesky.jetstream import Cursor, CursorTooOldError, Event, LostError, TooSlowError, Wire

_LOOK_S = 0.25  # how long a set stop flag may stay unseen
_STALE_US = 3_000_000  # servers see an event within seconds of each other
_GAP_US = 60_000_000  # the network says something every second: a longer leap is no silence
_MOST_TRIES = 6
_LONGEST_WAIT_S = 30.0
_STEADY_S = 10.0  # a connection that lasted this long was no failed try


@dataclass(frozen=True, slots=True)
class Pace:
    """How the tail reads and how patient it is.

    Attributes:
        batch_events: The most events in a burst.
        batch_wait_s: How long a burst waits for more after its first event.
        silence_s: A connection without an event for this long is given up.
        retry_s: The first wait after a failure; each further one is twice as long.
    """

    batch_events: int = 2_000
    batch_wait_s: float = 0.02
    silence_s: float = 60.0
    retry_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Burst:
    """What came together.

    Attributes:
        events: In the server's order; empty where time passed without any.
        cursor: Where the last of them stands.
        note: What an operator should know; "" mostly.
    """

    events: list[Event]
    cursor: Cursor
    note: str = ""


class Tail:
    """Reads events from a cursor on.

    Args:
        wire: Whom to read from.
        cursor: Where to start.
        pace: How to read.
        monotonic: Seconds that only grow, for patience.
        now_us: Microseconds since 1970, for a tail that starts at "now".

    Attributes:
        gaps: Spans that the server did not give us, oldest first; whoever reads the bursts takes them away. Those of the first
            contact, which reaches back to nowhere, begin where they end.
    """

    def __init__(
        self, wire: Wire, cursor: Cursor, pace: Pace, monotonic: Callable[[], float], now_us: Callable[[], int]
    ) -> None:
        self._wire = wire
        self._cursor = cursor
        self._pace = pace
        self._monotonic = monotonic
        self._now_us = now_us
        self._notes: list[str] = []
        self._by_time = False
        self._known_us = 0  # where we stood when the connection was made, until its first event
        self.gaps: list[Gap] = []

    def follow(self, stop: StopSign) -> Iterator[Burst]:
        """Bursts until `stop` is set; an empty one at least every quarter of a second where nothing comes.

        Raises:
            Unavailable: Several tries in a row have failed; the cursor stands.
            Rejected: The server will never take what we ask.
        """
        failures = 0
        connection = Connection(self._wire)
        try:
            while not stop.is_set():
                before, since = self._cursor, self._monotonic()
                try:
                    connection.start(self._position())
                    while not connection.is_open(_LOOK_S):
                        yield Burst([], self._cursor)
                        if stop.is_set():
                            return
                    self._start()
                    yield from self._bursts(connection, stop)
                except CursorTooOldError as error:
                    self._step_back(str(error))
                except (LostError, TooSlowError) as error:
                    steady = self._cursor != before or self._monotonic() - since > _STEADY_S
                    failures = 1 if steady else failures + 1
                    if failures >= _MOST_TRIES:
                        raise Unavailable(f"{error} ({failures} tries)") from error
                    yield from self._rest(stop, failures, str(error))
                connection.drop()
        finally:
            connection.close()

    def _start(self) -> None:
        self._known_us = self._known_us or self._cursor.us
        if self._cursor == Cursor():
            # From here on a broken connection must not skip what came before its first event.
            now_us = self._now_us()
            self._cursor = Cursor(now_us)
            self.gaps.append(Gap(_moment(self._known_us or now_us), _moment(now_us)))
            self._known_us = 0

    def _position(self) -> int:
        cursor = self._cursor
        if not cursor.us and not cursor.seq:
            return 0
        if not self._wire.is_v1 and cursor.seq and cursor.host == self._wire.host and not self._by_time:
            return cursor.seq
        # Another server's numbers say nothing, and its clock is its own: a little is read again, and known posts stay one.
        same_v1 = self._wire.is_v1 and cursor.host == self._wire.host
        return max(10**15, cursor.us if same_v1 else cursor.us - _STALE_US)

    def _step_back(self, said: str) -> None:
        if self._by_time or not self._cursor.us:
            self._notes.append(f"{said}: went on from now; what lies between is not read")
            self._known_us = self._cursor.us
            self._cursor = Cursor()
        else:
            self._notes.append(f"{said}: went on from the cursor's time")
            self._by_time = True

    def _rest(self, stop: StopSign, failures: int, said: str) -> Iterator[Burst]:
        left = min(_LONGEST_WAIT_S, self._pace.retry_s * 2 ** (failures - 1)) if failures > 1 else 0.0
        yield Burst([], self._cursor, f"{said}: try {failures + 1} of {_MOST_TRIES} in {left:g} s")
        while left > 0 and not stop.wait(min(left, _LOOK_S)):
            left -= _LOOK_S
            yield Burst([], self._cursor)

    def _bursts(self, connection: Connection, stop: StopSign) -> Iterator[Burst]:
        pace = self._pace
        heard_at = self._monotonic()
        while not stop.is_set():
            frames = connection.read(min(_LOOK_S, pace.silence_s), pace.batch_wait_s, pace.batch_events)
            events, over = self._decode(frames)
            now = self._monotonic()
            # Only events that move the cursor are progress: a server that repeats what we know for ever is silent.
            if self._advance(events):
                heard_at = now
            elif now - heard_at >= pace.silence_s and over is None:
                self._notes.append(f"connected, but silent for {now - heard_at:.0f} s: connected again")
                return
            if events or self._notes or not frames:
                yield Burst(events, self._cursor, self._take_note())
            if over is not None:
                raise over

    def _decode(self, frames: list[bytes]) -> tuple[list[Event], Exception | None]:
        decode = self._wire.decode
        seq = 0 if self._by_time else self._cursor.seq
        seq = seq if self._cursor.host == self._wire.host and not self._wire.is_v1 else 0
        events: list[Event] = []
        over: Exception | None = None
        broken = 0
        for frame in frames:
            try:
                event = decode(frame)
            except (TooSlowError, LostError) as error:
                over = error
                break
            except ValueError:
                broken += 1
                continue
            if event.type.endswith("#info"):
                over = self._advised(event)
                if over is not None:
                    break  # what follows is from another place than we asked for
            elif not event.seq or event.seq > seq:
                events.append(event)
                seq = event.seq
        if broken:
            self._notes.append(f"{broken} frames could not be read and were left out")
        return events, over

    def _advised(self, event: Event) -> Exception | None:
        said = event.message or event.name
        if event.name == "FutureCursor" and not self._by_time:
            # The numbers are of another archive: the server went on from now, so start over from the time.
            return CursorTooOldError(f"the cursor's number is not of this archive ({said[:200]})")
        if event.name == "OutdatedCursor":
            self._notes.append(f"events may have been missed: {said[:200]}")
        return None

    def _advance(self, events: list[Event]) -> bool:
        before = self._cursor
        for event in reversed(events):
            us = event.us
            if us:
                self._cursor = Cursor(us, event.seq, self._wire.host)
                self._by_time = False
                self._leap(events)
                break
        return self._cursor != before

    def _leap(self, events: list[Event]) -> None:
        """A first event long after where we stood: the server no longer had what lies between, whether it says so or not."""
        known_us, self._known_us = self._known_us, 0
        first_us = next((event.us for event in events if event.us), 0)
        if known_us and first_us - known_us > _GAP_US:
            self.gaps.append(Gap(_moment(known_us), _moment(first_us)))

    def _take_note(self) -> str:
        notes = "; ".join(dict.fromkeys(self._notes))
        self._notes.clear()
        return notes


def _moment(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1_000_000, UTC)
