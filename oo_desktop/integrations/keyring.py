"""Ask the OS keyring: which one may hold the tokens, and every call with a deadline.

The call. It can take minutes (the keyring asks the user), or for ever (a service that never
answers), and a blocked executor thread would hold the exit of the program. So each call gets a
daemon thread, one at a time. A call that is late is left alone: its thread ends when it ends, and
what it brings is dropped. Until then nothing more is piled onto the keyring, with one exception:
while only a read is late, one more call may look whether the keyring has been unlocked by other
means. (A keyring that was restarted never completes the prompt it was showing, and SecretStorage
waits for it for ever: https://github.com/mitya57/secretstorage/issues/33.) A late write is
never overtaken, for it might land after a newer one; so every write is preceded by a read, and it
is the read that asks.

A person who has dismissed the keyring's prompt is not asked again every few seconds: for
`PROMPT_PAUSE_SECONDS` the port only looks whether the keyring is still locked.

What a call raises is unbounded, because back ends are plug-ins: all of it becomes a `VaultError`
here, named by its class alone, since an exception may carry the secret that it failed on.

The choice. It is made anew after every failure. `keyring` itself chooses once and keeps `fail` for
the life of the process when the desktop's keyring starts a second later; and its walk over every
back end costs 8 MB and 50 ms more than asking for the platform's own by name, so the walk comes
last.

What the user chose comes first: `PYTHON_KEYRING_BACKEND`, then `keyringrc.cfg`. Only what is known
not to protect a secret is turned down even then: `keyring`'s own `null` and `fail`, everything in
`keyrings.alt` (plain files, home-made encryption, and a variant that asks for its password on a
terminal nobody sees), whatever calls itself plain text, a priority of 0 or less, and a chain that
has any of these in it.

`keyring` is imported inside the functions: they run in the worker thread, and the loop's thread
must not pay for the import.
"""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from oo_desktop.clock import Clock, SystemClock
from oo_desktop.errors import VaultError, VaultState

if TYPE_CHECKING:
    import keyring.backend

NATIVE_BACKENDS = {
    "linux": ("keyring.backends.SecretService.Keyring", "keyring.backends.kwallet.DBusKeyring"),
    "darwin": ("keyring.backends.macOS.Keyring",),
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
}
"""The platform's own keyrings, by `sys.platform`."""

SECRET_SERVICE = NATIVE_BACKENDS["linux"][0]

INSECURE_PREFIXES = ("keyring.backends.null.", "keyring.backends.fail.", "keyrings.alt.")
"""What a back end's name begins with when it is known not to protect a secret."""

UNAVAILABLE_ERRORS = (RuntimeError, OSError, EOFError)
"""How a back end says that it cannot be used here and now: in `keyring`'s own way, or because the
session bus is gone."""

NO_KEYRING = (
    "oO found no keyring to keep your sign-in safe in. Install or start one, such as GNOME Keyring "
    "(gnome-keyring) or KWallet, and oO carries on by itself."
)

CALL_DEADLINE_SECONDS = 10.0
"""Seconds a call may take before oO goes on without it."""

PROMPT_PAUSE_SECONDS = 900.0
"""Seconds after a dismissed prompt in which the user is not asked again."""

KEYRING_LOCKED = "oO is waiting for your keyring. Unlock it and oO carries on by itself."
KEYRING_SILENT = (
    "oO is waiting for your keyring, which does not answer. If it asks you for a password, answer "
    "it, and oO carries on by itself."
)

STATE_OF_ERROR = {
    "KeyringLocked": VaultState.LOCKED,
    "LockedException": VaultState.LOCKED,
    "PromptDismissedException": VaultState.LOCKED,
    "NoKeyringError": VaultState.ABSENT,
    "SecretServiceNotAvailableException": VaultState.ABSENT,
}
"""By class name: the libraries these come from are loaded only in the worker, or not at all."""


class KeyringBackend(Protocol):
    """Offers what oO needs of a keyring: three blocking calls, as `keyring` defines them."""

    def get_password(self, service: str, username: str, /) -> str | None: ...

    def set_password(self, service: str, username: str, password: str, /) -> None: ...

    def delete_password(self, service: str, username: str, /) -> None: ...


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


# Which keyring


def choose_backend() -> KeyringBackend:
    """Return the keyring to use now. Blocks on D-Bus. Raises VaultError: absent or insecure."""
    backend = _explicit() or _native() or _best_of_all()
    if backend is None:
        raise VaultError(NO_KEYRING, state=VaultState.ABSENT)
    if is_insecure(backend):
        raise VaultError(
            f"oO keeps no token in {backend_name(backend)}, which does not protect it. Choose "
            "another keyring, such as GNOME Keyring or KWallet, and oO carries on by itself.",
            state=VaultState.INSECURE,
        )
    return backend


def backend_name(backend: object) -> str:
    """Return the name that `PYTHON_KEYRING_BACKEND` would give to `backend`."""
    return _class_name(type(backend))


def is_insecure(backend: object) -> bool:
    """Return whether `backend` is known not to protect a secret; a subclass is what it extends."""
    names = [_class_name(cls) for cls in type(backend).__mro__]
    if any(name.startswith(INSECURE_PREFIXES) or "plaintext" in name.lower() for name in names):
        return True
    if getattr(backend, "priority", 1) <= 0:
        return True
    return any(is_insecure(part) for part in getattr(backend, "backends", ()))


def is_locked(backend: object) -> bool:
    """Return whether `backend` would have to ask the user, without asking. Blocks on D-Bus.

    Only the Secret Service can tell; of others it is assumed that they can be used.
    """
    if backend_name(backend) != SECRET_SERVICE:
        return False
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        try:
            return bool(secretstorage.Collection(bus).is_locked())
        except secretstorage.ItemNotFoundException:
            return True  # the very first entry: making the collection asks for a password


def _explicit() -> "keyring.backend.KeyringBackend | None":
    from keyring import core

    try:
        return core.load_env() or core.load_config()
    except (ImportError, AttributeError, ValueError):
        raise VaultError(
            "The keyring named by PYTHON_KEYRING_BACKEND or keyringrc.cfg cannot be loaded. "
            "Check the name.",
            state=VaultState.ABSENT,
        ) from None
    except UNAVAILABLE_ERRORS:
        raise VaultError(NO_KEYRING, state=VaultState.ABSENT) from None


def _native() -> "keyring.backend.KeyringBackend | None":
    # By priority among themselves: on KDE's desktop KWallet comes before the Secret Service.
    return max(_natives(), key=lambda backend: backend.priority, default=None)


def _natives() -> "Iterator[keyring.backend.KeyringBackend]":
    from keyring import core

    for name in NATIVE_BACKENDS.get(sys.platform, ()):
        try:
            yield core.load_keyring(name)
        except (ImportError, *UNAVAILABLE_ERRORS):
            continue


def _best_of_all() -> "keyring.backend.KeyringBackend | None":
    return max(_plug_ins(), key=lambda backend: backend.priority, default=None)


def _plug_ins() -> "Iterator[keyring.backend.KeyringBackend]":
    """Every back end that `keyring` would recommend here and now, but for chains of several."""
    from keyring import backend, core
    from keyring.backends.chainer import ChainerBackend

    backend.get_all_keyring()  # loads the plug-ins; its list is made once, so it is not used
    for cls in backend.KeyringBackend.get_viable_backends():
        try:
            found = cls()
            usable = core.recommended(found)
        except (
            TypeError,
            *UNAVAILABLE_ERRORS,
        ):  # TypeError: it needs arguments, and is not to be chosen
            continue
        if usable and not isinstance(found, ChainerBackend) and not is_insecure(found):
            yield found


def _class_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


# Every call

KeyringJob = Callable[[KeyringBackend], str | None]


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

    def __init__(self, *, writes: bool, ends_at: float) -> None:
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
        deadline: float = CALL_DEADLINE_SECONDS,
        returned: Callable[[], None] = lambda: None,
    ) -> None:
        self.returned = returned
        self._choose = choose
        self._locked = locked
        self._clock = clock or SystemClock()
        self._deadline = deadline
        self._backend: KeyringBackend | None = None
        self._turn = asyncio.Lock()
        self._running: list[_KeyringCall] = []
        self._dismissed_at: float | None = None

    @property
    def name(self) -> str:
        """Return the class of the back end that answered last; empty before the first answer."""
        return backend_name(self._backend) if self._backend is not None else ""

    async def get(self, service: str, username: str) -> str | None:
        """Return the entry, or None when the keyring can be read and has none."""
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

    async def _run(self, job: KeyringJob, *, writes: bool = False) -> str | None:
        async with self._turn:
            await self._wait_for_cancelled()
            passive = self._recently_dismissed()
            if self._running:
                if len(self._running) > 1 or any(call.writes for call in self._running):
                    raise VaultError(KEYRING_SILENT, state=VaultState.SILENT)
                passive = True
            call = _KeyringCall(writes=writes, ends_at=self._clock.monotonic() + self._deadline)
            self._running.append(call)
            call.outcome.add_done_callback(lambda _done: self._ended(call))
            backend = self._backend
            call.start(lambda: self._work(job, backend, passive=passive))
            await self._wait(call)
        if call.late:
            raise VaultError(KEYRING_SILENT, state=VaultState.SILENT)
        outcome = call.outcome.result()
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    def _work(
        self, job: KeyringJob, backend: KeyringBackend | None, *, passive: bool
    ) -> _CallOutcome:
        """In the worker thread. Touches nothing of the port that the loop's thread writes."""
        try:
            backend = backend or self._choose()
            if passive and self._locked(backend):
                return _CallOutcome(
                    backend, error=VaultError(KEYRING_LOCKED, state=VaultState.LOCKED)
                )
            return _CallOutcome(backend, job(backend))
        except BaseException as error:  # noqa: BLE001  # a plug-in raises what it likes
            # Not the exception itself: its frames hold the secret, and D-Bus connections.
            return _CallOutcome(backend, error=_vault_error(error), asked=True)

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
        self._learn(call.outcome.result())
        if call.late:
            self.returned()

    def _learn(self, outcome: _CallOutcome) -> None:
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
        return self._clock.monotonic() - self._dismissed_at < PROMPT_PAUSE_SECONDS


def _vault_error(error: BaseException) -> VaultError:
    if isinstance(error, VaultError):
        return VaultError(str(error), state=error.state)
    for cls in type(error).__mro__:
        state = STATE_OF_ERROR.get(cls.__name__)
        if state is not None:
            return VaultError(
                KEYRING_LOCKED if state is VaultState.LOCKED else NO_KEYRING, state=state
            )
    return VaultError(f"Your keyring failed ({type(error).__name__}). oO keeps trying.")
