"""What is found when everything is looked at before the event."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from bot.core.model import Author


@dataclass(frozen=True, slots=True)
class Checkup:
    """What a platform says of one account when it is asked.

    Attributes:
        who: Whose account it is.
        facts: What there is to know: label and value, hostile text; the server's rules among them.
        advice: What a person should see to; empty where all is well.
        ahead: How far the platform's clock is ahead of ours, to a second; None where it does not say.
    """

    who: Author
    facts: tuple[tuple[str, str], ...] = ()
    advice: tuple[str, ...] = ()
    ahead: timedelta | None = None


class Outcome(StrEnum):
    """How a thing that was looked at is."""

    OK = "ok"
    NOTE = "note"  # a person should see to it; nothing fails
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        about: What, e.g. "account bluesky", "disk".
        said: One sentence; hostile text may stand in it.
        mend: What to do, "" where there is nothing to do.
        kind: Name of the error behind it ("Unauthorized"), "" where there is none.
    """

    about: str
    outcome: Outcome
    said: str
    mend: str = ""
    kind: str = ""


def ahead_of(date: str, now: datetime) -> timedelta | None:
    """How far a clock is ahead of ours by the Date header of its answer; None where it says none.

    Source: https://www.rfc-editor.org/rfc/rfc9110#name-date
    """
    try:
        there = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return there - now.replace(microsecond=0) if there.tzinfo else None
