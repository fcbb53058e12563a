"""Another user than the service's asks: who may read the store can ask everything, and changes nothing by it."""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app.opening import open_app
from tests.cli.small_race import Desk

_NOBODY = 65534
ASK = (
    ("log",),
    ("queue",),
    ("explain", "1"),
    ("rules", "explain", "1"),
    ("quiet", "status"),
    ("post", "list"),
)


@contextmanager
def another(folder: Path, *, file: int, within: int) -> Generator[None]:
    """Be a user who may do with the store's files and their folder what these modes leave to others."""
    var = folder / "var"
    is_root = os.geteuid() == 0
    kept = {path: path.stat().st_mode for path in (var, *var.glob("milepost.db*"))}
    try:
        for path in kept:
            mode = within if path == var else file
            path.chmod(mode if is_root else mode << 6 | mode)  # without root the owner himself is locked out
        if is_root:
            os.setegid(_NOBODY)
            os.seteuid(_NOBODY)
        yield
    finally:
        if is_root:
            os.seteuid(0)
            os.setegid(0)
        for path, mode in kept.items():
            if path.exists():
                path.chmod(mode)


@pytest.fixture
def shared(ran: Desk) -> Iterator[Desk]:
    """The small race after one run, in a folder that others can enter."""
    folder = Path(tempfile.mkdtemp(prefix="milepost-shared-"))
    folder.chmod(0o755)
    shutil.copytree(ran.folder, folder, dirs_exist_ok=True)
    folder.chmod(0o755)
    yield replace(ran, folder=folder)
    shutil.rmtree(folder)


def said(desk: Desk) -> list[str]:
    return [desk(*words).out for words in ASK]


def files(desk: Desk) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (desk.folder / "var").glob("milepost.db*")}


def test_who_may_read_the_store_can_ask_everything_and_leaves_no_trace(shared: Desk) -> None:
    expected, before = said(shared), files(shared)
    with another(shared.folder, file=0o444, within=0o555):
        assert "not running" in shared("status").out
        assert "on disk    the same" in shared("rules", "status").out
        assert said(shared) == expected
    with another(shared.folder, file=0o444, within=0o777):  # no log of theirs, which would shut the owner out
        assert said(shared) == expected
    assert files(shared) == before


def test_beside_a_writer_they_see_what_was_committed_last(shared: Desk) -> None:
    app = open_app(shared.folder / "config.toml", shared.environ)
    try:
        shared("queue", "approve", "2", "--as", "ana")
        assert (shared.folder / "var" / "milepost.db-wal").stat().st_size > 0
        with another(shared.folder, file=0o444, within=0o555):
            assert "by ana" in shared("log").out
    finally:
        app.close()


def test_a_reader_hears_what_another_commits(shared: Desk) -> None:
    with another(shared.folder, file=0o444, within=0o555):
        app = open_app(shared.folder / "config.toml", shared.environ)
    with app.watch() as watch:
        assert not watch.changed(0)
        shared("queue", "approve", "2", "--as", "ana")
        assert watch.changed(5)
    app.close()


def test_who_may_not_write_is_told_so_and_who_may_not_read_too(shared: Desk) -> None:
    with another(shared.folder, file=0o444, within=0o555):
        found = shared("queue", "approve", "2", "--as", "ana", code=1)
    assert "the database file cannot be written: check its owner and mode" in found.err
    for modes in ({"file": 0o000, "within": 0o555}, {"file": 0o444, "within": 0o000}):
        with another(shared.folder, **modes):
            found = shared("status", code=1)
        assert (
            "this user may not read the database, which keeps the sessions of accounts: do it as its owner" in found.err
        )
