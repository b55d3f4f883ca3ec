#!/bin/sh
# @fullcalendar/icalendar 6.1.21 (npm): a meeting in New York is at its own hour in Berlin, too, and a daily
# one is gone after a thousand times.
#
# The week from 30 November 2026, shown in Berlin by FullCalendar in a page: a call on Tuesday at 09:00 in
# New York, one at 14:00Z, a stand-up that is daily since 1 March 2024, and a talk that is cancelled.
#   guess: both calls at 15:00; the stand-up each day; the talk not at all, or marked
#   seen:  the call of New York is at 09:00: the plug-in hands the wall time on and leaves the zone out, which
#          its calendar describes; the stand-up ends on 25 November, its 1000th time, without a word (the
#          plug-in's `maxIterations`, for which there is no option); the talk is on
# Who meets it: whoever looks at the calendar of a school, club or office in a web page that shows a link in
# this way, and has the same link in a program beside it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @fullcalendar/core@6.1.21 @fullcalendar/icalendar@6.1.21 \
    @fullcalendar/daygrid@6.1.21 ical.js@1.5.0 jsdom@26.1.0 >/dev/null 2>&1

cat >show.cjs <<'JS'
const { JSDOM } = require("jsdom");

const page = new JSDOM("<div id=calendar></div>", { pretendToBeVisual: true }).window;
Object.assign(globalThis, { window: page, document: page.document });
for (const name of ["HTMLElement", "Element", "Node", "CustomEvent", "getComputedStyle", "requestAnimationFrame"])
  globalThis[name] = page[name];
const { Calendar } = require("@fullcalendar/core");
const plugins = ["icalendar", "daygrid"].map((name) => require(`@fullcalendar/${name}`).default);

const change = (name, from, to, start, rule) => [
  `BEGIN:${name}`, `DTSTART:${start}`, `RRULE:${rule}`, `TZOFFSETFROM:${from}`, `TZOFFSETTO:${to}`, `END:${name}`,
];
const event = (name, ...lines) => [
  "BEGIN:VEVENT", `UID:${name}`, "DTSTAMP:20240101T000000Z", `SUMMARY:${name}`, "DURATION:PT1H", ...lines, "END:VEVENT",
];
const text = [
  "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VTIMEZONE", "TZID:America/New_York",
  ...change("STANDARD", "-0400", "-0500", "20071104T020000", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"),
  ...change("DAYLIGHT", "-0500", "-0400", "20070311T020000", "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"),
  "END:VTIMEZONE",
  ...event("in New York", "DTSTART;TZID=America/New_York:20261201T090000"),
  ...event("in UTC", "DTSTART:20261201T140000Z"),
  ...event("since March 2024", "DTSTART:20240301T080000Z", "RRULE:FREQ=DAILY"),
  ...event("since April 2024", "DTSTART:20240401T080000Z", "RRULE:FREQ=DAILY"),
  ...event("cancelled", "DTSTART:20261201T100000Z", "STATUS:CANCELLED"),
  "END:VCALENDAR", "",
].join("\r\n");

function shown(date) {
  const url = "data:text/calendar," + encodeURIComponent(text);
  const options = { plugins, initialView: "dayGridWeek", initialDate: date, firstDay: 1, events: { url, format: "ics" } };
  const calendar = new Calendar(document.getElementById("calendar"), options);
  return new Promise((resolve) => {
    calendar.setOption("loading", (busy) => {
      if (!busy) setTimeout(() => resolve(calendar.getEvents()), 0);
    });
    calendar.render();
  });
}
(async () => {
  for (const date of ["2026-11-23", "2026-11-30"]) {
    const events = await shown(date);
    for (const name of ["since March 2024", "since April 2024"]) {
      const starts = events.filter((each) => each.title === name).map((each) => each.start.getDate());
      console.log(`week of ${date}, ${name}:`, starts.join(" ") || "none");
    }
    for (const each of events.filter((each) => !each.title.startsWith("since")))
      console.log(each.title, each.start.toString().slice(0, 21));
  }
  process.exit(0);
})();
JS
seen=$(TZ=Europe/Berlin node show.cjs)
expected="week of 2026-11-23, since March 2024: 22 23 24 25
week of 2026-11-23, since April 2024: 22 23 24 25 26 27 28 29 30
week of 2026-11-30, since March 2024: none
week of 2026-11-30, since April 2024: 29 30 1 2 3 4 5 6 7
in New York Tue Dec 01 2026 09:00
in UTC Tue Dec 01 2026 15:00
cancelled Tue Dec 01 2026 11:00"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
