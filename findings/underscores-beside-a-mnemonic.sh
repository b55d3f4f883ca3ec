#!/bin/sh
# GTK 3.24.38 (Debian 12) draws `__` in a label with mnemonics in two ways.
#
# In such a label `_` marks the letter after it, and `__` is a plain underscore.
#   guess: "AT_&T: x__y" is drawn "AT&T: x_y"
#   seen:  while mnemonics are shown (Alt is held, or a key was used); once they are hidden it is
#          drawn "AT&T: xy": GTK drops every `_` by itself then, also those that stand for one.
# Who meets it: a tray menu over D-Bus whose entries are titles of a person's own. Qt makes the first
# `&` of a text a mnemonic, and so no text with both `&` and `_` is right at all times in GTK's hosts
# (Xfce, MATE, waybar, xapp). Another letter that looks like an underscore is. (Without a mnemonic
# libdbusmenu-gtk makes a plain label of it, which is always right.)
# Needs Debian's xvfb, dbus-daemon, python3-gi and gir1.2-gtk-3.0.
set -eu
for program in Xvfb dbus-run-session /usr/bin/python3; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
display=
trap '[ -z "$display" ] || kill "$display" 2>/dev/null || true; rm -rf "$folder"' EXIT

cat >"$folder/draw.py" <<'PY'
import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gtk  # noqa: E402

if not Gtk.init_check()[0]:
    sys.exit("no display")
window = Gtk.Window()
box = Gtk.Box()
labels = [Gtk.Label() for _ in range(2)]
for label, text in zip(labels, ("AT_&amp;T: x__y", "x__y")):
    label.set_markup_with_mnemonic(text)
    box.add(label)
window.add(box)
window.show_all()
for shown in (True, False):
    window.set_mnemonics_visible(shown)
    while Gtk.events_pending():
        Gtk.main_iteration()
    word = "shown" if shown else "hidden"
    print(f"mnemonics {word}:", *(repr(label.get_layout().get_text()) for label in labels))
PY
Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp 3>"$folder/display" 2>/dev/null &
display=$!
until [ -s "$folder/display" ]; do sleep 0.1; done
DISPLAY=:$(cat "$folder/display") NO_AT_BRIDGE=1 dbus-run-session -- \
    /usr/bin/python3 "$folder/draw.py" 2>/dev/null | tee "$folder/seen"
cat >"$folder/expected" <<'TEXT'
mnemonics shown: 'AT&T: x_y' 'x_y'
mnemonics hidden: 'AT&T: xy' 'xy'
TEXT
dpkg-query -W -f '${Package} ${Version}\n' libgtk-3-0
cmp -s "$folder/seen" "$folder/expected" || { echo "This has changed."; exit 1; }
