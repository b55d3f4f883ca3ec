"""Speaks to Evolution Data Server over the session bus: calls, and the signals it may hear.

Raw messages of dbus-fast, for two reasons. Its proxy objects ask each object for a description
first, and they listen to whole interfaces: on that of a source the registry sends `Authenticate`,
with a password in clear, to whoever listens. `MatchRule` can name no rule that would receive it.

Nothing that passes over the bus is ever logged here, nor is it in an error: an error tells by its
code alone (its text is the service's, in the user's language).
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from oo_desktop.connectors.desktop.wire import (
    OBJECT_MANAGER_INTERFACE,
    PROPERTIES_INTERFACE,
    VIEW_INTERFACE,
)
from oo_desktop.errors import Unavailable
from oo_desktop.language import translated, untranslated

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

BUS_NAME = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"
BUS_INTERFACE = "org.freedesktop.DBus"

READ_SECONDS = 8.0
"""What a read may take, unless somebody says otherwise."""

CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 1.0

NO_BUS = untranslated(
    "This session has no D-Bus, over which the calendars of this computer are read."
)

_HEARD = frozenset({OBJECT_MANAGER_INTERFACE, PROPERTIES_INTERFACE, VIEW_INTERFACE, BUS_INTERFACE})
"""The interfaces whose signals carry no secret. That of a source is not among them."""

_IN_A_RULE = re.compile(r"[A-Za-z0-9_./:-]{1,255}")

Handler = Callable[[str, str, Sequence[Any]], None]
"""Is told path, member and body of a signal. Must not raise."""


class EdsCode(StrEnum):
    """Names what went wrong with a call."""

    GONE = "gone"
    """No such object, or no such zone."""
    INVALID = "invalid"
    EXISTS = "exists"
    SIGN_IN = "sign_in"
    DENIED = "denied"
    NOT_SUPPORTED = "not_supported"
    BAD_QUERY = "bad_query"
    OUT_OF_SYNC = "out_of_sync"
    OFFLINE = "offline"
    NO_SOURCE = "no_source"
    WRONG_KIND = "wrong_kind"
    REFUSED_CONNECTION = "refused_connection"
    """The list's own server cannot be reached."""
    TIMED_OUT = "timed_out"
    """The list's own server did not answer, or the service itself did not in time."""
    NO_OBJECT = "no_object"
    """The list or view is not open any more: the service was started anew."""
    NO_REPLY = "no_reply"
    """The service, or the bus, went away during the call."""
    NO_SERVICE = "no_service"
    OTHER = "other"


class EdsError(Exception):
    """Says that a call failed. code: why."""

    def __init__(self, code: EdsCode) -> None:
        super().__init__(code.value)
        self.code = code


_CODES = {
    # libedataserver/e-client-enums.h, EClientError
    ("e_client_error", 4): EdsCode.SIGN_IN,
    ("e_client_error", 5): EdsCode.SIGN_IN,
    ("e_client_error", 6): EdsCode.OFFLINE,
    ("e_client_error", 7): EdsCode.OFFLINE,
    ("e_client_error", 8): EdsCode.DENIED,
    ("e_client_error", 11): EdsCode.NOT_SUPPORTED,
    ("e_client_error", 16): EdsCode.BAD_QUERY,
    ("e_client_error", 21): EdsCode.OUT_OF_SYNC,
    # libecal/e-cal-client.h, ECalClientError
    ("e_cal_client_error", 1): EdsCode.GONE,
    ("e_cal_client_error", 2): EdsCode.INVALID,
    ("e_cal_client_error", 4): EdsCode.EXISTS,
    # docs.gtk.org/gio/error.IOErrorEnum.html
    ("g_io_error", 1): EdsCode.NO_SOURCE,
    ("g_io_error", 15): EdsCode.WRONG_KIND,
    ("g_io_error", 24): EdsCode.TIMED_OUT,
    ("g_io_error", 28): EdsCode.REFUSED_CONNECTION,
    ("g_io_error", 37): EdsCode.REFUSED_CONNECTION,
    ("g_io_error", 38): EdsCode.REFUSED_CONNECTION,
    ("g_io_error", 39): EdsCode.REFUSED_CONNECTION,
}

_BUS_CODES = {
    "UnknownMethod": EdsCode.NO_OBJECT,
    "UnknownObject": EdsCode.NO_OBJECT,
    "UnknownInterface": EdsCode.NO_OBJECT,
    "NoReply": EdsCode.NO_REPLY,
    "Disconnected": EdsCode.NO_REPLY,
    "Timeout": EdsCode.TIMED_OUT,
    "TimedOut": EdsCode.TIMED_OUT,
    "AccessDenied": EdsCode.DENIED,
    "ServiceUnknown": EdsCode.NO_SERVICE,
    "NameHasNoOwner": EdsCode.NO_SERVICE,
    "Spawn": EdsCode.NO_SERVICE,
}

_UNNAMED_ERROR = re.compile(r"org\.gtk\.GDBus\.UnmappedGError\.Quark\._(\w{1,100})\.Code(\d{1,5})")
_ESCAPED_LETTER = re.compile("_([0-9a-f]{2})")


def code_from_error_name(name: str) -> EdsCode:
    """Return what the name of a D-Bus error means.

    GDBus encodes an error that has no name by its domain, of which each character that is no letter
    is `_` and two hex digits (g_dbus_error_encode_gerror).
    """
    if found := _UNNAMED_ERROR.fullmatch(name):
        domain = _ESCAPED_LETTER.sub(lambda letter: chr(int(letter[1], 16)), found[1])
        domain = domain.removesuffix("-quark").replace("-", "_")
        return _CODES.get((domain, int(found[2])), EdsCode.OTHER)
    kind = name.removeprefix("org.freedesktop.DBus.Error.")
    if kind == name:
        return EdsCode.OTHER
    return _BUS_CODES.get(kind.partition(".")[0], EdsCode.OTHER)


class MatchRule(Struct, frozen=True):
    """Names signals to be heard. Raises ValueError for any that might carry a secret.

    sender: a bus name. path, member, arg0: None: any; arg0 is the first argument, a text.
    """

    sender: str
    interface: str
    path: str | None = None
    member: str | None = None
    arg0: str | None = None

    def __post_init__(self) -> None:
        if self.interface not in _HEARD:
            raise ValueError("not a rule of ours")
        if any(_IN_A_RULE.fullmatch(value) is None for _, value in self._keys()):
            raise ValueError("not in a rule")

    def _keys(self) -> Iterator[tuple[str, str]]:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is not None:
                yield name, value

    @property
    def text(self) -> str:
        """Return it as the bus takes it (D-Bus Specification, "Match Rules")."""
        return ",".join(["type='signal'", *(f"{name}='{value}'" for name, value in self._keys())])

    def fits(self, message: "Message") -> bool:
        """Return whether a signal is one of these.

        That it is from `sender` only the bus can tell, unless that is the bus itself. Another
        program may send its like to oO alone, so a signal tells only that it is time to ask.
        """
        if self.sender == BUS_NAME and message.sender != BUS_NAME:
            return False
        return (
            message.interface == self.interface
            and self.path in (None, message.path)
            and self.member in (None, message.member)
            and (self.arg0 is None or message.body[:1] == [self.arg0])
        )


class Listening:
    """Holds a rule while it is listened to."""

    def __init__(self, bus: "DesktopBus", rule: MatchRule, handler: Handler) -> None:
        self._bus = bus
        self.rule = rule
        self.handler = handler

    def end(self) -> None:
        """Listen no more; at once, and without waiting for the bus."""
        self._bus._unlisten(self)  # noqa: SLF001  # two halves of one thing


class DesktopBus:
    """Is a connection to the session bus, made when it is first needed and again when it is lost.

    Used on the loop. address: of the bus; None: this session's.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address = address
        self._bus: MessageBus | None = None
        self._ended: asyncio.Future[None] | None = None
        self._connecting = asyncio.Lock()
        self._connections = 0
        self._listening: list[Listening] = []

    @property
    def connection(self) -> int:
        """Return the number of the connection there is, or of the last there was; 0: of none.

        What was opened or listened to on one of another number is no more.
        """
        return self._connections

    @property
    def is_connected(self) -> bool:
        """Return whether there is a connection."""
        return self._bus is not None and bool(self._bus.connected)

    async def call(
        self,
        to: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        *body: object,
        within: float = READ_SECONDS,
        answer: str | None = None,
    ) -> Sequence[Any]:
        """Call a method, and return what it answers.

        within: seconds. answer: the signature of what it must answer; None: any.
        Raises EdsError, and Unavailable where there is no bus.
        """
        from dbus_fast import MessageType

        bus = await self._connected()
        reply = await _answer(
            bus, _Call(to, path, interface, member, signature, body), within=within
        )
        if reply.message_type is MessageType.ERROR:
            raise EdsError(code_from_error_name(reply.error_name or ""))
        if answer is not None and reply.signature != answer:
            raise EdsError(EdsCode.OTHER)
        return reply.body

    def tell(
        self, to: str, path: str, interface: str, member: str, signature: str = "", *body: object
    ) -> None:
        """Call a method, where there is a connection, and never hear what becomes of it.

        A service that does not run is not started for that.
        """
        from dbus_fast import MessageFlag

        if self._bus is not None and self._bus.connected:
            message = _Call(to, path, interface, member, signature, body).message()
            message.flags = MessageFlag.NO_REPLY_EXPECTED | MessageFlag.NO_AUTOSTART
            self._bus.send(message)

    async def names(self) -> frozenset[str]:
        """Return the names that are owned, and those the bus would start a service for.

        Neither question starts anything. Raises as `call` does.
        """
        found: set[str] = set()
        for member in ("ListNames", "ListActivatableNames"):
            (names,) = await self.call(BUS_NAME, BUS_PATH, BUS_INTERFACE, member, answer="as")
            found.update(names)
        return frozenset(found)

    async def listen(self, rule: MatchRule, handler: Handler) -> Listening:
        """Have `handler` told of each signal that the rule names, until `end` is called or the
        connection is lost.

        Raises as `call` does.
        """
        await self._connected()
        listening = Listening(self, rule, handler)
        self._listening.append(listening)
        try:
            await self.call(BUS_NAME, BUS_PATH, BUS_INTERFACE, "AddMatch", "s", rule.text)
        except BaseException:
            listening.end()
            raise
        return listening

    async def lost(self) -> None:
        """Return once the connection is lost; at once where there is none."""
        if self._ended is not None:
            await asyncio.shield(self._ended)

    async def aclose(self) -> None:
        """End the connection, and with it all that was opened and listened to."""
        self._listening.clear()
        bus, self._bus = self._bus, None
        if bus is not None and self._ended is not None:
            if bus.connected:
                bus.disconnect()
            await asyncio.wait({self._ended}, timeout=CLOSE_SECONDS)

    # The connection

    async def _connected(self) -> "MessageBus":
        async with self._connecting:
            if self._bus is None or not self._bus.connected:
                self._bus = await self._connect()
                self._ended = asyncio.ensure_future(_until_ended(self._bus))
                self._connections += 1
                self._listening.clear()
            return self._bus

    async def _connect(self) -> "MessageBus":
        from dbus_fast.aio import MessageBus
        from dbus_fast.errors import DBusFastError

        bus = None
        with suppress(OSError, EOFError, TimeoutError, DBusFastError):
            async with asyncio.timeout(CONNECT_SECONDS):
                bus = await MessageBus(bus_address=self._address).connect()
        if bus is None:
            raise Unavailable(translated(NO_BUS), reached=False)
        bus.add_message_handler(self._heard)
        return bus

    def _heard(self, message: "Message") -> None:
        from dbus_fast import MessageType

        if message.message_type is MessageType.SIGNAL:
            for each in tuple(self._listening):
                if each.rule.fits(message):
                    each.handler(message.path or "", message.member or "", message.body)

    def _unlisten(self, listening: Listening) -> None:
        if listening in self._listening:
            self._listening.remove(listening)
            rule = listening.rule.text
            self.tell(BUS_NAME, BUS_PATH, BUS_INTERFACE, "RemoveMatch", "s", rule)


class _Call(NamedTuple):
    to: str
    path: str
    interface: str
    member: str
    signature: str
    body: tuple[object, ...]

    def message(self) -> "Message":
        """Raises EdsError for names of objects that are none: the service gave us those."""
        from dbus_fast import Message
        from dbus_fast.errors import InvalidBusNameError, InvalidObjectPathError

        with suppress(InvalidBusNameError, InvalidObjectPathError):
            return Message(
                destination=self.to,
                path=self.path,
                interface=self.interface,
                member=self.member,
                signature=self.signature,
                body=list(self.body),
            )
        raise EdsError(EdsCode.OTHER)


async def _answer(bus: "MessageBus", call: _Call, *, within: float) -> "Message":
    message, failed = call.message(), EdsCode.NO_REPLY
    try:
        async with asyncio.timeout(within):
            reply = await bus.call(message)
            if reply is not None:  # else it was disconnected by us
                return reply
    except TimeoutError:
        failed = EdsCode.TIMED_OUT
    except (OSError, EOFError):
        pass
    # Raised out here so that it keeps nothing of what went before.
    raise EdsError(failed)


async def _until_ended(bus: "MessageBus") -> None:
    with suppress(Exception):  # whatever ended it
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # of dbus-fast
