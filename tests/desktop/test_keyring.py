"""The keyring port on a real session bus: gnome-keyring as it comes, goes, locks and hangs.

A bus of its own for each test, which starts nothing by itself: here the keyring is often absent.
"""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from oo_desktop.errors import VaultError, VaultState
from oo_desktop.integrations.keyring import PROMPT_PAUSE_SECONDS, KeyringPort
from oo_desktop.testing import FakeClock
from tests.desktop.bus import Bus, listens
from tests.desktop.keyring_daemon import PASSWORD, SERVICE, Keyring
from tests.desktop.programs import Program
from tests.desktop.session import BUS_SETTINGS

PROMPTER = "org.gnome.keyring.SystemPrompter"
# `keyring` leaves its D-Bus connection to the garbage collector when a keyring stays locked.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*socket.socket:pytest.PytestUnraisableExceptionWarning"
)


class Session:
    """Has a home, a session bus and, when it is started, a gnome-keyring."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment
        self._daemon: Program | None = None
        services = folder / "no-services"
        services.mkdir()
        settings = BUS_SETTINGS.format(socket=folder / "bus", services=services)
        (folder / "bus.conf").write_text(settings)
        self._bus_daemon = self._run("dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork")
        self._bus_daemon.wait("the session bus", lambda: listens(folder / "bus"))
        self.bus = Bus(environment["DBUS_SESSION_BUS_ADDRESS"])
        self.keyring = Keyring(self.bus)

    def start_keyring(self) -> None:
        command = ("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
        self._daemon = self._run(*command, stdin=PASSWORD.encode())
        self._daemon.wait("the keyring", lambda: self.bus.owner(SERVICE))

    def stop_keyring(self) -> None:
        if self._daemon is not None:
            self._daemon.stop()
            self.bus.await_no_owner(SERVICE)

    def mute(self, name: str) -> Bus:
        """Return something that owns `name` and answers nothing, until it is closed."""
        owner = Bus(self._environment["DBUS_SESSION_BUS_ADDRESS"])
        owner.daemon("RequestName", "su", name, 0)
        return owner

    def close(self) -> None:
        if self._bus_daemon.running:
            self.stop_keyring()
            self.bus.close()
            self._bus_daemon.stop()

    def _run(self, *command: str, stdin: bytes | None = None) -> Program:
        return Program(
            command, env=self._environment, log=self.folder / f"{command[0]}.log", stdin=stdin
        )


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    own = {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/bus",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    for name in ("PYTHON_KEYRING_BACKEND", "GNOME_KEYRING_CONTROL", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    session = Session(tmp_path, dict(os.environ))
    yield session
    session.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def port(session: Session, clock: FakeClock) -> AsyncIterator[KeyringPort]:
    port = KeyringPort(clock=clock)
    yield port
    session.close()  # a prompt nobody answered hangs for as long as there is a bus
    await rests(port)
    gc.collect()


async def rests(port: KeyringPort) -> None:
    while port._running:  # noqa: ASYNC110  # a thread has no asyncio.Event to set
        await asyncio.sleep(0.001)


async def state_of(port: KeyringPort) -> VaultState:
    with pytest.raises(VaultError) as raised:
        await port.get("oo-desktop:todoist:1", "1")
    return raised.value.state


async def hangs(port: KeyringPort, clock: FakeClock) -> None:
    """Read, and see the read miss its deadline."""
    reading = asyncio.create_task(state_of(port))
    while not port._running:  # noqa: ASYNC110  # a thread has no asyncio.Event to set
        await asyncio.sleep(0.001)
    await clock.advance(10)
    assert await reading is VaultState.SILENT


async def test_a_secret_lies_in_the_real_keyring(session: Session, port: KeyringPort) -> None:
    session.start_keyring()
    await port.set("oo-desktop:todoist:1", "1", "planted")
    await port.set("oo-desktop:todoist:1", "1", "planted again")
    entries = session.keyring.entries()
    assert [entry.secret for entry in entries] == ["planted again"]
    assert entries[0].attributes["service"] == "oo-desktop:todoist:1"
    assert await port.get("oo-desktop:todoist:1", "1") == "planted again"
    assert port.name == "keyring.backends.SecretService.Keyring"
    await port.delete("oo-desktop:todoist:1", "1")
    assert session.keyring.entries() == []
    assert await port.get("oo-desktop:todoist:1", "1") is None


async def test_a_keyring_that_comes_late_is_found(session: Session, port: KeyringPort) -> None:
    assert await state_of(port) is VaultState.ABSENT
    session.start_keyring()
    assert await port.get("oo-desktop:todoist:1", "1") is None


async def test_a_keyring_that_is_restarted_is_found_again(
    session: Session, port: KeyringPort
) -> None:
    session.start_keyring()
    await port.set("oo-desktop:todoist:1", "1", "planted")
    session.stop_keyring()
    assert await state_of(port) in (VaultState.FAILED, VaultState.ABSENT)
    assert await state_of(port) is VaultState.ABSENT
    session.start_keyring()
    assert await port.get("oo-desktop:todoist:1", "1") == "planted"


async def test_a_locked_keyring_works_again_once_it_is_unlocked(
    session: Session, port: KeyringPort
) -> None:
    session.start_keyring()
    await port.set("oo-desktop:todoist:1", "1", "planted")
    session.keyring.lock()
    assert await state_of(port) is VaultState.LOCKED
    assert await state_of(port) is VaultState.LOCKED
    session.keyring.unlock()
    assert await port.get("oo-desktop:todoist:1", "1") == "planted"


async def test_a_prompt_nobody_answers_is_overtaken_by_an_unlock(
    session: Session, port: KeyringPort, clock: FakeClock
) -> None:
    session.start_keyring()
    await port.set("oo-desktop:todoist:1", "1", "planted")
    prompter = session.mute(PROMPTER)
    session.keyring.lock()
    await hangs(port, clock)
    assert await state_of(port) is VaultState.LOCKED
    session.keyring.unlock()
    assert await port.get("oo-desktop:todoist:1", "1") == "planted"
    prompter.close()


async def test_after_a_dismissed_prompt_nothing_is_asked_for_a_while(
    session: Session, port: KeyringPort, clock: FakeClock
) -> None:
    session.start_keyring()
    await port.set("oo-desktop:todoist:1", "1", "planted")
    session.keyring.lock()
    assert await state_of(port) is VaultState.LOCKED  # no prompter: dismissed at once
    prompter = session.mute(PROMPTER)
    assert await state_of(port) is VaultState.LOCKED
    await clock.advance(PROMPT_PAUSE_SECONDS)
    await hangs(port, clock)  # asks again, and this prompter does not answer
    prompter.close()


async def test_a_keyring_that_never_answers_is_silent_until_it_is_replaced(
    session: Session, port: KeyringPort, clock: FakeClock
) -> None:
    mute = session.mute(SERVICE)
    await hangs(port, clock)
    await hangs(port, clock)
    assert await state_of(port) is VaultState.SILENT
    mute.close()
    await rests(port)
    session.start_keyring()
    assert await port.get("oo-desktop:todoist:1", "1") is None
