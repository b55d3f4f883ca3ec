"""Show the keyring as its owner sees it: locked, unlocked, and what lies in it.

Spoken to over the Secret Service (https://specifications.freedesktop.org/secret-service-spec/),
apart from `keyring`, so that a test reads with other code than the app writes with.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.desktop.bus import Bus

SERVICE = "org.freedesktop.secrets"
SERVICE_PATH = "/org/freedesktop/secrets"
LOGIN = "/org/freedesktop/secrets/collection/login"
INTERFACE = "org.freedesktop.Secret"
PASSWORD = "the session's password"
"""Opens the login keyring of the test session, and nothing else."""


@dataclass(frozen=True)
class Entry:
    """Is one secret, with what it can be found by."""

    label: str
    attributes: dict[str, str]
    secret: str = field(repr=False)


class Keyring:
    """Is the login keyring of the session."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def _call(self, path: str, kind: str, member: str, signature: str = "", *args: object) -> Any:
        return self._bus.call(SERVICE, path, f"{INTERFACE}.{kind}", member, signature, *args)

    def _session(self) -> str:
        """A session for this connection; secrets pass it unencrypted, on our own bus."""
        reply = self._call(SERVICE_PATH, "Service", "OpenSession", "sv", "plain", ("s", ""))
        return str(reply[1])

    @property
    def locked(self) -> bool:
        return bool(self._bus.get(SERVICE, LOGIN, f"{INTERFACE}.Collection", "Locked"))

    def lock(self) -> None:
        self._call(SERVICE_PATH, "Service", "Lock", "ao", [LOGIN])
        assert self.locked, "the keyring did not lock"

    def unlock(self) -> None:
        """Do what the login does with the user's password; no dialog."""
        master = (self._session(), b"", PASSWORD.encode(), "text/plain")
        self._bus.call(
            SERVICE,
            SERVICE_PATH,
            "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
            "UnlockWithMasterPassword",
            "o(oayays)",
            LOGIN,
            master,
        )
        assert not self.locked, "the keyring did not unlock"

    def entries(self) -> list[Entry]:
        """Return everything in it."""
        session = self._session()
        return [self._entry(path, session) for path in self._items()]

    def _items(self) -> list[str]:
        items: list[str] = self._bus.get(SERVICE, LOGIN, f"{INTERFACE}.Collection", "Items")
        return items

    def _entry(self, path: str, session: str) -> Entry:
        kind = f"{INTERFACE}.Item"
        _session, _parameters, value, _type = self._call(path, "Item", "GetSecret", "o", session)[0]
        return Entry(
            label=str(self._bus.get(SERVICE, path, kind, "Label")),
            attributes=dict(self._bus.get(SERVICE, path, kind, "Attributes")),
            secret=bytes(value).decode(),
        )

    def clear(self) -> None:
        """Delete everything in it."""
        for path in self._items():
            self._call(path, "Item", "Delete")

    def store(self, label: str, attributes: dict[str, str], secret: str) -> None:
        """Put a secret in, as another program does."""
        properties = {
            f"{INTERFACE}.Item.Label": ("s", label),
            f"{INTERFACE}.Item.Attributes": ("a{ss}", attributes),
        }
        value = (self._session(), b"", secret.encode(), "text/plain")
        self._call(LOGIN, "Collection", "CreateItem", "a{sv}(oayays)b", properties, value, True)
