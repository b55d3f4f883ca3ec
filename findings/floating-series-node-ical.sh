#!/bin/sh
# A floating weekly meeting that began in summer is an hour early in winter: node-ical (npm) 0.27.2.
#
# RFC 5545 3.3.5, form 1: a time without zone is that time on the wall, all year. Read in Berlin:
#   guess: weekly at 09:00 since 5 October; the EXDATE of 30 November leaves that day out
#   seen:  from 26 October on it is shown at 08:00, and 30 November is shown in spite of its EXDATE
# Who meets it: calcurse and org-mode write floating times only (their calendars know no zones), and
# node-ical is what MagicMirror and many home dashboards read calendars with.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund node-ical@0.27.2 >/dev/null

cat >show.mjs <<'JS'
import nodeIcal from "node-ical";

const text = [
  "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", "UID:1",
  "DTSTAMP:20260901T000000Z", "DTSTART:20261005T090000", "DTEND:20261005T100000",
  "RRULE:FREQ=WEEKLY", "EXDATE:20261130T090000", "SUMMARY:Choir", "END:VEVENT", "END:VCALENDAR", "",
].join("\r\n");
const event = Object.values(nodeIcal.sync.parseICS(text)).find((part) => part.type === "VEVENT");
const shown = nodeIcal.expandRecurringEvent(event, {
  from: new Date("2026-10-12"), to: new Date("2026-12-10"),
});
const wall = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/Berlin", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
});
for (const each of shown) console.log(wall.format(each.start));
JS
seen=$(TZ=Europe/Berlin node show.mjs)
expected="12/10, 09:00
19/10, 09:00
26/10, 08:00
02/11, 08:00
09/11, 08:00
16/11, 08:00
23/11, 08:00
30/11, 08:00
07/12, 08:00"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
