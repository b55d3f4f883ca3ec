#!/bin/sh
# GTK 3.24.38 (Debian 12): a menu that is open keeps its height, and what is added to it is cut off.
#
# A program adds rows to a GtkMenu while it is on the screen.
#   guess: the menu grows, as a window does whose content grows
#   seen:  it stays as tall as it was (`gtk_window_fixate_size`, called once it has its place): the
#          last rows are below its edge. Closed and opened again, it has its full height.
# Who meets it: a tray menu over D-Bus in Xfce, MATE, Cinnamon's xapp and waybar. They send
# AboutToShow as they open it, and take the answer in after that: a program that adds three rows to
# that answer has its last three, mostly Quit, out of reach. It may exchange rows, but have no more.
# Needs Debian's xvfb, dbus-daemon, python3-gi and gir1.2-gtk-3.0.
set -eu
for program in Xvfb dbus-run-session /usr/bin/python3; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
display=
trap '[ -z "$display" ] || kill "$display" 2>/dev/null || true; rm -rf "$folder"' EXIT

cat >"$folder/menu.py" <<'PY'
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

if not Gtk.init_check()[0]:
    sys.exit("no display")
window = Gtk.Window()
window.show_all()
menu = Gtk.Menu()


def add(count):
    for _ in range(count):
        menu.append(Gtk.MenuItem(label="row"))
    menu.show_all()


def later(seconds=0.5):
    loop = GLib.MainLoop()
    GLib.timeout_add(int(seconds * 1000), loop.quit)
    loop.run()


def told(when):
    wanted = menu.get_preferred_height()[1]
    tall = menu.get_toplevel().get_allocated_height()
    print(f"{when}: {'as tall as its rows' if tall >= wanted else 'shorter than its rows'}")


def open_it():
    rectangle = Gdk.Rectangle()
    rectangle.x = rectangle.y = rectangle.width = rectangle.height = 1
    north, south = Gdk.Gravity.NORTH_WEST, Gdk.Gravity.SOUTH_WEST
    menu.popup_at_rect(window.get_window(), rectangle, south, north, None)
    later()


add(5)
open_it()
told("opened")
add(3)
later()
told("rows added")
menu.popdown()
later()
open_it()
told("opened again")
PY
Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp 3>"$folder/display" 2>/dev/null &
display=$!
until [ -s "$folder/display" ]; do sleep 0.1; done
DISPLAY=:$(cat "$folder/display") NO_AT_BRIDGE=1 dbus-run-session -- \
    /usr/bin/python3 "$folder/menu.py" 2>/dev/null | tee "$folder/seen"
cat >"$folder/expected" <<'TEXT'
opened: as tall as its rows
rows added: shorter than its rows
opened again: as tall as its rows
TEXT
dpkg-query -W -f '${Package} ${Version}\n' libgtk-3-0
cmp -s "$folder/seen" "$folder/expected" || { echo "This has changed."; exit 1; }
