#!/bin/sh
# kded6 6.13.0 with plasma-workspace 6.3.6 (Debian 13): it takes the tray's name in every session, and has a
# tray behind it in Plasma's alone. (kded5 5.103.0 of Debian 12 leaves the name alone.)
#
# kded6 is started where nobody is org.kde.StatusNotifierWatcher, once as in a session of i3 or sway, once
# as in Plasma's. That name is how programs tell whether there is a tray, and what a panel needs to be one.
#   guess: outside Plasma it leaves the name alone, or is a watcher that says that no host has registered
#   seen:  it owns the name, and every call to it fails: there is no such object
# Who meets it: everybody with Plasma installed who logs in to something else. The first program of KDE
# starts kded6 over D-Bus; a panel that comes after it (waybar 0.12.0 was tried) shows no icon of anybody,
# and Qt 6.11.3 takes the name for a tray, so its icons do not embed themselves in the one of i3bar either.
set -eu
for program in apt-get dpkg-deb dbus-run-session gdbus; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# kded6 and all that it needs; of plasma-workspace only the module. Nothing is installed.
mkdir -p lists/partial archives/partial root
debian=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -1) # as this machine has it
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $debian trixie main" >sources.list
cat >apt.conf <<CONF
Dir::State::status "/dev/null";
Dir::State::lists "$folder/lists";
Dir::Cache "$folder";
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "/dev/null";
Acquire::Languages "none";
APT::Sandbox::User "";
Debug::NoLocking "1";
CONF
export APT_CONFIG="$folder/apt.conf"
apt-get -qq update
apt-get -qq install --download-only --yes --no-install-recommends kded6 >/dev/null 2>&1
(cd archives && apt-get -qq download plasma-workspace)
for package in archives/*.deb; do
    dpkg-deb --extract "$package" root
done
libraries=$(echo "$folder"/root/usr/lib/*-linux-gnu)
loader=$(find "$folder/root/usr/lib" "$folder/root/usr/lib64" -name 'ld-linux*.so.*' | head -1)

cat >ask.sh <<'SH'
"$@" >kded.log 2>&1 &
kded=$!
sleep 8
gdbus call --session --dest org.freedesktop.DBus --object-path / \
    --method org.freedesktop.DBus.NameHasOwner org.kde.StatusNotifierWatcher
gdbus introspect --session --only-properties --dest org.kde.StatusNotifierWatcher \
    --object-path /StatusNotifierWatcher 2>&1 | grep -o 'UnknownObject\|IsStatusNotifierHostRegistered'
kill $kded
SH
asked() {
    env HOME="$folder" XDG_RUNTIME_DIR="$folder" QT_QPA_PLATFORM=offscreen \
        QT_PLUGIN_PATH="$libraries/qt6/plugins" "$@" dbus-run-session -- \
        sh ask.sh "$loader" --library-path "$libraries" "$folder/root/usr/bin/kded6" 2>/dev/null |
        tr '\n' ' '
}
ls archives | grep '^kded6_\|^plasma-workspace_'
elsewhere=$(asked XDG_CURRENT_DESKTOP=i3)
plasma=$(asked XDG_CURRENT_DESKTOP=KDE KDE_FULL_SESSION=true KDE_SESSION_VERSION=6)
echo "owned, and what is there, in i3:     $elsewhere"
echo "owned, and what is there, in Plasma: $plasma"
[ "$elsewhere" = "(true,) UnknownObject " ]
[ "$plasma" = "(true,) IsStatusNotifierHostRegistered " ]
