#!/bin/sh
# plann 1.3.0 (PyPI): putting tasks off by a day makes times in UTC of all of them, and tomorrow of some.
#
# In Berlin, on a Radicale 3.9.0: `plann select --todo edit --postpone 1d`, to "add something to the DTSTART and
# DTEND/DUE", as its help says.
#   guess: each is a day later, and stays what it is: a day, a time of no zone, a time in Berlin; what has
#          no date keeps none
#   seen:  a whole day becomes midnight in Berlin, written in UTC: with a phone in New York, the day before;
#          17:00 in Berlin, each week, becomes 16:00Z, from March on 18:00; 17:00 wherever one is, too; what
#          has no date is due tomorrow at this minute, and what begins in 2035 and has no DUE begins now
# Who meets it: users of plann, and everybody with whom they share a list.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet plann==1.3.0 caldav==3.6.0 icalendar==7.3.2 icalendar-searcher==1.3.0 tzdata==2026.1 2>/dev/null
python3 -m venv radicale
radicale/bin/pip install --quiet radicale==3.9.0 2>/dev/null

port=$(venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
radicale/bin/python -W ignore -m radicale --storage-filesystem-folder="$folder/data" \
    --server-hosts="127.0.0.1:$port" --auth-type=none --logging-level=critical >/dev/null 2>&1 &
server=$!
cat >store.py <<'PY'
import sys
import time
import urllib.error
import urllib.request

base = f"http://127.0.0.1:{sys.argv[1]}/ada/tasks/"


def ask(method: str, url: str, body: str = "") -> None:
    headers = {"Authorization": "Basic YWRhOng=", "Content-Type": "text/calendar"}
    urllib.request.urlopen(urllib.request.Request(url, body.encode() or None, headers, method=method)).close()


for _ in range(100):
    try:
        ask("MKCALENDAR", base)
        break
    except urllib.error.HTTPError:
        raise
    except OSError:
        time.sleep(0.1)
TASKS = {
    "day": ("DUE;VALUE=DATE:20351130",),
    "berlin": ("DUE;TZID=Europe/Berlin:20351130T170000", "RRULE:FREQ=WEEKLY"),
    "floating": ("DUE:20351130T170000",),
    "start": ("DTSTART;VALUE=DATE:20351130",),
    "undated": (),
}
for name, lines in TASKS.items():
    head = "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VTODO", f"UID:{name}"
    text = [*head, "DTSTAMP:20260901T000000Z", f"SUMMARY:{name}", *lines, "END:VTODO", "END:VCALENDAR", ""]
    ask("PUT", f"{base}{name}.ics", "\r\n".join(text))
PY
export HOME="$folder/home" TZ=Europe/Berlin
unset XDG_CONFIG_HOME
mkdir home
venv/bin/python store.py "$port"
plann() {
    venv/bin/plann --skip-config --caldav-url "http://127.0.0.1:$port/" --caldav-username ada --caldav-password x \
        --calendar-url "http://127.0.0.1:$port/ada/tasks/" "$@" >/dev/null 2>&1
}
plann select --todo edit --postpone 1d
seen=$(
    for file in data/collection-root/ada/tasks/*.ics; do
        tr -d '\r' <"$file" | sed -n '/^BEGIN:VTODO/,$p' | grep -E '^(DTSTART|DUE|RRULE|SUMMARY)' | sort -r | paste -sd ' '
    done | sed -E 's/:20(2[0-9]|3[0-4])[0-9]{4}T[0-9]{6}Z/ about now/g' | sort
)
expected="SUMMARY:berlin RRULE:FREQ=WEEKLY DUE:20351201T160000Z
SUMMARY:day DUE:20351130T230000Z
SUMMARY:floating DUE:20351201T160000Z
SUMMARY:start DUE about now DTSTART about now
SUMMARY:undated DUE about now"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
