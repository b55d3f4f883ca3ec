"""One line of the agenda in words, and what a click on it means. Pure.

A task reads `14:30  Call Ana · Work · p1`: the time first, because rows are scanned down their left
edge, then the title, then what may be cut off; an event as `event_view` tells. It is one string,
since a panel draws one string per row and a screen reader says it as it stands. The priority is
written (`p1`, Todoist's own word) as well as drawn in the row's icon, so neither colour nor icons
are needed to see it. What a click has not come to yet is said last, in words as well.
"""

import re
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import Done, OpenUrl
from oo_desktop.model.signals import ActionKind, Event, SignalKey, Task, day_of, time_of
from oo_desktop.model.text import day_words, elided, isolated, plain_text
from oo_desktop.ui.view.account_view import AccountWords
from oo_desktop.ui.view.agenda import Entry, today_in
from oo_desktop.ui.view.event_view import event_text
from oo_desktop.ui.view.placing import is_ticked_off
from oo_desktop.ui.view.planned import happening
from oo_desktop.ui.view.rows import Row, RowIcon, command_row, id_of_signal, reading_row

LONGEST_TITLE = 50
LONGEST_NAME = 24

ON_ITS_WAY = "on its way"
UNCONFIRMED = "not confirmed yet"


class EntryWords:
    """Words for the entries of one view.

    zone: the machine's, whose time is on the wall.
    unconfirmed: signals whose click the service accepted and does not show. They can be clicked
        again, as if nothing had been.
    moving: signals that are on their way to a later hour of today. They can be done meanwhile.
    """

    def __init__(
        self,
        *,
        accounts: AccountWords,
        now: datetime,
        zone: ZoneInfo,
        unconfirmed: Collection[SignalKey] = (),
        moving: Collection[SignalKey] = (),
    ) -> None:
        self._accounts = accounts
        self._now = now
        self._zone = zone
        self._unconfirmed = unconfirmed
        self._moving = moving

    def row(self, entry: Entry) -> Row:
        """The line in the agenda."""
        signal = entry.signal
        text = self.text(entry)
        icon = icon_of(entry)
        if isinstance(signal, Event):
            return _event_row(signal, text)
        row_id = id_of_signal("task", signal.key)
        if is_ticked_off(signal, pending=entry.pending):
            ready = self.can_be_done(entry)
            return command_row(row_id, text, Done(signal.key), icon=icon, enabled=ready)
        if signal.url:
            return command_row((*row_id, "open"), text, OpenUrl(signal.url), icon=icon)
        return reading_row((*row_id, "text"), text, icon=icon)

    def can_be_done(self, entry: Entry) -> bool:
        key = entry.signal.key
        can = ActionKind.DONE in entry.signal.actions
        return can and (self.can_be_moved(entry) or key in self._moving)

    def can_be_moved(self, entry: Entry) -> bool:
        """Whether nothing that was asked of it is on its way."""
        return not entry.pending or entry.signal.key in self._unconfirmed

    def text(self, entry: Entry, *, alone: bool = False) -> str:
        """All there is to say of it, whose it is included where there are several accounts.

        alone: it stands under no heading that says when it is.
        """
        signal = entry.signal
        if isinstance(signal, Event):
            event = happening(entry, signal)
            account = self._accounts.unnamed_calendar(signal.account)
            parts = [
                event_text(event, self._now, local_zone=self._zone, alone=alone, account=account)
            ]
        else:
            parts = [entry_text(entry, self._now)]
        if self._accounts.several(signal.source):
            parts.append(isolated(elided(self._accounts.short_label(signal.account), LONGEST_NAME)))
        if signal.key in self._unconfirmed:
            parts.append(UNCONFIRMED)
        elif entry.pending:
            parts.append(ON_ITS_WAY)
        return " · ".join(parts)


def icon_of(entry: Entry) -> RowIcon:
    signal = entry.signal
    if isinstance(signal, Event):
        return RowIcon.EVENT
    if not is_ticked_off(signal, pending=entry.pending):
        return RowIcon.NOTE
    return _PRIORITY_ICONS.get(signal.priority or 4, RowIcon.TASK_4)


_PRIORITY_ICONS = {
    1: RowIcon.TASK_1,
    2: RowIcon.TASK_2,
    3: RowIcon.TASK_3,
}


_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def _event_row(event: Event, text: str) -> Row:
    """A click on an event shows it where it was planned; to take part, there is a row on top."""
    row_id = id_of_signal("event", event.key)
    color = event.container.color if event.container else None
    if color is not None and not _COLOR.fullmatch(color):
        color = None
    if url := event.url or event.join_url:
        row_id = (*row_id, "open")
        return command_row(row_id, text, OpenUrl(url), icon=RowIcon.EVENT, color=color)
    return reading_row((*row_id, "text"), text, icon=RowIcon.EVENT, color=color)


def entry_text(entry: Entry, now: datetime) -> str:
    """When, what, where and how urgent a task is."""
    signal = entry.signal
    title = isolated(elided(plain_text(signal.title) or "(no title)", LONGEST_TITLE))
    parts = [f"{when}  {title}" if (when := _when(entry, now)) else title]
    if signal.container and (container := plain_text(signal.container.name)):
        parts.append(isolated(elided(container, LONGEST_NAME)))
    if isinstance(signal, Task) and signal.priority in _PRIORITY_ICONS:
        parts.append(f"p{signal.priority}")
    return " · ".join(parts)


def _when(entry: Entry, now: datetime) -> str:
    """The time of what is today, the day of what is not; empty for a whole day today."""
    due = getattr(entry.signal, "due", None)
    if due is None:
        return ""
    today = today_in(entry.zone, now)
    day = day_of(due, entry.zone)
    if day != today:
        return day_words(day, today)
    at = time_of(due, entry.zone)
    return f"{at:%H:%M}" if at else ""
