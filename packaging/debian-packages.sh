#!/bin/sh
# Installs the Debian packages oO needs: `run` for the tray, `test` for a whole desktop session,
# `package` to build packages.
#
# With root or password-less sudo it installs them; otherwise it prints the one command to run.
# On other distributions it does nothing: their names differ, and Qt says itself what it lacks.
set -eu

# What the Qt wheels load and do not carry.
run="libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0 libxcb-cursor0
     libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1
     libwayland-cursor0 libwayland-egl1 libgssapi-krb5-2 fonts-dejavu-core"
# A desktop to test on: display, panel with a tray, notifications, keyring, browser; and two more tray
# hosts, for Wayland and for icons that are windows. dbus-x11 is the session bus the others depend on
# that does not bring systemd along. At the end, what reads the files that packages ship.
test="$run xvfb openbox xfce4-panel dunst gnome-keyring dbus-daemon dbus-x11 xdotool imagemagick
      chromium fonts-noto-color-emoji evolution-data-server xdg-dbus-proxy desktop-file-utils
      sway waybar tint2 at-spi2-core appstream groff-base"
# What packages are built and checked with.
package="binutils dpkg desktop-file-utils appstream"

command -v dpkg-query >/dev/null 2>&1 || exit 0
purpose=${1:-run}
case "$purpose" in
    run) wanted=$run ;;
    test) wanted=$test ;;
    package) wanted=$package ;;
    *) echo "usage: $0 run|test|package" >&2; exit 2 ;;
esac

# Names and what they provide: newer releases call some of these differently (libglib2.0-0t64).
installed=$(dpkg-query -W -f '${db:Status-Abbrev},${Package},${Provides}\n' |
    sed -n 's/^ii ,//p' | tr ',' '\n' | sed 's/(.*//; s/ //g')
missing=""
for package in $wanted; do
    echo "$installed" | grep -qx "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

say_what_to_install() {
    echo "Please install:  sudo apt-get install --no-install-recommends$missing" >&2
    # A tray may still run without some of these; a desktop to test on is not to be had half.
    [ "$purpose" = run ] && exit 0
    exit 1
}

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    say_what_to_install
fi

echo "Installing Debian packages:$missing"
# A machine without a network may still have them in its package cache.
$as_root apt-get update -qq || true
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq --no-install-recommends $missing >/dev/null || say_what_to_install
