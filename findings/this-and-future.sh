#!/bin/sh
# RECURRENCE-ID;RANGE=THISANDFUTURE: two readers move one occurrence, or show it twice.
#
# RFC 5545 3.2.13: with RANGE=THISANDFUTURE the given instance and all that follow are replaced. A daily
# meeting at 06:00 UTC, four times from 30 November, is moved to 09:00 from 2 December on.
#   guess: 30th 06, 1st 06, 2nd 09, 3rd 09, everywhere
#   seen:  recurring-ical-events 3.8.2 (PyPI), ical.js 2.2.1 (npm)  that
#          node-ical 0.27.2 (npm)  the 3rd stays at 06:00
#          ical 14.3.1 (PyPI)      the 2nd at 06:00 and at 09:00, the 3rd at 06:00
# Who meets it: people whose colleague moves "this and all following" in a calendar that keeps one
# series (Apple Calendar and Exchange gateways write it): the meeting is at two hours, or at the old one.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet icalendar==7.3.2 recurring-ical-events==3.8.2 ical==14.3.1 2>/dev/null
npm install --silent --no-audit --no-fund ical.js@2.2.1 node-ical@0.27.2 >/dev/null

printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN \
    BEGIN:VEVENT UID:1 DTSTAMP:20260901T000000Z DTSTART:20261130T060000Z DTEND:20261130T070000Z \
    'RRULE:FREQ=DAILY;COUNT=4' SUMMARY:Daily END:VEVENT \
    BEGIN:VEVENT UID:1 DTSTAMP:20260901T000000Z 'RECURRENCE-ID;RANGE=THISANDFUTURE:20261202T060000Z' \
    DTSTART:20261202T090000Z DTEND:20261202T100000Z SUMMARY:Daily END:VEVENT END:VCALENDAR >daily.ics

cat >show.py <<'PY'
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import recurring_ical_events
from ical.calendar_stream import IcsCalendarStream

text = Path("daily.ics").read_bytes().decode()
months = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*months)
print("recurring-ical-events", *sorted(f"{event.start:%dT%H}" for event in found))
found = IcsCalendarStream.calendar_from_ics(text).timeline.overlapping(*months)
print("ical", *[f"{event.dtstart:%dT%H}" for event in found])
PY
cat >show.mjs <<'JS'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import nodeIcal from "node-ical";

const text = readFileSync("daily.ics", "utf8");
const events = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents("vevent").map((each) => new ICAL.Event(each));
const series = events.find((each) => !each.isRecurrenceException());
const starts = [];
for (let steps = series.iterator(), next; (next = steps.next()); )
  starts.push(series.getOccurrenceDetails(next).startDate.toString().slice(8, 13));
console.log("ical.js", starts.join(" "));
const read = Object.values(nodeIcal.sync.parseICS(text)).find((part) => part.type === "VEVENT");
const shown = nodeIcal.expandRecurringEvent(read, { from: new Date("2026-11-01"), to: new Date("2026-12-31") });
console.log("node-ical", shown.map((each) => each.start.toISOString().slice(8, 13)).join(" "));
JS
seen=$(venv/bin/python show.py; node show.mjs)
expected="recurring-ical-events 01T06 02T09 03T09 30T06
ical 30T06 01T06 02T06 02T09 03T06
ical.js 30T06 01T06 02T09 03T09
node-ical 30T06 01T06 02T09 03T06"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
