#!/bin/sh
# Unicode's ICU, and with it all that knows RSCALE=CHINESE, puts the lunar New Year of 2027 a day late.
#
# RFC 7529: RRULE:RSCALE=CHINESE;FREQ=YEARLY from 17 February 2026, the New Year of 2026, is each
# New Year. The moon of 2027 is new on 6 February at 15:56 UTC, that is at 23:56 in China, so it is the
# 6th; that of 2030 on 2 February at 16:07 UTC, and it is the 3rd. (lunardate has the official table.)
#   guess: who knows RSCALE says 6 February 2027, who does not refuses the rule
#   seen:  JavaScript's Intl, rrule-temporal 2.2.8 (npm), libical 3.0.16 (Debian 12): 7 February 2027 and
#              2 February 2030 (ICU 78.2 in Node.js, ICU 72.1 in Debian); all days of those months with it
#          ical.js 2.2.1 (npm), ical 14.3.1 (PyPI): 17 February each year; python-dateutil 2.9.0 refuses
# Who meets it: families with lunar birthdays and feasts: of those in the first month of 2027 every one
# is a day late in Evolution, in GNOME Calendar, and in what asks JavaScript's Intl.
set -eu
python3 -c 'import ctypes; ctypes.CDLL("libical.so.3")' 2>/dev/null || { echo "install libical3 first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet lunardate==0.3.0 ephem==4.2.1 python-dateutil==2.9.0.post0 ical==14.3.1 2>/dev/null
npm install --silent --no-audit --no-fund ical.js@2.2.1 rrule-temporal@2.2.8 >/dev/null 2>&1

cat >show.py <<'PY'
import ctypes
from datetime import UTC, datetime

import ephem
from dateutil.rrule import rrulestr
from ical.calendar_stream import IcsCalendarStream
from lunardate import LunarDate

RULE, START = "RSCALE=CHINESE;FREQ=YEARLY;COUNT=5", datetime(2026, 2, 17, 9, tzinfo=UTC)
print("the moon", *(f"{ephem.next_new_moon(f'{year}/2/1').datetime():%Y-%m-%d %H:%M}" for year in (2027, 2030)))
print("lunardate", *(LunarDate(year, 1, 1).to_solar_date() for year in range(2026, 2031)))
times = (ctypes.c_long * 5)()
expand = ctypes.CDLL("libical.so.3").icalrecur_expand_recurrence
expand.argtypes = ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.POINTER(ctypes.c_long)
expand(RULE.encode(), int(START.timestamp()), 5, times)
print("libical", *(f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}" for at in times))
lines = [
    *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", "UID:1"),
    *("DTSTAMP:20260101T000000Z", "DTSTART;VALUE=DATE:20260217", f"RRULE:{RULE}", "SUMMARY:New Year"),
    *("END:VEVENT", "END:VCALENDAR", ""),
]
calendar = IcsCalendarStream.calendar_from_ics("\r\n".join(lines))
print("ical", *(event.dtstart for event in calendar.timeline))
try:
    print("dateutil", *rrulestr(RULE, dtstart=START))
except ValueError as error:
    print("dateutil refuses:", error)
PY
cat >show.mjs <<'JS'
import ICAL from "ical.js";
import { RRuleTemporal } from "rrule-temporal";

const rule = "RSCALE=CHINESE;FREQ=YEARLY;COUNT=5";
const lunar = new Intl.DateTimeFormat("en-u-ca-chinese", { month: "numeric", day: "numeric", timeZone: "Asia/Shanghai" });
const days = [];
for (let at = Date.UTC(2026, 0, 1, 4); at < Date.UTC(2030, 11, 31); at += 86400000)
  if (lunar.format(at) === "1/1") days.push(new Date(at).toISOString().slice(0, 10));
console.log("Intl", ...days);
const text = `DTSTART;TZID=Asia/Shanghai:20260217T090000\nRRULE:${rule}`;
const each = new RRuleTemporal({ rruleString: text }).all();
console.log("rrule-temporal", ...each.map((at) => at.toPlainDate().toString()));
const next = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateString("2026-02-17"));
console.log("ical.js", ...[1, 2, 3, 4, 5].map(() => next.next().toString()));
JS
seen=$(venv/bin/python show.py; node show.mjs)
expected="the moon 2027-02-06 15:56 2030-02-02 16:07
lunardate 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03
libical 2026-02-17 2027-02-07 2028-01-26 2029-02-13 2030-02-02
ical 2026-02-17 2027-02-17 2028-02-17 2029-02-17 2030-02-17
dateutil refuses: unknown parameter 'RSCALE'
Intl 2026-02-17 2027-02-07 2028-01-26 2029-02-13 2030-02-02
rrule-temporal 2026-02-17 2027-02-07 2028-01-26 2029-02-13 2030-02-02
ical.js 2026-02-17 2027-02-17 2028-02-17 2029-02-17 2030-02-17"
echo "Node.js $(node -p 'process.version + ", ICU " + process.versions.icu')"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
