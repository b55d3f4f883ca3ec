"""Holds the keyring port to the real keyrings, under Xvfb: `python -m tests.keyrings [--install]`.

Outside CI, for it needs Debian's keepassxc and KWallet (`KWALLETS`) besides what `tests/desktop/`
does. With --install they are installed first, as root, and stay: a session bus then knows how to
start KWallet, so purge them when done.

Prints a table, keyring by check, and ends with 1 where one went wrong.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from oo_desktop.errors import VaultError, VaultState
from oo_desktop.integrations.keyring import KeyringPort
from tests.desktop.bus import Bus, BusRecord, listens
from tests.desktop.keyring_daemon import SERVICE
from tests.desktop.programs import Program
from tests.desktop.session import BUS_SETTINGS

PACKAGES = {
    "keepassxc": "keepassxc",
    "xdotool": "xdotool",
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "gnome-keyring-daemon": "gnome-keyring",
}
KWALLETS = {
    "kwalletd6": ("kwallet6", "libqca-qt6-plugins"),
    "kwalletd5": ("libkf5wallet-bin", "libqca-qt5-2-plugins"),
}
"""KWallet and what it encrypts with: in Debian 13 and later, and before."""

ENTRY = ("oo-desktop:todoist:1", "1")
PASSWORD = b"the database's password\n"
DATABASE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<KeePassFile><Meta><DatabaseName>Passwords</DatabaseName><CustomData><Item>
<Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{00112233-4455-6677-8899-aabbccddeeff}</Value>
</Item></CustomData></Meta>
<Root><Group><UUID>ABEiM0RVZneImaq7zN3u/w==</UUID><Name>Root</Name></Group></Root></KeePassFile>
"""
KEEPASSXC_SETTINGS = """[General]
ConfigVersion=2
UpdateCheckMessageShown=true
[FdoSecrets]
Enabled=true
ShowNotification=false
[GUI]
CheckForUpdates=false
"""
SERVICES = Path("/usr/share/dbus-1/services")
POLLS = 4
"""Reads after the first, two seconds apart, as while an account is being connected."""


class Session:
    """Has a display, a bus and a home of its own; a person who answers every dialog alike.

    dialogs: those they have answered.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.dialogs = 0
        self._ends = ExitStack()
        self._number = number
        self._person: threading.Event | None = None
        for name in ("home", "run", "services"):
            (folder / name).mkdir(mode=0o700)
        own = {
            "HOME": f"{folder}/home",
            "XDG_RUNTIME_DIR": f"{folder}/run",
            "XDG_DATA_HOME": f"{folder}/home/data",
            "XDG_CONFIG_HOME": f"{folder}/home/config",
            "XDG_CACHE_HOME": f"{folder}/home/cache",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/bus",
            "DISPLAY": f":{number}",
            "QT_QPA_PLATFORM": "xcb",
        }
        os.environ.update(own)
        for name in ("PYTHON_KEYRING_BACKEND", "WAYLAND_DISPLAY"):
            os.environ.pop(name, None)

    def start(self) -> None:
        """Start the display, and the bus after it: what the bus starts needs the display."""
        display = self.run("Xvfb", f":{self._number}", "-screen", "0", "1000x640x24")
        display.wait("the display", Path(f"/tmp/.X11-unix/X{self._number}").exists)
        self.run("openbox")
        settings = BUS_SETTINGS.format(
            socket=self.folder / "bus", services=self.folder / "services"
        )
        (self.folder / "bus.conf").write_text(settings)
        bus = self.run("dbus-daemon", f"--config-file={self.folder}/bus.conf", "--nofork")
        bus.wait("the bus", lambda: listens(self.folder / "bus"))

    def run(self, *command: str, stdin: bytes | None = None) -> Program:
        """Start a program of the session, which ends with it."""
        log = self.folder / f"{command[0]}.log"
        program = Program(command, env=os.environ, log=log, stdin=stdin)
        self._ends.callback(program.stop)
        return program

    def await_service(self) -> None:
        """Wait until somebody serves the Secret Service."""
        bus = Bus(os.environ["DBUS_SESSION_BUS_ADDRESS"])
        bus.await_owner(SERVICE, within=20)
        bus.close()

    def record(self) -> BusRecord:
        """Return a record of what passes on the bus."""
        record = BusRecord(os.environ["DBUS_SESSION_BUS_ADDRESS"])
        self._ends.callback(record.close)
        return record

    def answer(self, title: str, *keys: str) -> None:
        """Press `keys` in each dialog with `title` from now on, and count the dialogs."""
        if self._person is not None:
            self._person.set()
        gone = self._person = threading.Event()

        def person() -> None:
            while not gone.wait(0.3):
                search = ["xdotool", "search", "--onlyvisible", "--name", title]
                found = subprocess.run(search, capture_output=True, text=True, check=False)
                for window in found.stdout.split()[:1]:
                    self.dialogs += 1
                    time.sleep(1)
                    press = ["xdotool", "windowactivate", "--sync", window, "key", *keys]
                    subprocess.run(press, capture_output=True, check=False, timeout=10)
                    time.sleep(1)

        threading.Thread(target=person, daemon=True).start()

    def close(self) -> None:
        """End everything."""
        if self._person is not None:
            self._person.set()
        self._ends.close()


def _prompts(record: BusRecord) -> int:
    """How often a service was told to ask the person."""
    passed = record.since()
    return sum(each.kind == "method_call" and each.member == "Prompt" for each in passed)


async def dismissed_once(session: Session) -> str:
    """Read again and again what the person does not want to be asked for."""
    record, port = session.record(), KeyringPort()
    for _ in range(1 + POLLS):
        try:
            await port.get(*ENTRY)
        except VaultError as error:
            if error.state not in (VaultState.LOCKED, VaultState.SILENT):
                return f"{error.state}: {error}"
        else:
            return "it could be read"
        await asyncio.sleep(2)
    prompts = _prompts(record)
    return "ok" if prompts == 1 else f"asked {prompts} times"


async def kept_and_deleted(session: Session) -> str:
    """Write, read, write anew, read and delete, as one oO; and begin with an entry of another."""
    await _patiently(lambda: KeyringPort().set(*ENTRY, "planted"))
    port = KeyringPort()
    record = session.record()
    for value in ("planted", "planted", "renewed"):
        if value == "renewed":
            await port.set(*ENTRY, value)
        found = await _patiently(lambda: port.get(*ENTRY))
        if found != value:
            return f"read another value than {value}"
    reading = _prompts(record)
    await port.delete(*ENTRY)
    if await port.get(*ENTRY) is not None:
        return "not deleted"
    deleting = _prompts(record) - reading  # KeePassXC asks whether it may delete, as a rule
    told = f"asked {reading} times to read and renew, {deleting} to delete"
    return f"ok, {told}" if reading <= 1 and deleting <= 1 else told


async def denied_once(session: Session) -> str:
    """Read what an earlier oO wrote, whose person allows nothing."""
    await _patiently(lambda: KeyringPort().set(*ENTRY, "planted"))
    return await dismissed_once(session)


async def _patiently(call: Callable[[], Awaitable[str | None]]) -> str | None:
    """Call again while a dialog is being answered."""
    for _ in range(5):
        try:
            return await call()
        except VaultError as error:
            if error.state is not VaultState.SILENT:
                raise
    return await call()


def gnome_keyring(session: Session) -> None:
    """Serve without any collection, and without a prompter: dismissed at once."""
    session.run("gnome-keyring-daemon", "--foreground", "--components=secrets")
    session.await_service()


def gnome_keyring_unlocked(session: Session) -> None:
    """Serve the log-in keyring, unlocked."""
    words = ("--foreground", "--unlock", "--components=secrets")
    session.run("gnome-keyring-daemon", *words, stdin=PASSWORD.strip())
    session.await_service()


def keepassxc(session: Session) -> None:
    """Serve an open database of which one group is exposed."""
    home = session.folder / "home"
    (home / "db.xml").write_text(DATABASE)
    (home / "keepassxc.ini").write_text(KEEPASSXC_SETTINGS)
    command = ["keepassxc-cli", "import", "-p", f"{home}/db.xml", f"{home}/db.kdbx"]
    subprocess.run(command, input=PASSWORD * 2, check=True, capture_output=True)
    session.run("keepassxc", "--config", f"{home}/keepassxc.ini", f"{home}/db.kdbx")
    session.await_service()
    time.sleep(2)  # its window takes no keys at first
    # Typed as a person types it: https://github.com/keepassxreboot/keepassxc/issues/13521
    window = ["search", "--onlyvisible", "--name", "KeePassXC", "windowactivate", "--sync"]
    subprocess.run(["xdotool", *window, "type", PASSWORD.decode().strip()], check=True, timeout=20)
    subprocess.run(["xdotool", "key", "Return"], check=True)
    time.sleep(3)  # the database opens a little later


def keepassxc_allowed(session: Session) -> None:
    """Serve to a person who allows what is asked for."""
    keepassxc(session)
    session.answer("Access Request", "Return")


def keepassxc_denied(session: Session) -> None:
    """Serve to a person who closes what asks them."""
    keepassxc(session)
    session.answer("Access Request", "Escape")


def kwallet(session: Session) -> None:
    """Let the bus start KWallet, and nobody else; its wizard is closed."""
    for service in SERVICES.glob("org.kde.kwalletd[56].service"):
        shutil.copy(service, session.folder / "services")
    Bus(os.environ["DBUS_SESSION_BUS_ADDRESS"]).daemon("ReloadConfig")
    session.answer("KDE Wallet", "Escape")


CHECKS: list[
    tuple[str, str, Callable[[Session], None], Callable[[Session], Coroutine[Any, Any, str]]]
] = [
    ("gnome-keyring", "no keyring, dismissed: asked once", gnome_keyring, dismissed_once),
    ("gnome-keyring", "written, renewed, deleted", gnome_keyring_unlocked, kept_and_deleted),
    ("KeePassXC", "allowed: renewed and deleted", keepassxc_allowed, kept_and_deleted),
    ("KeePassXC", "denied: asked once", keepassxc_denied, denied_once),
    ("KWallet", "started; wizard closed: asked once", kwallet, dismissed_once),
]


def _install() -> None:
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=env)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    subprocess.run([*install, *PACKAGES.values()], check=True, env=env)
    for packages in KWALLETS.values():
        if subprocess.run([*install, *packages], check=False, env=env).returncode == 0:
            return


def main() -> None:
    """Run every check, or those whose keyring is named, each in a session of its own."""
    words = sys.argv[1:]
    if "--install" in words:
        _install()
    missing = [package for name, package in PACKAGES.items() if shutil.which(name) is None]
    if not any(shutil.which(name) for name in KWALLETS):
        missing.append(" or ".join(package for package, _ in KWALLETS.values()))
    if missing:
        print(f"Please install: {', '.join(missing)}", file=sys.stderr)
        raise SystemExit(2)
    named = [word for word in words if word != "--install"]
    results = []
    for number, (keyring, what, prepare, check) in enumerate(CHECKS):
        if named and keyring not in named:
            continue
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            session = Session(Path(folder), 80 + number)
            try:
                session.start()
                prepare(session)
                result = asyncio.run(check(session))
            except (VaultError, AssertionError, subprocess.SubprocessError) as error:
                result = f"{type(error).__name__}: {error}"
            finally:
                session.close()
        results.append(result)
        print(f"{keyring:14} {what:36} {result}", flush=True)
    raise SystemExit(not all(result.startswith("ok") for result in results))


if __name__ == "__main__":
    main()
