#!/bin/sh
# vobject 0.9.9 (PyPI) calls Berlin "CET", and its winter begins an hour late.
#
# The zone of a start is dateutil's Europe/Berlin; vobject writes a VTIMEZONE for it.
#   guess: TZID:Europe/Berlin; STANDARD from 03:00, the wall time before the change (RFC 5545 3.6.5:
#          DTSTART of an observance is in the offset it is changed FROM)
#   seen:  TZID:CET, a name that Paris, Madrid and Stockholm get as well; STANDARD from 04:00, so that
#          the hour after each change back is read an hour off; DAYLIGHT is right
# Who meets it: a reader that believes the description is right for all but one hour a year; one that
# goes by the name "CET" reads a zone of its own, which may have no summer time.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet vobject==0.9.9 python-dateutil==2.9.0.post0 2>/dev/null

cat >show.py <<'PY'
from datetime import datetime

import vobject
from dateutil.tz import gettz

calendar = vobject.iCalendar()
event = calendar.add("vevent")
event.add("uid").value = "1"
event.add("summary").value = "Stand-up"
event.add("dtstart").value = datetime(2026, 11, 30, 9, tzinfo=gettz("Europe/Berlin"))
for line in calendar.serialize().splitlines():
    if line.startswith(("TZID", "BEGIN:STANDARD", "BEGIN:DAYLIGHT", "DTSTART")):
        print(line)
PY
seen=$(venv/bin/python show.py)
expected="TZID:CET
BEGIN:STANDARD
DTSTART:20001029T040000
BEGIN:DAYLIGHT
DTSTART:20000326T020000
DTSTART;TZID=CET:20261130T090000"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
