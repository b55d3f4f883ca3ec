"""Choose the OS keyring, and speak to it: what runs in the keyring's own process.

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

What a call raises is unbounded, because back ends are plug-ins: all of it becomes a `Hindrance`
here, since an exception may carry the secret that it failed on. The sentences for people are
elsewhere (`keyring.py`): this process knows nothing of the person's language.

`keyring` is imported inside the functions, so that oO's own process may import this module.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from oo_desktop.errors import VaultState

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

KWALLETS = ("org.kde.kwalletd6", "org.kde.kwalletd5")
"""Names that the bus starts KWallet by, the newer first."""

KWALLET_START_SECONDS = 5.0
"""How long KWallet has to start, and to serve the Secret Service."""

MAX_CHAIN = 10
"""Errors looked at behind one: a chain can have a ring in it."""


class Hindrance(StrEnum):
    """Names what stands between oO and a keyring."""

    LOCKED = "locked"
    NOT_MADE = "not made"
    """There is a service and no keyring yet, and nobody has agreed to make one."""
    DENIED = "denied"
    """This entry has a lock of its own, and nobody has opened it."""
    ABSENT = "absent"
    NOT_LOADED = "not loaded"
    """The back end that the user named cannot be imported."""
    INSECURE = "insecure"
    KWALLET_LACKS_PLUGIN = "kwallet lacks plug-in"
    FAILED = "failed"

    @property
    def state(self) -> VaultState:
        """Return what it means for the vault."""
        match self:
            case Hindrance.LOCKED | Hindrance.NOT_MADE | Hindrance.DENIED:
                return VaultState.LOCKED
            case Hindrance.ABSENT | Hindrance.NOT_LOADED:
                return VaultState.ABSENT
            case Hindrance.INSECURE:
                return VaultState.INSECURE
            case _:
                return VaultState.FAILED


class Hindered(Exception):
    """Says that the keyring cannot be used now.

    about: the name of the back end in question, or of the class of what it raised.
    """

    def __init__(self, hindrance: Hindrance, about: str = "") -> None:
        super().__init__(hindrance)
        self.hindrance = hindrance
        self.about = about


HINDRANCE_OF_ERROR = {
    "KeyringLocked": Hindrance.LOCKED,
    "LockedException": Hindrance.LOCKED,
    "PromptDismissedException": Hindrance.LOCKED,
    "NoKeyringError": Hindrance.ABSENT,
    "SecretServiceNotAvailableException": Hindrance.ABSENT,
}
"""By class name, for what defines these classes may not be there."""


class KeyringBackend(Protocol):
    """Offers what oO needs of a keyring: three blocking calls, as `keyring` defines them."""

    def get_password(self, service: str, username: str, /) -> str | None: ...

    def set_password(self, service: str, username: str, password: str, /) -> None: ...

    def delete_password(self, service: str, username: str, /) -> None: ...


# Which keyring


def choose_backend(start_kwallet: Callable[[], bool] = lambda: False) -> KeyringBackend:
    """Return the keyring to use now. Blocks on D-Bus. Raises Hindered: absent or insecure.

    start_kwallet: asks for KWallet where there is nothing else, as `start_kwallet` does.
    """
    backend = _explicit(start_kwallet) or _native()
    if backend is None and start_kwallet():
        backend = _native()
    backend = backend or _best_of_all()
    if backend is None:
        raise Hindered(Hindrance.ABSENT)
    if is_insecure(backend):
        raise Hindered(Hindrance.INSECURE, backend_name(backend))
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


def lock_of(backend: KeyringBackend, service: str, username: str) -> Hindrance | None:
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
        raise Hindered(Hindrance.NOT_LOADED) from None
    except UNAVAILABLE_ERRORS:
        with suppress(*UNAVAILABLE_ERRORS):
            if start_kwallet():
                return _named()
        raise Hindered(Hindrance.ABSENT) from None


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


def start_kwallet() -> bool:
    """Ask the bus to start KWallet, and wait a while; return whether it serves the Secret Service.

    Does nothing where another serves that, or could be started to.
    """
    try:
        return _start_kwallet(time.monotonic() + KWALLET_START_SECONDS)
    except (ImportError, KeyError, ValueError, *UNAVAILABLE_ERRORS):
        return False  # no secretstorage, no bus, or one that does not answer


def _start_kwallet(end: float) -> bool:
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
    hangs on it. May raise Hindered, and whatever secretstorage does.

    backend: `keyring`'s own, whose settings hold: the collection, and the names of attributes.
    """

    def __init__(self, backend: "SecretServiceBackend") -> None:
        self._backend = backend
        self._free: list[DBusConnection] = []
        self.holds_consent = False
        """Whether somebody has opened an entry's own lock: for this connection, and no other."""

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

    def lock_of(self, service: str, username: str) -> Hindrance | None:
        """Say what the user would be asked for to reach an entry, without asking."""
        import secretstorage

        with self._connection() as bus:
            try:
                collection = self._existing(bus)
            except secretstorage.ItemNotFoundException:
                return Hindrance.NOT_MADE
            if collection.is_locked():
                return Hindrance.LOCKED
            items = self._items(collection, service, username)
            return Hindrance.DENIED if any(item.is_locked() for item in items) else None

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
                    raise Hindered(Hindrance.NOT_MADE) from None
            if collection.is_locked() and (collection.unlock() or collection.is_locked()):
                raise Hindered(Hindrance.LOCKED)
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
            if item.is_locked():
                if item.unlock() or item.is_locked():
                    raise Hindered(Hindrance.DENIED)
                self.holds_consent = True
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
        except Hindered:
            self._free.append(bus)  # it works; the user does not want
            raise
        except BaseException:
            bus.close()
            raise
        self._free.append(bus)


# What went wrong


def hindrance_of(error: BaseException) -> Hindered:
    """Return what `error`, or what it was raised from, means; in words that hold no part of it.

    That a prompt was dismissed is not always told by the class of what a back end raises: `keyring`
    has one `InitError` for a keyring that nobody wanted to make and for a service that is gone, so
    all of the chain counts.
    """
    chain = list(_chain(error))
    for each in chain:
        if isinstance(each, Hindered):
            return Hindered(each.hindrance, each.about)
        for cls in type(each).__mro__:
            hindrance = HINDRANCE_OF_ERROR.get(cls.__name__)
            if hindrance is not None:
                return Hindered(_made_or_locked(hindrance, made_from=error))
    # What KDE's wallet says through the bus, where it comes without what it encrypts with:
    # "createDLGroup failed: maybe libqca-ossl is missing".
    if any("libqca" in str(each) for each in chain):
        return Hindered(Hindrance.KWALLET_LACKS_PLUGIN)
    return Hindered(Hindrance.FAILED, type(error).__name__)


def _made_or_locked(hindrance: Hindrance, *, made_from: BaseException) -> Hindrance:
    names = {cls.__name__ for cls in type(made_from).__mro__}
    if hindrance is Hindrance.LOCKED and "InitError" in names:
        return Hindrance.NOT_MADE
    return hindrance


def _chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and what it was raised from, and so on."""
    found: BaseException | None = error
    for _ in range(MAX_CHAIN):
        if found is None:
            return
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
