#!/bin/sh
# Radicale 3.9.0 and Xandikos 0.4.10 (PyPI): a whole day without DTEND takes no time.
#
# RFC 5545 3.6.1: an event of which DTSTART is a DATE, without DTEND and DURATION, takes that one day. Asked
# for is Tuesday, 1 December 2026, as it is in New York: from 05:00 UTC for 24 hours (RFC 4791 7.8, 7.10).
#   guess: both servers find a holiday on that day, and one weekly since 24 November, and say busy till 24:00,
#          however their end is written
#   seen:  Radicale does not find the weekly one without an end, and says that one is free; the one with
#          DTEND it finds. Xandikos finds all four, and says that one is free on both without an end
# Who meets it: calcurse, sabre/vobject, Ruby's icalendar and others write whole days so; a client west of
# Greenwich that asks for a day does not get its weekly ones, and who looks for a free hour finds one.
set -eu
folder=$(mktemp -d)
servers=
trap '[ -z "$servers" ] || kill $servers 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet icalendar==7.3.2 recurring-ical-events==3.8.2 xandikos==0.4.10 radicale==3.9.0 \
    vobject==0.9.9 2>/dev/null

port() {
    venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
xandikos=$(port)
venv/bin/python -W ignore -m xandikos serve --directory x --listen-address 127.0.0.1 --port "$xandikos" \
    --current-user-principal /ada/ --defaults >/dev/null 2>&1 &
servers=$!
radicale=$(port)
printf '%s\n' '[server]' "hosts = 127.0.0.1:$radicale" '[auth]' 'type = none' \
    '[storage]' "filesystem_folder = $folder/r" '[logging]' 'level = error' >config
venv/bin/python -m radicale --config config >/dev/null 2>&1 &
servers="$servers $!"
cat >show.py <<'PY'
import re
import sys
import time
import urllib.error
import urllib.request

basic = {"Authorization": "Basic YWRhOng=", "Depth": "1"}


def ask(method: str, url: str, body: str = "", kind: str = "text/calendar") -> str:
    request = urllib.request.Request(
        url, body.encode() or None, {**basic, "Content-Type": kind}, method=method
    )
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def ready(method: str, url: str) -> None:
    for _ in range(100):
        try:
            ask(method, url)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)


NAMES = 'xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"'
RANGE = '<C:time-range start="20261201T050000Z" end="20261202T050000Z"/>'
QUERY = (
    f"<C:calendar-query {NAMES}><D:prop><D:getetag/></D:prop><C:filter>"
    f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{RANGE}</C:comp-filter>'
    "</C:comp-filter></C:filter></C:calendar-query>"
)
FREE_BUSY = f"<C:free-busy-query {NAMES}>{RANGE}</C:free-busy-query>"
EVENTS = {
    "once": ("DTSTART;VALUE=DATE:20261201",),
    "once-with-end": ("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202"),
    "weekly": ("DTSTART;VALUE=DATE:20261124", "RRULE:FREQ=WEEKLY"),
    "weekly-with-end": (
        *("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261125", "RRULE:FREQ=WEEKLY"),
    ),
}
name, base, make = sys.argv[1:]
ready("MKCALENDAR" if make == "make" else "PROPFIND", base)
for uid, lines in EVENTS.items():
    url = f"{base}{uid}.ics"
    text = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", f"UID:{uid}"),
        *("DTSTAMP:20260901T000000Z", *lines, "SUMMARY:Holiday", "END:VEVENT", "END:VCALENDAR", ""),
    ]
    ask("PUT", url, "\r\n".join(text))
    found = f"{uid}.ics" in ask("REPORT", base, QUERY, "application/xml")
    busy = re.findall(r"^FREEBUSY.*:(\S+)", ask("REPORT", base, FREE_BUSY, "application/xml"), re.M)
    print(f"{name}, {uid}:", "found," if found else "not found,", *busy or ["free"])
    ask("DELETE", url)
PY
seen=$(
    venv/bin/python show.py radicale "http://127.0.0.1:$radicale/ada/home/" make
    venv/bin/python show.py xandikos "http://127.0.0.1:$xandikos/ada/calendars/calendar/" look
)
expected="radicale, once: found, 20261201T050000Z/20261202T000000Z
radicale, once-with-end: found, 20261201T050000Z/20261202T000000Z
radicale, weekly: not found, free
radicale, weekly-with-end: found, 20261201T050000Z/20261202T000000Z
xandikos, once: found, free
xandikos, once-with-end: found, 20261201T050000Z/20261202T000000Z
xandikos, weekly: found, free
xandikos, weekly-with-end: found, 20261201T050000Z/20261202T000000Z"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
