"""demo, rehearse: the sample day or a recording of one's own, at once or as a page that lives."""

import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path

from bot.app import demo as sample
from bot.app import logs, rehearsal
from bot.app.demo import DayReport, Performance
from bot.app.hall import App
from bot.cli.ends import flush
from bot.cli.hall import zone_of
from bot.cli.program import command, named_config
from bot.cli.serving import Signals, leave_at_once, local_url, open_door, shut
from bot.cli.terminal import note, out, table
from bot.core.durations import write_duration
from bot.core.errors import RefusedError
from bot.daemon import Daemon
from bot.web.server import WebServer

_HOST = "127.0.0.1"
_PORTS = 20
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Play:
    """What is performed.

    Attributes:
        stage: Puts it into a folder and gives its config.toml.
        about: What it is, in a line or two.
        name: As the lines that are printed call it.
    """

    stage: Callable[[Path], Path]
    about: tuple[str, ...]
    name: str


SAMPLE = Play(
    sample.stage,
    (
        "The sample day: the London Marathon of 2016, as a desk could have covered it.",
        "What people say is invented; the winners, the times and the counts are real.",
    ),
    "the sample day",
)


def rehearsal_of(config: Path, recordings: Sequence[Path]) -> Play:
    """Recordings of one's own, through the rules and the plan of a configuration."""
    about = (
        f"A rehearsal of {', '.join(str(path) for path in recordings)} with the rules and the plan of {config}.",
        "Store and accounts are its own: nothing is sent, and no milestone is spent.",
    )
    return Play(lambda folder: rehearsal.stage(config, recordings, folder), about, "the recording")


def once(keep: Path | None, play: Play = SAMPLE) -> None:
    """Leap through the day and print what it came to.

    Raises:
        RefusedError: The folder to keep is not empty.
    """
    logs.set_up(level="warning", style="auto", stream=sys.stderr)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what was staged is taken away
    with _stage(keep, play) as config:
        note(f"Leaping through {play.name} ...")
        performance = Performance(config, throw_away=keep is None)
        try:
            performance.leap()
            found = performance.report()
            _report(found, performance.app)
        finally:
            performance.app.close()
        if keep is not None:
            _keepsake(config, found)


def demo(*, speed: float, port: int, keep: Path | None, serve: bool, play: Play = SAMPLE) -> None:
    """Replay the day and serve its page until Ctrl-C.

    Raises:
        RefusedError: The folder to keep is not empty, or no port is free.
    """
    logs.set_up(level="warning", style="auto", stream=sys.stderr)
    in_time = True
    signals = Signals()
    signals.listen()
    with _stage(keep, play) as config:
        performance = Performance(config)
        app = performance.app
        try:
            server = _open_door(app, port) if serve else None
            performance.begin(speed)
            app.refresh()
            daemon = Daemon(app)
            daemon.start()
            _welcome(performance, config, server, speed, play)
            flush()
            player = threading.Thread(
                target=copy_context().run, args=(_play, performance, daemon, signals, serve), daemon=True
            )
            player.start()
            signals.wait()
            player.join(1.0)
            in_time = shut(daemon, server)
            if keep is not None:
                performance.freeze()
                _keepsake(config, performance.report())
        finally:
            if in_time:
                app.close()
    if not in_time:
        leave_at_once(0)


def _play(performance: Performance, daemon: Daemon, signals: Signals, serve: bool) -> None:
    if not performance.play(signals.came, daemon.ring):
        return
    # what the last acts have set in motion comes to rest before it is counted
    signals.came.wait(1.5)
    found = performance.report()
    _report(found, performance.app)
    note(f"  {command(f'explain {found.example or 1}')}  the whole life of one post")
    if serve:
        note("The day is over; the page stays until Ctrl-C.")
        flush()
    else:
        signals.nudge()


def _open_door(app: App, port: int) -> WebServer:
    last = min(port + _PORTS, 65535) if port else 0
    for tried in range(port, last + 1):
        try:
            server = open_door(app, _HOST, tried)
        except RefusedError as error:
            if tried == last:
                raise
            if tried == port:
                note(f"{error}; trying the next one.")
        else:
            return server
    raise RefusedError(f"{_HOST}:{port}: no port is free up to {last}: name another with --port")


@contextmanager
def _stage(keep: Path | None, play: Play) -> Generator[Path]:
    """The staged day's config.toml; gone afterwards unless it is to be kept."""
    folder = Path(tempfile.mkdtemp(prefix="milepost-demo-")) if keep is None else keep
    try:
        config = play.stage(folder)
        named_config.set(str(config))  # what is said from here on is about this day
        yield config
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _welcome(performance: Performance, config: Path, server: WebServer | None, speed: float, play: Play) -> None:
    day = performance.day
    lasts = write_duration((day.ends_at - day.starts_at) / speed)
    for line in play.about:
        note(line)
    note()
    if server is not None:
        note("  The page         ", (local_url(performance.app, server), "bold"), "  fills while you look")
        note(f"  For the desk     {local_url(performance.app, server)}desk  how the house stands")
    note(
        f"  The day          starts at {zone_of(performance.app).minute(day.starts_at)}, {speed:g} times as fast, for {lasts}"
    )
    note(f"  Its folder       {config.parent}")
    note()
    note("In a second terminal:")
    for words, what in (
        ("log -f", "what is decided, and why, as it happens"),
        ("queue", "what waits for a person" + ("; the editor ana decides most of it" if play is SAMPLE else "")),
        ("status", "sources, accounts, rules, what comes next"),
        ("quiet on", "stop everything light"),
    ):
        note(f"  {command(f'{words:<9}')}  {what}")
    note()
    note("Ctrl-C ends it.")


def _report(found: DayReport, app: App) -> None:
    verdicts = ", ".join(
        f"{found.verdicts.get(name, 0)} {word}" for name, word in _VERDICTS if found.verdicts.get(name)
    )
    out(("The day", "bold"), f", at {zone_of(app).minute(app.now())}")
    table(
        [
            ["posts", str(found.posts), verdicts],
            ["updates", str(found.live), f"live, {found.withdrawn} withdrawn"],
            ["milestones", str(found.milestones), "told, each once"],
            ["deliveries", str(found.sent), f"sent, {found.retracted} retracted"],
            ["queue", str(found.queue), "left for you"],
        ],
        indent="  ",
    )
    if found.skipped:
        note(f"The editor's script could not do {len(found.skipped)} of its acts:")
        for line in found.skipped[:_SHOWN]:
            note(f"  {line}")
        if len(found.skipped) > _SHOWN:
            note(f"  and {len(found.skipped) - _SHOWN} more")


_VERDICTS = (("publish", "published"), ("hold", "held"), ("drop", "dropped"), ("wait", "embargoed"))


def _keepsake(config: Path, found: DayReport) -> None:
    note()
    note(f"Everything is kept in {config.parent}:")
    for words, what in (
        ("log -n 20", "the end of the log"),
        ("queue", "what is left for you"),
        (f"explain {found.example or 1}", "the whole life of one post"),
    ):
        note(f"  {command(f'{words:<12}')}  {what}")
    note(f"  {config.parent / 'var' / 'page' / 'index.html'}  the page")
