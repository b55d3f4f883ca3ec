"""Looks for what a package has to find: with the package's own Python, in a session.

/usr/lib/oo-desktop/bin/python3 -I finds.py
"""

import json
import os
import pkgutil
import ssl
import subprocess
import sys
import tempfile
import time
from importlib import import_module, metadata
from pathlib import Path
from zoneinfo import ZoneInfo

import keyring
from keyring.backend import get_all_keyring

import oo_desktop
from oo_desktop.folders import resource

OWNED = (
    *("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus"),
    *("/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner"),
    "string:org.freedesktop.secrets",
)
"""Asks whether somebody has the name of the keyring."""

NOT_HERE = ("oo_desktop.ui.qt.reachability", "oo_desktop.testing")
"""What only another system imports; what takes pytest."""


def main() -> None:
    """Say what was found; end where something is missing."""
    found = pkgutil.walk_packages(oo_desktop.__path__, "oo_desktop.")
    modules = [each.name for each in found if not each.name.startswith(NOT_HERE)]
    for name in modules:
        import_module(name)
    backends = {type(each).__module__.rpartition(".")[2] for each in get_all_keyring()}
    named = {point.name for point in metadata.entry_points(group="keyring.backends")}
    assert {"SecretService", "KWallet", "chainer", "libsecret"} <= named, named
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp()
    unlock = ["gnome-keyring-daemon", "--unlock", "--components=secrets"]
    subprocess.run(unlock, input=b"a password", check=True, stdout=subprocess.DEVNULL)
    while b"true" not in subprocess.check_output(OWNED):
        # Whoever asks sooner has the bus start another one, which is locked, and waits for ever.
        time.sleep(0.1)
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
    told = {
        "modules": len(modules),
        "keyrings": sorted(backends),
        "used": backend,
        "certificates": trusted,
        "languages": languages,
        "python": sys.version.split()[0],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
