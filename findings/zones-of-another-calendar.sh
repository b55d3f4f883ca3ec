#!/bin/sh
# icalendar 7.3.2, and by way of their libraries Xandikos 0.4.10 and Radicale 3.9.0 (PyPI), read a zone
# as the first calendar of the process has described it, whatever a later calendar says.
#
# RFC 5545 3.6.5: the VTIMEZONE in the same iCalendar object says what a TZID means; 3.8.3.1: a TZID
# without a slash in front means nothing outside of it. Outlook calls each zone that somebody has
# adjusted "Customized Time Zone".
#   guess: nine o'clock at -0500 is 14:00 UTC
#   seen:  icalendar, after a calendar in which the same name is +0300: 06:00 UTC
#          both servers, asked for 06:00 to 06:50 UTC: both events; for 14:00 to 14:50: none
# Who meets it: two people whose Outlook names two zones alike, in one program or on one server: one
# of them has all meetings at the wrong hour, and which one depends on who was read first.
set -eu
folder=$(mktemp -d)
servers=
trap '[ -z "$servers" ] || kill $servers 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet icalendar==7.3.2 xandikos==0.4.10 radicale==3.9.0 vobject==0.9.9 2>/dev/null

port() {
    venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
xandikos=$(port)
venv/bin/python -W ignore -m xandikos serve --directory x --listen-address 127.0.0.1 --port "$xandikos" \
    --current-user-principal /ada/ --autocreate >/dev/null 2>&1 &
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
from datetime import timezone

import icalendar

basic = {"Authorization": "Basic YWRhOng="}


def calendar(uid: str, offset: str) -> str:
    return "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN",
        "BEGIN:VTIMEZONE", "TZID:Customized Time Zone",
        "BEGIN:STANDARD", "DTSTART:19700101T000000",
        f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE",
        "BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261129T000000Z",
        "DTSTART;TZID=Customized Time Zone:20261130T090000",
        "DTEND;TZID=Customized Time Zone:20261130T100000", "SUMMARY:A",
        "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip


MAKE = (
    '<C:mkcalendar xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:set><D:prop>'
    "<D:displayname>W</D:displayname></D:prop></D:set></C:mkcalendar>"
)
CALENDARS = {"east": calendar("east", "+0300"), "west": calendar("west", "-0500")}


def ask(method: str, url: str, body: str, kind: str) -> str:
    headers = {**basic, "Content-Type": kind, "Depth": "1"}
    request = urllib.request.Request(url, body.encode(), headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def ready(port: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/")
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return


for name, text in CALENDARS.items():
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    print("icalendar", name, event.start.astimezone(timezone.utc).strftime("%H:%M"))
for name, port, home in (
    ("xandikos", sys.argv[1], "/ada/calendars/"),
    ("radicale", sys.argv[2], "/ada/"),
):
    ready(port)
    url = f"http://127.0.0.1:{port}{home}w/"
    ask("MKCALENDAR", url, MAKE, "application/xml")
    for uid, text in CALENDARS.items():
        ask("PUT", f"{url}{uid}.ics", text, "text/calendar")
    for hour in ("06", "14"):
        query = (
            '<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:prop>'
            '<D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR">'
            f'<C:comp-filter name="VEVENT"><C:time-range start="20261130T{hour}0000Z" '
            f'end="20261130T{hour}5000Z"/></C:comp-filter></C:comp-filter></C:filter>'
            "</C:calendar-query>"
        )
        answer = ask("REPORT", url, query, "application/xml")
        print(name, hour, *sorted(set(re.findall("(east|west).ics", answer))))
PY
seen=$(venv/bin/python -W ignore show.py "$xandikos" "$radicale")
expected="icalendar east 06:00
icalendar west 06:00
xandikos 06 east west
xandikos 14
radicale 06 east west
radicale 14"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
