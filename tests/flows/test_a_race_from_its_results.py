"""A whole race from real, dirty timing data: every milestone of a long plan at its row and only there.

The rows are those of the 2016 London Marathon in the shared data; each arrives at the mass start and its finishing time, shuffled
within five minutes, in growing batches, some of them wrong at first and corrected later.
"""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.milestones.plan import Plan
from bot.core.milestones.reading import load
from bot.core.model import Batch, EventClock
from bot.core.people import People, Person
from bot.core.results import FINISH, Result, Standing, read_time
from bot.pipeline import collect
from bot.pipeline.announce.step import announce
from bot.pipeline.announce.watching import Watcher
from bot.store import cards, milestones
from tests.conftest import House
from tests.pipeline.houses import live

POINTS = ("5K", "10K", "15K", "20K", "HALF", "25K", "30K", "35K", "40K", FINISH)
COUNTS = (1, 2, 3, 10, 25, 50, 100, 250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2400, 2401)
PLACES = (1, 2, 5, 10, 50, 100, 200, 1000, 5000, 39013)
UNDER = {"F": "2h40m", "M": "2h20m"}


@dataclass(frozen=True)
class Arrival:
    at: datetime
    row: Result


def rows(data: Path) -> list[Result]:
    found = []
    with (data / "milestones" / "lm2016_sample.csv").open(newline="", encoding="utf-8") as file:
        for number, line in enumerate(csv.DictReader(file), start=2):
            times = tuple((point, read_time(line["FINISH" if point == FINISH else point])) for point in POINTS)
            fields = {name: line[name] for name in ("gender", "place_gender", "nationality", "age_group")}
            place = int(line["place_overall"])
            found.append(Result("mass", str(number), f"runner {number}", place, times, Standing.FINISHED, fields))
    return found


def plan(clocks: dict[str, EventClock]) -> Plan:
    text = ['[[race]]\nid = "mass"\nclock = "mass"\n']

    def add(name: str, body: str, words: str = "{{ name }} {{ result }}") -> None:
        text.append(f'[[milestone]]\nid = "{name}"\n{body}\nrace = "mass"\ntext = "{words}"\n')

    for number in COUNTS:
        add(f"count-{number}", f'reached = {number}\nof = "finishers"', "{{ count }}: {{ name }}")
    for number in PLACES:
        add(f"place-{number}", f'result = "nth"\nnumber = {number}')
    add("winner", 'result = "winner"')
    add("podium", 'result = "podium"', "{{ names | join(', ') }}")
    add("first-woman", 'result = "winner"\nrank = "place_gender"\nwhere = { gender = "F" }')
    add("first-french", 'result = "first"\nwhere = { nationality = "FRA" }')
    add("first-seventy", 'result = "first"\nwhere = { age_group = "70+" }')
    add("half", 'result = "first"\npoint = "HALF"\nlate = "say"')  # these rows tell the splits at the finish
    add("half-too-late", 'result = "first"\npoint = "HALF"')
    for gender, under in UNDER.items():
        add(f"under-{gender}", f'result = "first"\nunder = "{under}"\nwhere = {{ gender = "{gender}" }}')
    add("last", 'result = "last"\nclock = "mass"\nafter = "9h"')
    add("nobody", 'result = "first"\nunder = "2h"')
    add("too-many", 'reached = 2402\nof = "finishers"', "{{ count }}")
    for name in ("sound", "dirty"):
        add(
            f"watched-{name}", f'person = "{name}"\nis = "at"\npoint = "20K"\nlate = "say"', "{{ person }} {{ result }}"
        )
    return load("".join(text), clocks=clocks, strands=(), accounts=(), zone="Europe/London")


def arrivals(found: list[Result], start: datetime, seed: int) -> list[Arrival]:
    """Each at its finish, up to five minutes late; of some a wrong row first."""
    chance = random.Random(seed)
    came = []
    for row in found:
        at = start + timedelta(milliseconds=row.at(FINISH) or 0)
        came.append(Arrival(at + timedelta(seconds=chance.uniform(0, 300)), row))
        if chance.random() < 0.02:  # a finish before the last split: believed in nothing, corrected soon after
            wrong = replace(row, times=(*row.times[:-2], ("40K", 60_000_000), row.times[-1]))
            came.append(Arrival(at, wrong))
    return sorted(came, key=lambda one: one.at)


def growing(came: list[Arrival], start: datetime) -> Iterator[tuple[datetime, list[Result]]]:
    """What has come at each look, half a minute apart while rows come."""
    index, now = 0, start
    while index < len(came):
        now = max(now + timedelta(seconds=30), came[index].at)
        batch = []
        while index < len(came) and came[index].at <= now:
            batch.append(came[index].row)
            index += 1
        yield now, batch


def test_each_milestone_of_a_long_plan_is_told_at_its_row_and_only_there(house: House, shared_data: Path) -> None:
    found = rows(shared_data)
    assert len(found) == 2401
    dirty = [row for row in found if not row.sound]
    assert len(dirty) == 1, "one row has its half after 20 kilometres"
    clocks = dict(house.app.desk.clocks)
    start = clocks["mass"].start_at
    the_plan = plan(clocks)
    assert len(the_plan.milestones) >= 38
    sound = next(row for row in found if row.sound and row.at("20K"))
    people = People(
        "p", (Person("sound", "Sound", (), sound.key, ("mass",)), Person("dirty", "Dirty", (), dirty[0].key, ("mass",)))
    )
    desk, database = house.app.desk, house.app.database
    watcher = Watcher(database)
    terms = collect.Terms("timing", has_baseline=False)
    told: dict[str, list[str]] = {}  # keys of the rows of the batch at which each was told
    finished: list[str] = []
    for now, batch in growing(arrivals(found, start, 1), start):
        house.clock.at = now
        if len(told) % 7 == 3:
            watcher = Watcher(database)  # a restart in the middle
        collect.store(database, Batch(results=tuple(batch), cursor="1"), terms, lane="fetch", now=now, machine_now=now)
        announce(database, desk, the_plan, now=now, watcher=watcher, people=people)
        announce(database, desk, the_plan, now=now, watcher=watcher, people=people)
        with database.read() as tx:
            states = milestones.states(tx)
        for name in states.keys() - told.keys():
            told[name] = [row.key for row in batch]
        for row in batch:
            if row.sound and row.key not in finished:
                finished.append(row.key)
        for number in COUNTS:
            assert (f"count-{number}" in told) is (len(finished) >= number), f"at {now} {len(finished)} are home"
    house.clock.at = start + timedelta(hours=9, seconds=1)
    announce(database, desk, the_plan, now=house.clock(), watcher=watcher, people=people)
    with database.read() as tx:
        states = milestones.states(tx)
        assert cards.open_cards(tx) == []
    texts = {update.milestone: update.text for update in live(house)}
    assert len(live(house)) == len(texts), "none is told twice"
    assert {name for name, state in states.items() if state != "told"} == {"half-too-late"}
    by_place = {place: [row for row in found if row.place == place and row.sound] for place in PLACES}
    for place, there in by_place.items():
        name = f"place-{place}"
        assert (name in texts) is bool(there)
        if there:
            assert there[0].key in told[name], "at the row of who has that place"
    women = [row for row in found if row.fields["gender"] == "F" and row.fields["place_gender"] == "1"]
    assert texts["first-woman"].startswith(women[0].name)
    assert women[0].key in told["first-woman"]
    assert texts["winner"] == "runner 2 2:17.20"
    assert texts["podium"] == "runner 2, runner 3, runner 4"
    assert texts["last"].endswith("8:49.13")
    assert "under-M" in texts
    assert texts["watched-sound"].startswith("Sound ")
    assert "watched-dirty" not in texts, "a row that contradicts itself makes nothing"
    assert not {"nobody", "too-many", "count-2401"} & texts.keys()
