"""When a day begins, and what a zone's name means."""

import struct
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.model.zones import machine_zone, next_midnight, today_in, zone_in, zone_named

ZONES = [
    "Europe/Berlin",
    "America/St_Johns",
    "Asia/Kolkata",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Beirut",
]


@pytest.mark.parametrize("name", ZONES)
def test_midnight_is_the_first_instant_of_the_next_day_on_every_day_of_a_year(name: str) -> None:
    zone = ZoneInfo(name)
    instant = datetime(2026, 1, 1, 9, 41, tzinfo=UTC)
    while instant.year == 2026:
        midnight = next_midnight(instant, zone)
        before = (midnight - timedelta(seconds=1)).astimezone(zone)
        assert before.date() == instant.astimezone(zone).date()
        after = midnight.astimezone(zone).date()
        assert after == instant.astimezone(zone).date() + timedelta(days=1)
        instant += timedelta(hours=7)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Asia/Beirut", date(2026, 3, 28)), ("America/Havana", date(2026, 3, 7))],
)
def test_where_the_clocks_skip_midnight_the_day_begins_at_one(zone: str, day: date) -> None:
    place = ZoneInfo(zone)
    noon = datetime.combine(day, time(12), place)
    midnight = next_midnight(noon, place).astimezone(place)
    assert (midnight.hour, midnight.day) == (1, day.day + 1)


def test_a_day_can_have_23_or_25_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spring = next_midnight(datetime(2026, 3, 28, 12, tzinfo=UTC), berlin)
    assert next_midnight(spring, berlin) - spring == timedelta(hours=23)
    autumn = next_midnight(datetime(2026, 10, 24, 12, tzinfo=UTC), berlin)
    assert next_midnight(autumn, berlin) - autumn == timedelta(hours=25)


def test_without_a_zone_it_is_the_machines_midnight() -> None:
    midnight = next_midnight(datetime(2026, 11, 22, 12, tzinfo=UTC), None)
    local = midnight.astimezone()
    assert (local.hour, local.minute) == (0, 0)


@pytest.mark.parametrize(
    "name",
    [None, "", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "\0", "x" * 5000],
)
def test_what_is_no_zone_means_the_machines(name: str | None) -> None:
    assert zone_named(name) is None


def test_the_machines_zone_has_the_machines_offset() -> None:
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert now.astimezone(machine_zone()).utcoffset() == now.astimezone().utcoffset()


def zone_file(hours: int) -> bytes:
    """As tzfile(5) describes it: one offset for good."""
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    return b"TZif" + bytes(16) + counts + struct.pack(">lbb", hours * 3600, 0, 0) + b"ABC\0"


def test_a_zone_without_a_name_is_the_very_same_until_its_file_is_changed(tmp_path: Path) -> None:
    localtime = tmp_path / "localtime"
    localtime.write_bytes(zone_file(9))
    first = zone_in(localtime)
    assert zone_in(localtime) is first
    other = tmp_path / "other"
    other.write_bytes(zone_file(5))
    other.rename(localtime)
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert [summer.astimezone(each).hour for each in (first, zone_in(localtime))] == [21, 17]


def test_a_file_that_holds_no_zone_is_refused(tmp_path: Path) -> None:
    localtime = tmp_path / "localtime"
    localtime.write_bytes(b"none")
    with pytest.raises(ValueError, match="magic"):
        zone_in(localtime)


def test_the_day_depends_on_the_zone() -> None:
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert [today_in(ZoneInfo(name), now).day for name in ("Pacific/Kiritimati", "UTC")] == [2, 1]
