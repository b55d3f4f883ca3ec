#!/bin/sh
# keyring-pass 0.9.3 with keyring 25.7.0 (PyPI) and pass 1.7.4 (Debian 12): what is stored is not what is read.
#
# It keeps the entries of Python's keyring in the password store of pass, as python-keyring/SERVICE/USER.
#   guess: get_password returns what set_password was given; service and user are two things
#   seen:  of "two\nlines" the first; of " space " what is between the spaces; for "" set_password raises
#          IndexError, when nothing has been stored. The user "b/c" of the service "a" and the user "c" of "a/b"
#          are one entry: who stores the one has overwritten the other. To delete what is not there raises
#          CalledProcessError, where keyring has PasswordDeleteError
# Who meets it: who keeps a private key, a JSON file of Google's or a passphrase by keyring, and moves to pass;
# services that are addresses, as those of pip and twine: https://example.org/ and what is below it.
set -eu
for program in apt-get dpkg-deb gpg gpgconf; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
export GNUPGHOME="$folder/gpg"
trap 'gpgconf --kill all 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet keyring-pass==0.9.3 keyring==25.7.0 2>/dev/null
version=$(apt-cache madison pass | grep -o '1\.7\.4-[0-9.]*' | head -1)
apt-get -qq -o APT::Sandbox::User= download "pass=$version"
dpkg-deb --extract pass_*.deb root

cat >show.py <<'PY'
from keyring_pass import PasswordStoreBackend

store = PasswordStoreBackend()


def tried(call, *words):
    try:
        return repr(call(*words))
    except Exception as error:
        return type(error).__name__


for number, secret in enumerate(("two\nlines", " space ", "")):
    said = tried(store.set_password, "service", str(number), secret)
    print(repr(secret), "->", said, tried(store.get_password, "service", str(number)))
store.set_password("a/b", "c", "first")
store.set_password("a", "b/c", "second")
print("c of a/b:", store.get_password("a/b", "c"))
print("deleted:", tried(store.delete_password, "service", "nobody"))
PY
mkdir -m 700 gpg home
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key ada@example.org \
    default default never 2>/dev/null
export HOME="$folder/home" PATH="$folder/root/usr/bin:$PATH"
pass init ada@example.org >/dev/null
seen=$(venv/bin/python show.py 2>/dev/null)
expected="'two\\nlines' -> None 'two'
' space ' -> None 'space'
'' -> IndexError None
c of a/b: second
deleted: CalledProcessError"
ls pass_*.deb
printf '%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'This has changed; expected was:\n%s\n' "$expected"; exit 1; }
