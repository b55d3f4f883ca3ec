#!/bin/sh
# keyring 25.7.0 (PyPI): looking for a secret, or deleting one, asks the person to make a keyring.
#
# A session whose Secret Service has no default collection: a new account, or automatic log-in. Here
# it is gnome-keyring (Debian) on a bus of its own without a display, where every prompt is dismissed.
#   guess: get_password is None, delete_password raises PasswordDeleteError, set_password prompts
#   seen:  all three prompt, and raise InitError; nothing in its class tells a dismissed prompt from a
#          service that is away: only `__cause__` does (PromptDismissedException of SecretStorage)
# Who meets it: a program that looks for its token every few seconds puts up a dialog every few seconds.
set -eu
command -v gnome-keyring-daemon >/dev/null || { echo "install gnome-keyring first"; exit 2; }
command -v dbus-run-session >/dev/null || { echo "install dbus-daemon first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet keyring==25.7.0 SecretStorage==3.5.0 2>/dev/null

cat >show.py <<'PY'
from keyring.backends.SecretService import Keyring

keyring = Keyring()
for name, call in {
    "get": lambda: keyring.get_password("service", "ada"),
    "set": lambda: keyring.set_password("service", "ada", "secret"),
    "delete": lambda: keyring.delete_password("service", "ada"),
}.items():
    try:
        print(name, call())
    except Exception as error:
        print(name, type(error).__name__, "from", type(error.__cause__).__name__)
PY
cat >session.sh <<'SH'
export HOME="$PWD/home" XDG_RUNTIME_DIR="$PWD/run" XDG_DATA_HOME="$PWD/home/data"
unset DISPLAY WAYLAND_DISPLAY
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1
venv/bin/python show.py
SH
seen=$(timeout 60 dbus-run-session -- sh session.sh 2>/dev/null)
expected="get InitError from PromptDismissedException
set InitError from PromptDismissedException
delete InitError from PromptDismissedException"
dpkg-query -W -f 'gnome-keyring ${Version}\n' gnome-keyring
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
