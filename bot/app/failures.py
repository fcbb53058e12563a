"""Steps that fail, kept in the store: `status` says so in any process until the step goes well again.

Each process writes down its own failures, so that one machine's luck is not another's: the page can be drawn here and not there.
Of a step that only the holder of a lease does, the holder speaks for all.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.app.processes import is_dead
from bot.core.errors import StoreError
from bot.store import marks
from bot.store.database import Database, Transaction

_MARK = "failing steps"
_LONGEST_CHARS = 300
_LOOK = timedelta(seconds=10)  # so long a step that goes well may not know that another process noted it
_AGAIN = timedelta(hours=1)  # a failure that goes on is confirmed so often
_LEFT = timedelta(days=1)  # one that nobody confirmed for so long is over, or its machine is gone
_log = structlog.get_logger("milepost")

_Kept = dict[str, dict[str, dict[str, str]]]  # process -> step -> reason, since, at


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
    """Writes down which steps fail; writes only where that changes.

    Args:
        process: Whose failures these are; `processes.is_dead` understands it.
    """

    def __init__(self, database: Database, machine_now: Callable[[], datetime], process: str) -> None:
        self._database = database
        self._machine_now = machine_now
        self._process = process
        self._noted: set[str] = set()  # steps that any process notes, at the last look
        self._looked_at: datetime | None = None

    def begin(self, steps: Collection[str]) -> None:
        """At a start: take over what dead processes left, and drop what no step of these can ever clear.

        Args:
            steps: The names of all there are.
        """
        try:
            with self._database.read() as tx:
                if not _read(tx):
                    return
            with self._database.begin(silent=True) as tx:
                tx.alone("fails")
                _write(tx, self._taken_over(_read(tx), steps))
        except StoreError as error:
            _log.warning("earlier failures could not be looked at", reason=str(error))

    def _taken_over(self, found: _Kept, steps: Collection[str]) -> _Kept:
        oldest = (self._machine_now() - _LEFT).isoformat()
        kept: _Kept = {}
        for process, failures in found.items():
            is_over = self._database.is_sqlite or is_dead(process)  # on SQLite there is one daemon, and it is this one
            owner = kept.setdefault(self._process if is_over else process, {})
            for step, one in failures.items():
                before = owner.get(step)
                if step in steps and one["at"] > oldest and (before is None or one["since"] < before["since"]):
                    owner[step] = one
        return kept

    def failed(self, step: str, reason: str) -> None:
        """Keep that a step failed, and why."""
        reason = " ".join(reason.split())[:_LONGEST_CHARS]
        try:
            with self._database.read() as tx:
                last = _read(tx).get(self._process, {}).get(step)
            now = self._machine_now()
            if last and last["reason"] == reason and now - datetime.fromisoformat(last["at"]) < _AGAIN:
                return
            with self._database.begin(silent=True) as tx:
                tx.alone("fails")
                found = _read(tx)
                mine = found.setdefault(self._process, {})
                since = mine.get(step, {}).get("since", now.isoformat())
                mine[step] = {"reason": reason, "since": since, "at": now.isoformat()}
                _write(tx, found)
        except StoreError as error:  # often the very reason why the step failed
            _log.warning("a failure could not be kept", step=step, reason=str(error))
        else:
            self._noted.add(step)

    def went_well(self, step: str, *, for_all: bool) -> None:
        """Forget that a step failed.

        Args:
            for_all: Whether this process alone may do it: then it is over, whoever noted it.
        """
        try:
            self._look()
            if step not in self._noted:
                return
            with self._database.begin(silent=True) as tx:
                tx.alone("fails")
                found = _read(tx)
                for process in found if for_all else {self._process} & found.keys():
                    found[process].pop(step, None)
                _write(tx, found)
        except StoreError as error:
            _log.warning("the end of a failure could not be kept", step=step, reason=str(error))
        else:
            self._noted.discard(step)

    def _look(self) -> None:
        now = self._machine_now()
        if self._looked_at is not None and now - self._looked_at < _LOOK:
            return
        with self._database.read() as tx:
            self._noted = {step for failures in _read(tx).values() for step in failures}
        self._looked_at = now


def _read(tx: Transaction) -> _Kept:
    return dict(json.loads(marks.get(tx, _MARK) or "{}"))


def _write(tx: Transaction, found: _Kept) -> None:
    left = {process: failures for process, failures in found.items() if failures}
    marks.put(tx, _MARK, json.dumps(left) if left else "")


def failing(tx: Transaction) -> list[Failing]:
    """The steps that failed last time, in the order of their names; each reason once."""
    since: dict[tuple[str, str], str] = {}
    for failures in _read(tx).values():
        for step, one in failures.items():
            key = step, one["reason"]
            since[key] = min(one["since"], since.get(key, one["since"]))
    return [Failing(step, reason, datetime.fromisoformat(at)) for (step, reason), at in sorted(since.items())]
