"""Mastodon.py's cases of how long a status is."""

import json
from collections.abc import Callable
from pathlib import Path

from bot.core.model import LengthUnit
from bot.core.text.lengths import length


def test_status_lengths(shared_data: Path, tally: Callable[[str, int], None]) -> None:
    cases = json.loads((shared_data / "mastodon" / "status_length.json").read_text(encoding="utf-8"))
    assert len(cases) == 31
    wrong = [
        (case["text"], found, case["length"])
        for case in cases
        if (found := length(case["text"], LengthUnit.MASTODON)) != case["length"]
    ]
    assert wrong == []
    tally("Mastodon status lengths", len(cases))
