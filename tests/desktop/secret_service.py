"""Stand in for a Secret Service whose locks are one per entry and per connection: KeePassXC's.

As KeePassXC 2.7.4 was seen to do it: the collection is open; whose connection an entry has not been
allowed finds it locked, and is asked about; what is locked is not deleted; putting a new entry in
the place of one asks each time, and writing into one that is allowed does not.
"""

import contextlib
import threading
from dataclasses import dataclass, field
from typing import Any

import jeepney  # type: ignore[import-untyped]  # has no types
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # as above

from tests.desktop.bus import Bus
from tests.desktop.keyring_daemon import INTERFACE, SERVICE

COLLECTION = "/org/freedesktop/secrets/aliases/default"
PROMPT = "/org/freedesktop/secrets/prompt"
ERROR = "org.freedesktop.DBus.Error"

Reply = tuple[str, tuple[Any, ...]]
"""A signature, and what it is of."""


class Refused(Exception):
    """Answers a call with the D-Bus error of this name."""


@dataclass
class StoredEntry:
    """Is one secret, and the connections that may reach it."""

    attributes: dict[str, str]
    secret: bytes = field(repr=False)
    allowed: set[str] = field(default_factory=set)


class ItemLocks:
    """Serves the entries until it is closed.

    allows: how a person answers who is asked. prompts: how often they were.
    """

    def __init__(self, address: str) -> None:
        self.allows = True
        self.prompts = 0
        self.entries: dict[str, StoredEntry] = {}
        self._numbers = 0
        self._asked: dict[str, tuple[str, list[str]]] = {}
        self._connection = open_dbus_connection(address)
        self._thread = threading.Thread(target=self._serve, name="item locks", daemon=True)
        self._thread.start()
        bus = Bus(address)
        bus.await_owner(SERVICE)
        bus.close()

    def close(self) -> None:
        """Leave the bus."""
        with contextlib.suppress(OSError):  # the bus was the first to go
            self._connection.sock.shutdown(2)
        self._thread.join(5)
        self._connection.close()

    def _serve(self) -> None:
        try:
            name = jeepney.bus_messages.message_bus.RequestName(SERVICE)
            self._connection.send_and_get_reply(name)
            while True:
                message = self._connection.receive()
                if message.header.message_type is jeepney.MessageType.method_call:
                    self._meet(message)
        except (OSError, EOFError, ValueError, KeyError):  # closed, by us or with its bus
            return

    def _meet(self, message: Any) -> None:
        fields = message.header.fields
        member = fields[jeepney.HeaderFields.member]
        path = fields[jeepney.HeaderFields.path]
        sender = fields[jeepney.HeaderFields.sender]
        try:
            answer = self._of_item if path in self.entries else self._of_service
            signature, body = answer(member, path, sender, message.body)
        except Refused as error:
            self._connection.send(jeepney.new_error(message, str(error)))
            return
        self._connection.send(jeepney.new_method_return(message, signature or None, body))
        if member == "Prompt":
            self._complete(path)

    def _of_service(self, member: str, path: str, sender: str, body: tuple[Any, ...]) -> Reply:
        match member:
            case "Get" if path == COLLECTION:
                return "v", (("b", False) if body[1] == "Locked" else ("s", "Default"),)
            case "OpenSession" if body[0] == "plain":
                return "vo", (("s", ""), "/session")
            case "OpenSession":
                raise Refused(f"{ERROR}.NotSupported")
            case "SearchItems":
                wanted = body[0].items()
                found = (p for p, e in self.entries.items() if wanted <= e.attributes.items())
                return "ao", ([*found],)
            case "Unlock":
                closed = [p for p in body[0] if self._is_locked(p, sender)]
                opened = [p for p in body[0] if p not in closed]
                return "aoo", (opened, self._prompt(sender, closed) if closed else "/")
            case "Prompt":
                self.prompts += 1
                return "", ()
            case "CreateItem":
                return "oo", self._create(sender, *body)
            case _:
                raise Refused(f"{ERROR}.UnknownObject")

    def _of_item(self, member: str, path: str, sender: str, body: tuple[Any, ...]) -> Reply:
        locked = self._is_locked(path, sender)
        match member:
            case "Get":
                return "v", (("b", locked) if body[1] == "Locked" else ("s", "An entry"),)
            case _ if locked:
                raise Refused("org.freedesktop.Secret.Error.IsLocked")
            case "GetSecret":
                secret = self.entries[path].secret
                return "(oayays)", ((body[0], b"", secret, "text/plain"),)
            case "SetSecret":
                self.entries[path].secret = bytes(body[0][2])
                return "", ()
            case "Delete":
                del self.entries[path]
                return "o", ("/",)
            case _:
                raise Refused(f"{ERROR}.UnknownMethod")

    def _is_locked(self, path: str, sender: str) -> bool:
        return path in self.entries and sender not in self.entries[path].allowed

    def _create(self, sender: str, properties: Any, secret: Any, replace: bool) -> tuple[str, str]:
        attributes = dict(properties[f"{INTERFACE}.Item.Attributes"][1])
        there = [p for p, e in self.entries.items() if e.attributes == attributes]
        if there and replace:
            return "/", self._prompt(sender, there)
        self._numbers += 1
        path = f"/org/freedesktop/secrets/collection/one/{self._numbers}"
        self.entries[path] = StoredEntry(attributes, bytes(secret[2]), {sender})
        return path, "/"

    def _prompt(self, sender: str, paths: list[str]) -> str:
        path = f"{PROMPT}/{len(self._asked)}"
        self._asked[path] = (sender, paths)
        return path

    def _complete(self, prompt: str) -> None:
        sender, paths = self._asked[prompt]
        for each in paths if self.allows else ():
            self.entries[each].allowed.add(sender)
        emitter = jeepney.DBusAddress(prompt, interface=f"{INTERFACE}.Prompt")
        body = (not self.allows, ("ao", paths if self.allows else []))
        self._connection.send(jeepney.new_signal(emitter, "Completed", "bv", body))
