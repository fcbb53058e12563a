"""Turns: no step runs twice at once, in one process or among the machines that share a store."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from bot.app.processes import is_dead
from bot.core.errors import StoreError
from bot.store import leases
from bot.store.database import Database, Transaction

_LEASE = timedelta(seconds=90)
_log = structlog.get_logger("milepost")


class Turns:
    """Locks within this process, leases among machines. On SQLite there is one daemon, so locks are enough.

    Args:
        holder: Name of this process; `processes.is_dead` understands it.
        machine_now: Leases run out by machine time.
    """

    def __init__(self, database: Database, holder: str, machine_now: Callable[[], datetime]) -> None:
        self._database = database
        self._holder = holder
        self._machine_now = machine_now
        self._locks: dict[str, threading.Lock] = {}
        self._locks_lock = threading.Lock()
        self._leases: dict[str, datetime] = {}
        self._asked = threading.local()

    def ask_nothing(self) -> None:
        """Forget, in this thread, whose turn it was."""
        self._asked.was_mine = None

    @property
    def was_mine(self) -> bool | None:
        """Whose turn it was when this thread last asked by `alone`: True for ours, None where it has not asked."""
        return getattr(self._asked, "was_mine", None)

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """Run a step alone: True where this process may, False where another holds the lease."""
        with self._locks_lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            mine = self._asked.was_mine = self.mine(name)
            yield mine

    def mine(self, name: str) -> bool:
        """Whether this process may run a step now and for half a lease longer; asks the store only when it must.

        What a process of this machine that is no more has left is taken over at once, so that a restart need not wait.
        """
        if self._database.is_sqlite:
            return True
        now = self._machine_now()
        if self._leases.get(name, now) - now > _LEASE / 2:
            return True
        with self._database.begin(silent=True) as tx:
            mine = leases.take(tx, name, self._holder, now, _LEASE)
            if not mine and is_dead(other := leases.holder_of(tx, name, now)):
                leases.end(tx, name, other)
                mine = leases.take(tx, name, self._holder, now, _LEASE)
        if mine:
            self._leases[name] = now + _LEASE
        else:
            self._leases.pop(name, None)
        return mine

    def holds(self, tx: Transaction, name: str) -> bool:
        """Whether this process holds a lease in this very transaction: the fence before what cannot be undone."""
        if self._database.is_sqlite or leases.holder_of(tx, name, self._machine_now()) == self._holder:
            return True
        self._leases.pop(name, None)  # lost unawares: `mine` asks the store again, and the step ends
        return False

    def is_taken(self, name: str) -> bool:
        """Whether anybody holds a lease now."""
        with self._database.read() as tx:
            return bool(leases.holder_of(tx, name, self._machine_now()))

    def give_back(self) -> None:
        """Give back every lease: the next one need not wait."""
        if self._database.is_sqlite or not self._leases:
            return
        try:
            with self._database.begin() as tx:
                leases.give_back(tx, self._holder)
        except StoreError as error:
            _log.warning("leases not given back", reason=str(error))
