"""Shows the window's list: a model of rows, how one is drawn, and what can be done with it.

There may be 10,000 rows, so all are of one height, a row is put in words when it is drawn, and a
new list changes the model by what differs: what is selected, current and in sight stays so.

Colours are those of the palette as it is when a row is drawn, mixed so that a text has at least the
contrast of `MIN_CONTRAST`: light, dark and accent follow by themselves.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import Enum
from itertools import groupby, islice, pairwise
from time import monotonic
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    QStringListModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from oo_desktop.agenda.selection import Section
from oo_desktop.commands.commands import Command
from oo_desktop.language import translated, untranslated
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.rows import Row, RowId
from oo_desktop.ui.view.window import HEADINGS, EntryRow, Heading, Item, ItemWords, ListRow

MIN_CONTRAST = 4.5
"""Of a text on its ground (WCAG 2.2, 1.4.3)."""

MIN_MARK_CONTRAST = 1.8
"""Of the colour of a project or calendar, beside whose name it stands."""

MAX_RANGES = 20
"""Ranges of rows that come and go one by one; beyond that the list is laid out anew."""
MAX_ROWS_CHANGED = 500
"""Rows that come or go: more do where somebody filters."""

CHECK_SECONDS = 0.18
FOLD_SECONDS = 0.16
FRAME_MS = 16

LATE = QColor("#c62828")
RINGS = {
    RowIcon.TASK_1: (QColor("#d1453b"), 0.16),
    RowIcon.TASK_2: (QColor("#d97706"), 0.13),
    RowIcon.TASK_3: (QColor("#3b82c4"), 0.11),
    RowIcon.TASK_4: (QColor("#7a8383"), 0.075),
}
"""Colour and weight of a ring; the weight in parts of its size."""
TEAL = "#12898a"
DEEP_TEAL = QColor("#0d7071")
"""For words in white upon it."""

NO_FLAGS = Qt.ItemFlag.NoItemFlags
HEADING_FLAGS = Qt.ItemFlag.ItemNeverHasChildren
ENTRY_FLAGS = HEADING_FLAGS | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
CHECK_FLAGS = ENTRY_FLAGS | Qt.ItemFlag.ItemIsUserCheckable
SELECT = QItemSelectionModel.SelectionFlag.Select
NO_UPDATE = QItemSelectionModel.SelectionFlag.NoUpdate
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
IN_LINE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
"""Named once: to put them together takes Python longer than to draw a text takes Qt."""

AnyIndex = QModelIndex | QPersistentModelIndex


class _Check(NamedTuple):
    """A ring on its way from one state to the other."""

    start: float
    end: float
    since: float


class _Fold(NamedTuple):
    """A row that is gone: those below move up to its place."""

    row: int
    since: float


class Part(Enum):
    """Names what can be pressed in a row."""

    CHECK = "check"
    JOIN = "join"
    UNDO = "undo"
    MOVE = "move"
    MORE = "more"


PART_WORDS = {
    Part.MOVE: untranslated("Reschedule"),
    # Translators: of a button: more that can be done with a task or an event
    Part.MORE: untranslated("More"),
}


class SignalModel(QStringListModel):
    """Holds the rows, and changes by what differs.

    Qt asks a model for its size twice for each row it lays out, and that from Python would take
    longer than all the rest: so Qt keeps a list of as many empty texts, and counts for itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[ListRow] = ()
        self._words: ItemWords | None = None
        self._next: Sequence[ListRow] = ()
        # Before whoever else listens, so that they find the rows as they are then.
        self.rowsRemoved.connect(self._take_next)
        self.rowsInserted.connect(self._take_next)

    def show(self, rows: Sequence[ListRow], words: ItemWords) -> list[int] | None:
        """Show `rows`; returns where some were taken out, as they are counted then.

        None: so much was changed that nothing is selected any more.
        """
        self._words = words
        gone: list[int] | None = []
        if rows is not self.rows:
            gone = self._exchange(rows)
        if rows and gone is not None:
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
        return gone

    def item(self, row: EntryRow) -> Item:
        """Return what `row` says now."""
        if self._words is None:
            raise AssertionError("nothing was shown yet")
        return self._words.item(row)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return NO_FLAGS
        row = self.rows[index.row()]
        if isinstance(row, Heading):
            return HEADING_FLAGS
        item = self.item(row)
        return CHECK_FLAGS if item.can_be_done or item.done else ENTRY_FLAGS

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole if isinstance(row, Heading):
                return translated(HEADINGS[row.section])
            case Qt.ItemDataRole.AccessibleTextRole if isinstance(row, Heading):
                # Translators: stands between the parts of a list
                return translated(", ").join((translated(HEADINGS[row.section]), str(row.count)))
            case Qt.ItemDataRole.DisplayRole if isinstance(row, EntryRow):
                return self.item(row).title
            case Qt.ItemDataRole.AccessibleTextRole if isinstance(row, EntryRow):
                return self.item(row).text
            case Qt.ItemDataRole.CheckStateRole if isinstance(row, EntryRow):
                item = self.item(row)  # for screen readers: the ring is drawn by the delegate
                if item.can_be_done or item.done:
                    return Qt.CheckState.Checked if item.done else Qt.CheckState.Unchecked
        return None

    def _take_next(self) -> None:
        self.rows = self._next

    def _exchange(self, rows: Sequence[ListRow]) -> list[int] | None:
        before = self.rows
        if abs(len(before) - len(rows)) > MAX_ROWS_CHANGED:
            self._reset(rows)
            return None
        ids = {row.id: number for number, row in enumerate(rows)}
        places = [ids.get(row.id) for row in before]
        kept = [place for place in places if place is not None]
        gone = list(_ranges([n for n, place in enumerate(places) if place is None]))
        known = set(kept)
        new = list(_ranges([n for n in range(len(rows)) if n not in known]))
        if len(gone) + len(new) > MAX_RANGES or any(a > b for a, b in pairwise(kept)):
            self._reset(rows)
            return None
        for first, last in reversed(gone):
            self._next = (*self.rows[:first], *self.rows[last + 1 :])
            self.removeRows(first, last - first + 1)
        for first, last in new:
            self._next = (*self.rows[:first], *rows[first : last + 1], *self.rows[first:])
            self.insertRows(first, last - first + 1)
        self.rows = rows
        return [] if new else [first for first, _ in reversed(gone)]

    def _reset(self, rows: Sequence[ListRow]) -> None:
        self.rows = rows
        self.setStringList([""] * len(rows))


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]


class SignalDelegate(QStyledItemDelegate):
    """Draws rows, and knows where in them what is."""

    def __init__(self, view: "SignalList") -> None:
        super().__init__(view)
        self._view = view
        self.measure()

    def measure(self) -> None:
        """Take the sizes from the font that the list has now."""
        self.font = QFont(self._view.font())
        self.small = QFont(self.font)
        if self.font.pointSizeF() > 0:
            self.small.setPointSizeF(self.font.pointSizeF() * 0.9)
        self.struck = QFont(self.font)
        self.struck.setStrikeOut(True)
        self.bold = QFont(self.font)
        self.bold.setBold(True)
        self._bold_lines = QFontMetrics(self.bold)
        self._lines = QFontMetrics(self.font)
        self._small_lines = QFontMetrics(self.small)
        self.unit = self._lines.height()
        self.height = round(self._lines.height() + self._small_lines.height() + self.unit * 0.85)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:  # noqa: N802  # Qt's name
        return QSize(self.unit * 12, self.height)

    # Where what is

    def parts(self, rect: QRect, row: EntryRow, item: Item) -> dict[Part, QRect]:
        """Return what can be pressed, and where; `rect` is the row's."""
        found: dict[Part, QRect] = {}
        unit, ring = self.unit, self._ring(rect)
        if item.can_be_done or item.done:
            found[Part.CHECK] = ring.adjusted(-unit // 3, -unit // 3, unit // 3, unit // 3)
        right = rect.right() - unit // 2
        for part in self._buttons(row, item):
            width = round(unit * 1.5)
            if (text := _BUTTON_WORDS.get(part)) is not None:
                width = self._small_lines.horizontalAdvance(translated(text)) + round(unit * 1.2)
            height = round(unit * 1.5)
            top = rect.center().y() - height // 2 + 1
            found[part] = QRect(right - width + 1, top, width, height)
            right -= width + unit // 4
        return {part: self._placed(rect, each) for part, each in found.items()}

    def _buttons(self, row: EntryRow, item: Item) -> Iterator[Part]:
        """From the right."""
        if item.undo is not None:
            yield Part.UNDO
        if item.join is not None:
            yield Part.JOIN
        if self._view.is_looked_at(row):
            yield Part.MORE
            if item.undo is None and self._view.can_move(row):
                yield Part.MOVE

    def _placed(self, rect: QRect, where: QRect) -> QRect:
        """Where something is in `rect`, read from the side the words begin."""
        if not self._view.isRightToLeft():
            return where
        left = rect.left() + rect.right() - where.right()
        return QRect(left, where.top(), where.width(), where.height())

    def _ring(self, rect: QRect) -> QRect:
        size = round(self.unit * 1.05)
        left = rect.left() + round(self.unit * 0.9)
        return QRect(left, rect.center().y() - size // 2 + 1, size, size)

    def title_width(self, rect: QRect, parts: Mapping[Part, QRect]) -> int:
        """Return how much room the buttons leave for a title."""
        buttons = [each for part, each in parts.items() if part is not Part.CHECK]
        taken = sum(each.width() + self.unit // 4 for each in buttons) + self.unit
        return rect.width() - self._text_left() - taken

    def _text_left(self) -> int:
        return round(self.unit * 2.7)

    # Drawing

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        row = self._view.row_at(index)
        rect = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0, self._view.shift_of(index.row()))
        if isinstance(row, Heading):
            self._paint_heading(painter, rect, row)
        else:
            self._paint_entry(painter, rect, index, row)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, row: Heading) -> None:
        colors, words, unit = self._view.colors(), translated(HEADINGS[row.section]), self.unit
        place = rect.adjusted(round(unit * 0.9), 0, -unit, -round(unit * 0.35))
        place.setTop(place.bottom() - unit)
        painter.setFont(self.bold)
        painter.setPen(colors.late if row.section is Section.OVERDUE else colors.text)
        self._text(painter, rect, place, words)
        place.setLeft(place.left() + self._bold_lines.horizontalAdvance(words) + unit // 2)
        painter.setFont(self.font)
        painter.setPen(colors.muted)
        self._text(painter, rect, place, str(row.count))

    def _paint_entry(self, painter: QPainter, rect: QRect, index: AnyIndex, row: EntryRow) -> None:
        view, item = self._view, self._view.item_of(row)
        selected = view.selectionModel().isSelected(view.model().index(index.row(), 0))
        hovered = view.hovered == row.id
        colors = view.colors(selected=selected, hovered=hovered)
        self._paint_ground(painter, rect, index, colors, plain=not (selected or hovered))
        parts = self.parts(rect, row, item)
        ring = self._placed(rect, self._ring(rect))
        if item.icon is RowIcon.EVENT:
            self._paint_event(painter, QRectF(ring), item, colors)
        elif item.icon is RowIcon.NOTE:
            _paint_note(painter, QRectF(ring), colors)
        else:
            over = view.pressable == (row.id, Part.CHECK)
            _paint_ring(painter, QRectF(ring), item.icon, view.progress_of(row.id, item), over)
        width = self.title_width(rect, parts)
        place = QRect(rect.left() + self._text_left(), rect.top(), width, rect.height())
        self._paint_words(painter, rect, place, item, colors)
        for part, where in parts.items():
            if part is not Part.CHECK:
                self._paint_button(painter, where, part, colors, view.pressable == (row.id, part))

    def _paint_ground(
        self, painter: QPainter, rect: QRect, index: AnyIndex, colors: "Colors", *, plain: bool
    ) -> None:
        inset = self.unit / 4
        ground = QRectF(rect).adjusted(inset, 1, -inset, -1)
        current = self._view.shows_focus and index == self._view.currentIndex()
        if plain and not current:
            return
        painter.setBrush(colors.ground)
        painter.setPen(QPen(colors.accent, 1.5) if current else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(ground, self.unit / 3, self.unit / 3)

    def _paint_event(self, painter: QPainter, ring: QRectF, item: Item, colors: "Colors") -> None:
        """A bar of the calendar's colour, as high as the words."""
        height = self.unit * 1.75
        bar = QRectF(0, 0, max(3.0, self.unit / 4.5), height)
        bar.moveCenter(ring.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.seen(item.color or TEAL))
        painter.drawRoundedRect(bar, bar.width() / 2, bar.width() / 2)

    def _paint_words(
        self, painter: QPainter, rect: QRect, place: QRect, item: Item, colors: "Colors"
    ) -> None:
        details = list(self._details(item, colors))
        lines, small = self._lines.height(), self._small_lines.height()
        gap = round(self.unit * 0.12) if details else 0
        top = rect.top() + (rect.height() - lines - (small + gap if details else 0)) // 2
        title = QRect(place.left(), top, place.width(), lines)
        painter.setFont(self.struck if item.done else self.font)
        painter.setPen(colors.muted if item.happened else colors.text)
        self._elided(painter, rect, title, item.title, self._lines)
        painter.setFont(self.small)
        x, y = place.left(), top + lines + gap
        for text, color, dot in details:
            if dot is not None:
                size = self.unit * 0.42
                where = self._placed(rect, QRect(x, y, round(size), small))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colors.seen(dot))
                painter.drawEllipse(QRectF(where).center(), size / 2, size / 2)
                x += round(size + self.unit * 0.3)
            left = place.right() - x
            if left < self.unit:
                break
            width = min(self._small_lines.horizontalAdvance(text) + 2, left)
            painter.setPen(color)
            self._elided(painter, rect, QRect(x, y, width, small), text, self._small_lines)
            x += width + round(self.unit * 0.75)

    def _details(self, item: Item, colors: "Colors") -> Iterator[tuple[str, QColor, str | None]]:
        if item.happened:
            yield item.happened, colors.text, None
        elif item.when:
            yield item.when, colors.late if item.late else colors.text, None
        for note in item.notes:
            yield note, colors.muted, None
        if item.place:
            is_event = item.icon is RowIcon.EVENT
            yield item.place, colors.muted, None if is_event else item.color
        if item.account:
            yield item.account, colors.muted, None

    def _elided(
        self, painter: QPainter, rect: QRect, where: QRect, text: str, lines: QFontMetrics
    ) -> None:
        if len(text) * lines.averageCharWidth() > where.width() / 2:
            text = lines.elidedText(text, Qt.TextElideMode.ElideRight, where.width())
        self._text(painter, rect, where, text)

    def _text(self, painter: QPainter, rect: QRect, where: QRect, text: str) -> None:
        """One line, on the side where the row begins, in the direction its own letters have.

        Without letters, as a time is, it has that of the row.
        """
        align = RIGHT if self._view.isRightToLeft() else LEFT
        own = any(map(str.isalpha, text))
        painter.setLayoutDirection(
            Qt.LayoutDirection.LayoutDirectionAuto if own else self._view.layoutDirection()
        )
        painter.drawText(self._placed(rect, where), align | IN_LINE, text)

    def _paint_button(
        self, painter: QPainter, where: QRect, part: Part, colors: "Colors", over: bool
    ) -> None:
        area = QRectF(where).adjusted(0.5, 0.5, -0.5, -0.5)
        round_by = area.height() / 2 if part in _BUTTON_WORDS else self.unit / 3
        painter.setPen(Qt.PenStyle.NoPen)
        if part is Part.JOIN:
            fill = colors.strong.darker(115) if over else colors.strong
            painter.setBrush(fill)
            painter.drawRoundedRect(area, round_by, round_by)
            painter.setPen(QColor("white"))
        elif part is Part.UNDO:
            painter.setBrush(colors.pressed if over else Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.line, 1))
            painter.drawRoundedRect(area, round_by, round_by)
            painter.setPen(colors.text)
        else:
            if over:
                painter.setBrush(colors.pressed)
                painter.drawRoundedRect(area, round_by, round_by)
            _paint_glyph(painter, area, part, colors.text if over else colors.muted, self.unit)
            return
        painter.setFont(self.small)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, translated(_BUTTON_WORDS[part]))

    def editorEvent(  # noqa: N802  # Qt's name
        self,
        _event: QEvent,
        _model: QAbstractItemModel,
        _option: QStyleOptionViewItem,
        _index: AnyIndex,
    ) -> bool:
        """Leave clicks to the list: Qt would look for a check box where its style draws one."""
        return False

    def helpEvent(  # noqa: N802  # Qt's name
        self,
        event: QHelpEvent,
        _view: QAbstractItemView,
        _option: QStyleOptionViewItem,
        index: AnyIndex,
    ) -> bool:
        """Say a title that is cut, or what a picture does."""
        row = self._view.row_at(index) if index.isValid() else None
        if not isinstance(row, EntryRow):
            return False
        rect, item = (
            self._view.visualRect(self._view.model().index(index.row(), 0)),
            self._view.item_of(row),
        )
        part = self._view.part_at(event.pos(), row, rect)
        words = translated(PART_WORDS.get(part, "")) if part else ""
        if not words and self._lines.horizontalAdvance(item.title) > self.title_width(
            rect, self.parts(rect, row, item)
        ):
            words = item.title
        # Plain text that Qt might take for rich: what is between no `<` is not.
        QToolTip.showText(event.globalPos(), words.replace("<", "‹"), self._view, rect)
        return True


_BUTTON_WORDS = {Part.JOIN: untranslated("Join"), Part.UNDO: untranslated("Undo")}


def _paint_ring(
    painter: QPainter, ring: QRectF, icon: RowIcon, progress: float, over: bool
) -> None:
    """A ring by its priority; `progress`: how far it is ticked off, from 0 to 1."""
    color, weight = RINGS.get(icon, RINGS[RowIcon.TASK_4])
    width = max(1.2, ring.width() * weight)
    inside = ring.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    fill = QColor(color)
    fill.setAlphaF(0.14 if icon is RowIcon.TASK_1 else 0.0)
    if over and not progress:
        fill.setAlphaF(0.25)
    painter.setPen(QPen(color, width))
    painter.setBrush(fill)
    painter.drawEllipse(inside)
    if progress:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        size = ring.width() / 2 * progress
        painter.drawEllipse(ring.center(), size, size)
    if progress or over:
        tick = QPainterPath()
        points = [(0.28, 0.52), (0.44, 0.68), (0.74, 0.35)]
        tick.moveTo(_within(ring, *points[0]))
        for point in points[1:]:
            tick.lineTo(_within(ring, *point))
        pen = QPen(QColor("white") if progress > 0.5 else color, max(1.5, ring.width() * 0.11))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(tick)


def _paint_note(painter: QPainter, ring: QRectF, colors: "Colors") -> None:
    """A dash: it cannot be ticked off."""
    pen = QPen(colors.muted, max(1.5, ring.width() * 0.11))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawLine(_within(ring, 0.3, 0.5), _within(ring, 0.7, 0.5))


def _paint_glyph(painter: QPainter, area: QRectF, part: Part, color: QColor, unit: int) -> None:
    center, size = area.center(), unit * 0.42
    if part is Part.MORE:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for step in (-1, 0, 1):
            painter.drawEllipse(center + QPointF(step * size * 0.75, 0), unit / 12, unit / 12)
        return
    pen = QPen(color, max(1.2, unit / 13))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(center, size, size)
    painter.drawLine(center, center - QPointF(0, size * 0.55))
    painter.drawLine(center, center + QPointF(size * 0.4, size * 0.2))


def _within(area: QRectF, x: float, y: float) -> QPointF:
    return QPointF(area.left() + area.width() * x, area.top() + area.height() * y)


class Colors:
    """Holds the colours of a row, made of those of the palette."""

    def __init__(self, palette: QPalette, *, selected: bool = False, hovered: bool = False) -> None:
        base, text = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
        self.accent = palette.color(QPalette.ColorRole.Highlight)
        self.ground = base
        if selected:
            self.ground = mixed(base, self.accent, 0.22)
        elif hovered:
            self.ground = mixed(base, text, 0.06)
        self.text = readable(text, self.ground, text)
        self.muted = readable(mixed(self.ground, text, 0.62), self.ground, text)
        self.late = readable(LATE, self.ground, text)
        self.line = mixed(self.ground, text, 0.35)
        self.pressed = mixed(self.ground, text, 0.12)
        self.strong = DEEP_TEAL
        self._text = text
        self._seen: dict[str, QColor] = {}

    def seen(self, color: str) -> QColor:
        """Return `color` (`#RRGGBB`) so that it is told from the ground."""
        found = self._seen.get(color)
        if found is None:
            found = readable(QColor(color), self.ground, self._text, MIN_MARK_CONTRAST)
            self._seen[color] = found
        return found


def mixed(ground: QColor, color: QColor, share: float) -> QColor:
    """Return `ground` with so much of `color` in it."""
    parts = [
        (1 - share) * a + share * b for a, b in zip(_parts(ground), _parts(color), strict=True)
    ]
    return QColor.fromRgbF(*parts)


def _parts(color: QColor) -> tuple[float, float, float]:
    return color.redF(), color.greenF(), color.blueF()


def luminance(color: QColor) -> float:
    """Return how light it is (WCAG 2.2, relative luminance)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(color: QColor, ground: QColor, text: QColor, least: float = MIN_CONTRAST) -> QColor:
    """Return `color`, with as much of `text` in it as it takes to be read on `ground`."""
    for share in range(10):
        found = mixed(color, text, share / 10)
        if contrast(found, ground) >= least:
            return found
    return text


class SignalList(QListView):
    """Shows the rows, and says what is asked of them.

    execute: carries out what a row offers.
    open_menu: shows a menu of rows at a place on the screen.
    animated: whether movements are welcome.
    """

    typed = Signal(str)
    """Emitted with what somebody types here, for it is meant for the filter."""

    def __init__(
        self,
        *,
        execute: Callable[[Command], object],
        open_menu: Callable[[Sequence[Row], QPoint], object],
        animated: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._execute = execute
        self._open_menu = open_menu
        self._animated = animated
        self._words: ItemWords | None = None
        self.hovered: RowId | None = None
        self.pressable: tuple[RowId, Part] | None = None
        self._pressed: tuple[RowId, Part] | None = None
        self._by_keyboard = False
        self._mixed: dict[tuple[bool, bool], Colors] = {}
        self._mixed_from = -1
        self._checks: dict[RowId, _Check] = {}
        self._folds: list[_Fold] = []
        self._frames = QTimer(self)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._next_frame)
        self._model = SignalModel()
        self.setModel(self._model)
        self._delegate = SignalDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAccessibleName(translated("What needs you"))

    # What is shown

    def show_rows(self, rows: Sequence[ListRow], words: ItemWords, *, folds: bool = True) -> None:
        """Show `rows`; where nothing of them is new, only what they say.

        folds: whether rows that go leave a gap for a moment.
        """
        done_before: frozenset[RowId] = frozenset()
        if self._words is not None:
            done_before = self._words.done_rows
        self._words = words
        chosen, currents, top = self._places() if rows is not self._model.rows else (set(), (), 0)
        gone = self._model.show(rows, words)
        self._make_current(currents)
        if gone is None:
            self._restore(chosen, top)
        self._leave_heading()
        animated = self.isVisible() and self._animated()
        if animated:
            now = monotonic()
            for row_id in words.done_rows ^ done_before:
                checked = row_id in words.done_rows
                moving = self._checks.get(row_id)
                start = float(not checked) if moving is None else _progress(moving, now)
                self._checks[row_id] = _Check(start, float(checked), now)
            if folds:
                self._folds += [_Fold(row, now) for row in gone or ()]
            if self._checks or self._folds:
                self._frames.start()
        self.viewport().update()

    def _places(self) -> tuple[set[RowId], Sequence[RowId], int]:
        """What is selected, what is current or would be the next to be, and how far down the list
        is."""
        rows, current = self._model.rows, self.currentIndex().row()
        places = {each.row() for each in self.selectionModel().selectedIndexes()}
        chosen = {rows[place].id for place in places}
        if current < 0:
            return chosen, (), self.verticalScrollBar().value()
        after = (
            rows[place].id
            for place in range(current + 1, len(rows))
            if place not in places and isinstance(rows[place], EntryRow)
        )
        return chosen, (rows[current].id, *islice(after, 1)), self.verticalScrollBar().value()

    def _restore(self, chosen: set[RowId], top: int) -> None:
        """Select what was selected, as far as it is still there."""
        for place in self._places_of(chosen).values():
            self.selectionModel().select(self._model.index(place), SELECT)
        self.verticalScrollBar().setValue(top)

    def _make_current(self, wanted: Sequence[RowId]) -> None:
        """Go to the first of `wanted` that is there: where the current row was taken out, Qt goes
        to the one before, and who goes through a list would read that again."""
        current, rows = self.currentIndex().row(), self._model.rows
        if not wanted or (current >= 0 and rows[current].id == wanted[0]):
            return
        places = self._places_of(wanted)
        place = next((places[each] for each in wanted if each in places), None)
        if place is not None:
            self.selectionModel().setCurrentIndex(self._model.index(place), NO_UPDATE)

    def _places_of(self, wanted: Collection[RowId]) -> dict[RowId, int]:
        """Where those are that are there. Of 100,000 rows, no more are looked at than it takes."""
        rows = enumerate(self._model.rows)
        there = ((row.id, place) for place, row in rows if row.id in wanted)
        return dict(islice(there, len(wanted)))

    def _leave_heading(self) -> None:
        """Go on to the next entry: Qt goes to any row when the current one was taken out, and on a
        heading the keyboard does nothing and a screen reader hears no entry."""
        current, rows = self.currentIndex().row(), self._model.rows
        if current < 0 or isinstance(rows[current], EntryRow):
            return
        places = (*range(current + 1, len(rows)), *range(current, -1, -1))
        for place in places:
            if isinstance(rows[place], EntryRow):
                self.selectionModel().setCurrentIndex(self._model.index(place), NO_UPDATE)
                return

    def row_at(self, index: AnyIndex) -> ListRow:
        """Return the row of an index of the model."""
        return self._model.rows[index.row()]

    def item_of(self, row: EntryRow) -> Item:
        """Return what a row says."""
        return self._model.item(row)

    def chosen(self) -> list[EntryRow]:
        """Return the selected rows, in their order; where none is, the current one."""
        indexes = self.selectionModel().selectedIndexes() or [self.currentIndex()]
        places = sorted(index.row() for index in indexes if index.isValid())
        rows = (self._model.rows[place] for place in places)
        return [row for row in rows if isinstance(row, EntryRow)]

    def is_looked_at(self, row: EntryRow) -> bool:
        """Return whether its buttons are shown: the pointer is on it, or the keyboard."""
        if self.hovered is not None:
            return self.hovered == row.id
        index = self.currentIndex()
        return self.shows_focus and index.isValid() and self.row_at(index).id == row.id

    @property
    def shows_focus(self) -> bool:
        """Return whether somebody finds their way here with the keyboard."""
        return self._by_keyboard and self.hasFocus()

    def colors(self, *, selected: bool = False, hovered: bool = False) -> Colors:
        """Return the colours of a row, as the palette is now."""
        palette = self.palette()
        if palette.cacheKey() != self._mixed_from:
            self._mixed_from = palette.cacheKey()
            self._mixed.clear()
        state = selected, hovered
        if state not in self._mixed:
            self._mixed[state] = Colors(palette, selected=selected, hovered=hovered)
        return self._mixed[state]

    def can_move(self, row: EntryRow) -> bool:
        """Return whether it can be moved to another day."""
        return self._words is not None and bool(self._words.ways([row]))

    # Movements

    def progress_of(self, row_id: RowId, item: Item) -> float:
        """Return how far it is ticked off, from 0 to 1."""
        check = self._checks.get(row_id)
        return float(item.done) if check is None else _progress(check, monotonic())

    def shift_of(self, row: int) -> int:
        """Return by how much a row is drawn below its place: it moves up to it."""
        now, height = monotonic(), self._delegate.height
        left = (
            1 - _eased((now - fold.since) / FOLD_SECONDS) for fold in self._folds if row >= fold.row
        )
        return round(height * sum(left))

    def _next_frame(self) -> None:
        now = monotonic()
        self._checks = {
            row: check for row, check in self._checks.items() if now - check.since < CHECK_SECONDS
        }
        self._folds = [fold for fold in self._folds if now - fold.since < FOLD_SECONDS]
        if not (self._checks or self._folds):
            self._frames.stop()
        self.viewport().update()

    # The pointer

    def part_at(self, at: QPoint, row: EntryRow, rect: QRect) -> Part | None:
        """Return what can be pressed in `row` at a point of the list."""
        parts = self._delegate.parts(rect, row, self.item_of(row))
        return next((part for part, where in parts.items() if where.contains(at)), None)

    def _at(self, at: QPoint) -> tuple[EntryRow | None, Part | None]:
        index = self.indexAt(at)
        row = self.row_at(index) if index.isValid() else None
        if not isinstance(row, EntryRow):
            return None, None
        if self.hovered != row.id:
            self.hovered = row.id
        return row, self.part_at(at, row, self.visualRect(index))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        before = (self.hovered, self.pressable)
        row, part = self._at(event.position().toPoint())
        self.hovered = row.id if row is not None else None
        self.pressable = (row.id, part) if row is not None and part is not None else None
        if before != (self.hovered, self.pressable):
            hand = Qt.CursorShape.PointingHandCursor
            self.viewport().setCursor(hand if part else Qt.CursorShape.ArrowCursor)
            self.viewport().update()
        if self._pressed is None:
            super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        self.hovered = self.pressable = None
        self.viewport().update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        self._by_keyboard = False
        row, part = self._at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and row is not None and part is not None:
            self._pressed = (row.id, part)
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            super().mouseReleaseEvent(event)
            return
        row, part = self._at(event.position().toPoint())
        if row is not None and part is not None and pressed == (row.id, part):
            self._press(row, part)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        row, part = self._at(event.position().toPoint())
        if row is not None and part is None:
            self._open(row)
        else:
            self.mousePressEvent(event)

    def _press(self, row: EntryRow, part: Part) -> None:
        item, words = self.item_of(row), self._words
        if words is None:
            return
        match part:
            case Part.CHECK:
                self._ask(words.done([row]))
            case Part.UNDO:
                self._ask(item.undo)
            case Part.JOIN:
                self._ask(item.join)
            case Part.MOVE:
                self._open_menu(words.ways([row]), self._below(row, part))
            case Part.MORE:
                self._open_menu(words.menu([row]), self._below(row, part))

    def _ask(self, command: Command | None) -> None:
        if command is not None:
            self._execute(command)

    def _open(self, row: EntryRow) -> None:
        if self._words is not None:
            self._ask(self._words.link(row))

    def _below(self, row: EntryRow, part: Part) -> QPoint:
        places = (n for n, each in enumerate(self._model.rows) if each.id == row.id)
        rect = self.visualRect(self._model.index(next(places)))
        where = self._delegate.parts(rect, row, self.item_of(row)).get(part, rect)
        corner = where.bottomRight() if self.isRightToLeft() else where.bottomLeft()
        return self.viewport().mapToGlobal(corner)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802  # Qt's name
        rows = self.chosen()
        if not rows or self._words is None:
            return
        at = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self._open_menu(self._words.menu(rows), at)

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        self._by_keyboard = True
        key, rows = event.key(), self.chosen()
        if key in (Qt.Key.Key_Space, Qt.Key.Key_Delete) and rows and self._words is not None:
            self._ask(self._words.done(rows))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and rows:
            for row in rows:
                self._open(row)
        elif event.matches(QKeySequence.StandardKey.Copy) and rows and self._words is not None:
            copies = (each for each in self._words.menu(rows[:1]) if each.id == ("copy",))
            self._ask(next((each.command for each in copies), None))
        elif event.text().isprintable() and event.text() and not _is_command(event):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802  # Qt's name
        keys = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._by_keyboard = self._by_keyboard or event.reason() in keys
        super().focusInEvent(event)

    def keyboardSearch(self, _text: str) -> None:  # noqa: N802  # Qt's name
        """Search nothing: what is typed here filters."""

    def moveCursor(  # noqa: N802  # Qt's name
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Return where a key leads: headings are passed over."""
        found = super().moveCursor(action, modifiers)
        if not found.isValid() or isinstance(self.row_at(found), EntryRow):
            return found
        row = found.row()
        up = (QAbstractItemView.CursorAction.MoveUp, QAbstractItemView.CursorAction.MovePageUp)
        step = -1 if action in up and row > 0 else 1
        return self._model.index(row + step)

    def go_to_first(self) -> None:
        """Put the keyboard on the first row, unless it is on one already."""
        self._by_keyboard = True
        self.setFocus()
        if self.chosen():
            return
        entries = (n for n, row in enumerate(self._model.rows) if isinstance(row, EntryRow))
        first = next(entries, None)
        if first is not None:
            self.selectionModel().setCurrentIndex(
                self._model.index(first), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_delegate"):
            self._delegate.measure()
            self.scheduleDelayedItemsLayout()
        super().changeEvent(event)


def _progress(check: _Check, now: float) -> float:
    part = _eased((now - check.since) / CHECK_SECONDS)
    return check.start + (check.end - check.start) * part


def _eased(part: float) -> float:
    """Fast at first, then slowly to its end."""
    return 1 - (1 - min(max(part, 0.0), 1.0)) ** 3


def _is_command(event: QKeyEvent) -> bool:
    keys = (
        Qt.KeyboardModifier.ControlModifier
        | Qt.KeyboardModifier.AltModifier
        | Qt.KeyboardModifier.MetaModifier
    )
    return bool(event.modifiers() & keys)
