"""Hears that the network came back, from what Qt knows of it; `linux/routes.py` knows more."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QNetworkInformation


class ReachabilityWatch(QObject):
    """Calls `back` when Qt says so; for as long as it lives."""

    def __init__(self, back: Callable[[], object], network: QNetworkInformation) -> None:
        super().__init__()
        self._back = back
        self._offline = False
        network.reachabilityChanged.connect(self._changed)
        self._changed(network.reachability())

    def _changed(self, reachability: QNetworkInformation.Reachability) -> None:
        """Unknown says nothing."""
        known = type(reachability)
        if reachability in (known.Disconnected, known.Local, known.Site):
            self._offline = True
        elif reachability is known.Online and self._offline:
            self._offline = False
            self._back()


def watch_reachability(back: Callable[[], object]) -> ReachabilityWatch | None:
    """Return what calls `back` when the network is back, for as long as it is kept.

    None where Qt knows nothing of it: then polls find it out by themselves.
    """
    if not QNetworkInformation.loadDefaultBackend():
        return None
    return ReachabilityWatch(back, QNetworkInformation.instance())
