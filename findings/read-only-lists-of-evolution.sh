#!/bin/sh
# evolution-data-server 3.46.4 (Debian 12), 3.56.2 (Debian 13): a list may be read-only by chance.
#
# Its calendar factory starts, and four programs open the same list in a file at once, as after a log-in.
#   guess: the list's property Writable is true
#   seen:  of some starts (1 in 15 to 75 here) it is false, for all of them and until the factory ends;
#          what is written to it is carried out nevertheless
# Who meets it: a program that goes by Writable lets nobody change a list for the rest of the session.
set -eu
for program in dbus-run-session dpkg-query; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
[ -e /usr/libexec/evolution-calendar-factory ] || { echo "install evolution-data-server first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet jeepney==0.9.0 2>/dev/null

cat >show.py <<'PY'
import os
import signal

from jeepney import DBusAddress, HeaderFields, new_method_call
from jeepney.io.blocking import open_dbus_connection

EDS, PATH = "org.gnome.evolution.dataserver", "/org/gnome/evolution/dataserver"
buses = [open_dbus_connection() for _ in range(4)]


FACTORY = f"{PATH}/CalendarFactory", f"{EDS}.Calendar8", f"{EDS}.CalendarFactory"
BUS = "/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus"
PROPERTIES = "org.freedesktop.DBus.Properties"
LIST = "BEGIN:VTODO\r\nUID:one\r\nSUMMARY:%s\r\nEND:VTODO\r\n"


def send(bus, to, member, signature=None, *body):
    path, name, interface = to
    address = DBusAddress(path, bus_name=name, interface=interface)
    serial = next(bus.outgoing_serial)
    bus.send(new_method_call(address, member, signature, body), serial=serial)
    return serial


def answer(bus, serial):
    while True:
        message = bus.receive(timeout=20)
        if message.header.fields.get(HeaderFields.reply_serial) == serial:
            return message.body


def at_once(*calls):
    """Send them all before any is answered."""
    sent = [send(*call) for call in calls]
    return [answer(call[0], serial) for call, serial in zip(calls, sent)]


def start():
    """Have the factory started by four programs that open the list."""
    opened = at_once(*((bus, FACTORY, "OpenTaskList", "s", "system-task-list") for bus in buses))
    lists = [(path, name, f"{EDS}.Calendar") for path, name in opened]
    at_once(*((bus, of, "Open") for bus, of in zip(buses, lists)))
    return lists[0]


def writable(of):
    call = (buses[0], (*of[:2], PROPERTIES), "Get", "ss", of[2], "Writable")
    return at_once(call)[0][0][1]


def end():
    (pid,) = at_once((buses[0], BUS, "GetConnectionUnixProcessID", "s", FACTORY[1]))[0]
    os.kill(pid, signal.SIGKILL)
    while at_once((buses[0], BUS, "NameHasOwner", "s", FACTORY[1]))[0][0]:
        pass


at_once((buses[0], start(), "CreateObjects", "asu", [LIST % "before"], 0))
for number in range(500):
    end()
    opened = start()
    if not writable(opened):
        break
at_once((buses[0], opened, "ModifyObjects", "assu", [LIST % "after"], "this", 1))
(found,) = at_once((buses[0], opened, "GetObjectList", "s", "#t"))[0]
print("writable:", writable(opened))
print("written:", "SUMMARY:after" in found[0])
PY
export HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" TZ=UTC GSETTINGS_BACKEND=memory
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
seen=$(timeout 300 dbus-run-session -- venv/bin/python show.py 2>/dev/null)
expected="writable: False
written: True"
dpkg-query -W -f 'evolution-data-server ${Version}\n' evolution-data-server
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
