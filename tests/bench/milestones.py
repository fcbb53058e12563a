"""How late milestones are while posts pour in, and what a tick costs with a long plan and many people in the race.

`python -m tests.bench.milestones [--quick]`; `make bench` calls it. Lateness is measured in the real daemon, on a stream of the
other process; it is the time between the moment that the plan names and the event time at which the update was told. A tick is
the whole step `announce` on a store in a file.
"""

import argparse
import shutil
import sqlite3
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from bot.core.desk import Desk
from bot.core.milestones.plan import Plan as MilestonePlan
from bot.core.milestones.reading import load
from bot.core.model import EventClock
from bot.core.people import People, Person
from bot.core.results import Result, Standing
from bot.daemon import Daemon
from bot.pipeline.announce.step import announce
from bot.pipeline.announce.watching import Watcher
from bot.store import results
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.bench.house import ROOT, event_clock, open_house, until_judged
from tests.bench.limits import calibrate
from tests.bench.saying import say, verdict
from tests.bench.wire import Wire
from tests.builders import START

_POINTS = ("5K", "10K", "15K", "20K", "HALF", "25K", "30K")
_WAVE = 43
"""Rows that change between two ticks: 40,000 people pass ten points in about ten hours, and most of them in two."""


@dataclass(frozen=True)
class Plan:
    """Sizes of the plan and of the race, ticks of one measurement, posts a minute, and for how long they come."""

    small: tuple[int, int] = (10, 400)
    large: tuple[int, int] = (1_000, 40_000)
    ticks: int = 200
    a_minute: int = 10_000
    seconds: int = 30


QUICK = Plan((5, 50), (50, 1_000), 20, 2_000, 3)


def plan_of(milestones: int, people: int) -> MilestonePlan:
    """Milestones of five kinds; no result comes that makes one of them."""
    bodies = []
    for number in range(milestones):
        body = (
            f'clock = "mass"\nafter = "{number + 1}m"',
            f'reached = {people * 2 + number}\nof = "finishers"\nrace = "mass"',
            f'result = "nth"\nnumber = {people + 5 + number}\nrace = "mass"',
            f'person = "p{number}"\nis = "finished"',
            f'result = "first"\nrace = "mass"\nwhere = {{ club = "c{number % 20}" }}\nunder = "1h"',
        )[number % 5]
        bodies.append(f'[[milestone]]\nid = "m{number}"\n{body}\ntext = "x"\n')
    return load("".join(bodies), clocks=_clocks(), strands=(), accounts=())


def _clocks() -> dict[str, EventClock]:
    return {"mass": EventClock("mass", "the masses race", START, "Europe/London")}


def ticks(folder: Path, milestones: int, people: int, number: int) -> tuple[float, float]:
    """Milliseconds of a tick in which nothing has changed, and of one in which some rows have; the middle of all."""
    database = Database(f"sqlite:///{folder / f'ticks-{milestones}.db'}")
    migrate(database)
    found = plan_of(milestones, people)
    watched = People("p", tuple(Person(f"p{one}", f"P {one}", (), str(one), ("mass",)) for one in range(milestones)))
    rows = [
        Result(
            "mass",
            str(one),
            f"runner {one}",
            one + 1,
            tuple((point, 600_000 * (place + 1) + one * 100) for place, point in enumerate(_POINTS)),
            Standing.STARTED,
            {"club": f"c{one % 20}"},
        )
        for one in range(people)
    ]
    with database.begin() as tx:
        results.take(tx, "timing", rows, now=START)
    desk, watcher, now = Desk(clocks=_clocks()), Watcher(database), START + timedelta(minutes=milestones // 2)
    announce(database, desk, found, now=now, watcher=watcher, people=watched)
    idle, busy, times = [], [], count(9_000_000)
    for _ in range(number):
        now += timedelta(milliseconds=1)
        begun = time.perf_counter()
        announce(database, desk, found, now=now, watcher=watcher, people=watched)
        idle.append(time.perf_counter() - begun)
    for tick in range(number):
        changed = [rows[(tick * _WAVE + one) % people] for one in range(_WAVE)]
        with database.begin() as tx:
            more = [replace(one, times=(*one.times, ("35K", next(times)))) for one in changed]
            results.take(tx, "timing", more, now=now)
        now += timedelta(milliseconds=1)
        begun = time.perf_counter()
        announce(database, desk, found, now=now, watcher=watcher, people=watched)
        busy.append(time.perf_counter() - begun)
    database.close()
    return sorted(idle)[number // 2] * 1000, sorted(busy)[number // 2] * 1000


def lateness(folder: Path, a_minute: int, seconds: int) -> list[float]:
    """Seconds between the moment of each milestone and its update, sorted, while posts come at a pace."""
    pace = a_minute // 60
    store, rules = folder / "late.db", folder / "rules"
    shutil.copytree(ROOT / "rules", rules)
    moments = seconds * 4
    with Wire(2_000, pace * (seconds + 5), pace) as wire:
        first = event_clock()() + timedelta(seconds=40)
        bodies = [
            f'[[milestone]]\nid = "m{number}"\nat = {_written(first + timedelta(seconds=number * 0.237))}\ntext = "x"\n'
            for number in range(moments)
        ]
        (rules / "milestones.toml").write_text("".join(bodies), encoding="utf-8")
        app = open_house(store, wire, rules)
        daemon = Daemon(app)
        daemon.start()
        until_judged(store, 2_000, 120)
        time.sleep(max(0.0, (first - app.now()).total_seconds() - 1))
        wire.go()
        time.sleep(seconds + 3)
        daemon.stop()
        app.close()
    with sqlite3.connect(store) as connection:
        rows = connection.execute("SELECT at, due_at FROM milestones WHERE state = 'told'").fetchall()
        (posts,) = connection.execute("SELECT count(*) FROM posts").fetchone()
    if len(rows) != moments or posts < 2_000 + pace * seconds:
        raise RuntimeError(f"{len(rows)} of {moments} milestones were told, {posts} posts came")
    return sorted((datetime.fromisoformat(at) - datetime.fromisoformat(due)).total_seconds() for at, due in rows)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def report(plan: Plan) -> None:
    """Measure once and print each figure beside its goal."""
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as name:
        folder = Path(name)
        before = calibrate()
        small, large = (ticks(folder, *size, plan.ticks) for size in (plan.small, plan.large))
        late = lateness(folder, plan.a_minute, plan.seconds)
        after = calibrate()
    for size, found in ((plan.small, small), (plan.large, large)):
        say(
            f"a tick with {size[0]:,} milestones and {size[1]:,} people: {found[0]:.2f} ms where nothing has changed, {found[1]:.2f} ms where {_WAVE} rows have"
        )
    p50, p99 = late[len(late) // 2], late[min(len(late) - 1, int(len(late) * 0.99))]
    say(
        f"lateness of {len(late)} milestones with {plan.a_minute:,} posts a minute: p50 {p50:.2f} s, p99 {p99:.2f} s, max {late[-1]:.2f} s (calibration {before:.3f} to {after:.3f} s)"
    )
    say(
        verdict(
            "a tick of the large plan against the small one, idle", large[0] / small[0], 3, at_least=False, unit="x"
        )
    )
    say(verdict("the same, where rows have changed", large[1] / small[1], 3, at_least=False, unit="x"))
    say(verdict("lateness, p99", p99, 1, at_least=False, unit=" s"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.milestones")
    parser.add_argument("--quick", action="store_true", help="small sizes: to see that it works")
    report(QUICK if parser.parse_args().quick else Plan())
