#!/bin/sh
# gcsa 2.7.0 (PyPI, "Google Calendar Simple API"): where a series ends is said in UTC with the hour of a wall
# clock, and what is left out of it with the zone of the machine.
#
# On a machine in Berlin: a course, weekly on Mondays at 09:00 in New York from 30 November to 28 December, not
# on 7 December, also on Tuesday the 8th; all times are given to `Recurrence` with their zone. And one that is
# to end with the day 28 December, given as a day.
#   guess: UNTIL=20261228T140000Z, EXDATE and RDATE at 14:00Z or with TZID=America/New_York; a day as UNTIL takes
#          in that day; the event's "timeZone", which Google wants of a series, is that of its start
#   seen:  UNTIL=20261228T090000Z, so the last one is lost (in Berlin it stays by luck); EXDATE and
#          RDATE;TZID=Europe/Berlin at 09:00: the 7th stays, the 8th is at three in the morning; a day is its
#          midnight in UTC, so the course is not on that day; "timeZone" is left out
# Who meets it: whose Google calendar is filled by scripts on this library; what is there is then shown by every
# program beside, as it is what the calendar says.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet gcsa==2.7.0 ical==14.3.1 tzdata==2026.1 2>/dev/null

cat >show.py <<'PY'
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gcsa.event import Event
from gcsa.recurrence import WEEKLY, Recurrence
from gcsa.serializers.event_serializer import EventSerializer
from ical.calendar_stream import IcsCalendarStream


def at(zone: str, month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=ZoneInfo(zone))


def course(zone: str, until: date) -> None:
    start = at(zone, 11, 30)
    rules = [
        Recurrence.rule(freq=WEEKLY, until=until),
        Recurrence.exclude_times([at(zone, 12, 7)]),
        Recurrence.times([at(zone, 12, 8)]),
    ]
    sent = EventSerializer.to_json(Event("Course", start=start, recurrence=rules))
    print(sent["start"], *sent["recurrence"])
    text = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260901T000000Z"),
        *("SUMMARY:Course", f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}", "DURATION:PT1H", *sent["recurrence"]),
        *("END:VEVENT", "END:VCALENDAR", ""),
    ]
    timeline = IcsCalendarStream.calendar_from_ics("\r\n".join(text)).timeline
    days = [event.dtstart for event in timeline.overlapping(start.replace(day=1), at(zone, 12, 31))]
    print(*(f"{day.astimezone(ZoneInfo(zone)):%a_%d@%H:%M}" for day in days))


for zone in "America/New_York", "Europe/Berlin":
    course(zone, at(zone, 12, 28))
course("Europe/Berlin", date(2026, 12, 28))
PY
seen=$(TZ=Europe/Berlin venv/bin/python show.py)
expected="{'dateTime': '2026-11-30T09:00:00-05:00'} RRULE:FREQ=WEEKLY;UNTIL=20261228T090000Z;WKST=SU EXDATE;TZID=Europe/Berlin:20261207T090000 RDATE;TZID=Europe/Berlin:20261208T090000
Mon_30@09:00 Mon_07@09:00 Tue_08@03:00 Mon_14@09:00 Mon_21@09:00
{'dateTime': '2026-11-30T09:00:00+01:00'} RRULE:FREQ=WEEKLY;UNTIL=20261228T090000Z;WKST=SU EXDATE;TZID=Europe/Berlin:20261207T090000 RDATE;TZID=Europe/Berlin:20261208T090000
Mon_30@09:00 Tue_08@09:00 Mon_14@09:00 Mon_21@09:00 Mon_28@09:00
{'dateTime': '2026-11-30T09:00:00+01:00'} RRULE:FREQ=WEEKLY;UNTIL=20261228T000000Z;WKST=SU EXDATE;TZID=Europe/Berlin:20261207T090000 RDATE;TZID=Europe/Berlin:20261208T090000
Mon_30@09:00 Tue_08@09:00 Mon_14@09:00 Mon_21@09:00"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
