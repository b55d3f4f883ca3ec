#!/bin/sh
# Installs the Debian packages oO needs: `run` for the tray, `test` for a whole desktop session.
#
# With root or password-less sudo it installs them; otherwise it prints the one command to run.
# On other distributions it does nothing: their names differ, and Qt says itself what it lacks.
set -eu

# What the Qt wheels load and do not carry.
run="libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0 libxcb-cursor0
     libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1
     fonts-dejavu-core"
# A desktop to test on: display, panel with a tray, notifications, keyring, browser.
test="$run xvfb openbox xfce4-panel dunst libnotify-bin gnome-keyring dbus-x11 dbus-daemon libsecret-tools
     xdotool imagemagick chromium at-spi2-core fonts-noto-color-emoji"

command -v dpkg-query >/dev/null 2>&1 || exit 0
case "${1:-run}" in
    run) wanted=$run ;;
    test) wanted=$test ;;
    *) echo "usage: $0 run|test" >&2; exit 2 ;;
esac

missing=""
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "Please install:  sudo apt-get install --no-install-recommends$missing" >&2
    # A tray may still run without some of these; a desktop to test on is not to be had half.
    [ "$1" = run ] && exit 0
    exit 1
fi

echo "Installing Debian packages:$missing"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qq --no-install-recommends $missing >/dev/null
