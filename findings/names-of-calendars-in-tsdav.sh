#!/bin/sh
# tsdav 2.3.4 (npm): a calendar called 2026.10 is called 2026.1, and what is stored without ".ics" is not there.
#
# Radicale 3.9.0 (PyPI) has calendars with these names, and in one of them two meetings and a task.
#   guess: names are the text they are; fetchCalendarObjects brings what is in a calendar
#   seen:  2026.10 is the number 2026.1, 1e3 the number 1000, true a boolean (007 stays): each value of an
#          answer that looks like one becomes a number; a meeting whose address does not hold ".ics" is left
#          out, unless `urlFilter` is given (RFC 4791 5.3.2 leaves names to whoever stores); tasks always
#          are, unless `filters` is given
# Who meets it: users of web pages and desktop programs in JavaScript that ask CalDAV servers by it, beside
# programs that name what they store in another way.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet radicale==3.9.0 2>/dev/null
npm install --silent --no-audit --no-fund tsdav@2.3.4 >/dev/null 2>&1

port=$(venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
venv/bin/python -W ignore -m radicale --storage-filesystem-folder="$folder/data" --server-hosts="127.0.0.1:$port" \
    --auth-type=none --logging-level=critical >/dev/null 2>&1 &
server=$!
cat >show.mjs <<'JS'
import { createDAVClient } from "tsdav";

const [base, signed] = [`http://127.0.0.1:${process.argv[2]}/`, { Authorization: `Basic ${btoa("ada:x")}` }];
const ask = async (method, path, body, kind) => {
  const answer = await fetch(base + path, { method, body, headers: { "Content-Type": kind ?? "application/xml", ...signed } });
  if (!answer.ok) throw new Error(`${method} ${path} ${answer.status}`);
};
for (let tries = 0; tries < 100; tries++) {
  try {
    await fetch(base);
    break;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
const names = ["2026.10", "1e3", "true", "007", "Home"];
for (const [number, name] of names.entries())
  await ask("MKCALENDAR", `ada/c${number}/`, `<C:mkcalendar xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:set>
    <D:prop><D:displayname>${name}</D:displayname></D:prop></D:set></C:mkcalendar>`);
const text = (kind, uid, date) => ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", `BEGIN:${kind}`, `UID:${uid}`,
  "DTSTAMP:20260901T000000Z", `SUMMARY:${uid}`, date, `END:${kind}`, "END:VCALENDAR", ""].join("\r\n");
await ask("PUT", "ada/c4/meeting.ics", text("VEVENT", "meeting", "DTSTART:20261130T080000Z"), "text/calendar");
await ask("PUT", "ada/c4/another", text("VEVENT", "another", "DTSTART:20261130T080000Z"), "text/calendar");
await ask("PUT", "ada/c4/task.ics", text("VTODO", "task", "DUE:20261130T080000Z"), "text/calendar");

const credentials = { username: "ada", password: "x" };
const client = await createDAVClient({ serverUrl: base, credentials, authMethod: "Basic", defaultAccountType: "caldav" });
const calendars = (await client.fetchCalendars()).sort((one, other) => one.url.localeCompare(other.url));
for (const [number, name] of names.entries()) {
  const { displayName } = calendars[number];
  console.log(`${name} is ${displayName}, a ${typeof displayName}`);
}
const told = async (options) => {
  const found = await client.fetchCalendarObjects({ calendar: calendars[4], ...options });
  return found.map((each) => each.url.split("/").pop()).sort().join(" ");
};
console.log("brought:", await told());
console.log("with urlFilter:", await told({ urlFilter: () => true }));
JS
seen=$(node show.mjs "$port")
expected="2026.10 is 2026.1, a number
1e3 is 1000, a number
true is true, a boolean
007 is 007, a string
Home is Home, a string
brought: meeting.ics
with urlFilter: another meeting.ics"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
