"""What is asked over the session bus, what is heard, and what becomes of what goes wrong."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from oo_desktop.connectors.desktop.bus import (
    BUS_INTERFACE,
    BUS_NAME,
    BUS_PATH,
    DesktopBus,
    EdsCode,
    EdsError,
    MatchRule,
    code_from_error_name,
)
from oo_desktop.connectors.desktop.wire import (
    CALENDAR_INTERFACE,
    CALENDAR_NAME,
    FACTORY_INTERFACE,
    FACTORY_PATH,
    MANAGER_PATH,
    OBJECT_MANAGER_INTERFACE,
    PROPERTIES_INTERFACE,
    SOURCE_INTERFACE,
    SOURCES_NAME,
)
from oo_desktop.errors import Unavailable
from tests.connectors.desktop.conftest import OwnBus
from tests.connectors.desktop.service import PASSWORD, EdsStandIn, error_name, key_file

REGISTRY = SOURCES_NAME, MANAGER_PATH, OBJECT_MANAGER_INTERFACE
ADDED = MatchRule(*REGISTRY[::2], path=MANAGER_PATH)
CHANGED = MatchRule(
    SOURCES_NAME, PROPERTIES_INTERFACE, member="PropertiesChanged", arg0=SOURCE_INTERFACE
)


class Heard:
    """Keeps what a handler is told."""

    def __init__(self) -> None:
        self.members: list[str] = []
        self._came = asyncio.Event()

    def __call__(self, _path: str, member: str, _body: Sequence[Any]) -> None:
        self.members.append(member)
        self._came.set()

    async def one_more(self) -> None:
        async with asyncio.timeout(5):
            await self._came.wait()
        self._came.clear()


async def after_all_before(bus: DesktopBus) -> None:
    """Wait until what was sent so far has arrived."""
    await bus.call(*REGISTRY, "GetManagedObjects")


async def code_of(call: Any) -> EdsCode:
    with pytest.raises(EdsError) as caught:
        await call
    return caught.value.code


# Errors


@pytest.mark.parametrize(
    ("domain", "number", "code"),
    [
        ("e-client-error-quark", 4, EdsCode.SIGN_IN),
        ("e-client-error-quark", 8, EdsCode.DENIED),
        ("e-client-error-quark", 11, EdsCode.NOT_SUPPORTED),
        ("e-client-error-quark", 16, EdsCode.BAD_QUERY),
        ("e-client-error-quark", 21, EdsCode.OUT_OF_SYNC),
        ("e-cal-client-error-quark", 1, EdsCode.GONE),
        ("e-cal-client-error-quark", 2, EdsCode.INVALID),
        ("e-cal-client-error-quark", 4, EdsCode.EXISTS),
        ("g-io-error-quark", 1, EdsCode.NO_SOURCE),
        ("g-io-error-quark", 15, EdsCode.WRONG_KIND),
        ("g-io-error-quark", 24, EdsCode.TIMED_OUT),
        ("g-io-error-quark", 39, EdsCode.REFUSED_CONNECTION),
        ("e-client-error-quark", 99, EdsCode.OTHER),
        ("other-quark", 4, EdsCode.OTHER),
    ],
)
def test_an_error_is_told_by_its_domain_and_number(domain: str, number: int, code: EdsCode) -> None:
    assert code_from_error_name(error_name(domain, number)) is code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("org.freedesktop.DBus.Error.UnknownMethod", EdsCode.NO_OBJECT),
        ("org.freedesktop.DBus.Error.NoReply", EdsCode.NO_REPLY),
        ("org.freedesktop.DBus.Error.ServiceUnknown", EdsCode.NO_SERVICE),
        ("org.freedesktop.DBus.Error.Spawn.ChildExited", EdsCode.NO_SERVICE),
        ("org.freedesktop.DBus.Error.AccessDenied", EdsCode.DENIED),
        ("org.freedesktop.DBus.Error.LimitsExceeded", EdsCode.OTHER),
        ("UnknownMethod", EdsCode.OTHER),
        ("", EdsCode.OTHER),
    ],
)
def test_an_error_of_the_bus_is_told_by_its_name(name: str, code: EdsCode) -> None:
    assert code_from_error_name(name) is code


async def test_an_error_says_nothing_of_what_the_service_said(
    bus: DesktopBus, eds: EdsStandIn
) -> None:
    with pytest.raises(EdsError) as caught:
        await bus.call(CALENDAR_NAME, FACTORY_PATH, FACTORY_INTERFACE, "OpenTaskList", "s", "none")
    assert (caught.value.code, str(caught.value)) == (EdsCode.NO_SOURCE, "no_source")
    assert caught.value.__context__ is None


async def test_what_takes_too_long_is_given_up(bus: DesktopBus, eds: EdsStandIn) -> None:
    source = eds.add("tasks", key_file("Tasks"))
    source.hangs = asyncio.Event()
    path, name = await bus.call(
        CALENDAR_NAME, FACTORY_PATH, FACTORY_INTERFACE, "OpenTaskList", "s", "tasks", answer="ss"
    )
    call = bus.call(name, path, CALENDAR_INTERFACE, "Open", within=0.05)
    assert await code_of(call) is EdsCode.TIMED_OUT


async def test_a_service_that_goes_away_during_a_call_is_no_answer(
    bus: DesktopBus, eds: EdsStandIn
) -> None:
    source = eds.add("tasks", key_file("Tasks"))
    source.hangs = asyncio.Event()
    path, name = await bus.call(
        CALENDAR_NAME, FACTORY_PATH, FACTORY_INTERFACE, "OpenTaskList", "s", "tasks"
    )
    call = asyncio.ensure_future(bus.call(name, path, CALENDAR_INTERFACE, "Open"))
    await eds.until_called("Open")
    await eds.stop_factory()
    assert await code_of(call) is EdsCode.NO_REPLY


async def test_a_list_that_is_no_longer_open_is_no_object(bus: DesktopBus, eds: EdsStandIn) -> None:
    call = bus.call(CALENDAR_NAME, "/not/open", CALENDAR_INTERFACE, "Open")
    assert await code_of(call) is EdsCode.NO_OBJECT


async def test_a_service_that_is_not_there_is_none(bus: DesktopBus) -> None:
    assert await code_of(bus.call(*REGISTRY, "GetManagedObjects")) is EdsCode.NO_SERVICE


async def test_an_answer_of_another_kind_is_none(bus: DesktopBus, eds: EdsStandIn) -> None:
    call = bus.call(*REGISTRY, "GetManagedObjects", answer="as")
    assert await code_of(call) is EdsCode.OTHER


@pytest.mark.parametrize(("to", "path"), [("no name", "/"), (SOURCES_NAME, "no path")])
async def test_what_the_service_calls_a_path_or_a_name_may_be_none(
    bus: DesktopBus, eds: EdsStandIn, to: str, path: str
) -> None:
    assert await code_of(bus.call(to, path, CALENDAR_INTERFACE, "Open")) is EdsCode.OTHER


# The connection


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "no address"])
async def test_without_a_bus_nothing_is_possible_now(address: str) -> None:
    bus = DesktopBus(address)
    with pytest.raises(Unavailable, match="no D-Bus") as caught:
        await bus.names()
    assert not caught.value.reached
    assert caught.value.__context__ is None


async def test_a_lost_connection_is_noticed_and_made_anew(own_bus: OwnBus, bus: DesktopBus) -> None:
    await bus.names()
    assert bus.connection == 1
    own_bus.stop()
    async with asyncio.timeout(5):
        await bus.lost()
    own_bus.start()
    assert BUS_NAME in await bus.names()
    assert bus.connection == 2


async def test_several_that_need_it_at_once_share_one_connection(
    bus: DesktopBus, eds: EdsStandIn
) -> None:
    await asyncio.gather(*(bus.names() for _ in range(5)))
    assert bus.connection == 1


async def test_names_are_those_of_services_that_run(bus: DesktopBus, eds: EdsStandIn) -> None:
    assert {SOURCES_NAME, CALENDAR_NAME} <= await bus.names()


async def test_a_closed_connection_ends_its_calls(bus: DesktopBus, eds: EdsStandIn) -> None:
    source = eds.add("tasks", key_file("Tasks"))
    source.hangs = asyncio.Event()
    path, name = await bus.call(
        CALENDAR_NAME, FACTORY_PATH, FACTORY_INTERFACE, "OpenTaskList", "s", "tasks"
    )
    call = asyncio.ensure_future(bus.call(name, path, CALENDAR_INTERFACE, "Open"))
    await asyncio.sleep(0)
    await bus.aclose()
    assert await code_of(call) is EdsCode.NO_REPLY


# What is heard


async def test_what_a_rule_names_is_heard_until_it_is_ended(
    bus: DesktopBus, eds: EdsStandIn
) -> None:
    heard = Heard()
    listening = await bus.listen(ADDED, heard)
    eds.add("tasks", key_file("Tasks"))
    await heard.one_more()
    listening.end()
    eds.add("more", key_file("More"))
    await after_all_before(bus)
    assert heard.members == ["InterfacesAdded"]


async def test_only_what_the_rule_names_is_heard(bus: DesktopBus, eds: EdsStandIn) -> None:
    source = eds.add("tasks", key_file("Tasks"))
    added, changed = Heard(), Heard()
    await bus.listen(ADDED, added)
    await bus.listen(CHANGED, changed)
    eds.set_status(source, "connected")
    await changed.one_more()
    assert (added.members, changed.members) == ([], ["PropertiesChanged"])


async def test_nobody_but_the_bus_tells_who_owns_a_name(
    own_bus: OwnBus, bus: DesktopBus, eds: EdsStandIn
) -> None:
    heard = Heard()
    rule = MatchRule(BUS_NAME, BUS_INTERFACE, member="NameOwnerChanged", arg0=SOURCES_NAME)
    await bus.listen(rule, heard)
    liar = await MessageBus(bus_address=own_bus.address).connect()
    number = int((liar.unique_name or ":1.0").rpartition(".")[2])
    for other in range(number):
        lie = Message.new_signal(
            BUS_PATH, BUS_INTERFACE, "NameOwnerChanged", "sss", [SOURCES_NAME, "", ":1.9"]
        )
        lie.destination = f":1.{other}"
        await liar.send(lie)
    await liar.call(
        Message(destination=BUS_NAME, path=BUS_PATH, interface=BUS_INTERFACE, member="GetId")
    )
    await after_all_before(bus)
    liar.disconnect()
    assert heard.members == []


# Passwords


@pytest.mark.parametrize(
    ("interface", "other"),
    [
        (SOURCE_INTERFACE, {}),
        (SOURCE_INTERFACE, {"member": "CredentialsRequired"}),
        ("", {}),
        (PROPERTIES_INTERFACE, {"arg0": "x',interface='y"}),
        (PROPERTIES_INTERFACE, {"path": "/a b"}),
        (PROPERTIES_INTERFACE, {"member": ""}),
    ],
)
def test_there_is_no_rule_that_could_receive_a_password(
    interface: str, other: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="rule"):
        MatchRule(SOURCES_NAME, interface, **other)


async def test_a_password_that_the_registry_sends_to_all_does_not_reach_it(
    own_bus: OwnBus, bus: DesktopBus, eds: EdsStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    source = eds.add("tasks", key_file("Tasks"))
    heard = Heard()
    rules = [ADDED, CHANGED, MatchRule(SOURCES_NAME, PROPERTIES_INTERFACE)]
    for rule in rules:
        await bus.listen(rule, heard)
    others = await received(own_bus, eds, source, [rule.text for rule in rules])
    eavesdropper = await received(own_bus, eds, source, [f"sender='{SOURCES_NAME}'"])
    await after_all_before(bus)
    assert (others, eavesdropper) == ([], ["Authenticate"])
    assert heard.members == []
    assert PASSWORD not in caplog.text


async def received(own_bus: OwnBus, eds: EdsStandIn, source: Any, rules: list[str]) -> list[str]:
    """Return which signals of the registry reach a program that has these rules."""
    program = await MessageBus(bus_address=own_bus.address).connect()
    signals = []

    def keep(message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.sender != BUS_NAME:
            signals.append(message.member or "")

    program.add_message_handler(keep)
    for rule in rules:
        await program.call(
            Message(
                destination=BUS_NAME,
                path=BUS_PATH,
                interface=BUS_INTERFACE,
                member="AddMatch",
                signature="s",
                body=[rule],
            )
        )
    eds.authenticate(source)
    await program.call(
        Message(
            destination=SOURCES_NAME,
            path=MANAGER_PATH,
            interface=OBJECT_MANAGER_INTERFACE,
            member="GetManagedObjects",
        )
    )
    program.disconnect()
    return signals
