"""Which of the machine's keyrings holds the tokens, and which may never.

Choosing is done anew after every failure. `keyring` itself chooses once and keeps `fail` for the
life of the process when the desktop's keyring starts a second later; and its walk over every back
end costs 8 MB and 50 ms more than asking for the platform's own by name, so the walk comes last.

What the user chose comes first: `PYTHON_KEYRING_BACKEND`, then `keyringrc.cfg`. Only what is known
not to protect a secret is refused even then: `keyring`'s own `null` and `fail`, everything in
`keyrings.alt` (plain files, home-made encryption, and a variant that asks for its password on a
terminal nobody sees), whatever calls itself plain text, a priority of 0 or less, and a chain that
has any of these in it.

`keyring` is imported inside the functions: they run in the worker thread of `keyring_port`, and
the loop's thread must not pay for the import.
"""

import sys
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from oo_desktop.errors import VaultError, VaultState

if TYPE_CHECKING:
    import keyring.backend

NATIVE = {
    "linux": ("keyring.backends.SecretService.Keyring", "keyring.backends.kwallet.DBusKeyring"),
    "darwin": ("keyring.backends.macOS.Keyring",),
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
}
"""The platform's own keyrings, by `sys.platform`."""

SECRET_SERVICE = NATIVE["linux"][0]

REFUSED = ("keyring.backends.null.", "keyring.backends.fail.", "keyrings.alt.")
"""What a back end's name begins with when it is known not to protect a secret."""

NOT_HERE = (RuntimeError, OSError, EOFError)
"""How a back end says that it cannot be used here and now: in `keyring`'s own way, or because the
session bus is gone."""

ABSENT = (
    "oO found no keyring to keep your sign-in safe in. Install or start one, such as GNOME Keyring "
    "(gnome-keyring) or KWallet, and oO carries on by itself."
)


class KeyringBackend(Protocol):
    """What oO needs of a keyring: three blocking calls, as `keyring` defines them."""

    def get_password(self, service: str, username: str, /) -> str | None: ...

    def set_password(self, service: str, username: str, password: str, /) -> None: ...

    def delete_password(self, service: str, username: str, /) -> None: ...


class MemoryKeyring:
    """A keyring that forgets everything with its process: for the demo and for tests."""

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


def choose_backend() -> KeyringBackend:
    """The keyring to use now. Blocks on D-Bus. Raises VaultError: absent or insecure."""
    backend = _explicit() or _native() or _best_of_all()
    if backend is None:
        raise VaultError(ABSENT, state=VaultState.ABSENT)
    if is_insecure(backend):
        raise VaultError(
            f"oO keeps no token in {backend_name(backend)}, which does not protect it. Choose "
            "another keyring, such as GNOME Keyring or KWallet, and oO carries on by itself.",
            state=VaultState.INSECURE,
        )
    return backend


def backend_name(backend: object) -> str:
    """The name that `PYTHON_KEYRING_BACKEND` would give to `backend`."""
    return _class_name(type(backend))


def is_insecure(backend: object) -> bool:
    """Whether `backend` is known not to protect what it is given; a subclass is what it extends."""
    names = [_class_name(cls) for cls in type(backend).__mro__]
    if any(name.startswith(REFUSED) or "plaintext" in name.lower() for name in names):
        return True
    if getattr(backend, "priority", 1) <= 0:
        return True
    return any(is_insecure(part) for part in getattr(backend, "backends", ()))


def is_locked(backend: object) -> bool:
    """Whether `backend` would have to ask the user, found out without asking. Blocks on D-Bus.

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
    except NOT_HERE:
        raise VaultError(ABSENT, state=VaultState.ABSENT) from None


def _native() -> "keyring.backend.KeyringBackend | None":
    # By priority among themselves: on KDE's desktop KWallet comes before the Secret Service.
    return max(_natives(), key=lambda backend: backend.priority, default=None)


def _natives() -> "Iterator[keyring.backend.KeyringBackend]":
    from keyring import core

    for name in NATIVE.get(sys.platform, ()):
        try:
            yield core.load_keyring(name)
        except (ImportError, *NOT_HERE):
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
        except (TypeError, *NOT_HERE):  # TypeError: it needs arguments, and is not to be chosen
            continue
        if usable and not isinstance(found, ChainerBackend) and not is_insecure(found):
            yield found


def _class_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
