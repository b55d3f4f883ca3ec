"""One line of the agenda in words, and what a click on it means. Pure.

A task reads `14:30  Call Ana · Work · p1`: the time first, because rows are scanned down their left
edge, then the title, then what may be cut off. It is one string, since a panel draws one string per
row and a screen reader says it as it stands. The priority is written (`p1`, Todoist's own word) as
well as drawn in the row's icon, so neither colour nor icons are needed to see it. What a click has
not come to yet is said last, in words as well.
"""

from collections.abc import Collection
from datetime import datetime

from oo_desktop.signals.model import ActionKind, Event, SignalKey, Task, day_of, time_of
from oo_desktop.ui.account_view import AccountWords
from oo_desktop.ui.agenda import Entry, today_in
from oo_desktop.ui.commands import Done, OpenUrl
from oo_desktop.ui.rows import Row, RowIcon, command_row, id_of_signal
from oo_desktop.ui.tally import is_ticked_off
from oo_desktop.ui.text import day_words, elided, plain_text

LONGEST_TITLE = 50
LONGEST_NAME = 24

ON_ITS_WAY = "on its way"
UNCONFIRMED = "not confirmed yet"


class EntryWords:
    """Words for the entries of one view.

    unconfirmed: signals whose click the service accepted and does not show. They can be clicked
        again, as if nothing had been.
    moving: signals that are on their way to a later hour of today. They can be done meanwhile.
    """

    def __init__(
        self,
        *,
        accounts: AccountWords,
        now: datetime,
        unconfirmed: Collection[SignalKey] = (),
        moving: Collection[SignalKey] = (),
    ) -> None:
        self._accounts = accounts
        self._now = now
        self._unconfirmed = unconfirmed
        self._moving = moving

    def row(self, entry: Entry) -> Row:
        """The line in the agenda."""
        signal = entry.signal
        text = self.text(entry)
        row_id = id_of_signal("event" if isinstance(signal, Event) else "task", signal.key)
        icon = icon_of(entry)
        if is_ticked_off(entry):
            ready = self.can_be_done(entry)
            return command_row(row_id, text, Done(signal.key), icon=icon, enabled=ready)
        if signal.url:
            return command_row((*row_id, "open"), text, OpenUrl(signal.url), icon=icon)
        return Row((*row_id, "text"), text, icon=icon)

    def can_be_done(self, entry: Entry) -> bool:
        key = entry.signal.key
        can = ActionKind.DONE in entry.signal.actions
        return can and (self.can_be_moved(entry) or key in self._moving)

    def can_be_moved(self, entry: Entry) -> bool:
        """Whether nothing that was asked of it is on its way."""
        return not entry.pending or entry.signal.key in self._unconfirmed

    def text(self, entry: Entry) -> str:
        """All there is to say of it, whose it is included where there are several accounts."""
        signal = entry.signal
        parts = [entry_text(entry, self._now)]
        if self._accounts.several(signal.source):
            parts.append(elided(self._accounts.short_label(signal.account), LONGEST_NAME))
        if signal.key in self._unconfirmed:
            parts.append(UNCONFIRMED)
        elif entry.pending:
            parts.append(ON_ITS_WAY)
        return " · ".join(parts)


def icon_of(entry: Entry) -> RowIcon:
    signal = entry.signal
    if isinstance(signal, Event):
        return RowIcon.EVENT
    if not is_ticked_off(entry):
        return RowIcon.NOTE
    return _PRIORITY_ICONS.get(signal.priority or 4, RowIcon.TASK_4)


_PRIORITY_ICONS = {
    1: RowIcon.TASK_1,
    2: RowIcon.TASK_2,
    3: RowIcon.TASK_3,
}


def entry_text(entry: Entry, now: datetime) -> str:
    """When, what, where and how urgent."""
    signal = entry.signal
    title = elided(plain_text(signal.title) or "(no title)", LONGEST_TITLE)
    parts = [f"{when}  {title}" if (when := _when(entry, now)) else title]
    if signal.container and (container := plain_text(signal.container.name)):
        parts.append(elided(container, LONGEST_NAME))
    if isinstance(signal, Task) and signal.priority in _PRIORITY_ICONS:
        parts.append(f"p{signal.priority}")
    return " · ".join(parts)


def _when(entry: Entry, now: datetime) -> str:
    """The time of what is today, the day of what is not; empty for a whole day today."""
    signal = entry.signal
    due = signal.start if isinstance(signal, Event) else signal.due
    if due is None:
        return ""
    today = today_in(entry.zone, now)
    day = day_of(due, entry.zone)
    if day != today:
        return day_words(day, today)
    return _time_words(entry)


def _time_words(entry: Entry) -> str:
    """`14:30`; empty for a whole day."""
    signal = entry.signal
    due = signal.start if isinstance(signal, Event) else signal.due
    at = time_of(due, entry.zone) if due else None
    return f"{at:%H:%M}" if at else ""
