"""Says at the end of a run how many of other people's cases ran."""

from collections.abc import Callable

import pytest

_TALLY = pytest.StashKey[list[str]]()


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """Called by a test at its end, with the name of a suite and how many of its cases passed."""

    def count(suite: str, passed: int) -> None:
        request.config.stash.setdefault(_TALLY, []).append(f"{suite}: {passed} cases passed")

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what the tests told."""
    lines = config.stash.get(_TALLY, [])
    if lines:
        terminalreporter.section("conformance")
    for line in sorted(lines):
        terminalreporter.line(line)
