"""The sample day, performed: its recordings come in, its editor decides, its event clock runs fast or leaps.

`stage` puts everything into a folder of its own, `open_demo` opens it as any other coverage, and a `Performance` goes through the
day: `leap` at once, from one recorded moment to the next, `play` as the event clock runs, for a daemon that does the steps.
Other processes that open the folder's store go by the same event clock.
"""

import json
import shutil
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.app import event_time, look, verbs
from bot.app.event_time import EventTime, Pace
from bot.app.opening import machine_time, open_app
from bot.config.starter import starter_folder
from bot.core.errors import MilepostError, NotFoundError, RefusedError, StoreError
from bot.core.milestones import due as plan_room
from bot.core.milestones.plan import FILE as PLAN_FILE
from bot.core.people import FILE as PEOPLE_FILE
from bot.core.recording import decode_line
from bot.store import feed, media, milestones, outbox, posts

_log = structlog.get_logger("milepost")
_EDITOR = "editor.jsonl"
_CONFIG = "config.toml"
_PATIENCE = timedelta(seconds=5)  # how long the editor waits for a post that is on its way, in machine time
_LOOK = timedelta(minutes=1)  # of event time: how often sources are looked at when leaping


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the scripted editor does; the fields of editor.jsonl."""

    at: datetime
    by: str
    action: str
    post: str = ""
    reason: str = ""
    text: str = ""
    strand: str = ""
    byline: str = ""
    role: str = ""
    media: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """What happens when; something comes.

    Attributes:
        comes: (event time, source) of everything that comes in, in order of time.
        acts: What the editor does, in order of time.
    """

    comes: tuple[tuple[datetime, str], ...]
    acts: tuple[Act, ...]

    @property
    def starts_at(self) -> datetime:
        """The first moment."""
        return min([self.comes[0][0], *(act.at for act in self.acts[:1])])

    @property
    def ends_at(self) -> datetime:
        """Shortly after the last moment."""
        return max([self.comes[-1][0], *(act.at for act in self.acts[-1:])]) + timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class DayReport:
    """What the day came to.

    Attributes:
        verdicts: Posts by verdict.
        live: Updates on the page.
        skipped: What the editor meant to do and could not, in words.
    """

    posts: int
    verdicts: Mapping[str, int]
    live: int
    withdrawn: int
    milestones: int
    sent: int
    retracted: int
    queue: int
    example: str
    skipped: tuple[str, ...] = ()


def sample_folder() -> Path:
    """The sample day that ships with the program."""
    return Path(__file__).resolve().parent.parent / "sample_day"


def stage(folder: Path) -> Path:
    """Put sample day and starter rules into a folder, which is made where it is missing; gives its config.toml.

    Raises:
        RefusedError: Something is in the way, or the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RefusedError(f"{folder}: is not an empty folder: name an empty or a new one")
    try:
        shutil.copytree(
            sample_folder(), folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.py")
        )
        shutil.copytree(starter_folder() / "rules", folder / "rules", dirs_exist_ok=True)
        for name in (PLAN_FILE, PEOPLE_FILE):
            (folder / name).replace(folder / "rules" / name)
    except OSError as error:
        raise RefusedError(f"{folder}: cannot be written ({error.strerror}): name another folder") from error
    return folder / _CONFIG


def read_day(folder: Path) -> Day:
    """Read the recordings and the editor's script of a staged folder."""
    comes = [
        (recorded.at, recorded.source)
        for path in folder.glob("*.jsonl")
        if path.name != _EDITOR
        for recorded in map(decode_line, path.read_bytes().splitlines())
    ]
    acts = []
    script = folder / _EDITOR
    for line in script.read_text(encoding="utf-8").splitlines() if script.exists() else ():
        found = json.loads(line)
        acts.append(Act(datetime.fromisoformat(found.pop("at")), media=tuple(found.pop("media", ())), **found))
    return Day(tuple(sorted(comes)), tuple(sorted(acts, key=lambda act: act.at)))


class Performance:
    """The sample day, staged and open. Close its app at the end.

    Args:
        config: What `stage` gave.
        throw_away: Nobody needs the store afterwards: it need not survive a crash of the machine.
        machine_now: Machine time.
    """

    def __init__(
        self, config: Path, *, throw_away: bool = False, machine_now: Callable[[], datetime] = machine_time
    ) -> None:
        self.folder = config.parent
        self.day = read_day(self.folder)
        self.clock = EventTime(Pace(self.day.starts_at, machine_now(), speed=0), machine_now)
        self._machine_now = machine_now
        self._moments = [at for at, _ in self.day.comes]
        self._came = 0
        self._skipped: list[str] = []
        # the day speaks for itself: whatever stands in this process's environment is for real coverage
        self.app = open_app(config, {}, now=self.clock.now, machine_now=machine_now)
        if throw_away:
            self.app.database.forgo_durability()
        self.app.hold()
        self.app.migrate()
        self._hang_pictures()
        self.app.adopt(at_once=True)

    def _hang_pictures(self) -> None:
        """Keep the day's pictures under the names that its posts give them."""
        with self.app.database.begin() as tx:
            for path in sorted((self.folder / "media").glob("*.png")):
                media.keep(tx, path.name, path.read_bytes(), self.day.starts_at)

    # -- all at once ------------------------------------------------------------------------------------------------

    def leap(self) -> None:
        """Go through the whole day as fast as the steps can, looking at the sources every minute; draw the page at the end.

        Raises:
            MilepostError: A step failed.
        """
        event_time.keep(self.app.database, self.clock.pace)
        looks = [
            self.day.starts_at + _LOOK * count for count in range((self.day.ends_at - self.day.starts_at) // _LOOK)
        ]
        acts: dict[datetime, list[Act]] = {}
        for act in self.day.acts:
            acts.setdefault(act.at, []).append(act)
        regular = {*looks, *self._milestones(), self.day.ends_at}
        for moment in sorted(regular | acts.keys()):
            self.clock.jump(moment)
            if moment in regular:
                self._look()
            for act in acts.get(moment, ()):
                if act.post and not self._is_judged(act):
                    self._look()
                self._act(act)
        self._look()
        self.app.refresh()
        event_time.keep(self.app.database, self.clock.pace)

    def _look(self) -> None:
        """Take in what came since the last look, judge it, and send what is owed."""
        now = self.clock.now()
        came = bisect_right(self._moments, now)
        for source in sorted({source for _, source in self.day.comes[self._came : came]}):
            self.app.collect(source)
        self._came = came
        self.app.curate()
        self.app.examine()
        self.app.curate()  # what waited for its pictures
        self.app.announce()
        for account in self.app.accounts:
            self.app.publish(account)

    def _milestones(self) -> list[datetime]:
        plan, clocks = self.app.plan(), self.app.desk.clocks
        found = [plan_room.due_at(milestone, clocks) for milestone in plan.milestones]
        return [at for at in found if at is not None and self.day.starts_at <= at <= self.day.ends_at]

    # -- as the clock runs ------------------------------------------------------------------------------------------

    def begin(self, speed: float) -> None:
        """Let the event clock run, so many times faster than the real one; after the day it goes at the real one's pace."""
        self.clock.pace = Pace(self.day.starts_at, self._machine_now(), speed, self.day.ends_at)
        event_time.keep(self.app.database, self.clock.pace)

    def play(self, stop: threading.Event, ring: Callable[[str], None]) -> bool:
        """Ring when something comes in, and let the editor act, until the day is over.

        Args:
            stop: Ends it early.
            ring: Rings the bell of a step: a daemon does the steps.

        Returns:
            Whether the day came to its end.
        """
        acts = deque(self.day.acts)
        while not stop.is_set():
            now = self.clock.now()
            came = bisect_right(self._moments, now)
            if came > self._came:
                self._came = came
                ring("collect")
            while acts and acts[0].at <= now and self._in_its_turn(acts[0]):
                acts.popleft()
            if not acts and came == len(self._moments) and now >= self.day.ends_at:
                return True
            upcoming = [self.day.ends_at, *self._moments[came : came + 1], *(act.at for act in list(acts)[:1])]
            left = self.clock.pace.left(min(upcoming), self._machine_now()).total_seconds()
            stop.wait(min(max(left, 0.02), 1.0))
        return False

    def _in_its_turn(self, act: Act) -> bool:
        """Do it, unless the post is still on its way through the house; True where it is settled."""
        if act.post and not self._is_judged(act) and self._waited(act) < _PATIENCE:
            return False
        self._act(act)
        return True

    def _waited(self, act: Act) -> timedelta:
        return (self.clock.now() - act.at) / max(self.clock.pace.speed, 1.0)

    def _is_judged(self, act: Act) -> bool:
        try:
            found = look.find(self.app, act.post)
        except NotFoundError:
            return False
        return bool(found.versions) and found.versions[-1].verdict is not None

    def freeze(self) -> None:
        """Let the event clock stand still in this store, for whoever looks at the folder later."""
        self.clock.jump(self.clock.now())
        event_time.keep(self.app.database, self.clock.pace)

    # -- the editor -------------------------------------------------------------------------------------------------

    def _act(self, act: Act) -> int:
        try:
            match act.action:
                case "approve":
                    verbs.approve(self.app, act.post, by=act.by, why=act.reason)
                case "reject":
                    verbs.reject(self.app, act.post, by=act.by, why=act.reason)
                case "withdraw":
                    verbs.take_back(self.app, act.post, by=act.by, why=act.reason)
                case _:
                    self._write(act)
        except StoreError:
            raise
        except MilepostError as error:  # the rules, or the author, were faster than the script
            self._skipped.append(f"{act.action} {act.post}: {error}")
            _log.info("editor skipped", action=act.action, post=act.post, reason=str(error))
            return 0
        return 1

    def _write(self, act: Act) -> None:
        pictures = [
            verbs.keep_picture(self.app, self.folder / picture["file"], picture["alt"]) for picture in act.media
        ]
        byline = verbs.byline(act.byline, act.role) if act.byline else None
        verbs.write(self.app, verbs.manuscript(act.text, strand=act.strand, byline=byline, media=pictures), by=act.by)

    # -- what it came to --------------------------------------------------------------------------------------------

    def report(self) -> DayReport:
        """What the day has come to so far."""
        waiting = look.queue(self.app, 1000)
        with self.app.database.read() as tx:
            verdicts = posts.counts(tx)
            updates = feed.counts(tx)
            deliveries = outbox.counts(tx)
            told = [state for state in milestones.states(tx).values() if state == "told"]
        return DayReport(
            posts=sum(verdicts.values()),
            verdicts=verdicts,
            live=updates.get("live", 0),
            withdrawn=updates.get("withdrawn", 0),
            milestones=len(told),
            sent=_count(deliveries, "sent"),
            retracted=_count(deliveries, "retracted"),
            queue=len(waiting),
            example=str(waiting[0].id) if waiting else "",
            skipped=tuple(self._skipped),
        )


def _count(deliveries: Mapping[tuple[str, str], int], state: str) -> int:
    return sum(number for (_, found), number in deliveries.items() if found == state)


__all__: Sequence[str] = ["Act", "Day", "DayReport", "Performance", "read_day", "sample_folder", "stage"]
