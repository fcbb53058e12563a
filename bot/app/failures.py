"""Steps that fail, kept in the store: `status` says so in any process until the step goes well again."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.core.errors import StoreError
from bot.store import marks
from bot.store.database import Database, Transaction

_MARK = "failing"
_LONGEST_CHARS = 300
_log = structlog.get_logger("milepost")


@dataclass(frozen=True, slots=True)
class Failing:
    """A step that does not go well.

    Attributes:
        reason: Of its last failure, on one line.
        since: Machine time of the first failure in a row.
    """

    step: str
    reason: str
    since: datetime


class Failures:
    """Writes down which steps fail; asks and writes only where that changes."""

    def __init__(self, database: Database, machine_now: Callable[[], datetime]) -> None:
        self._database = database
        self._machine_now = machine_now
        self._kept: dict[str, str] = {}

    def note(self, step: str, reason: str) -> None:
        """Keep how a step ended.

        Args:
            reason: Why it failed; "" where it went well.
        """
        reason = " ".join(reason.split())[:_LONGEST_CHARS]
        if self._kept.get(step) == reason:
            return
        try:
            self._keep(step, reason)
        except StoreError as error:  # often the very reason why the step failed
            _log.warning("a failure could not be kept", step=step, reason=str(error))
        else:
            self._kept[step] = reason

    def _keep(self, step: str, reason: str) -> None:
        if not reason:
            with self._database.read() as tx:
                if step not in _read(tx):
                    return
        with self._database.begin(silent=True) as tx:
            tx.alone("fails")
            found = _read(tx)
            since = found.pop(step, {}).get("since", self._machine_now().isoformat())
            if reason:
                found[step] = {"reason": reason, "since": since}
            marks.put(tx, _MARK, json.dumps(found) if found else "")


def _read(tx: Transaction) -> dict[str, dict[str, str]]:
    return dict(json.loads(marks.get(tx, _MARK) or "{}"))


def failing(tx: Transaction) -> list[Failing]:
    """The steps that failed last time, in the order of their names."""
    found = sorted(_read(tx).items())
    return [Failing(step, one["reason"], datetime.fromisoformat(one["since"])) for step, one in found]
