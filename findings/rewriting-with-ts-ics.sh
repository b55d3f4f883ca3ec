#!/bin/sh
# ts-ics 2.4.6 (npm): what has no zone has one after reading and writing, and a fixed alarm is no alarm.
#
# convertIcsCalendar and generateIcsCalendar, nothing changed in between. Lunch at 12:00 wherever one is, also
# on 2 December by RDATE, with an alarm at 11:00 UTC and a guest called "Bitdiddle, Ben".
#   guess: what is read is written, as the types have a place for "local" times and absolute triggers
#   seen:  DTSTART is 12:00 in UTC; the RDATE is gone; TRIGGER has lost VALUE=DATE-TIME, without which it
#          is a duration (RFC 5545 3.8.6.3), so readers drop the alarm or the calendar;
#          CN=Bitdiddle, Ben without quotes is a list (3.2); CATEGORIES:food\,drink are two
# Who meets it: who books a table or a room by a web shop or plug-in that passes calendars on with it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund ts-ics@2.4.6 >/dev/null 2>&1

cat >show.mjs <<'JS'
import { convertIcsCalendar, generateIcsCalendar } from "ts-ics";

const before = [
  "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260901T000000Z",
  "DTSTART:20261130T120000", "DTEND:20261130T130000", "RDATE:20261202T120000", "SUMMARY:Lunch",
  'ATTENDEE;CN="Bitdiddle, Ben":mailto:ben@example.org', "CATEGORIES:food\\,drink",
  "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Lunch", "TRIGGER;VALUE=DATE-TIME:20261130T110000Z", "END:VALARM",
  "END:VEVENT", "END:VCALENDAR", "",
].join("\r\n");
const calendar = convertIcsCalendar(undefined, before);
const after = generateIcsCalendar(calendar).split("\r\n");
for (const line of after.filter((each) => /^(DTSTART|DTEND|RDATE|ATTENDEE|TRIGGER)/.test(each))) console.log(line);
console.log(calendar.events[0].categories.length, "categories");
JS
seen=$(TZ=Europe/Berlin node show.mjs)
expected="DTSTART;VALUE=DATE-TIME:20261130T120000Z
DTEND;VALUE=DATE-TIME:20261130T130000Z
TRIGGER:20261130T110000Z
ATTENDEE;CN=Bitdiddle, Ben:MAILTO:ben@example.org
2 categories"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
