"""What every test stands on: no display needed, no warning unannounced, nothing of the user's."""

import gc
import logging
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.fixtures.http", "tests.fixtures.screen"]

HERE = Path(__file__).parent
LONGEST = (HERE / "desktop", HERE / "faults", HERE / "journeys")
"""Whose files take longest: they begin first, so that no process waits for another at the end."""

PHASES: tuple[Literal["setup", "call"], ...] = ("setup", "call")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# No bus but those that tests start: the user's calendars are on theirs.
os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={os.devnull}"

# What a shell runs in the background ignores Ctrl+C, and so do its children: those that tests
# interrupt would never end.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No test asserts a wall-clock time: a slow machine, or a first run that builds tables, is no bug.
settings.register_profile("oo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("oo")


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Two processes for each processor: half of the time, tests wait for what they have started."""
    return 2 * (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Otherwise the order is the one that was drawn."""
    items.sort(key=lambda item: item.path.parent not in LONGEST)


def pytest_collection_finish() -> None:
    """What is there now stays to the end: no collection of garbage need look through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def unannounced_warnings_fail(
    caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> Iterator[None]:
    """A log record of level WARNING or above fails the test, unless it is marked to expect some."""
    with caplog.at_level(logging.DEBUG, logger="oo_desktop"):
        yield
    if request.node.get_closest_marker("logs_warnings"):
        return
    loud = [
        f"{record.name}: {record.getMessage()}"
        for phase in PHASES
        for record in caplog.get_records(phase)
        if record.levelno >= logging.WARNING
    ]
    assert not loud, f"unannounced log warnings: {loud}"
