"""A QMenu kept equal to rows, changing as little as can be."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from oo_desktop.commands.commands import Command, Quit, Refresh, Undo
from oo_desktop.ui.qt.menu import RowMenu, command_of
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.rows import Row, command_row, menu_row, separator
from oo_desktop.ui.view.text import MenuChannel


class Watcher(QObject):
    """Counts what happens to a menu's list of actions."""

    def __init__(self) -> None:
        super().__init__()
        self.changes = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        kinds = (QEvent.Type.ActionAdded, QEvent.Type.ActionRemoved, QEvent.Type.ActionChanged)
        self.changes += event.type() in kinds
        return False


@pytest.fixture
def clicked() -> list[Command | None]:
    return []


@pytest.fixture
def menu(qtbot: QtBot, clicked: list[Command | None]) -> RowMenu:
    menu = RowMenu(channel=MenuChannel.QT)
    menu.menu.triggered.connect(lambda action: clicked.append(command_of(action)))
    qtbot.addWidget(menu.menu)
    return menu


def undo(number: int, text: str = "") -> Row:
    return command_row(("undo", str(number)), text or f"Undo {number}", Undo(number))


def labels(menu: RowMenu) -> list[str]:
    return [action.text() for action in menu.menu.actions() if action.isVisible()]


def test_rows_become_actions_in_order(menu: RowMenu) -> None:
    menu.show((undo(1), separator("1"), Row(("note",), "Nothing due. Enjoy.")))
    first, second, third = menu.menu.actions()
    assert (first.text(), first.isEnabled()) == ("Undo 1", True)
    assert second.isSeparator()
    assert (third.text(), third.isEnabled()) == ("Nothing due. Enjoy.", False)


def test_a_separator_takes_half_the_room_of_a_row(menu: RowMenu) -> None:
    menu.show((undo(1), separator("end"), undo(2)))
    assert menu.height == 2.5


def test_showing_equal_rows_again_touches_nothing(menu: RowMenu) -> None:
    rows = (undo(1), menu_row(("more",), "2 more …", (undo(2), undo(3))), separator("1"), undo(4))
    menu.show(rows)
    watcher = Watcher()
    for each in (menu.menu, menu.submenu(("more",)).menu):
        each.installEventFilter(watcher)
    menu.show(rows)
    assert watcher.changes == 0


def test_a_changed_text_changes_one_action_in_place(menu: RowMenu) -> None:
    menu.show((undo(1), undo(2)))
    before = menu.menu.actions()
    watcher = Watcher()
    menu.menu.installEventFilter(watcher)
    menu.show((undo(1), undo(2, "Undo “milk”")))
    assert menu.menu.actions() == before
    assert labels(menu) == ["Undo 1", "Undo “milk”"]
    assert watcher.changes == 1


def test_a_new_row_on_top_leaves_the_others_alone(menu: RowMenu) -> None:
    menu.show((undo(1), undo(2)))
    before = menu.menu.actions()
    watcher = Watcher()
    menu.menu.installEventFilter(watcher)
    menu.show((undo(3), undo(1), undo(2)))
    assert menu.menu.actions()[1:] == before
    assert watcher.changes == 1


def test_rows_can_change_places(menu: RowMenu) -> None:
    menu.show((undo(1), undo(2), undo(3)))
    actions = {action.text(): action for action in menu.menu.actions()}
    menu.show((undo(3), undo(1), undo(2)))
    assert labels(menu) == ["Undo 3", "Undo 1", "Undo 2"]
    assert all(actions[action.text()] is action for action in menu.menu.actions())


def test_a_click_on_an_action_read_earlier_never_reaches_another_thing(
    menu: RowMenu, clicked: list[Command | None]
) -> None:
    menu.show((undo(1), undo(2)))
    first, second = menu.menu.actions()
    menu.show((undo(2), undo(3)))
    first.trigger()  # gone: a late click on it does nothing
    second.trigger()
    assert clicked == [Undo(2)]


def test_what_left_the_menu_is_destroyed_late(menu: RowMenu, qtbot: QtBot) -> None:
    menu.show((undo(1),))
    action = menu.menu.actions()[0]
    destroyed: list[QAction] = []
    action.destroyed.connect(lambda: destroyed.append(action))
    menu.show(())
    qtbot.wait(20)
    assert not destroyed


def test_a_row_that_means_something_else_now_does_that(
    menu: RowMenu, clicked: list[Command | None]
) -> None:
    menu.show((command_row(("x",), "Undo", Undo(1)),))
    menu.show((command_row(("x",), "Undo", Undo(2)),))
    menu.menu.actions()[0].trigger()
    assert clicked == [Undo(2)]


def test_a_disabled_row_ignores_clicks(menu: RowMenu, clicked: list[Command | None]) -> None:
    menu.show((command_row(("refresh",), "Refreshing…", Refresh(), enabled=False),))
    menu.menu.actions()[0].trigger()
    assert clicked == []


def test_a_submenu_lives_on_while_its_rows_change(
    menu: RowMenu, clicked: list[Command | None]
) -> None:
    menu.show((menu_row(("more",), "1 more …", (undo(1),)),))
    submenu = menu.submenu(("more",)).menu
    menu.show((menu_row(("more",), "2 more …", (undo(1), undo(2))),))
    assert menu.submenu(("more",)).menu is submenu
    assert menu.action(("more",)).text() == "2 more …"
    submenu.actions()[1].trigger()
    assert clicked == [Undo(2)]


def test_a_row_that_becomes_a_submenu_is_another_row(menu: RowMenu, qtbot: QtBot) -> None:
    menu.show((command_row(("x",), "Quit", Quit()),))
    before = menu.action(("x",))
    menu.show((menu_row(("x",), "More", (undo(1),)),))
    assert menu.action(("x",)) is not before
    menu.show((command_row(("x",), "Quit", Quit()),))
    assert labels(menu) == ["Quit"]


def test_only_texts_differ_in_rows_of_the_same_shape(menu: RowMenu) -> None:
    rows = (undo(1), menu_row(("more",), "1 more …", (undo(2),)))
    menu.show(rows)
    assert menu.same_shape((undo(1, "other"), rows[1]))
    assert not menu.same_shape((rows[1], undo(1)))
    assert not menu.same_shape((undo(1), menu_row(("more",), "1 more …", (undo(3),))))


def test_labels_are_escaped_for_who_draws_them(qtbot: QtBot) -> None:
    for channel, label in ((MenuChannel.QT, "a_b && c"), (MenuChannel.GTK, "a&_b & c")):
        menu = RowMenu(channel=channel)
        qtbot.addWidget(menu.menu)
        menu.show((Row(("x",), "a_b & c"),))
        assert labels(menu) == [label]


def test_labels_are_written_anew_for_another_host(menu: RowMenu) -> None:
    rows = (Row(("x",), "R&D"), menu_row(("more",), "a & b", (undo(1, "c & d"),)))
    menu.show(rows)
    menu.set_channel(MenuChannel.QT)
    before = menu.menu.actions()
    menu.set_channel(MenuChannel.GNOME)
    assert menu.menu.actions() == before
    assert labels(menu) == ["R&&D", "a && b"]
    assert labels(menu.submenu(("more",))) == ["c && d"]


def test_lines_read_as_the_language_does_whatever_they_begin_with(menu: RowMenu) -> None:
    menu.show((Row(("x",), "עבודה · shown"), Row(("y",), "Work · shown")))
    assert labels(menu) == ["\u200eעבודה · shown", "Work · shown"]
    menu.show((Row(("x",), "Work · shown"), Row(("y",), "עבודה · shown")))
    assert labels(menu) == ["Work · shown", "\u200eעבודה · shown"]
    menu.set_channel(MenuChannel.QT)
    assert labels(menu) == ["Work · shown", "\u200eעבודה · shown"]


class Together:
    """Counts what was told as one, and what changed meanwhile."""

    def __init__(self, menu: RowMenu) -> None:
        self.times = 0
        self.changed = 0
        self._watcher = Watcher()
        menu.menu.installEventFilter(self._watcher)
        menu.at_once = self.at_once

    @contextmanager
    def at_once(self) -> Iterator[None]:
        self.times += 1
        before = self._watcher.changes
        yield
        self.changed += self._watcher.changes - before


def test_what_comes_and_goes_is_told_together_and_what_rows_say_by_itself(menu: RowMenu) -> None:
    menu.show((undo(1), undo(2), undo(3)))
    together = Together(menu)
    menu.show((undo(4), undo(3, "other"), undo(5)))
    assert (together.times, together.changed) == (1, 4)  # two go, two come
    menu.show((undo(4), undo(3, "words"), undo(5)))
    assert together.times == 1


def test_a_change_within_a_submenu_is_told_together_too(menu: RowMenu) -> None:
    menu.show((menu_row(("more",), "2 more …", (undo(1), undo(2))),))
    together = Together(menu)
    menu.show((menu_row(("more",), "1 more …", (undo(2, "as it is"),)),))
    assert together.times == 1
    assert labels(menu) == ["1 more …"]
    assert labels(menu.submenu(("more",))) == ["as it is"]


def test_a_row_can_change_its_picture(menu: RowMenu) -> None:
    menu.show((Row(("x",), "x", icon=RowIcon.TASK_1),))
    assert not menu.action(("x",)).icon().isNull()
    menu.show((Row(("x",), "x"),))
    assert menu.action(("x",)).icon().isNull()


def test_a_calendar_can_change_its_colour(menu: RowMenu) -> None:
    menu.show((Row(("x",), "x", icon=RowIcon.EVENT, color="#0b8043"),))
    green = menu.action(("x",)).icon().pixmap(32).toImage()
    menu.show((Row(("x",), "x", icon=RowIcon.EVENT, color="#d50000"),))
    assert menu.action(("x",)).icon().pixmap(32).toImage() != green


def test_a_discarded_menu_does_no_harm(qtbot: QtBot) -> None:
    menu = RowMenu(channel=MenuChannel.QT)
    menu.show((menu_row(("more",), "1 more …", (undo(1),)),))
    menu.discard()
    qtbot.wait(1)


def test_a_switch_shows_what_counts_whatever_a_click_did(menu: RowMenu) -> None:
    off, on = (command_row(("s",), "Hide", Quit(), ticked=ticked) for ticked in (False, True))
    menu.show((off,))
    action = menu.action(("s",))
    assert (action.isCheckable(), action.isChecked()) == (True, False)
    action.trigger()
    assert action.isChecked()
    menu.show((msgspec.structs.replace(off, text="Hide it"),))
    assert not action.isChecked()
    menu.show((on,))
    assert action.isChecked()
    assert menu.action(("s",)) is action


@pytest.mark.parametrize(
    ("ground", "text"), [("#ffffff", "#000000"), ("#efefef", "#232629"), ("#2b2b2b", "#eeeeee")]
)
def test_what_is_only_there_to_be_read_can_be_read_in_qts_own_menu(
    menu: RowMenu, qapp: QApplication, ground: str, text: str
) -> None:
    """4.5:1 is what WCAG 2.2 asks of text (criterion 1.4.3)."""
    before = qapp.palette()
    palette = QPalette(QColor(ground))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
        palette.setColor(role, QColor(text))
    qapp.setPalette(palette)
    try:
        menu.show((Row(("heading",), "██████"),))
        menu.menu.aboutToShow.emit()
        picture = menu.menu.grab().toImage()
        shades = Counter(
            picture.pixelColor(x, y).name()
            for x in range(picture.width())
            for y in range(picture.height())
        )
    finally:
        qapp.setPalette(before)
    behind = shades.most_common(1)[0][0]
    assert max(contrast(shade, behind) for shade, n in shades.items() if n > 20) >= 4.5


def contrast(one: str, other: str) -> float:
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(name: str) -> float:
    """WCAG 2.2, relative luminance of `#rrggbb`."""
    parts = [int(name[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def drawn_by_gnome(drawn: list[QAction], known: list[QAction], told: list[QAction]) -> None:
    """What the AppIndicator extension makes of a layout (46 to 59, `_doLayoutUpdate`): it moves no
    row, and takes out what has gone after it has put in what is new."""
    left = list(known)
    for place, action in enumerate(told):
        if action in left:
            left.remove(action)
        else:
            drawn.insert(place, action)
    for action in left:
        drawn.remove(action)
    known[:] = told


ROWS = st.lists(st.integers(1, 6), unique=True, max_size=6)


@given(st.lists(st.tuples(ROWS, ROWS, st.booleans()), min_size=2, max_size=5))
@pytest.mark.usefixtures("qapp")
def test_gnome_draws_rows_in_their_order_whatever_goes_before_them(
    changes: list[tuple[list[int], list[int], bool]],
) -> None:
    menu = RowMenu(channel=MenuChannel.GNOME)
    drawn: list[QAction] = []
    known: list[QAction] = []
    for above, within, cleared in changes:
        nested = menu_row(("nested",), "Nested", tuple(map(undo, within)))
        menu.show((*map(undo, above), nested))
        drawn_by_gnome(drawn, known, menu.menu.actions())
        shown = [action.text() for action in drawn if action.isVisible()]
        assert shown == [*(f"Undo {number}" for number in above), "Nested"]
        if cleared:
            menu._clear()
            drawn_by_gnome(drawn, known, menu.menu.actions())
            assert all(action.isVisible() for action in drawn)
        assert labels(menu.submenu(("nested",))) == [f"Undo {number}" for number in within]


def test_nothing_is_told_where_nothing_is_hidden_any_more(qtbot: QtBot) -> None:
    menu = RowMenu(channel=MenuChannel.GNOME)
    qtbot.addWidget(menu.menu)
    told: list[int] = []

    @contextmanager
    def at_once() -> Iterator[None]:
        told.append(len(menu.menu.actions()))
        yield

    menu.show((undo(1), undo(2)))
    menu.show((undo(2),))
    menu.at_once = at_once
    menu._clear()
    menu._clear()
    assert told == [2]


def test_a_click_on_what_is_hidden_at_gnome_means_nothing(
    qtbot: QtBot, clicked: list[Command | None]
) -> None:
    menu = RowMenu(channel=MenuChannel.GNOME)
    qtbot.addWidget(menu.menu)
    menu.menu.triggered.connect(lambda action: clicked.append(command_of(action)))
    menu.show((undo(1),))
    (action,) = menu.menu.actions()
    menu.show((undo(2),))
    action.trigger()
    assert clicked == [None]
