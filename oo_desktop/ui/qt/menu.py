"""Keeps a QMenu equal to rows of values, changing as little of it as can be.

Two rules make a menu safe while a panel holds an older copy of it:

- An action belongs to one thing for ever. A panel clicks an id it read earlier: that click reaches
  the same task, or nothing, but never the task that has moved into its place.
- What is taken out is destroyed late. Qt may still be about to tell the panel, or deliver a click
  of, an action it has just seen (Nextcloud's tray crashed GNOME over this).

Only what differs is touched, so an unchanged row costs no D-Bus traffic: first what rows say, each
told by itself, then which rows there are, told together (`MenuExport`).

GNOME needs a third rule. Its extension moves no row (`child-moved` has its arguments in another
order than `_onRootChildMoved` takes them, dbusMenu.js of 46 to 59), and counts the place of a new
one among rows that it has still to remove: with something gone above, it is drawn too high. So what
goes there is hidden first, and leaves the menu later, when nothing comes; what moves goes, too, and
comes anew. https://github.com/ubuntu/gnome-shell-extension-appindicator
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction, QColor, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QMenu

from oo_desktop.commands.commands import Command
from oo_desktop.ui.qt.icons import row_icon
from oo_desktop.ui.view.rows import Row, RowId, RowKind, height_of
from oo_desktop.ui.view.text import MenuChannel, menu_text, whole_line

INK = 0.68
"""How much of the text's colour what is disabled has, the rest being the ground's."""

_Role = QPalette.ColorRole

BURIED_AFTER = 30_000
"""Milliseconds until what left a menu is destroyed."""


class RowMenu:
    """Shows rows in a QMenu with submenus.

    A click on a row, in a submenu as well, is told by `menu.triggered`; `command_of` knows what it
    means.

    menu: an empty one that is there already. parent: of a submenu.
    at_once: what has changes within it told as one.
    """

    def __init__(
        self, *, channel: MenuChannel, menu: QMenu | None = None, parent: QMenu | None = None
    ) -> None:
        self.menu = menu or QMenu(parent)
        self.at_once: Callable[[], AbstractContextManager[None]] = nullcontext
        if channel is MenuChannel.QT:
            self.menu.aboutToShow.connect(self._make_readable)
        self._channel = channel
        self._rows: dict[RowId, Row] = {}
        self._actions: dict[RowId, QAction] = {}
        self._submenus: dict[RowId, RowMenu] = {}
        self._hidden: dict[QAction, RowMenu | None] = {}

    def show(self, rows: tuple[Row, ...]) -> None:
        """Make the menu say `rows`; rows whose ids were there before keep their actions."""
        self.say(rows)
        if not self.same_shape(rows):
            if self._channel is MenuChannel.GNOME and self.hide_leaving(rows):
                # A method would not keep this object alive for the timer; a function does.
                QTimer.singleShot(BURIED_AFTER, self.menu, lambda: self._clear())  # noqa: PLW0108  # see above
            with self.at_once():
                self.arrange(rows)

    def set_channel(self, channel: MenuChannel) -> None:
        """Write all labels anew, for another host."""
        self._channel = channel
        for row_id, row in self._rows.items():
            self._actions[row_id].setText(menu_text(whole_line(row.text), channel))
        for submenu in self._submenus.values():
            submenu.set_channel(channel)

    def same_shape(self, rows: tuple[Row, ...]) -> bool:
        """Return whether showing `rows` would change texts only: nothing comes, goes or moves."""
        if [_row_identity(row) for row in rows] != list(self._rows):
            return False
        return all(
            self._submenus[_row_identity(row)].same_shape(row.rows)
            for row in rows
            if row.kind is RowKind.MENU
        )

    @property
    def height(self) -> float:
        """Return how much room the menu takes, in rows."""
        return height_of(self._rows.values())

    def action(self, row_id: RowId) -> QAction:
        """Return the action of a top-level row. Raises StopIteration where there is none."""
        return next(
            action for key, action in self._actions.items() if key[1 : len(row_id) + 1] == row_id
        )

    def submenu(self, row_id: RowId) -> "RowMenu":
        """Return what a top-level menu row opens. Raises KeyError."""
        return self._submenus[(RowKind.MENU.value, *row_id)]

    def discard(self) -> None:
        """Destroy the menu and all in it, late."""
        _bury(self.menu)

    def say(self, rows: tuple[Row, ...]) -> None:
        """Make the rows that stay say what `rows` do; none comes, goes or moves."""
        for row in rows:
            row_id = _row_identity(row)
            if row_id in self._rows:
                self._update(row_id, row)
                self._rows[row_id] = row

    def arrange(self, rows: tuple[Row, ...]) -> None:
        """Have just `rows`, in this order; what those that stay say is right already (`say`)."""
        wanted = {_row_identity(row): row for row in rows}
        for row_id in [row_id for row_id in self._actions if row_id not in wanted]:
            self._remove(row_id)
        there = [action for action in self.menu.actions() if action not in self._hidden]
        for place, (row_id, row) in enumerate(wanted.items()):
            if row_id not in self._actions:
                self._create(row_id, row)
            elif row.kind is RowKind.MENU:
                self._submenus[row_id].arrange(row.rows)
            self._put(self._actions[row_id], place, there)
        self._rows = wanted

    def hide_leaving(self, rows: tuple[Row, ...]) -> bool:
        """Hide what has no place among `rows`, or another one; whether there was anything."""
        places = {row_id: place for place, row_id in enumerate(self._rows)}
        last, staying, left = -1, set(), False
        for row in rows:
            row_id = _row_identity(row)
            if places.get(row_id, -1) > last:
                last = places[row_id]
                staying.add(row_id)
                if row.kind is RowKind.MENU:
                    left |= self._submenus[row_id].hide_leaving(row.rows)
        for row_id in self._rows.keys() - staying:
            action = self._actions.pop(row_id)
            action.setVisible(False)
            if isinstance(action, _RowAction):
                action.command = None
            self._hidden[action] = self._submenus.pop(row_id, None)
            left = True
        return left

    @property
    def has_hidden(self) -> bool:
        """Return whether there is something to take out."""
        return bool(self._hidden) or any(each.has_hidden for each in self._submenus.values())

    def _clear(self) -> None:
        if self.has_hidden:
            with self.at_once():
                self.clear_hidden()

    def clear_hidden(self) -> None:
        """Take out what was hidden."""
        for action, submenu in self._hidden.items():
            self._take_out(action, submenu)
        self._hidden.clear()
        for each in self._submenus.values():
            each.clear_hidden()

    def _make_readable(self) -> None:
        """What is disabled here is there to be read, and styles draw that faintly: Qt's own, where
        it knows no desktop, with a contrast of 1.9."""
        palette = QGuiApplication.palette()
        paper, ink = (palette.color(role) for role in (_Role.Window, _Role.WindowText))
        soft = QColor(
            *(round(a + (b - a) * INK) for a, b in zip(_rgb(paper), _rgb(ink), strict=True))
        )
        for role in (_Role.WindowText, _Role.Text, _Role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, soft)
        self.menu.setPalette(palette)

    def _create(self, row_id: RowId, row: Row) -> None:
        if row.kind is RowKind.MENU:
            submenu = RowMenu(channel=self._channel, parent=self.menu)
            submenu.show(row.rows)
            self._submenus[row_id] = submenu
            action = submenu.menu.menuAction()
        else:
            action = _RowAction(self.menu)
            action.command = row.command
            action.setSeparator(row.kind is RowKind.SEPARATOR)
            action.setCheckable(row.ticked is not None)
            action.setChecked(bool(row.ticked))
        action.setText(menu_text(whole_line(row.text), self._channel))
        action.setEnabled(row.enabled)
        action.setIcon(_icon(row))
        self._actions[row_id] = action

    def _update(self, row_id: RowId, row: Row) -> None:
        before = self._rows[row_id]
        action = self._actions[row_id]
        if row.text != before.text:
            action.setText(menu_text(whole_line(row.text), self._channel))
        if row.enabled != before.enabled:
            action.setEnabled(row.enabled)
        if (row.icon, row.color) != (before.icon, before.color):
            action.setIcon(_icon(row))
        if isinstance(action, _RowAction):
            action.command = row.command
            if row.ticked is not None:  # a click ticks it by itself, whatever comes of that
                action.setChecked(row.ticked)
        if row.rows != before.rows:
            self._submenus[row_id].say(row.rows)

    def _put(self, action: QAction, place: int, there: list[QAction]) -> None:
        """Have it at its place among those that are `there`, which are changed with the menu: to
        ask Qt for 70 of them for each of 70 rows takes longer than all the rest."""
        if place < len(there) and there[place] is action:
            return
        if action in there:
            self.menu.removeAction(action)
            there.remove(action)
        if place < len(there):
            self.menu.insertAction(there[place], action)
        else:
            self.menu.addAction(action)
        there.insert(place, action)

    def _remove(self, row_id: RowId) -> None:
        self._take_out(self._actions.pop(row_id), self._submenus.pop(row_id, None))

    def _take_out(self, action: QAction, submenu: "RowMenu | None") -> None:
        self.menu.removeAction(action)
        if submenu is None:
            _bury(action)
        else:
            submenu.discard()


def command_of(action: QAction) -> Command | None:
    """Return what a click on `action` means, as its row says now."""
    return action.command if isinstance(action, _RowAction) else None


class _RowAction(QAction):
    """One row; a disabled one is never triggered, nor one that has left its menu."""

    command: Command | None = None


def _icon(row: Row) -> QIcon:
    return row_icon(row.icon, row.color) if row.icon else QIcon()


def _row_identity(row: Row) -> RowId:
    """A row that changes its kind is another row: a task never becomes a submenu in place."""
    switch = () if row.ticked is None else ("switch",)
    return (row.kind.value, *row.id, *switch)


def _rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


def _bury(thing: QObject) -> None:
    """Destroy `thing` once nobody can be in the middle of using it."""
    # The function keeps `thing` alive for Python; the context ends it if Qt is faster.
    QTimer.singleShot(BURIED_AFTER, thing, lambda: thing.deleteLater())  # noqa: PLW0108  # see above
