#!/bin/sh
# ical.js 2.2.1 (npm): what is yearly on 29 February is on 1 March in all other years.
#
# RFC 5545 3.3.10: a rule's instance on a date that there is not is ignored and not counted; RFC 7529
# added SKIP for those who want another day, and OMIT is its default.
#   guess: FREQ=YEARLY from 29 February 2024 is next on 29 February 2028; monthly from the 31st leaves
#          out short months, and with RSCALE=GREGORIAN;SKIP=BACKWARD it is on their last day
#   seen:  1 March 2025, 2026, 2027, with SKIP=OMIT as well; yet monthly leaves short months out, with
#          SKIP=BACKWARD as well. With BYMONTH=2;BYMONTHDAY=29 beside FREQ=YEARLY it is in 2028
# Who meets it: birthdays, in what reads with ical.js (Thunderbird, Nextcloud). Beside a program that
# keeps to the RFC they are in one list and not in the other; COUNT and UNTIL end at other dates.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund ical.js@2.2.1 >/dev/null 2>&1

cat >show.mjs <<'JS'
import ICAL from "ical.js";

for (const [start, rule] of [
  ["2024-02-29", "FREQ=YEARLY"],
  ["2024-02-29", "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT"],
  ["2024-02-29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"],
  ["2026-01-31", "FREQ=MONTHLY"],
  ["2026-01-31", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD"],
]) {
  const days = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateString(start));
  console.log(rule, ...[1, 2, 3, 4].map(() => days.next().toString()));
}
JS
seen=$(node show.mjs)
expected="FREQ=YEARLY 2024-02-29 2025-03-01 2026-03-01 2027-03-01
RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT 2024-02-29 2025-03-01 2026-03-01 2027-03-01
FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29 2024-02-29 2028-02-29 2032-02-29 2036-02-29
FREQ=MONTHLY 2026-01-31 2026-03-31 2026-05-31 2026-07-31
RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD 2026-01-31 2026-03-31 2026-05-31 2026-07-31"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
