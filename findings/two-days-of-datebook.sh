#!/bin/sh
# datebook 8.0.1 (npm): of two buttons for one trip, one says another day; and who goes is free, and comes an hour
# late from spring on.
#
# It makes the links and files of "add to your calendar". In Berlin: a trip on the whole of 30 November, and a
# choir, each Monday at 19:00 since then, with "Bitdiddle, Ben".
#   guess: both say 30 November; the series has a zone, or floats; TRANSP:OPAQUE, or nothing, which means the same
#   seen:  the file says 30 November, the link for Google 29, the day of that midnight in UTC; the choir is at
#          18:00Z for ever, which is 20:00 from 29 March on; TRANSP:TRANSPARENT in each event, so nobody is busy
#          in it (RFC 5545 3.8.2.7); CN=Bitdiddle, Ben without quotes, for which ical 14.3.1 (PyPI) refuses
#          the calendar
# Who meets it: who presses such a button; the two are beside each other on the page.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet ical==14.3.1 2>/dev/null
npm install --silent --no-audit --no-fund datebook@8.0.1 ical.js@2.2.1 >/dev/null 2>&1

cat >show.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { GoogleCalendar, ICalendar } from "datebook";
import ICAL from "ical.js";

const trip = { title: "Trip", start: new Date(2026, 10, 30) };
const lines = (event) => new ICalendar(event).render().split(/\r?\n/).filter((line) => /^(DTSTART|DTEND|RRULE|TRANSP|ATTENDEE)/.test(line));
console.log("file:", lines(trip).join(" "));
console.log("link:", new URL(new GoogleCalendar(trip).render()).searchParams.get("dates"));
const choir = {
  title: "Choir", start: new Date(2026, 10, 30, 19), end: new Date(2026, 10, 30, 21),
  recurrence: { frequency: "WEEKLY" }, attendees: [{ name: "Bitdiddle, Ben", email: "ben@example.org" }],
};
console.log("file:", lines(choir).join(" "));
const text = new ICalendar(choir).render();
writeFileSync("choir.ics", text);
const event = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent"));
const steps = event.iterator();
let at;
do at = steps.next().toJSDate();
while (at < new Date(2027, 3, 1));
console.log("in April:", at.toString().slice(0, 21));
JS
cat >show.py <<'PY'
from pathlib import Path

from ical.calendar_stream import IcsCalendarStream
from ical.exceptions import CalendarParseError

try:
    IcsCalendarStream.calendar_from_ics(Path("choir.ics").read_text())
    print("ical: read")
except CalendarParseError:
    print("ical: refused")
PY
seen=$(
    TZ=Europe/Berlin node show.mjs
    venv/bin/python show.py
)
expected="file: TRANSP:TRANSPARENT DTSTART;VALUE=DATE:20261130 DTEND;VALUE=DATE:20261201
link: 20261129/20261130
file: TRANSP:TRANSPARENT DTSTART:20261130T180000Z DTEND:20261130T200000Z RRULE:FREQ=WEEKLY ATTENDEE;CN=Bitdiddle, Ben;RSVP=FALSE:MAILTO:ben@example.org
in April: Mon Apr 05 2027 20:00
ical: refused"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
