"""Show the session bus as a test sees it: calls as any desktop part makes them, and a record of
everything that passed.

jeepney (it comes with `keyring`) is synchronous, which suits a test that watches another process.
"""

import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jeepney  # type: ignore[import-untyped]  # ships no types; this module is the typed door to it
from jeepney.io.blocking import (  # type: ignore[import-untyped]  # as above
    DBusConnection,
    open_dbus_connection,
)

from tests.desktop.programs import wait_until

DAEMON = "org.freedesktop.DBus"
DAEMON_PATH = "/org/freedesktop/DBus"
PROPERTIES = "org.freedesktop.DBus.Properties"


class BusError(AssertionError):
    """Says that a call was answered with an error; `name` is the D-Bus error name."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name


def listens(path: Path) -> bool:
    """Whether somebody takes connections at this socket: it is bound a moment before it listens."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


class Bus:
    """Is a connection for method calls. One test, one thread."""

    def __init__(self, address: str) -> None:
        self._connection: DBusConnection = open_dbus_connection(address)

    def call(
        self,
        destination: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        *arguments: object,
        timeout: float = 5,
    ) -> tuple[Any, ...]:
        """Call a method, return what it returned; raises BusError, or TimeoutError."""
        address = jeepney.DBusAddress(path, bus_name=destination, interface=interface)
        message = jeepney.new_method_call(address, member, signature or None, arguments)
        reply = self._connection.send_and_get_reply(message, timeout=timeout)
        if reply.header.message_type is jeepney.MessageType.error:
            fields = reply.header.fields
            name = fields.get(jeepney.HeaderFields.error_name, "unknown error")
            raise BusError(str(name), " ".join(map(str, reply.body)))
        body: tuple[Any, ...] = reply.body
        return body

    def daemon(self, member: str, signature: str = "", *arguments: object) -> tuple[Any, ...]:
        return self.call(DAEMON, DAEMON_PATH, DAEMON, member, signature, *arguments)

    def get(self, destination: str, path: str, interface: str, name: str) -> Any:
        """Return a property's value, without its variant's signature."""
        reply = self.call(destination, path, PROPERTIES, "Get", "ss", interface, name)
        return reply[0][1]

    def owner(self, name: str) -> str | None:
        """Return the unique name that owns `name`, if any does. Never starts a service."""
        try:
            return str(self.daemon("GetNameOwner", "s", name)[0])
        except BusError as error:
            if error.name.endswith("NameHasNoOwner"):
                return None
            raise

    def await_owner(self, name: str, *, within: float = 10) -> str:
        return wait_until(lambda: self.owner(name), f"an owner of {name}", within=within)

    def await_no_owner(self, name: str, *, within: float = 10) -> None:
        wait_until(lambda: self.owner(name) is None, f"{name} to be given up", within=within)

    def pid_of(self, name: str) -> int | None:
        """Return the process behind a name; None when it is gone."""
        try:
            return int(self.daemon("GetConnectionUnixProcessID", "s", name)[0])
        except BusError:
            return None

    def names_of(self, pid: int) -> set[str]:
        """Return the unique names of a process (it may hold several connections)."""
        names: list[str] = self.daemon("ListNames")[0]
        return {name for name in names if name.startswith(":") and self.pid_of(name) == pid}

    def close(self) -> None:
        self._connection.close()

    @property
    def unique_name(self) -> str:
        return str(self._connection.unique_name)


@dataclass(frozen=True)
class Passed:
    """Is one message that went over the bus."""

    kind: str
    """`method_call`, `method_return`, `error` or `signal`."""
    sender: str
    destination: str
    path: str
    interface: str
    member: str
    serial: int
    reply_to: int
    body: tuple[Any, ...] = field(repr=False)
    at: float = field(default_factory=time.perf_counter, repr=False)
    """When it was recorded, in `time.perf_counter` seconds."""


class BusRecord:
    """Records everything that passes over the bus, in its order, from the moment this is made."""

    def __init__(self, address: str) -> None:
        self._connection: DBusConnection = open_dbus_connection(address)
        become = jeepney.new_method_call(
            jeepney.DBusAddress(
                DAEMON_PATH, bus_name=DAEMON, interface="org.freedesktop.DBus.Monitoring"
            ),
            "BecomeMonitor",
            "asu",
            ([], 0),
        )
        self._connection.send_and_get_reply(become, timeout=5)
        self._passed: list[Passed] = []
        self._bus = Bus(address)
        self._pings = 0
        self._thread = threading.Thread(target=self._read, name="bus record", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                message = self._connection.receive()
            except (OSError, ValueError, KeyError):  # closed, by us or with its bus
                return
            self._passed.append(_passed_from_message(message))

    def mark(self) -> int:
        """Mark this moment; everything sent before it has been recorded."""
        self._pings += 1
        nobody = f"nobody.at.all.n{self._pings}"
        self._bus.owner(nobody)
        wait_until(
            lambda: any(p.body == (nobody,) for p in reversed(self._passed)), "the bus record"
        )
        return len(self._passed)

    def since(self, mark: int = 0) -> list[Passed]:
        """Return what passed after `mark`, but for this record's own questions."""
        self.mark()
        own = self._bus.unique_name
        return [p for p in self._passed[mark:] if own not in (p.sender, p.destination)]

    def sent_by(self, pid: int, mark: int = 0) -> list[Passed]:
        """Return what the process sent after `mark`, over any of its connections still open."""
        names = self._bus.names_of(pid)
        return [passed for passed in self.since(mark) if passed.sender in names]

    def close(self) -> None:
        self._bus.close()
        self._connection.sock.shutdown(2)
        self._thread.join(5)
        self._connection.close()


def _passed_from_message(message: Any) -> Passed:
    fields = message.header.fields
    names = jeepney.HeaderFields
    return Passed(
        kind=message.header.message_type.name,
        sender=fields.get(names.sender, ""),
        destination=fields.get(names.destination, ""),
        path=fields.get(names.path, ""),
        interface=fields.get(names.interface, ""),
        member=fields.get(names.member, ""),
        serial=message.header.serial,
        reply_to=fields.get(names.reply_serial, 0),
        body=message.body,
    )
