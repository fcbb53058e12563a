"""Names of processes: only what is known to be no more is called dead."""

import os
import subprocess

import pytest

from bot.app.processes import is_dead, this_process


def of_this_machine(number: int | str) -> str:
    return f"{this_process().rpartition(':')[0]}:{number}:abc123"


def test_this_process_lives() -> None:
    assert this_process().endswith(f":{os.getpid()}")
    assert this_process() == this_process()
    assert not is_dead(f"{this_process()}:abc123")


def test_a_process_dies_when_it_ends_and_not_before() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        assert not is_dead(of_this_machine(process.pid))
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
        assert is_dead(of_this_machine(process.pid))


def test_a_process_of_somebody_else_lives() -> None:
    assert not is_dead(of_this_machine(1))


@pytest.mark.parametrize(
    "holder",
    [
        "",
        ":",
        "::",
        "test",
        "test:abc123",
        "somebody else",
        of_this_machine("x"),
        of_this_machine(""),
        of_this_machine("-1"),
        f"another/0123abcd/pid:[1]:{2**22 + 1}:abc123",
        f"{this_process().partition('/')[0]}/0123abcd/pid:[1]:{2**22 + 1}:abc123",
    ],
)
def test_whom_nobody_here_can_know_is_not_called_dead(holder: str) -> None:
    assert not is_dead(holder)


@pytest.mark.parametrize("number", ["9" * 19, "9" * 40, "²", "٣", "0", "00"])
def test_a_number_that_no_process_has_is_not_called_dead(number: str) -> None:
    assert not is_dead(of_this_machine(number))
