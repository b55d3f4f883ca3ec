#!/bin/sh
# calendar-link 2.11.5 (npm), the "add to your calendar" of many pages: a whole day is no day, and UIDs run out.
#
# ics() makes the file behind such a button: for a trip of two whole days, and for two thousand dinners.
#   guess: DTSTART;VALUE=DATE:20261130; a UID that is unique (RFC 5545 3.8.4.7), by chance or by the page's name;
#          commas in a title are escaped (3.3.11)
#   seen:  DTSTART:20261130, which is a time without an hour: ical.js 2.2.1 refuses it, icalendar 7.3.2 (PyPI)
#          reads the day; the UID is one of a hundred thousand numbers, so of two thousand some are alike;
#          the comma stands as it is
# Who meets it: who presses such a button and opens the file in Thunderbird or Nextcloud, which read with
# ical.js; in any calendar the new event takes the place of an old one whose number it has.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet icalendar==7.3.2 2>/dev/null
npm install --silent --no-audit --no-fund calendar-link@2.11.5 ical.js@2.2.1 >/dev/null 2>&1

cat >show.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { ics } from "calendar-link";
import ICAL from "ical.js";

const text = (event) => decodeURIComponent(ics(event).replace(/^data:[^,]*,/, ""));
const line = (event, name) => text(event).split(/\r?\n/).find((each) => each.startsWith(name));
const trip = { title: "Trip, with Ada", start: "2026-11-30", end: "2026-12-02", allDay: true };
console.log(line(trip, "DTSTART"), line(trip, "SUMMARY"));
writeFileSync("trip.ics", text(trip));
try {
  const event = new ICAL.Event(new ICAL.Component(ICAL.parse(text(trip))).getFirstSubcomponent("vevent"));
  console.log("ical.js:", event.startDate.toString());
} catch (error) {
  console.log("ical.js:", error.message);
}
const uids = Array.from({ length: 2000 }, (_, hour) => line({ title: "Dinner", start: new Date(hour * 36e5) }, "UID:"));
console.log("at most five digits:", uids.every((uid) => /^UID:\d{1,5}$/.test(uid)));
console.log("all different:", new Set(uids).size === uids.length);
JS
cat >show.py <<'PY'
from pathlib import Path

import icalendar

print("icalendar:", icalendar.Calendar.from_ical(Path("trip.ics").read_bytes()).events[0].start)
PY
seen=$(
    node show.mjs
    venv/bin/python show.py
)
expected='DTSTART:20261130 SUMMARY:Trip, with Ada
ical.js: invalid date-time value: "2026-11-30T::"
at most five digits: true
all different: false
icalendar: 2026-11-30'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
