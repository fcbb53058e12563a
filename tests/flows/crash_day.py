"""A scripted day that can be killed at any commit and at any network call, and gone on with.

Run as a program: `crash_day.py FOLDER URL`. It plays the day once to count its fault points, then once for each point:
a child plays the day and kills itself with SIGKILL there, further children go on until the day is over, and what then
stands at the "network" and in the store is printed as one JSON line. The network is a file: it survives every kill, and
it does not recognise a repeated key, so that a blind repeat would be seen.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Connection, event

from bot.app import look, plan, verbs
from bot.app.hall import App
from bot.app.outside import Collected
from bot.app.parts import Parts
from bot.app.processes import this_process
from bot.config.settings import EventSettings, PageSettings, Settings
from bot.core.errors import MilepostError, RefusedError, Unanswered
from bot.core.model import Batch, Gone, LengthUnit, Limits, Media, Receipt, Snippet
from bot.core.reports import LogFilter
from bot.core.results import FINISH, Result, Standing, read_time
from bot.daemon import Daemon
from bot.pipeline.collect import Terms
from bot.store import feed, outbox, pictures, posts
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.store.schema import posts as posts_table
from tests.builders import OFFICIAL, START, a_desk, a_post
from tests.drawings import photo, saved
from tests.fakes import FixedClock

RULES = """
[[rule]]
id = "official-accounts"
about = "What officials say goes out."
action = "publish"
when = ['is_official']
catches = [{ is_official = true }]
spares = ["hello"]
"""
PLAN = """
[[milestone]]
id = "one-hour"
clock = "mass"
after = "1h"
text = "One hour in {{ clock }}."
strand = "official"

[[milestone]]
id = "winner"
result = "winner"
race = "mass"
text = "{{ name }} wins in {{ result }}"
strand = "official"
"""

# minutes after the start, words, author and id of each post
DAY = (
    (1, "The elite men are away", OFFICIAL, "p1"),
    (2, "Go on Alice in the rhino suit", "did:plc:bob", "p2"),
    (3, "Batman and Robin at mile two", "did:plc:cat", "p3"),
    (20, "Deleted later by the organiser", OFFICIAL, "p4"),
    (21, "RT @organiser.example: The elite men are away", "did:plc:dan", "p5"),
    (61, "Mile thirteen is open again", OFFICIAL, "p6"),
    (62, "I will regret this post", "did:plc:eve", "p7"),
)
PICTURED = ("p2", "p6", "p7")  # never two at once: their order would differ from run to run
GONE = ((65, "p4"), (66, "p7"))
# minutes after the start, and the time of the winner as timing tells it then: at first it is wrong
RESULTS = ((60, "0:59:59"), (60, "0:59:59"), (63, "1:00:01"))
PHASES = (1, 5, 22, 40, 61, 64, 67, 70)


class Faults:
    """Counts fault points and dies at the chosen one."""

    def __init__(self, die_at: int) -> None:
        self.count = 0
        self.die_at = die_at
        self.names: list[str] = []

    def point(self, name: str) -> None:
        self.count += 1
        self.names.append(name)
        if self.count == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)


class FileNetwork:
    """A social network in a file that takes every send as a new post."""

    def __init__(self, path: Path, faults: Faults) -> None:
        self.path = path
        self.faults = faults

    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def _add(self, line: dict[str, str]) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def limits(self) -> Limits:
        return Limits(300, LengthUnit.GRAPHEMES)

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        self.faults.point("before publish")
        self._add({"do": "post", "key": key, "text": snippet.text})
        self.faults.point("after publish")
        if "thirteen" in snippet.text and sum(line["do"] == "unanswered" for line in self.lines()) == 0:
            self._add({"do": "unanswered"})
            raise Unanswered("the answer was lost")
        return Receipt(key)

    def find(self, key: str, since: datetime) -> Receipt | None:
        del since
        self.faults.point("before find")
        return Receipt(key) if any(line.get("key") == key and line["do"] == "post" for line in self.lines()) else None

    def retract(self, receipt: Receipt) -> None:
        self.faults.point("before retract")
        self._add({"do": "retract", "key": receipt.id})
        self.faults.point("after retract")

    def standing(self) -> list[str]:
        gone = {line["key"] for line in self.lines() if line["do"] == "retract"}
        return [line["text"] for line in self.lines() if line["do"] == "post" and line["key"] not in gone]


@dataclass
class ScriptedSource:
    """Posts and deletions by event time; the cursor is the time up to which it has told."""

    clock: FixedClock
    faults: Faults

    def fetch(self, cursor: str) -> Batch:
        self.faults.point("before fetch")
        last = datetime.fromisoformat(cursor) if cursor else START
        now = self.clock()
        posts = tuple(
            a_post(
                text,
                author=author,
                minutes=minutes,
                native_id=name,
                url="",
                media=(Media("image", f"https://pictures.example/{name}"),) if name in PICTURED else (),
            )
            for minutes, text, author, name in DAY
            if last < START + timedelta(minutes=minutes) <= now
        )
        gone = tuple(
            Gone(name, START + timedelta(minutes=minutes))
            for minutes, name in GONE
            if last < START + timedelta(minutes=minutes) <= now
        )
        results = tuple(
            Result("mass", "1", "Ana", 1, ((FINISH, read_time(finish)),), Standing.FINISHED)
            for minutes, finish in RESULTS
            if last < START + timedelta(minutes=minutes) <= now
        )
        self.faults.point("after fetch")
        return Batch(posts, now.isoformat(), gone, results=results)

    def missing(self, ids: Sequence[str]) -> AbstractSet[str]:
        del ids
        return set()

    def shows(self, media: Media) -> bool:
        return media.kind == "image"

    def picture(self, media: Media) -> bytes:
        self.faults.point("before picture")
        return saved(photo(int(media.url[-1])))


def play(folder: Path, url: str, die_at: int) -> Faults:
    """Play the day from where it stands."""
    faults = Faults(die_at)
    clock = FixedClock(START)
    machine = FixedClock(START + timedelta(days=3000))
    database = Database(url)

    @event.listens_for(database.engine, "commit")
    def _before_commit(connection: Connection) -> None:
        if connection.get_execution_options().get("milepost_write"):
            faults.point("before commit")

    network = FileNetwork(folder / "network.jsonl", faults)
    source = ScriptedSource(clock, faults)
    settings = Settings(
        event=EventSettings(name="Day", zone="Europe/London"), page=PageSettings(public_url="https://live.example")
    )
    parts = Parts(
        settings=settings,
        folder=folder,
        database=database,
        desk=a_desk(),
        now=clock,
        machine_now=machine,
        holder=this_process(),
        sources={
            "hashtag": Collected("hashtag", "fake", source, Terms("hashtag", platform="bluesky"), timedelta(seconds=1))
        },
        publishers={"social": network},
    )
    app = App(parts)
    done = folder / "phase"
    start = int(done.read_text()) if done.exists() else 0
    for number in range(start, len(PHASES)):
        clock.at = START + timedelta(minutes=PHASES[number])
        machine.at = START + timedelta(days=3000, minutes=100 * number)
        Daemon(app).run_once()
        _editor(app, number)
        faults.point("after the editor")
        machine.forward(minutes=10)  # what waits for a back-off is done, too
        Daemon(app).run_once()
        done.with_suffix(".new").write_text(str(number + 1))
        done.with_suffix(".new").replace(done)
    app.close()
    return faults


def _editor(app: App, phase: int) -> None:
    """What a person does in each phase; a person looks before doing it again."""
    texts = {item.post.text: item.id for item in look.queue(app)}
    actions: dict[int, Callable[[], object]] = {
        1: lambda: verbs.approve(app, str(texts["Go on Alice in the rhino suit"]), by="ana"),
        2: lambda: verbs.reject(app, str(texts["Batman and Robin at mile two"]), by="ana", why="seen enough"),
        3: lambda: _write_once(app),
        5: lambda: verbs.approve(app, str(texts["I will regret this post"]), by="ana"),
        6: lambda: verbs.take_back(app, "bluesky:p1", by="ana", why="wrong race"),
    }
    with suppress(KeyError, RefusedError):  # done before the kill
        actions.get(phase, lambda: None)()
    if phase == 6:
        with suppress(RefusedError):
            plan.correct(app, "winner", by="ana")


def _write_once(app: App) -> None:
    with app.database.read() as tx:
        if any("desk's own" in update.text for update in feed.live(tx)):
            return
    verbs.write(app, verbs.manuscript("The desk's own words", strand="official"), by="ana")


def outcome(folder: Path, url: str) -> dict[str, object]:
    """What stands in the end, without anything that differs from run to run."""
    database = Database(url)
    clock = FixedClock(START + timedelta(minutes=PHASES[-1]))
    settings = Settings(event=EventSettings(name="Day", zone="Europe/London"))
    app = App(Parts(settings, folder, database, a_desk(), clock, clock, "look"))
    network = FileNetwork(folder / "network.jsonl", Faults(0))
    lines = look.log(app, LogFilter(limit=1000))
    with database.read() as tx:
        shown, taken = feed.live(tx), feed.withdrawn(tx)
        deliveries = sorted(
            (found.update.text, found.state.value) for number in range(1, 50) if (found := outbox.by_id(tx, number))
        )
        verdicts = sorted(
            (row[0], row[1])
            for row in tx.run(posts_table.select().with_only_columns(posts_table.c.native_id, posts_table.c.verdict))
        )
        seen = pictures.of_posts(tx, range(1, 50))
        pictured = sorted((posts.by_id(tx, [one.post_id])[0].post.native_id, *one.hashes) for one in seen if one.hashes)
    live, withdrawn = [update.text for update in shown], [update.text for update in taken]
    page = (folder / "var/page/index.html").read_text()
    slugs = {update.slug: update.text for update in (*shown, *taken)}

    def named(text: str) -> str:
        for slug, words in slugs.items():
            text = text.replace(slug, words)
        return text

    result: dict[str, object] = {
        "live": sorted(live),
        "withdrawn": sorted(withdrawn),
        "standing": sorted(map(named, network.standing())),
        "ever sent": sorted(named(line["text"]) for line in network.lines() if line["do"] == "post"),
        "deliveries": deliveries,
        "verdicts": verdicts,
        "pictures": pictured,
        "told lines": len([line for line in lines if line.what == "told"]),
        "on page": sorted(text for text in (*live, *withdrawn) if text.replace("'", "&#39;") in page),
    }
    app.close()
    return result


def _child(work: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except MilepostError:
            os._exit(3)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(folder: Path, url: str) -> None:
    """Count the points, then die at each of them."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    template = folder / "template"
    (template / "rules").mkdir(parents=True)
    (template / "rules" / "10-rules.toml").write_text(RULES)
    (template / "rules" / "milestones.toml").write_text(PLAN)
    if url.startswith("sqlite"):
        database = Database(f"sqlite:///{template}/day.db")
        migrate(database)
        database.close()

    def fresh(name: str) -> tuple[Path, str]:
        place = folder / name
        shutil.copytree(template, place)
        if url.startswith("sqlite"):
            own = f"sqlite:///{place}/day.db"
        else:
            own = url.replace("DATABASE", f"day_{name}")
            admin = Database(url.replace("DATABASE", "postgres"))
            with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"CREATE DATABASE day_{name} TEMPLATE milepost_template")
            admin.close()
        return place, own

    place, own = fresh("whole")
    names = play(place, own, 0).names
    os.write(1, json.dumps({"point": 0, "name": "whole", "killed": 0, **outcome(place, own)}).encode() + b"\n")

    def die_at(point: int) -> None:
        place, own = fresh(f"p{point}")
        code = _child(lambda: play(place, own, point))
        for _ in range(5):
            if _child(lambda: play(place, own, 0)) == 0:
                break
        found = {
            "point": point,
            "name": names[point - 1],
            "killed": int(code == -signal.SIGKILL),
            **outcome(place, own),
        }
        os.write(1, json.dumps(found).encode() + b"\n")
        shutil.rmtree(place)

    lanes = os.cpu_count() or 1
    workers = []
    for lane in range(lanes):  # each lane takes every n-th point
        pid = os.fork()
        if pid == 0:
            for point in range(1 + lane, len(names) + 1, lanes):
                die_at(point)
            os._exit(0)
        workers.append(pid)
    if any(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in workers):
        sys.exit("a lane failed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
