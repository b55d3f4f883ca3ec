"""That the network came back, as Qt says it; on Linux nobody asks Qt."""

from typing import cast

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation
from pytestqt.qtbot import QtBot

from oo_desktop.ui.qt.reachability import ReachabilityWatch, watch_reachability

REACH = QNetworkInformation.Reachability


class StandInNetwork(QObject):
    """Says what a test wants of the network, as Qt says it."""

    reachabilityChanged = Signal(REACH)  # noqa: N815  # Qt's name

    def __init__(self, state: QNetworkInformation.Reachability) -> None:
        super().__init__()
        self.state = state

    def reachability(self) -> QNetworkInformation.Reachability:
        return self.state


@pytest.mark.parametrize(
    ("first", "then", "backs"),
    [
        (REACH.Online, [REACH.Disconnected, REACH.Online, REACH.Online], 1),
        (REACH.Online, [REACH.Local, REACH.Online], 1),
        (REACH.Disconnected, [REACH.Online], 1),
        (REACH.Unknown, [REACH.Online], 0),
        (REACH.Site, [REACH.Unknown, REACH.Online], 1),
    ],
    ids=["gone and back", "local and back", "never there", "unknown", "unknown in between"],
)
def test_what_qt_knows_of_a_network_says_when_it_is_back(
    qtbot: QtBot,
    first: QNetworkInformation.Reachability,
    then: list[QNetworkInformation.Reachability],
    backs: int,
) -> None:
    heard: list[str] = []
    network = StandInNetwork(first)
    watch = ReachabilityWatch(lambda: heard.append("back"), cast("QNetworkInformation", network))
    for state in then:
        network.reachabilityChanged.emit(state)
    assert len(heard) == backs
    watch.deleteLater()


def test_where_qt_knows_of_a_network_it_is_heard(qtbot: QtBot) -> None:
    known = QNetworkInformation.loadDefaultBackend()
    watch = watch_reachability(lambda: None)
    assert isinstance(watch, ReachabilityWatch) is known
