"""The App: each step as one method, each verb of a person as one method.

Steps are safe to call at any time and from any thread; each holds its own lock, so that it never runs twice at once in one
process, and on PostgreSQL a lease, so that it never runs twice at once among machines.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar
from uuid import uuid4

import structlog

from bot.app import vitals
from bot.app.conditions import conditions
from bot.app.config_file import ConfigFile
from bot.app.desk_files import DeskFiles
from bot.app.failures import Failures
from bot.app.outside import PLATFORM_NAMES, Collected
from bot.app.pages import Pages
from bot.app.parts import Parts
from bot.app.recorder import Recorder
from bot.app.turns import Turns
from bot.core.alarms import Condition
from bot.core.desk import Desk
from bot.core.errors import MilepostError, OutsideError, StoreError
from bot.core.milestones.facts import Facts
from bot.core.milestones.plan import Plan
from bot.core.model import Batch, Media, Update
from bot.core.pages import PageChange, PageFile
from bot.core.people import People
from bot.core.ports import PictureSource, Recognisable
from bot.core.rules.rule import Rule
from bot.core.rules.ruleset import RuleSet
from bot.core.status import Metric
from bot.page.view import CoverageView
from bot.pipeline import adopt, alert, collect, forget, ping, sweep
from bot.pipeline.announce.step import Announced, announce
from bot.pipeline.announce.watching import Watcher
from bot.pipeline.clocks import as_they_start
from bot.pipeline.curate.curator import Curated, Curator
from bot.pipeline.curate.waiting import Waiting
from bot.pipeline.examine import Examined, Examiner
from bot.pipeline.publish.round import Carrier
from bot.pipeline.publish.step import Published, publish
from bot.pipeline.refresh import Refreshed, drawn_seq
from bot.store import feed, health, migrate, rulesets, schema
from bot.store.database import Database, Watch
from bot.store.posts import StoredPost
from bot.store.rulesets import StoredSet

_log = structlog.get_logger("milepost")
_FEEDS = ("feed.atom", "feed.json")
_T = TypeVar("_T")


class App:
    """All rooms, open. Close it at the end."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.settings = parts.settings
        self.desk = parts.desk
        self.database: Database = parts.database
        self._holder = f"{parts.holder}:{uuid4().hex[:6]}"
        self._curator = Curator(
            parts.database,
            parts.desk,
            holder=self._holder,
            load=self.compile_rules,
            waiting=Waiting(parts.desk, self._shows, parts.machine_now),
        )
        self._examiner = Examiner(parts.database, self._picture_source, parts.machine_now)
        self._picture_sources: dict[str, PictureSource | None] = {}
        self._turns = Turns(parts.database, self._holder, parts.machine_now)
        self._files = DeskFiles(
            parts.database,
            self.rules_folder,
            parts.settings.rules.folder,
            lambda: self.desk,
            tuple(parts.sources),
            self._turns,
            parts.now,
            parts.machine_now,
        )
        self._failures = Failures(parts.database, parts.machine_now, self._holder)
        self._recorder = Recorder()
        self._config = ConfigFile(parts.config)
        self.public_url = (
            parts.settings.page.public_url.rstrip("/")
            or f"http://{parts.settings.page.host}:{parts.settings.page.port}"
        )
        self._pages = Pages(parts.database, self.page_folder, self.view, parts.machine_now, self._links())
        self._watcher = Watcher(parts.database)
        self._fused: tuple[int, tuple[Rule, ...]] = (0, ())  # the set that was looked at, and its rules out of action
        self._said_problem = ""  # what of it stands in the log already
        self._daemon_lock: BinaryIO | None = None
        self._curated_at: datetime | None = None  # machine time

    # -- opening and closing ----------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Event time."""
        return self.parts.now()

    def machine_now(self) -> datetime:
        """Machine time."""
        return self.parts.machine_now()

    @property
    def rules_folder(self) -> Path:
        """Where the desk's rule files lie."""
        return self.parts.path(self.settings.rules.folder)

    @property
    def page_folder(self) -> Path:
        """Where the page is drawn."""
        return self.parts.path(self.settings.page.folder)

    def migrate(self) -> tuple[str, str]:
        """Bring the database to this program's schema; gives the revisions before and after.

        Raises:
            StoreError: It is newer, or cannot be written.
        """
        return migrate.migrate(self.database)

    def check_store(self) -> None:
        """Refuse a database that this program cannot work with.

        Raises:
            StoreError: It is empty, older or newer; the message says what to do.
        """
        migrate.check(self.database)

    def see_clocks(self) -> None:
        """Go by the starts as they were moved meanwhile, by whoever it was."""
        with self.database.read() as tx:
            clocks = as_they_start(tx, self.parts.desk.clocks)
        if clocks != self.desk.clocks:
            self.desk = replace(self.desk, clocks=clocks)
            self._curator.move(clocks)

    def hold(self) -> None:
        """Be the one daemon on a SQLite file, until `close`. PostgreSQL is shared by leases instead.

        Raises:
            StoreError: Another one is; the message names its process.
        """
        if self.database.file is None or self._daemon_lock is not None:
            return
        path = _lock_beside(self.database.file)
        try:
            file = path.open("a+b")
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be written: {error.strerror}: check the owner and the mode of this file and its folder",
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            who = file.read(20).decode("ascii", "replace").strip() or "unknown"
            file.close()
            raise StoreError(
                f"{self.database.file}: another Milepost runs on this database (process {who}): "
                "stop it first, or use PostgreSQL to run several",
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        file.flush()
        self._daemon_lock = file

    def is_running(self) -> bool:
        """Whether a daemon works on this database, in this process or another."""
        if self.database.file is None:
            return self._turns.is_taken("curate")
        path = _lock_beside(self.database.file)
        if self._daemon_lock is not None:
            return True
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def close(self) -> None:
        """Give back leases and locks, close files and connections. Safe to call twice."""
        self._recorder.close()
        self._turns.give_back()
        self.database.close()
        if self._daemon_lock is not None:
            self._daemon_lock.close()
            self._daemon_lock = None

    def watch(self) -> Watch:
        """A watch on what any process commits."""
        return self.database.watch()

    def checkpoint(self) -> bool:
        """Keep the store's log short, beside those who write."""
        self.database.checkpoint()
        return True

    def notice_config(self) -> bool:
        """Warn, once for each change, that the configuration on disk is not the one that is in force."""
        if self._config.is_newly_changed():
            _log.warning(
                "the configuration was changed: it takes effect at the next start", file=str(self.parts.config)
            )
        return True

    def record(self, path: Path) -> None:
        """Write every batch that comes in to a file, as a recording that `replay` reads.

        Raises:
            StoreError: The file cannot be written.
        """
        self._recorder.open(path)

    def retry_refused(self) -> None:
        """At a start: try again what was refused for good or for its credentials."""
        with self.database.begin() as tx:
            health.retry_refused(tx, schema.sources)
            health.retry_refused(tx, schema.accounts)

    def begin(self, steps: Collection[str]) -> None:
        """At a start: look at the failures that were left by those who are no more.

        Args:
            steps: The names of all that can be given to `run_step`.
        """
        self._failures.begin(steps)

    # -- steps ------------------------------------------------------------------------------------------------------

    def run_step(self, name: str, step: Callable[[], _T]) -> _T | None:
        """Run one step, and keep the house standing whatever it raises; None where it failed.

        A step that was another's turn says nothing of how it goes.
        """
        self._turns.ask_nothing()
        try:
            found = step()
        except MilepostError as error:
            _log.error("step failed", step=name, reason=str(error))
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - the one place: whatever it was, the other steps go on
            _log.exception("step failed unexpectedly: please report this", step=name)
            reason = f"{type(error).__name__}: {error}: please report this, with the log"
        else:
            if self._turns.was_mine is not False:
                self._failures.went_well(name, for_all=bool(self._turns.was_mine))
            return found
        self._failures.failed(name, reason)
        return None

    @property
    def sources(self) -> Mapping[str, Collected]:
        """Enabled sources by name."""
        return self.parts.sources

    @property
    def accounts(self) -> tuple[str, ...]:
        """Names of the accounts that can send."""
        return tuple(self.parts.publishers)

    def collect(self, name: str) -> collect.Collected:
        """Fetch from a source until it has no more, storing each batch as it comes."""
        unit = self.sources[name]
        total = collect.Collected()
        with self._turns.alone(f"collect:{name}") as mine:
            while (
                mine
                and self._turns.mine(f"collect:{name}")
                and collect.may_collect(self.database, name, self.machine_now())
            ):
                try:
                    batch, found = collect.collect(
                        self.database, unit.source, unit.terms, now=self.now(), machine_now=self.machine_now()
                    )
                except OutsideError as error:
                    self._source_failed(name, error)
                    break
                self._came(name, batch, found.kept, found.noted)
                total = collect.Collected(
                    total.new + found.new, total.gone + found.gone, results=total.results + found.results
                )
                if not found.more:
                    break
        if total.new or total.gone or total.results:
            more = {"results": total.results} if total.results else {}
            _log.info("collected", source=name, posts=total.new, gone=total.gone, **more)
        return total

    def stream(self, name: str, stop: threading.Event, ring: Callable[[], None]) -> None:
        """Follow a source's stream until told to stop; store each batch, then ring."""
        unit = self.sources[name]
        stream = unit.stream
        while stream is not None and not stop.is_set():
            with self._turns.alone(f"stream:{name}") as mine:
                if mine:
                    self._follow(name, stop, ring)
            stop.wait(1.0)

    def _follow(self, name: str, stop: threading.Event, ring: Callable[[], None]) -> None:
        unit = self.sources[name]
        stream = unit.stream
        if stream is None or not collect.may_collect(self.database, name, self.machine_now()):
            return
        try:
            for batch in stream.stream(collect.cursor_of(self.database, name, "stream"), stop):
                found = collect.store(
                    self.database, batch, unit.terms, lane="stream", now=self.now(), machine_now=self.machine_now()
                )
                self._came(name, batch, found.kept, found.noted)
                self._failures.went_well(f"stream:{name}", for_all=True)  # it ends only with the process
                if found.new or found.gone:
                    ring()
                if not self._turns.mine(f"stream:{name}"):
                    return
        except OutsideError as error:
            self._source_failed(name, error)

    def take_in(self, name: str, batch: Batch) -> None:
        """Store what a source brought to our door; committed when it returns. From any thread.

        Raises:
            StoreError: It could not be stored.
        """
        terms = self.sources[name].terms
        now, machine_now = self.now(), self.machine_now()
        found = collect.store(self.database, batch, terms, lane="stream", now=now, machine_now=machine_now)
        self._came(name, batch, found.kept, found.noted)

    def _came(self, name: str, batch: Batch, kept: Sequence[StoredPost], noted: str) -> None:
        """Hand on what a source brought, once it is stored."""
        self._curator.hand(kept)
        self._recorder.keep(self.now(), name, batch)
        if noted:
            _log.warning("noted", source=name, note=noted)

    def _source_failed(self, name: str, error: OutsideError) -> None:
        next_at = collect.failed(self.database, name, error, now=self.now(), machine_now=self.machine_now())
        _log.warning(
            "source failed", source=name, kind=type(error).__name__, reason=str(error), next_at=next_at.isoformat()
        )

    def compile_rules(self, stored: StoredSet) -> RuleSet:
        """Compile a stored rule set, trusting it: one that was ever in force can always be loaded."""
        return self._files.compile_rules(stored)

    def adopt(self, *, at_once: bool = False) -> adopt.Adopted:
        """Take over what the desk edited; as `DeskFiles.adopt`."""
        return self._files.adopt(at_once=at_once)

    def plan(self) -> Plan:
        """The active plan."""
        return self._files.plan()

    @property
    def plan_problem(self) -> str:
        """Why the active plan cannot be used with this configuration; "" where it can."""
        return self._files.plan_problem

    def plan_to_tell(self) -> Plan:
        """The active plan with its pictures taken in."""
        return self._files.plan_to_tell()

    def people(self) -> People:
        """The people in force; nobody where no file names any."""
        return self._files.people()

    def desk_and_people(self) -> Desk:
        """What the steps go by, and who is who: for what counts whose copies a story has."""
        return replace(self.desk, persons=self.people().by_author)

    def has_rules(self) -> bool:
        """Whether any rule set is active: without one nothing can be judged."""
        with self.database.read() as tx:
            return bool(rulesets.active_id(tx, rulesets.RULES))

    def curate(self) -> Curated:
        """Judge everything that is due."""
        self.see_clocks()
        judged = told = 0
        more = put_off = False
        while True:
            if not more and not self._curator.find_work(self.now()):
                self._curated_at = self.machine_now()
                return Curated(judged, told)
            with self._turns.alone("curate") as mine:
                if not mine:
                    return Curated(judged, told)
                run = self._curator.run(self.now(), own=self.own_accounts())
            judged, told, more = judged + run.judged, told + run.told, run.more
            put_off = put_off or run.put_off
            if run.fused:
                _log.error("rules taken out of action, see `milepost log --what fused`", rules=run.fused)
            if not more:
                break
        self._curated_at = self.machine_now()
        if judged or told:
            _log.info("curated", judged=judged, told=told)
        return Curated(judged, told, put_off=put_off)

    @property
    def curates_at(self) -> datetime | None:
        """When a post that waits for its pictures is judged without them (machine time); None where none waits."""
        return self._curator.waits_until

    def examine(self, ring: Callable[[], None] = lambda: None, stop: Callable[[], bool] = lambda: False) -> Examined:
        """Look at every picture that is owed.

        Args:
            ring: Called when something is known: a post may be waiting for it.
            stop: Whether to begin no more.
        """
        if not self.desk.pictures or not self._examiner.find_work():
            return Examined()
        with self._turns.alone("examine") as mine:
            if not mine:
                return Examined()
            found = self._examiner.run(mine=lambda: not stop() and self._turns.mine("examine"), ring=ring)
        if found.seen or found.failed:
            _log.info("examined", pictures=found.seen, failed=found.failed)
        return found

    def _shows(self, source: str, media: Media) -> bool:
        found = self._picture_source(source)
        return found is not None and found.shows(media)

    def _picture_source(self, name: str) -> PictureSource | None:
        if name not in self._picture_sources:  # asked for each picture: whether it is one is dear to find out
            unit = self.sources.get(name)
            self._picture_sources[name] = None if unit is None else unit.pictures
        return self._picture_sources[name]

    def own_accounts(self) -> dict[str, str]:
        """The desk's own accounts that know who they are: `platform:account id` -> name."""
        kinds = {account.name: account.kind for account in self.settings.account}
        found = {}
        for name, publisher in self.parts.publishers.items():
            if isinstance(publisher, Recognisable) and (own := publisher.own_id()):
                found[f"{kinds.get(name, '')}:{own}"] = name
        return found

    def facts(self) -> AbstractContextManager[Facts]:
        """What clocks, timing, counters and marked posts say now; it stands still until the block ends."""
        return self._watcher.facts(self.desk, self.plan_to_tell(), self.people(), now=self.now())

    def announce(self) -> Announced:
        """Tell the milestones and scheduled updates that are due."""
        self.see_clocks()
        with self._turns.alone("announce") as mine:
            found = (
                announce(
                    self.database,
                    self.desk,
                    self.plan_to_tell(),
                    now=self.now(),
                    watcher=self._watcher,
                    people=self.people(),
                )
                if mine
                else Announced()
            )
        if self.plan_problem != self._said_problem:  # here alone: whoever only asks is told by `status`
            self._said_problem = self.plan_problem
            if self.plan_problem:
                _log.error("the plan does not fit the configuration, nothing is announced", mistakes=self.plan_problem)
        if found.told or found.missed or found.cards:
            _log.info("announced", told=found.told, missed=found.missed, for_a_person=found.cards)
        return found

    def publish(self, name: str) -> Published:
        """Do what is due for one account."""
        carrier = Carrier(
            name,
            self.parts.publishers[name],
            self.page_url,
            PLATFORM_NAMES,
            guard=lambda tx: self._turns.holds(tx, f"publish:{name}"),
        )
        with self._turns.alone(f"publish:{name}") as mine:
            if not mine:
                return Published()
            found = publish(
                self.database,
                carrier,
                self.desk,
                now=self.now,
                machine_now=self.machine_now,
                mine=lambda: self._turns.mine(f"publish:{name}"),
            )
        if found.done:
            _log.info("published", account=name, deliveries=found.done)
        return found

    def page_url(self, update: Update) -> str:
        """Permalink of an update for readers elsewhere; "" where the page is not public."""
        return f"{self.public_url}/u/{update.slug}" if self.settings.page.public_url else ""

    def sweep(self, name: str) -> int:
        """Ask a source which of its published posts are gone."""
        unit = self.sources[name]
        with self._turns.alone(f"sweep:{name}") as mine:
            if not mine or not collect.may_collect(self.database, name, self.machine_now()):
                return 0
            try:
                lost = sweep.sweep(self.database, unit.source, self.desk, name=name, now=self.now())
            except OutsideError as error:
                _log.warning("sweep failed", source=name, kind=type(error).__name__, reason=str(error))
                return 0
        if lost:
            _log.info("swept", source=name, gone=lost)
        return lost

    def forget(self) -> int:
        """Forget tombstones of posts that never came, and what posts looked like that have left the window."""
        with self._turns.alone("forget") as mine:
            if not mine:
                return 0
            forget.forget(self.database, before=self.now() - self.desk.window)
            return sweep.forget(self.database, now=self.now())

    def conditions(self) -> list[Condition]:
        """What is wrong now, each with the command that mends it."""
        with self.database.read() as tx:
            found = conditions(self.settings, tx, now=self.now(), machine_now=self.machine_now())
            number = rulesets.active_id(tx, rulesets.RULES)
            active = rulesets.by_id(tx, number) if number and number != self._fused[0] else None
        if active is not None:
            self._fused = number, tuple(rule for rule in self.compile_rules(active).rules if rule.fused)
        for kind in rulesets.KINDS:
            refused = adopt.refused(self.database, kind)
            if refused.mistakes:
                about = f"{kind} on disk are refused, the last good ones go on: {', '.join(refused.places)}"
                found.append(Condition(f"{kind}: stale", about, "milepost rules check"))
        for rule in self._fused[1]:
            about = f"rule {rule.id} ({rule.place}) was far too eager and was taken out of action by itself"
            found.append(Condition(f"rule {rule.id}: fused", about, f"milepost rules live {rule.id}, or change it"))
        if self.plan_problem:
            about = f"no milestone is announced: {self.plan_problem}"
            found.append(Condition("milestones: unusable", about, "milepost rules check"))
        return found

    def alert(self) -> alert.Alerted:
        """Tell people what needs one."""
        if not self.parts.channels:
            return alert.Alerted()
        with self._turns.alone("alert") as mine:
            if not mine:
                return alert.Alerted()
            found = alert.alert(
                self.database,
                self.conditions(),
                self.parts.channels,
                event=self.settings.event.name,
                again=self.settings.alarms.again,
                machine_now=self.machine_now,
            )
        if found.told:
            _log.info("alarmed", conditions=found.told)
        for name, error in (found.failed or {}).items():
            _log.warning("an alarm could not be sent", alarm=name, reason=error)
        return found

    def refresh(self) -> Refreshed:
        """Draw what changed, and tell those who listen."""
        found = self._pages.refresh()
        if found.files:
            _log.info("refreshed", seq=found.seq, files=len(found.files))
        return found

    def ping(self) -> ping.Pinged:
        """Tell the hubs that the feeds were drawn anew."""
        hubs, tell = self.settings.page.hubs, self.parts.tell_hub
        if not hubs or tell is None:
            return ping.Pinged()
        with self._turns.alone("ping") as mine:
            if not mine:
                return ping.Pinged()
            seq = drawn_seq(self.page_folder)
            found = ping.ping(self.database, hubs, self._feeds(), tell, seq=seq, machine_now=self.machine_now)
        if found.told:
            _log.info("pinged", hubs=found.told, seq=seq)
        for hub, error in found.failed:
            _log.warning("a hub could not be told", hub=hub, reason=error)
        return found

    def _feeds(self) -> tuple[str, ...]:
        return tuple(f"{self.public_url}/{name}" for name in _FEEDS)

    def _links(self) -> dict[str, str]:
        """What goes with the feeds: WebSub wants their hubs and their own address in HTTP, too, for what is no XML."""
        hubs = [f'<{hub}>; rel="hub"' for hub in self.settings.page.hubs]
        return {name: ", ".join((*hubs, f'<{self.public_url}/{name}>; rel="self"')) for name in _FEEDS if hubs}

    def view(self, live: Sequence[Update], withdrawn: Sequence[Update], paused: bool) -> CoverageView:
        """What the page is drawn from."""
        page, event = self.settings.page, self.settings.event
        return CoverageView(
            title=page.title or event.name,
            event=event.name,
            public_url=self.public_url,
            zone=event.zone,
            language=page.language,
            about=event.about,
            byline=event.byline,
            contact=page.contact,
            strands={strand.id: strand.name for strand in self.desk.strands.values()},
            updates=tuple(live),
            withdrawn=tuple(withdrawn),
            latest=page.latest,
            feed=page.feed,
            hubs=page.hubs,
            notice="New updates are held back at the moment." if paused else "",
        )

    # -- the page for the web door ----------------------------------------------------------------------------------

    def listen(self, listener: Callable[[Sequence[PageChange]], None]) -> None:
        """Call with every change of the page, from the thread that drew it."""
        self._pages.listen(listener)

    def page_file(self, name: str) -> PageFile | None:
        """A file of the page; None where the page has none of this name."""
        return self._pages.file(name)

    def removed(self, name: str) -> bool:
        """Whether this is the page of an update that was withdrawn."""
        return self._pages.removed(name)

    def changes(self, after: int) -> list[PageChange]:
        """What an open page that knows the feed up to `after` has to take in."""
        return self._pages.changes(after)

    def health(self) -> Mapping[str, object]:
        """Whether the house can do its work (`ok`: store and rules), and what of the world around it fails (`failing`)."""
        with self.database.read() as tx:
            rules = bool(rulesets.active_id(tx, rulesets.RULES))
            seq = feed.seq(tx)
            ailing = vitals.ailing(self.settings, tx)
        places = self._refused_places()
        state = f"stale: refused on disk: {', '.join(places)}" if places else "ok" if rules else "none adopted"
        return {"ok": rules, "rules": state, "seq": seq, "failing": ailing}

    def metrics(self) -> list[Metric]:
        """What an alarm can watch."""
        curated = self._curated_at.timestamp() if self._curated_at else 0
        with self.database.read() as tx:
            found = list(vitals.metrics(self.settings, tx, self.machine_now()))
        return [
            *found,
            Metric(
                "milepost_rules_refused",
                "Mistakes in rule files on disk, while the last good set stays.",
                len(self._refused_places()),
            ),
            Metric(
                "milepost_curated_seconds",
                "When this process last judged what was due, in seconds since 1970; 0 for never.",
                curated,
            ),
        ]

    def _refused_places(self) -> tuple[str, ...]:
        return tuple(place for kind in rulesets.KINDS for place in adopt.refused(self.database, kind).places)


def _lock_beside(file: Path) -> Path:
    """The lock of a database, however its path is spelt."""
    real = file.resolve()
    return real.with_name(real.name + ".lock")
