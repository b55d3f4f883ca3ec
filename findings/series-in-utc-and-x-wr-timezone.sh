#!/bin/sh
# x-wr-timezone 2.0.1 (PyPI), and by way of it recurring-ical-events 3.8.2 and mergecal 0.5.0: a series that
# is written in UTC moves with the clocks of another zone.
#
# RFC 5545 3.3.5, form 2: a time with Z is that instant. X-WR-TIMEZONE, which many calendar links have, names
# the zone in which a calendar is shown. A call, weekly at 13:00Z since 5 October, not on 9 November, in a
# calendar of New York, where the clocks are put back on 1 November.
#   guess: 13:00Z each week, written or shown as 09:00 and from November on as 08:00 there; nothing on the 9th
#   seen:  09:00 in New York all year, so that in November it is at 14:00Z, an hour late for everyone
#          else; and the 9th, which EXDATE names by its own instant, is there again
# Who meets it: who looks at a calendar link by a program on these libraries (ics-query; ics-caldav-sync,
# which even stores it so on a server), beside any other program.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet icalendar==7.3.2 recurring-ical-events==3.8.2 x-wr-timezone==2.0.1 mergecal==0.5.0 \
    ical==14.3.1 tzdata==2026.1 2>/dev/null

cat >show.py <<'PY'
from datetime import UTC, date, datetime

import icalendar
import mergecal
import recurring_ical_events
import x_wr_timezone
from ical.calendar_stream import IcsCalendarStream

OF_NEW_YORK = "X-WR-TIMEZONE:America/New_York"
MONTHS = date(2026, 10, 20), date(2026, 11, 20)


def text(*head: str) -> str:
    return "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *head, "BEGIN:VEVENT", "UID:1",
        "DTSTAMP:20260901T000000Z", "SUMMARY:Call", "DTSTART:20261005T130000Z", "DTEND:20261005T140000Z",
        "RRULE:FREQ=WEEKLY", "EXDATE:20261109T130000Z", "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip


def told(starts) -> str:
    return " ".join(f"{at.astimezone(UTC):%m-%d@%H:%MZ}" for at in sorted(starts))


def recurring(*head: str) -> str:
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text(*head))).between(*MONTHS)
    return told(event.start for event in found)


print("recurring-ical-events, without it", recurring())
print("recurring-ical-events", recurring(OF_NEW_YORK))
calendar = icalendar.Calendar.from_ical(text(OF_NEW_YORK))
for name, made in ("x-wr-timezone", x_wr_timezone.to_standard(calendar)), ("mergecal", mergecal.merge_calendars([calendar])):
    lines = made.to_ical().decode().split("\r\n")
    print(name, *(line for line in lines if line.startswith(("DTSTART;", "EXDATE", "X-WR"))))
between = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in MONTHS]
found = IcsCalendarStream.calendar_from_ics(text(OF_NEW_YORK)).timeline.overlapping(*between)
print("ical", told(event.dtstart for event in found))
PY
seen=$(venv/bin/python show.py)
expected="recurring-ical-events, without it 10-26@13:00Z 11-02@13:00Z 11-16@13:00Z
recurring-ical-events 10-26@13:00Z 11-02@14:00Z 11-09@14:00Z 11-16@14:00Z
x-wr-timezone X-WR-TIMEZONE:America/New_York DTSTART;TZID=America/New_York:20261005T090000 EXDATE;TZID=America/New_York:20261109T080000
mergecal DTSTART;TZID=America/New_York:20261005T090000 EXDATE;TZID=America/New_York:20261109T080000
ical 10-26@13:00Z 11-02@13:00Z 11-16@13:00Z"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
