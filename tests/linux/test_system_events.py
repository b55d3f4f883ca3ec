"""What happens to the machine, over a bus of the test's own."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from pytestqt.qtbot import QtBot

from oo_desktop.linux.system_events import LOGIND, TIMEDATED, SystemEvents


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def watching(heard: list[str]) -> Callable[..., SystemEvents]:
    """Makes one that hears no network. (A watcher of the kernel's routes has to end in Qt's thread,
    and whichever thread collects garbage would end it.)"""
    return partial(
        SystemEvents,
        network_back=lambda: heard.append("network"),
        woken=lambda: heard.append("woken"),
        clock_changed=lambda: heard.append("clock"),
        watch_network=lambda _back: None,
    )


@pytest.fixture
def system(private_bus: str, qtbot: QtBot) -> Iterator[QDBusConnection]:
    """The side of the bus where the system's services are."""
    system = QDBusConnection.connectToBus(private_bus, "services")
    assert system.registerService(LOGIND[0])
    assert system.registerService(TIMEDATED[0])
    yield system
    QDBusConnection.disconnectFromBus("services")


@pytest.fixture
def events(
    system: QDBusConnection,
    private_bus: str,
    watching: Callable[..., SystemEvents],
) -> Iterator[SystemEvents]:
    bus = QDBusConnection.connectToBus(private_bus, "ours")
    yield watching(system_bus=bus)
    QDBusConnection.disconnectFromBus("ours")


def test_waking_is_told_and_falling_asleep_is_not(
    events: SystemEvents, system: QDBusConnection, heard: list[str], qtbot: QtBot
) -> None:
    for begins in (True, False):
        signal = QDBusMessage.createSignal(LOGIND[1], LOGIND[2], "PrepareForSleep")
        signal.setArguments([begins])
        system.send(signal)
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == ["woken"]


def test_a_change_of_the_clock_or_zone_is_told(
    events: SystemEvents, system: QDBusConnection, heard: list[str], qtbot: QtBot
) -> None:
    signal = QDBusMessage.createSignal(TIMEDATED[1], TIMEDATED[2], "PropertiesChanged")
    signal.setArguments([TIMEDATED[0], {"Timezone": "Europe/Berlin"}, []])
    system.send(signal)
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == ["clock"]


def test_a_network_that_is_back_is_told(
    watching: Callable[..., SystemEvents], heard: list[str]
) -> None:
    backs: list[Callable[[], object]] = []
    events = watching(system_bus=QDBusConnection("none"), watch_network=backs.append)
    backs[0]()
    assert heard == ["network"]
    events.deleteLater()


def test_a_machine_without_these_services_says_nothing(
    watching: Callable[..., SystemEvents], heard: list[str], qtbot: QtBot
) -> None:
    watching(system_bus=QDBusConnection("no such connection"))
    qtbot.wait(1)
    assert heard == []
