"""The OS keyring without its temper: every call in a daemon thread, with a deadline.

A keyring call can take minutes (it asks the user), or for ever (a service that never answers), and
a blocked executor thread would hold the exit of the program. So each call gets a daemon thread, one
at a time. A call that is late is left alone: its thread ends when it ends, and what it brings is
dropped. Until then nothing more is piled onto the keyring, with one exception: while only a read is
late, one more call may look whether the keyring has been unlocked by other means. (A keyring that
was restarted never completes the prompt it was showing.) A late write is never overtaken, for it
might land after a newer one; so every write is preceded by a read, and it is the read that asks.

A person who has dismissed the keyring's prompt is not asked again every few seconds: for
`PROMPT_PAUSE` the port only looks whether the keyring is still locked.

What a call raises is unbounded, because back ends are plug-ins: all of it becomes a `VaultError`
here, named by its class alone, since an exception may carry the secret that it failed on.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from oo_desktop.clock import Clock, SystemClock
from oo_desktop.errors import VaultError, VaultState
from oo_desktop.integrations.keyring_choice import (
    ABSENT,
    KeyringBackend,
    backend_name,
    choose_backend,
    is_locked,
)

DEADLINE = 10.0
"""Seconds a call may take before oO goes on without it."""

PROMPT_PAUSE = 900.0
"""Seconds after a dismissed prompt in which the user is not asked again."""

LOCKED = "oO is waiting for your keyring. Unlock it and oO carries on by itself."
SILENT = (
    "oO is waiting for your keyring, which does not answer. If it asks you for a password, answer "
    "it, and oO carries on by itself."
)

STATES = {
    "KeyringLocked": VaultState.LOCKED,
    "LockedException": VaultState.LOCKED,
    "PromptDismissedException": VaultState.LOCKED,
    "NoKeyringError": VaultState.ABSENT,
    "SecretServiceNotAvailableException": VaultState.ABSENT,
}
"""By class name: the libraries these come from are loaded only in the worker, or not at all."""

Job = Callable[[KeyringBackend], str | None]


class _Outcome(NamedTuple):
    """What a call brought. asked: an error after the user may have been asked, not a mere look."""

    backend: KeyringBackend | None = None
    value: str | None = None
    error: VaultError | None = None
    asked: bool = False

    def __repr__(self) -> str:
        return "_Outcome(…)"


class _Call:
    """One keyring call and its thread."""

    def __init__(self, *, writes: bool, ends_at: float) -> None:
        self.writes = writes
        self.ends_at = ends_at
        self.late = False
        self.outcome: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()

    def start(self, work: Callable[[], _Outcome]) -> None:
        loop = asyncio.get_running_loop()

        def run() -> None:
            outcome = work()
            with suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
                loop.call_soon_threadsafe(self._settle, outcome)

        threading.Thread(target=run, name="oo-keyring", daemon=True).start()

    def _settle(self, outcome: _Outcome) -> None:
        if not self.outcome.cancelled():
            self.outcome.set_result(outcome)


class KeyringPort:
    """The keyring as oO uses it. Used from the loop's thread; every method may raise VaultError.

    choose: finds the back end; called in the worker thread, again after every failure.
    locked: tells without asking the user whether a back end is locked; called in the worker thread.
    deadline: seconds a call may take.
    returned: called when a late call came back after all, so that whoever waits can try again now.
    """

    def __init__(
        self,
        *,
        choose: Callable[[], KeyringBackend] = choose_backend,
        locked: Callable[[KeyringBackend], bool] = is_locked,
        clock: Clock | None = None,
        deadline: float = DEADLINE,
        returned: Callable[[], None] = lambda: None,
    ) -> None:
        self.returned = returned
        self._choose = choose
        self._locked = locked
        self._clock = clock or SystemClock()
        self._deadline = deadline
        self._backend: KeyringBackend | None = None
        self._turn = asyncio.Lock()
        self._running: list[_Call] = []
        self._dismissed_at: float | None = None

    @property
    def name(self) -> str:
        """The class of the back end that answered last; empty before the first answer."""
        return backend_name(self._backend) if self._backend is not None else ""

    async def get(self, service: str, username: str) -> str | None:
        """The entry, or None when the keyring can be read and has none."""
        return await self._run(lambda backend: backend.get_password(service, username))

    async def set(self, service: str, username: str, value: str) -> None:
        """Write the entry, replacing what it was."""

        def job(backend: KeyringBackend) -> None:
            backend.set_password(service, username, value)

        await self.get(service, username)
        await self._run(job, writes=True)

    async def delete(self, service: str, username: str) -> None:
        """Delete the entry; one that is not there is as good as deleted."""

        def job(backend: KeyringBackend) -> None:
            backend.delete_password(service, username)

        if await self.get(service, username) is not None:
            await self._run(job, writes=True)

    async def _run(self, job: Job, *, writes: bool = False) -> str | None:
        async with self._turn:
            await self._wait_for_cancelled()
            passive = self._recently_dismissed()
            if self._running:
                if len(self._running) > 1 or any(call.writes for call in self._running):
                    raise VaultError(SILENT, state=VaultState.SILENT)
                passive = True
            call = _Call(writes=writes, ends_at=self._clock.monotonic() + self._deadline)
            self._running.append(call)
            call.outcome.add_done_callback(lambda _done: self._ended(call))
            backend = self._backend
            call.start(lambda: self._work(job, backend, passive=passive))
            await self._wait(call)
        if call.late:
            raise VaultError(SILENT, state=VaultState.SILENT)
        outcome = call.outcome.result()
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    def _work(self, job: Job, backend: KeyringBackend | None, *, passive: bool) -> _Outcome:
        """In the worker thread. Touches nothing of the port that the loop's thread writes."""
        try:
            backend = backend or self._choose()
            if passive and self._locked(backend):
                return _Outcome(backend, error=VaultError(LOCKED, state=VaultState.LOCKED))
            return _Outcome(backend, job(backend))
        except BaseException as error:  # noqa: BLE001  # a plug-in raises what it likes
            # Not the exception itself: its frames hold the secret, and D-Bus connections.
            return _Outcome(backend, error=_vault_error(error), asked=True)

    async def _wait(self, call: _Call) -> None:
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

    def _ended(self, call: _Call) -> None:
        self._running.remove(call)
        self._learn(call.outcome.result())
        if call.late:
            self.returned()

    def _learn(self, outcome: _Outcome) -> None:
        """Remember which back end works, and that the user did not want to be asked."""
        if outcome.error is None:
            self._backend = outcome.backend
            self._dismissed_at = None
        elif outcome.error.state is not VaultState.LOCKED:
            self._backend = None
        else:
            self._backend = outcome.backend
            if outcome.asked:
                self._dismissed_at = self._clock.monotonic()

    def _recently_dismissed(self) -> bool:
        if self._dismissed_at is None:
            return False
        return self._clock.monotonic() - self._dismissed_at < PROMPT_PAUSE


def _vault_error(error: BaseException) -> VaultError:
    if isinstance(error, VaultError):
        return VaultError(str(error), state=error.state)
    for cls in type(error).__mro__:
        state = STATES.get(cls.__name__)
        if state is not None:
            return VaultError(LOCKED if state is VaultState.LOCKED else ABSENT, state=state)
    return VaultError(f"Your keyring failed ({type(error).__name__}). oO keeps trying.")
