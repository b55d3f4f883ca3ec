#!/bin/sh
# systemd 252 (Debian 12; 257 of Debian 13 as well), dex 0.9.0: they start what somebody has switched off.
#
# Cinnamon's settings for start-up programs (6.4.10) write X-GNOME-Autostart-enabled=false where one is
# switched off, and X-GNOME-Autostart-Delay where it is to wait, and leave everything else in the entry.
#   guess: who starts ~/.config/autostart in other sessions, systemd's generator in Plasma, dex in i3 and sway,
#          knows the first as well as Hidden=true, for gnome-session and cinnamon-session do
#   seen:  both start it, as they do an entry that is on, and at once what is to wait 20 s. One with Hidden=true,
#          as Xfce's and MATE's settings write, they leave alone
# Who meets it: who logs in to Plasma or sway for once and has everything back that was switched off; a program
# that looks into its entry to say whether it starts at login: the answer depends on the session.
set -eu
generator=/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator
[ -x $generator ] || { echo "install systemd first"; exit 2; }
for program in apt-get dpkg-deb python3; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=$(apt-cache madison dex | grep -o '0\.9\.0-[0-9.]*' | head -1)
apt-get -qq -o APT::Sandbox::User= download "dex=$version"
dpkg-deb --extract dex_*.deb root

mkdir -p config/autostart normal early late
entry() { # its name, what it says besides
    printf '[Desktop Entry]\nType=Application\nName=%s\nExec=/bin/true %s\n%s\n' "$1" "$1" "$2" \
        >"config/autostart/$1.desktop"
}
entry on ''
entry hidden 'Hidden=true'
entry off 'X-GNOME-Autostart-enabled=false'
entry waits 'X-GNOME-Autostart-Delay=20'
export XDG_CONFIG_HOME="$folder/config" XDG_CONFIG_DIRS="$folder/none"
$generator normal early late 2>/dev/null
{
    for unit in late/*.service; do
        echo "systemd: $(sed -n 's,^ExecStart=:/bin/true ,,p' "$unit")"
        ! grep 'sleep\|20' "$unit"
    done
    python3 root/usr/bin/dex --autostart --environment i3 --dry-run 2>&1 | sed 's,.*/bin/true ,dex: ,' | sort
} >seen
cat >expected <<'TEXT'
systemd: off
systemd: on
systemd: waits
dex: off
dex: on
dex: waits
TEXT
systemctl --version | head -1
ls dex_*.deb
cat seen
cmp -s seen expected || { echo "This has changed; expected was:"; cat expected; exit 1; }
