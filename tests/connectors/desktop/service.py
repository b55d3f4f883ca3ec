"""A stand-in for Evolution Data Server: the messages of its registry and its calendar factory.

As seen with version 3.46 (Debian 12): names, paths and signatures are the real ones, and so are the
errors. It can hang, refuse, lose its lists, wait for a password, and be started anew. What a query
finds is told apart by the words in it; it never expands a series, and of a range it finds masters
whatever their rule says.
"""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from oo_desktop.connectors.desktop.wire import (
    CALENDAR_NAME,
    FACTORY_INTERFACE,
    FACTORY_PATH,
    MANAGER_PATH,
    OBJECT_MANAGER_INTERFACE,
    PROPERTIES_INTERFACE,
    SOURCE_INTERFACE,
    SOURCES_NAME,
    VIEW_INTERFACE,
)

OPEN = {"OpenCalendar": "Calendar", "OpenTaskList": "Task List"}
PASSWORD = "hunter2-in-clear"
"""What the registry sends to whoever listens to it."""


class Refused(Exception):
    """Is an error of the service, by its name."""


def error_name(domain: str, code: int) -> str:
    """Return how GDBus names an error that has no name of its own."""
    quark = re.sub(r"[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):02x}", domain)
    return f"org.gtk.GDBus.UnmappedGError.Quark._{quark}.Code{code}"


def key_file(
    name: str,
    *,
    kind: str = "Task List",
    parent: str = "local-stub",
    backend: str = "local",
    selected: bool = True,
    color: str = "#BECEDD",
    more: str = "",
) -> str:
    """Return the key file of a list."""
    return (
        f"[Data Source]\nDisplayName={name}\nEnabled=true\nParent={parent}\n{more}\n"
        f"[{kind}]\nBackendName={backend}\nColor={color}\nSelected={str(selected).lower()}\n"
    )


def account_file(name: str) -> str:
    """Return the key file of what lists hang below."""
    head = f"[Data Source]\nDisplayName={name}\nEnabled=true\nParent=\n\n"
    return f"{head}[Collection]\nBackendName=none\n"


@dataclass
class Source:
    """Is one source of the registry; components: of a list, by UID and RECURRENCE-ID."""

    uid: str
    data: str
    status: str = "disconnected"
    components: dict[tuple[str, str], str] = field(default_factory=dict)
    writable: bool = True
    capabilities: tuple[str, ...] = ()
    owner: str = ""
    zones: dict[str, str] = field(default_factory=dict)
    hangs: asyncio.Event | None = None
    """While it is not set, reads of this list wait."""
    answered: tuple[str, str] | None = None
    """Path and name under which it is said to be open, in place of the true ones."""
    view: str = ""
    """The path under which a view of it is said to be, in place of the true one."""
    refuses: str = ""
    """The name of an error that all reads of it end in."""
    required: tuple[str, ...] = ("required", "", "", "", "")
    """Why it waits for its password: reason, certificate, its errors, and name and text of one."""


def line(component: str, name: str) -> str:
    """Return the value of a property; empty where there is none."""
    unfolded = re.sub(r"\r?\n[ \t]", "", component)
    found = re.search(rf"(?m)^{name}(?:;[^:\r\n]*)?:(.*?)\r?$", unfolded)
    return found[1] if found else ""


class EdsStandIn:
    """Is a registry and a factory on one bus. calls: what it was asked, by member and list."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._registry: MessageBus | None = None
        self._factory: MessageBus | None = None
        self._number = 0
        self.sources: dict[str, Source] = {}
        self.opened: dict[str, Source] = {}
        self.views: dict[str, tuple[Source, str, bool]] = {}
        self.calls: list[tuple[str, str]] = []
        self.registry_refuses = ""
        self._tasks: set[asyncio.Task[None]] = set()

    # Its life

    async def start(self) -> None:
        await self.start_registry()
        await self.start_factory()

    async def start_registry(self, name: str = SOURCES_NAME) -> None:
        self._registry = await self._started(name)

    async def start_factory(self, name: str = CALENDAR_NAME) -> None:
        self._factory = await self._started(name)

    async def _started(self, name: str) -> MessageBus:
        bus = await MessageBus(bus_address=self._address).connect()
        bus.add_message_handler(lambda message: self._asked(bus, message))
        await bus.request_name(name)
        return bus

    async def stop_registry(self) -> None:
        await self._stopped(self._registry)

    async def stop_factory(self) -> None:
        """As after kill -9: what was open is gone, and nobody is told."""
        self.opened.clear()
        self.views.clear()
        await self._stopped(self._factory)

    async def _stopped(self, bus: MessageBus | None) -> None:
        if bus is not None and bus.connected:
            bus.disconnect()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # of dbus-fast

    async def stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.stop_registry()
        await self.stop_factory()

    # What a test does with it

    def add(self, uid: str, data: str, *components: str) -> Source:
        source = self.sources[uid] = Source(uid, data)
        for each in components:
            self.put(source, each)
        if self._registry is not None:
            path = self._path(uid)
            self._signal(
                self._registry,
                MANAGER_PATH,
                OBJECT_MANAGER_INTERFACE,
                "InterfacesAdded",
                "oa{sa{sv}}",
                [path, self._properties(source)],
            )
        return source

    def remove(self, uid: str) -> None:
        path = self._path(uid)
        del self.sources[uid]
        self._signal(
            self._registry,
            MANAGER_PATH,
            OBJECT_MANAGER_INTERFACE,
            "InterfacesRemoved",
            "oas",
            [path, [SOURCE_INTERFACE]],
        )

    def put(self, source: Source, component: str) -> None:
        """Add or change a component, without telling anybody."""
        key = line(component, "UID"), line(component, "RECURRENCE-ID")
        source.components[key] = component

    def change(self, source: Source, component: str) -> None:
        """Change a component as another program does: the views of the list tell of it."""
        self.put(source, component)
        self.tell(source, "ObjectsModified", [component])

    def tell(self, source: Source, member: str, texts: list[str]) -> None:
        for path, (of, _, started) in tuple(self.views.items()):
            if of is source and started:
                self._signal(self._factory, path, VIEW_INTERFACE, member, "as", [texts])

    def set_status(self, source: Source, status: str) -> None:
        source.status = status
        self._changed(source, {"ConnectionStatus": Variant("s", status)})

    def set_data(self, source: Source, data: str) -> None:
        source.data = data
        self._changed(source, {"Data": Variant("s", data)})

    def authenticate(self, source: Source) -> None:
        """Sign a list in as the real registry does."""
        self._signal(
            self._registry,
            self._path(source.uid),
            SOURCE_INTERFACE,
            "Authenticate",
            "as",
            [[f"password:{PASSWORD}"]],
        )

    def members(self, of: str | None = None) -> list[str]:
        """Return what was called, of one list or at all."""
        return [member for member, uid in self.calls if of in (None, uid)]

    async def until_called(self, member: str, of: str | None = None, *, times: int = 1) -> None:
        """Wait until it was called so often, of one list or at all."""
        async with asyncio.timeout(5):
            while self.members(of).count(member) < times:  # noqa: ASYNC110  # of several callers
                await asyncio.sleep(0.005)

    def _changed(self, source: Source, values: dict[str, Variant]) -> None:
        body = [SOURCE_INTERFACE, values, []]
        self._signal(
            self._registry,
            self._path(source.uid),
            PROPERTIES_INTERFACE,
            "PropertiesChanged",
            "sa{sv}as",
            body,
        )

    def _signal(
        self,
        bus: MessageBus | None,
        path: str,
        interface: str,
        member: str,
        signature: str,
        body: list[Any],
    ) -> None:
        assert bus is not None
        bus.send(Message.new_signal(path, interface, member, signature, body))

    # What it answers

    def _path(self, uid: str) -> str:
        return f"{MANAGER_PATH}/Source_{list(self.sources).index(uid)}"

    def _properties(self, source: Source) -> dict[str, dict[str, Variant]]:
        values = {"UID": source.uid, "Data": source.data, "ConnectionStatus": source.status}
        return {SOURCE_INTERFACE: {name: Variant("s", text) for name, text in values.items()}}

    def _asked(self, bus: MessageBus, message: Message) -> bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        task = asyncio.ensure_future(self._answer(bus, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _answer(self, bus: MessageBus, message: Message) -> None:
        try:
            signature, body = await self._reply(message)
            reply = Message.new_method_return(message, signature, body)
        except Refused as error:
            reply = Message.new_error(message, str(error), "Das ging nicht.")
        if bus.connected:
            bus.send(reply)

    async def _reply(self, message: Message) -> tuple[str, list[Any]]:
        member, path, body = message.member or "", message.path or "", message.body
        source = self.opened.get(path) or (self.views[path][0] if path in self.views else None)
        of = source.uid if source else body[0] if member in OPEN else ""
        self.calls.append((member, of))
        if path == MANAGER_PATH and self.registry_refuses:
            raise Refused(self.registry_refuses)
        if path == MANAGER_PATH and member == "GetManagedObjects":
            found = {self._path(uid): self._properties(each) for uid, each in self.sources.items()}
            return "a{oa{sa{sv}}}", [found]
        if member == "GetLastCredentialsRequiredArguments":
            named = [each for uid, each in self.sources.items() if self._path(uid) == path]
            return "sssss", list(named[0].required)
        if path == FACTORY_PATH and message.interface == FACTORY_INTERFACE and member in OPEN:
            return "ss", self._open(body[0], OPEN[member])
        if source is None:
            raise Refused("org.freedesktop.DBus.Error.UnknownMethod")
        return await self._of_list(source, message)

    def _open(self, uid: str, kind: str) -> list[str]:
        source = self.sources.get(uid)
        if source is None:
            raise Refused(error_name("g-io-error-quark", 1))
        if f"[{kind}]" not in source.data:
            raise Refused(error_name("g-io-error-quark", 15))
        self._number += 1
        path = f"/org/gnome/evolution/dataserver/Subprocess/4711/{self._number}"
        self.opened[path] = source
        return list(source.answered or (path, CALENDAR_NAME))

    async def _of_list(self, source: Source, message: Message) -> tuple[str, list[Any]]:
        member, body = message.member, message.body
        if message.interface == VIEW_INTERFACE:
            return self._of_view(source, message)
        if member in ("Open", "GetObjectList"):
            await self._look(source)
        match member:
            case "GetAll":
                return "a{sv}", [self._of_calendar(source)]
            case "Open":
                return "as", [["writable", "true"]]
            case "GetObjectList":
                return "as", [found(source, body[0])]
            case "GetTimezone":
                return "s", [zone(source, body[0])]
            case "GetView":
                self._number += 1
                view = f"/org/gnome/evolution/dataserver/CalendarView/4711/{self._number}"
                self.views[view] = (source, body[0], False)
                return "o", [source.view or view]
            case "Close":
                del self.opened[message.path or ""]
            case "ModifyObjects":
                self._modify(source, body)
        return "", []

    def _modify(self, source: Source, body: list[Any]) -> None:
        """Take what is written as it is, without a look at what was there."""
        components, which, flags = body
        assert (which, flags) == ("this", 1)
        for each in components:
            self.change(source, each)

    async def _look(self, source: Source) -> None:
        if source.hangs is not None:
            await source.hangs.wait()
        if source.refuses:
            raise Refused(source.refuses)

    def _of_view(self, source: Source, message: Message) -> tuple[str, list[Any]]:
        path = message.path or ""
        match message.member:
            case "Start":
                self.views[path] = (source, self.views[path][1], True)
            case "Dispose":
                del self.views[path]
            case "SetFlags":
                assert message.body == [0]
        return "", []

    def _of_calendar(self, source: Source) -> dict[str, Variant]:
        return {
            "Online": Variant("b", True),
            "Writable": Variant("b", source.writable),
            "Capabilities": Variant("as", list(source.capabilities)),
            "CalEmailAddress": Variant("s", source.owner),
        }


def zone(source: Source, name: str) -> str:
    """Return the VTIMEZONE of a list. Raises Refused where it has none of that name."""
    if name not in source.zones:
        raise Refused(error_name("e-cal-client-error-quark", 1))
    return source.zones[name]


def found(source: Source, query: str) -> list[str]:
    """Return what a query finds, as far as the real service can tell."""
    if uids := re.findall(r'\(uid\? "((?:[^"\\]|\\.)*)"\)', query):
        asked = {re.sub(r"\\(.)", r"\1", uid) for uid in uids}
        return [text for (uid, _), text in source.components.items() if uid in asked]
    times = re.findall(r'make-time "(\d{8}T\d{6})Z"', query)
    return [text for text in source.components.values() if _matches(text, query, times)]


def _matches(text: str, query: str, times: list[str]) -> bool:
    repeats = bool(line(text, "RRULE") or line(text, "RDATE") or line(text, "RECURRENCE-ID"))
    if "has-recurrences?" in query and repeats:
        return True
    if times:
        start = line(text, "DTSTART").rstrip("Z").ljust(15, "0")
        return bool(line(text, "RRULE")) or times[0] <= start < times[1]
    return "is-completed?" not in query or line(text, "STATUS") != "COMPLETED"
