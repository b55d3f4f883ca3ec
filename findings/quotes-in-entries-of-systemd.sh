#!/bin/sh
# systemd 252 (Debian 12; 257 of Debian 13 as well): autostart entries that it starts nothing for.
#
# systemd-xdg-autostart-generator makes a unit of each entry of ~/.config/autostart, and Plasma starts those
# (plasma-workspace.target). Here are programs that exist, in folders of odd names; Exec is as the Desktop
# Entry Specification 1.5 says: in quotation marks, \ and $ escaped twice (once for the value), % doubled.
#   guess: all are started; units and entries quote in much the same way, and who parses one for the
#          other's sake has thought of it
#   seen:  "50%"    no unit, for it looks for a program with %% in its name; so does GLib 2.74 (`gio launch`)
#          "a\b"    no unit, for it reads \b once more, as a character; GLib starts it
#          "Ada's"  a unit that systemd refuses: of a program it takes no quotation mark; GLib starts it
#          "a$b"    the same; and with `env` before it the unit says a\$b, which is another folder
#          With `env` before it, the program of "50%" and of "Ada's" is started by both
# Who meets it: a program that offers to start at login from where somebody has unpacked it: its entry is
# there, is valid (desktop-file-validate), and nothing starts.
set -eu
generator=/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator
[ -x $generator ] || { echo "install systemd first"; exit 2; }
for program in systemd-analyze gio; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir config normal early late config/autostart

entry() { # its name, the folder, how Exec says the folder, what comes before the program
    mkdir -p "$2"
    printf '#!/bin/sh\necho $1 >>"%s/started"\n' "$folder" >"$2/program"
    chmod +x "$2/program"
    printf '[Desktop Entry]\nType=Application\nName=x\nExec=%s"%s/%s/program" %s\n' \
        "$4" "$folder" "$3" "$1" >"config/autostart/$1.desktop"
}
entry plain 'a b' 'a b' ''
entry backslash 'a\b' 'a\\\\b' ''
entry percent '50%' '50%%' ''
entry apostrophe "Ada's" "Ada's" ''
entry dollar 'a$b' 'a\\$b' ''
entry env-percent '50%' '50%%' 'env '
entry env-apostrophe "Ada's" "Ada's" 'env '
entry env-dollar 'a$b' 'a\\$b' 'env '
for file in config/autostart/*; do
    gio launch "$file" 2>/dev/null || true
done
sleep 2

XDG_CONFIG_HOME="$folder/config" XDG_CONFIG_DIRS=/nonexistent $generator normal early late 2>/dev/null
by_systemd() {
    unit="late/app-$(systemd-escape "$1")@autostart.service"
    [ -e "$unit" ] || { echo "no unit"; return; }
    case $(XDG_RUNTIME_DIR="$folder" systemd-analyze --user verify "$unit" 2>&1) in
    *"$1"*"fatal error"*) echo "refused" ;;
    *"unknown escape sequences"*"$folder/a\\\$b/"*) echo "another folder" ;;
    *) echo "started" ;;
    esac
}
for file in config/autostart/*; do
    name=$(basename "$file" .desktop)
    echo "$name: $(grep -qx "$name" started && echo started || echo nothing), $(by_systemd "$name")"
done >seen
cat >expected <<'TEXT'
apostrophe: started, refused
backslash: started, no unit
dollar: started, refused
env-apostrophe: started, started
env-dollar: started, another folder
env-percent: started, started
percent: nothing, no unit
plain: started, started
TEXT
systemctl --version | head -1
echo "entry: by gio, by systemd"
cat seen
cmp -s seen expected || { echo "This has changed; expected was:"; cat expected; exit 1; }
