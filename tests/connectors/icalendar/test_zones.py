"""Zones of calendars: by their names, as a calendar explains them, and what nothing explains."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tzlocal.windows_tz import win_tz

from oo_desktop.connectors.icalendar.calendar import LeftOut
from oo_desktop.connectors.icalendar.zones import (
    IanaZone,
    Zone,
    iana_zone,
    zone_from_id,
    zone_from_name,
)
from tests.connectors.icalendar.calendars import NINE, body, event, events, expansion, read, when

OUTLOOK = [
    "BEGIN:VTIMEZONE",
    "TZID:Customized Time Zone",
    *("BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100"),
    *("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD"),
    *("BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"),
    *("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE"),
]


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("20260329T013000", "20260329T0030"),
        ("20260329T023000", "20260329T0130"),  # skipped: as if the clocks had not been changed
        ("20260329T033000", "20260329T0130"),
        ("20260701T120000", "20260701T1000"),
        ("20261025T023000", "20261025T0030"),  # twice: the first
        ("20261025T033000", "20261025T0230"),
        ("20261122T120000", "20261122T1100"),
    ],
)
@pytest.mark.parametrize("zone", ["Customized Time Zone", "Europe/Berlin"])
def test_a_zone_that_the_calendar_explains_is_as_good_as_a_known_one(
    zone: str, local: str, utc: str
) -> None:
    first = date(2026, int(local[4:6]), int(local[6:8]))
    lines = [*OUTLOOK, *event(f'DTSTART;TZID="{zone}":{local}')]
    (one,) = events(*lines, zone="UTC", first=first)
    assert when(one)[:13] == utc


def test_a_zone_whose_rules_have_ended_is_as_the_last_of_them_left_it() -> None:
    """Brazil put its clocks back for good in February 2019; the rules began the other way round."""
    zone = [
        "BEGIN:VTIMEZONE",
        "TZID:Brazil",
        *("BEGIN:STANDARD", "DTSTART:20090215T000000", "TZOFFSETFROM:-0200", "TZOFFSETTO:-0300"),
        *("RRULE:FREQ=YEARLY;BYDAY=3SU;BYMONTH=2;UNTIL=20190217T020000Z", "END:STANDARD"),
        *("BEGIN:DAYLIGHT", "DTSTART:20171015T000000", "TZOFFSETFROM:-0300", "TZOFFSETTO:-0200"),
        *("RRULE:FREQ=YEARLY;BYDAY=3SU;BYMONTH=10;UNTIL=20181021T030000Z", "END:DAYLIGHT"),
        "END:VTIMEZONE",
    ]
    (one,) = events(*zone, *event("DTSTART;TZID=Brazil:20261122T090000"))
    assert when(one)[:13] == "20261122T1200"


@pytest.mark.parametrize(
    ("zone_id", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (' "Europe/Berlin" ', "Europe/Berlin"),
        ("/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/x.org/1/America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
        ("UTC", "UTC"),
        ("Customized Time Zone", None),
        ("", None),
        ("/", None),
        ("../../etc/passwd", None),
        ("\x00", None),
    ],
)
def test_a_zone_is_known_by_its_iana_name_or_one_at_its_end(zone_id: str, name: str | None) -> None:
    found = iana_zone(zone_id)
    assert (found and found.name) == name


def test_a_time_is_in_the_zone_that_explains_it_first() -> None:
    here = IanaZone(ZoneInfo("Asia/Tokyo"))
    own = IanaZone(ZoneInfo("Asia/Kolkata"))
    defined: Mapping[str, Zone] = {"Own": own}
    assert zone_from_id(None, defined, here) is here
    assert zone_from_id("Own", defined, here) is own
    assert zone_from_id("Europe/Berlin", defined, here).name == "Europe/Berlin"
    assert zone_from_id("Nowhere", defined, here) is here


def test_a_zone_that_cannot_be_read_explains_nothing_and_is_counted() -> None:
    zone = [*OUTLOOK[:3], "TZOFFSETFROM:+0200", "END:STANDARD", "END:VTIMEZONE"]
    found = expansion(
        body(*zone, *event('DTSTART;TZID="Customized Time Zone":20261122T090000')),
        zone="Asia/Tokyo",
    )
    assert [when(one)[:13] for one in found.events] == ["20261122T0000"]
    assert found.left_out == {LeftOut("VTIMEZONE", "DTSTART"): 1}


def test_a_zone_that_changes_every_second_costs_the_events_in_it() -> None:
    absurd = [line.replace("YEARLY;BYDAY=-1SU;BYMONTH=3", "SECONDLY") for line in OUTLOOK]
    lines = event('DTSTART;TZID="Customized Time Zone":20261122T090000', uid="lost")
    found = expansion(body(*absurd, *lines, *event(NINE, uid="sound")))
    assert [one.id for one in found.events] == ["sound/20261122T080000Z"]
    assert found.left_out == {LeftOut("VEVENT", "VTIMEZONE"): 1}


@given(st.datetimes(datetime(1996, 1, 1), datetime(2037, 1, 1)))  # noqa: DTZ001  # a wall clock's
@example(datetime(2000, 10, 29, 2, fold=1))  # noqa: DTZ001  # as above
def test_any_time_in_a_zone_that_is_explained_is_the_one_python_knows(local: datetime) -> None:
    """Outlook's rules are those that hold in the European Union since 1996.

    A time that comes twice is the first of the two (RFC 5545, 3.3.5).
    """
    local = local.replace(fold=0)
    (zone,) = read(body(*OUTLOOK)).zones.values()
    berlin = ZoneInfo("Europe/Berlin")
    known = local.replace(tzinfo=berlin).astimezone(UTC)
    assert zone.to_utc(local) == known
    assert zone.name is None


BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


@pytest.mark.parametrize(
    ("zone_id", "name"),
    [
        ("Eastern Standard Time", NEW_YORK),
        ("eastern standard time", NEW_YORK),
        (' "W. Europe  Standard Time" ', BERLIN),
        ("W. Europe Daylight Time", BERLIN),
        ("Eastern Time", NEW_YORK),
        ("Eastern Time (US & Canada)", NEW_YORK),
        ("Eastern Standard Time 1", NEW_YORK),
        ("US Eastern Standard Time", "America/Indianapolis"),
        ("UTC-02", "Etc/GMT+2"),
        ("america/new_york", NEW_YORK),
        ("America/New York", NEW_YORK),
        ("EUROPE/BERLIN", BERLIN),
        ("/mozilla.org/20050126_1/europe/berlin", BERLIN),
        ("/mozilla.org/20050126_1/UTC", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("tzone://Microsoft/W. Europe Standard Time", BERLIN),
        ("utc", "UTC"),
        ("gmt", "UTC"),
        ("Z", "UTC"),
        ("GMT+0000", "UTC"),
        ("(UTC) Coordinated Universal Time", "UTC"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(GMT+01:00) Amsterdam / Berlin / Bern / Rome / Stockholm / Vienna", "Europe/Amsterdam"),
        ("(UTC+00:00) Dublin, Edinburgh, Lisbon, London", "Europe/Dublin"),
        ("(GMT) Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London", "Europe/Dublin"),
        ("(UTC-05:00) Eastern Time (US & Canada)", NEW_YORK),
        ("(UTC-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("(UTC-06:00) Central America", "America/Guatemala"),
        ("(UTC-03:30) Newfoundland", "America/St_Johns"),
        ("(UTC+10:00) Canberra, Melbourne, Sydney", "Australia/Canberra"),
        ("(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi", "Asia/Chongqing"),
        ("Amsterdam, Berlin", "Europe/Amsterdam"),
        ("Boston, Bogota", None),
        ("Berlin, Tokyo", None),
        ("Customized Time Zone", None),
        ("tzone://Microsoft/Custom", None),
        ("GMT+99", None),
        ("(UTC+99:00) Berlin", None),
        ("x" * 200, None),
        ("", None),
    ],
)
def test_a_zone_is_known_by_any_name_that_means_one(zone_id: str, name: str | None) -> None:
    found = zone_from_name(zone_id)
    now = datetime(2026, 7, 1, 12)  # noqa: DTZ001  # a wall clock's
    if name is None:
        assert found is None
    else:
        assert found is not None
        assert found.to_utc(now) == now.replace(tzinfo=ZoneInfo(name)).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone_id", "hour"),
    [
        ("GMT-0500", 14),
        ("UTC-05", 14),
        ("UTC-05:00", 14),
        ("UTC\N{MINUS SIGN}5", 14),
        ("GMT -5:00", 14),
        ("-0500", 14),
        ("(UTC-05:00)", 14),
        ("UTC+05:30", 3),
        ("GMT+1", 8),
        ("(UTC-05:00) Boston, Bogota", 14),
        ("(UTC+01:00) West Central Africa", 8),
    ],
)
def test_nine_at_an_offset_is_nine_there(zone_id: str, hour: int) -> None:
    (one,) = events(*event(f'DTSTART;TZID="{zone_id}":20261122T090000'))
    assert when(one)[9:11] == f"{hour:02}"
    assert one.start.at.hour == hour  # type: ignore[union-attr]  # it has a time


@given(st.integers(-14 * 4, 14 * 4), st.sampled_from(["UTC", "GMT", "utc", ""]), st.booleans())
def test_any_offset_is_read(quarters: int, prefix: str, colon: bool) -> None:
    hours, rest = divmod(abs(quarters), 4)
    sign = "-" if quarters < 0 else "+"
    found = zone_from_name(f"{prefix}{sign}{hours:02}{':' if colon else ''}{rest * 15:02}")
    assert found is not None
    noon = datetime(2026, 11, 22, 12)  # noqa: DTZ001  # a wall clock's
    assert found.to_utc(noon) == noon.replace(tzinfo=UTC) - timedelta(minutes=15 * quarters)


@given(st.text(max_size=60))
def test_any_name_is_some_zone_or_none(zone_id: str) -> None:
    found = zone_from_name(zone_id)
    assert found is None or found.to_utc(datetime(2026, 11, 22)).tzinfo is UTC  # noqa: DTZ001  # a wall clock's


def test_every_name_of_windows_is_a_zone() -> None:
    for windows, name in {**win_tz, "UTC": "UTC"}.items():
        found = zone_from_name(windows)
        assert found is not None
        assert found.name == name


@pytest.mark.parametrize(
    "tzid",
    [
        "(UTC-05:00) Boston\\, Bogota",
        "(UTC-05:00) Boston, Bogota",
        '"(UTC-05:00) Boston\\, Bogota"',
    ],
)
@pytest.mark.parametrize(
    "parameter",
    [
        '"(UTC-05:00) Boston, Bogota"',
        '"(UTC-05:00) Boston\\, Bogota"',
        "(UTC-05:00) Boston, Bogota",
        "(UTC-05:00) Boston\\, Bogota",
    ],
)
def test_nine_in_boston_is_that_however_its_zone_is_escaped(tzid: str, parameter: str) -> None:
    zone = [OUTLOOK[0], f"TZID:{tzid}", *OUTLOOK[2:]]
    (one,) = events(
        *zone, *event(f"DTSTART;TZID={parameter}:20260701T090000"), first=date(2026, 7, 1)
    )
    assert when(one)[:13] == "20260701T0700"  # as it is described, and not as its name says


def test_a_zone_of_one_word_is_what_its_calendar_describes_by_it() -> None:
    """Vobject writes New York as EST, which has no summer time anywhere else."""
    zone = [OUTLOOK[0], "TZID:EST", *OUTLOOK[2:]]
    lines = event("DTSTART;TZID=EST:20260701T090000")
    (one,) = events(*zone, *lines, first=date(2026, 7, 1))
    assert when(one)[:13] == "20260701T0700"
    (one,) = events(*lines, first=date(2026, 7, 1))
    assert when(one)[:13] == "20260701T1400"


def test_a_zone_of_windows_that_is_badly_described_is_known_by_its_name() -> None:
    zone = [
        *OUTLOOK[:1],
        "TZID:Eastern Standard Time",
        *OUTLOOK[2:3],
        "END:STANDARD",
        "END:VTIMEZONE",
    ]
    found = expansion(body(*zone, *event("DTSTART;TZID=Eastern Standard Time:20261122T090000")))
    assert [when(one)[:13] for one in found.events] == ["20261122T1400"]
    assert found.events[0].start.zone == NEW_YORK  # type: ignore[union-attr]  # it has a time
