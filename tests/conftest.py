"""What all tests share: where other people's suites lie, and what a skip means."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With MILEPOST_REQUIRE=all a skip is a failure: what runs in CI must really run."""
    del item, call
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("MILEPOST_REQUIRE") == "all":
        report.outcome = "failed"
        report.longrepr = f"skipped although MILEPOST_REQUIRE=all: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of suites and posts that others wrote; the test skips where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/data is absent")
    return folder


@pytest.fixture(scope="session")
def shared_servers() -> Path:
    """The folder of start scripts for real servers; the test skips where it is absent."""
    folder = SHARED / "servers"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/servers is absent")
    return folder
