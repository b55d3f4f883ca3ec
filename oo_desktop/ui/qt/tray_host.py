"""Finds out which program shows tray icons here, for no two of them treat an item alike.

It is asked for once, when an icon is made or a host comes: two calls on the bus, 0.3 ms together.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtDBus import QDBus, QDBusConnection, QDBusError, QDBusMessage

from oo_desktop.ui.qt.first_icon import WATCHER
from oo_desktop.ui.view.text import MenuChannel, TooltipChannel

WATCHER_PATH = "/StatusNotifierWatcher"

ANSWER_MS = 100
"""Milliseconds for the watcher to answer; one that is slower is there."""

GNOME_SHELL = "gnome-shell"

_CHANNELS = {
    GNOME_SHELL: MenuChannel.GNOME,
    "kded5": MenuChannel.KDE,  # has the watcher, for plasmashell
    "kded6": MenuChannel.KDE,
    "plasmashell": MenuChannel.KDE,
    "lxqt-panel": MenuChannel.KDE,
    "mate-panel": MenuChannel.MATE,
    "xapp-sn-watcher": MenuChannel.MATE,
    "budgie-panel": MenuChannel.MATE,
}
"""How the menus of these read labels; all others' are taken for libdbusmenu-gtk's."""

_TOOLTIPS = {
    **dict.fromkeys(("mate-panel", "waybar"), TooltipChannel.PANGO),
    **dict.fromkeys(
        ("xfce4-panel", "xapp-sn-watcher", "lxqt-panel", "kded5", "kded6", "plasmashell"),
        TooltipChannel.PLAIN,
    ),
}

_ROW_HEIGHTS = {GNOME_SHELL: 39, "lxqt-panel": 35, "kded5": 28, "kded6": 28, "plasmashell": 28}
_USUAL_ROW_HEIGHT = 26
"""Pixels: the tallest that were measured, in the themes that come with each. (GNOME's with Noto
Sans, which stands in for its own font.)"""

_UNFOLDED = {GNOME_SHELL: 2.5}
"""Rows of a submenu that opens within the menu and scrolls there. Without room, it is half a row
tall."""

_SAY_CLOSED = frozenset({GNOME_SHELL, "kded5", "kded6", "plasmashell", "lxqt-panel", "mate-panel"})

_KEEP_HEIGHT = frozenset(
    {
        *("xfce4-panel", "mate-panel", "waybar", "xapp-sn-watcher", "budgie-panel", "snixembed"),
        "ayatana-indicat",  # ayatana-indicator-application-service, for indicator applets
    }
)

_READ_SUBMENUS_APART = frozenset({"kded5", "kded6", "plasmashell"})

_PARTS = {
    "panel-": "xfce4-panel",
    "wrapper-": "xfce4-panel",
    "notification-ar": "mate-panel",
    "budgie-daemon": "budgie-panel",
}
"""How processes of parts of a panel begin: `panel-2-systray` (Xfce 4.18), `wrapper-2.0` (4.20),
`notification-area-applet`. The kernel keeps 15 characters."""

_OF_DESKTOPS = {"GNOME": GNOME_SHELL, "KDE": "plasmashell", "LXQT": "lxqt-panel"}


def tray_host(
    bus: QDBusConnection,
    *,
    environment: Mapping[str, str] = os.environ,
    processes: Path = Path("/proc"),
) -> str | None:
    """Return the name of the process that is the watcher on `bus`, or of the panel that the process
    is a part of; None: there is none.

    Where its process cannot be seen, as in a sandbox, it is that of the desktop in `environment`;
    empty where that tells nothing either.
    """
    interface = bus.interface() if bus.isConnected() else None
    if interface is None:
        return None
    owner = interface.serviceOwner(WATCHER)
    if not owner.isValid():
        return None
    pid = interface.servicePid(owner.value())
    try:
        name = (processes / str(int(pid.value())) / "comm").read_text("utf-8").strip()
    except (OSError, ValueError, TypeError):
        desktops = environment.get("XDG_CURRENT_DESKTOP", "").upper().split(":")
        return next((_OF_DESKTOPS[each] for each in desktops if each in _OF_DESKTOPS), "")
    return next((panel for part, panel in _PARTS.items() if name.startswith(part)), name)


def is_empty_name(bus: QDBusConnection) -> bool:
    """Return whether a program on `bus` has the watcher's name, and no watcher.

    kded6 takes the name as soon as one program of KDE starts it, and brings the watcher into
    Plasma's sessions alone. Elsewhere no bar can have the name then, and Qt believes in a tray.
    """
    get = QDBusMessage.createMethodCall(
        WATCHER, WATCHER_PATH, "org.freedesktop.DBus.Properties", "Get"
    )
    get.setArguments([WATCHER, "IsStatusNotifierHostRegistered"])
    get.setAutoStartService(False)
    answer = bus.call(get, QDBus.CallMode.Block, ANSWER_MS)
    return QDBusError(answer).type() is QDBusError.ErrorType.UnknownObject


def says_closed(host: str) -> bool:
    """Return whether `host`, the name of its process, tells when a menu closes."""
    return host in _SAY_CLOSED


def keeps_height(host: str) -> bool:
    """Return whether a menu of `host`, the name of its process, stays as tall as it was when it
    opened: what comes then is cut off below. So it is with GTK 3, which takes the measure once
    (`gtk_window_fixate_size` in gtkmenu.c), and asks for what is new only after that.
    """
    return host in _KEEP_HEIGHT


def reads_submenus_apart(host: str) -> bool:
    """Return whether `host`, the name of its process, reads a submenu anew only when told of it."""
    return host in _READ_SUBMENUS_APART


def row_height(host: str) -> int:
    """Return how tall `host`, the name of its process, draws a row of a menu, in pixels."""
    return _ROW_HEIGHTS.get(host, _USUAL_ROW_HEIGHT)


def unfolded_rows(host: str) -> float:
    """Return how many rows are to be left for submenus in a menu of `host`, the name of its
    process: none where they open beside it."""
    return _UNFOLDED.get(host, 0)


def channel_of(host: str) -> MenuChannel:
    """Return how menus of `host`, the name of its process, read labels."""
    return _CHANNELS.get(host, MenuChannel.GTK)


def tooltip_channel_of(host: str | None) -> TooltipChannel:
    """Return how `host`, the name of its process, reads tooltips; None: Qt draws them itself."""
    return TooltipChannel.PLAIN if host is None else _TOOLTIPS.get(host, TooltipChannel.UNKNOWN)
