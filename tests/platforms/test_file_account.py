"""The file account: once for each key, whatever happened before."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Unavailable
from bot.core.model import Entity, LengthUnit, Limits, Media, Receipt, Snippet
from bot.platforms.file import FileAccount
from tests.platforms.contract import NOON, Clock, check_publisher, context_of

ROOT = Path(__file__).resolve().parents[2]
SNIPPET = Snippet(
    "Kipchoge wins #LondonMarathon",
    NOON,
    entities=(Entity("tag", 14, 29, "LondonMarathon"),),
    media=(Media("image", "media/a.png", alt="The finish"),),
    lang="en",
)


def account(path: Path, **settings: object) -> FileAccount:
    given_settings = FileAccount.Settings.model_validate({"path": str(path), **settings})
    return FileAccount(given_settings, context_of(Clock(), name="bot"))


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "paper.jsonl"

    def standing() -> list[str]:
        found = lines(path) if path.exists() else []
        gone = {line["retract"] for line in found if line.get("retract")}
        return [str(line["text"]) for line in found if line.get("key") and line["id"] not in gone]

    check_publisher(lambda: account(path), standing, [SNIPPET, replace(SNIPPET, text="Halfway")], NOON)


def test_a_snippet_becomes_a_line(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sent.jsonl"
    receipt = account(path).publish(SNIPPET, "k1")
    (line,) = lines(path)
    assert line["text"] == SNIPPET.text
    assert line["key"] == "k1"
    assert line["id"] == receipt.id
    assert line["created_at"] == "2016-04-24T12:00:00Z"
    assert path.read_bytes().endswith(b"\n")


def test_once_for_each_key_also_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "sent.jsonl"
    first = account(path).publish(SNIPPET, "k1")
    assert account(path).publish(SNIPPET, "k1") == first
    assert account(path).publish(replace(SNIPPET, text="other"), "k2") != first
    assert len(lines(path)) == 2


def test_a_correction_is_a_line_of_its_own_once_for_each_key(tmp_path: Path) -> None:
    path = tmp_path / "sent.jsonl"
    receipt = account(path).publish(SNIPPET, "k1")
    for _ in range(2):
        assert account(path).revise(receipt, replace(SNIPPET, text="Kipchoge wins again"), "k1-7") == receipt
    assert [line.get("correct") for line in lines(path)] == [None, receipt.id]
    assert lines(path)[1]["text"] == "Kipchoge wins again"
    assert account(path).find("k1", NOON) == receipt


def test_find_and_retract(tmp_path: Path) -> None:
    path = tmp_path / "sent.jsonl"
    it = account(path)
    assert it.find("k1", NOON - timedelta(days=1)) is None
    receipt = it.publish(SNIPPET, "k1")
    assert account(path).find("k1", NOON) == receipt
    it.retract(receipt)
    it.retract(receipt)
    account(path).retract(receipt)
    assert it.find("k1", NOON) is None
    assert len(lines(path)) == 2
    assert lines(path)[1]["retract"] == receipt.id
    it.retract(Receipt("never/sent"))


@pytest.mark.parametrize("keep", range(1, 60, 7))
def test_a_line_torn_by_a_crash_is_passed_over_and_the_next_stands_alone(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "sent.jsonl"
    account(path).publish(SNIPPET, "k1")
    path.write_bytes(path.read_bytes()[:keep])
    assert account(path).find("k1", NOON) is None
    account(path).publish(SNIPPET, "k2")
    account(path).publish(SNIPPET, "k1")
    whole = path.read_bytes().split(b"\n")[1:-1]
    assert [json.loads(line)["key"] for line in whole] == ["k2", "k1"]


def test_a_line_that_lost_only_its_end_still_counts(tmp_path: Path) -> None:
    path = tmp_path / "sent.jsonl"
    receipt = account(path).publish(SNIPPET, "k1")
    path.write_bytes(path.read_bytes()[:-1])
    assert account(path).find("k1", NOON) == receipt
    account(path).publish(SNIPPET, "k2")
    assert len(lines(path)) == 2


def test_limits_are_the_settings(tmp_path: Path) -> None:
    assert account(tmp_path / "a").limits() == Limits(300, LengthUnit.GRAPHEMES, media=4)
    assert account(tmp_path / "a", length=500, unit="mastodon", pace_s=2).limits() == Limits(
        500, LengthUnit.MASTODON, media=4, pace_s=2.0
    )


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="give the account a file that can be written"):
        account(tmp_path).publish(SNIPPET, "k1")
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(Unavailable):
        account(blocked / "under").publish(SNIPPET, "k1")


def test_a_device_is_no_file() -> None:
    with pytest.raises(Unavailable, match="not a plain file"):
        account(Path("/dev/zero")).publish(SNIPPET, "k1")


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from bot.core.errors import Unanswered
from bot.core.model import Snippet
from bot.platforms.file import FileAccount
from tests.platforms.contract import NOON, Clock, context_of
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    FileAccount(FileAccount.Settings(path=Path(sys.argv[1])), context_of(Clock())).publish(Snippet("word " * 20, NOON), "k1")
except Unanswered as error:
    print(error)
"""


@pytest.mark.parametrize("room", [0, 1, 50])
def test_a_full_disk_is_said_and_never_taken_for_sent(tmp_path: Path, room: int) -> None:
    path = tmp_path / "sent.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), str(room)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert str(path) in done.stdout
    assert account(path).find("k1", NOON) is None
    account(path).publish(SNIPPET, "k1")
    assert account(path).find("k1", NOON) is not None


@given(st.lists(st.tuples(st.sampled_from(["publish", "retract"]), st.sampled_from(["a", "b", "c"])), max_size=12))
def test_any_order_of_tries_leaves_one_line_for_each_thing_done(
    tmp_path_factory: pytest.TempPathFactory, tries: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "sent.jsonl"
    sent: dict[str, Receipt] = {}
    gone: set[str] = set()
    for verb, key in tries:
        if verb == "publish":
            sent[key] = account(path).publish(SNIPPET, key)
        elif key in sent:
            account(path).retract(sent[key])
            gone.add(key)
    for key in "abc":
        assert (account(path).find(key, NOON) is not None) == (key in sent and key not in gone)
    if path.exists():
        assert len(lines(path)) == len(sent) + len(gone)
