#!/bin/sh
# parsedatetime 2.6 (PyPI), by which todoman 4.7.0 reads dates: the day after tomorrow is tomorrow.
#
# Typed on Monday, 30 November 2026, at 10:17, with todoman's date format %Y-%m-%d.
#   guess: "day after tomorrow" is 2 December; "in 3 days at 9" 3 December, 09:00; "1.12." tomorrow, or
#          nothing; "2 december" that day without a time of day
#   seen:  1 December, 09:00; 3 December, 10:17; 12 January; 2 December, 10:17. What is not understood
#          is left out without a word, and the minute of typing is there in its place
#          dateparser 1.5.0 (PyPI) knows the first; "1.12." is today at 01:12; and "friday 5pm" was last
#          Friday, "2 may" was half a year ago
# Who meets it: todo new --due "day after tomorrow" makes a task that is due a day early; a date without
# a time becomes one with a time, at which other programs remind of it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet todoman==4.7.0 parsedatetime==2.6 dateparser==1.5.0 2>/dev/null

cat >show.py <<'PY'
import warnings
from datetime import datetime

import dateparser
import parsedatetime

warnings.simplefilter("ignore")
now = datetime(2026, 11, 30, 10, 17)
calendar = parsedatetime.Calendar()
for text in ("day after tomorrow", "in 3 days at 9", "1.12.", "2 december", "friday 5pm", "2 may"):
    one = calendar.parseDT(text, now)[0]
    other = dateparser.parse(text, languages=["en"], settings={"RELATIVE_BASE": now})
    print(f"{text}: {one:%d %b %Y %H:%M}, {other:%d %b %Y %H:%M}")
PY
seen=$(
    venv/bin/python show.py
    mkdir -p lists/home
    printf '%s\n' "path = '$folder/lists/*'" "cache_path = '$folder/cache'" "default_list = 'home'" \
        "date_format = '%Y-%m-%d'" >config.py
    tomorrow=$(date -d tomorrow +%F)
    venv/bin/todo --config config.py new --due 'day after tomorrow' Bins >/dev/null
    grep -q "^DUE.*:$(echo "$tomorrow" | tr -d -)T" lists/home/*.ics && echo "todoman: tomorrow"
)
expected="day after tomorrow: 01 Dec 2026 09:00, 02 Dec 2026 10:17
in 3 days at 9: 03 Dec 2026 10:17, 03 Dec 2026 10:17
1.12.: 12 Jan 2027 10:17, 30 Nov 2026 01:12
2 december: 02 Dec 2026 10:17, 02 Dec 2026 00:00
friday 5pm: 04 Dec 2026 17:00, 27 Nov 2026 17:00
2 may: 02 May 2027 10:17, 02 May 2026 00:00"
expected="$expected
todoman: tomorrow"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
