"""How long a pause of notifications lasts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.model.pause import MAX_PAUSE, PauseUntil, pause_end, running_pause

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "now", "end"),
    [
        ("30m", "2026-11-22T15:00", "2026-11-22T15:30"),
        ("1h", "2026-11-22T15:00", "2026-11-22T16:00"),
        ("1h", "2026-10-25T02:30", "2026-10-25T02:30"),  # the clocks go back meanwhile
        ("tomorrow", "2026-11-22T00:00", "2026-11-23T08:00"),
        ("tomorrow", "2026-11-22T23:59", "2026-11-23T08:00"),
        ("tomorrow", "2026-10-24T12:00", "2026-10-25T08:00"),
    ],
)
def test_a_pause_lasts_as_long_as_was_asked(until: str, now: str, end: str) -> None:
    begins = datetime.fromisoformat(now).replace(tzinfo=BERLIN)
    ends = pause_end(PauseUntil(until), begins, BERLIN)
    assert ends.astimezone(BERLIN).replace(tzinfo=None) == datetime.fromisoformat(end)
    assert ends - begins.astimezone(UTC) <= MAX_PAUSE


@pytest.mark.parametrize(
    ("left", "runs"),
    [
        (timedelta(0), False),
        (timedelta(seconds=1), True),
        (MAX_PAUSE, True),
        (MAX_PAUSE + timedelta(seconds=1), False),
        (timedelta(-1), False),
    ],
    ids=["just over", "ending", "longest", "of a wrong clock", "over"],
)
def test_a_pause_that_cannot_be_is_none(left: timedelta, runs: bool) -> None:
    assert running_pause(NOW + left, NOW) == (NOW + left if runs else None)


def test_none_is_none() -> None:
    assert running_pause(None, NOW) is None
