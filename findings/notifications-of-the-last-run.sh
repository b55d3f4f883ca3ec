#!/bin/sh
# GLib 2.74.6 (Debian 12): an application does not know the notifications of its last run.
#
# g_application_send_notification: one with the same id "will be replaced … This works even for notifications sent
# from a previous execution of the application". g_application_withdraw_notification is by that id as well.
#   guess: as it says, on every desktop: GLib keeps ids and numbers somewhere, as it has the application's id
#   seen:  within one run. The next run of the application shows a second one beside the first, and what it
#          withdraws stays: the daemon's numbers are in memory alone. Here the daemon is dunst 1.9.0 (2.84 with
#          dunst 1.12.2 of Debian 13 as well); only to GNOME Shell, which was not run, does GLib tell the id
# Who meets it: reminders and "new mail" of GNOME's programs on Plasma, Xfce, i3, sway after an update or a
# crash: they are there twice, and the old one stays when it is done.
set -eu
for program in dunst dunstctl Xvfb xvfb-run dbus-run-session gdbus /usr/bin/python3; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
/usr/bin/python3 -c 'import gi' 2>/dev/null || { echo "install python3-gi first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >run.py <<'PY'
import sys

from gi.repository import Gio, GLib


def step(application, texts):
    if not texts:
        application.quit()
        return
    if texts[0] == "-":
        application.withdraw_notification("reminder")
    else:
        notification = Gio.Notification.new(texts[0])
        notification.set_priority(Gio.NotificationPriority.URGENT)  # stays until it is closed
        application.send_notification("reminder", notification)
    GLib.timeout_add(1000, step, application, texts[1:])


application = Gio.Application(application_id="org.example.Reminders")
application.connect("activate", lambda it: (it.hold(), step(it, sys.argv[1:])) and None)
application.run()
PY
cat >session.sh <<'SH'
dunst >/dev/null 2>&1 &
dunst=$!
gdbus wait --session --timeout 20 org.freedesktop.Notifications
shown() {
    /usr/bin/python3 run.py "$@" >/dev/null 2>&1
    echo "$*: $(dunstctl count displayed) shown"
}
shown one # of the id "reminder", all of them; "-" withdraws it
shown two
shown three four
shown -
shown five -
kill $dunst
SH
seen=$(HOME="$folder" timeout 60 xvfb-run -a dbus-run-session -- sh session.sh 2>/dev/null)
expected="one: 1 shown
two: 2 shown
three four: 3 shown
-: 3 shown
five -: 3 shown"
dpkg-query -W -f '${Package} ${Version}\n' dunst libglib2.0-0
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
