"""Moving a task to another day: the submenu, and the words for where a task goes. Pure.

One submenu below the agenda, and not one behind every task: a task's row stays a single click that
means done. What is offered is what makes sense at this moment (`signals.reschedule`).

Its rows are made with the menu, not when it opens: a panel draws what it has been told when a menu
opens, and some (xfce4-panel) never ask again for a submenu that was empty. Fifteen tasks with four
ways each take 2 ms and 0.3 MB once (measured), and a click changes one of them.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import Act
from oo_desktop.model.reschedule import possible_actions, rescheduled
from oo_desktop.model.signals import RESCHEDULES, ActionKind, Due, day_of, time_of
from oo_desktop.model.text import date_words, day_words
from oo_desktop.ui.view.agenda import Entry, today_in
from oo_desktop.ui.view.entry_view import EntryWords, icon_of
from oo_desktop.ui.view.rows import Row, command_row, id_of_signal, menu_row

TITLE = "Reschedule"


def reschedule_rows(entries: Sequence[Entry], now: datetime, words: EntryWords) -> Iterator[Row]:
    """One submenu with every task of `entries` that can be moved; none where nothing can."""
    rows = tuple(row for entry in entries for row in _task_rows(entry, now, words))
    if rows:
        yield menu_row(("reschedule",), TITLE, rows)


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
    """What is possible now, in words. Of two ways to one day, only the plainer one."""
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
        return "No date"
    day = date_words(day_of(target, zone), today.year)
    match kind:
        case ActionKind.LATER_TODAY:
            at = time_of(target, zone)
            return f"Later today, {at:%H:%M}" if at else "Today"
        case ActionKind.TOMORROW:
            return f"Tomorrow, {day}"
        case _:
            return f"Next week, {day}"


def target_words(target: Due, now: datetime, zone: ZoneInfo) -> str:
    """Where something was moved, within a sentence: `17:00`, `today`, `tomorrow`, `Mon 30 Nov`."""
    today = today_in(zone, now)
    day = day_of(target, zone)
    if day == today and (at := time_of(target, zone)) is not None:
        return f"{at:%H:%M}"
    words = day_words(day, today)
    return words.lower() if words in {"Yesterday", "Today", "Tomorrow"} else words
