#!/bin/sh
# dateparser 1.5.0 (PyPI): "tomorrow at 9" is at 10:17, and "um 9" three weeks ago.
#
# Typed on Monday, 30 November 2026, at 10:17, with PREFER_DATES_FROM "future".
#   guess: each says tomorrow or Friday, at nine; "17h" is five in the afternoon
#   seen:  "at 9" is passed over, and the minute of typing stands in its place, while "at 9:00" and "9am" are
#          heard; "tomorrow 17h" is in 41 hours; in German "9 Uhr" is the ninth day of this month, which
#          is over, Friday or not; French has the hours right
# Who meets it: who types tasks into plann, which has dates from it, or talks to a bot that reminds.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet dateparser==1.5.0 tzdata==2026.1 2>/dev/null

cat >show.py <<'PY'
from datetime import datetime

import dateparser

SETTINGS = {"RELATIVE_BASE": datetime(2026, 11, 30, 10, 17), "PREFER_DATES_FROM": "future"}
TYPED = {
    "en": ["tomorrow at 9", "tomorrow at 9:00", "tomorrow 9am", "in 3 days at 9", "tomorrow 17h"],
    "de": ["morgen um 9 Uhr", "um 9", "Freitag um 9 Uhr", "Freitag um 9:00", "heute um 18 Uhr"],
    "es": ["mañana a las 9", "mañana a las 9:00"],
    "fr": ["demain à 9h", "après-demain à 9h"],
}
for language, texts in TYPED.items():
    for text in texts:
        found = dateparser.parse(text, languages=[language], settings=SETTINGS)
        print(f"{language} {text}: {found:%a %d %b %H:%M}" if found else f"{language} {text}: nothing")
PY
seen=$(LC_ALL=C venv/bin/python -W ignore show.py)
expected="en tomorrow at 9: Tue 01 Dec 10:17
en tomorrow at 9:00: Tue 01 Dec 09:00
en tomorrow 9am: Tue 01 Dec 09:00
en in 3 days at 9: Thu 03 Dec 10:17
en tomorrow 17h: Wed 02 Dec 03:17
de morgen um 9 Uhr: Tue 01 Dec 10:17
de um 9: Mon 09 Nov 00:00
de Freitag um 9 Uhr: Mon 09 Nov 00:00
de Freitag um 9:00: Fri 04 Dec 09:00
de heute um 18 Uhr: Mon 30 Nov 10:17
es mañana a las 9: Tue 01 Dec 10:17
es mañana a las 9:00: Tue 01 Dec 09:00
fr demain à 9h: Tue 01 Dec 09:00
fr après-demain à 9h: Wed 02 Dec 09:00"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
