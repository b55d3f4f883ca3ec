"""Hears what happens to the machine that oO should know: network, sleep, clock.

Each watcher calls a callable and knows nothing of what it leads to. A desktop without one of the
services behind them simply never says anything.
"""

import logging
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage

from oo_desktop.linux.routes import watch_routes

log = logging.getLogger(__name__)

LOGIND = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
TIMEDATED = (
    "org.freedesktop.timedate1",
    "/org/freedesktop/timedate1",
    "org.freedesktop.DBus.Properties",
)


class SystemEvents(QObject):
    """Watches for as long as it lives.

    network_back, woken, clock_changed: what to call, each on the loop.
    system_bus, watch_network: arguments so that tests bring theirs.
    """

    def __init__(
        self,
        *,
        network_back: Callable[[], object],
        woken: Callable[[], object],
        clock_changed: Callable[[], object],
        system_bus: QDBusConnection | None = None,
        watch_network: Callable[[Callable[[], object]], object] = watch_routes,
    ) -> None:
        super().__init__()
        self._call_back, self._call_woken, self._call_clock = network_back, woken, clock_changed
        self._network = watch_network(self._network_back)
        self._bus = system_bus or QDBusConnection.systemBus()
        if self._bus.isConnected():
            self._hear(LOGIND, "PrepareForSleep", SLOT("sleep_changed(bool)"))
            self._hear(TIMEDATED, "PropertiesChanged", SLOT("clock_changed(QDBusMessage)"))

    def _hear(self, source: tuple[str, str, str], signal: str, slot: str) -> None:
        # PySide's stub asks for bytes; the call takes only what its SLOT() returns, a str.
        self._bus.connect(*source, signal, self, slot)  # type: ignore[call-overload]  # see above

    def _network_back(self) -> None:
        log.info("the network is back")
        self._call_back()

    @Slot(bool)
    def sleep_changed(self, begins: bool) -> None:
        """Hear logind's PrepareForSleep: True before the machine sleeps, False when it wakes."""
        if not begins:
            log.info("the machine woke from sleep")
            self._call_woken()

    @Slot(QDBusMessage)
    def clock_changed(self, _message: QDBusMessage) -> None:
        """Hear that the zone or the clock was set; the C library must read the zone again."""
        if sys.platform != "win32":  # which mypy checks this for, too
            time.tzset()
        self._call_clock()
