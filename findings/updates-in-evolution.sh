#!/bin/sh
# evolution-data-server 3.46.4 (Debian 12): a meeting that is moved from some day on ends there.
#
# A daily meeting at 09:00Z, five times from 30 November, comes as a file; in it stands, too, that from
# 2 December on it is at 11:00 (RECURRENCE-ID;RANGE=THISANDFUTURE, RFC 5545 3.2.13). ReceiveObjects over D-Bus,
# which is how an import and an invitation get into a calendar.
#   guess: 30 November and 1 December at 09:00, the 2nd to 4th at 11:00; or only the 2nd at 11:00; what was
#          received is kept as it is
#   seen:  the 2nd is at 11:00 and is the last: the rule is rewritten as COUNT=2, and for the days after it
#          there is no rule; so they are gone from every program that reads this calendar, and for good
# Who meets it: who imports a calendar, or gets an invitation, in which somebody has moved "all following" and kept
# one series.
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
KEPT = "DTSTART", "RRULE", "RECURRENCE-ID"
bus = open_dbus_connection()


def call(path, name, interface, member, signature=None, *body):
    address = DBusAddress(path, bus_name=name, interface=f"{EDS}.{interface}")
    return bus.send_and_get_reply(new_method_call(address, member, signature, body)).body


def event(*lines):
    return "\r\n".join(["BEGIN:VEVENT", "UID:1", "DTSTAMP:20260901T000000Z", "SUMMARY:Meeting", *lines, "END:VEVENT", ""])


def calendar(method, *parts):
    head = "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *method, ""
    return "\r\n".join(head) + "".join(parts) + "END:VCALENDAR\r\n"


def told(name, *parts):
    for part in parts:
        print(name, *(line for line in part.split("\r\n") if line.startswith(KEPT)))
    query = recurring_ical_events.of(icalendar.Calendar.from_ical(calendar((), *parts)))
    starts = sorted(each.start for each in query.between(date(2026, 11, 1), date(2027, 1, 1)))
    print(name, *(f"{at:%d@%H}" for at in starts))


series = event("DTSTART:20261130T090000Z", "DTEND:20261130T100000Z", "RRULE:FREQ=DAILY;COUNT=5")
moved = "RECURRENCE-ID;RANGE=THISANDFUTURE:20261202T090000Z", "DTSTART:20261202T110000Z", "DTEND:20261202T120000Z"
later = event(*moved)
told("received", series, later)
factory = f"{PATH}/CalendarFactory", f"{EDS}.Calendar8", "CalendarFactory"
path, name = call(*factory, "OpenCalendar", "s", "system-calendar")
events = path, name, "Calendar"
call(*events, "Open")
call(*events, "ReceiveObjects", "su", calendar(("METHOD:PUBLISH",), series, later), 0)
stored = call(*events, "GetObjectList", "s", "#t")[0]
told("stored", *sorted(stored, key=lambda text: "RECURRENCE-ID" in text))
days = "20261130", "20261201", "20261202", "20261203", "20261204"
asked = {day: f'(occur-in-time-range? (make-time "{day}T060000Z") (make-time "{day}T180000Z"))' for day in days}
print("Evolution", *(day[6:] for day, query in asked.items() if call(*events, "GetObjectList", "s", query)[0]))
PY
export HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" TZ=UTC GSETTINGS_BACKEND=memory
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
seen=$(timeout 60 dbus-run-session -- venv/bin/python show.py 2>/dev/null | sed 's/;X-EVOLUTION-ENDDATE=[^:]*//')
expected="received DTSTART:20261130T090000Z RRULE:FREQ=DAILY;COUNT=5
received RECURRENCE-ID;RANGE=THISANDFUTURE:20261202T090000Z DTSTART:20261202T110000Z
received 30@09 01@09 02@11 03@11 04@11
stored DTSTART:20261130T090000Z RRULE:FREQ=DAILY;COUNT=2
stored RECURRENCE-ID;RANGE=THISANDFUTURE:20261202T090000Z DTSTART:20261202T110000Z
stored 30@09 01@09 02@11
Evolution 30 01 02"
dpkg-query -W -f 'evolution-data-server ${Version}\n' evolution-data-server
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
