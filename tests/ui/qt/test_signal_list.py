"""The list keeps what is selected and in sight, draws what can be read, and moves only gently."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QPainter, QPalette
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.commands.commands import Command, Done, Every, OpenUrl, Undo
from oo_desktop.model.state import AppState
from oo_desktop.ui.qt.signal_list import (
    IN_LINE,
    LEFT,
    MAX_RANGES,
    MIN_CONTRAST,
    NO_UPDATE,
    RIGHT,
    SELECT,
    Colors,
    Part,
    SignalList,
    SignalModel,
    contrast,
    readable,
)
from oo_desktop.ui.view.rows import Row
from oo_desktop.ui.view.window import EntryRow, ListRow, WindowLists, WindowView, words_of
from tests.ui import scenes
from tests.ui.pictures import dark_palette
from tests.ui.scenes import ADA, NOW, account, day, full_day, held_day, many, state, task, view_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Opened = list[Sequence[Row]]


class Shown:
    """A list with what was asked of it."""

    def __init__(self, qtbot: QtBot, *, animated: bool = False) -> None:
        self.asked: list[Command] = []
        self.menus: Opened = []
        self.places: list[QPoint] = []
        self.typed: list[str] = []
        self.list = SignalList(
            execute=self.asked.append,
            open_menu=self._open,
            animated=lambda: animated,
        )
        self.list.typed.connect(self.typed.append)
        self._lists, self._agenda = WindowLists(), Agenda()
        self.list.resize(460, 700)
        qtbot.addWidget(self.list)
        self.list.show()

    def _open(self, rows: Sequence[Row], at: QPoint) -> None:
        self.menus.append(rows)
        self.places.append(at)

    def show(self, shown: AppState, seconds: float = 0) -> WindowView:
        now = NOW + timedelta(seconds=seconds)
        view = view_of(shown, self._lists, now, agenda=self._agenda)
        self.list.show_rows(view.rows.all, view.words)
        QApplication.processEvents()
        return view

    @property
    def rows(self) -> Sequence[ListRow]:
        return self.list._model.rows

    def place(self, title: str) -> int:
        return next(
            number
            for number, row in enumerate(self.rows)
            if isinstance(row, EntryRow) and row.entry.signal.title.startswith(title)
        )

    def go_to(self, *titles: str) -> None:
        for title in titles:
            index = self.list._model.index(self.place(title))
            self.list.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.Select
            )

    def chosen(self) -> list[str]:
        return [row.entry.signal.title for row in self.list.chosen()]

    def point(self, title: str, part: Part | None = None) -> QPoint:
        place = self.place(title)
        row = self.rows[place]
        assert isinstance(row, EntryRow)
        rect = self.list.visualRect(self.list._model.index(place))
        if part is None:
            return rect.center()
        return self.list._delegate.parts(rect, row, self.list.item_of(row))[part].center()


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot)


def click_at(qtbot: QtBot, shown: Shown, at: QPoint) -> None:
    QTest.mouseMove(shown.list.viewport(), at)
    QTest.mouseClick(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=at)


# What changes, and what stays


def test_the_model_is_one_as_qt_wants_it(qtbot: QtBot) -> None:
    model = SignalModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    lists, agenda = WindowLists(), Agenda()
    for each in (full_day(), held_day(), scenes.NOBODY, many(300), full_day()):
        view = view_of(each, lists, agenda=agenda)
        model.show(view.rows.all, view.words)
        assert model.rowCount() == len(view.rows.all)


@given(st.lists(st.permutations(range(40)).map(lambda all_: all_[:25]), min_size=2, max_size=6))
def test_whatever_comes_the_rows_are_right_and_what_was_chosen_stays(
    lists: list[list[int]],
) -> None:
    model = SignalModel()
    rows = list(view_of(many(100)).rows.all)
    words = view_of(many(100)).words
    watched: tuple[QPersistentModelIndex, ListRow] | None = None
    for each in lists:
        wanted = [rows[number] for number in each]
        gone = model.show(tuple(wanted), words)
        assert list(model.rows) == wanted
        assert model.rowCount() == len(wanted)
        if watched is not None and gone is not None:
            index, row = watched
            place = index.row() if index.isValid() else None
            assert (place is None) == (row not in wanted)
            assert place is None or wanted[place] is row
        watched = QPersistentModelIndex(model.index(3)), wanted[3]


def test_selection_current_row_and_scroll_position_outlive_a_new_list(shown: Shown) -> None:
    shown.show(many(2000))
    shown.list.verticalScrollBar().setValue(3000)
    shown.go_to("Call number 1001", "Write to number 1005")
    before = shown.list.verticalScrollBar().value()
    shown.show(many(2001))
    assert shown.chosen() == ["Call number 1001", "Write to number 1005"]
    assert shown.list.currentIndex().row() == shown.place("Write to number 1005")
    assert abs(shown.list.verticalScrollBar().value() - before) <= shown.list._delegate.height


def test_what_is_chosen_outlives_a_filter_that_leaves_it(shown: Shown) -> None:
    view = shown.show(many(3000))
    shown.go_to("Call number 1001", "Write to number 1005")
    for query in ("number 100", "call", ""):
        shown.list.show_rows(view.rows.matching(words_of(query)), view.words)
    assert shown.chosen() == ["Call number 1001"], "the other was filtered out for a while"


def test_the_same_list_again_changes_no_row(shown: Shown, qtbot: QtBot) -> None:
    shown.show(full_day())
    with (
        qtbot.assertNotEmitted(shown.list._model.rowsInserted),
        qtbot.assertNotEmitted(shown.list._model.modelReset),
    ):
        shown.show(full_day(), 30)


def test_a_row_that_goes_is_taken_out_alone(shown: Shown, qtbot: QtBot) -> None:
    shown.show(held_day())
    with qtbot.assertNotEmitted(shown.list._model.modelReset):
        shown.show(held_day(), 6)
    assert MAX_RANGES > 2


# The keyboard


@pytest.mark.parametrize("which", [0, 1, 2, -1])
def test_where_the_current_row_goes_another_entry_is_current(shown: Shown, which: int) -> None:
    shown.show(full_day())
    places = [at for at, row in enumerate(shown.rows) if isinstance(row, EntryRow)]
    gone = places[which]
    shown.list.selectionModel().setCurrentIndex(shown.list._model.index(gone), NO_UPDATE)
    left = tuple(row for at, row in enumerate(shown.rows) if at != gone)
    shown.list.show_rows(left, view_of(full_day()).words)
    current = shown.list.currentIndex().row()
    assert isinstance(shown.rows[current], EntryRow)


def test_where_the_current_row_goes_the_next_one_that_stays_is_current(shown: Shown) -> None:
    shown.show(many(9))
    entries = [place for place, row in enumerate(shown.rows) if isinstance(row, EntryRow)]
    gone = entries[4], entries[5]
    for place in reversed(gone):
        shown.list.selectionModel().setCurrentIndex(shown.list._model.index(place), SELECT)
    left = tuple(row for place, row in enumerate(shown.rows) if place not in gone)
    following = shown.rows[entries[6]]
    shown.list.show_rows(left, view_of(many(9)).words)
    assert shown.rows[shown.list.currentIndex().row()] is following


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Delete])
def test_a_key_marks_what_is_chosen_as_done(qtbot: QtBot, shown: Shown, key: Qt.Key) -> None:
    shown.show(full_day())
    shown.go_to("Call Ana")
    QTest.keyClick(shown.list, key)
    shown.go_to("Water")
    QTest.keyClick(shown.list, key)
    keys = {title: shown.rows[shown.place(title)] for title in ("Call Ana", "Water")}
    ana, water = (Done(row.entry.signal.key) for row in keys.values() if isinstance(row, EntryRow))
    assert shown.asked == [ana, Every((ana, water))]


def test_the_same_key_takes_it_back(qtbot: QtBot, shown: Shown) -> None:
    shown.show(held_day())
    shown.go_to("Call Ana")
    QTest.keyClick(shown.list, Qt.Key.Key_Space)
    assert shown.asked == [Undo(1)]


def test_enter_opens(qtbot: QtBot, shown: Shown) -> None:
    shown.show(full_day())
    shown.go_to("Call Ana")
    QTest.keyClick(shown.list, Qt.Key.Key_Return)
    assert shown.asked == [OpenUrl("https://app.todoist.com/app/task/1")]


def test_the_keyboard_passes_over_headings(qtbot: QtBot, shown: Shown) -> None:
    shown.show(full_day())
    shown.list.go_to_first()
    seen = [shown.chosen()[0]]
    for _ in range(20):
        QTest.keyClick(shown.list, Qt.Key.Key_Down)
        seen.append(shown.chosen()[0])
    titles = [row.entry.signal.title for row in shown.rows if isinstance(row, EntryRow)]
    assert list(dict.fromkeys(seen)) == titles
    for key, title in ((Qt.Key.Key_Home, titles[0]), (Qt.Key.Key_End, titles[-1])):
        QTest.keyClick(shown.list, key)
        assert shown.chosen() == [title]


def test_what_is_typed_in_the_list_is_for_the_filter(qtbot: QtBot, shown: Shown) -> None:
    shown.show(full_day())
    QTest.keyClicks(shown.list, "ana")
    QTest.keyClick(shown.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert shown.typed == ["a", "n", "a"]


# The pointer


def test_a_click_on_the_ring_marks_as_done_and_chooses_nothing(qtbot: QtBot, shown: Shown) -> None:
    shown.show(full_day())
    click_at(qtbot, shown, shown.point("Call Ana", Part.CHECK))
    row = shown.rows[shown.place("Call Ana")]
    assert isinstance(row, EntryRow)
    assert shown.asked == [Done(row.entry.signal.key)]
    assert not shown.list.selectionModel().selectedIndexes()


def test_a_click_beside_it_only_chooses(qtbot: QtBot, shown: Shown) -> None:
    shown.show(full_day())
    click_at(qtbot, shown, shown.point("Call Ana"))
    assert shown.asked == []
    assert shown.chosen() == ["Call Ana"]


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_undo_and_join_stand_in_their_rows(
    qtbot: QtBot, shown: Shown, direction: Qt.LayoutDirection
) -> None:
    shown.list.setLayoutDirection(direction)
    shown.show(held_day())
    click_at(qtbot, shown, shown.point("Call Ana", Part.UNDO))
    click_at(qtbot, shown, shown.point("Stand-up", Part.JOIN))
    assert shown.asked == [Undo(1), OpenUrl(scenes.MEET)]
    check, undo = (shown.point("Call Ana", part).x() for part in (Part.CHECK, Part.UNDO))
    assert (check < undo) is (direction is Qt.LayoutDirection.LeftToRight)


def test_the_row_under_the_pointer_offers_where_to_move_it_and_the_rest(
    qtbot: QtBot, shown: Shown
) -> None:
    shown.show(full_day())
    QTest.mouseMove(shown.list.viewport(), shown.point("Water"))
    for part in (Part.MOVE, Part.MORE):
        click_at(qtbot, shown, shown.point("Water", part))
    move, more = shown.menus
    assert move[0].text.startswith("Later today")
    assert [row.text for row in more][:2] == ["Done", "Reschedule"]


def test_what_is_let_go_elsewhere_was_not_meant(qtbot: QtBot, shown: Shown) -> None:
    shown.show(full_day())
    at = shown.point("Call Ana", Part.CHECK)
    QTest.mousePress(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseRelease(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 500))
    assert shown.asked == []


# Movements


def test_a_ring_fills_in_a_moment_and_undo_turns_it_round_where_it_is(qtbot: QtBot) -> None:
    shown = Shown(qtbot, animated=True)
    shown.show(full_day())
    view = shown.show(held_day())
    row_id = next(iter(view.words.done_rows))
    assert shown.list._checks[row_id].start == 0
    view = shown.show(full_day())
    turned = shown.list._checks[row_id]
    assert turned.end == 0
    assert turned.start < 1
    qtbot.waitUntil(lambda: not shown.list._frames.isActive())
    assert not shown.list._checks


def test_rows_below_one_that_goes_move_up_and_no_timer_is_left(qtbot: QtBot) -> None:
    shown = Shown(qtbot, animated=True)
    shown.show(held_day())
    shown.show(held_day(), 6)
    assert shown.list._folds
    last = len(shown.rows) - 1
    assert shown.list.shift_of(last) > 0
    qtbot.waitUntil(lambda: not shown.list._frames.isActive())
    assert shown.list.shift_of(last) == 0


def test_what_is_filtered_out_is_gone_at_once(qtbot: QtBot) -> None:
    shown = Shown(qtbot, animated=True)
    view = shown.show(full_day())
    shown.list.show_rows(view.rows.matching(("call",)), view.words, folds=False)
    assert shown.list.shift_of(0) == 0


def test_where_movements_are_unwelcome_nothing_moves(shown: Shown) -> None:
    shown.show(full_day())
    shown.show(held_day())
    shown.show(held_day(), 6)
    assert not (shown.list._checks)
    assert not (shown.list._folds)
    assert not (shown.list._frames.isActive())


# For everybody


def test_a_screen_reader_hears_every_row_and_every_heading(shown: Shown) -> None:
    view = shown.show(full_day())
    model = shown.list._model
    said = [
        model.data(model.index(number), Qt.ItemDataRole.AccessibleTextRole)
        for number in range(model.rowCount())
    ]
    assert said[0] == "Now and next, 2"
    assert (
        said[1:]
        == [
            view.words.item(row).text if isinstance(row, EntryRow) else said[number]
            for number, row in enumerate(shown.rows)
        ][1:]
    )


PALETTES: dict[str, Callable[[], QPalette]] = {
    "light": lambda: QPalette(QColor("#efefef")),
    "dark": dark_palette,
    "sepia": lambda: QPalette(QColor("#d8c8a0"), QColor("#e8dcc0")),
}


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize(
    "state", [{}, {"selected": True}, {"hovered": True}], ids=["plain", "selected", "hovered"]
)
def test_every_text_can_be_read_on_its_ground(palette: str, state: dict[str, bool]) -> None:
    colors = Colors(PALETTES[palette](), **state)
    for color in (colors.text, colors.muted, colors.late):
        assert contrast(color, colors.ground) >= MIN_CONTRAST
    assert contrast(QColor("white"), colors.strong) >= MIN_CONTRAST


@given(st.tuples(*[st.integers(0, 255)] * 3), st.booleans())
def test_any_colour_becomes_one_that_can_be_read(color: tuple[int, int, int], dark: bool) -> None:
    ground, text = QColor("white"), QColor("black")
    if dark:
        ground, text = text, ground
    assert contrast(readable(QColor(*color), ground, text), ground) >= MIN_CONTRAST


@pytest.mark.parametrize("palette", PALETTES)
def test_what_is_drawn_has_that_contrast(qtbot: QtBot, palette: str) -> None:
    """Measured on the pixels of a title: the farthest from the ground is the letters'."""
    shown = Shown(qtbot)
    shown.list.setPalette(PALETTES[palette]())
    one = task("HHHHHHHHHHHHHHHHHHHHHHHH", day(0), project="HHHHHHHHHHHHHHHHHHHHHHH")
    shown.show(state(account(ADA, "a"), signals={ADA: (one,)}))
    image = shown.list.viewport().grab().toImage()
    rect = shown.list.visualRect(shown.list._model.index(1))
    delegate = shown.list._delegate
    middle = rect.center().y()
    ground = image.pixelColor(rect.right() - 3, middle)
    for top, bottom in ((rect.top(), middle), (middle, rect.bottom())):
        pixels = [
            image.pixelColor(x, y)
            for x in range(delegate._text_left() + 20, delegate._text_left() + 120)
            for y in range(top, bottom)
        ]
        assert max(contrast(pixel, ground) for pixel in pixels) >= MIN_CONTRAST


def test_rows_grow_with_the_font(shown: Shown) -> None:
    shown.show(full_day())
    before = shown.list._delegate.height
    font = shown.list.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    shown.list.setFont(font)
    QApplication.processEvents()
    assert shown.list._delegate.height > before * 1.8
    assert shown.list.visualRect(shown.list._model.index(1)).height() == (
        shown.list._delegate.height
    )


def test_a_screen_reader_finds_a_list_of_check_boxes(shown: Shown) -> None:
    """What Qt gives to AT-SPI."""
    shown.show(held_day())
    reader = QAccessible.queryAccessibleInterface(shown.list)
    assert reader.role() is QAccessible.Role.List
    assert reader.text(QAccessible.Text.Name) == "What needs you"
    found = {
        each.text(QAccessible.Text.Name).split(",")[0]: each.state()
        for each in (reader.child(number) for number in range(reader.childCount()))
    }
    assert found["Call Ana"].checkable
    assert found["Call Ana"].checked
    assert found["Water the plants"].checkable
    assert not found["Water the plants"].checked
    assert not found["Stand-up"].checkable
    assert found["Stand-up"].focusable
    assert not found["Today"].selectable


# Read from right to left


@pytest.fixture
def mirrored(shown: Shown) -> Shown:
    shown.list.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    return shown


def parts_of(shown: Shown, title: str) -> tuple[QRect, dict[Part, QRect]]:
    """The row of `title`, and what can be pressed in it."""
    place = shown.place(title)
    row = shown.rows[place]
    assert isinstance(row, EntryRow)
    rect = shown.list.visualRect(shown.list._model.index(place))
    return rect, shown.list._delegate.parts(rect, row, shown.list.item_of(row))


def test_from_right_to_left_the_check_box_is_at_the_right_and_a_click_there_completes(
    qtbot: QtBot, mirrored: Shown
) -> None:
    mirrored.show(full_day())
    rect, parts = parts_of(mirrored, "Water the plants")
    assert rect.right() - parts[Part.CHECK].right() < mirrored.list._delegate.unit
    click_at(qtbot, mirrored, parts[Part.CHECK].center())
    row = mirrored.rows[mirrored.place("Water the plants")]
    assert isinstance(row, EntryRow)
    assert mirrored.asked == [Done(row.entry.signal.key)]


def test_a_click_where_the_check_box_is_from_left_to_right_completes_nothing(
    qtbot: QtBot, mirrored: Shown
) -> None:
    mirrored.show(full_day())
    rect, parts = parts_of(mirrored, "Water the plants")
    check = parts[Part.CHECK].center()
    click_at(qtbot, mirrored, QPoint(rect.left() + rect.right() - check.x(), check.y()))
    assert mirrored.asked == []


def test_every_part_of_a_row_is_mirrored(shown: Shown) -> None:
    shown.show(held_day())
    rows = [row for row in shown.rows if isinstance(row, EntryRow)]
    titles = [row.entry.signal.title for row in rows]
    looked_at = next(row for row in rows if row.entry.signal.title == "Water the plants")
    shown.list.hovered = looked_at.id  # its buttons are shown as well
    usual = [parts_of(shown, title) for title in titles]
    shown.list.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    for title, (rect, parts) in zip(titles, usual, strict=True):
        row, found = parts_of(shown, title)
        assert row == rect
        assert found.keys() == parts.keys()
        for part, where in found.items():
            assert where.left() - row.left() == row.right() - parts[part].right(), (title, part)
            assert where.size() == parts[part].size()
    assert any(len(parts) > 2 for _, parts in usual), "ring, and buttons"


def ink(shown: Shown, rect: QRect) -> list[int]:
    """The columns of a row that are not ground, as parts of the list's width in hundredths."""
    image = shown.list.viewport().grab(rect).toImage()
    ground = image.pixelColor(1, 1)
    columns = (
        x
        for x in range(image.width())
        if any(image.pixelColor(x, y) != ground for y in range(2, image.height() - 2))
    )
    return [100 * x // image.width() for x in columns]


def test_a_row_is_drawn_from_the_right(mirrored: Shown) -> None:
    mirrored.show(state(account(ADA, "ada@example.com"), signals={ADA: (task("Call", day(0)),)}))
    rect, _ = parts_of(mirrored, "Call")
    columns = ink(mirrored, rect)
    assert min(columns) > 50
    assert max(columns) > 93


@pytest.mark.parametrize(
    ("direction", "seen"),
    [
        (Qt.LayoutDirection.LeftToRight, "09:00–17:30"),
        (Qt.LayoutDirection.RightToLeft, "17:30–09:00"),
    ],
)
def test_a_span_of_time_is_read_in_the_direction_of_the_row(
    shown: Shown, direction: Qt.LayoutDirection, seen: str
) -> None:
    """It has no letters of its own that would say."""
    shown.list.setLayoutDirection(direction)
    area = QRect(0, 0, 300, 40)

    def drawn(draw: Callable[[QPainter], object]) -> QImage:
        image = QImage(area.size(), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        draw(painter)
        painter.end()
        return image

    def plainly(painter: QPainter) -> None:
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        right = direction is Qt.LayoutDirection.RightToLeft
        painter.drawText(area, (RIGHT if right else LEFT) | IN_LINE, seen)

    delegate = shown.list._delegate
    ours = drawn(lambda painter: delegate._text(painter, area, area, "09:00–17:30"))
    assert ours == drawn(plainly)


@pytest.mark.parametrize("right_to_left", [False, True])
def test_what_a_button_opens_begins_at_its_corner(
    qtbot: QtBot, shown: Shown, right_to_left: bool
) -> None:
    if right_to_left:
        shown.list.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    shown.show(full_day())
    QTest.mouseMove(shown.list.viewport(), shown.point("Water the plants"))
    _, parts = parts_of(shown, "Water the plants")
    button = parts[Part.MORE]
    click_at(qtbot, shown, button.center())
    corner = button.bottomRight() if right_to_left else button.bottomLeft()
    assert shown.places == [shown.list.viewport().mapToGlobal(corner)]
