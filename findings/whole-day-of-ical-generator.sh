#!/bin/sh
# ical-generator (npm) 11.1.2 writes whole days a day early east of Greenwich, and floating times off.
#
# Its documentation takes a JavaScript Date for `start`; with `allDay: true` the day is meant.
#   guess: new Date(2026, 10, 30), midnight in Berlin, becomes DTSTART;VALUE=DATE:20261130
#   seen:  20261129, the day of that instant in UTC; in New York 20261130; with `timezone` set, 20261130
#   guess: 12:00 on the wall with `floating: true` becomes 20261130T120000, without zone
#   seen:  in Berlin T110000, in New York T170000: it is the hour in UTC that is written without zone
# Who meets it: people who subscribe to a club's or school's calendar made with it: every holiday is
# shown a day early, on every reader alike, and nothing in the file tells.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund ical-generator@11.1.2 >/dev/null 2>&1

cat >show.mjs <<'JS'
import ical from "ical-generator";

function start(options) {
  const calendar = ical(options);
  calendar.createEvent({ start: new Date(2026, 10, 30), allDay: true, summary: "Holiday" });
  return calendar.toString().split("\r\n").find((line) => line.startsWith("DTSTART"));
}

function noon() {
  const calendar = ical();
  calendar.createEvent({ start: new Date(2026, 10, 30, 12), floating: true, summary: "Lunch" });
  return calendar.toString().split("\r\n").find((line) => line.startsWith("DTSTART"));
}

console.log(process.env.TZ, start({}), noon());
console.log(process.env.TZ, "with timezone", start({ timezone: process.env.TZ }));
JS
seen=$(TZ=Europe/Berlin node show.mjs; TZ=America/New_York node show.mjs)
expected="Europe/Berlin DTSTART;VALUE=DATE:20261129 DTSTART:20261130T110000
Europe/Berlin with timezone DTSTART;VALUE=DATE:20261130
America/New_York DTSTART;VALUE=DATE:20261130 DTSTART:20261130T170000
America/New_York with timezone DTSTART;VALUE=DATE:20261130"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
