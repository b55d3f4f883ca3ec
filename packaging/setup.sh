#!/bin/sh
# Prepares a machine for `make demo` (setup.sh run) or `make test` (setup.sh test).
#
# Does nothing, in a few milliseconds, when what it installed is still current: a stamp in .setup/
# holds the checksum of everything that decides what has to be installed.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-run}
python=${PYTHON:-python3}
stamp=.setup/$purpose
inputs="packaging/lock.txt packaging/setup.sh packaging/debian-packages.sh pyproject.toml"
current=$( (cat $inputs; pwd; "$python" -V) | cksum)

if [ -x .venv/bin/oo-desktop ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$current" ]; then
    exit 0
fi

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "oO needs Python 3.11 or newer; $python is $("$python" -V)." >&2
    exit 1
}

packaging/debian-packages.sh "$purpose"

if [ ! -x .venv/bin/python ]; then
    echo "Creating a virtual environment …"
    # Debian keeps ensurepip in python3-venv; a venv without pip works everywhere, and the
    # machine's own pip can install into it.
    "$python" -m venv .venv 2>/dev/null || { rm -rf .venv; "$python" -m venv --without-pip .venv; }
fi
if [ -x .venv/bin/pip ]; then
    pip=".venv/bin/python -m pip"
else
    pip="$python -m pip --python .venv/bin/python"
fi

echo "Installing the pinned dependencies …"
$pip install --quiet --disable-pip-version-check --require-hashes --requirement packaging/lock.txt
$pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .

mkdir -p .setup
echo "$current" >"$stamp"
