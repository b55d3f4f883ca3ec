#!/bin/sh
# GLib 2.74.6 (Debian 12; 2.84 of Debian 13 as well) and desktop-notifier 6.2.0 (PyPI): what is in <> is lost.
#
# A body of a notification is text for both (g_notification_set_body, Notification.message); neither knows a word
# about markup. Over D-Bus it is markup where the daemon can do `body-markup` (Desktop Notifications 1.2), and
# then & and < have to be escaped. Here the daemon is dunst 1.9.0; what it draws is in its history.
#   guess: they escape it, as they know what the daemon can do, and "Lunch <at noon> with R&D" is shown
#   seen:  it is sent as it is, and "Lunch  with R&D" is shown. LXQt's daemon 2.1.1 leaves the words out as well.
#          Those of Xfce 0.9.7 and MATE 1.26.1 show all of it, for it is no valid markup; but <b>noon</b> is bold.
#          notify-py 0.3.43 (PyPI) and xdg-desktop-portal-gtk 1.15.3, by which Flatpaks notify, send the same
# Who meets it: reminders of GNOME's programs, and of most in Python, on any other desktop: of a title that
# somebody else has written, <ada@example.org> or <date> is not there, and nobody can tell that it was.
set -eu
for program in dunst dunstctl Xvfb xvfb-run dbus-run-session /usr/bin/python3; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
/usr/bin/python3 -c 'import gi' 2>/dev/null || { echo "install python3-gi first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet desktop-notifier==6.2.0 2>/dev/null

cat >by_glib.py <<'PY'
import sys

from gi.repository import Gio, GLib


def shown(application):
    application.hold()
    notification = Gio.Notification.new("Reminder")
    notification.set_body(sys.argv[1])
    application.send_notification("reminder", notification)
    GLib.timeout_add(1000, application.quit)


application = Gio.Application(application_id="org.example.Reminders")
application.connect("activate", shown)
application.run()
PY
cat >by_desktop_notifier.py <<'PY'
import asyncio
import sys

from desktop_notifier import DesktopNotifier

asyncio.run(DesktopNotifier(app_name="Reminders").send(title="Reminder", message=sys.argv[1]))
PY
cat >session.sh <<'SH'
dunst >/dev/null 2>&1 &
dunst=$!
gdbus wait --session --timeout 20 org.freedesktop.Notifications
for program in "/usr/bin/python3 by_glib.py" "venv/bin/python by_desktop_notifier.py"; do
    $program "Lunch <at noon> with R&D" >/dev/null 2>&1
    dunstctl close-all
    echo "$program shows $(dunstctl history | python3 -c '
import json, sys
last = json.load(sys.stdin)["data"][0][0]
print(last["message"]["data"].split("\n")[-1])')"
done
kill $dunst
SH
seen=$(HOME="$folder" timeout 60 xvfb-run -a dbus-run-session -- sh session.sh 2>/dev/null)
expected="/usr/bin/python3 by_glib.py shows Lunch  with R&amp;D
venv/bin/python by_desktop_notifier.py shows Lunch  with R&amp;D"
dpkg-query -W -f '${Package} ${Version}\n' dunst libglib2.0-0
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
