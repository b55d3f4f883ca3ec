#!/bin/sh
# dunst 1.9.0 (Debian 12): notifications of a daemon that has ended leave their numbers to others.
#
# A program shows a notification; the daemon is ended and started; another program shows its own.
#   guess: NotificationClosed for what is gone, or numbers that go on
#   seen:  not a word, and the other program gets the number that the first still keeps. With it the
#          first closes the other's, and may take the other's buttons for its own. Nine more daemons of
#          Debian 12 begin their numbers anew as well; only NameOwnerChanged tells.
# Who meets it: any program that keeps a notification's number for longer than its daemon lives.
set -eu
for program in dunst Xvfb xvfb-run dbus-run-session; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet jeepney==0.9.0 2>/dev/null

cat >show.py <<'PY'
import subprocess
import time

from jeepney import DBusAddress, MatchRule, message_bus, new_method_call
from jeepney.io.blocking import Proxy, open_dbus_connection

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
daemon = DBusAddress(PATH, bus_name=NAME, interface=NAME)


def start():
    process = subprocess.Popen(["dunst"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not Proxy(message_bus, first).NameHasOwner(NAME)[0]:
        time.sleep(0.1)
    return process


def notify(program, title):
    body = (program, 0, "", title, "", [], {}, 0)
    call = new_method_call(daemon, "Notify", "susssasa{sv}i", body)
    return (first if program == "first" else other).send_and_get_reply(call).body[0]


def closed(connection, signals):
    try:
        return connection.recv_until_filtered(signals, timeout=3).body
    except TimeoutError:
        return "nothing"


first, other = open_dbus_connection(), open_dbus_connection()
rule = MatchRule(type="signal", interface=NAME, member="NotificationClosed", path=PATH)
for connection in (first, other):
    Proxy(message_bus, connection).AddMatch(rule)
with first.filter(rule) as to_first, other.filter(rule) as to_other:
    process = start()
    mine = notify("first", "Sign in")
    process.terminate()
    process.wait()
    print("at its end:", closed(first, to_first))
    process = start()
    theirs = notify("other", "Disk is full")
    print("same number:", mine == theirs)
    first.send(new_method_call(daemon, "CloseNotification", "u", (mine,)))
    print("closed:", "the other's" if closed(other, to_other) == (theirs, 3) else "nothing")
    process.terminate()
PY
seen=$(HOME="$folder" timeout 60 xvfb-run -a dbus-run-session -- venv/bin/python show.py 2>/dev/null)
expected="at its end: nothing
same number: True
closed: the other's"
dpkg-query -W -f 'dunst ${Version}\n' dunst
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
