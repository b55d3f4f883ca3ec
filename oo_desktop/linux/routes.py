"""Hears that the network came back, from the kernel, which tells of every change of a route.

(rtnetlink(7).) Qt's own `QNetworkInformation` costs 5 MB, for QtNetwork and what it is linked to,
and asks either NetworkManager, which not everybody runs, or GLib, which reads the same routes.
"""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

ROUTE_CHANGES = 0x40 | 0x400
"""RTMGRP_IPV4_ROUTE and RTMGRP_IPV6_ROUTE of <linux/rtnetlink.h>."""

USABLE, REJECTS = 0x1, 0x200
"""RTF_UP and RTF_REJECT of <linux/route.h> and <linux/ipv6_route.h>."""

MAX_MESSAGES = 64 * 1024
"""Bytes read at once of what the kernel tells; none of them are looked at."""

SETTLE_MS = 2000
"""Milliseconds from a route to its use: an address comes before the servers of names do."""


class RouteWatch(QObject):
    """Calls `back` when there is a way to the internet again; for as long as it lives.

    changes: becomes readable whenever a route has changed; taken over.
    online: says whether there is such a way now. settle: milliseconds for which it must be there.
    """

    def __init__(
        self,
        back: Callable[[], object],
        *,
        changes: socket.socket,
        online: Callable[[], bool],
        settle: int = SETTLE_MS,
    ) -> None:
        super().__init__()
        self._back = back
        self._online = online
        # The bare number, for sockets complain of whoever lets them live as long as the program.
        self._changes = changes.detach()
        self._offline = not online()
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(settle)
        self._settled.timeout.connect(self._tell)
        self._notifier = QSocketNotifier(self._changes, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._changed)
        self.destroyed.connect(partial(os.close, self._changes))

    def _changed(self) -> None:
        with suppress(OSError):  # all is read; or more came than was kept, which is a change, too
            while os.read(self._changes, MAX_MESSAGES):
                pass
        if not self._online():
            self._offline = True
            self._settled.stop()
        elif self._offline:
            self._settled.start()

    def _tell(self) -> None:
        self._offline = False
        self._back()


def watch_routes(back: Callable[[], object]) -> RouteWatch | None:
    """Return what calls `back` when the network is back, for as long as it is kept.

    None where nothing can be heard: then polls find it out by themselves.
    """
    if sys.platform != "linux":  # mypy checks this for other systems, too
        return None
    try:
        changes = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE
        )
        changes.bind((0, ROUTE_CHANGES))
    except OSError:  # forbidden in a sandbox
        return None
    return RouteWatch(back, changes=changes, online=has_default_route)


def has_default_route(folder: Path = Path("/proc/net")) -> bool:
    """Return whether anything leads further than the own network (proc_pid_net(5))."""
    ipv4 = ((row[1] == row[7] == "0" * 8, row[3], row[0]) for row in _rows(folder / "route", 8))
    ipv6 = (
        (row[0] == "0" * 32 and row[1] == "00", row[8], row[9])
        for row in _rows(folder / "ipv6_route", 10)
    )
    return any(
        leads_anywhere and _is_usable(flags) and interface != "lo"
        for routes in (ipv4, ipv6)
        for leads_anywhere, flags, interface in routes
    )


def _rows(file: Path, columns: int) -> Iterator[list[str]]:
    try:
        text = file.read_text("ascii", errors="replace")
    except OSError:
        return  # a kernel without that protocol
    for line in text.splitlines():
        row = line.split()
        if len(row) >= columns:
            yield row


def _is_usable(flags: str) -> bool:
    try:
        return int(flags, 16) & (USABLE | REJECTS) == USABLE
    except ValueError:
        return False  # the line of headings
