"""The table of what may interrupt, cell by cell, and the hours that are quiet."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.model.preferences import Notifications
from oo_desktop.notifications.rules import Notice, Situation, Verdict, quiet_until, verdict_on

TABLE = """
          quiet   meeting paused  do_not_disturb  locked
answer    now     now     now     now             now
clicked   now     now     now     never           never
event     digest  digest  digest  digest          digest
task      digest  digest  digest  digest          digest
rejected  digest  digest  digest  digest          digest
reconnect digest  digest  digest  digest          digest
sent      never   never   never   never           never
"""


def cells() -> dict[tuple[str, str], str]:
    heading, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return {
        (row[0], name): word for row in rows for name, word in zip(heading, row[1:], strict=True)
    }


CELLS = cells()


@pytest.mark.parametrize(("cell", "verdict"), CELLS.items(), ids=[f"{k}-{c}" for k, c in CELLS])
def test_each_cell_says_when(cell: tuple[str, str], verdict: str) -> None:
    notice, column = cell
    assert verdict_on(Notice(notice), Situation(**{column: True})).value == verdict


@pytest.mark.parametrize("notice", Notice)
def test_where_nothing_is_against_it_everything_is_shown_now(notice: Notice) -> None:
    assert verdict_on(notice, Situation()) is Verdict.NOW


@pytest.mark.parametrize("notice", Notice)
def test_of_all_that_is_true_at_once_the_strictest_counts(notice: Notice) -> None:
    order = ["now", "digest", "never"]
    for situation in map(Situation._make, product((False, True), repeat=5)):
        words = [CELLS[notice.value, name] for name, is_so in situation._asdict().items() if is_so]
        assert verdict_on(notice, situation).value == max(words, key=order.index, default="now")


# Quiet hours

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "now", "until"),
    [
        ("22:00", "07:00", "2026-11-22T21:59:59", None),
        ("22:00", "07:00", "2026-11-22T22:00", "2026-11-23T07:00"),
        ("22:00", "07:00", "2026-11-23T06:59:59", "2026-11-23T07:00"),
        ("22:00", "07:00", "2026-11-23T07:00", None),
        ("12:00", "13:00", "2026-11-22T12:30", "2026-11-22T13:00"),
        ("12:00", "13:00", "2026-11-22T13:00", None),
        ("00:00", "00:00", "2026-11-22T00:00", None),
        ("09:00", "09:00", "2026-11-22T09:00", None),
        ("00:00", "06:00", "2026-11-22T00:00", "2026-11-22T06:00"),
        ("22:00", "00:00", "2026-11-22T23:59", "2026-11-23T00:00"),
        ("01:00", "00:59", "2026-11-22T12:00", "2026-11-23T00:59"),
        ("22:00", "07:00", "2026-10-25T01:00", "2026-10-25T07:00"),  # the clocks go back
        ("22:00", "02:30", "2026-03-29T01:00", "2026-03-29T03:30"),  # 02:30 is skipped
    ],
)
def test_quiet_hours_go_by_the_clock_on_the_wall(
    begins: str, ends: str, now: str, until: str | None
) -> None:
    wishes = Notifications(quiet_from=begins, quiet_until=ends)
    assert quiet_until(wishes, at(now), BERLIN) == (until and at(until))


def test_who_travels_has_quiet_hours_where_they_are() -> None:
    wishes = Notifications(quiet_from="22:00", quiet_until="07:00")
    now = datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert quiet_until(wishes, now, ZoneInfo("Etc/UTC")) == now + timedelta(hours=8)
    assert quiet_until(wishes, now, ZoneInfo("America/New_York")) is None
