#!/bin/sh
# libdbusmenu-gtk3 18.10 (Debian 12): a screen reader hears the first label of an entry for ever.
#
# A program shows a menu over com.canonical.dbusmenu and changes labels later.
#   guess: the accessible name of an entry is what is drawn
#   seen:  it is the entry's first label without any underscore: "a__b" is drawn "a_b" and called
#          "ab"; and a label that changes is drawn anew, while the name stays as it was.
# Who meets it: users of screen readers with any tray menu in Xfce, waybar and Cinnamon's xapp. A row
# that has other words later has to be another entry; a count in it is best left out.
# Needs Debian's xvfb, dbus-daemon, python3-gi and gir1.2-dbusmenu-gtk3-0.4.
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

gi.require_version("Gtk", "3.0")
gi.require_version("Dbusmenu", "0.4")
gi.require_version("DbusmenuGtk3", "0.4")
from gi.repository import Dbusmenu, DbusmenuGtk3, Gio, GLib, Gtk  # noqa: E402

if not Gtk.init_check()[0]:
    sys.exit("no display")
server = Dbusmenu.Server.new("/Menu")
root, items = Dbusmenu.Menuitem.new(), []
for label in ("a__b", "Fetching"):
    items.append(Dbusmenu.Menuitem.new())
    items[-1].property_set("label", label)
    root.child_append(items[-1])
server.set_root(root)
menu = DbusmenuGtk3.Menu.new(Gio.bus_get_sync(Gio.BusType.SESSION).get_unique_name(), "/Menu")


def wait():
    loop = GLib.MainLoop()
    GLib.timeout_add(1000, loop.quit)
    loop.run()


def label_in(widget):
    if isinstance(widget, Gtk.Label):
        return widget
    children = widget.get_children() if isinstance(widget, Gtk.Container) else []
    return next(filter(None, map(label_in, children)), None)


def show(when):
    for entry in menu.get_children():
        drawn = label_in(entry).get_layout().get_text()
        print(f"{when}: drawn {drawn!r}, called {entry.get_accessible().get_name()!r}")


wait()
show("at first")
items[1].property_set("label", "Updated just now")
wait()
show("changed")
PY
Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp 3>"$folder/display" 2>/dev/null &
display=$!
until [ -s "$folder/display" ]; do sleep 0.1; done
DISPLAY=:$(cat "$folder/display") NO_AT_BRIDGE=1 dbus-run-session -- \
    /usr/bin/python3 "$folder/menu.py" 2>/dev/null | tee "$folder/seen"
cat >"$folder/expected" <<'TEXT'
at first: drawn 'a_b', called 'ab'
at first: drawn 'Fetching', called 'Fetching'
changed: drawn 'a_b', called 'ab'
changed: drawn 'Updated just now', called 'Fetching'
TEXT
dpkg-query -W -f '${Package} ${Version}\n' libdbusmenu-gtk3-4
cmp -s "$folder/seen" "$folder/expected" || { echo "This has changed."; exit 1; }
