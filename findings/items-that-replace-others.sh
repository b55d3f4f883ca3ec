#!/bin/sh
# gnome-keyring 42.1 (Debian 12): storing a secret deletes another one that has more attributes.
#
# The Secret Service's CreateItem has `replace`: "whether to replace an item with the same attributes or not".
# libsecret's secret_password_store, secret-tool and keyring set it.
#   guess: {service: mail} is stored beside {service: mail, user: ada} and {service: mail, user: ben}
#   seen:  it takes the place of Ben's, which is gone without a prompt or a word; stored with no
#          attributes at all, a secret takes the place of one of whatever program it may be
#          And the content type is not kept: application/octet-stream is read back as text/plain
# KWallet (kwalletd6 6.13.0, Debian 13) deletes Ada's; KeePassXC 2.7.10 gives Ada's the new secret and label, so
# that who asks for {service: mail, user: ada} gets another's. oo7 is said to delete all that fit (its issue 541).
# Who meets it: `secret-tool store service mail` in a script of one's own deletes what keyring has under
# that service for some user; two programs of which one says less than the other.
set -eu
command -v gnome-keyring-daemon >/dev/null || { echo "install gnome-keyring first"; exit 2; }
command -v dbus-run-session >/dev/null || { echo "install dbus-daemon first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet keyring==25.7.0 SecretStorage==3.5.0 2>/dev/null

cat >show.py <<'PY'
import secretstorage
from keyring.backends.SecretService import Keyring

keyring = Keyring()
collection = secretstorage.get_default_collection(secretstorage.dbus_init())
for user in ("ada", "ben"):
    keyring.set_password("mail", user, "secret")


def count():
    return len(list(collection.get_all_items()))


def users():
    return sum(keyring.get_password("mail", user) is not None for user in ("ada", "ben"))


def store(attributes):
    before = count()
    kind = "application/octet-stream"
    item = collection.create_item("x", attributes, b"\0", replace=True, content_type=kind)
    print(attributes, "is new" if count() > before else "takes a place", end=", ")
    return item


print(users(), "users")
item = store({"service": "mail"})
print(count(), "items,", users(), "user")
print(item.get_secret_content_type())
store({})
print(count(), "items")
PY
cat >session.sh <<'SH'
export HOME="$PWD/home" XDG_RUNTIME_DIR="$PWD/run" XDG_DATA_HOME="$PWD/home/data"
unset DISPLAY WAYLAND_DISPLAY
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
echo password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
venv/bin/python show.py
SH
seen=$(timeout 60 dbus-run-session -- sh session.sh 2>/dev/null)
expected="2 users
{'service': 'mail'} takes a place, 2 items, 1 user
text/plain
{} takes a place, 2 items"
dpkg-query -W -f 'gnome-keyring ${Version}\n' gnome-keyring
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
