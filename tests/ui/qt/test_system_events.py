"""What happens to the machine, over a bus of the test's own."""

from collections.abc import Iterator
from typing import cast

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from PySide6.QtGui import QGuiApplication
from PySide6.QtNetwork import QNetworkInformation
from pytestqt.qtbot import QtBot

from oo_desktop.ui.qt.system_events import LOGIND, TIMEDATED, SystemCallables, SystemEvents

REACH = QNetworkInformation.Reachability


class StandInNetwork(QObject):
    """Says what a test wants of the network; at first, as GLib may, that there is none.

    asked: it was read.
    """

    reachabilityChanged = Signal(REACH)  # noqa: N815  # Qt's name

    def __init__(self) -> None:
        super().__init__()
        self.state = REACH.Disconnected
        self.asked = False

    def reachability(self) -> QNetworkInformation.Reachability:
        self.asked = True
        return self.state

    def become(self, state: QNetworkInformation.Reachability) -> None:
        self.state = state
        self.reachabilityChanged.emit(state)


@pytest.fixture
def network() -> StandInNetwork:
    return StandInNetwork()


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def callables(heard: list[str]) -> SystemCallables:
    return SystemCallables(
        network_back=lambda: heard.append("network"),
        woken=lambda: heard.append("woken"),
        clock_changed=lambda: heard.append("clock"),
        colors_changed=lambda: heard.append("colors"),
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
    callables: SystemCallables,
    network: StandInNetwork,
) -> Iterator[SystemEvents]:
    bus = QDBusConnection.connectToBus(private_bus, "ours")
    yield SystemEvents(callables, system_bus=bus, network=cast("QNetworkInformation", network))
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


@pytest.mark.parametrize("gone", [REACH.Disconnected, REACH.Local, REACH.Site])
def test_the_return_of_a_network_that_was_gone_is_told_once(
    events: SystemEvents,
    network: StandInNetwork,
    heard: list[str],
    gone: QNetworkInformation.Reachability,
) -> None:
    for each in (gone, REACH.Online, REACH.Online):
        network.become(each)
    assert heard == ["network"]


def test_a_network_that_nothing_was_known_of_does_not_return(
    events: SystemEvents, network: StandInNetwork, heard: list[str]
) -> None:
    for each in (REACH.Unknown, REACH.Online):
        network.become(each)
    assert heard == []


def test_a_network_that_was_gone_returns_however_little_was_known_in_between(
    events: SystemEvents, network: StandInNetwork, heard: list[str]
) -> None:
    for each in (REACH.Site, REACH.Unknown, REACH.Online):
        network.become(each)
    assert heard == ["network"]


def test_a_network_that_was_not_there_from_the_start_comes(
    network: StandInNetwork, events: SystemEvents, heard: list[str], qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: network.asked)
    network.become(REACH.Online)
    assert heard == ["network"]


def test_a_network_that_is_found_right_after_the_start_was_there(
    network: StandInNetwork, events: SystemEvents, heard: list[str], qtbot: QtBot
) -> None:
    network.become(REACH.Online)
    qtbot.waitUntil(lambda: network.asked)
    network.become(REACH.Online)
    assert heard == []


def test_new_colours_are_told(events: SystemEvents, heard: list[str]) -> None:
    QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert heard == ["colors"]


def test_a_machine_without_these_services_says_nothing(
    callables: SystemCallables, heard: list[str], qtbot: QtBot
) -> None:
    SystemEvents(callables, system_bus=QDBusConnection("no such connection"))
    qtbot.wait(1)
    assert heard == []
