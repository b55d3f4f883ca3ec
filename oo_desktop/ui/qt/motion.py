"""Knows whether movements are welcome: some people get sick of them, and desktops let them say so.

There is no one place where that stands. Asked are Qt's style, whose platform theme may know, and
the desktop's portal: its setting `reduced-motion` (XDG Desktop Portal, Settings, namespace
`org.freedesktop.appearance`) and GNOME's `enable-animations`, which other desktops set as well.
"""

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusVariant
from PySide6.QtWidgets import QApplication, QStyle

PORTAL = (
    "org.freedesktop.portal.Desktop",
    "/org/freedesktop/portal/desktop",
    "org.freedesktop.portal.Settings",
)
REDUCED = ("org.freedesktop.appearance", "reduced-motion")
ANIMATIONS = ("org.gnome.desktop.interface", "enable-animations")


class Motion(QObject):
    """Watches for as long as it lives. Until the portal has answered, movements are welcome."""

    def __init__(self, parent: QObject | None = None, bus: QDBusConnection | None = None) -> None:
        super().__init__(parent)
        self._bus = bus or QDBusConnection.sessionBus()
        self._said: dict[tuple[str, str], object] = {}
        if self._bus.isConnected():
            signal = "SettingChanged"
            slot = SLOT("changed(QString,QString,QDBusVariant)")
            self._bus.connect(*PORTAL, signal, self, slot)  # type: ignore[call-overload]  # it takes what SLOT() returns
            for setting in (REDUCED, ANIMATIONS):
                self._ask(setting)

    @property
    def allowed(self) -> bool:
        """Return whether something may move."""
        style = QApplication.style()
        if style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0:
            return False
        return self._said.get(REDUCED) != 1 and self._said.get(ANIMATIONS) is not False

    def _ask(self, setting: tuple[str, str]) -> None:
        call = QDBusMessage.createMethodCall(*PORTAL, "ReadOne")
        call.setArguments(list(setting))
        call.setAutoStartService(False)
        watcher = QDBusPendingCallWatcher(self._bus.asyncCall(call), self)
        watcher.finished.connect(lambda done: self._answered(setting, done))

    def _answered(self, setting: tuple[str, str], done: QDBusPendingCallWatcher) -> None:
        reply = done.reply()
        if reply.type() is QDBusMessage.MessageType.ReplyMessage and reply.arguments():
            self._said[setting] = _plain(reply.arguments()[0])
        done.deleteLater()

    @Slot(str, str, QDBusVariant)
    def changed(self, namespace: str, key: str, value: QDBusVariant) -> None:
        """Hear that a setting was changed."""
        self._said[namespace, key] = _plain(value)


def _plain(value: object) -> object:
    while isinstance(value, QDBusVariant):
        value = value.variant()
    return value
