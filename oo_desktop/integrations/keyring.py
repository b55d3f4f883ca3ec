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
`PROMPT_PAUSE_SECONDS` the port only looks whether it would still have to ask. That a prompt was
dismissed is not always told by the class of what a back end raises: `keyring` has one `InitError`
for a keyring that nobody wanted to make and for a service that is gone, so all of the chain counts.

What a call raises is unbounded, because back ends are plug-ins: all of it becomes a `VaultError`
here, named by its class alone, since an exception may carry the secret that it failed on.

The Secret Service. `SecretServiceKeyring` asks it in the place of `keyring`'s own back end, which
makes a new connection for each call and deletes only what is unlocked already. KeePassXC's locks
are one per entry and per connection: whoever allowed a read would be asked again for the next, and
nothing could ever be deleted. One connection is kept for as long as it works.

The choice. It is made anew after every failure. `keyring` itself chooses once and keeps `fail` for
the life of the process when the desktop's keyring starts a second later; and its walk over every
back end costs 8 MB and 50 ms more than asking for the platform's own by name, so the walk comes
last. KWallet serves the Secret Service only while it runs, and nothing starts it by that name:
where there is no other, the bus is asked to start it.

What the user chose comes first: `PYTHON_KEYRING_BACKEND`, then `keyringrc.cfg`. Only what is known
not to protect a secret is turned down even then: `keyring`'s own `null` and `fail`, everything in
`keyrings.alt` (plain files, home-made encryption, and a variant that asks for its password on a
terminal nobody sees), whatever calls itself plain text, a priority of 0 or less, and a chain that
has any of these in it.

`keyring` is imported inside the functions: they run in the worker thread, and the loop's thread
must not pay for the import.
"""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from oo_desktop.clock import Clock, SystemClock
from oo_desktop.errors import VaultError, VaultState

if TYPE_CHECKING:
    import keyring.backend
    import secretstorage
    from jeepney.io.blocking import DBusConnection  # type: ignore[import-untyped]  # has no types
    from keyring.backends.SecretService import Keyring as SecretServiceBackend

NATIVE_BACKENDS = {
    "linux": ("keyring.backends.SecretService.Keyring", "keyring.backends.kwallet.DBusKeyring"),
    "darwin": ("keyring.backends.macOS.Keyring",),
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
}
"""The platform's own keyrings, by `sys.platform`."""

SECRET_SERVICE = NATIVE_BACKENDS["linux"][0]
SECRETS_NAME = "org.freedesktop.secrets"
"""The name on the bus that the Secret Service is served by."""

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

KWALLETS = ("org.kde.kwalletd6", "org.kde.kwalletd5")
"""Names that the bus starts KWallet by, the newer first."""

KWALLET_START_SECONDS = 5.0
"""How long KWallet has to start, and to serve the Secret Service."""

log = logging.getLogger(__name__)

KWALLET_PAUSE_SECONDS = 300.0
"""Between two attempts to start it."""

KEYRING_LOCKED = "oO is waiting for your keyring. Unlock it and oO carries on by itself."
KEYRING_NOT_MADE = (
    "oO is waiting for you to make a keyring for it to keep your sign-in in. Make one when your "
    "desktop asks you, or in its password manager, and oO carries on by itself."
)
KEYRING_DENIED = (
    "oO is waiting for your keyring, which did not let it read its own entry. Allow that when you "
    "are asked, and oO carries on by itself."
)
KEYRING_SILENT = (
    "oO is waiting for your keyring, which does not answer. If it asks you for a password, answer "
    "it, and oO carries on by itself."
)

KEYRING_FAILED = (
    "Your keyring does not answer as it should. oO keeps trying. If it stays so, restart the "
    "keyring, or log out and in again."
)
KWALLET_LACKS_PLUGIN = (
    "KWallet fails because its plug-in for encryption is missing. Install QCA’s OpenSSL plug-in "
    "(on Debian and Ubuntu libqca-qt6-plugins, on older ones libqca-qt5-2-plugins) and log in "
    "again."
)

MAX_CHAIN = 10
"""Errors looked at behind one: a chain can have a ring in it."""

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


def choose_backend(start_kwallet: Callable[[], bool] = lambda: False) -> KeyringBackend:
    """Return the keyring to use now. Blocks on D-Bus. Raises VaultError: absent or insecure.

    start_kwallet: as `KWalletStarter`.
    """
    backend = _explicit(start_kwallet) or _native()
    if backend is None and start_kwallet():
        backend = _native()
    backend = backend or _best_of_all()
    if backend is None:
        raise VaultError(NO_KEYRING, state=VaultState.ABSENT)
    if is_insecure(backend):
        raise VaultError(
            f"oO keeps no token in {backend_name(backend)}, which does not protect it. Choose "
            "another keyring, such as GNOME Keyring or KWallet, and oO carries on by itself.",
            state=VaultState.INSECURE,
        )
    if backend_name(backend) == SECRET_SERVICE:
        return SecretServiceKeyring(backend)  # type: ignore[arg-type]  # its name says what it is
    return backend


def backend_name(backend: object) -> str:
    """Return the name that `PYTHON_KEYRING_BACKEND` would give to `backend`."""
    if isinstance(backend, SecretServiceKeyring):
        return SECRET_SERVICE
    return _class_name(type(backend))


def is_insecure(backend: object) -> bool:
    """Return whether `backend` is known not to protect a secret; a subclass is what it extends."""
    names = [_class_name(cls) for cls in type(backend).__mro__]
    if any(name.startswith(INSECURE_PREFIXES) or "plaintext" in name.lower() for name in names):
        return True
    if getattr(backend, "priority", 1) <= 0:
        return True
    return any(is_insecure(part) for part in getattr(backend, "backends", ()))


def lock_of(backend: KeyringBackend, service: str, username: str) -> str | None:
    """Say what the user would be asked for to reach an entry, without asking; None: for nothing.

    Blocks on D-Bus. Only the Secret Service can tell; of others it is assumed that they can be
    used.
    """
    if isinstance(backend, SecretServiceKeyring):
        return backend.lock_of(service, username)
    return None


def _explicit(start_kwallet: Callable[[], bool]) -> "keyring.backend.KeyringBackend | None":
    try:
        return _named()
    except (ImportError, AttributeError, ValueError):
        raise VaultError(
            "The keyring named by PYTHON_KEYRING_BACKEND or keyringrc.cfg cannot be loaded. "
            "Check the name.",
            state=VaultState.ABSENT,
        ) from None
    except UNAVAILABLE_ERRORS:
        with suppress(*UNAVAILABLE_ERRORS):
            if start_kwallet():
                return _named()
        raise VaultError(NO_KEYRING, state=VaultState.ABSENT) from None


def _named() -> "keyring.backend.KeyringBackend | None":
    from keyring import core

    return core.load_env() or core.load_config()


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


class KWalletStarter:
    """Asks the bus to start KWallet, once in a while and never for long."""

    def __init__(self) -> None:
        self._tried_at: float | None = None
        self._turn = threading.Lock()

    def __call__(self) -> bool:
        """Return whether KWallet was started, and serves the Secret Service."""
        with self._turn:
            now = time.monotonic()
            if self._tried_at is not None and now - self._tried_at < KWALLET_PAUSE_SECONDS:
                return False
            try:
                return self._start(now + KWALLET_START_SECONDS)
            except (ImportError, KeyError, ValueError, *UNAVAILABLE_ERRORS):
                return False  # no secretstorage, no bus, or one that does not answer

    def _start(self, end: float) -> bool:
        from jeepney import MessageType  # type: ignore[import-untyped]  # has no types
        from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]  # as above
        from jeepney.io.blocking import open_dbus_connection

        with closing(open_dbus_connection()) as bus:

            def asked(message: Any) -> Any:
                """What the bus answers; None where that is an error."""
                left = max(end - time.monotonic(), 0.1)
                reply = bus.send_and_get_reply(message, timeout=left)
                return None if reply.header.message_type is MessageType.error else reply.body[0]

            def served() -> bool:
                return bool(asked(message_bus.NameHasOwner(SECRETS_NAME)))

            startable = asked(message_bus.ListActivatableNames()) or ()
            names = [name for name in KWALLETS if name in startable]
            if not names or SECRETS_NAME in startable or served():
                return False
            self._tried_at = time.monotonic()
            if not any(asked(message_bus.StartServiceByName(name)) for name in names):
                return False
            while not served():  # it takes this name after its own
                if time.monotonic() > end:
                    return False
                time.sleep(0.05)
            return True


# The Secret Service


class SecretServiceKeyring:
    """Keeps entries in the Secret Service, as `keyring`'s own back end lays them out.

    Each call has a connection to itself: one that is free, or a new one where another call still
    hangs on it. May raise VaultError, and whatever secretstorage does.

    backend: `keyring`'s own, whose settings hold: the collection, and the names of attributes.
    """

    def __init__(self, backend: "SecretServiceBackend") -> None:
        self._backend = backend
        self._free: list[DBusConnection] = []

    def __del__(self) -> None:
        for bus in self._free:
            bus.close()

    def get_password(self, service: str, username: str) -> str | None:
        """Return the entry; None where there is none. May ask to make, to unlock or to allow."""
        with self._collection() as collection:
            for item in self._unlocked(collection, service, username):
                return item.get_secret().decode()
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write the entry: into the one that `get_password` reads, where there is one.

        Making one in its place is what KeePassXC asks about each time.
        """
        with self._collection() as collection:
            for item in self._unlocked(collection, service, username):
                item.set_secret(password.encode())
                return
            attributes = self._backend._query(  # noqa: SLF001  # nothing public tells them
                service, username, application=self._backend.appid
            )
            label = f"Password for '{username}' on '{service}'"
            collection.create_item(label, attributes, password.encode(), replace=True)

    def delete_password(self, service: str, username: str) -> None:
        """Delete the entry, and every other that would be read in its place."""
        with self._collection() as collection:
            for item in list(self._unlocked(collection, service, username)):
                item.delete()

    def lock_of(self, service: str, username: str) -> str | None:
        """Say what the user would be asked for to reach an entry, without asking."""
        import secretstorage

        with self._connection() as bus:
            try:
                collection = self._existing(bus)
            except secretstorage.ItemNotFoundException:
                return KEYRING_NOT_MADE
            if collection.is_locked():
                return KEYRING_LOCKED
            items = self._items(collection, service, username)
            return KEYRING_DENIED if any(item.is_locked() for item in items) else None

    @contextmanager
    def _collection(self) -> "Iterator[secretstorage.Collection]":
        """The unlocked collection, made where there is none: the user is asked for either."""
        import secretstorage

        with self._connection() as bus:
            try:
                collection = self._existing(bus)
            except secretstorage.ItemNotFoundException:
                try:
                    collection = secretstorage.get_default_collection(bus)
                except secretstorage.PromptDismissedException:
                    raise VaultError(KEYRING_NOT_MADE, state=VaultState.LOCKED) from None
            if collection.is_locked() and (collection.unlock() or collection.is_locked()):
                raise VaultError(KEYRING_LOCKED, state=VaultState.LOCKED)
            yield collection

    def _existing(self, bus: "DBusConnection") -> "secretstorage.Collection":
        import secretstorage

        path = getattr(self._backend, "preferred_collection", None)
        return secretstorage.Collection(bus, *([] if path is None else [path]))

    def _items(
        self, collection: "secretstorage.Collection", service: str, username: str
    ) -> "Iterator[secretstorage.Item]":
        query = self._backend._query(service, username)  # noqa: SLF001  # as above
        return collection.search_items(query)

    def _unlocked(
        self, collection: "secretstorage.Collection", service: str, username: str
    ) -> "Iterator[secretstorage.Item]":
        for item in self._items(collection, service, username):
            if item.is_locked() and (item.unlock() or item.is_locked()):
                raise VaultError(KEYRING_DENIED, state=VaultState.LOCKED)
            yield item

    @contextmanager
    def _connection(self) -> "Iterator[DBusConnection]":
        """A connection of one's own; the last to be given back is the next to be taken."""
        import secretstorage

        try:
            bus = self._free.pop()
        except IndexError:
            bus = secretstorage.dbus_init()
        try:
            yield bus
        except VaultError:
            self._free.append(bus)  # it works; the user does not want
            raise
        except BaseException:
            bus.close()
            raise
        self._free.append(bus)


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

    choose: finds the back end, by default `choose_backend`; called in the worker thread, again
        after every failure.
    lock: says what the user would be asked for to reach an entry (its service and user name),
        without asking; called in the worker thread.
    deadline: seconds a call may take.
    returned: called when a late call came back after all, so that whoever waits can try again now.
    """

    def __init__(
        self,
        *,
        choose: Callable[[], KeyringBackend] | None = None,
        lock: Callable[[KeyringBackend, str, str], str | None] = lock_of,
        clock: Clock | None = None,
        deadline: float = CALL_DEADLINE_SECONDS,
        returned: Callable[[], None] = lambda: None,
    ) -> None:
        self.returned = returned
        self._choose = choose or partial(choose_backend, KWalletStarter())
        self._lock = lock
        self._clock = clock or SystemClock()
        self._deadline = deadline
        self._backend: KeyringBackend | None = None
        self._turn = asyncio.Lock()
        self._running: list[_KeyringCall] = []
        self._dismissed_at: dict[_EntryName, float] = {}

    @property
    def name(self) -> str:
        """Return the class of the back end that answered last; empty before the first answer."""
        return backend_name(self._backend) if self._backend is not None else ""

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
                    raise VaultError(KEYRING_SILENT, state=VaultState.SILENT)
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
            raise VaultError(KEYRING_SILENT, state=VaultState.SILENT)
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
                return _CallOutcome(backend, error=VaultError(lock, state=VaultState.LOCKED))
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


def _vault_error(error: BaseException) -> VaultError:
    """What `error`, or what it was raised from, means; in words that hold no part of it."""
    chain = list(_chain(error))
    for each in chain:
        if isinstance(each, VaultError):
            return VaultError(str(each), state=each.state)
        for cls in type(each).__mro__:
            state = STATE_OF_ERROR.get(cls.__name__)
            if state is not None:
                return VaultError(_words(state, made_from=error), state=state)
    # What KDE's wallet says through the bus, where it comes without what it encrypts with:
    # "createDLGroup failed: maybe libqca-ossl is missing".
    if any("libqca" in str(each) for each in chain):
        return VaultError(KWALLET_LACKS_PLUGIN)
    log.info("the keyring failed: %s", type(error).__name__)
    return VaultError(KEYRING_FAILED)


def _words(state: VaultState, *, made_from: BaseException) -> str:
    if state is not VaultState.LOCKED:
        return NO_KEYRING
    names = {cls.__name__ for cls in type(made_from).__mro__}
    return KEYRING_NOT_MADE if "InitError" in names else KEYRING_LOCKED


def _chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and what it was raised from, and so on."""
    found: BaseException | None = error
    for _ in range(MAX_CHAIN):
        if found is None:
            return
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
