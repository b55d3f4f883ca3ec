#!/bin/sh
# caldav 3.6.0 (PyPI): completing a recurring task loses its time of day, its zone, or that it was a day.
#
# Todo.complete(handle_rrule=True) moves the series on, as its documentation says ("safe" mode).
#   guess: a task weekly on Mondays at 09:00 in Berlin, done at 09:30, is next due 7 December, 09:00 there;
#          a task of whole days stays one of whole days
#   seen:  DTSTART:20261207T083000Z, the minute of the click in UTC, without the zone: from then on it
#          moves with every click, and by an hour with the clocks; the whole-day task becomes timed, too
# Who meets it: users of plann and of home automation built on this library, and everybody who shares
# a list with them. The server here is Radicale 3.9.0; what is written does not depend on it.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet caldav==3.6.0 icalendar==7.3.2 radicale==3.9.0 vobject==0.9.9 2>/dev/null

port=$(venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf '%s\n' '[server]' "hosts = 127.0.0.1:$port" '[auth]' 'type = none' \
    '[storage]' "filesystem_folder = $folder/data" '[logging]' 'level = error' >config
venv/bin/python -m radicale --config config >/dev/null 2>&1 &
server=$!
cat >show.py <<'PY'
import logging
import sys
import time
from datetime import UTC, datetime

import caldav

logging.disable()
for _ in range(100):
    try:
        home = caldav.DAVClient(
            f"http://127.0.0.1:{sys.argv[1]}/", username="ada", password="none"
        ).principal()
        break
    except Exception:
        time.sleep(0.1)
calendar = home.make_calendar(name="Home")


def completed(uid: str, *lines: str) -> None:
    text = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VTODO", f"UID:{uid}",
        "DTSTAMP:20260901T000000Z", "SUMMARY:Water", "RRULE:FREQ=WEEKLY", *lines,
        "END:VTODO", "END:VCALENDAR", "",
    ]  # fmt: skip
    todo = calendar.save_todo("\r\n".join(text))
    todo.complete(
        completion_timestamp=datetime(2026, 11, 30, 8, 30, tzinfo=UTC), handle_rrule=True
    )
    after = calendar.todo_by_uid(uid).data.split("BEGIN:VTODO")[1]
    print(uid, *[line for line in after.splitlines() if line.startswith(("DTSTART", "DUE"))])


completed(
    "timed",
    "DTSTART;TZID=Europe/Berlin:20261130T090000",
    "DUE;TZID=Europe/Berlin:20261130T100000",
)
completed("days", "DTSTART;VALUE=DATE:20261130", "DUE;VALUE=DATE:20261201")
PY
seen=$(venv/bin/python -W ignore show.py "$port" 2>/dev/null)
expected="timed DTSTART:20261207T083000Z DUE:20261207T093000Z
days DTSTART:20261207T083000Z DUE:20261208T083000Z"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
