#!/bin/sh
# FREQ=YEARLY;BYWEEKNO=20 on a Monday: five libraries, four answers.
#
# RFC 5545 3.3.10: what the rule does not say, DTSTART does; so it is once a year, on the Monday of week
# 20. With BYDAY=MO in the rule as well, there is nothing left to guess.
#   guess: some take all seven days of that week without BYDAY; with it all agree
#   seen:  rrule-temporal 2.2.8 (npm)  once a year, both
#          python-dateutil 2.9.0 (PyPI), rrule 2.8.1 (npm)  seven days a year; once a year with BYDAY
#          ical.js 2.2.1 (npm)  never; with BYDAY every Monday from the week after DTSTART on, all year,
#              and DTSTART itself is not among them
#          libical 3.0.16 (Debian 12)  first on a Saturday in January four years later; right with BYDAY
# And FREQ=YEARLY;BYDAY=20MO, the 20th Monday of the year, is every Monday in ical.js.
# Who meets it: what is done once a year in a certain week, as school holidays and gardens have it. It
# is shown weekly in what reads with ical.js (Thunderbird, Nextcloud), and is lost in what reads with
# libical (Evolution, GNOME Calendar).
set -eu
python3 -c 'import ctypes; ctypes.CDLL("libical.so.3")' 2>/dev/null || { echo "install libical3 first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet python-dateutil==2.9.0.post0 2>/dev/null
npm install --silent --no-audit --no-fund ical.js@2.2.1 rrule@2.8.1 rrule-temporal@2.2.8 >/dev/null 2>&1

cat >show.py <<'PY'
import ctypes
import sys
from datetime import UTC, datetime

from dateutil.rrule import rrulestr

rule, start = sys.argv[1], datetime.fromisoformat(sys.argv[2]).replace(hour=9, tzinfo=UTC)
found = rrulestr(rule, dtstart=start).between(start, start.replace(year=2029), inc=True)
print("dateutil", *(f"{at:%Y-%m-%d}" for at in found[:3]))
times = (ctypes.c_long * 3)()
expand = ctypes.CDLL("libical.so.3").icalrecur_expand_recurrence
expand.argtypes = ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.POINTER(ctypes.c_long)
expand(rule.encode(), int(start.timestamp()), 3, times)
print("libical", *(f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}" for at in times if at))
PY
cat >show.mjs <<'JS'
import ICAL from "ical.js";
import rrule from "rrule";
import { RRuleTemporal } from "rrule-temporal";

const [rule, start] = process.argv.slice(2);
const found = [];
const days = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateTimeString(`${start}T09:00:00`));
for (let next; found.length < 3 && (next = days.next()); ) found.push(next.toString().slice(0, 10));
console.log("ical.js", ...found);
const text = `DTSTART:${start.replaceAll("-", "")}T090000Z\nRRULE:${rule};COUNT=3`;
console.log("rrule", ...rrule.rrulestr(text).all().map((at) => at.toISOString().slice(0, 10)));
const each = new RRuleTemporal({ rruleString: text }).all();
console.log("rrule-temporal", ...each.map((at) => at.toPlainDate().toString()));
JS
seen=$(
    for rule in 'FREQ=YEARLY;BYWEEKNO=20' 'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO' 'FREQ=YEARLY;BYDAY=20MO'; do
        start=2026-05-11
        [ "$rule" != 'FREQ=YEARLY;BYDAY=20MO' ] || start=2026-05-18
        echo "$rule"
        venv/bin/python show.py "$rule" $start
        node show.mjs "$rule" $start
    done
)
expected="FREQ=YEARLY;BYWEEKNO=20
dateutil 2026-05-11 2026-05-12 2026-05-13
libical 2030-01-26 2031-01-25 2032-01-24
ical.js
rrule 2026-05-11 2026-05-12 2026-05-13
rrule-temporal 2026-05-11 2027-05-17 2028-05-15
FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO
dateutil 2026-05-11 2027-05-17 2028-05-15
libical 2026-05-11 2027-05-17 2028-05-15
ical.js 2026-05-18 2026-05-25 2026-06-01
rrule 2026-05-11 2027-05-17 2028-05-15
rrule-temporal 2026-05-11 2027-05-17 2028-05-15
FREQ=YEARLY;BYDAY=20MO
dateutil 2026-05-18 2027-05-17 2028-05-15
libical 2026-05-18 2027-05-17 2028-05-15
ical.js 2026-05-18 2026-05-25 2026-06-01
rrule 2026-05-18 2027-05-17 2028-05-15
rrule-temporal 2026-05-18 2027-05-17 2028-05-15"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
