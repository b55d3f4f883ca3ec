#!/bin/sh
# xdg-utils 1.1.3 (Debian 12; 1.2.1 of Debian 13 as well): xdg-open hands the quotation marks of Exec to the program.
#
# Outside the large desktops, as in i3, sway and Openbox, xdg-open starts what opens an address by itself.
# Here is a program for webcal: with four spellings of Exec, each valid (Desktop Entry Specification 1.5).
#   guess: an argument in quotation marks is one; %% is a per cent sign; %u is replaced wherever it is
#   seen:  "--profile=Profile 1"  two arguments, each with a quotation mark in it
#          --url=%u  says "--url=%u", and the address comes as an argument of its own
#          50%%      stays so
#          "…/my apps/program"  is not found: nothing is opened (1.2.1 opens the web browser with a webcal: address)
#          `gio open` (GLib 2.74) does all four as guessed
# Who meets it: Chrome and Edge write the first for each web app of a second profile, so a calendar that is
# installed as one and made the program for webcal: opens in no such session; AppImages are in folders of one's own.
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

home="$folder/home"
mkdir -p "$home/my apps" "$home/.local/share/applications" "$home/.config"
cat >"$home/my apps/program" <<PROGRAM
#!/bin/sh
for argument in "\$@"; do printf '[%s]' "\$argument"; done >"$folder/started"
PROGRAM
chmod +x "$home/my apps/program"
cp "$home/my apps/program" "$home/program"
printf '[Default Applications]\nx-scheme-handler/webcal=calendar.desktop\n' >"$home/.config/mimeapps.list"

opened() { # by what
    rm -f started
    env -i PATH="$folder/root/usr/bin:$PATH" HOME="$home" DISPLAY=:0 BROWSER=true XDG_DATA_DIRS="$folder" \
        XDG_CURRENT_DESKTOP=i3 "$@" webcal://calendar.example/ada >/dev/null 2>&1 || true
    sleep 1
    if [ -e started ]; then sed "s,$folder,,g" started; else printf nothing; fi
}
for line in "$home/program \"--profile=Profile 1\" %u" "$home/program --url=%u" "$home/program 50%% %u" \
    "\"$home/my apps/program\" %u"; do
    printf '[Desktop Entry]\nType=Application\nName=Calendar\nExec=%s\nMimeType=x-scheme-handler/webcal;\n' \
        "$line" >"$home/.local/share/applications/calendar.desktop"
    echo "xdg-open $(opened xdg-open)"
    echo "gio open $(opened gio open)"
done >seen
cat >expected <<'TEXT'
xdg-open ["--profile=Profile][1"][webcal://calendar.example/ada]
gio open [--profile=Profile 1][webcal://calendar.example/ada]
xdg-open [--url=%u][webcal://calendar.example/ada]
gio open [--url=webcal://calendar.example/ada]
xdg-open [50%%][webcal://calendar.example/ada]
gio open [50%][webcal://calendar.example/ada]
xdg-open nothing
gio open [webcal://calendar.example/ada]
TEXT
ls xdg-utils_*.deb
cat seen
cmp -s seen expected || { echo "This has changed; expected was:"; cat expected; exit 1; }
