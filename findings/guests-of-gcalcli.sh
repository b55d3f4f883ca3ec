#!/bin/sh
# gcalcli 4.5.1 with vobject 0.9.9 (PyPI): every guest of an imported meeting is called "ATTENDEE".
#
# `gcalcli import` puts a file into Google Calendar; here is what it would send. A weekly choir, four
# times, not on 7 December, and on the 14th a day later; Ben has declined; it does not make one busy.
#   guess: "recurrence" has the RRULE and the EXDATE; the guest is Ben, declined; the moved one is sent as
#          that occurrence (originalStartTime); "transparency" is transparent
#   seen:  the RRULE alone, so there is choir on the 7th; the guest's name is ATTENDEE and he has not
#          answered, the organizer's is ORGANIZER and the address begins with "mailto:"; the moved one
#          is another event with the same iCalUID, beside the series that still has it on the 14th;
#          and all of it is busy
# Who meets it: whoever brings the export of another calendar to Google with it, and who reads Google's
# calendar then: no reader can know that the 7th was left out.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet gcalcli==4.5.1 vobject==0.9.9 2>/dev/null

printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN BEGIN:VEVENT UID:choir \
    DTSTAMP:20260901T000000Z DTSTART:20261130T090000Z DTEND:20261130T100000Z \
    'RRULE:FREQ=WEEKLY;COUNT=4' EXDATE:20261207T090000Z SUMMARY:Choir TRANSP:TRANSPARENT \
    'ORGANIZER;CN=Ada:mailto:ada@example.org' \
    'ATTENDEE;CN=Ben;PARTSTAT=DECLINED:mailto:ben@example.org' END:VEVENT \
    BEGIN:VEVENT UID:choir DTSTAMP:20260901T000000Z RECURRENCE-ID:20261214T090000Z \
    DTSTART:20261215T090000Z DTEND:20261215T100000Z SUMMARY:Choir END:VEVENT END:VCALENDAR >choir.ics
cat >show.py <<'PY'
from pathlib import Path

from gcalcli.ics import get_ics_data
from gcalcli.printer import Printer

with Path("choir.ics").open() as file:
    found = get_ics_data(file, verbose=False, default_tz="UTC", printer=Printer())
for event in found.events:
    for name, value in sorted(event.body.items()):
        print(name, value)
PY
seen=$(venv/bin/python show.py)
expected="attendees [{'displayName': 'ATTENDEE', 'email': 'ben@example.org'}]
end {'dateTime': '2026-11-30T10:00:00+00:00', 'timeZone': 'UTC'}
iCalUID choir
organizer {'displayName': 'ORGANIZER', 'email': 'mailto:ada@example.org'}
recurrence ['RRULE:FREQ=WEEKLY;COUNT=4']
start {'dateTime': '2026-11-30T09:00:00+00:00', 'timeZone': 'UTC'}
summary Choir
end {'dateTime': '2026-12-15T10:00:00+00:00', 'timeZone': 'UTC'}
iCalUID choir
start {'dateTime': '2026-12-15T09:00:00+00:00', 'timeZone': 'UTC'}
summary Choir"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
