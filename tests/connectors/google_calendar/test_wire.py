"""Times: six zones and more, both changes of the clocks, half hours; held against arithmetic."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.google_calendar import wire
from oo_desktop.connectors.google_calendar.wire import MomentWire, moment_from_wire, window
from oo_desktop.model.signals import Day, Fixed, day_of, ends_at, time_of
from oo_desktop.sandbox.google.times import moment_as_json
from tests.connectors.google_calendar.resources import event

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Africa/Casablanca",
    "UTC",
)
"""Half and quarter hours, a change of half an hour, one at midnight, one that is turned around."""

zones = st.sampled_from(ZONES)
instants = st.integers(631_152_000, 2_840_140_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
"""From 1990 to 2060."""
CHANGES = [
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
]
"""Both changes of 2026 in Berlin, New York and on Lord Howe Island."""
near_changes = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-180, 180),
)


@given(st.one_of(instants, near_changes), zones, zones, zones)
def test_an_instant_is_the_same_in_whatever_zone_it_is_told(
    at: datetime, shown_in: str, planned: str, account: str
) -> None:
    # The stand-in writes it, and shares no line with what reads it here.
    told = moment_as_json(at, shown_in=ZoneInfo(shown_in), zone=planned)
    moment = moment_from_wire(msgspec.convert(told, MomentWire), account)
    assert moment == Fixed(at, planned)


@given(st.one_of(instants, near_changes), zones, zones)
def test_a_meeting_stands_where_the_clock_of_its_reader_shows_it(
    at: datetime, planned: str, account: str
) -> None:
    told = moment_as_json(at, shown_in=ZoneInfo("UTC"), zone=planned)
    end = moment_as_json(at + timedelta(hours=1), shown_in=ZoneInfo("UTC"), zone=planned)
    meeting = event(start=told, end=end)
    zone = ZoneInfo(account)
    local = at.astimezone(zone)
    assert day_of(meeting.start, zone) == local.date()
    assert time_of(meeting.start, zone) == local.time()
    assert ends_at(meeting.end, zone) - ends_at(meeting.start, zone) == timedelta(hours=1)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(1, 30), zones)
def test_whole_days_are_the_same_days_everywhere(day: date, length: int, account: str) -> None:
    after = day + timedelta(days=length)
    told = event(start={"date": day.isoformat()}, end={"date": after.isoformat()})
    assert (told.start, told.end) == (Day(day), Day(after))
    assert day_of(told.start, ZoneInfo(account)) == day


@given(instants, zones)
def test_a_time_without_an_offset_is_one_of_its_zone(at: datetime, zone: str) -> None:
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    expected = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    own = MomentWire(date_time=local.isoformat(), time_zone=zone)
    assert moment_from_wire(own) == Fixed(expected, zone)
    calendars = MomentWire(date_time=local.isoformat())
    assert moment_from_wire(calendars, zone) == Fixed(expected, zone)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-03-29T01:59:00+01:00", "Europe/Berlin", "2026-03-29T00:59"),
        ("2026-03-29T03:00:00+02:00", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30"),
        ("2026-10-25T02:30:00+02:00", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-10-25T02:30:00+01:00", "Europe/Berlin", "2026-10-25T01:30"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-11-22T15:30:00+05:30", "Asia/Kolkata", "2026-11-22T10:00"),
        ("2026-11-22T15:45:00+05:45", "Asia/Kathmandu", "2026-11-22T10:00"),
        ("2026-11-22T10:00:00Z", "No/Such_Zone", "2026-11-22T10:00"),
        ("2026-11-22T10:00:00.123z", "Europe", "2026-11-22T10:00"),
        ("2026-11-22t10:00:00-00:00", "../../etc/passwd", "2026-11-22T10:00"),
    ],
)
def test_around_the_changes_the_offset_decides(text: str, zone: str, expected: str) -> None:
    moment = moment_from_wire(MomentWire(date_time=text, time_zone=zone))
    known = zone if "/" in zone and zone[0].isalpha() and "No/" not in zone else "UTC"
    assert moment == Fixed(datetime.fromisoformat(expected).replace(tzinfo=UTC), known)


@given(st.one_of(instants, near_changes), zones, st.integers(0, 31))
def test_the_window_is_whole_days_of_the_account(now: datetime, name: str, ahead: int) -> None:
    zone = ZoneInfo(name)
    begin, end = window(now, zone, ahead)
    today = now.astimezone(zone).date()
    assert begin <= now < end
    # The first moment of the day: an instant before, it is another one.
    assert begin.astimezone(zone).date() == today
    assert (begin - timedelta(seconds=1)).astimezone(zone).date() < today
    last = (end - timedelta(seconds=1)).astimezone(zone).date()
    # Where a whole day was left out (Apia, 30 December 2011) the window is that much shorter.
    assert timedelta(days=ahead - 1) <= last - today <= timedelta(days=ahead)


@given(instants, zones)
def test_the_question_stays_the_same_all_day(now: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    begin, end = window(now, zone, 0)
    assert window(begin, zone, 0) == (begin, end)
    assert window(end - timedelta(seconds=1), zone, 0) == (begin, end)
    assert wire.text_from_instant(begin).endswith("Z")


@given(st.text(max_size=40), st.text(max_size=20))
def test_no_text_at_all_can_do_more_than_make_no_sense(text: str, zone: str) -> None:
    for moment in (MomentWire(date=text), MomentWire(date_time=text, time_zone=zone)):
        found = moment_from_wire(moment, zone)
        assert found is None or isinstance(found, Day | Fixed)


@given(
    st.from_regex(
        r"\A[0-9]{4}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-2][0-9]:[0-6][0-9])?)?\Z"
    )
)
def test_what_nearly_is_a_time_is_one_or_none(text: str) -> None:
    for moment in (MomentWire(date=text), MomentWire(date_time=text, time_zone="Asia/Kolkata")):
        found = moment_from_wire(moment)
        if isinstance(found, Fixed):
            assert found.at.tzinfo is UTC
            assert abs(found.at.replace(tzinfo=None) - datetime.fromisoformat(text[:19])) < (
                timedelta(days=1)
            )
        elif found is not None:
            assert found.day.isoformat() == text
