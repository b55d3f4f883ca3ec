#!/bin/sh
# ical 14.3.1 (PyPI): "this and all following" loses one meeting, and in other programs all but one.
#
# A course, ten whole Mondays from 5 October. From the fifth on it moves to Tuesday: EventStore.edit with
# Range.THIS_AND_FUTURE.
#   guess: RECURRENCE-ID;RANGE=THISANDFUTURE, or a new UID with the six that are left; ten days in all
#   seen:  a second component of the same UID with RECURRENCE-ID, without RANGE, and with a rule of its own
#          for COUNT=5: of ten there are nine. The RECURRENCE-ID of a whole day has no VALUE=DATE
#          recurring-ical-events 3.8.2 (PyPI) takes it for what RFC 5545 3.8.4.4 says it is, one
#          occurrence: five days are left
# A time zone changes nothing of it. Who meets it: Home Assistant's local calendars are kept with it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet ical==14.3.1 icalendar==7.3.2 recurring-ical-events==3.8.2 tzdata==2026.1 2>/dev/null

cat >show.py <<'PY'
from datetime import date, datetime
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event
from ical.store import EventStore
from ical.types import Range

BERLIN = ZoneInfo("Europe/Berlin")


def split(lines: list[str], moved: Event) -> None:
    head = "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", "UID:1"
    tail = "DTSTAMP:20260901T000000Z", "SUMMARY:Course", "END:VEVENT", "END:VCALENDAR", ""
    calendar = IcsCalendarStream.calendar_from_ics("\r\n".join((*head, *lines, *tail)))
    fifth = [event.recurrence_id for event in calendar.timeline][4]
    EventStore(calendar).edit("1", moved, recurrence_id=fifth, recurrence_range=Range.THIS_AND_FUTURE)
    text = IcsCalendarStream.calendar_to_ics(calendar)
    events = text[text.index("BEGIN:VEVENT") :].partition("BEGIN:VTIMEZONE")[0].splitlines()
    print(*(line for line in events if line.startswith(("UID", "RECURRENCE", "RRULE"))))
    again = IcsCalendarStream.calendar_from_ics(text).timeline
    print("ical", *(f"{event.dtstart:%m-%d}" for event in again))
    months = date(2026, 10, 1), date(2027, 2, 1)
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*months)
    print("recurring-ical-events", *sorted(f"{event.start:%m-%d}" for event in found))


split(
    ["DTSTART;VALUE=DATE:20261005", "DTEND;VALUE=DATE:20261006", "RRULE:FREQ=WEEKLY;COUNT=10"],
    Event(summary="Course", dtstart=date(2026, 11, 3), dtend=date(2026, 11, 4)),
)
split(
    [
        "DTSTART;TZID=Europe/Berlin:20261005T090000",
        *("DTEND;TZID=Europe/Berlin:20261005T100000", "RRULE:FREQ=WEEKLY;COUNT=10"),
    ],
    Event(
        summary="Course",
        dtstart=datetime(2026, 11, 3, 9, tzinfo=BERLIN),
        dtend=datetime(2026, 11, 3, 10, tzinfo=BERLIN),
    ),
)
PY
seen=$(venv/bin/python -W ignore show.py)
expected="UID:1 RECURRENCE-ID:20261102 RRULE:FREQ=WEEKLY;COUNT=5 UID:1 RRULE:FREQ=WEEKLY;UNTIL=20261101
ical 10-05 10-12 10-19 10-26 11-03 11-10 11-17 11-24 12-01
recurring-ical-events 10-05 10-12 10-19 10-26 11-03
UID:1 RECURRENCE-ID:20261102T090000 RRULE:FREQ=WEEKLY;COUNT=5 UID:1 RRULE:FREQ=WEEKLY;UNTIL=20261101T090000Z
ical 10-05 10-12 10-19 10-26 11-03 11-10 11-17 11-24 12-01
recurring-ical-events 10-05 10-12 10-19 10-26 11-03"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
