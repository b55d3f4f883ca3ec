#!/bin/sh
# FREQ=MONTHLY;BYDAY=MO,-1FR, all Mondays and the last Friday, is never for dateutil and those after it.
#
# RFC 5545 3.3.10: BYDAY is a list, and each of its weekdays may have a number or none.
#   guess: 30 November, 7, 14, 21, 25 and 28 December 2026
#   seen:  that in ical.js 2.2.1, rrule-temporal 2.2.8 (npm)
#          no day at all in python-dateutil 2.9.0 (PyPI), rrule 2.8.1, rrule-rust 3.1.1 (npm): they ask for a
#              Monday that is also the last Friday. recurring-ical-events 3.8.2 shows DTSTART alone, ical
#              14.3.1 (PyPI) nothing: a meeting that is in the calendar and on no day
# Who meets it: Home Assistant, khal, Radicale and most that is written in Python follow rules by
# dateutil. Two rules, or one BYDAY with numbers throughout (1MO,2MO,3MO,4MO,5MO,-1FR), are followed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet python-dateutil==2.9.0.post0 icalendar==7.3.2 recurring-ical-events==3.8.2 \
    ical==14.3.1 2>/dev/null
npm install --silent --no-audit --no-fund ical.js@2.2.1 rrule@2.8.1 rrule-rust@3.1.1 rrule-temporal@2.2.8 \
    >/dev/null 2>&1

cat >show.py <<'PY'
import sys
from datetime import UTC, datetime

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr
from ical.calendar_stream import IcsCalendarStream

start = datetime(2026, 11, 30, 9, tzinfo=UTC)
days = start, datetime(2026, 12, 31, tzinfo=UTC)
lines = [
    *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", "UID:1"),
    *("DTSTAMP:20260901T000000Z", "DTSTART:20261130T090000Z", "DTEND:20261130T100000Z"),
    *(f"RRULE:{sys.argv[1]}", "SUMMARY:Bins", "END:VEVENT", "END:VCALENDAR", ""),
]
text = "\r\n".join(lines)
print("dateutil", *(f"{at:%d}" for at in rrulestr(sys.argv[1], dtstart=start).between(*days, inc=True)))
found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*days)
print("recurring-ical-events", *(f"{at:%d}" for at in sorted(event.start for event in found)))
found = IcsCalendarStream.calendar_from_ics(text).timeline.overlapping(*days)
print("ical", *(f"{event.dtstart:%d}" for event in found))
PY
cat >show.mjs <<'JS'
import ICAL from "ical.js";
import rrule from "rrule";
import rust from "rrule-rust";
import { RRuleTemporal } from "rrule-temporal";

const rule = `${process.argv[2]};UNTIL=20261231T000000Z`;
const text = `DTSTART:20261130T090000Z\nRRULE:${rule}`;
const days = [];
const all = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateTimeString("2026-11-30T09:00:00Z"));
for (let next; (next = all.next()); ) days.push(next.toString().slice(8, 10));
const two = (day) => String(day).padStart(2, "0");
console.log("ical.js", ...days);
console.log("rrule", ...rrule.rrulestr(text).all().map((at) => two(at.getUTCDate())));
console.log("rrule-rust", ...rust.RRuleSet.fromString(text).all().map((at) => two(at.toPlain().day)));
console.log("rrule-temporal", ...new RRuleTemporal({ rruleString: text }).all().map((at) => two(at.day)));
JS
seen=$(
    for rule in 'FREQ=MONTHLY;BYDAY=MO,-1FR' 'FREQ=MONTHLY;BYDAY=1MO,2MO,3MO,4MO,5MO,-1FR'; do
        echo "$rule"
        venv/bin/python show.py "$rule"
        node show.mjs "$rule"
    done
)
expected="FREQ=MONTHLY;BYDAY=MO,-1FR
dateutil
recurring-ical-events 30
ical
ical.js 30 07 14 21 25 28
rrule
rrule-rust
rrule-temporal 30 07 14 21 25 28
FREQ=MONTHLY;BYDAY=1MO,2MO,3MO,4MO,5MO,-1FR
dateutil 30 07 14 21 25 28
recurring-ical-events 30 07 14 21 25 28
ical 30 07 14 21 25 28
ical.js 30 07 14 21 25 28
rrule 30 07 14 21 25 28
rrule-rust 30 07 14 21 25 28
rrule-temporal 30 07 14 21 25 28"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
