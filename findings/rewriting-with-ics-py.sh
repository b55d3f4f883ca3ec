#!/bin/sh
# ics (PyPI, "ics.py") 0.7.3: a calendar that is read and written says other hours, and another task.
#
# Nothing is changed in between. A choir, Mondays at 09:00 in Berlin since October, not on 30 November,
# with a reminder five minutes before its end; a task due on the whole of 30 November.
#   guess: what is read is written; the library may turn times into UTC
#   seen:  DTSTART and DTEND are in UTC and the RRULE stays, so from 26 October on it is at 08:00; EXDATE
#          stays in Berlin's zone, which is no longer described, and now names an hour at which nothing
#          is, so the 30th is back; the reminder comes five minutes before the start, for RELATED=END is
#          gone; the task is due at midnight in UTC, which is the 29th west of Greenwich
#   seen:  CALSCALE:GEORGIAN, which is no calendar scale (RFC 5545 3.7.1 knows GREGORIAN)
# Who meets it: who filters or merges a calendar with it and publishes what comes out.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet ics==0.7.3 tatsu==5.15.1 arrow==1.4.0 python-dateutil==2.9.0.post0 2>/dev/null

printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN \
    BEGIN:VTIMEZONE TZID:Europe/Berlin \
    BEGIN:STANDARD DTSTART:20011028T030000 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU' \
    TZOFFSETFROM:+0200 TZOFFSETTO:+0100 END:STANDARD \
    BEGIN:DAYLIGHT DTSTART:20010325T020000 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU' \
    TZOFFSETFROM:+0100 TZOFFSETTO:+0200 END:DAYLIGHT END:VTIMEZONE \
    BEGIN:VEVENT UID:choir DTSTAMP:20260901T000000Z 'DTSTART;TZID=Europe/Berlin:20261005T090000' \
    'DTEND;TZID=Europe/Berlin:20261005T100000' 'RRULE:FREQ=WEEKLY' \
    'EXDATE;TZID=Europe/Berlin:20261130T090000' SUMMARY:Choir \
    BEGIN:VALARM ACTION:DISPLAY DESCRIPTION:Choir 'TRIGGER;RELATED=END:-PT5M' END:VALARM END:VEVENT \
    BEGIN:VTODO UID:bins DTSTAMP:20260901T000000Z 'DUE;VALUE=DATE:20261130' SUMMARY:Bins END:VTODO \
    END:VCALENDAR >before.ics
cat >show.py <<'PY'
from pathlib import Path

from ics import Calendar

calendar = Calendar(Path("before.ics").read_bytes().decode())
told = ("CALSCALE", "BEGIN:VTIMEZONE", "DTSTART", "DTEND", "RRULE", "EXDATE", "TRIGGER", "DUE")
print(*(line for line in calendar.serialize().split("\n") if line.startswith(told)), sep="\n")
PY
seen=$(venv/bin/python -W ignore show.py | tr -d '\r')
expected="CALSCALE:GEORGIAN
RRULE:FREQ=WEEKLY
EXDATE;TZID=Europe/Berlin:20261130T090000
TRIGGER:-PT5M
DTEND:20261005T080000Z
DTSTART:20261005T070000Z
DUE:20261130T000000Z"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
