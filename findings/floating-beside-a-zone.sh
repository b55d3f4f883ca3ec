#!/bin/sh
# node-ical (npm) 0.27.2 moves a floating event into any zone that is described beside it.
#
# RFC 5545 3.3.5, form 1: a time without zone is that time wherever one is; a VTIMEZONE explains the TZID
# of that name and nothing else (3.6.5).
#   guess: lunch at 12:00, read in Berlin, is at 12:00, whatever else is in the calendar
#   seen:  12:00; with the VTIMEZONE of New York in the calendar, at 18:00
# Who meets it: a calendar that has one call abroad moves everything in it that has no zone. node-ical
# is what MagicMirror and many home dashboards read calendars with.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund node-ical@0.27.2 >/dev/null

cat >show.mjs <<'JS'
import nodeIcal from "node-ical";

const zone = [
  "BEGIN:VTIMEZONE", "TZID:America/New_York",
  "BEGIN:STANDARD", "DTSTART:20071104T020000", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
  "TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "END:STANDARD",
  "BEGIN:DAYLIGHT", "DTSTART:20070311T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
  "TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "END:DAYLIGHT", "END:VTIMEZONE",
];
const wall = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Berlin", hour: "2-digit", minute: "2-digit" });

function shown(beside) {
  const text = [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", ...beside, "BEGIN:VEVENT", "UID:1",
    "DTSTAMP:20260901T000000Z", "DTSTART:20261130T120000", "DTEND:20261130T130000",
    "SUMMARY:Lunch", "END:VEVENT", "END:VCALENDAR", "",
  ].join("\r\n");
  const event = Object.values(nodeIcal.sync.parseICS(text)).find((part) => part.type === "VEVENT");
  return wall.format(event.start);
}

console.log("alone", shown([]));
console.log("beside a zone", shown(zone));
JS
seen=$(TZ=Europe/Berlin node show.mjs)
expected="alone 12:00
beside a zone 18:00"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
