#!/bin/sh
# notify-send 0.8.1 (libnotify, Debian 12; 0.8.6 of Debian 13 as well): a body is not shown as it was given.
#
# Its manual says of a body only that it is one, and of buttons that "the numerical index of the option is used
# (starting with 1)". The daemon is dunst 1.9.0; `dunstctl history` tells what it got.
#   guess: a backslash in the body is a backslash; the first button is 1; --wait ends with the daemon
#   seen:  in the body, not in the title, it is read as in C: C:\new\table has a line end and a tab in it, and
#          \101 is an A. The first button is 0. While it waits and the daemon is restarted, it goes on waiting
#          for a notification that is nowhere
# Who meets it: scripts of i3, sway and cron, and what calls it for them (node-notifier 10.0.1, plyer 2.1.0 on
# npm and PyPI): a path or a pattern in a reminder is another one, and "1" is the second button, not the first.
set -eu
for program in apt-get dpkg-deb dunst dunstctl Xvfb xvfb-run dbus-run-session gdbus; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=$(apt-cache madison libnotify-bin | grep -o '0\.8\.1-[0-9.]*' | head -1)
apt-get -qq -o APT::Sandbox::User= download "libnotify-bin=$version"
dpkg-deb --extract libnotify-bin_*.deb root

cat >session.sh <<'SH'
begin() {
    dunst >/dev/null 2>&1 &
    dunst=$!
    gdbus wait --session --timeout 20 org.freedesktop.Notifications
}
begin
notify-send 'C:\new' 'C:\new \101'
dunstctl close-all
dunstctl history | python3 -c '
import json, sys
last = json.load(sys.stdin)["data"][0][0]
print("title", last["summary"]["data"].split("\n"))
print("body", last["body"]["data"].split("\n"))'
(sleep 2; dunstctl action 0) &
echo "first button: $(timeout 20 notify-send --action=Yes Really 'Sure?')"
notify-send --wait Meeting Now &
waits=$!
sleep 1
kill $dunst
wait $dunst || true
begin
sleep 2
if kill $waits 2>/dev/null; then echo "daemon restarted: still waiting"; else echo "daemon restarted: ended"; fi
kill $dunst
SH
seen=$(PATH="$folder/root/usr/bin:$PATH" HOME="$folder" timeout 60 xvfb-run -a dbus-run-session -- \
    sh session.sh 2>/dev/null)
expected="title ['C:\\\\new']
body ['C:', 'ew A']
first button: 0
daemon restarted: still waiting"
ls libnotify-bin_*.deb
printf '%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'This has changed; expected was:\n%s\n' "$expected"; exit 1; }
