"""A private bus, oO's services on it, and a program that asks them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.selection import Selection
from oo_desktop.commands.commands import Command
from oo_desktop.linux.bus import NAME, BusPresence, Export
from oo_desktop.linux.search import DesktopSearch
from oo_desktop.model.signals import ActionKind, Day, Fixed, Task
from oo_desktop.model.state import AccountState, AppState
from tests.ui.view.happenings import ADA, calendars, meeting

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


class Program:
    """Asks what is at one path of oO's name, as any program on the bus may."""

    def __init__(self, bus: MessageBus, path: str, interface: str) -> None:
        self._bus = bus
        self._path = path
        self._interface = interface

    async def call(self, member: str, signature: str = "", *body: object) -> Any:
        """Return what comes back, without D-Bus's own wrapping of one value."""
        message = Message(
            destination=NAME,
            path=self._path,
            interface=self._interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        reply = await self._bus.call(message)
        if reply.message_type is MessageType.ERROR:
            raise RefusedCall(reply.error_name, *reply.body)
        return reply.body[0] if reply.body else None


class RefusedCall(Exception):
    """Carries an error's name, and what it says."""


Serve = Callable[[Sequence[Export]], Awaitable[MessageBus]]


@pytest.fixture
async def serve(private_bus: str) -> AsyncIterator[Serve]:
    """Put exports on the bus; returns the connection of a program beside them."""
    present: list[BusPresence] = []
    programs: list[MessageBus] = []

    async def start(exports: Sequence[Export]) -> MessageBus:
        presence = BusPresence(exports, address=private_bus)
        await presence.start()
        present.append(presence)
        programs.append(await MessageBus(bus_address=private_bus).connect())
        return programs[-1]

    yield start
    for presence in present:
        presence.stop()
    for bus in programs:
        bus.disconnect()


@pytest.fixture
def asking(serve: Serve) -> Callable[[str, ServiceInterface], Awaitable[Program]]:
    """Serve one interface, and return who asks it."""

    async def start(path: str, interface: ServiceInterface) -> Program:
        bus = await serve([Export(path, interface)])
        return Program(bus, path, interface.name)

    return start


@pytest.fixture
def selection(
    make_task: Callable[..., Task], make_account: Callable[..., AccountState]
) -> Selection:
    """A list of a few things, at noon UTC on a Sunday."""
    account = make_account()
    actions = (ActionKind.DONE, ActionKind.TOMORROW)
    tasks = (
        make_task("Buy milk", Day(date(2026, 11, 22)), id="1", actions=actions, url=None),
        make_task(
            "Call <b>Ana</b>",
            Fixed(NOW.replace(hour=16), "Europe/Berlin"),
            id="2",
            project="Work",
            actions=actions,
            url="https://todoist.example/2",
        ),
        make_task("Milk the cow", Day(date(2026, 11, 20)), id="3", project="Work", actions=()),
    )
    state = AppState(
        accounts=(account, calendars()),
        signals={
            account.key: tasks,
            ADA: (meeting("Lunch", NOW.replace(hour=13), url="https://calendar.example/1"),),
        },
    )
    return Agenda().select(state, NOW, local_zone=BERLIN)


@pytest.fixture
def search(selection: Selection, said: list[Command]) -> DesktopSearch:
    """Searches that list; what is chosen is kept in `said`."""
    return DesktopSearch(selection=lambda: selection, execute=said.append)
