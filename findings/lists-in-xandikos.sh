#!/bin/sh
# Xandikos 0.4.10 with icalendar 7.3.2 (PyPI) makes one value of a list, and text of a status.
#
# RFC 5545 3.8.1.10: RESOURCES is a list, its commas separate. 3.8.8.3: REQUEST-STATUS is a code, a
# description and data, with semicolons between.
#   guess: what was PUT comes back, perhaps in another order
#   seen:  201 Created with an ETag, and then
#          RESOURCES:room,beamer          comes back as  RESOURCES:room\,beamer     (one resource)
#          REQUEST-STATUS:2.0;Success     comes back as  REQUEST-STATUS:2.0\;Success
#          CATEGORIES:one,two             stays a list
# Who meets it: whoever books a room and a projector; a client that reads the status of an invitation.
# A client that changes one property and puts all the others back cannot keep what is lost already.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet xandikos==0.4.10 icalendar==7.3.2 2>/dev/null

port=$(venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
venv/bin/python -W ignore -m xandikos serve --directory data --listen-address 127.0.0.1 --port "$port" \
    --current-user-principal /ada/ --defaults >/dev/null 2>&1 &
server=$!
cat >show.py <<'PY'
import sys
import time
import urllib.error
import urllib.request

base = f"http://127.0.0.1:{sys.argv[1]}/ada/calendars/calendar/"


def ask(method: str, url: str, body: str = "") -> str:
    request = urllib.request.Request(
        url, body.encode() or None, {"Content-Type": "text/calendar"}, method=method
    )
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


for _ in range(100):
    try:
        ask("OPTIONS", base)
        break
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.1)
sent = [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VTODO", "UID:1",
    "DTSTAMP:20261129T000000Z", "SUMMARY:Meeting", "CATEGORIES:one,two", "RESOURCES:room,beamer",
    "REQUEST-STATUS:2.0;Success", "END:VTODO", "END:VCALENDAR", "",
]  # fmt: skip
ask("PUT", base + "1.ics", "\r\n".join(sent))
for line in sorted(ask("GET", base + "1.ics").splitlines()):
    if line.partition(":")[0] in {"CATEGORIES", "RESOURCES", "REQUEST-STATUS"}:
        print(line)
PY
seen=$(venv/bin/python show.py "$port")
expected='CATEGORIES:one,two
REQUEST-STATUS:2.0\;Success
RESOURCES:room\,beamer'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
