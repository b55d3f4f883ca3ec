"""What is drawn: signals, waiting clicks, accounts and the time, turned into rows of text. Pure.

The screen renders a `TrayView` and keeps no second truth; two equal views look the same, so a
render of an equal one does nothing at all. Texts here are plain (`text.plain_text`); what a channel
needs escaped is escaped where it is sent.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import OpenUrl, Quit, Refresh
from oo_desktop.model.signals import ProviderId
from oo_desktop.model.state import AppState, Connection
from oo_desktop.model.text import plain_text
from oo_desktop.model.zones import machine_zone, next_midnight
from oo_desktop.ui.view.account_view import (
    AccountWords,
    attention_rows,
    is_fetching,
    needs_user,
    service_of,
    status_lines,
    trouble_lines,
    was_fetched,
)
from oo_desktop.ui.view.accounts_menu import accounts_row, connect_rows
from oo_desktop.ui.view.agenda import agenda, next_moment, zones_of
from oo_desktop.ui.view.entry_view import EntryWords, entry_text
from oo_desktop.ui.view.event_view import join_rows, summary_words, tooltip_lines
from oo_desktop.ui.view.outbox_view import (
    is_refused,
    moving_keys,
    refused_rows,
    unconfirmed_keys,
    undo_ends,
    undo_rows,
)
from oo_desktop.ui.view.planned import Planned, next_turn, planned
from oo_desktop.ui.view.reply_menu import reply_rows
from oo_desktop.ui.view.reschedule_menu import reschedule_rows
from oo_desktop.ui.view.rows import (
    Row,
    RowIcon,
    RowKind,
    command_row,
    menu_row,
    separator,
)
from oo_desktop.ui.view.sections import AHEAD, UNCOUNTED, Section, sections
from oo_desktop.ui.view.tally import Tally, tally
from oo_desktop.ui.view.tray_view import IconView, Mark, TrayView, starting_view

__all__ = [
    "IconView",
    "Mark",
    "Row",
    "RowIcon",
    "RowKind",
    "TrayView",
    "next_change",
    "starting_view",
    "tray_lines",
    "tray_view",
]

MOST_ROWS = 15
"""Signals in the menu itself; the rest is one submenu away. Longer menus are slow to read, and some
panels let them run off the screen."""
MOST_NEAR = 4
"""Of these, what is now and what is next have as many each, whatever else there is."""
LEAST_BESIDE = 6
"""What they leave to all others at least."""
USUAL_SECTIONS = 3
"""Each section more has a heading more, and takes a row of a signal for it."""
MOST_FOLDED = 50
"""Signals in a submenu; the service's own list serves better beyond that."""

OFFERS = frozenset({"refresh", "accounts", "quit", "reschedule", "reply"})
"""Rows that say nothing, but offer something."""

UNREACHED = (Connection.OFFLINE, Connection.KEYRING, Connection.FAILING)
"""What means that the list may be old, and puts the cross on the icon. Being asked to slow down
does not: it is over in minutes."""


def tray_view(state: AppState, now: datetime, *, local_zone: ZoneInfo | None = None) -> TrayView:
    """The tray for `state` at `now` (aware); ages and days are counted in `local_zone`."""
    zone = local_zone or machine_zone()
    shown = agenda(state, now, local_zone=zone)
    words = AccountWords(state.accounts, now, zone, state.services)
    to_do, plan = tally(shown), planned(shown, now)
    icon = IconView(_mark(state), to_do.tasks)
    summary = _summary(state, to_do, plan, now)
    lines = status_lines(state, words)
    entries = EntryWords(
        accounts=words,
        now=now,
        zone=zone,
        unconfirmed=unconfirmed_keys(state),
        moving=moving_keys(state),
    )
    joins = tuple(join_rows(plan, now))
    named = sections(shown, now, most=MOST_ROWS + MOST_FOLDED)
    shared = _shared(named, MOST_ROWS - len(joins))
    in_sight = [entry for section, most in shared for entry in section.entries[:most]]
    blocks = (
        joins,
        tuple(_attention_rows(state, words)),
        tuple(undo_rows(state, now)),
        tuple(_agenda_rows(state, shared, entries)),
        (*reschedule_rows(in_sight, now, entries), *reply_rows(in_sight, now, entries)),
        tuple(Row(("status", str(i)), line) for i, line in enumerate(lines)),
        tuple(_command_rows(state, words)),
    )
    return TrayView(
        icon=icon,
        summary=summary,
        tooltip=(
            summary,
            *tooltip_lines(plan, now, zone, words),
            *_next_line(to_do, now),
            *trouble_lines(state, words),
        ),
        rows=tuple(_with_separators(blocks)),
    )


def tray_lines(view: TrayView) -> list[str]:
    """The tray as lines of text, for where there is no screen: what it says, not what it offers."""
    lines = [f"oO · {view.summary}"]
    for row in view.rows:
        if row.kind is RowKind.SEPARATOR or row.id[0] in OFFERS:
            continue
        indent = "  " if row.id[0] in {"task", "event", "more"} else ""
        lines.append(indent + row.text)
        if row.id[0] == "refused":
            lines.append(f"    {row.rows[0].text}")
        elif row.id[0] == "refused-all":
            lines += [f"    {each.text}" for each in row.rows if each.id[0].startswith("refused")]
    return lines


def next_change(
    state: AppState, now: datetime, *, local_zone: ZoneInfo | None = None
) -> datetime | None:
    """The next instant at which the view changes though nothing happens: for one aligned timer.

    It comes every minute only in the hour before an event, whose minutes are told.
    Ages are not counted: the menu asks for a fresh view when it is about to show.
    """
    zone = local_zone or machine_zone()
    zones = zones_of(state, zone)
    if not state.signals and not state.undoable:
        return None
    moments = [next_midnight(now, each) for each in {zone, *zones.values()}]
    moments += [undo_ends(item) for item in state.undoable]
    if (moment := next_moment(state, now, local_zone=zone)) is not None:
        moments.append(moment)
    plan = planned(agenda(state, now, local_zone=zone), now)
    if (moment := next_turn(plan, now)) is not None:
        moments.append(moment)
    return min((moment for moment in moments if moment > now), default=None)


def _mark(state: AppState) -> Mark:
    if state.problem or any(needs_user(account) for account in state.accounts):
        return Mark.ATTENTION
    if any(map(is_refused, state.outbox)):
        return Mark.ATTENTION
    if any(account.connection in UNREACHED for account in state.accounts):
        return Mark.OFFLINE
    return Mark.FINE


def _summary(state: AppState, to_do: Tally, plan: Planned, now: datetime) -> str:
    """Tasks are counted; of events, the one that matters now is named: `3 today, Lunch in 9 min`.
    Where none does, they are counted apart."""
    if not state.accounts:
        return "Not connected"
    parts = [f"{to_do.overdue} overdue"] if to_do.overdue else []
    parts += [f"{to_do.today} today"] if to_do.today else []
    if events := summary_words(plan, now, tasks=bool(parts)):
        parts.append(events)
    if parts:
        return ", ".join(parts)
    if was_fetched(state):
        return "Nothing due"
    return "Fetching…" if is_fetching(state) else "Not fetched yet"


def _next_line(to_do: Tally, now: datetime) -> Iterator[str]:
    if to_do.next is not None:
        yield f"Next: {entry_text(to_do.next, now)}"


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
    yield from refused_rows(state)


class _Shared(NamedTuple):
    """A section, of which the first `most` entries stand in the menu itself."""

    section: Section
    most: int


def _shared(named: Sequence[Section], places: int) -> list[_Shared]:
    wanted = [section.total for section in named]
    places -= max(sum(map(bool, wanted)) - USUAL_SECTIONS, 0)
    near = [
        min(want, MOST_NEAR) if _is_near(each) else 0
        for want, each in zip(wanted, named, strict=True)
    ]
    others = [0 if _is_near(each) else want for want, each in zip(wanted, named, strict=True)]
    given = _places(others, max(places - sum(near), LEAST_BESIDE))
    shared = map(max, near, given)
    return [
        _Shared(section, _unless_one_is_left(want, got))
        for section, want, got in zip(named, wanted, shared, strict=True)
    ]


def _is_near(section: Section) -> bool:
    return section.name in UNCOUNTED


def _agenda_rows(state: AppState, shared: Sequence[_Shared], words: EntryWords) -> Iterator[Row]:
    for (name, total, entries), most in shared:
        if total:
            heading = name if name in UNCOUNTED else f"{name} ({total})"
            yield Row(("heading", name), heading)
            rows = tuple(words.row(entry) for entry in entries[: most + MOST_FOLDED])
            yield from rows[:most]
            if total > most:
                yield _folded(state, name, rows[most:], total - most)
    if not any(section.total for section, _ in shared if section.name not in AHEAD):
        yield from _nothing_due(state)


def _places(wanted: Sequence[int], places: int) -> list[int]:
    """Share `places` rows among sections, so that a long one never pushes another out."""
    given = [0 for _ in wanted]
    left = places
    while left > 0 and (hungry := [i for i, want in enumerate(wanted) if given[i] < want]):
        for index in hungry[:left]:
            given[index] += 1
        left -= min(left, len(hungry))
    return given


def _unless_one_is_left(wanted: int, given: int) -> int:
    """What would fold a single row shows it instead: the fold would take its place."""
    return wanted if wanted - given == 1 else given


def _folded(state: AppState, name: str, rows: tuple[Row, ...], count: int) -> Row:
    if count > len(rows):
        beyond = f"and {count - len(rows)} more"
        service = service_of(ProviderId(rows[0].id[1]), state.services)
        if service.home:
            link = OpenUrl(service.home)
            rows += (command_row(("beyond", name), f"{beyond} in {service.name}…", link),)
        else:
            rows += (Row(("beyond", name), beyond),)
    return menu_row(("more", name), f"{count} more …", rows)


def _nothing_due(state: AppState) -> Iterator[Row]:
    if not state.accounts:
        yield Row(("empty",), "Connect an account to see what is due")
        yield from (row for row in connect_rows(state) if row.id[0] in {"connect", "paste-link"})
    elif was_fetched(state):
        yield Row(("empty",), "Nothing due. Enjoy.")
    elif is_fetching(state):
        yield Row(("empty",), "Your list will be here soon")
    else:
        yield Row(("empty",), "Nothing fetched yet")


def _command_rows(state: AppState, words: AccountWords) -> Iterator[Row]:
    if state.accounts:
        refresh = "Refreshing…" if state.refreshing else "Refresh"
        yield command_row(("refresh",), refresh, Refresh(), enabled=not state.refreshing)
    yield accounts_row(state, words)
    yield command_row(("quit",), "Quit oO", Quit())
