#!/bin/sh
# evolution-data-server 3.46.4 (Debian 12): who was born on 29 February has twelve birthdays a year elsewhere, and
# who does not tell the year has none anywhere.
#
# Its calendar "Birthdays & Anniversaries" is made of contacts: Ada, born on 29 February 2000, and Ben, born on
# 11 December (RFC 6350 4.3.1: BDAY:--1211). Where such a calendar is shown in another program, what it is made of
# counts.
#   guess: RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1 for Ada, or on 1 March; Ben yearly on 11 December
#   seen:  FREQ=YEARLY;BYMONTHDAY=-1 for Ada, which by RFC 5545 3.3.10 is the last day of each month: so in
#          dateutil 2.9.0, ical 14.3.1 (PyPI) and rrule 2.8.1 (npm); Evolution's own library and
#          ical.js 2.2.1 (npm) take the month of DTSTART; Ben begins on DTSTART:00000000T000000, and is
#          never shown
# Who meets it: who has contacts in GNOME, and shows this calendar in another program, or writes one for it.
set -eu
for program in dbus-run-session dpkg-query; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
for program in calendar addressbook; do
    [ -e /usr/libexec/evolution-$program-factory ] || { echo "install evolution-data-server first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet jeepney==0.9.0 python-dateutil==2.9.0.post0 ical==14.3.1 2>/dev/null
npm install --silent --no-audit --no-fund rrule@2.8.1 ical.js@2.2.1 >/dev/null 2>&1

cat >show.py <<'PY'
import time
from datetime import UTC, datetime
from pathlib import Path

from dateutil.rrule import rrulestr
from ical.calendar_stream import IcsCalendarStream
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

EDS, PATH = "org.gnome.evolution.dataserver", "/org/gnome/evolution/dataserver"
bus = open_dbus_connection()


def call(path, name, interface, member, signature=None, *body):
    address = DBusAddress(path, bus_name=name, interface=f"{EDS}.{interface}")
    return bus.send_and_get_reply(new_method_call(address, member, signature, body)).body


def opened(kind, version, member, what):
    factory = f"{PATH}/{kind}Factory", f"{EDS}.{kind}{version}", f"{kind}Factory"
    path, name = call(*factory, member, "s", what)
    call(path, name, kind, "Open")
    return path, name, kind


def contact(name, birthday):
    lines = "BEGIN:VCARD", "VERSION:4.0", f"FN:{name}", f"N:{name};;;;", f"BDAY:{birthday}", "END:VCARD", ""
    return "\r\n".join(lines)


book = opened("AddressBook", 10, "OpenAddressBook", "system-address-book")
call(*book, "CreateContacts", "asu", [contact("Ada", "2000-02-29"), contact("Ben", "--1211")], 0)
events = opened("Calendar", 8, "OpenCalendar", "birthdays")
for _ in range(60):
    found = sorted(call(*events, "GetObjectList", "s", "#t")[0], key=lambda text: "Ada" not in text)
    if len(found) == 2:
        break
    time.sleep(0.5)
for text in found:
    print(*(line for line in text.split("\r\n") if line.startswith(("SUMMARY", "DTSTART", "RRULE"))))
days = "20270131", "20270228", "20270301", "20270331", "20271211"
queries = {day: f'(occur-in-time-range? (make-time "{day}T000000Z") (make-time "{day}T235959Z"))' for day in days}
print("Evolution", *(day for day, query in queries.items() if call(*events, "GetObjectList", "s", query)[0]))
(rule,) = (line.partition(":")[2] for line in found[0].split("\r\n") if line.startswith("RRULE"))
Path("rule").write_text(rule)
between = datetime(2027, 1, 1), datetime(2027, 4, 1)
print("dateutil", *(f"{at:%Y%m%d}" for at in rrulestr(rule, dtstart=datetime(2000, 2, 29)).between(*between)))
calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{found[0].rstrip()}\r\nEND:VCALENDAR\r\n"
timeline = IcsCalendarStream.calendar_from_ics(calendar).timeline
shown = timeline.overlapping(*(at.replace(tzinfo=UTC) for at in between))
print("ical", *(f"{each.dtstart:%Y%m%d}" for each in shown))
PY
cat >show.mjs <<'JS'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import rrule from "rrule";

const text = readFileSync("rule", "utf8");
const found = rrule.rrulestr(`DTSTART:20000229T000000Z\nRRULE:${text}`);
const days = found.between(new Date("2027-01-01"), new Date("2027-04-01"));
console.log("rrule", days.map((day) => day.toISOString().slice(0, 10).replaceAll("-", "")).join(" "));
const steps = ICAL.Recur.fromString(text).iterator(ICAL.Time.fromString("2000-02-29"));
const seen = [];
for (let day; (day = steps.next()).year < 2028; ) if (day.year === 2027) seen.push(day.toICALString());
console.log("ical.js", seen.join(" "));
JS
export HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" TZ=UTC GSETTINGS_BACKEND=memory
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
seen=$(
    timeout 90 dbus-run-session -- venv/bin/python show.py 2>/dev/null
    node show.mjs
)
expected="DTSTART;VALUE=DATE:20000229 RRULE:FREQ=YEARLY;BYMONTHDAY=-1 SUMMARY:Birthday: Ada
DTSTART:00000000T000000 RRULE:FREQ=YEARLY SUMMARY:Birthday: Ben
Evolution 20270228
dateutil 20270131 20270228 20270331
ical 20270131 20270228 20270331
rrule 20270131 20270228 20270331
ical.js 20270228"
dpkg-query -W -f 'evolution-data-server ${Version}\n' evolution-data-server
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
