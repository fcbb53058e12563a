"""Where nothing can be printed, a command says so in one line and leaves no traceback."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.small_race import Desk

FULL = Path("/dev/full")


def ended(desk: Desk, words: str, where: str) -> tuple[int, str]:
    """The exit code and standard error of a command whose standard output a shell has put somewhere."""
    line = f"exec milepost {words} {where}"
    done = subprocess.run(
        ["sh", "-c", line], cwd=desk.folder, env=desk.environ, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="this machine has no /dev/full")
@pytest.mark.parametrize("words", ["status", "log --json", "config show", "--help", "--version"])
def test_a_full_disk_is_one_line(ran: Desk, words: str) -> None:
    said = "error: cannot write any further (no space left on device): make room, or look where standard output leads\n"
    assert ended(ran, words, ">/dev/full") == (1, said)


@pytest.mark.parametrize("words", ["status", "pause", "--help"])
def test_with_standard_output_closed_nothing_is_done(ran: Desk, words: str) -> None:
    said = "error: standard output is closed, and nothing was done: write >/dev/null where nobody is to read it\n"
    assert ended(ran, words, ">&-") == (1, said)
    assert not ran("log", "--what", "paused").out


def test_a_closed_standard_error_hinders_nothing(ran: Desk) -> None:
    assert ended(ran, "status", ">/dev/null 2>&-") == (0, "")
    assert ended(ran, "explain 99999", ">/dev/null 2>&-") == (1, "")


def test_a_word_for_a_number_is_said_in_our_own_words(ran: Desk) -> None:
    said = ran("log", "--story", "abc", code=2).err
    assert "error: Invalid value for '--story': not a number: write digits, such as 12\n" in said
    assert "Input should be" not in said
