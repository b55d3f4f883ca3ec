"""Turns signals, waiting clicks, accounts and the time into what is drawn: rows of text. Pure.

The screen renders a `TrayView` and keeps no second truth; two equal views look the same, so a
render of an equal one does nothing at all. Texts here are plain (`text.plain_text`); what a channel
needs escaped is escaped where it is sent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oo_desktop import __version__
from oo_desktop.agenda.placement import Entry
from oo_desktop.agenda.selection import Section, SectionEntries, Selection
from oo_desktop.commands.commands import (
    AskToAdd,
    CopyReport,
    OpenUrl,
    Quit,
    Refresh,
    ShowLog,
    ShowSettings,
    ShowWindow,
)
from oo_desktop.language import plural, translated, untranslated
from oo_desktop.model.clicks import is_rejected
from oo_desktop.model.signals import REPLIES, RESCHEDULES, ProviderId
from oo_desktop.model.state import AppState, Connection, moving_keys, unconfirmed_keys
from oo_desktop.model.text import elided, plain_text
from oo_desktop.ui.view.accounts import (
    AccountWords,
    accounts_row,
    attention_rows,
    can_add,
    connect_rows,
    is_fetching,
    keyring_note,
    needs_user,
    service_of,
    status_lines,
    trouble_lines,
    was_fetched,
)
from oo_desktop.ui.view.entries import EntryWords, entry_text, reply_rows, reschedule_rows
from oo_desktop.ui.view.events import (
    count_words,
    join_rows,
    next_minute,
    summary_words,
    tooltip_lines,
)
from oo_desktop.ui.view.icon import IconView, Mark, RowIcon
from oo_desktop.ui.view.outbox import refused_rows, undo_ends, undo_rows
from oo_desktop.ui.view.pause import hide_titles_row, pause_lines, pause_row
from oo_desktop.ui.view.rows import (
    HALF_ROW,
    Row,
    RowKind,
    TrayView,
    command_row,
    menu_row,
    separator,
)

MAX_ROWS = 15
"""Signals in the menu itself; the rest is one submenu away. Longer menus are slow to read, and some
panels let them run off the screen."""
MAX_NEAR = 4
"""Of these, what is now and what is next have as many each, whatever else there is."""
MIN_BESIDE = 6
"""What they leave to all others at least."""
USUAL_SECTIONS = 3
"""Each section more has a heading more, and takes a row of a signal for it."""
MAX_FOLDED = 50
"""Signals in a submenu; the service's own list serves better beyond that."""

MAX_MISTAKE = 100
"""Characters of a mistake in config.toml; all of it stands in the window."""

HEADINGS = {
    Section.NOW: untranslated("Now"),
    Section.NEXT: untranslated("Next"),
    Section.OVERDUE: untranslated("Overdue"),
    Section.TODAY: untranslated("Today"),
    Section.PLANNED_TODAY: untranslated("Planned today"),
    Section.TOMORROW: untranslated("Tomorrow"),
    Section.LATER: untranslated("Later"),
}

NEAR_SECTIONS = frozenset({Section.NOW, Section.NEXT})
"""So short that their number is seen, and never folded for the others' sake."""

LAST_SECTIONS = frozenset({Section.PLANNED_TODAY, Section.TOMORROW, Section.LATER})
"""What gives way first where there is no room, and then is one submenu together."""

FREE_SECTIONS = frozenset({Section.TOMORROW, Section.LATER})
"""What leaves today free."""

OFFERS = frozenset(
    {
        *("add", "window", "refresh", "resume", "accounts", "others", "quit"),
        *("reschedule", "reply"),
    }
)
"""Rows that say nothing, but offer something."""

UNREACHED = (Connection.OFFLINE, Connection.KEYRING, Connection.FAILING)
"""What means that the list may be old, and puts the cross on the icon. Being asked to slow down
does not: it is over in minutes."""


def tray_view(state: AppState, selection: Selection, room: float | None = None) -> TrayView:
    """Return the tray for `state`, of which `selection` is shown.

    Ages and days are counted at its moment, in its local zone.

    room: how many rows the screen has room for, a separator counting half; None: for any. As many
        signals are folded away as it takes to have all commands in sight.
    """
    now, zone, plan = selection.now, selection.local_zone, selection.plan
    words = AccountWords(state.accounts, now, zone, state.services)
    icon = IconView(_mark(state), selection.to_do)
    summary = _summary(state, selection, words)
    lines = status_lines(state, words)
    entries = EntryWords(
        accounts=words,
        now=now,
        zone=zone,
        unconfirmed=unconfirmed_keys(state),
        moving=moving_keys(state),
    )
    joins = tuple(join_rows(plan, now))
    sections = selection.sections(most=MAX_ROWS + MAX_FOLDED)
    above = (joins, tuple(_attention_rows(state, words)), tuple(undo_rows(state, now)))
    below = (
        *(Row(("status", str(i)), line) for i, line in enumerate(lines)),
        *_command_rows(state, words, now, zone),
    )
    shared = _shared(sections, MAX_ROWS - len(joins))
    if room is not None:
        shared = _squeezed(shared, room - sum(map(_taken, (*above, below))))
    in_sight = _in_sight(shared)
    blocks = (
        *above,
        tuple(_agenda_rows(state, shared, entries, words, counts=_counts(selection))),
        (*reschedule_rows(in_sight, now, entries), *reply_rows(in_sight, now, entries)),
        below,
    )
    return TrayView(
        icon=icon,
        summary=summary,
        tooltip=(
            _summary(state, selection, words, names_event=False),
            *tooltip_lines(plan, now, zone, words),
            *_next_line(selection),
            *trouble_lines(state, words),
            *pause_lines(state, now, zone),
        ),
        rows=tuple(_with_separators(blocks)),
    )


def tray_lines(view: TrayView) -> list[str]:
    """Return what the tray says, not what it offers, as lines: for where there is no screen."""
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


def next_change(state: AppState, selection: Selection) -> datetime | None:
    """Return the next instant at which the view changes though nothing happens, or None.

    It comes every minute only in the hour before an event, whose minutes are told.
    Ages are not counted: the menu asks for a fresh view when it is about to show.
    """
    now = selection.now
    if not state.signals and not state.undoable and state.paused_until is None:
        return None
    moments = [state.paused_until, selection.changes_at, next_minute(selection.plan, now)]
    moments += [undo_ends(item) for item in state.undoable]
    return min((moment for moment in moments if moment is not None and moment > now), default=None)


def _mark(state: AppState) -> Mark:
    if state.problem or state.mistakes or any(needs_user(account) for account in state.accounts):
        return Mark.ATTENTION
    if any(map(is_rejected, state.outbox)):
        return Mark.ATTENTION
    if any(account.connection in UNREACHED for account in state.accounts):
        return Mark.OFFLINE
    return Mark.FINE


def _summary(
    state: AppState, selection: Selection, words: AccountWords, *, names_event: bool = True
) -> str:
    """Tasks are counted; of events, the one that matters now is named: `3 today, Lunch in 9 min`.
    Where none does, or lines below name it, they are counted apart."""
    if not state.accounts:
        return translated("Not connected")
    parts = []
    if overdue := selection.overdue.to_do:
        # Translators: how many tasks are
        parts.append(plural("{count} overdue", "{count} overdue", overdue))
    if today := selection.today.to_do:
        # Translators: how many tasks are due today
        parts.append(plural("{count} today", "{count} today", today))
    tasks, plan = bool(parts), selection.plan
    if names_event:
        events = summary_words(plan, selection.now, tasks=tasks)
    else:
        events = count_words(plan, tasks=tasks)
    parts += [events] if events else []
    if parts:
        # Translators: stands between the parts of a list
        return translated(", ").join(parts)
    if was_fetched(state):
        return words.all_unread(state.accounts) or translated("Nothing due")
    return translated("Fetching…") if is_fetching(state) else translated("Not fetched yet")


def _next_line(selection: Selection) -> Iterator[str]:
    if (first := selection.today.first_timed) is not None:
        yield translated("Next task: {task}", task=entry_text(first, selection.now))


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
    if state.mistakes:
        yield command_row(
            ("mistakes",), mistake_words(state.mistakes), ShowSettings(), icon=RowIcon.ATTENTION
        )
    yield from attention_rows(state, words)
    yield from refused_rows(state)


def mistake_words(mistakes: Sequence[str]) -> str:
    """Say what of config.toml cannot be used: the first, and how many more there are."""
    first = elided(plain_text(mistakes[0]), MAX_MISTAKE)
    if len(mistakes) == 1:
        return first
    # Translators: the first of several mistakes, and how many more there are
    return plural(
        "{mistake} · {count} more", "{mistake} · {count} more", len(mistakes) - 1, mistake=first
    )


class _Shared(NamedTuple):
    """A section, of which the first `most` entries stand in the menu itself."""

    part: SectionEntries
    most: int

    @property
    def taken(self) -> int:
        """Return how many rows it takes."""
        if not self.most:
            return int(self.part.total > 0)
        return 1 + self.most + (self.part.total > self.most)


def _taken(block: Sequence[Row]) -> float:
    return len(block) + HALF_ROW if block else 0


def _taken_by(shared: Sequence[_Shared]) -> float:
    """With the submenus that move what is in sight, or answer it."""
    last = any(_is_last(each) for each in shared)
    kinds = {kind for each in _in_sight(shared) for kind in each.signal.actions}
    moves = (not kinds.isdisjoint(RESCHEDULES)) + (not kinds.isdisjoint(REPLIES))
    agenda = last + sum(each.taken for each in shared if not _is_last(each))
    return agenda + moves + (HALF_ROW if moves else 0)


def _in_sight(shared: Iterable[_Shared]) -> list[Entry]:
    return [entry for part, most in shared for entry in part.entries[:most]]


def _is_last(share: _Shared) -> bool:
    """Whether it is in the submenu of all that has no room."""
    return share.part.total > 0 and not share.most and share.part.section in LAST_SECTIONS


def _shared(sections: Sequence[SectionEntries], places: int) -> list[_Shared]:
    wanted = [each.total for each in sections]
    places -= max(sum(map(bool, wanted)) - USUAL_SECTIONS, 0)
    near = [min(each.total, MAX_NEAR) if each.section in NEAR_SECTIONS else 0 for each in sections]
    others = [0 if each.section in NEAR_SECTIONS else each.total for each in sections]
    given = _places(others, max(places - sum(near), MIN_BESIDE))
    return [_share(each, got) for each, got in zip(sections, map(max, near, given), strict=True)]


def _share(part: SectionEntries, given: int) -> _Shared:
    """What would fold a single row shows it instead: the fold would take its place. Where nothing
    is shown there is no heading either."""
    return _Shared(part, part.total if given and part.total - given == 1 else given)


def _squeezed(shared: Sequence[_Shared], left: float) -> list[_Shared]:
    """Take no more than `left` rows in all: each section in turn gets one more of those it is to
    have, as long as there is room."""
    given = [_share(each.part, 0) for each in shared]
    order = sorted(range(len(shared)), key=lambda at: shared[at].part.section in LAST_SECTIONS)
    grown = True
    while grown:
        grown = False
        for at in order:
            if given[at].most < shared[at].most:
                tried = [*given]
                tried[at] = _share(shared[at].part, given[at].most + 1)
                if _taken_by(tried) <= left:
                    given, grown = tried, True
    return given


def _counts(selection: Selection) -> dict[Section, int]:
    """Of what there is to do, only that is counted, as in the tooltip and on the icon."""
    return {Section.OVERDUE: selection.overdue.to_do, Section.TODAY: selection.today.to_do}


def _agenda_rows(
    state: AppState,
    shared: Sequence[_Shared],
    words: EntryWords,
    accounts: AccountWords,
    *,
    counts: Mapping[Section, int],
) -> Iterator[Row]:
    last: list[Row] = []
    coming = 0
    for share in shared:
        (section, total, entries), most = share
        if total:
            heading = translated(HEADINGS[section])
            count = 0 if section in NEAR_SECTIONS else counts.get(section, total)
            counted = f"{heading} ({count})" if count else heading
            rows = tuple(words.row(entry) for entry in entries[: most + MAX_FOLDED])
            if _is_last(share):
                coming += total
                last += [
                    Row(("heading", section.value), counted),
                    *_cut(state, section, rows, total),
                ]
                continue
            if not most:
                yield menu_row(("more", section.value), counted, _cut(state, section, rows, total))
                continue
            yield Row(("heading", section.value), counted)
            yield from rows[:most]
            if total > most:
                beyond = _cut(state, section, rows[most:], total - most)
                yield menu_row(("more", section.value), _more_words(total - most), beyond)
    if last:
        yield menu_row(
            ("more", "coming"),
            translated("Coming up ({count})", count=coming),
            tuple(last),
        )
    if not any(part.total for part, _ in shared if part.section not in FREE_SECTIONS):
        yield from _nothing_due(state, accounts)


def _places(wanted: Sequence[int], places: int) -> list[int]:
    """Share `places` rows among sections, so that a long one never pushes another out."""
    given = [0 for _ in wanted]
    left = places
    while left > 0 and (hungry := [i for i, want in enumerate(wanted) if given[i] < want]):
        for index in hungry[:left]:
            given[index] += 1
        left -= min(left, len(hungry))
    return given


def _more_words(count: int) -> str:
    return plural("{count} more …", "{count} more …", count)


def _cut(state: AppState, section: Section, rows: tuple[Row, ...], count: int) -> tuple[Row, ...]:
    """Return `rows`, and how many of `count` are not among them."""
    if count == len(rows):
        return rows
    beyond = count - len(rows)
    service = service_of(ProviderId(rows[0].id[1]), state.services)
    if not service.home:
        text = plural("and {count} more", "and {count} more", beyond)
        return (*rows, Row(("beyond", section.value), text))
    text = plural(
        "and {count} more in {service}…",
        "and {count} more in {service}…",
        beyond,
        service=service.name,
    )
    return (*rows, command_row(("beyond", section.value), text, OpenUrl(service.home)))


def _nothing_due(state: AppState, words: AccountWords) -> Iterator[Row]:
    """What is not known to be nothing is not called so."""
    if not state.accounts:
        yield Row(
            ("empty",), keyring_note(state) or translated("Connect an account to see what is due")
        )
        yield from (
            row
            for row in connect_rows(state)
            if row.id[0] in {"connect", "connect-server", "paste-link"}
        )
    elif was_fetched(state):
        unread = words.all_unread(state.accounts)
        if unread:
            # Translators: {reason} is such as “3 events could not be read”
            yield Row(("empty",), translated("Nothing to show: {reason}", reason=unread))
        else:
            yield Row(("empty",), translated("Nothing due. Enjoy."))
    elif is_fetching(state):
        yield Row(("empty",), translated("Your list will be here soon"))
    else:
        yield Row(("empty",), translated("Nothing fetched yet"))


def _command_rows(
    state: AppState, words: AccountWords, now: datetime, zone: ZoneInfo
) -> Iterator[Row]:
    if can_add(state):
        yield command_row(("add",), translated("Add a task…"), AskToAdd())
    yield command_row(("window",), translated("Open oO"), ShowWindow())
    if state.paused_until is not None:
        yield pause_row(state, now, zone)
    if state.accounts:
        refresh = translated("Refreshing…") if state.refreshing else translated("Refresh")
        yield command_row(("refresh",), refresh, Refresh(), enabled=not state.refreshing)
    yield accounts_row(state, words)
    yield menu_row(("others",), translated("More"), tuple(_other_rows(state, now, zone)))
    yield command_row(("quit",), translated("Quit oO"), Quit())


def _other_rows(state: AppState, now: datetime, zone: ZoneInfo) -> Iterator[Row]:
    """What is not wanted every day, out of the way of what is."""
    if state.accounts and state.paused_until is None:
        yield pause_row(state, now, zone)
    yield hide_titles_row(state)
    yield command_row(("settings",), translated("Settings…"), ShowSettings())
    yield separator("help")
    yield Row(("help-version",), f"oO {__version__}")
    yield command_row(
        ("help-report",), translated("Copy a report for finding faults"), CopyReport()
    )
    yield command_row(("help-log",), translated("Show the log"), ShowLog())
