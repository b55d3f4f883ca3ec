"""The twelve events that real programs wrote (`python -m tests.writers`), as a person sees them.

What is expected is what the writers were given, `tests/writers/events.json`. What a writer cannot
say stands in `LEFT_OUT` and `SAID_OTHERWISE`, with the reason.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.connectors.icalendar.events import Expansion
from oo_desktop.model.signals import Day, Event, Fixed
from tests.connectors.icalendar.calendars import expansion

WRITTEN = Path(__file__).parent / "written"
GIVEN: Mapping[str, Mapping[str, Any]] = {
    each["id"]: each
    for each in json.loads((Path(__file__).parents[2] / "writers" / "events.json").read_text())
}
WRITERS = sorted(file.stem for file in WRITTEN.glob("*.ics"))

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 30)
DAYS = 31
"""Until after the last of the series, which is on 23 December."""

OWNER = "ada@example.org"


@dataclass(frozen=True)
class Seen:
    """Holds what a person sees of one occurrence."""

    start: date
    end: date
    where: str | None = None
    url: str | None = None
    reminders: tuple[int, ...] | None = None


LEFT_OUT = {
    ("calcurse", "utc"): "it knows no zones",
    ("calcurse", "abroad"): "it knows no zones",
    ("org-mode", "utc"): "it knows no zones",
    ("org-mode", "abroad"): "it knows no zones",
    ("org-mode", "series"): "its series cannot leave out or move a day",
    ("khal", "series"): "its command line cannot leave out or move a day",
    ("khal", "declined"): "its command line knows no guests",
    ("npm-ics", "series"): "it cannot move an occurrence",
    ("ics-py", "series"): "it knows no series",
}
"""What a writer was not given, since it has no way to say it."""


def _berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


_BOARD = Seen(_berlin("2026-12-03T10:00"), _berlin("2026-12-03T11:00"))
_CHOIR = [
    Seen(_berlin(f"2026-12-{day:02}T19:00"), _berlin(f"2026-12-{day:02}T21:00"))
    for day in (9, 16, 23)
]
_FAIR = [Seen(date(2026, 12, day), date(2026, 12, day + 1), reminders=()) for day in (2, 3, 4)]
_REVIEW = Seen(_berlin("2026-12-01T16:00"), _berlin("2026-12-01T17:00"))
_PLACE = "Room 4, second floor"

SAID_OTHERWISE: Mapping[tuple[str, str], tuple[str, Sequence[Seen]]] = {
    ("calcurse", "days"): ("it repeats single days", _FAIR),
    ("calcurse", "series"): ("it cannot move an occurrence", _CHOIR),
    ("calcurse", "link"): ("it knows no links and no places", [_REVIEW]),
    ("calcurse", "alarm"): (
        "it has one time to remind at for all appointments",
        [Seen(_berlin("2026-12-02T08:00"), _berlin("2026-12-02T09:00"))],
    ),
    ("calcurse", "declined"): ("it knows no guests", [_BOARD]),
    ("org-mode", "link"): ("it writes no links", [replace(_REVIEW, where=_PLACE)]),
    ("org-mode", "declined"): ("it knows no guests", [_BOARD]),
    ("khal", "link"): ("it writes no links", [replace(_REVIEW, where=_PLACE)]),
    ("ics-py", "floating"): (
        "it takes a time without zone for UTC",
        [Seen(_berlin("2026-11-30T13:00"), _berlin("2026-11-30T14:00"))],
    ),
}
"""What a writer wrote in place of what it was given, as its text says it."""


def expected(writer: str, event: str) -> Sequence[Seen]:
    if (writer, event) in LEFT_OUT:
        return []
    if (writer, event) in SAID_OTHERWISE:
        return SAID_OTHERWISE[writer, event][1]
    given = GIVEN[event]
    if "guest" in given:  # the owner has declined
        return []
    zone = ZoneInfo(given.get("zone", "Europe/Berlin"))
    start, end = _given(given["start"], zone), _given(given["end"], zone)
    days = not isinstance(start, datetime)
    minutes = given.get("minutes_before")
    one = Seen(
        start,
        end,
        where=given.get("location"),
        url=given.get("url"),
        reminders=() if days else None if minutes is None else (minutes,),
    )
    if "weekly" not in given:
        return [one]
    left_out = _given(given["left_out"], zone)
    moved, *to = (_given(each, zone) for each in given["moved"])
    series = [_weeks_later(one, number, zone) for number in range(given["weekly"])]
    kept = [each for each in series if each.start not in (left_out, moved)]
    return sorted(
        (each for each in [*kept, replace(one, start=to[0], end=to[1])] if _day(each) >= TODAY),
        key=_day,
    )


def _given(text: str, zone: ZoneInfo) -> date:
    if len(text) == len("2026-11-30"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def _weeks_later(one: Seen, number: int, zone: ZoneInfo) -> Seen:
    """The same time on the wall."""

    def later(at: date) -> date:
        assert isinstance(at, datetime)
        return (at.astimezone(zone) + timedelta(weeks=number)).astimezone(UTC)

    return replace(one, start=later(one.start), end=later(one.end))


def _day(seen: Seen) -> date:
    return seen.start.date() if isinstance(seen.start, datetime) else seen.start


def read_as_ada(writer: str) -> Expansion:
    return expansion((WRITTEN / f"{writer}.ics").read_bytes(), first=TODAY, days=DAYS, owner=OWNER)


def seen(event: Event) -> Seen:
    start, end = _moment(event.start), _moment(event.end)
    return Seen(start, end, event.where, event.url, event.reminders)


def _moment(due: object) -> date:
    match due:
        case Fixed(at):
            return at
        case Day(day):
            return day
    raise TypeError(due)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("event", GIVEN)
def test_an_event_is_seen_as_it_was_given_to_a_writer(writer: str, event: str) -> None:
    found = [
        seen(each) for each in read_as_ada(writer).events if each.title == GIVEN[event]["summary"]
    ]
    assert found == expected(writer, event)


@pytest.mark.parametrize("writer", WRITERS)
def test_all_of_what_a_writer_wrote_is_read_and_nothing_is_made_up(writer: str) -> None:
    read = read_as_ada(writer)
    assert read.left_out == {}
    assert {each.title for each in read.events} <= {each["summary"] for each in GIVEN.values()}


def test_what_no_writer_was_given_is_in_its_calendar_nowhere() -> None:
    for writer, event in LEFT_OUT:
        written = (WRITTEN / f"{writer}.ics").read_text()
        assert f"SUMMARY:{GIVEN[event]['summary']}" not in written


def test_at_least_eight_writers_are_there() -> None:
    assert len(WRITERS) >= 8
    assert {writer for writer, _ in (*LEFT_OUT, *SAID_OTHERWISE)} <= set(WRITERS)
