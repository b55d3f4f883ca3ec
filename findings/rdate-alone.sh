#!/bin/sh
# An event with RDATE and no RRULE: three readers, three answers, one of them right.
#
# RFC 5545 3.8.5.2 and 3.8.5.3: DTSTART is the first instance of the recurrence set, RDATE adds to it.
# Given are DTSTART on 30 November and RDATE on 1 December: two meetings.
#   guess: everybody shows both
#   seen:  recurring-ical-events 3.8.2 (PyPI)  both
#          ical 14.3.1 (PyPI), ical.js 2.2.1 (npm)  the RDATE only: the first meeting is missing
#          node-ical 0.27.2 (npm)  DTSTART only: the second meeting is missing
# Who meets it: whoever gets dates that follow no rule, as KOrganizer and DAVx5 write them; and who
# takes one of these readers for the truth, as our own differential tests could have.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet icalendar==7.3.2 recurring-ical-events==3.8.2 ical==14.3.1 2>/dev/null
npm install --silent --no-audit --no-fund ical.js@2.2.1 node-ical@0.27.2 >/dev/null

printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN BEGIN:VEVENT UID:1 \
    DTSTAMP:20260901T000000Z DTSTART:20261130T060000Z DTEND:20261130T070000Z \
    RDATE:20261201T060000Z SUMMARY:Course END:VEVENT END:VCALENDAR >course.ics

cat >show.py <<'PY'
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import recurring_ical_events
from ical.calendar_stream import IcsCalendarStream

text = Path("course.ics").read_bytes().decode()
months = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*months)
print("recurring-ical-events", *sorted(event.start.date().isoformat() for event in found))
found = IcsCalendarStream.calendar_from_ics(text).timeline.overlapping(*months)
print("ical", *[event.dtstart.date().isoformat() for event in found])
PY
cat >show.mjs <<'JS'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import nodeIcal from "node-ical";

const text = readFileSync("course.ics", "utf8");
const event = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent"));
const days = [];
for (let steps = event.iterator(), next; (next = steps.next()); ) days.push(next.toString().slice(0, 10));
console.log("ical.js", days.join(" "));
const read = Object.values(nodeIcal.sync.parseICS(text)).find((part) => part.type === "VEVENT");
const shown = nodeIcal.expandRecurringEvent(read, { from: new Date("2026-11-01"), to: new Date("2026-12-31") });
console.log("node-ical", shown.map((each) => each.start.toISOString().slice(0, 10)).join(" "));
JS
seen=$(venv/bin/python show.py; node show.mjs)
expected="recurring-ical-events 2026-11-30 2026-12-01
ical 2026-12-01
ical.js 2026-12-01
node-ical 2026-11-30"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
