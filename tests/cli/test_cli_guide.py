"""The editor's guide shows what the program prints: every command in it is typed along, in its order."""

import re
from pathlib import Path

import pytest

from tests.guide import GUIDE, rehearse, type_along

TEXT = GUIDE.read_text(encoding="utf-8")


def test_every_output_in_the_guide_is_what_the_program_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MILEPOST_CONFIG", raising=False)
    typed = list(type_along(TEXT, rehearse(tmp_path)))
    assert len(typed) > 15
    wrong = [f"$ {one.command}\n{one.printed}" for one in typed if not one.is_right]
    assert wrong == [], "the guide shows something else: look what has changed, then `python -m tests.guide`"


def test_the_guide_shows_the_whole_way() -> None:
    shown = set(re.findall(r"^\$ milepost rules ([a-z-]+)", TEXT, re.MULTILINE))
    assert shown >= {
        "explain",
        "why-not",
        "pin",
        "check",
        "test",
        "backtest",
        "status",
        "shadow",
        "live",
        "receipt",
        "stats",
    }
    for named in (
        "--thorough",
        "--files",
        "--now",
        "rules fields",
        "rules functions",
        "rules schema",
        "milepost_rules_refused",
    ):
        assert named in TEXT, named
