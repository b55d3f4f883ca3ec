#!/bin/sh
# libdbusmenu-gtk3 18.10 (Debian 12; that of Debian 13 as well): a label that changes loses its underscores.
#
# It is what turns a GtkMenu into the menu of a tray icon (libayatana-appindicator, libappindicator). In such a menu
# `_` marks a letter, and `__` stands for an underscore (com.canonical.dbusmenu, "label").
#   guess: a GtkMenuItem called "guest_room", without a mnemonic, is told as "guest__room", at first and after
#          set_label() alike
#   seen:  at first it is; after set_label("guest_home") it is told as "guest_home", which all hosts draw as
#          "guesthome". Text of a GtkLabel in an item is told right each time
#          And an inconsistent check mark (neither on nor off) is told as one that is off, for which there is -1
# Who meets it: programs in the tray whose entries are names of others and change while they run: networks, files,
# devices, tasks. Shown once and looked at, the name is right.
set -eu
for program in apt-get dpkg-deb Xvfb xvfb-run /usr/bin/python3; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
/usr/bin/python3 -c 'import gi' 2>/dev/null || { echo "install python3-gi first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# What of it this machine does not have. Nothing is installed.
mkdir -p archives/partial root
version=$(apt-cache madison libdbusmenu-gtk3-4 | grep -o '18\.10\.[^ ]*' | head -1)
apt-get -qq -o Dir::Cache="$folder" -o APT::Sandbox::User= -o Debug::NoLocking=1 install --download-only --yes \
    --no-install-recommends gir1.2-dbusmenu-gtk3-0.4 gir1.2-gtk-3.0 libdbusmenu-gtk3-4 >/dev/null 2>&1
for package in archives/*.deb; do
    [ ! -e "$package" ] || dpkg-deb --extract "$package" root
done

cat >show.py <<'PY'
import gi

gi.require_version("Gtk", "3.0")
gi.require_version("DbusmenuGtk3", "0.4")
from gi.repository import DbusmenuGtk3, GLib, Gtk  # noqa: E402

menu = Gtk.Menu()
plain = Gtk.MenuItem(label="guest_room")
marked = Gtk.MenuItem(label="_Guest _2", use_underline=True)
holds = Gtk.MenuItem()
label = Gtk.Label(label="guest_room")
holds.add(label)
check = Gtk.CheckMenuItem(label="some")
check.set_inconsistent(True)
for item in (plain, marked, holds, check):
    menu.append(item)
menu.show_all()
told = DbusmenuGtk3.gtk_parse_menu_structure(menu).get_children()


def tell(when):
    for _ in range(20):
        GLib.MainContext.default().iteration(False)
    print(f"{when}:", *(item.property_get("label") for item in told[:3]))


tell("at first")
plain.set_label("guest_home")
marked.set_label("_Home _2")
label.set_text("guest_home")
tell("changed")
print("inconsistent:", told[3].property_get_int("toggle-state"))
PY
libraries=$(echo "$folder"/root/usr/lib/*-linux-gnu)
GI_TYPELIB_PATH="$libraries/girepository-1.0" LD_LIBRARY_PATH="$libraries" NO_AT_BRIDGE=1 HOME="$folder" \
    timeout 60 xvfb-run -a /usr/bin/python3 show.py >seen 2>errors || cat errors
cat >expected <<'TEXT'
at first: guest__room _Guest _2 guest__room
changed: guest_home _Home _2 guest__home
inconsistent: 0
TEXT
echo "libdbusmenu-gtk3-4 $version"
cat seen
cmp -s seen expected || { echo "This has changed; expected was:"; cat expected; exit 1; }
