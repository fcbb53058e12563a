"""Times as people write and read them: in the event's zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.cli.ends import mistyped
from bot.core.durations import parse_duration, write_duration

_HOW = "write 2h, 14:00, 2016-04-24T14:00 or 2016-04-24T14:00+01:00"


class Zone:
    """The event's zone.

    Args:
        name: An IANA zone.
        now: Event time.
    """

    def __init__(self, name: str, now: datetime) -> None:
        self._tz = ZoneInfo(name)
        self._now = now.astimezone(self._tz)

    def clock(self, at: datetime) -> str:
        """`13:02:11 BST`, with the date in front where it is not today's."""
        local = at.astimezone(self._tz)
        day = "" if local.date() == self._now.date() else f"{local:%Y-%m-%d} "
        return f"{day}{local:%H:%M:%S} {local.tzname()}"

    def minute(self, at: datetime) -> str:
        """`13:02 BST`, with the date in front where it is not today's."""
        local = at.astimezone(self._tz)
        day = "" if local.date() == self._now.date() else f"{local:%Y-%m-%d} "
        return f"{day}{local:%H:%M} {local.tzname()}"

    def past(self, text: str, option: str) -> datetime:
        """Read a time that lies behind: a duration counts back, a time of day is the last one.

        Raises:
            typer.BadParameter: It is no time.
        """
        at = self._read(text, option, back=True)
        return at - timedelta(days=1) if _is_time(text) and at > self._now.astimezone(UTC) else at

    def coming(self, text: str, option: str) -> datetime:
        """Read a time that lies ahead: a duration counts from now, a time of day is today's.

        Raises:
            typer.BadParameter: It is no time.
        """
        return self._read(text, option, back=False)

    def _read(self, text: str, option: str, *, back: bool) -> datetime:
        given = text.strip()
        try:
            length = parse_duration(given.removeprefix("in ").removeprefix("+"))
        except ValueError:
            length = None
        try:
            if length is not None:
                return (self._now - length if back else self._now + length).astimezone(UTC)
            if _is_time(given):
                local = datetime.combine(self._now.date(), time.fromisoformat(given), self._tz)
            else:
                local = datetime.fromisoformat(given)
            return (local if local.tzinfo else local.replace(tzinfo=self._tz)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise mistyped(option, f"{text!r} is not a time: {_HOW}") from None


def _is_time(text: str) -> bool:
    try:
        return time.fromisoformat(text.strip()).tzinfo is None and ":" in text
    except ValueError:
        return False


def length(given: str, option: str) -> timedelta:
    """Read a length of time.

    Raises:
        typer.BadParameter: It is none.
    """
    try:
        return parse_duration(given)
    except ValueError as error:
        raise mistyped(option, str(error)) from None


def ago(at: datetime, now: datetime) -> str:
    """`2m5s ago`, or `in 30s`."""
    seconds = timedelta(seconds=round((now - at).total_seconds()))
    return f"in {write_duration(seconds)}" if seconds < timedelta(0) else f"{write_duration(seconds)} ago"
