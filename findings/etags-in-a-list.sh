#!/bin/sh
# Radicale 3.9.0 (PyPI) compares If-Match as one text: a list of ETags is refused, right one or not.
#
# RFC 9110 13.1.1: If-Match is a list; the condition is true if any member of it is the current ETag.
#   guess: If-Match: "another", "<the current one>" is a match
#   seen:  412 Precondition Failed; with the current one alone 204. Xandikos 0.4.10 takes the list.
# Who meets it: a client that knows two states it may change (the one it read, and the one its own lost
# request would have made) and says so in one request. It has to ask twice.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet radicale==3.9.0 2>/dev/null

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
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VTODO", "UID:1",
    "DTSTAMP:20261129T000000Z", "SUMMARY:Call", "END:VTODO", "END:VCALENDAR", "",
]  # fmt: skip


def status(condition: str) -> int:
    text = "\r\n".join(sent).encode()
    headers = {**basic, "Content-Type": "text/calendar", "If-Match": condition}
    request = urllib.request.Request(base + "1.ics", text, headers, method="PUT")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


ask("PUT", base + "1.ics", "\r\n".join(sent))
request = urllib.request.Request(base + "1.ics", headers=basic)
with urllib.request.urlopen(request) as answer:
    etag = answer.headers["ETag"]
print("list", status(f'"another", {etag}'))
print("alone", status(etag))
PY
seen=$(venv/bin/python show.py "$port")
expected="list 412
alone 204"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
