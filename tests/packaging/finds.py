"""Looks for what a package has to find: with the package's own Python, in a session.

/usr/lib/oo-desktop/bin/python3 -I finds.py
"""

import json
import os
import ssl
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo

import keyring
from keyring.backend import get_all_keyring

import oo_desktop
from oo_desktop.folders import resource

BACKENDS = {"SecretService", "libsecret", "kwallet", "chainer"}


def main() -> None:
    """Say what was found; end where something is missing."""
    backends = {type(each).__module__.rpartition(".")[2] for each in get_all_keyring()}
    named = {point.name for point in metadata.entry_points(group="keyring.backends")}
    assert {"SecretService", "KWallet", "chainer", "libsecret"} <= named, named
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp()
    unlock = ["gnome-keyring-daemon", "--unlock", "--components=secrets"]
    subprocess.run(unlock, input=b"a password", check=True, stdout=subprocess.DEVNULL)
    keyring.set_password("oo-desktop-test", "ada", "a secret")
    assert keyring.get_password("oo-desktop-test", "ada") == "a secret"
    backend = type(keyring.get_keyring()).__module__
    trusted = len(ssl.create_default_context().get_ca_certs())
    assert trusted > 100, trusted
    # Debian 13 has the old names in a package of their own.
    assert ZoneInfo("US/Eastern").utcoffset(None) is None
    assert resource("icons/oo-desktop.svg").exists()
    languages = sorted(each.parents[1].name for each in resource("languages").rglob("*.mo"))
    children = subprocess.run(
        [sys.executable, "-I", "-c", "import oo_desktop; print(oo_desktop.__file__)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert children.stdout.strip() == oo_desktop.__file__
    assert Path(sys.prefix) == Path("/usr/lib/oo-desktop")
    print(json.dumps({"keyrings": sorted(backends), "used": backend, "certificates": trusted,
                      "languages": languages, "python": sys.version.split()[0]}))  # fmt: skip


if __name__ == "__main__":
    main()
