#!/bin/sh
# gnome-keyring 42.1 (Debian 12): what a locked item is called depends on whether it has ever been open.
#
# Of the Secret Service's items the secret is locked; label and attributes can be read by anyone. One item,
# service: mail, user: ada; keyring locked again by Lock(), and locked since the daemon was started.
#   guess: the same in both cases: its label and its attributes, as the specification has them readable
#   seen:  after Lock() that is so. Before it was ever unlocked the label is "", the time of its making 0, and the
#          attributes are called "gkr:compat:hashed:service" and so on, with the MD5 sum of each value; a search
#          for {service: mail} finds it all the same
# Who meets it: a program that lists what there is and looks into attributes["service"], at each start of a
# session without automatic unlocking, and in no test that locks a keyring to see.
set -eu
command -v gnome-keyring-daemon >/dev/null || { echo "install gnome-keyring first"; exit 2; }
command -v dbus-run-session >/dev/null || { echo "install dbus-daemon first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet SecretStorage==3.5.0 2>/dev/null

cat >show.py <<'PY'
import sys
from hashlib import md5

import secretstorage

collection = secretstorage.get_default_collection(secretstorage.dbus_init())
if sys.argv[1] == "Lock()":
    collection.create_item("Ada's mail", {"service": "mail", "user": "ada"}, b"secret")
    collection.lock()
print(sys.argv[1], collection.is_locked())
for item in collection.search_items({"service": "mail"}):
    print(repr(item.get_label()), "made at 0" if item.get_created() == 0 else "made now")
    for name, value in sorted(item.get_attributes().items()):
        for word in ("mail", "ada"):
            value = value.replace(md5(word.encode()).hexdigest(), f"MD5 of {word}")
        print(f"    {name}: {value}")
PY
cat >session.sh <<'SH'
export HOME="$PWD/home" XDG_RUNTIME_DIR="$PWD/run" XDG_DATA_HOME="$PWD/home/data"
unset DISPLAY WAYLAND_DISPLAY
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
run() { # what it is told, what is to be said
    echo password | gnome-keyring-daemon --foreground "$1" --components=secrets >/dev/null 2>&1 &
    gdbus wait --session --timeout 20 org.freedesktop.secrets
    sleep 1
    venv/bin/python show.py "$2"
    kill $!
    wait $! || true
}
run --unlock "Lock()"
run --start "started"
SH
seen=$(timeout 60 dbus-run-session -- sh session.sh 2>/dev/null)
expected="Lock() True
\"Ada's mail\" made now
    service: mail
    user: ada
    xdg:schema: org.freedesktop.Secret.Generic
started True
'' made at 0
    gkr:compat:hashed:service: MD5 of mail
    gkr:compat:hashed:user: MD5 of ada
    xdg:schema: org.freedesktop.Secret.Generic"
dpkg-query -W -f 'gnome-keyring ${Version}\n' gnome-keyring
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
