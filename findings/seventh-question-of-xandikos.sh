#!/bin/sh
# Xandikos 0.4.10 (PyPI) answers the same question otherwise from the seventh time on.
#
# A calendar-query for the day of 1 December 2026, as calendars on phones and in browsers ask for what they
# show, put nine times; nothing is changed in between. In the collection are a weekly meeting, one that an
# EXDATE leaves out on this day, one moved from it to the 3rd, one moved to it from the 2nd, one that is on
# this day by RDATE beside its rule, and one at 22:00 of the day before, ten hours west of Greenwich.
#   guess: "weekly", "moved-here", "rdate", "west" each time
#   seen:  that, six times; then "weekly", "left-out", "moved-away": what was moved here is gone, what was
#          left out or moved away is back, and RDATE and the zone count no more. (It makes an index after
#          some questions, and answers from that.)
# Who meets it: everybody whose server it is; a client that was tried a few times was right.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet icalendar==7.3.2 recurring-ical-events==3.8.2 xandikos==0.4.10 2>/dev/null

port=$(venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
venv/bin/python -W ignore -m xandikos serve --directory data --listen-address 127.0.0.1 --port "$port" \
    --current-user-principal /ada/ --defaults >/dev/null 2>&1 &
server=$!
cat >show.py <<'PY'
import re
import sys
import time
import urllib.error
import urllib.request

base = f"http://127.0.0.1:{sys.argv[1]}/ada/calendars/calendar/"


def ask(method: str, url: str, body: str = "", kind: str = "text/calendar") -> str:
    request = urllib.request.Request(
        url, body.encode() or None, {"Content-Type": kind, "Depth": "1"}, method=method
    )
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


for _ in range(100):
    try:
        ask("PROPFIND", base)
        break
    except urllib.error.HTTPError:
        break
    except OSError:
        time.sleep(0.1)


def at(day: int, hour: str = "09") -> tuple[str, str]:
    return f"DTSTART:202612{day:02}T{hour}0000Z", f"DTEND:202612{day:02}T{hour}3000Z"


WEEKLY = "DTSTART:20261124T090000Z", "DTEND:20261124T093000Z", "RRULE:FREQ=WEEKLY"
WEDNESDAYS = "DTSTART:20261125T090000Z", "DTEND:20261125T093000Z", "RRULE:FREQ=WEEKLY"
ZONE = (
    *("BEGIN:VTIMEZONE", "TZID:West", "BEGIN:STANDARD", "DTSTART:19700101T000000"),
    *("TZOFFSETFROM:-1000", "TZOFFSETTO:-1000", "END:STANDARD", "END:VTIMEZONE"),
)
WEST = "DTSTART;TZID=West:20261130T220000", "DTEND;TZID=West:20261130T223000"
EVENTS = {
    "weekly": (WEEKLY,),
    "left-out": ((*WEEKLY, "EXDATE:20261201T090000Z"),),
    "moved-away": (WEEKLY, ("RECURRENCE-ID:20261201T090000Z", *at(3))),
    "moved-here": (WEDNESDAYS, ("RECURRENCE-ID:20261202T090000Z", *at(1))),
    "rdate": ((*WEDNESDAYS, "RDATE:20261201T090000Z"),),
    "west": (WEST,),
}
for uid, parts in EVENTS.items():
    text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *(ZONE if uid == "west" else ())]
    for lines in parts:
        text += ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260901T000000Z", *lines, "END:VEVENT"]
    ask("PUT", f"{base}{uid}.ics", "\r\n".join([*text, "END:VCALENDAR", ""]))
query = (
    '<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:prop><D:getetag/>'
    '</D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
    '<C:time-range start="20261201T060000Z" end="20261201T180000Z"/>'
    "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
)
for number in range(1, 10):
    answer = ask("REPORT", base, query, "application/xml")
    print(number, *sorted(set(re.findall(r"/([a-z-]+)\.ics<", answer))))
PY
seen=$(venv/bin/python show.py "$port")
expected="1 moved-here rdate weekly west
2 moved-here rdate weekly west
3 moved-here rdate weekly west
4 moved-here rdate weekly west
5 moved-here rdate weekly west
6 moved-here rdate weekly west
7 left-out moved-away weekly
8 left-out moved-away weekly
9 left-out moved-away weekly"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
