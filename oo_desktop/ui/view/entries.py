"""Puts one line of the agenda in words, and says what a click on it means. Pure.

A task reads `14:30  Call Ana · Work · p1`: the time first, because rows are scanned down their left
edge, then the title, then what may be cut off; an event as `events` tells. It is one string,
since a panel draws one string per row and a screen reader says it as it stands. The priority is
written (`p1`, Todoist's own word) as well as drawn in the row's icon, so neither colour nor icons
are needed to see it. What a click has not come to yet is said last, in words as well.

Moving tasks and answering invitations are one submenu each below the agenda, not one behind every
row: a task's row stays a single click that means done. What is offered is what makes sense at this
moment (`model.reschedule`), and nothing while an earlier wish is on its way. The submenus' rows are
made with the menu, not when it opens: a panel draws what it has been told when a menu opens, and
some (xfce4-panel) never ask again for a submenu that was empty. Fifteen tasks with four ways each
take 2 ms and 0.3 MB once (measured), and a click changes one of them.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from oo_desktop.agenda.placement import Entry, can_be_ticked_off
from oo_desktop.agenda.plan import planned_event
from oo_desktop.commands.commands import Act, Done, OpenUrl
from oo_desktop.language import translated, untranslated
from oo_desktop.model.reschedule import possible_actions, rescheduled
from oo_desktop.model.signals import (
    REPLIES,
    RESCHEDULES,
    ActionKind,
    AnySignal,
    Due,
    Event,
    SignalKey,
    Task,
    day_of,
    time_of,
)
from oo_desktop.model.text import (
    clock_words,
    date_words,
    day_words,
    elided,
    isolated,
    near_day_words,
    plain_text,
    title_text,
)
from oo_desktop.model.zones import today_in
from oo_desktop.ui.view.accounts import AccountWords
from oo_desktop.ui.view.events import MAX_ROW_NAME, MAX_ROW_TITLE, event_text
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.rows import Row, command_row, id_of_signal, menu_row, reading_row

# Translators: of a click that its service does not have yet
ON_ITS_WAY = untranslated("on its way")
# Translators: of a click that its service accepted, and does not show
UNCONFIRMED = untranslated("not confirmed yet")

REPLY_WORDS = {
    # Translators: answers to an invitation
    ActionKind.ACCEPT: untranslated("Accept"),
    ActionKind.MAYBE: untranslated("Maybe"),
    ActionKind.DECLINE: untranslated("Decline"),
}


class EntryWords:
    """Puts the entries of one view in words.

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
        """Return the line in the agenda."""
        signal = entry.signal
        text = self.text(entry)
        icon = icon_of(entry)
        if isinstance(signal, Event):
            return _event_row(signal, text)
        row_id = id_of_signal("task", signal.key)
        if can_be_ticked_off(signal, pending=entry.pending):
            ready = self.can_be_done(entry)
            return command_row(row_id, text, Done(signal.key), icon=icon, enabled=ready)
        if signal.url:
            return command_row((*row_id, "open"), text, OpenUrl(signal.url), icon=icon)
        return reading_row((*row_id, "text"), text, icon=icon)

    def can_be_done(self, entry: Entry) -> bool:
        """Return whether a click on it can be sent now."""
        key = entry.signal.key
        can = ActionKind.DONE in entry.signal.actions
        return can and (self.can_be_moved(entry) or key in self._moving)

    def can_be_moved(self, entry: Entry) -> bool:
        """Return whether nothing that was asked of it is on its way."""
        return not entry.pending or entry.signal.key in self._unconfirmed

    def text(self, entry: Entry, *, alone: bool = False) -> str:
        """Say all there is to say of it, and whose it is where there are several accounts.

        alone: it stands under no heading that says when it is.
        """
        signal = entry.signal
        if isinstance(signal, Event):
            event = planned_event(entry, signal)
            account = self._accounts.unnamed_calendar(signal.account)
            parts = [
                event_text(event, self._now, local_zone=self._zone, alone=alone, account=account)
            ]
        else:
            parts = [entry_text(entry, self._now)]
        if self._accounts.several(signal.source):
            parts.append(isolated(elided(self._accounts.short_label(signal.account), MAX_ROW_NAME)))
        if signal.key in self._unconfirmed:
            parts.append(translated(UNCONFIRMED))
        elif entry.pending:
            parts.append(translated(ON_ITS_WAY))
        return " · ".join(parts)


def icon_of(entry: Entry) -> RowIcon:
    """Return the picture before its row."""
    signal = entry.signal
    if isinstance(signal, Event):
        return RowIcon.EVENT
    if not can_be_ticked_off(signal, pending=entry.pending):
        return RowIcon.NOTE
    return _PRIORITY_ICONS.get(signal.priority or 4, RowIcon.TASK_4)


_PRIORITY_ICONS = {
    1: RowIcon.TASK_1,
    2: RowIcon.TASK_2,
    3: RowIcon.TASK_3,
}


_HEX_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def color_of(signal: AnySignal) -> str | None:
    """Return the colour of its project or calendar as `#RRGGBB`, or None."""
    color = signal.container.color if signal.container else None
    return color if color is not None and _HEX_COLOR.fullmatch(color) else None


def _event_row(event: Event, text: str) -> Row:
    """A click on an event shows it where it was planned; to take part, there is a row on top."""
    row_id = id_of_signal("event", event.key)
    color = color_of(event)
    if url := event.url or event.join_url:
        row_id = (*row_id, "open")
        return command_row(row_id, text, OpenUrl(url), icon=RowIcon.EVENT, color=color)
    return reading_row((*row_id, "text"), text, icon=RowIcon.EVENT, color=color)


def entry_text(entry: Entry, now: datetime) -> str:
    """Say when, what, where and how urgent a task is."""
    signal = entry.signal
    title = isolated(title_text(signal.title, MAX_ROW_TITLE))
    parts = [f"{when}  {title}" if (when := _when(entry, now)) else title]
    if signal.container and (container := plain_text(signal.container.name)):
        parts.append(isolated(elided(container, MAX_ROW_NAME)))
    if isinstance(signal, Task) and signal.priority in _PRIORITY_ICONS:
        # Translators: of a task: priority 1, 2 or 3, as Todoist writes it
        parts.append(translated("p{priority}", priority=signal.priority))
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
    return clock_words(at) if at else ""


# Moving tasks to another day


def reschedule_rows(entries: Sequence[Entry], now: datetime, words: EntryWords) -> Iterator[Row]:
    """Yield one submenu with every task of `entries` that can be moved; none where none can."""
    rows = tuple(row for entry in entries for row in _task_rows(entry, now, words))
    if rows:
        yield menu_row(("reschedule",), translated("Reschedule"), rows)


def _task_rows(entry: Entry, now: datetime, words: EntryWords) -> Iterator[Row]:
    if not words.can_be_moved(entry):
        return
    key = entry.signal.key
    ways = tuple(
        command_row((*id_of_signal("move", key), kind.value), text, Act(key, kind))
        for kind, text in ways_to_move(entry, now)
    )
    if ways:
        row_id = id_of_signal("move", key)
        yield menu_row(row_id, words.text(entry), ways, icon=icon_of(entry))


def ways_to_move(entry: Entry, now: datetime) -> Iterator[tuple[ActionKind, str]]:
    """Yield what is possible now, in words. Of two ways to one day, only the plainer one."""
    due = getattr(entry.signal, "due", None)
    targets: list[Due | None] = []
    for kind in possible_actions(entry.signal, now, entry.zone):
        if kind not in RESCHEDULES:
            continue
        target = rescheduled(kind, due, now=now, zone=entry.zone)
        if target not in targets:  # on Sundays, tomorrow is next week's Monday
            targets.append(target)
            yield kind, _way_words(kind, target, today_in(entry.zone, now), entry.zone)


def _way_words(kind: ActionKind, target: Due | None, today: date, zone: ZoneInfo) -> str:
    if target is None:
        return translated("No date")
    day = date_words(day_of(target, zone), today.year)
    match kind:
        case ActionKind.LATER_TODAY:
            at = time_of(target, zone)
            if at is None:
                return translated("Today")
            return translated("Later today, {time}", time=clock_words(at))
        case ActionKind.TOMORROW:
            return translated("Tomorrow, {date}", date=day)
        case _:
            return translated("Next week, {date}", date=day)


def target_words(target: Due, now: datetime, zone: ZoneInfo) -> str:
    """Say where something was moved, within a sentence: `17:00`, `tomorrow`, `Mon 30 Nov`."""
    today = today_in(zone, now)
    day = day_of(target, zone)
    if day == today and (at := time_of(target, zone)) is not None:
        return clock_words(at)
    return near_day_words(day, today) or date_words(day, today.year)


# Answering invitations


def reply_rows(entries: Sequence[Entry], now: datetime, words: EntryWords) -> Iterator[Row]:
    """Yield one submenu with every event of `entries` that can be answered, if any can."""
    rows = tuple(row for entry in entries for row in _event_rows(entry, now, words))
    if rows:
        yield menu_row(("reply",), translated("Reply"), rows)


def _event_rows(entry: Entry, now: datetime, words: EntryWords) -> Iterator[Row]:
    event = entry.signal
    if not isinstance(event, Event) or not words.can_be_moved(entry):
        return
    possible = possible_actions(event, now, entry.zone)
    row_id = id_of_signal("answer", event.key)
    answers = tuple(
        command_row((*row_id, kind.value), translated(REPLY_WORDS[kind]), Act(event.key, kind))
        for kind in REPLIES
        if kind in possible
    )
    if answers:
        yield menu_row(row_id, words.text(entry, alone=True), answers, icon=RowIcon.EVENT)
