#!/bin/sh
# ics (npm) 3.12.0 writes lengths in days as `P1DT`, which RFC 5545 does not allow.
#
# RFC 5545 3.3.6: dur-time = "T" and at least one of hours, minutes, seconds; a day is `P1D`.
#   guess: duration {days: 1} becomes DURATION:P1D, an alarm a day before TRIGGER:-P1D
#   seen:  DURATION:P1DT, DURATION:P2WT, TRIGGER:-P1DT
# And a quotation mark in a guest's name becomes \" inside a quoted parameter, where RFC 5545 3.2
# knows no escape (RFC 6868 has ^').
# Who meets it: a strict reader loses the event or its reminder, or takes a guest's answer for missing.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund ics@3.12.0 >/dev/null

cat >show.mjs <<'JS'
import { createEvent } from "ics";

for (const duration of [{ days: 1 }, { weeks: 2 }, { hours: 1 }]) {
  const { value } = createEvent({
    start: [2026, 11, 30], duration, title: "Fair",
    alarms: [{ action: "display", description: "Fair", trigger: { days: 1, before: true } }],
    attendees: [{ name: 'Ada, the "first"', email: "ada@example.org", partstat: "DECLINED" }],
  });
  const lines = value.split("\r\n").filter((line) => /^(DURATION|TRIGGER|ATTENDEE)/.test(line));
  console.log(lines.join("  "));
}
JS
seen=$(node show.mjs)
expected='ATTENDEE;PARTSTAT="DECLINED";CN="Ada, the \"first\"":mailto:ada@example.org  DURATION:P1DT  TRIGGER:-P1DT
ATTENDEE;PARTSTAT="DECLINED";CN="Ada, the \"first\"":mailto:ada@example.org  DURATION:P2WT  TRIGGER:-P1DT
ATTENDEE;PARTSTAT="DECLINED";CN="Ada, the \"first\"":mailto:ada@example.org  DURATION:PT1H  TRIGGER:-P1DT'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
