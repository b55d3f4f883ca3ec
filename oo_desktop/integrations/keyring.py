"""Ask the OS keyring, every call with a deadline.

The keyring is asked in a process of its own (`keyring_process.py`), through a call that blocks. It
can take minutes (the keyring asks the user), or for ever (a service that never answers), and a
blocked executor thread would hold the exit of the program. So each call gets a daemon thread, one
at a time. A call that is late is left alone: its thread ends when it ends, and what it brings is
dropped. Until then nothing more is piled onto the keyring, with one exception: while only a read is
late, one more call may look whether the keyring has been unlocked by other means. (A keyring that
was restarted never completes the prompt it was showing, and SecretStorage waits for it for ever:
https://github.com/mitya57/secretstorage/issues/33.) A late write is never overtaken, for it might
land after a newer one; so every write is preceded by a read, and it is the read that asks.

A person who has dismissed the keyring's prompt is not asked again every few seconds: for
`PROMPT_PAUSE_SECONDS` the port only looks whether it would still have to ask.

What hinders becomes a `VaultError` here, with its sentence.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from oo_desktop.clock import Clock, SystemClock
from oo_desktop.errors import VaultError, VaultState
from oo_desktop.integrations.keyring_backends import (
    Hindered,
    Hindrance,
    KeyringBackend,
    backend_name,
    hindrance_of,
)
from oo_desktop.integrations.keyring_process import ProcessKeyring
from oo_desktop.language import translated, untranslated

NO_KEYRING = untranslated(
    "oO found no keyring to keep your sign-in safe in. Install or start one, such as GNOME Keyring "
    "(gnome-keyring) or KWallet, and oO carries on by itself."
)

CALL_DEADLINE_SECONDS = 10.0
"""Seconds a call may take before oO goes on without it."""

PROMPT_PAUSE_SECONDS = 900.0
"""Seconds after a dismissed prompt in which the user is not asked again."""

log = logging.getLogger(__name__)

KEYRING_LOCKED = untranslated(
    "oO is waiting for your keyring. Unlock it and oO carries on by itself."
)
KEYRING_NOT_MADE = untranslated(
    "oO is waiting for you to make a keyring for it to keep your sign-in in. Make one when your "
    "desktop asks you, or in its password manager, and oO carries on by itself."
)
KEYRING_DENIED = untranslated(
    "oO is waiting for your keyring, which did not let it read its own entry. Allow that when you "
    "are asked, and oO carries on by itself."
)
KEYRING_SILENT = untranslated(
    "oO is waiting for your keyring, which does not answer. If it asks you for a password, answer "
    "it, and oO carries on by itself."
)

KEYRING_FAILED = untranslated(
    "Your keyring does not answer as it should. oO keeps trying. If it stays so, restart the "
    "keyring, or log out and in again."
)
KWALLET_LACKS_PLUGIN = untranslated(
    "KWallet fails because its plug-in for encryption is missing. Install QCA’s OpenSSL plug-in "
    "(on Debian and Ubuntu libqca-qt6-plugins, on older ones libqca-qt5-2-plugins) and log in "
    "again."
)

KEYRING_NOT_LOADED = untranslated(
    "The keyring named by PYTHON_KEYRING_BACKEND or keyringrc.cfg cannot be loaded. Check the name."
)
KEYRING_INSECURE = untranslated(
    "oO keeps no token in {keyring}, which does not protect it. Choose another keyring, such as "
    "GNOME Keyring or KWallet, and oO carries on by itself."
)

SENTENCES = {
    Hindrance.LOCKED: KEYRING_LOCKED,
    Hindrance.NOT_MADE: KEYRING_NOT_MADE,
    Hindrance.DENIED: KEYRING_DENIED,
    Hindrance.ABSENT: NO_KEYRING,
    Hindrance.NOT_LOADED: KEYRING_NOT_LOADED,
    Hindrance.INSECURE: KEYRING_INSECURE,
    Hindrance.KWALLET_LACKS_PLUGIN: KWALLET_LACKS_PLUGIN,
    Hindrance.FAILED: KEYRING_FAILED,
}


class MemoryKeyring:
    """Forgets everything with its process: for the demo and for tests."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.entries)} entries)"

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


# Every call

KeyringJob = Callable[[KeyringBackend], str | None]


class _EntryName(NamedTuple):
    service: str
    username: str


class _CallOutcome(NamedTuple):
    """What a call brought. asked: an error after the user may have been asked, not a mere look."""

    backend: KeyringBackend | None = None
    value: str | None = None
    error: VaultError | None = None
    asked: bool = False

    def __repr__(self) -> str:
        return "_CallOutcome(…)"


class _KeyringCall:
    """One keyring call and its thread."""

    def __init__(self, entry: _EntryName, *, writes: bool, ends_at: float) -> None:
        self.entry = entry
        self.writes = writes
        self.ends_at = ends_at
        self.late = False
        self.outcome: asyncio.Future[_CallOutcome] = asyncio.get_running_loop().create_future()

    def start(self, work: Callable[[], _CallOutcome]) -> None:
        loop = asyncio.get_running_loop()

        def run() -> None:
            outcome = work()
            with suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
                loop.call_soon_threadsafe(self._settle, outcome)

        threading.Thread(target=run, name="oo-keyring", daemon=True).start()

    def _settle(self, outcome: _CallOutcome) -> None:
        if not self.outcome.cancelled():
            self.outcome.set_result(outcome)


class KeyringPort:
    """Calls the keyring. Used from the loop's thread; every method may raise VaultError.

    choose: finds the back end, by default the one of `ProcessKeyring`; called in the worker thread,
        again after every failure.
    lock: says what the user would be asked for to reach an entry (its service and user name),
        without asking; called in the worker thread.
    deadline: seconds a call may take.
    returned: called when a late call came back after all, so that whoever waits can try again now.
    """

    def __init__(
        self,
        *,
        choose: Callable[[], KeyringBackend] | None = None,
        lock: Callable[[KeyringBackend, str, str], Hindrance | None] | None = None,
        clock: Clock | None = None,
        deadline: float = CALL_DEADLINE_SECONDS,
        returned: Callable[[], None] = lambda: None,
    ) -> None:
        self.returned = returned
        self._process = ProcessKeyring()
        self._choose = choose or self._process.choose
        self._lock = lock or _lock_of
        self._clock = clock or SystemClock()
        self._deadline = deadline
        self._backend: KeyringBackend | None = None
        self._turn = asyncio.Lock()
        self._running: list[_KeyringCall] = []
        self._dismissed_at: dict[_EntryName, float] = {}

    @property
    def name(self) -> str:
        """Return the class of the back end that answered last; empty before the first answer."""
        match self._backend:
            case None:
                return ""
            case ProcessKeyring():
                return self._backend.name
            case _:
                return backend_name(self._backend)

    def close(self) -> None:
        """End what still waits for the keyring, and the process that does."""
        self._process.close()

    def forget_dismissals(self) -> None:
        """Ask the user again from now on, also where they have just dismissed a prompt: they have
        asked for that."""
        self._dismissed_at.clear()

    async def get(self, service: str, username: str) -> str | None:
        """Return the entry, or None when the keyring can be read and has none."""
        return await self._get(_EntryName(service, username))

    async def set(self, service: str, username: str, value: str) -> None:
        """Write the entry, replacing what it was."""
        entry = _EntryName(service, username)

        def job(backend: KeyringBackend) -> None:
            backend.set_password(*entry, value)

        await self._get(entry)
        await self._run(job, entry, writes=True)

    async def delete(self, service: str, username: str) -> None:
        """Delete the entry; one that is not there is as good as deleted.

        Asks the user even if they have just dismissed a prompt: it is they who want it deleted.
        """
        entry = _EntryName(service, username)

        def job(backend: KeyringBackend) -> None:
            backend.delete_password(*entry)

        if await self._get(entry, insists=True) is not None:
            await self._run(job, entry, writes=True)

    async def _get(self, entry: _EntryName, *, insists: bool = False) -> str | None:
        return await self._run(lambda backend: backend.get_password(*entry), entry, insists=insists)

    async def _run(
        self, job: KeyringJob, entry: _EntryName, *, writes: bool = False, insists: bool = False
    ) -> str | None:
        """insists: ask the user even if they have just dismissed a prompt."""
        async with self._turn:
            await self._wait_for_cancelled()
            passive = not insists and self._recently_dismissed()
            if self._running:
                if len(self._running) > 1 or any(call.writes for call in self._running):
                    raise VaultError(translated(KEYRING_SILENT), state=VaultState.SILENT)
                passive = True
            call = _KeyringCall(
                entry, writes=writes, ends_at=self._clock.monotonic() + self._deadline
            )
            self._running.append(call)
            call.outcome.add_done_callback(lambda _done: self._ended(call))
            backend = self._backend
            call.start(lambda: self._work(job, backend, entry if passive else None))
            await self._wait(call)
        if call.late:
            raise VaultError(translated(KEYRING_SILENT), state=VaultState.SILENT)
        outcome = call.outcome.result()
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    def _work(
        self, job: KeyringJob, backend: KeyringBackend | None, look: _EntryName | None
    ) -> _CallOutcome:
        """In the worker thread. Touches nothing of the port that the loop's thread writes.

        look: the entry that must be open already, where the user is not to be asked.
        """
        try:
            backend = backend or self._choose()
            lock = None if look is None else self._lock(backend, *look)
            if lock is not None:
                return _CallOutcome(backend, error=_vault_error(Hindered(lock)))
            return _CallOutcome(backend, job(backend))
        except BaseException as error:  # noqa: BLE001  # a plug-in raises what it likes
            # Not the exception itself: its frames hold the secret, and D-Bus connections.
            return _CallOutcome(backend, error=_vault_error(hindrance_of(error)), asked=True)

    async def _wait(self, call: _KeyringCall) -> None:
        """Return when `call` is over, or marked late. A cancelled wait leaves it to the next."""
        left = call.ends_at - self._clock.monotonic()
        deadline = asyncio.ensure_future(self._clock.sleep(max(left, 0)))
        either: list[asyncio.Future[Any]] = [call.outcome, deadline]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            deadline.cancel()
        call.late = not call.outcome.done()

    async def _wait_for_cancelled(self) -> None:
        for call in tuple(self._running):
            if not call.late:
                await self._wait(call)

    def _ended(self, call: _KeyringCall) -> None:
        self._running.remove(call)
        self._learn(call.entry, call.outcome.result())
        if call.late:
            self.returned()

    def _learn(self, entry: _EntryName, outcome: _CallOutcome) -> None:
        """Remember which back end works, and that the user did not want to be asked.

        A lock may be that of one entry: that another can be read says nothing about it.
        """
        if outcome.error is None:
            self._backend = outcome.backend
            self._dismissed_at.pop(entry, None)
        elif outcome.error.state is not VaultState.LOCKED:
            self._backend = None
        else:
            self._backend = outcome.backend
            if outcome.asked:
                self._dismissed_at[entry] = self._clock.monotonic()

    def _recently_dismissed(self) -> bool:
        now = self._clock.monotonic()
        return any(now - at < PROMPT_PAUSE_SECONDS for at in self._dismissed_at.values())


def _lock_of(backend: KeyringBackend, service: str, username: str) -> Hindrance | None:
    """In this process nothing is locked: those are the keyrings of the demo and of tests."""
    return backend.lock_of(service, username) if isinstance(backend, ProcessKeyring) else None


def _vault_error(hindered: Hindered) -> VaultError:
    if hindered.hindrance is Hindrance.FAILED:
        log.info("the keyring failed: %s", hindered.about)
    sentence = translated(SENTENCES[hindered.hindrance], keyring=hindered.about)
    return VaultError(sentence, state=hindered.hindrance.state)
