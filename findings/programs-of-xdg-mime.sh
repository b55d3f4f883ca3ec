#!/bin/sh
# xdg-utils 1.1.3 (Debian 12; 1.2.1 of Debian 13 as well): xdg-open opens with a program that somebody has removed.
#
# mimeapps.list says which program opens what (Association between MIME types and applications 1.0.1): defaults,
# then what was added, then what is installed, without what was removed. Three programs take webcal:, a, b and c.
#   guess: `xdg-mime query default`, which xdg-open goes by in i3, sway and Openbox, names the same one as GLib 2.74
#   seen:  [Removed Associations] a             xdg-mime a, GLib b
#          [Added Associations] c               xdg-mime a, GLib c
#          webcal = b, with spaces around it    xdg-mime a, GLib b
#          b, whose TryExec is not there        xdg-mime b, GLib a
# Who meets it: who has chosen in a file manager or GNOME's settings, which write these lists by GLib: a link
# in a browser (xdg-open) opens elsewhere than the same link in a program of GTK.
set -eu
for program in apt-get dpkg-deb gio; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=$(apt-cache madison xdg-utils | grep -o '1\.1\.3-[0-9.]*' | head -1)
apt-get -qq -o APT::Sandbox::User= download "xdg-utils=$version"
dpkg-deb --extract xdg-utils_*.deb root

type=x-scheme-handler/webcal
programs="$folder/.local/share/applications"
asked() { # what mimeapps.list holds
    mkdir -p "$programs" .config
    for name in a b c; do
        printf '[Desktop Entry]\nType=Application\nName=%s\nExec=/bin/ls %%u\nMimeType=%s;\n' $name $type \
            >"$programs/$name.desktop"
    done
    [ "$1" != TryExec ] || echo TryExec=/nonexistent >>"$programs/b.desktop"
    printf '[MIME Cache]\n%s=a.desktop;b.desktop;c.desktop;\n' $type >"$programs/mimeinfo.cache"
    printf '%b\n' "$2" >.config/mimeapps.list
    for ask in "xdg-mime query default" "gio mime"; do
        env -i PATH="$folder/root/usr/bin:$PATH" LC_ALL=C HOME="$folder" XDG_CURRENT_DESKTOP=i3 \
            XDG_DATA_DIRS="$folder/none" $ask $type | head -1 | grep -o '[^ ]*\.desktop'
    done
}
cat >expected <<'TEXT'
default: b.desktop b.desktop
removed: a.desktop b.desktop
added: a.desktop c.desktop
spaces: a.desktop b.desktop
TryExec: b.desktop a.desktop
TEXT
{
    echo default: $(asked default "[Default Applications]\n$type=b.desktop")
    echo removed: $(asked removed "[Removed Associations]\n$type=a.desktop;")
    echo added: $(asked added "[Added Associations]\n$type=c.desktop;")
    echo spaces: $(asked spaces "[Default Applications]\n$type = b.desktop")
    echo TryExec: $(asked TryExec "[Default Applications]\n$type=b.desktop")
} >seen
ls xdg-utils_*.deb
cat seen
cmp -s seen expected || { echo "This has changed; expected was:"; cat expected; exit 1; }
