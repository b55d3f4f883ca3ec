#!/bin/sh
# evolution-data-server 3.46.4 (Debian 12): a series shortened from its front is whole in other programs.
#
# A daily meeting and a daily holiday, five times from 30 November. Those of 2 December and all before
# are removed (RemoveObjects over D-Bus, "this-and-prior").
#   guess: DTSTART becomes 3 December and COUNT 2; or there are three EXDATEs; all programs show the 3rd and 4th
#   seen:  EXRULE:FREQ=DAILY;UNTIL=…, which RFC 5545 (2009) has taken out of the format, and nothing else.
#          For whole days it ends a day late: the holiday of the 3rd is removed as well
#          vobject 0.9.9 (PyPI) reads it; recurring-ical-events 3.8.2, ical 14.3.1 (PyPI), ical.js 2.2.1,
#          node-ical 0.27.2 (npm) do not: all five days are there
# Who meets it: who keeps a calendar in Evolution and looks at it elsewhere, by CalDAV or as a file.
set -eu
for program in dbus-run-session dpkg-query; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
[ -e /usr/libexec/evolution-calendar-factory ] || { echo "install evolution-data-server first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet jeepney==0.9.0 icalendar==7.3.2 recurring-ical-events==3.8.2 ical==14.3.1 \
    vobject==0.9.9 2>/dev/null
npm install --silent --no-audit --no-fund ical.js@2.2.1 node-ical@0.27.2 >/dev/null 2>&1

cat >write.py <<'PY'
from pathlib import Path

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

EDS, PATH = "org.gnome.evolution.dataserver", "/org/gnome/evolution/dataserver"
bus = open_dbus_connection()


def call(path, name, interface, member, signature=None, *body):
    address = DBusAddress(path, bus_name=name, interface=f"{EDS}.{interface}")
    return bus.send_and_get_reply(new_method_call(address, member, signature, body)).body


factory = f"{PATH}/CalendarFactory", f"{EDS}.Calendar8", "CalendarFactory"
path, name = call(*factory, "OpenCalendar", "s", "system-calendar")
events = path, name, "Calendar"
call(*events, "Open")
for uid, start, removed in (
    ("meeting", "DTSTART:20261130T090000Z", "20261202T090000Z"),
    ("holiday", "DTSTART;VALUE=DATE:20261130", "20261202"),
):
    lines = "BEGIN:VEVENT", f"UID:{uid}", start, "RRULE:FREQ=DAILY;COUNT=5", "END:VEVENT", ""
    call(*events, "CreateObjects", "asu", ["\r\n".join(lines)], 0)
    call(*events, "RemoveObjects", "a(ss)su", [(uid, removed)], "this-and-prior", 1)
    (text,) = call(*events, "GetObjectList", "s", f'(uid? "{uid}")')[0]
    print(*(line for line in text.split("\r\n") if line.startswith(("DTSTART", "EX"))))
    days = "20261130", "20261201", "20261202", "20261203", "20261204", "20261205"
    times = [f'(make-time "{day}T060000Z") (make-time "{day}T180000Z")' for day in days]
    queries = [f'(and (uid? "{uid}") (occur-in-time-range? {each}))' for each in times]
    shown = [call(*events, "GetObjectList", "s", query)[0] for query in queries]
    print("Evolution", *(day[6:] for day, found in zip(days, shown) if found))
    head = "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN"
    Path(f"{uid}.ics").write_bytes("\r\n".join((*head, text.rstrip(), "END:VCALENDAR", "")).encode())
PY
cat >read.py <<'PY'
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import recurring_ical_events
import vobject
from ical.calendar_stream import IcsCalendarStream

text = Path("meeting.ics").read_bytes().decode()
months = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
print("vobject", *(f"{at:%d}" for at in vobject.readOne(text).vevent.getrruleset()))
found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*months)
print("recurring-ical-events", *(f"{event.start:%d}" for event in sorted(found, key=lambda each: each.start)))
found = IcsCalendarStream.calendar_from_ics(text).timeline.overlapping(*months)
print("ical", *(f"{event.dtstart:%d}" for event in found))
PY
cat >read.mjs <<'JS'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import nodeIcal from "node-ical";

const text = readFileSync("meeting.ics", "utf8");
const event = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent"));
const days = [];
for (let steps = event.iterator(), next; (next = steps.next()); ) days.push(next.toString().slice(8, 10));
console.log("ical.js", days.join(" "));
const read = Object.values(nodeIcal.sync.parseICS(text)).find((part) => part.type === "VEVENT");
const shown = nodeIcal.expandRecurringEvent(read, { from: new Date("2026-11-01"), to: new Date("2026-12-31") });
console.log("node-ical", shown.map((each) => each.start.toISOString().slice(8, 10)).join(" "));
JS
export HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" TZ=UTC GSETTINGS_BACKEND=memory
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
seen=$(
    timeout 60 dbus-run-session -- venv/bin/python write.py 2>/dev/null
    venv/bin/python read.py
    node read.mjs
)
expected="DTSTART:20261130T090000Z EXRULE:FREQ=DAILY;UNTIL=20261202T090000Z
Evolution 03 04
DTSTART;VALUE=DATE:20261130 EXRULE:FREQ=DAILY;UNTIL=20261203
Evolution 04
vobject 03 04
recurring-ical-events 30 01 02 03 04
ical 30 01 02 03 04
ical.js 30 01 02 03 04
node-ical 30 01 02 03 04"
dpkg-query -W -f 'evolution-data-server ${Version}\n' evolution-data-server
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
