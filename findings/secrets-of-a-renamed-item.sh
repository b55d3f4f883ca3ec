#!/bin/sh
# kwalletd6 6.13.0 (KWallet, Debian 13): a secret of the Secret Service is another one after its label has changed.
#
# KWallet serves org.freedesktop.secrets, and keeps an item in a folder of the wallet: what is before a slash in
# its label names that. Git's helper and keyring have an address in their labels.
#   guess: a label is for people, and changing it changes nothing else; a secret is bytes and comes back as them
#   seen:  "hello" of "Git: https://example.org/", renamed to "Work", is 00 00 00 0A 00 68 00 65 00 6C 00 6C 00 6F
#          from then on, a length and UTF-16; so it is renamed the other way. From "Work" to "Home" it stays
#          The bytes FF FE are EF BF BD EF BF BD, U+FFFD twice, where their type is text/plain, which is what
#          SecretStorage writes unless it is told otherwise
# Who meets it: who tidies up in Seahorse: Git and twine are refused after that; who keeps a key as bytes.
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

cat >show.py <<'PY'
import secretstorage

collection = secretstorage.get_default_collection(secretstorage.dbus_init())
collection.unlock()
for label, later in (
    ("Git: https://example.org/", "Work"),
    ("Work", "Git: https://example.org/"),
    ("Work", "Home"),
):
    item = collection.create_item(label, {"for": label + later}, b"hello")
    before = item.get_secret()
    item.set_label(later)
    print(f"{label} -> {later}: {before.hex(' ')} -> {item.get_secret().hex(' ')}")
for kind in ("application/octet-stream", "text/plain"):
    item = collection.create_item("Key", {"for": kind}, b"\xff\xfe", content_type=kind)
    print(f"{kind}: {item.get_secret().hex(' ')}")
PY
cat >session.sh <<SH
export HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" QT_QPA_PLATFORM=offscreen
mkdir -p "\$HOME/.config" "\$XDG_RUNTIME_DIR"
chmod 700 "\$XDG_RUNTIME_DIR"
printf '[Wallet]\nFirst Use=false\nDefault Wallet=kdewallet\n' >"\$HOME/.config/kwalletrc"
QT_PLUGIN_PATH="$libraries/qt6/plugins:$libraries/qca-qt6" "$loader" --library-path "$libraries" "$folder/root/usr/bin/kwalletd6" \
    >"$folder/kwallet.log" 2>&1 &
gdbus wait --session --timeout 20 org.freedesktop.secrets
# As pam_kwallet does at log-in: with 56 bytes that are made of the password.
gdbus call --session --dest org.kde.kwalletd6 --object-path /modules/kwalletd6 --method org.kde.KWallet.pamOpen \
    kdewallet "[byte 1\$(printf ', 1%.0s' \$(seq 55))]" 0 >/dev/null
venv/bin/python show.py
kill \$!
SH
seen=$(timeout 60 dbus-run-session -- sh session.sh 2>/dev/null)
expected="Git: https://example.org/ -> Work: 68 65 6c 6c 6f -> 00 00 00 0a 00 68 00 65 00 6c 00 6c 00 6f
Work -> Git: https://example.org/: 68 65 6c 6c 6f -> 00 00 00 0a 00 68 00 65 00 6c 00 6c 00 6f
Work -> Home: 68 65 6c 6c 6f -> 68 65 6c 6c 6f
application/octet-stream: ff fe
text/plain: ef bf bd ef bf bd"
ls archives | grep '^kwallet6_'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
