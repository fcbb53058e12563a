"""The clock: when each step runs; stops gently.

Every step has a thread that sleeps until its bell rings. APScheduler rings the bells at their intervals, as a safety net; a
step that has made work for the next one rings it at once; what another process commits rings all of them. So a step never
runs twice at once, a missed tick costs nothing, and there is no queue that could be lost. May import `app` and `core`.

To add a step: one line in `_fixed_steps`, or in `_steps` and `_names` where each source or account has its own.
"""

import gc
import threading
import time
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import TypeVar

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from bot.app.hall import App
from bot.core.errors import MilepostError

_REST_S = 2.0
_log = structlog.get_logger("milepost")
_T = TypeVar("_T")


class _Worker:
    """One step: a bell and the thread that answers it."""

    def __init__(self, name: str, step: Callable[[], object], stop: threading.Event) -> None:
        self.name = name
        self._step = step
        self._stop = stop
        self._bell = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"step {name}", daemon=True)
        self._wake_at: float | None = None

    def start(self) -> None:
        self._thread.start()

    def ring(self) -> None:
        self._bell.set()

    def ring_in(self, seconds: float) -> None:
        """Ring by itself after a while, unless it is rung before."""
        self._wake_at = time.monotonic() + max(0.05, seconds)

    def join(self, timeout_s: float) -> bool:
        self._bell.set()
        self._thread.join(max(0.0, timeout_s))
        return not self._thread.is_alive()

    def _work(self) -> None:
        while not self._stop.is_set():
            left = None if self._wake_at is None else max(0.0, self._wake_at - time.monotonic())
            self._bell.wait(left)
            self._bell.clear()
            self._wake_at = None
            if not self._stop.is_set():
                self._step()


def _settle_memory() -> None:
    """Leave what stays (modules, rules, the story index) out of every search for garbage.

    Searching all of it for cycles would stop every thread for tenths of a second again and again. Most of what a step makes
    goes without a search; the cycles among the rest are young and few.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 1_000)


class Daemon:
    """Runs an App until it is told to stop."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stop = threading.Event()
        self._workers: dict[str, _Worker] = {}
        self._threads: list[threading.Thread] = []
        self._is_settled = False
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(2)},
            # a bell that was not rung in time is rung late, once: the default drops it after one second
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def _fixed_steps(self) -> list[tuple[str, Callable[[], object], float]]:
        """As `_steps`, those that every house has."""
        app = self._app
        return [
            ("adopt", self._adopt, 0.5),
            ("curate", self._curate, 5),
            ("examine", self._examine, 5),
            ("announce", self._announce, 0.25),
            ("refresh", self._refresh, 5),
            ("ping", lambda: self._run("ping", app.ping), 5),
            ("checkpoint", lambda: self._run("checkpoint", app.checkpoint), 1),
            ("notice_config", lambda: self._run("notice_config", app.notice_config), 2),
            ("alert", lambda: self._run("alert", app.alert), 5),
            ("forget", lambda: self._run("forget", app.forget), 3600),
        ]

    def _steps(self) -> list[tuple[str, Callable[[], object], float]]:
        """Name, step, and seconds between two rings of the clock."""
        app = self._app
        sweep_s = app.settings.publish.sweep_every.total_seconds()
        steps = self._fixed_steps()
        for name, unit in app.sources.items():
            steps.append((f"collect:{name}", self._collect(name), unit.every.total_seconds()))
            steps.append((f"sweep:{name}", self._sweep(name), sweep_s))
        steps.extend((f"publish:{name}", self._publish(name), 5.0) for name in app.accounts)
        return steps

    def _names(self) -> set[str]:
        """Of everything that may be run as a step; no source or account is opened for it."""
        names = {"retry", *(name for name, _, _ in self._fixed_steps())}
        names |= {f"{kind}:{name}" for name in self._app.sources for kind in ("collect", "stream", "sweep")}
        return names | {f"publish:{name}" for name in self._app.accounts}

    def start(self) -> None:
        """Start every step; each runs once at once."""
        self._app.begin(self._names())
        self._app.run_step("retry", self._app.retry_refused)
        for name, step, seconds in self._steps():
            worker = _Worker(name, step, self._stop)
            self._workers[name] = worker
            self._scheduler.add_job(worker.ring, "interval", seconds=max(0.25, seconds), id=name)
        for worker in self._workers.values():
            worker.start()
            if not worker.name.startswith("sweep:"):
                worker.ring()
        for name, unit in self._app.sources.items():
            if unit.stream is not None:
                self._spawn(f"stream {name}", lambda name=name: self._follow(name))  # type: ignore[misc]
        self._spawn("watch", self._watch)
        self._scheduler.start()
        _log.info("started", sources=list(self._app.sources), accounts=list(self._app.accounts))

    def ring(self, step: str) -> None:
        """Ring a step's bell; "publish" and "collect" ring those of every account or source."""
        for name, worker in self._workers.items():
            if name == step or name.startswith(f"{step}:"):
                worker.ring()

    def stop(self, deadline_s: float = 4.0) -> bool:
        """Stop intake, let what runs end, and give up at the deadline; True where everything ended in time.

        Whatever is cut off is safe: deliveries in flight stay `sending` and are looked up at the next start.
        """
        end = time.monotonic() + deadline_s
        self._stop.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        ended = [worker.join(end - time.monotonic()) for worker in self._workers.values()]
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
            ended.append(not thread.is_alive())
        _log.info("stopped", in_time=all(ended))
        return all(ended)

    def run_once(self) -> None:
        """Run every step until nothing is left to do; needs no `start`. Streams are not followed."""
        app = self._app
        app.begin(self._names())
        app.run_step("adopt", lambda: app.adopt(at_once=True))
        for name in app.sources:
            app.run_step(f"collect:{name}", lambda name=name: app.collect(name))  # type: ignore[misc]
        for _ in range(1000):
            app.run_step("curate", app.curate)
            examined = app.run_step("examine", app.examine)
            if examined and (examined.seen or examined.failed):
                app.run_step("curate", app.curate)
            app.run_step("announce", app.announce)
            done = 0
            for name in app.accounts:
                published = app.run_step(f"publish:{name}", lambda name=name: app.publish(name))  # type: ignore[misc]
                done += published.done if published else 0
            refreshed = app.run_step("refresh", app.refresh)
            if not done and not (refreshed and refreshed.files):
                return

    def _run(self, name: str, step: Callable[[], _T]) -> _T | None:
        """Run a step; one that failed rests a while, so that its own bell does not drive it in circles."""
        found = self._app.run_step(name, step)
        if found is None:
            self._stop.wait(_REST_S)
        return found

    # -- the steps as the bells ring them ---------------------------------------------------------------------------

    def _collect(self, name: str) -> Callable[[], object]:
        def step() -> None:
            found = self._run(f"collect:{name}", lambda: self._app.collect(name))
            if found and (found.new or found.gone):
                self.ring("curate")

        return step

    def _sweep(self, name: str) -> Callable[[], object]:
        def step() -> None:
            if self._run(f"sweep:{name}", lambda: self._app.sweep(name)):
                self.ring("curate")

        return step

    def _adopt(self) -> None:
        found = self._run("adopt", self._app.adopt)
        if found and found.changed:
            self.ring("curate")
            self.ring("announce")

    def _curate(self) -> None:
        found = self._run("curate", self._app.curate)
        if not self._is_settled:
            self._is_settled = True
            _settle_memory()
        if found and found.put_off:
            self.ring("examine")
        if (until := self._app.curates_at) is not None:
            self._workers["curate"].ring_in((until - self._app.machine_now()).total_seconds())
        if found and found.told:
            self.ring("refresh")
            self.ring("publish")

    def _refresh(self) -> None:
        found = self._run("refresh", self._app.refresh)
        if found and found.files:
            self.ring("ping")

    def _examine(self) -> None:
        self._run("examine", lambda: self._app.examine(lambda: self.ring("curate"), self._stop.is_set))

    def _announce(self) -> None:
        found = self._run("announce", self._app.announce)
        if found and found.told:
            self.ring("refresh")
            self.ring("publish")

    def _publish(self, name: str) -> Callable[[], object]:
        def step() -> None:
            found = self._run(f"publish:{name}", lambda: self._app.publish(name))
            if found and found.wait_until is not None:
                left = found.wait_until - self._app.machine_now()
                self._workers[f"publish:{name}"].ring_in(min(left, timedelta(minutes=5)).total_seconds())

        return step

    def _spawn(self, name: str, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _follow(self, name: str) -> None:
        while not self._stop.is_set():
            self._app.run_step(
                f"stream:{name}", lambda: self._app.stream(name, self._stop, lambda: self.ring("curate"))
            )
            self._stop.wait(1.0)

    def _watch(self) -> None:
        """What another process commits (an approval, a pause) rings every bell within 200 ms."""
        while not self._stop.is_set():
            try:
                with self._app.watch() as watch:
                    while not self._stop.is_set():
                        if watch.changed(0.5):
                            for name in ("curate", "examine", "announce", "publish", "refresh"):
                                self.ring(name)
            except MilepostError as error:
                _log.warning("cannot watch the store, trying again", reason=str(error))
                self._stop.wait(5.0)
