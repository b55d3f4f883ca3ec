"""The keyring port on a real session bus: gnome-keyring as it comes, goes, locks and hangs.

A bus of its own for each test, which starts nothing by itself: here the keyring is often absent.
"""

import asyncio
import contextlib
import gc
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from oo_desktop.errors import VaultError, VaultState
from oo_desktop.integrations.keyring import PROMPT_PAUSE_SECONDS, KeyringPort
from oo_desktop.integrations.keyring_process import ProcessKeyring
from oo_desktop.testing import FakeClock
from tests.desktop.bus import Bus, BusRecord, listens
from tests.desktop.keyring_daemon import PASSWORD, SERVICE, Keyring
from tests.desktop.programs import Program
from tests.desktop.secret_service import ItemLocks
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
        services = folder / "services"
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

    def start_service_without_a_keyring(self) -> None:
        """Do what a log-in without a password does: nothing has made a collection."""
        self._daemon = self._run("gnome-keyring-daemon", "--foreground", "--components=secrets")
        self._daemon.wait("the service", lambda: self.bus.owner(SERVICE))

    def record(self) -> BusRecord:
        """Return a record of all that passes on the bus from now on."""
        return BusRecord(self._environment["DBUS_SESSION_BUS_ADDRESS"])

    def serve_item_locks(self) -> ItemLocks:
        """Return a service with a lock for each entry, on the bus until it is closed."""
        return ItemLocks(self._environment["DBUS_SESSION_BUS_ADDRESS"])

    def stop_keyring(self) -> None:
        if self._daemon is not None:
            self._daemon.stop()
            self.bus.await_no_owner(SERVICE)

    def install_kwallet(self, name: str, *, serves: bool = True) -> None:
        """Let the bus start a KWallet by `name`, which serves the Secret Service or does not."""
        words = [sys.executable, "-m", "tests.desktop.kwallet", name, str(self.folder / "starts")]
        command = " ".join([*words, "serves"] if serves else words)
        (self.folder / "services" / f"{name}.service").write_text(
            f"[D-BUS Service]\nName={name}\nExec={command}\n"
        )
        self.bus.daemon("ReloadConfig")

    def kwallet_starts(self) -> int:
        return len((self.folder / "starts").read_text().splitlines())

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
        "PYTHONPATH": str(Path(__file__).parents[2]),
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
    port.close()
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


# A service without a keyring: a log-in without a password, a new account


def prompts(record: BusRecord) -> int:
    seen = record.since()
    return sum(each.kind == "method_call" and each.member == "Prompt" for each in seen)


async def test_who_dismissed_the_dialog_that_makes_a_keyring_sees_it_once(
    session: Session, port: KeyringPort, clock: FakeClock
) -> None:
    session.start_service_without_a_keyring()  # no prompter: dismissed at once
    record = session.record()
    for _ in range(5):
        assert await state_of(port) is VaultState.LOCKED
        await clock.advance(2)
    assert prompts(record) == 1
    await clock.advance(PROMPT_PAUSE_SECONDS)
    assert await state_of(port) is VaultState.LOCKED
    assert prompts(record) == 2
    record.close()


async def test_a_keyring_made_by_other_means_is_used_at_once(
    session: Session, port: KeyringPort, clock: FakeClock
) -> None:
    session.start_service_without_a_keyring()
    assert await state_of(port) is VaultState.LOCKED
    session.stop_keyring()
    session.start_keyring()
    await clock.advance(2)
    with contextlib.suppress(VaultError):  # the connection notices that its service was replaced
        await port.get("oo-desktop:todoist:1", "1")
    await port.set("oo-desktop:todoist:1", "1", "planted")
    assert [entry.secret for entry in session.keyring.entries()] == ["planted"]


# A lock for each entry and each connection


@pytest.fixture
def locks(session: Session) -> Iterator[ItemLocks]:
    locks = session.serve_item_locks()
    yield locks
    locks.close()


async def stored(locks: ItemLocks, value: str = "planted") -> None:
    """Put an entry there as an earlier run of oO did: nobody is allowed any more."""
    earlier = KeyringPort(clock=FakeClock())
    await earlier.set("oo-desktop:todoist:1", "1", value)
    earlier.close()
    for entry in locks.entries.values():
        entry.allowed.clear()


async def test_who_allowed_an_entry_once_is_not_asked_for_it_again(
    locks: ItemLocks, port: KeyringPort
) -> None:
    await stored(locks)
    for _ in range(3):
        assert await port.get("oo-desktop:todoist:1", "1") == "planted"
    await port.set("oo-desktop:todoist:1", "1", "renewed")
    assert await port.get("oo-desktop:todoist:1", "1") == "renewed"
    assert locks.prompts == 1


async def test_who_allowed_an_entry_is_not_asked_again_however_long_it_takes(
    locks: ItemLocks,
) -> None:
    await stored(locks)
    process = ProcessKeyring(kept=0.05)
    port = KeyringPort(choose=process.choose, clock=FakeClock())
    for _ in range(2):
        assert await port.get("oo-desktop:todoist:1", "1") == "planted"
        await asyncio.sleep(0.5)
    assert locks.prompts == 1
    process.close()


async def test_who_denied_an_entry_is_not_asked_for_it_again_at_once(
    locks: ItemLocks, port: KeyringPort, clock: FakeClock
) -> None:
    await stored(locks)
    locks.allows = False
    for _ in range(5):
        assert await state_of(port) is VaultState.LOCKED
        await clock.advance(20)
    assert locks.prompts == 1
    await clock.advance(PROMPT_PAUSE_SECONDS)
    locks.allows = True
    assert await port.get("oo-desktop:todoist:1", "1") == "planted"
    assert locks.prompts == 2


async def test_a_disconnect_deletes_an_entry_with_a_lock_of_its_own(
    locks: ItemLocks, port: KeyringPort
) -> None:
    await stored(locks)
    await port.delete("oo-desktop:todoist:1", "1")
    assert locks.entries == {}
    assert locks.prompts == 1


async def test_an_entry_whose_deletion_was_denied_stays_and_is_asked_for_again(
    locks: ItemLocks, port: KeyringPort
) -> None:
    await stored(locks)
    locks.allows = False
    with pytest.raises(VaultError, match="did not let it read"):
        await port.delete("oo-desktop:todoist:1", "1")
    assert len(locks.entries) == 1
    locks.allows = True
    await port.delete("oo-desktop:todoist:1", "1")
    assert locks.entries == {}


# KWallet, which serves the Secret Service only while it runs


@pytest.mark.parametrize("name", ["org.kde.kwalletd5", "org.kde.kwalletd6"])
async def test_a_kwallet_that_does_not_run_is_started_and_used(
    session: Session, port: KeyringPort, name: str
) -> None:
    session.install_kwallet(name)
    await port.set("oo-desktop:todoist:1", "1", "planted")
    assert await port.get("oo-desktop:todoist:1", "1") == "planted"
    assert session.kwallet_starts() == 1


async def test_a_kwallet_that_serves_nothing_is_started_once_and_not_again_and_again(
    session: Session, port: KeyringPort
) -> None:
    session.install_kwallet("org.kde.kwalletd5", serves=False)
    for _ in range(3):
        assert await state_of(port) is VaultState.ABSENT
    assert session.kwallet_starts() == 1
