#!/bin/sh
# dunst 1.9.0 (Debian 12; 1.12.2 of Debian 13 as well): a notification "expires" because another says the same.
#
# Two notifications of one application (app_name) with the same words, each with a button, and with
# expire_timeout 0, which is "never expires" (Desktop Notifications 1.2).
#   guess: two numbers and two notifications; or the second number is the first, as for one that is replaced
#   seen:  two numbers and one notification, marked (2). Of the first one is told that it is closed, with
#          reason 1, "expired"; its button is gone, and the one that is drawn is the second's.
#          With another body, urgency or application there are two
# Who meets it: two reminders of meetings with one title at one time; `notify-send --action` in a script that runs
# twice: the first ends as if nobody had been there, and what is pressed is answered by the second alone.
set -eu
for program in dunst dunstctl Xvfb xvfb-run dbus-run-session; do
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
process = subprocess.Popen(["dunst"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
bus = open_dbus_connection()
while not Proxy(message_bus, bus).NameHasOwner(NAME)[0]:
    time.sleep(0.1)
rule = MatchRule(type="signal", interface=NAME, path=PATH)
Proxy(message_bus, bus).AddMatch(rule)


def notify(app, body, button):
    values = (app, 0, "", "Standup", body, [button, button], {}, 0)
    return bus.send_and_get_reply(new_method_call(daemon, "Notify", "susssasa{sv}i", values)).body[0]


def signals(seconds=2.0):
    heard = []
    while True:
        try:
            message = bus.recv_until_filtered(told, timeout=seconds)
        except TimeoutError:
            return heard
        heard.append((message.header.fields[3], *message.body))


with bus.filter(rule) as told:
    first, second = notify("calendar", "10:00", "one"), notify("calendar", "10:00", "two")
    closed = [("NotificationClosed", first, 1)]
    print("the same words: another number:", first != second, "| first expired:", signals() == closed)
    subprocess.run(["dunstctl", "action", "0"], check=True)
    pressed = [each[1:] for each in signals() if each[0] == "ActionInvoked"]
    print("pressed is the second's:", pressed == [(second, "two")])
    notify("calendar", "11:00", "three")
    notify("mail", "11:00", "four")
    print("another application:", signals())
process.terminate()
PY
seen=$(HOME="$folder" timeout 60 xvfb-run -a dbus-run-session -- venv/bin/python show.py 2>/dev/null)
expected="the same words: another number: True | first expired: True
pressed is the second's: True
another application: []"
dpkg-query -W -f 'dunst ${Version}\n' dunst
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
