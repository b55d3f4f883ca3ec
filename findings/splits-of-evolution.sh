#!/bin/sh
# evolution-data-server 3.46.4 (Debian 12): "this and all following" brings back what was removed of a series, and
# forgets what was moved.
#
# A course, daily at 09:00Z, eight times from 30 November; not on the 1st and 5th, at 15:00 on the 6th. From
# 3 December on it begins at 11:00 (ModifyObjects over D-Bus, "this-and-future", with the rules of the series).
#   guess: 30 November and 2 December at 09:00; the 3rd, 4th and 7th at 11:00; the 6th at 15:00, or at 17:00
#   seen:  two series, of which COUNT is divided well; the second has the EXDATE of 09:00 though it begins at
#          11:00, so the 5th is on again; what was said of the 6th is gone, and it is at 11:00
# Who meets it: who moves the rest of a course in a calendar of Evolution, on this computer or a server.
set -eu
for program in dbus-run-session dpkg-query; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
[ -e /usr/libexec/evolution-calendar-factory ] || { echo "install evolution-data-server first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet jeepney==0.9.0 icalendar==7.3.2 recurring-ical-events==3.8.2 2>/dev/null

cat >show.py <<'PY'
from datetime import date

import icalendar
import recurring_ical_events
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

EDS, PATH = "org.gnome.evolution.dataserver", "/org/gnome/evolution/dataserver"
KEPT = "DTSTART", "RRULE", "EXDATE", "RECURRENCE-ID"
bus = open_dbus_connection()


def call(path, name, interface, member, signature=None, *body):
    address = DBusAddress(path, bus_name=name, interface=f"{EDS}.{interface}")
    return bus.send_and_get_reply(new_method_call(address, member, signature, body)).body


factory = f"{PATH}/CalendarFactory", f"{EDS}.Calendar8", "CalendarFactory"
path, name = call(*factory, "OpenCalendar", "s", "system-calendar")
events = path, name, "Calendar"
call(*events, "Open")


def event(*lines):
    return "\r\n".join(["BEGIN:VEVENT", "UID:course", "SUMMARY:Course", *lines, "END:VEVENT", ""])


def shown():
    found = call(*events, "GetObjectList", "s", "#t")[0]
    for text in sorted(found, key=lambda each: each.partition("DTSTART")[2]):
        print(*(line for line in text.split("\r\n") if line.startswith(KEPT)))
    days = range(20261130, 20261131), range(20261201, 20261209)
    asked = [
        (day, f'(occur-in-time-range? (make-time "{day}T060000Z") (make-time "{day}T180000Z"))')
        for each in days
        for day in each
    ]
    print("Evolution", *(f"{day}"[6:] for day, query in asked if call(*events, "GetObjectList", "s", query)[0]))
    text = "".join(["BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n", *found, "END:VCALENDAR\r\n"])
    query = recurring_ical_events.of(icalendar.Calendar.from_ical(text))
    starts = sorted(each.start for each in query.between(date(2026, 11, 1), date(2027, 1, 1)))
    print("recurring-ical-events", *(f"{at:%d@%H}" for at in starts))


RULES = "RRULE:FREQ=DAILY;COUNT=8", "EXDATE:20261201T090000Z", "EXDATE:20261205T090000Z"
first = event("DTSTART:20261130T090000Z", "DTEND:20261130T100000Z", *RULES)
call(*events, "CreateObjects", "asu", [first], 0)
moved = event("RECURRENCE-ID:20261206T090000Z", "DTSTART:20261206T150000Z", "DTEND:20261206T160000Z")
call(*events, "ModifyObjects", "assu", [moved], "this", 0)
shown()
later = event("RECURRENCE-ID:20261203T090000Z", "DTSTART:20261203T110000Z", "DTEND:20261203T120000Z", *RULES)
call(*events, "ModifyObjects", "assu", [later], "this-and-future", 0)
shown()
PY
export HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" TZ=UTC GSETTINGS_BACKEND=memory
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
seen=$(timeout 60 dbus-run-session -- venv/bin/python show.py 2>/dev/null | sed 's/;X-EVOLUTION-ENDDATE=[^:]*//')
expected="DTSTART:20261130T090000Z RRULE:FREQ=DAILY;COUNT=8 EXDATE:20261201T090000Z EXDATE:20261205T090000Z
RECURRENCE-ID:20261206T090000Z DTSTART:20261206T150000Z
Evolution 30 02 03 04 06 07
recurring-ical-events 30@09 02@09 03@09 04@09 06@15 07@09
DTSTART:20261130T090000Z RRULE:FREQ=DAILY;COUNT=3 EXDATE:20261201T090000Z
DTSTART:20261203T110000Z RRULE:FREQ=DAILY;COUNT=5 EXDATE:20261205T090000Z
Evolution 30 02 03 04 05 06 07
recurring-ical-events 30@09 02@09 03@11 04@11 05@11 06@11 07@11"
dpkg-query -W -f 'evolution-data-server ${Version}\n' evolution-data-server
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
