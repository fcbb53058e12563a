"""rehearse: recordings of one's own, through one's own rules and plan, without touching anything."""

import json
from datetime import timedelta
from pathlib import Path

from bot.core.model import Batch
from bot.core.recording import encode_line
from bot.core.results import FINISH, Result, Standing
from tests.builders import START, a_post
from tests.cli.small_race import Desk

PLAN = """
[[milestone]]
id = "two-hours"
clock = "mass"
after = "2h"
strand = "results"
text = "Two hours"

[[milestone]]
id = "winner"
result = "winner"
race = "mass"
strand = "results"
text = "{{ name }} wins in {{ result }}"
"""


def recording(folder: Path) -> Path:
    """A morning: a post, and a winner, two sources in one file."""
    at = START + timedelta(hours=1, minutes=50)
    post = a_post("A lovely morning", source="hashtag", created_at=at, seen_at=at)
    row = Result("mass", "1", "Ana", 1, ((FINISH, 7_385_000),), Standing.FINISHED)
    finish = at + timedelta(minutes=13)
    lines = [
        encode_line(at, "hashtag", Batch(posts=(post,))),
        encode_line(finish, "timing", Batch(results=(row,))),
        encode_line(finish + timedelta(minutes=1), "timing", Batch(results=(row,))),
    ]
    path = folder / "morning.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def test_a_recording_runs_through_the_own_plan_and_touches_nothing(desk: Desk) -> None:
    (desk.folder / "rules" / "milestones.toml").write_text(PLAN, encoding="utf-8")
    recording(desk.folder)
    before = {path: path.stat().st_mtime_ns for path in desk.folder.rglob("*") if path.is_file()}
    said = desk("rehearse", "morning.jsonl", "--once", "--keep", "kept")
    assert "milestones  2  told, each once" in said.out
    kept = desk.folder / "kept"
    after = {
        path: path.stat().st_mtime_ns for path in desk.folder.rglob("*") if path.is_file() and kept not in path.parents
    }
    assert after == before, "nothing of the coverage itself was touched"
    told = desk("-c", "kept/config.toml", "milestones", "--json").out
    assert [(one["id"], one["state"], one["text"]) for one in json.loads(told)] == [
        ("two-hours", "told", "Two hours"),
        ("winner", "told", "Ana wins in 2:03.05"),
    ]
    sent = (kept / "var" / "accounts" / "paper.jsonl").read_text(encoding="utf-8")
    assert sent.count("Ana wins in 2:03.05") == 1
    assert desk("milestones", code=1).err


def test_a_file_that_is_no_recording_is_said_line_by_line(desk: Desk) -> None:
    (desk.folder / "bad.jsonl").write_text("hello\n\n{}\n", encoding="utf-8")
    said = desk("rehearse", "bad.jsonl", "--once", code=1).err
    assert "bad.jsonl:1:" in said
    assert "run --record" in said
    (desk.folder / "empty.jsonl").write_text("", encoding="utf-8")
    assert "nothing is recorded in it" in desk("rehearse", "empty.jsonl", "--once", code=1).err
    assert "no.jsonl: cannot be read" in desk("rehearse", "no.jsonl", "--once", code=1).err
    recording(desk.folder)
    assert "is not an empty folder" in desk("rehearse", "morning.jsonl", "--once", "--keep", "rules", code=1).err
