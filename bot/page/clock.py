"""How readers are told a time: "14:20 BST", and in full where it can be asked for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

# Keyed with the offset, because one abbreviation names several zones (IST: India, Ireland, Israel).
_LONG_NAMES = {
    ("UTC", 0): "Coordinated Universal Time",
    ("GMT", 0): "Greenwich Mean Time",
    ("WET", 0): "Western European Time",
    ("BST", 60): "British Summer Time",
    ("IST", 60): "Irish Standard Time",
    ("WEST", 60): "Western European Summer Time",
    ("CET", 60): "Central European Time",
    ("CEST", 120): "Central European Summer Time",
    ("EET", 120): "Eastern European Time",
    ("EEST", 180): "Eastern European Summer Time",
    ("SAST", 120): "South Africa Standard Time",
    ("EAT", 180): "East Africa Time",
    ("MSK", 180): "Moscow Time",
    ("IST", 330): "India Standard Time",
    ("CST", 480): "China Standard Time",
    ("HKT", 480): "Hong Kong Time",
    ("JST", 540): "Japan Standard Time",
    ("KST", 540): "Korea Standard Time",
    ("AWST", 480): "Australian Western Standard Time",
    ("AEST", 600): "Australian Eastern Standard Time",
    ("AEDT", 660): "Australian Eastern Daylight Time",
    ("NZST", 720): "New Zealand Standard Time",
    ("NZDT", 780): "New Zealand Daylight Time",
    ("AST", -240): "Atlantic Standard Time",
    ("ADT", -180): "Atlantic Daylight Time",
    ("EST", -300): "Eastern Standard Time",
    ("EDT", -240): "Eastern Daylight Time",
    ("CST", -360): "Central Standard Time",
    ("CDT", -300): "Central Daylight Time",
    ("MST", -420): "Mountain Standard Time",
    ("MDT", -360): "Mountain Daylight Time",
    ("PST", -480): "Pacific Standard Time",
    ("PDT", -420): "Pacific Daylight Time",
}

# Own tables: `strftime` would follow the machine's locale, and the same view must give the same bytes everywhere.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Shown:
    """One instant as readers see it.

    Attributes:
        iso: UTC, RFC 3339, whole seconds: "2016-04-24T13:20:00Z".
        millis: Milliseconds since 1970: what an open page sorts by.
        short: "14:20 BST".
        full: "14:20 British Summer Time, 24 April 2016".
        day: "Sunday 24 April 2016".
    """

    iso: str
    millis: int
    short: str
    full: str
    day: str


def show(at: datetime, zone: str) -> Shown:
    """Say an instant in a zone.

    Args:
        at: Aware, in any zone.
        zone: IANA name. A zone without letters of its own ("-03") is said by its offset ("UTC-3"), in full by its name.
    """
    local = at.astimezone(ZoneInfo(zone))
    abbreviation, minutes = _abbreviation(local)
    long_name = _LONG_NAMES.get((abbreviation, minutes), f"{zone} time")
    date = f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    clock = f"{local.hour:02}:{local.minute:02}"
    return Shown(
        iso=rfc3339(at),
        millis=int(at.timestamp() * 1000),
        short=f"{clock} {abbreviation}",
        full=f"{clock} {long_name}, {date}",
        day=f"{_DAYS[local.weekday()]} {date}",
    )


def rfc3339(at: datetime) -> str:
    """UTC in whole seconds, as Atom, JSON Feed and `<time datetime>` take it."""
    return f"{at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def _abbreviation(local: datetime) -> tuple[str, int]:
    offset = local.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    name = local.tzname() or ""
    if name.isalpha():
        return name, minutes
    sign = "+" if minutes >= 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}", minutes
