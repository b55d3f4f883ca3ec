"""What is drawn: signals, waiting clicks, accounts and the time, turned into rows of text. Pure.

The screen renders a `TrayView` and keeps no second truth; two equal views look the same, so a
render of an equal one does nothing at all. Texts here are plain (`text.plain_text`); what a channel
needs escaped is escaped where it is sent.

One row of a task reads `14:30  Call Ana · Work · p1`: the time first, because rows are scanned down
their left edge, then the title, then what may be cut off. It is one string, since a panel draws one
string per row and a screen reader says it as it stands. The priority is written (`p1`, Todoist's
own word) as well as drawn in the row's icon, so neither colour nor icons are needed to see it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.signals.model import (
    ActionKind,
    Event,
    ProviderId,
    Task,
    day_of,
    time_of,
)
from oo_desktop.signals.state import AppState, Connection, OutboxItem, OutboxState
from oo_desktop.ui.account_view import (
    AccountWords,
    accounts_row,
    attention_rows,
    connect_rows,
    is_fetching,
    needs_user,
    service_of,
    status_lines,
    trouble_lines,
    was_fetched,
)
from oo_desktop.ui.agenda import (
    Agenda,
    Entry,
    agenda,
    machine_zone,
    next_midnight,
    next_moment,
    today_in,
    zones_of,
)
from oo_desktop.ui.commands import Connect, Discard, Done, OpenUrl, Quit, Refresh, Retry, Undo
from oo_desktop.ui.json_view import integrations_json, signals_json, status_json
from oo_desktop.ui.rows import (
    Row,
    RowIcon,
    RowKind,
    command_row,
    id_of_signal,
    menu_row,
    separator,
)
from oo_desktop.ui.text import day_words, elided, plain_text
from oo_desktop.ui.tray_view import IconView, Mark, TrayView, starting_view

__all__ = [
    "IconView",
    "Mark",
    "Row",
    "RowIcon",
    "RowKind",
    "TrayView",
    "integrations_json",
    "next_change",
    "signals_json",
    "starting_view",
    "status_json",
    "tray_lines",
    "tray_view",
]

LONGEST_TITLE = 50
LONGEST_NAME = 24
MOST_ROWS = 15
"""Tasks in the menu itself; the rest is one submenu away. Longer menus are slow to read, and some
panels let them run off the screen."""
MOST_FOLDED = 50
"""Tasks in a submenu; the service's own list serves better beyond that."""

UNDO_SHOWN = timedelta(minutes=10)
"""How long after a click its undo stays on top, once the service may have it."""

UNREACHED = (Connection.OFFLINE, Connection.KEYRING, Connection.FAILING)
"""What means that the list may be old, and puts the cross on the icon. Being asked to slow down
does not: it is over in minutes."""


def tray_view(state: AppState, now: datetime, *, local_zone: ZoneInfo | None = None) -> TrayView:
    """The tray for `state` at `now` (aware); ages and days are counted in `local_zone`."""
    zone = local_zone or machine_zone()
    shown = agenda(state, now, local_zone=zone)
    words = AccountWords(state.accounts, now, zone)
    to_do = [entry for entry in _due(shown) if _is_to_do(entry)]
    icon = IconView(_mark(state), sum(isinstance(entry.signal, Task) for entry in to_do))
    summary = _summary(state, shown)
    lines = status_lines(state, words)
    blocks = (
        tuple(_attention_rows(state, words)),
        tuple(_undo_rows(state, now)),
        tuple(_agenda_rows(state, shown, now, words)),
        tuple(Row(("status", str(i)), line) for i, line in enumerate(lines)),
        tuple(_command_rows(state, words)),
    )
    return TrayView(
        icon=icon,
        summary=summary,
        tooltip=(summary, *_next_line(shown, now), *trouble_lines(state, words)),
        rows=tuple(_with_separators(blocks)),
    )


def tray_lines(view: TrayView) -> list[str]:
    """The tray as lines of text, for where there is no screen: what it says, not what it offers."""
    lines = [f"oO · {view.summary}"]
    for row in view.rows:
        if row.kind is RowKind.SEPARATOR or row.id[0] in {"refresh", "accounts", "quit"}:
            continue
        indent = "  " if row.id[0] in {"task", "event", "more"} else ""
        lines.append(indent + row.text)
        lines += [f"    {inner.text}" for inner in row.rows if row.id[0] == "refused"][:1]
    return lines


def next_change(
    state: AppState, now: datetime, *, local_zone: ZoneInfo | None = None
) -> datetime | None:
    """The next instant at which the view changes though nothing happens: for one aligned timer.

    Ages are not counted: the menu asks for a fresh view when it is about to show.
    """
    zone = local_zone or machine_zone()
    zones = zones_of(state, zone)
    if not state.signals and not state.undoable:
        return None
    moments = [next_midnight(each, now) for each in {zone, *zones.values()}]
    moments += [item.clicked_at + UNDO_SHOWN for item in state.undoable]
    if (moment := next_moment(state, now, local_zone=zone)) is not None:
        moments.append(moment)
    return min((moment for moment in moments if moment > now), default=None)


def _mark(state: AppState) -> Mark:
    if state.problem or any(needs_user(account) for account in state.accounts):
        return Mark.ATTENTION
    if any(item.state is OutboxState.REFUSED for item in state.outbox):
        return Mark.ATTENTION
    if any(account.connection in UNREACHED for account in state.accounts):
        return Mark.OFFLINE
    return Mark.FINE


def _due(shown: Agenda) -> tuple[Entry, ...]:
    return shown.overdue + shown.today


def _is_to_do(entry: Entry) -> bool:
    """A task that nobody can tick off, such as a header, is listed but is nothing to do."""
    return isinstance(entry.signal, Event) or ActionKind.DONE in entry.signal.actions


def _summary(state: AppState, shown: Agenda) -> str:
    if not state.accounts:
        return "Not connected"
    overdue, today = (sum(map(_is_to_do, each)) for each in (shown.overdue, shown.today))
    parts = [f"{overdue} overdue"] if overdue else []
    parts += [f"{today} today"] if today else []
    if parts:
        return ", ".join(parts)
    if was_fetched(state):
        return "Nothing due"
    return "Fetching…" if is_fetching(state) else "Not fetched yet"


def _next_line(shown: Agenda, now: datetime) -> Iterator[str]:
    for entry in filter(_is_to_do, shown.today):
        if _time_words(entry):
            yield f"Next: {_entry_text(entry, now)}"
            return


def _with_separators(blocks: Sequence[tuple[Row, ...]]) -> Iterator[Row]:
    first = True
    for number, block in enumerate(blocks):
        if block and not first:
            yield separator(str(number))
        if block:
            first = False
        yield from block


def _attention_rows(state: AppState, words: AccountWords) -> Iterator[Row]:
    if state.problem:
        yield Row(("problem",), plain_text(state.problem), icon=RowIcon.ATTENTION)
    yield from attention_rows(state, words)
    for item in state.outbox:
        if item.state is OutboxState.REFUSED:
            yield _refused_row(item)


def _refused_row(item: OutboxItem) -> Row:
    """A click the service said no to: it stays until the user has decided."""
    number = str(item.number)
    reason = elided(plain_text(item.reason or ""), 2 * LONGEST_TITLE) or "The service said no."
    rows = [
        Row(("reason", number), reason),
        command_row(("retry", number), "Try again", Retry(item.number)),
        command_row(("discard", number), "Forget this click", Discard(item.number)),
    ]
    if item.signal.url:
        service = service_of(item.signal.source)
        link = OpenUrl(item.signal.url)
        rows.insert(1, command_row(("open", number), f"Open in {service.name}", link))
    what = "Not done" if item.kind is ActionKind.DONE else "Not undone"
    text = f"{what}: {_title(item)}"
    return menu_row(("refused", number), text, tuple(rows), icon=RowIcon.ATTENTION)


def _undo_rows(state: AppState, now: datetime) -> Iterator[Row]:
    """The newest click on top, older ones one step away."""
    rows = [
        command_row(
            ("undo", str(item.number)),
            f"Undo “{_title(item)}”",
            Undo(item.number),
            icon=RowIcon.UNDO,
        )
        for item in state.undoable
        if item.state is OutboxState.QUEUED or now < item.clicked_at + UNDO_SHOWN
    ]
    yield from rows[:1]
    if len(rows) > 2:
        yield menu_row(("undo-earlier",), "Undo an earlier one", tuple(rows[1:MOST_FOLDED]))
    else:
        yield from rows[1:]


def _title(item: OutboxItem) -> str:
    return elided(plain_text(item.signal.title) or "(no title)", LONGEST_TITLE - 10)


def _agenda_rows(
    state: AppState, shown: Agenda, now: datetime, words: AccountWords
) -> Iterator[Row]:
    sections = (("Overdue", shown.overdue), ("Today", shown.today), ("Later", shown.later))
    places = _places([len(entries) for _, entries in sections], MOST_ROWS)
    for (name, entries), most in zip(sections, places, strict=True):
        if entries:
            yield Row(("heading", name), f"{name} ({len(entries)})")
            rows = tuple(_entry_row(entry, now, words) for entry in entries[: most + MOST_FOLDED])
            yield from rows[:most]
            if len(entries) > most:
                yield _folded(name, rows[most:], len(entries) - most)
    if not _due(shown):
        yield from _nothing_due(state)


def _places(wanted: Sequence[int], places: int) -> list[int]:
    """Share `places` rows among sections, so that a long one never pushes another out.

    What would fold a single row shows it instead: the fold would take its place.
    """
    given = [0 for _ in wanted]
    left = places
    while left > 0 and (hungry := [i for i, want in enumerate(wanted) if given[i] < want]):
        for index in hungry[:left]:
            given[index] += 1
        left -= min(left, len(hungry))
    return [want if want - got == 1 else got for want, got in zip(wanted, given, strict=True)]


def _folded(name: str, rows: tuple[Row, ...], count: int) -> Row:
    if count > len(rows):
        beyond = f"and {count - len(rows)} more"
        service = service_of(ProviderId(rows[0].id[1]))
        if service.home:
            link = OpenUrl(service.home)
            rows += (command_row(("beyond", name), f"{beyond} in {service.name}…", link),)
        else:
            rows += (Row(("beyond", name), beyond),)
    return menu_row(("more", name), f"{count} more …", rows)


def _nothing_due(state: AppState) -> Iterator[Row]:
    if not state.accounts:
        yield Row(("empty",), "Connect an account to see what is due")
        yield from (row for row in connect_rows(state) if isinstance(row.command, Connect))
    elif was_fetched(state):
        yield Row(("empty",), "Nothing due. Enjoy.")
    elif is_fetching(state):
        yield Row(("empty",), "Your tasks will be here soon")
    else:
        yield Row(("empty",), "Nothing fetched yet")


def _entry_row(entry: Entry, now: datetime, words: AccountWords) -> Row:
    signal = entry.signal
    text = _entry_text(entry, now)
    if words.several(signal.source):
        text = f"{text} · {elided(words.short_label(signal.account), LONGEST_NAME)}"
    kind = "event" if isinstance(signal, Event) else "task"
    row_id = id_of_signal(kind, signal.key)
    icon = _icon(entry)
    if ActionKind.DONE in signal.actions:
        return command_row(row_id, text, Done(signal.key), icon=icon, enabled=not entry.pending)
    if signal.url:
        return command_row((*row_id, "open"), text, OpenUrl(signal.url), icon=icon)
    return Row((*row_id, "text"), text, icon=icon)


def _icon(entry: Entry) -> RowIcon:
    signal = entry.signal
    if isinstance(signal, Event):
        return RowIcon.EVENT
    if ActionKind.DONE not in signal.actions:
        return RowIcon.NOTE
    return _PRIORITY_ICONS.get(signal.priority or 4, RowIcon.TASK_4)


_PRIORITY_ICONS = {
    1: RowIcon.TASK_1,
    2: RowIcon.TASK_2,
    3: RowIcon.TASK_3,
}


def _entry_text(entry: Entry, now: datetime) -> str:
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
    signal = entry.signal
    due = signal.start if isinstance(signal, Event) else signal.due
    at = time_of(due, entry.zone) if due else None
    return f"{at:%H:%M}" if at else ""


def _command_rows(state: AppState, words: AccountWords) -> Iterator[Row]:
    if state.accounts:
        refresh = "Refreshing…" if state.refreshing else "Refresh"
        yield command_row(("refresh",), refresh, Refresh(), enabled=not state.refreshing)
    yield accounts_row(state, words)
    yield command_row(("quit",), "Quit oO", Quit())
