"""Hears whether the desktop is not to be disturbed, and whether its screen is locked.

| What | Who says so |
|---|---|
| do not disturb | `Inhibited` of the notification daemon (Plasma; Notifications 1.2, appendix) |
| | `paused` of dunst (org.dunstproject.cmd0, dunst(1)) |
| | `/do-not-disturb` of xfce4-notifyd, in xfconf |
| | the switch and the inhibitors of swaync (org.erikreider.swaync.cc) |
| | the mode `do-not-disturb` of mako (mako(5), "MODES") |
| locked | `ActiveChanged` of the screen saver: freedesktop.org, GNOME, MATE, Cinnamon, Xfce |
| | `LockedHint` of this session in logind (org.freedesktop.login1(5)) |

What is so at the start is asked once; after that only signals count, and nobody is started in order
to be asked. GNOME says nothing of its do-not-disturb on the bus; there, notifications of that time
stand in its list, as ever. A screen that saves itself counts as locked: nobody sits before it.
"""

import os
from collections.abc import Callable, Mapping

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import (
    QDBusConnection,
    QDBusError,
    QDBusMessage,
    QDBusObjectPath,
    QDBusServiceWatcher,
    QDBusVariant,
)

NOTIFICATIONS = "org.freedesktop.Notifications"
NOTIFICATIONS_PATH = "/org/freedesktop/Notifications"
DUNST = "org.dunstproject.cmd0"
PROPERTIES = "org.freedesktop.DBus.Properties"
XFCONF = "org.xfce.Xfconf"
XFCONF_PATH = "/org/xfce/Xfconf"
XFCE_CHANNEL = "xfce4-notifyd"
XFCE_PROPERTY = "/do-not-disturb"
SWAYNC = "org.erikreider.swaync.cc"
SWAYNC_PATH = "/org/erikreider/swaync/cc"
SWAYNC_INHIBITORS = f"{SWAYNC}.inhibitors"
MAKO = "fr.emersion.Mako"
MAKO_PATH = "/fr/emersion/Mako"
MAKO_MODE = "do-not-disturb"
LOGIND = "org.freedesktop.login1"
LOGIND_PATH = "/org/freedesktop/login1"
SESSION = "org.freedesktop.login1.Session"

DAEMON = (NOTIFICATIONS, NOTIFICATIONS_PATH, PROPERTIES)
XFCE = (XFCONF, XFCONF_PATH, XFCONF)
SWAY = (SWAYNC, SWAYNC_PATH, SWAYNC)

DAEMON_SAYS = {
    NOTIFICATIONS: ("Inhibited", "daemon_answers"),
    DUNST: ("paused", "dunst_answers"),
}
"""The property of each interface that says whether notifications are kept back, and who hears."""

SCREEN_SAVERS = (
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
)


class DesktopQuiet(QObject):
    """Watches for as long as it lives, and calls `changed` when one of the two has changed.

    changed: called with `do_not_disturb` and `locked`.
    session_bus, system_bus: arguments so that tests bring theirs.
    """

    def __init__(
        self,
        changed: Callable[[bool, bool], object],
        *,
        session_bus: QDBusConnection | None = None,
        system_bus: QDBusConnection | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        super().__init__()
        self._changed = changed
        self._quiet: dict[str, bool] = {}
        self._locked: dict[str, bool] = {}
        self._said = (False, False)
        self._logind_session = (LOGIND, LOGIND_PATH, PROPERTIES)
        self._session = session_bus or QDBusConnection.sessionBus()
        self._system = system_bus or QDBusConnection.systemBus()
        if self._session.isConnected():
            self._watch_daemon()
            self._watch_screen_savers()
            self._watch_owners()
        if self._system.isConnected() and (name := environment.get("XDG_SESSION_ID")):
            manager = (LOGIND, LOGIND_PATH, f"{LOGIND}.Manager")
            self._ask(self._system, manager, "GetSession", (name,), "session_named")

    @property
    def do_not_disturb(self) -> bool:
        """Return whether somebody has said that, and not taken it back."""
        return any(self._quiet.values())

    @property
    def locked(self) -> bool:
        """Return whether the screen is locked, as far as anybody says."""
        return any(self._locked.values())

    def _watch_daemon(self) -> None:
        self._hear(self._session, DAEMON, "PropertiesChanged", "daemon_says")
        mako_changes = (NOTIFICATIONS, MAKO_PATH, PROPERTIES)
        self._hear(self._session, mako_changes, "PropertiesChanged", "mako_says")
        self._hear(self._session, XFCE, "PropertyChanged", "xfconf_says")
        self._hear(self._session, SWAY, "SubscribeV2", "swaync_says")
        self._ask_daemon()
        self._ask_xfconf()

    def _ask_daemon(self) -> None:
        for interface, (name, slot) in DAEMON_SAYS.items():
            self._ask(self._session, DAEMON, "Get", (interface, name), slot)
        self._ask_mako()
        self._ask(self._session, SWAY, "GetDnd", (), "swaync_answers")
        self._ask(self._session, SWAY, "IsInhibited", (), "swaync_is_inhibited")

    def _ask_mako(self) -> None:
        self._ask(self._session, (NOTIFICATIONS, MAKO_PATH, MAKO), "ListModes", (), "mako_answers")

    def _ask_xfconf(self) -> None:
        self._ask(
            self._session, XFCE, "GetProperty", (XFCE_CHANNEL, XFCE_PROPERTY), "xfconf_answers"
        )

    def _watch_screen_savers(self) -> None:
        for name, path in SCREEN_SAVERS:
            self._hear(self._session, (name, path, name), "ActiveChanged", "screen_saver_says")

    def _watch_owners(self) -> None:
        """Whoever goes away takes along what they have said."""
        mode = QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange
        self._owners = QDBusServiceWatcher(NOTIFICATIONS, self._session, mode, self)
        for name in {XFCONF, SWAYNC, *(name for name, _ in SCREEN_SAVERS)}:
            self._owners.addWatchedService(name)
        self._owners.serviceOwnerChanged.connect(self._owner_changed)

    def _owner_changed(self, name: str, _before: str, now: str) -> None:
        if name in {NOTIFICATIONS, SWAYNC}:
            for daemon in (*DAEMON_SAYS, MAKO, SWAYNC, SWAYNC_INHIBITORS):
                self._note(self._quiet, daemon, said=False)
            if now:
                self._ask_daemon()
        elif name == XFCONF:
            self._note(self._quiet, XFCONF, said=False)
            if now:
                self._ask_xfconf()
        else:
            self._note(self._locked, name, said=False)

    def _ask_logind(self) -> None:
        self._ask(
            self._system, self._logind_session, "Get", (SESSION, "LockedHint"), "session_answers"
        )

    # PySide hands over what has changed (a{sv}) as a value that cannot be read, so it is asked for.

    @Slot(QDBusMessage)
    def daemon_says(self, message: QDBusMessage) -> None:
        """Hear a PropertiesChanged of the notification daemon."""
        said = message.arguments()
        if said and said[0] in DAEMON_SAYS:
            self._ask_daemon()

    @Slot(QDBusMessage)
    def daemon_answers(self, message: QDBusMessage) -> None:
        """Hear whether the daemon is inhibited (Plasma)."""
        self._note(self._quiet, NOTIFICATIONS, _first(message))

    @Slot(QDBusMessage)
    def dunst_answers(self, message: QDBusMessage) -> None:
        """Hear whether dunst is paused."""
        self._note(self._quiet, DUNST, _first(message))

    @Slot(QDBusMessage)
    def mako_says(self, message: QDBusMessage) -> None:
        """Hear that mako has other modes: it does not say which."""
        if message.arguments()[:1] == [MAKO]:
            self._ask_mako()

    @Slot(QDBusMessage)
    def mako_answers(self, message: QDBusMessage) -> None:
        """Hear which modes mako is in."""
        modes = _first(message)
        if isinstance(modes, list):
            self._note(self._quiet, MAKO, MAKO_MODE in modes)

    @Slot(QDBusMessage)
    def swaync_says(self, message: QDBusMessage) -> None:
        """Hear how many swaync has, whether it shows none, its panel is open, it is inhibited."""
        match message.arguments():
            case [_, dnd, _, inhibited]:
                self._note(self._quiet, SWAYNC, dnd)
                self._note(self._quiet, SWAYNC_INHIBITORS, inhibited)

    @Slot(QDBusMessage)
    def swaync_answers(self, message: QDBusMessage) -> None:
        """Hear whether swaync's switch is on."""
        self._note(self._quiet, SWAYNC, _first(message))

    @Slot(QDBusMessage)
    def swaync_is_inhibited(self, message: QDBusMessage) -> None:
        """Hear whether a program keeps swaync quiet, as one that shares the screen does."""
        self._note(self._quiet, SWAYNC_INHIBITORS, _first(message))

    @Slot(QDBusMessage)
    def xfconf_answers(self, message: QDBusMessage) -> None:
        """Hear what xfconf has of xfce4-notifyd."""
        self._note(self._quiet, XFCONF, _first(message))

    @Slot(QDBusMessage)
    def session_named(self, message: QDBusMessage) -> None:
        """Hear which object stands for this session in logind."""
        path = _first(message)
        if isinstance(path, QDBusObjectPath):
            self._logind_session = (LOGIND, path.path(), PROPERTIES)
            self._hear(self._system, self._logind_session, "PropertiesChanged", "logind_says")
            self._ask_logind()

    @Slot(QDBusMessage)
    def logind_says(self, message: QDBusMessage) -> None:
        """Hear a PropertiesChanged of this session."""
        if message.arguments()[:1] == [SESSION]:
            self._ask_logind()

    @Slot(QDBusMessage)
    def session_answers(self, message: QDBusMessage) -> None:
        """Hear whether this session is locked."""
        self._note(self._locked, SESSION, _first(message))

    @Slot(QDBusError, QDBusMessage)
    def nobody_answers(self, _error: QDBusError, _message: QDBusMessage) -> None:
        """Hear that a service is not there, or knows no such thing: nothing is assumed."""

    @Slot(QDBusMessage)
    def xfconf_says(self, message: QDBusMessage) -> None:
        """Hear a PropertyChanged of xfconf, which speaks of all of Xfce."""
        said = message.arguments()
        if said[:2] == [XFCE_CHANNEL, XFCE_PROPERTY] and len(said) == 3:
            self._note(self._quiet, XFCONF, said[2])

    @Slot(QDBusMessage)
    def screen_saver_says(self, message: QDBusMessage) -> None:
        """Hear that a screen saver came up or went."""
        self._note(self._locked, message.interface(), _first(message))

    def _note(self, kept: dict[str, bool], who: str, said: object) -> None:
        value = said.variant() if isinstance(said, QDBusVariant) else said
        if not isinstance(value, bool):
            return
        kept[who] = value
        now = (self.do_not_disturb, self.locked)
        if now != self._said:
            self._said = now
            self._changed(*now)

    def _hear(
        self, bus: QDBusConnection, source: tuple[str, str, str], signal: str, slot: str
    ) -> None:
        # PySide's stub asks for bytes; the call takes only what its SLOT() returns, a str.
        bus.connect(*source, signal, self, _slot(slot))  # type: ignore[call-overload]  # see above

    def _ask(
        self,
        bus: QDBusConnection,
        at: tuple[str, str, str],
        member: str,
        words: tuple[str, ...],
        slot: str,
    ) -> None:
        """Have the answer given to `slot`; starts nobody who is not there."""
        message = QDBusMessage.createMethodCall(*at, member)
        message.setArguments(list(words))
        message.setAutoStartService(False)
        bus.callWithCallback(message, self, _slot(slot), _NOBODY)  # type: ignore[call-overload]  # as above


_NOBODY = str(SLOT("nobody_answers(QDBusError,QDBusMessage)"))


def _slot(name: str) -> str:
    return str(SLOT(f"{name}(QDBusMessage)"))


def _first(message: QDBusMessage) -> object:
    return next(iter(message.arguments()), None)
