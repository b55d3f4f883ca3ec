#!/bin/sh
# ical 14.3.1 (PyPI) reads a zone without summer time as UTC, where only its VTIMEZONE tells it.
#
# RFC 5545 3.6.5: an observance holds from its DTSTART on; a rule only repeats it. Outlook describes the
# zones of India, Japan and China so: one STANDARD, from 1601 on, no rule.
#   guess: 09:30 in "India Standard Time" is 04:00Z
#   seen:  09:30Z, without a word; with a rule that says nothing new beside it, 04:00Z
# Who meets it: Home Assistant reads calendars with it; whoever shares a calendar of Outlook from a
# country that does not change its clocks is shown every meeting hours off. It is the same loss as that of
# DTSTART beside RDATE: what has no rule never sets in.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet ical==14.3.1 2>/dev/null

cat >show.py <<'PY'
from datetime import UTC

from ical.calendar_stream import IcsCalendarStream


def shown(*rule: str) -> str:
    text = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VTIMEZONE",
        "TZID:India Standard Time", "BEGIN:STANDARD", "DTSTART:16010101T000000", *rule,
        "TZOFFSETFROM:+0530", "TZOFFSETTO:+0530", "END:STANDARD", "END:VTIMEZONE",
        "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260901T000000Z", "SUMMARY:Stand-up",
        "DTSTART;TZID=India Standard Time:20261130T093000",
        "DTEND;TZID=India Standard Time:20261130T100000", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    event = IcsCalendarStream.calendar_from_ics("\r\n".join(text)).events[0]
    return f"{event.dtstart.astimezone(UTC):%H:%MZ}"


print("without a rule", shown())
print("with a rule", shown("RRULE:FREQ=YEARLY"))
PY
seen=$(venv/bin/python show.py)
expected="without a rule 09:30Z
with a rule 04:00Z"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
