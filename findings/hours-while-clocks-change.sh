#!/bin/sh
# DURATION:PT26H over a change of the clocks: three readers make it 25 hours.
#
# RFC 5545 3.3.6: days of a duration are those of the calendar, hours are exact. A night shift from noon
# on 28 March 2026 in Berlin for 26 hours ends after 26 hours, at 15:00 summer time, 13:00Z.
#   guess: PT26H ends at 13:00Z, and P1DT2H, which is another length, at 12:00Z
#   seen:  recurring-ical-events 3.8.2, ical 14.3.1 (PyPI), ical.js 2.2.1 (npm)  12:00Z, both
#          node-ical 0.27.2 (npm)  13:00Z, both, in a series (guess for the one, an hour late for the other)
# Who meets it: programs that count hours from a calendar (shifts, on-call, charging of a car): twice a
# year an hour too few or too many. Adding a timedelta to a time with a zone adds on the wall.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet icalendar==7.3.2 recurring-ical-events==3.8.2 ical==14.3.1 tzdata==2026.1 2>/dev/null
npm install --silent --no-audit --no-fund ical.js@2.2.1 node-ical@0.27.2 >/dev/null

for length in PT26H P1DT2H; do
    printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN \
        BEGIN:VTIMEZONE TZID:Europe/Berlin \
        BEGIN:STANDARD DTSTART:20011028T030000 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU' \
        TZOFFSETFROM:+0200 TZOFFSETTO:+0100 END:STANDARD \
        BEGIN:DAYLIGHT DTSTART:20010325T020000 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU' \
        TZOFFSETFROM:+0100 TZOFFSETTO:+0200 END:DAYLIGHT END:VTIMEZONE \
        BEGIN:VEVENT UID:1 DTSTAMP:20260101T000000Z 'DTSTART;TZID=Europe/Berlin:20260328T120000' \
        "DURATION:$length" 'RRULE:FREQ=DAILY;COUNT=1' SUMMARY:Shift END:VEVENT END:VCALENDAR >$length.ics
done
cat >show.py <<'PY'
import sys
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import recurring_ical_events
from ical.calendar_stream import IcsCalendarStream

text = Path(sys.argv[1] + ".ics").read_bytes().decode()
days = datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)
found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*days)
print(sys.argv[1], "recurring-ical-events", *[f"{each.end.astimezone(UTC):%H:%MZ}" for each in found])
found = IcsCalendarStream.calendar_from_ics(text).timeline.overlapping(*days)
print(sys.argv[1], "ical", *[f"{each.end.astimezone(UTC):%H:%MZ}" for each in found])
PY
cat >show.mjs <<'JS'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import nodeIcal from "node-ical";

const name = process.argv[2];
const text = readFileSync(`${name}.ics`, "utf8");
const hour = (time) => `${time.toISOString().slice(11, 16)}Z`;
const calendar = new ICAL.Component(ICAL.parse(text));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
const { endDate } = event.getOccurrenceDetails(event.iterator().next());
console.log(name, "ical.js", hour(new Date(endDate.toUnixTime() * 1000)));
const read = Object.values(nodeIcal.sync.parseICS(text)).find((part) => part.type === "VEVENT");
const shown = nodeIcal.expandRecurringEvent(read, { from: new Date("2026-03-27"), to: new Date("2026-03-31") });
console.log(name, "node-ical", ...shown.map((each) => hour(each.end)));
JS
seen=$(for length in PT26H P1DT2H; do venv/bin/python -W ignore show.py $length; TZ=Europe/Berlin node show.mjs $length 2>/dev/null; done)
expected="PT26H recurring-ical-events 12:00Z
PT26H ical 12:00Z
PT26H ical.js 12:00Z
PT26H node-ical 13:00Z
P1DT2H recurring-ical-events 12:00Z
P1DT2H ical 12:00Z
P1DT2H ical.js 12:00Z
P1DT2H node-ical 13:00Z"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
