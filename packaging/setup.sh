#!/bin/sh
# Prepares a machine for `make demo` (setup.sh run) or `make test` (setup.sh test).
#
# Does nothing, in a few milliseconds, when what it installed is still current: a stamp in .setup/
# holds the checksum of everything that decides what has to be installed. The Python packages are
# the same for both.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-run}
python=${PYTHON:-python3}
stamp=.setup/python
command -v "$python" >/dev/null || {
    echo "oO needs Python 3.11 or newer, and $python is not there." >&2
    exit 1
}
inputs="packaging/lock.txt packaging/setup.sh packaging/debian-packages.sh pyproject.toml"
current=$( (cat $inputs; pwd; "$python" -V) | cksum)

# Before the stamp is trusted: packages can be removed, or still be missing from last time.
packaging/debian-packages.sh "$purpose"

if [ -x .venv/bin/oo-desktop ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$current" ]; then
    # Texts change with the code, far more often than what is installed.
    texts=$(cat resources/languages/*/LC_MESSAGES/*.po | cksum)
    if [ "$(cat .setup/languages 2>/dev/null || true)" != "$texts" ]; then
        .venv/bin/python packaging/languages.py compile
        echo "$texts" >.setup/languages
    fi
    exit 0
fi

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "oO needs Python 3.11 or newer; $python is $("$python" -V)." >&2
    exit 1
}

if [ ! -x .venv/bin/python ]; then
    echo "Creating a virtual environment …"
    # Debian keeps ensurepip in python3-venv; a venv without pip works everywhere, and the
    # machine's own pip can install into it.
    "$python" -m venv .venv >/dev/null 2>&1 || {
        rm -rf .venv
        "$python" -m venv --without-pip .venv
    }
fi
if [ -x .venv/bin/pip ]; then
    pip=".venv/bin/python -m pip"
elif "$python" -m pip --version >/dev/null 2>&1; then
    pip="$python -m pip --python .venv/bin/python"
else
    echo "Please install:  sudo apt-get install python3-pip" >&2
    exit 1
fi

echo "Installing the pinned dependencies …"
# Twice quiet: errors only, not what pip thinks of the machine's package sources or of root.
# Without dependencies: the lock names them all. A pip before 23.3 does not take "coverage==…" for a pin of
# "coverage[toml]", looks for the newest release, and fails on the day there is one.
$pip install -qq --disable-pip-version-check --require-hashes --no-deps --requirement packaging/lock.txt
$pip install -qq --disable-pip-version-check --no-build-isolation --no-deps --editable .

.venv/bin/python -c 'import PySide6.QtWidgets' 2>/dev/null || {
    echo "Qt does not start: $(.venv/bin/python -c 'import PySide6.QtWidgets' 2>&1 | tail -n 1)" >&2
    exit 1
}

mkdir -p .setup
echo "$current" >"$stamp"
