"""A folder to work in, before and after a first run."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.small_race import ROOT, RULES, SETTINGS, Desk, day, free_port


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Desk]:
    """The command in an empty folder."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MILEPOST_")}
    # `milepost` is this very program, so that hints read as they do for most people
    path = os.pathsep.join((str(Path(sys.executable).parent), environ.get("PATH", os.defpath)))
    environ |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "LOGNAME": "wim", "PYTHONUTF8": "1", "PATH": path}
    desk = Desk(tmp_path, environ)
    yield desk
    for process in desk.started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)


@pytest.fixture
def desk(bare: Desk) -> Desk:
    """A small race: one post to publish, one to hold, one to drop."""
    (bare.folder / "config.toml").write_text(f"{SETTINGS}\n[page]\nport = {free_port()}\n", encoding="utf-8")
    (bare.folder / "rules").mkdir()
    (bare.folder / "rules" / "10-small.toml").write_text(RULES, encoding="utf-8")
    recorded = day(("ann", "hooray for all of you"), ("bob", "my knee hurts at mile 9"), ("cat", "buy this coin"))
    (bare.folder / "day.jsonl").write_text(recorded, encoding="utf-8")
    return bare


@pytest.fixture
def ran(desk: Desk) -> Desk:
    """The small race after one run."""
    desk("run", "--once")
    return desk
