"""Renders a `TrayView` as the tray icon and its menu, and hands over what is clicked.

Everything is in the native context menu, the one surface every desktop draws in the right place.
The menu is never changed in shape while it is open, for a row must not move under the pointer; what
comes meanwhile waits until it closes. A panel may forget to say that it closed, so the wait ends.
And GNOME says that it is about to show one that nobody opens, whenever an icon registers.

The icon needs a host, and on Linux a host may come late or restart. An icon made before there was
one never registers, a *new* one does (Qt re-registers by itself with a host that restarts), so one
is made whenever the watcher's name appears on the session bus while we are without.

Only PySide6 and what is pure is imported here: the icon is in the tray before anything heavy loads.
"""

import logging
from collections.abc import Callable
from datetime import date
from functools import partial
from time import monotonic

from PySide6.QtCore import QObject, QTimer
from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QDialog, QSystemTrayIcon

from oo_desktop.commands.commands import (
    Asker,
    AskForDay,
    AskToDisconnect,
    Command,
    Connect,
    Disconnect,
    Execute,
    KnownUser,
    Move,
    ShowWindow,
)
from oo_desktop.model.signals import AccountKey, ProviderId
from oo_desktop.model.state import ClientHelp, Service
from oo_desktop.model.text import elided, plain_text
from oo_desktop.ui.qt.first_icon import WATCHER, FirstIcon
from oo_desktop.ui.qt.icons import Ink, tray_icon
from oo_desktop.ui.qt.menu import RowMenu, command_of
from oo_desktop.ui.qt.menu_export import MenuExport
from oo_desktop.ui.qt.tray_host import (
    GNOME_SHELL,
    channel_of,
    is_empty_name,
    keeps_height,
    reads_submenus_apart,
    row_height,
    says_closed,
    tooltip_channel_of,
    tray_host,
    unfolded_rows,
)
from oo_desktop.ui.view.accounts import MAX_LABEL
from oo_desktop.ui.view.icon import IconView
from oo_desktop.ui.view.rows import RowKind, TrayView, height_of, starting_view
from oo_desktop.ui.view.text import MenuChannel, tooltip_text, whole_line

log = logging.getLogger(__name__)

MAX_OPEN_MS = 30_000
"""Milliseconds after which a menu that nobody closed counts as closed, at hosts that never say so:
xfce4-panel, waybar, xapp."""

MAX_READ_MS = 600_000
"""Milliseconds after which it does at hosts that do: LXQt's panel closes a menu that changes."""

REGISTERING_SECONDS = 10
"""Seconds within which GNOME has asked for the menu of a new icon (it takes half a second on
a quiet machine)."""

AROUND_MENU = 20
"""Pixels: a menu's own edges, and what it keeps from the screen's."""

AROUND_TEXT = 8
"""Pixels above and below the text of a row that Qt draws."""

USUAL_HEIGHT = 1000
"""Pixels there are where no screen is."""

MIN_PANEL = 32
"""Pixels of a panel, for Wayland tells nothing of one."""

HOST_PATIENCE_MS = 10_000
"""Milliseconds in which a session that is starting up gets its tray host."""


class Tray(QObject):
    """Shows oO in the tray, and asks what has to be asked in windows.

    It can be shown before anything is behind it; `serve` says what its clicks lead to.

    first: the icon that is in the tray already, for the tray to take over.
    can_ask: whether a window could be seen.
    host_patience: milliseconds in which a tray host should have come.
    open_at_most: milliseconds after which an open menu counts as closed where nobody says so.
    find_host: returns the name of the process that shows icons, None for none.
    is_empty_name: tells whether it only has the name of one that does.

    taken_by: the process that was found to have but the name; empty: it cannot be told; else None.
    """

    def __init__(
        self,
        *,
        ink: Ink,
        first: FirstIcon | None = None,
        can_ask: bool = True,
        host_patience: int = HOST_PATIENCE_MS,
        open_at_most: int = MAX_OPEN_MS,
        find_host: Callable[[QDBusConnection], str | None] = tray_host,
        is_empty_name: Callable[[QDBusConnection], bool] = is_empty_name,
    ) -> None:
        super().__init__()
        self._find_host = find_host
        self._is_empty_name = is_empty_name
        self.taken_by: str | None = None
        self._can_ask = can_ask
        self._execute: Execute | None = None
        self._fresh: Callable[[], TrayView] = starting_view
        self._on_no_host: Callable[[], object] = lambda: None
        self._on_host: Callable[[], object] = lambda: None
        self._ink = ink
        self._view: TrayView | None = None
        self._pending: TrayView | None = None
        self._drawn: tuple[IconView, Ink] | None = None
        self._most: float | None = None
        self._registering_until = 0.0
        self._dialog: QDialog | None = None
        self._open_at_most = open_at_most
        self._open_end = _single_shot(self, open_at_most, self._closed)
        self._host_end = _single_shot(self, host_patience, self._judge_host)
        self._bus = QDBusConnection.sessionBus()
        self._watcher = QDBusServiceWatcher(
            WATCHER, self._bus, QDBusServiceWatcher.WatchModeFlag.WatchForRegistration, self
        )
        self._watcher.serviceRegistered.connect(self._host_came)
        self._raise_icon(first)
        self._host_end.start()

    def serve(
        self,
        *,
        execute: Execute,
        fresh: Callable[[], TrayView],
        on_no_host: Callable[[], object] = lambda: None,
        on_host: Callable[[], object] = lambda: None,
    ) -> None:
        """Say what is behind the tray.

        execute: carries out what is clicked.
        fresh: the view as of now; asked when the menu is about to show, so that ages are right.
        on_no_host: called once if no tray host turns up. on_host: called when one does later.
        """
        self._execute = execute
        self._fresh = fresh
        self._on_no_host = on_no_host
        self._on_host = on_host

    @property
    def menu(self) -> RowMenu:
        """Return the menu the host shows."""
        return self._menu

    @property
    def host(self) -> str | None:
        """Return the name of the process that shows icons; empty: it cannot be told; None: there is
        none, or it is no StatusNotifierItem's."""
        return self._host

    @property
    def room(self) -> float:
        """Return how many rows a menu has room for, on the smallest screen and as tall as the host
        draws them; none more than it has, while it opens at a host that would cut it off."""
        if self._most is not None:
            return self._most
        heights = (
            min(screen.availableGeometry().height(), screen.geometry().height() - MIN_PANEL)
            for screen in QGuiApplication.screens()
        )
        height = min(heights, default=USUAL_HEIGHT)
        if self._channel is MenuChannel.QT:
            row = self._menu.menu.fontMetrics().height() + AROUND_TEXT
        else:  # no font of ours is drawn, and none has to be loaded
            row = row_height(self._host or "")
        return (height - AROUND_MENU) / row - unfolded_rows(self._host or "")

    @property
    def open(self) -> bool:
        """Return whether the menu is being read, and so must keep its shape."""
        return self._open_end.isActive()

    def render(self, view: TrayView) -> None:
        """Show `view`: at once, or of an open menu what can be clicked and stays, and all the rest
        when it closes. An equal view does nothing."""
        if self.open and not self._menu.same_shape(view.rows):
            self._pending = view
            self._apply_icon(view)
            # Not headings and submenus: what they count or lead to may be among what waits.
            self._menu.say(tuple(row for row in view.rows if row.kind is RowKind.COMMAND))
            return
        if view != self._view or self._pending is not None:
            self._pending = None
            self._apply(view)

    def set_ink(self, ink: Ink) -> None:
        """Draw the icon for another panel colour."""
        self._ink = ink
        if self._view is not None:
            self._apply_icon(self._view)

    def close(self) -> None:
        """Take the icon out of the tray."""
        self._open_end.stop()
        self._host_end.stop()
        self._icon.hide()
        if self._dialog is not None:
            self._dialog.close()

    # The icon and its host

    def _raise_icon(self, first: FirstIcon | None = None) -> None:
        """Take over the first icon, or make one, with an empty menu; the menu belongs to it before
        anything is in it, or some hosts keep showing the old one."""
        self._host = self._find_host(self._bus)
        self._channel = self._channel_here()
        self._drawn = None
        if first is not None and first.has_host is (self._host is not None):
            self._icon = first.icon
            self._icon.setParent(self)
            self._drawn = (first.view, first.ink)
            self._registers()
        else:
            if first is not None:  # a host has come since, and knows nothing of it
                first.icon.hide()
            self._icon, first = QSystemTrayIcon(self), None
        self._menu = RowMenu(channel=self._channel, menu=first.menu if first else None)
        self._export = MenuExport(self._menu.menu, submenus=reads_submenus_apart(self._host or ""))
        if self._channel is not MenuChannel.QT:
            self._menu.at_once = self._export.at_once
        self._menu.menu.triggered.connect(self._triggered)
        self._menu.menu.aboutToShow.connect(self._about_to_show)
        self._menu.menu.aboutToHide.connect(self._closed)
        self._icon.setContextMenu(self._menu.menu)
        self._icon.activated.connect(self._activated)
        if self._view is not None:
            self._apply(self._view)

    def _channel_here(self) -> MenuChannel:
        """Who draws the menu. (Qt decides the same way when it makes an icon.)"""
        if self._host is None and QGuiApplication.platformName() != "wayland":
            return MenuChannel.QT
        return channel_of(self._host or "")

    def _host_came(self) -> None:
        self._on_host()
        if self._channel is not MenuChannel.QT:  # Qt registers the icon it has again
            self._closed()  # with the host that went
            self._host = self._find_host(self._bus)
            self._export.submenus = reads_submenus_apart(self._host or "")
            self._registers()
            channel = channel_of(self._host or "")
            if channel is not self._channel:
                self._channel = channel
                self._menu.set_channel(channel)
            if self._view is not None:
                self._apply_icon(self._view)
            return
        log.info("a tray host has come; registering with it")
        old_icon, old_menu = self._icon, self._menu
        self._closed()
        self._raise_icon()
        old_icon.hide()
        old_icon.deleteLater()
        old_menu.discard()

    def _registers(self) -> None:
        """The icon is about to register with the host."""
        if self._host == GNOME_SHELL:
            self._registering_until = monotonic() + REGISTERING_SECONDS

    def _judge_host(self) -> None:
        if self._is_empty_name(self._bus):
            self.taken_by = self._find_host(self._bus)
        if self.taken_by is not None or not QSystemTrayIcon.isSystemTrayAvailable():
            self._on_no_host()

    def show_message(self, title: str, body: str) -> None:
        """Show a notification by the icon, where the system has no better way."""
        self._icon.showMessage(title, body)

    # Rendering

    def _apply(self, view: TrayView) -> None:
        self._apply_icon(view)
        self._menu.show(view.rows)
        self._view = view

    def _apply_icon(self, view: TrayView) -> None:
        channel = tooltip_channel_of(self._host)
        lines = ("oO", *view.tooltip)
        tooltip = "\n".join(tooltip_text(whole_line(line), channel) for line in lines)
        picture = (view.icon.picture, self._ink)
        if self._drawn != picture:
            self._icon.setIcon(tray_icon(*picture))
            self._drawn = picture
            if not self._icon.isVisible():
                self._registers()
                self._icon.show()
        if tooltip != self._icon.toolTip():
            self._icon.setToolTip(tooltip)

    # The menu, opened and clicked

    def _about_to_show(self) -> None:
        self._open_end.stop()  # a menu that is about to show is not open, whatever was not said
        self._render_fresh()
        if monotonic() < self._registering_until:
            self._registering_until = 0.0
            return
        closes = self._channel is MenuChannel.QT or says_closed(self._host or "")
        self._open_end.start(MAX_READ_MS if closes else self._open_at_most)

    def _render_fresh(self) -> None:
        """Show what is new as the menu opens. Where it cannot grow any more, *Quit* would be out of
        reach: it folds as much more away, until it has closed."""
        view, height = self._fresh(), self._menu.height
        if not keeps_height(self._host or "") or height_of(view.rows) <= height:
            self.render(view)
            return
        self._most = height
        try:
            self.render(self._fresh())
        finally:
            self._most = None
        self._pending = view

    def _closed(self) -> None:
        self._open_end.stop()
        if self._pending is not None:
            # Not from within the panel's own call, which is about this very menu.
            QTimer.singleShot(0, self, self._render_pending)

    def _render_pending(self) -> None:
        if self._pending is not None and not self.open:
            self.render(self._pending)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        """Open the window at a left click, where the host passes that on: the menu is the panel's
        own, at the other button. (GNOME's opens it at both, and passes nothing on.) A panel that
        draws no menus, such as swaybar, passes that button on as well."""
        is_left = reason is QSystemTrayIcon.ActivationReason.Trigger
        is_right = reason is QSystemTrayIcon.ActivationReason.Context
        if self._can_ask and (is_left or (is_right and self._channel is not MenuChannel.QT)):
            self._hand_over(ShowWindow())

    def _triggered(self, action: QAction) -> None:
        self._closed()  # every host closes the menu at a click, and not every one says so
        command = command_of(action)
        if command is not None and self._execute is not None:
            self._execute(command)

    # What only a screen can do (`execute.Screen`)

    @property
    def can_ask(self) -> bool:
        """Return whether a window could be seen."""
        return self._can_ask

    def ask_for_token(self, provider: ProviderId, service: str) -> None:
        """Ask for a personal API token of `service`, and connect with it."""
        from oo_desktop.ui.qt.dialogs import token_dialog

        def connect(token: str, asker: Asker) -> None:
            self._hand_over(Connect(provider, token=token), asker)

        self._ask(token_dialog(service, connect))

    def ask_for_link(
        self, provider: ProviderId, *, where: str, user: AccountKey | None = None, label: str = ""
    ) -> None:
        """Ask for a calendar's secret link, and connect with it.

        where: sentences on where such a link is found.
        user: the account whose current link is asked for; label: what it is called.
        """
        from oo_desktop.ui.qt.dialogs import link_dialog

        def connect(link: str, asker: Asker) -> None:
            self._hand_over(Connect(provider, user, token=link), asker)

        label = elided(plain_text(label), MAX_LABEL)
        self._ask(link_dialog(connect, where=where, label=label))

    def ask_for_password(self, service: Service, *, known: KnownUser | None = None) -> None:
        """Ask for a server, a user name and a password, and connect with them.

        known: whose password is asked for again; else a new account's.
        """
        from oo_desktop.ui.qt.password_window import PasswordWindow

        self._ask(PasswordWindow(service, known=known, execute=self._hand_over))

    def ask_for_server(self, service: Service) -> None:
        """Ask for the address of a server, and sign in there with the browser."""
        from oo_desktop.ui.qt.password_window import ServerWindow

        self._ask(ServerWindow(service, execute=self._hand_over))

    def ask_for_client(self, provider: ProviderId, help: ClientHelp) -> None:  # noqa: A002  # as in BringClient
        """Open the window that explains how to make a client, and takes its file.

        One that is open already comes to the front, with the file that may be in it.
        """
        from oo_desktop.ui.qt.client_window import ClientWindow

        if isinstance(self._dialog, ClientWindow):
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        self._ask(ClientWindow(provider, help=help, execute=self._hand_over))

    def ask_to_disconnect(self, command: AskToDisconnect) -> None:
        """Ask whether to forget an account, and say what would be lost with it."""
        from oo_desktop.ui.qt.dialogs import disconnect_dialog

        key = command.key
        disconnect = partial(self._hand_over, Disconnect(key.provider, key))
        self._ask(disconnect_dialog(command.account, command.waiting, disconnect))

    def ask_for_day(self, command: AskForDay) -> None:
        """Ask to which day to move tasks, and move them there."""
        from oo_desktop.ui.qt.day_dialog import DayDialog

        def move(day: date) -> None:
            for key in command.signals:
                self._hand_over(Move(key, day))

        self._ask(DayDialog(move, count=len(command.signals)))

    def copy(self, text: str) -> None:
        """Put `text` on the clipboard."""
        QGuiApplication.clipboard().setText(text)

    def _hand_over(self, command: Command, asker: Asker | None = None) -> None:
        if self._execute is not None:
            self._execute(command, asker)

    def _ask(self, dialog: QDialog) -> None:
        """Show a question without stopping anything else; a second one replaces the first."""
        if self._dialog is not None:
            self._dialog.close()
        self._dialog = dialog
        dialog.finished.connect(lambda: self._answered(dialog))
        dialog.open()
        dialog.activateWindow()

    def _answered(self, dialog: QDialog) -> None:
        if self._dialog is dialog:
            self._dialog = None
        dialog.deleteLater()


def _single_shot(parent: QObject, milliseconds: int, slot: Callable[[], object]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(slot)
    return timer
