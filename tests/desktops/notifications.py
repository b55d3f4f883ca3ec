"""Tries oO's notifications at every daemon that Debian has.

Each daemon gets a session of its own: a display (Xvfb; for those of Wayland sway without a screen),
a bus that starts nothing else, a home. oO's notifier is driven by the same script at each
(`checks.py`), and what came of it is printed as one table. Ends with 1 where oO did wrong.

Outside CI: not all of them are packages that the tests need. --install: install what is missing
(as root); without it, the table names what is not installed. Other words: only these packages.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.desktop.session import BUS_SERVICES
from tests.desktops.checks import CHECKS
from tests.desktops.daemons import DAEMONS, Daemon

ROOT = Path(__file__).parents[2]
TOOLS = ("xvfb", "xauth", "dbus", "xdotool", "imagemagick", "sway")
SERVICES = (*BUS_SERVICES, "org.kde.ActivityManager.service")
WITHIN_SECONDS = 120

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def main(words: list[str]) -> int:
    """Print the table; 1 where oO did wrong."""
    install = "--install" in words
    chosen = [each for each in DAEMONS if each.package in words] or list(DAEMONS)
    if install:
        packages = [each.package for each in chosen if each.path is None]
        _install([*TOOLS, *packages])
    rows = {each.package: _try(each) for each in chosen}
    _print_table(rows)
    return int(any(word.startswith("NO") for row in rows.values() for word in row.values()))


def _install(packages: list[str]) -> None:
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=env)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(install, check=True, env=env)


def _try(daemon: Daemon) -> dict[str, str]:
    if daemon.path is None:
        return {"name": "not installed"}
    with tempfile.TemporaryDirectory(prefix="oo-daemon-") as name:
        folder = Path(name)
        env = _environment(folder)
        script = [sys.executable, "-m", "tests.desktops.checks", daemon.package, name]
        session = ["dbus-run-session", f"--config-file={folder / 'bus.conf'}", "--", *script]
        display = ["xvfb-run", "-a", "-s", "-screen 0 1000x640x24", *session]
        try:
            done = subprocess.run(
                display,
                check=False,
                cwd=ROOT,
                env=env,
                capture_output=True,
                text=True,
                timeout=WITHIN_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return {"name": f"NO: not done in {WITHIN_SECONDS} s"}
        if done.returncode != 0:
            print(done.stderr, file=sys.stderr)
            return {"name": "NO: the script failed"}
        found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return found


def _environment(folder: Path) -> dict[str, str]:
    services = folder / "services"
    services.mkdir()
    for service in SERVICES:  # settings of Xfce, activities of Plasma; no other daemon
        source = Path("/usr/share/dbus-1/services") / service
        if source.exists():
            (services / service).write_bytes(source.read_bytes())
    (folder / "bus.conf").write_text(BUS.format(services=services))
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(runtime),
        "LANG": "C.UTF-8",
        "NO_AT_BRIDGE": "1",
        "GSETTINGS_BACKEND": "memory",
        "QT_QPA_PLATFORM": "xcb",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }


def _print_table(rows: dict[str, dict[str, str]]) -> None:
    header = ("daemon", *CHECKS)
    lines = [(package, *(row.get(check, "") for check in CHECKS)) for package, row in rows.items()]
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for line in lines:
        print("| " + " | ".join(line) + " |")
