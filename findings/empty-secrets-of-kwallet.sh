#!/bin/sh
# kwalletd6 6.13.0 (KWallet, Debian 13): what was stored in its last five seconds is empty afterwards, not missing.
#
# KWallet serves org.freedesktop.secrets. Here it is ended (SIGTERM, as at log-out) right after a program was
# answered that its secrets are stored, and is started and opened again.
#   guess: both secrets are there; or they are not, and the program is told so
#   seen:  a secret that was overwritten is what it was before. A new one is there, by its label and attributes,
#          which are in a file of their own, and is read as b"", without an error; in the wallet it is not, for that
#          is written five seconds later (after ten, all is as guessed)
# Who meets it: who signs in and logs out, or shuts down; a program that renews its token at log-out. "Is there
# an entry?" is answered with yes, and its password is the empty one.
set -eu
for program in apt-get dpkg-deb dbus-run-session gdbus; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet SecretStorage==3.5.0 2>/dev/null

# kwalletd6 and all that it needs. Nothing is installed.
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
apt-get -qq install --download-only --yes --no-install-recommends kwallet6 libqca-qt6-plugins >/dev/null 2>&1
for package in archives/*.deb; do
    dpkg-deb --extract "$package" root
done
libraries=$(echo "$folder"/root/usr/lib/*-linux-gnu)
loader=$(find "$folder/root/usr/lib" "$folder/root/usr/lib64" -name 'ld-linux*.so.*' | head -1)

cat >store.py <<'PY'
import sys

import secretstorage

collection = secretstorage.get_default_collection(secretstorage.dbus_init())
collection.unlock()
for name in sys.argv[2:]:
    item = collection.create_item(name, {"name": name}, sys.argv[1].encode(), replace=True)
PY
cat >read.py <<'PY'
import secretstorage

collection = secretstorage.get_default_collection(secretstorage.dbus_init())
collection.unlock()
for name in ("overwritten", "new"):
    for item in collection.search_items({"name": name}):
        print(item.get_label(), item.get_attributes()["name"], item.get_secret())
PY
cat >session.sh <<SH
export HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" QT_QPA_PLATFORM=offscreen
mkdir -p "\$HOME/.config" "\$XDG_RUNTIME_DIR"
chmod 700 "\$XDG_RUNTIME_DIR"
printf '[Wallet]\nFirst Use=false\nDefault Wallet=kdewallet\n' >"\$HOME/.config/kwalletrc"
begin() {
    QT_PLUGIN_PATH="$libraries/qt6/plugins:$libraries/qca-qt6" "$loader" --library-path "$libraries" \
        "$folder/root/usr/bin/kwalletd6" >"$folder/kwallet.log" 2>&1 &
    kwallet=\$!
    gdbus wait --session --timeout 20 org.freedesktop.secrets
    # As pam_kwallet does at log-in: with 56 bytes that are made of the password.
    gdbus call --session --dest org.kde.kwalletd6 --object-path /modules/kwalletd6 \
        --method org.kde.KWallet.pamOpen kdewallet "[byte 1\$(printf ', 1%.0s' \$(seq 55))]" 0 >/dev/null
}
end() {
    kill \$kwallet
    wait \$kwallet || true
}
begin
venv/bin/python store.py before overwritten
sleep 10
venv/bin/python store.py after overwritten new
[ -z "\$1" ] || sleep 10
end
begin
venv/bin/python read.py
end
SH
seen=$(for wait in "" "ten seconds later"; do
    rm -rf home run
    echo "ended ${wait:-at once}:"
    timeout 60 dbus-run-session -- sh session.sh "$wait" 2>/dev/null
done)
expected="ended at once:
overwritten overwritten b'before'
new new b''
ended ten seconds later:
overwritten overwritten b'after'
new new b'after'"
ls archives | grep '^kwallet6_'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
