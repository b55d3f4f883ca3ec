#!/bin/sh
# Radicale 3.9.0 with vobject 0.9.9 (PyPI) cuts every value it does not know at its first comma.
#
# RFC 5545 3.3.13: a URI is taken as it stands, a comma in it is no separator; 3.8.8.2: an X- property
# is TEXT unless it says otherwise. RFC 7986 5.11: CONFERENCE is a URI.
#   guess: what was PUT comes back
#   seen:  201 Created, and then
#          CONFERENCE:https://example.com/j?id=1,2   comes back as  https://example.com/j?id=1
#          X-APPLE-STRUCTURED-LOCATION:geo:52.5,13.4 comes back as  geo:52.5
#          URL with a comma stays whole (vobject knows URL)
# Who meets it: a client that writes a whole resource back destroys links and places another client
# wrote, because the server had already cut them; one that compares what it wrote with what it reads
# sees a change that nobody made.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet radicale==3.9.0 vobject==0.9.9 2>/dev/null

port=$(venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf '%s\n' '[server]' "hosts = 127.0.0.1:$port" '[auth]' 'type = none' \
    '[storage]' "filesystem_folder = $folder/data" '[logging]' 'level = error' >config
venv/bin/python -m radicale --config config >/dev/null 2>&1 &
server=$!
cat >show.py <<'PY'
import sys
import time
import urllib.error
import urllib.request

base = f"http://127.0.0.1:{sys.argv[1]}/ada/home/"
basic = {"Authorization": "Basic YWRhOng="}


def ask(method: str, url: str, body: str = "", kind: str = "text/calendar") -> str:
    request = urllib.request.Request(
        url, body.encode() or None, {**basic, "Content-Type": kind}, method=method
    )
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


for _ in range(100):
    try:
        ask("OPTIONS", base)
        break
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.1)
ask(
    "MKCOL",
    base,
    '<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop><resourcetype>'
    "<collection/><C:calendar/></resourcetype></prop></set></mkcol>",
    "text/xml",
)
sent = [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", "UID:1",
    "DTSTAMP:20260901T000000Z", "DTSTART:20261130T060000Z", "DTEND:20261130T070000Z",
    "CONFERENCE;VALUE=URI:https://example.com/j?id=1,2",
    "X-APPLE-STRUCTURED-LOCATION;VALUE=URI:geo:52.5,13.4",
    "URL:https://example.com/x,y", "SUMMARY:Meeting", "END:VEVENT", "END:VCALENDAR", "",
]  # fmt: skip
ask("PUT", base + "1.ics", "\r\n".join(sent))
for line in ask("GET", base + "1.ics").splitlines():
    if line.partition(";")[0].partition(":")[0] in {"CONFERENCE", "X-APPLE-STRUCTURED-LOCATION", "URL"}:
        print(line)
PY
seen=$(venv/bin/python show.py "$port")
expected="CONFERENCE;VALUE=URI:https://example.com/j?id=1
URL:https://example.com/x,y
X-APPLE-STRUCTURED-LOCATION;VALUE=URI:geo:52.5"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
