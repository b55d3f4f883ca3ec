"""Turns state and time into what the window shows: a list, bars above it, a line below it. Pure.

The list may have 10,000 rows and is made anew with every click and poll, so a row is only named
here (`ListRow`), and put in words when somebody looks at it (`ItemWords`).

A row that was clicked stays where it is, with *Undo*, for as long as the click is held: the window
shows the agenda as it would be without the clicks that are held (`as_looked_at`), and says beside
those rows what was asked of them. So a row neither jumps away under the pointer, nor does the
window keep a truth of its own.

A row has the title for itself, in its whole width; when, where and whose it is stands below. How
urgent a task is shows in its ring alone, which says it by weight as well as by colour; a screen
reader hears it in words.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from operator import is_
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from oo_desktop.agenda.placement import Entry
from oo_desktop.agenda.plan import PlannedEvent, planned_event
from oo_desktop.agenda.selection import Section, Selection
from oo_desktop.agenda.timeline import Timeline
from oo_desktop.commands.commands import (
    Act,
    AskForDay,
    CancelSignIn,
    Command,
    CopyLink,
    CopyUrl,
    Discard,
    Done,
    Every,
    OpenUrl,
    Quit,
    Reconnect,
    Refresh,
    Retry,
    ShowLog,
    ShowSettings,
    Undo,
    Unlock,
)
from oo_desktop.language import plural, translated, untranslated
from oo_desktop.model.clicks import OutboxItem, OutboxState, is_rejected
from oo_desktop.model.reschedule import possible_actions
from oo_desktop.model.signals import (
    REPLIES,
    RESCHEDULES,
    ActionKind,
    AnySignal,
    Event,
    SignalKey,
    Task,
    day_of,
    time_of,
)
from oo_desktop.model.state import (
    AccountState,
    AppState,
    Connection,
    SignInState,
    moving_keys,
    unconfirmed_keys,
)
from oo_desktop.model.text import (
    clock_words,
    date_words,
    day_words,
    elided,
    isolated,
    plain_text,
    sentence,
    title_text,
)
from oo_desktop.model.zones import today_in
from oo_desktop.ui.view.accounts import (
    MAX_ACCOUNT_REASON,
    AccountWords,
    about_account,
    accounts_row,
    can_add,
    connect_rows,
    freshness_line,
    is_fetching,
    keyring_note,
    needs_user,
    was_fetched,
)
from oo_desktop.ui.view.entries import (
    ON_ITS_WAY,
    REPLY_WORDS,
    UNCONFIRMED,
    EntryWords,
    color_of,
    icon_of,
    ways_to_move,
)
from oo_desktop.ui.view.events import (
    certainty_words,
    end_words,
    next_minute,
    soon_words,
    span_words,
    with_other_clock,
)
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.outbox import (
    happened,
    not_happened,
    reason_of,
    refusal,
    refused_words,
)
from oo_desktop.ui.view.pause import hide_titles_row, pause_row
from oo_desktop.ui.view.rows import Row, RowId, command_row, id_of_account, menu_row, separator

MAX_TITLE = 300
"""Characters of a title; the window shows as many of them as it is wide."""

MAX_NAME = 60
MAX_REFUSED_BARS = 3
MAX_BARS = 4
"""Above the list; what concerns more accounts than that is told in their menu alone."""

HELD = frozenset({ActionKind.DONE, *RESCHEDULES, *REPLIES})
"""Clicks whose row stays for as long as they are held."""

AGES_EVERY = timedelta(minutes=1)

HEADINGS = {
    Section.NOW: untranslated("Now and next"),
    Section.OVERDUE: untranslated("Overdue"),
    Section.TODAY: untranslated("Today"),
    Section.TOMORROW: untranslated("Tomorrow"),
    Section.LATER: untranslated("Later"),
}

NO_TRAY = untranslated(
    "This desktop shows no tray icons, so oO has this window. Closing it does not end oO: start "
    "oO again, or run “oo-desktop show”, and it is back."
)


class Heading(Struct, frozen=True, gc=False):
    """Names the row above those of a section, of which there are `count`."""

    id: RowId
    section: Section
    count: int


class EntryRow(Struct, frozen=True, gc=False):
    """Names the row of an entry."""

    id: RowId
    section: Section
    entry: Entry


ListRow = Heading | EntryRow
SectionRows = tuple[Heading, tuple[EntryRow, ...]]


class Item(Struct, frozen=True, kw_only=True):
    """Holds everything one row says; texts are plain.

    icon: a ring to tick off, or what else it is.
    when: empty where it goes without saying. late: it is overdue.
    place: its project or calendar; `color` (`#RRGGBB`) is that one's.
    account: whose it is, where there are several of its service.
    notes: what else there is to know.
    happened: what was asked of it a moment ago, and `undo` takes it back.
    join: where to take part, for as long as that is offered.
    can_be_done: whether it can be ticked off now.
    text: all of it in reading order, for a screen reader.
    """

    icon: RowIcon
    title: str
    when: str = ""
    late: bool = False
    place: str = ""
    color: str | None = None
    account: str = ""
    notes: tuple[str, ...] = ()
    happened: str = ""
    done: bool = False
    undo: Command | None = None
    join: Command | None = None
    can_be_done: bool = False
    text: str = ""


class Bar(Struct, frozen=True):
    """Holds one thing to know, above the list, and what helps. alarming: it needs the user."""

    id: RowId
    text: str
    rows: tuple[Row, ...] = ()
    alarming: bool = False


class Placard(Struct, frozen=True, kw_only=True):
    """Holds what is said where there is no list. more: what few people need."""

    title: str
    text: str = ""
    rows: tuple[Row, ...] = ()
    more: tuple[Row, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WindowView:
    """Holds everything the window shows at one moment.

    placard: stands instead of the list, where that is empty.
    fresh: how fresh everything is, in sentences.
    menu: what the window's menu offers.
    can_refresh: whether there is anything to refresh, and nobody does.
    can_add: whether an account takes new tasks.
    """

    rows: "RowList"
    words: "ItemWords"
    bars: tuple[Bar, ...] = ()
    placard: Placard | None = None
    fresh: str = ""
    menu: tuple[Row, ...] = ()
    can_refresh: bool = False
    can_add: bool = False


# The state, as the window looks at it


def held_clicks(state: AppState, now: datetime) -> dict[SignalKey, OutboxItem]:
    """Return the clicks whose rows stay where they are for a moment, by what they are on."""
    return {
        item.key: item
        for item in state.undoable
        if item.kind in HELD and item.state is OutboxState.QUEUED and now < item.send_at
    }


def as_looked_at(state: AppState, now: datetime) -> AppState:
    """Return `state` without the clicks that are held: their rows say themselves what was asked."""
    held = {item.number for item in held_clicks(state, now).values()}
    if not held:
        return state
    kept = tuple(item for item in state.outbox if item.number not in held)
    counted = Counter(item.key.account for item in state.outbox if item.number in held)
    accounts = tuple(
        structs.replace(each, waiting=max(each.waiting - counted[each.key], 0))
        for each in state.accounts
    )
    return structs.replace(state, outbox=kept, accounts=accounts)


def next_change(state: AppState, selection: Selection) -> datetime:
    """Return the next instant at which the open window changes though nothing happens."""
    now = selection.now
    moments = [selection.changes_at, next_minute(selection.plan, now), now + AGES_EVERY]
    moments += [item.send_at for item in held_clicks(state, now).values()]
    return min(moment for moment in moments if moment is not None and moment > now)


# The list


class RowList:
    """Lists the rows, and finds those with some words in them."""

    def __init__(self, sections: Sequence[SectionRows], texts: "Texts") -> None:
        found: list[ListRow] = []
        for heading, entries in sections:
            found.append(heading)
            found += entries
        self.all = tuple(found)
        self._sections = sections
        self._texts = texts
        self._found: tuple[Collection[str], tuple[ListRow, ...]] = ((), self.all)

    def prepare(self) -> None:
        """Make what is looked through: somebody is about to look for something."""
        for heading, entries in self._sections:
            self._texts.of(heading.section, entries)

    def matching(self, words: Collection[str]) -> tuple[ListRow, ...]:
        """Return the rows that have every one of `words` in them, under their headings.

        The same words again find the very same: a render follows every click and poll.
        """
        if not words:
            return self.all
        if words != self._found[0]:
            self._found = (words, self._matching(words))
        return self._found[1]

    def _matching(self, words: Collection[str]) -> tuple[ListRow, ...]:
        found: list[ListRow] = []
        for heading, entries in self._sections:
            matches: Sequence[EntryRow] = entries
            texts: Sequence[str] = self._texts.of(heading.section, entries)
            for word in words:
                hits = [word in text for text in texts]
                matches, texts = list(compress(matches, hits)), list(compress(texts, hits))
            if matches:
                found.append(Heading(heading.id, heading.section, len(matches)))
                found += matches
        # The same rows again are nothing new to whoever shows them.
        return tuple(found) if len(found) < len(self.all) else self.all


def words_of(query: str) -> tuple[str, ...]:
    """Return the words somebody looks for, in the form in which `RowList` finds them."""
    return tuple(_folded(query[:MAX_TITLE]).split())


class Texts:
    """Holds what is looked through, made when somebody first looks for something."""

    def __init__(self) -> None:
        self._of: dict[Section, tuple[tuple[EntryRow, ...], list[str]]] = {}

    def of(self, section: Section, rows: tuple[EntryRow, ...]) -> list[str]:
        """Return the texts of a section's rows."""
        known = self._of.get(section)
        if known is None or known[0] is not rows:
            known = self._of[section] = (rows, [_searched(row.entry.signal) for row in rows])
        return known[1]


def _searched(signal: AnySignal) -> str:
    container = signal.container
    text = signal.title if container is None else f"{signal.title}\n{container.name}"
    if isinstance(signal, Task):
        if signal.labels:
            text = "\n".join((text, *signal.labels))
    elif signal.where:
        text = f"{text}\n{signal.where}"
    return _folded(text)


def _folded(text: str) -> str:
    """Small letters without accents: `Café` is found by `cafe`."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parts if not unicodedata.combining(char)).casefold()


class WindowLists:
    """Remembers the rows of what has not changed: a render follows every click."""

    def __init__(self) -> None:
        self._timeline = Timeline()
        self._made: dict[Section, tuple[tuple[Entry, ...], SectionRows]] = {}
        self._texts = Texts()
        self._sections: list[SectionRows] = []
        self._rows = RowList([], self._texts)

    def rows(self, selection: Selection) -> RowList:
        """Return the rows of everything in `selection`; the very same where nothing has changed:
        there may be 100,000."""
        sections = [self._section(*each) for each in self._timeline.sections(selection)]
        if len(sections) != len(self._sections) or not all(map(is_, sections, self._sections)):
            self._sections, self._rows = sections, RowList(sections, self._texts)
        return self._rows

    def _section(self, section: Section, entries: tuple[Entry, ...]) -> SectionRows:
        known = self._made.get(section)
        if known is None or known[0] is not entries:
            heading = Heading(("heading", section.value), section, len(entries))
            rows = tuple(EntryRow(_row_id(each), section, each) for each in entries)
            known = self._made[section] = (entries, (heading, rows))
        return known[1]


def _row_id(entry: Entry) -> RowId:
    signal = entry.signal
    return ("signal", signal.source, signal.user_id, signal.id)


# A row in words


class ItemWords:
    """Puts rows in words, each once, when somebody looks at it; and says what they offer."""

    def __init__(
        self, state: AppState, selection: Selection, words: AccountWords, entries: EntryWords
    ) -> None:
        self._accounts = words
        self._entries = entries
        self._now = selection.now
        self._zone = selection.local_zone
        self._unconfirmed = unconfirmed_keys(state)
        self._held = held_clicks(state, selection.now)
        self._joinable = {each.event.key for each in selection.plan.joinable(selection.now)}
        self._items: dict[RowId, Item] = {}

    @property
    def done_rows(self) -> frozenset[RowId]:
        """Return the rows that were marked as done, and are held."""
        done = (key for key, item in self._held.items() if item.kind is ActionKind.DONE)
        return frozenset(("signal", *account, id_) for account, id_ in done)

    def item(self, row: EntryRow) -> Item:
        """Return what `row` says."""
        item = self._items.get(row.id)
        if item is None:
            item = self._items[row.id] = self._item(row.section, row.entry)
        return item

    def _item(self, section: Section, entry: Entry) -> Item:
        signal = entry.signal
        key = signal.key
        item = Item(
            icon=icon_of(entry),
            title=title_text(signal.title, MAX_TITLE),
            late=entry.overdue,
            place=self._place(signal),
            color=color_of(signal),
            account=self._account(signal),
            join=self._join(signal),
            can_be_done=self._entries.can_be_done(entry),
        )
        if isinstance(signal, Event):
            when, notes = self._event(section, planned_event(entry, signal))
        else:
            when, notes = self._task_when(section, entry), ()
        if key in self._unconfirmed:
            notes += (translated(UNCONFIRMED),)
        elif entry.pending:
            notes += (translated(ON_ITS_WAY),)
        item = structs.replace(item, when=when, notes=notes)
        if (click := self._held.get(key)) is not None:
            item = structs.replace(
                item,
                happened=happened(click, self._now, entry.zone),
                done=click.kind is ActionKind.DONE,
                undo=Undo(click.number),
                can_be_done=False,
                join=None,
            )
        return structs.replace(item, text=_spoken(item, signal))

    def _place(self, signal: AnySignal) -> str:
        name = plain_text(signal.container.name) if signal.container else ""
        unnamed = self._accounts.unnamed_calendar(signal.account)
        return "" if isinstance(signal, Event) and name == unnamed else elided(name, MAX_NAME)

    def _account(self, signal: AnySignal) -> str:
        if not self._accounts.several(signal.source):
            return ""
        return elided(self._accounts.short_label(signal.account), MAX_NAME)

    def _join(self, signal: AnySignal) -> Command | None:
        if isinstance(signal, Event) and signal.join_url and signal.key in self._joinable:
            return OpenUrl(signal.join_url)
        return None

    def _task_when(self, section: Section, entry: Entry) -> str:
        """The day only where no heading says it."""
        due = getattr(entry.signal, "due", None)
        if due is None:
            return ""
        today, day = today_in(entry.zone, self._now), day_of(due, entry.zone)
        at = time_of(due, entry.zone)
        clock = clock_words(at) if at else ""
        if section in {Section.TODAY, Section.TOMORROW}:
            return clock
        if day == today:
            return clock or translated("today")
        words = day_words(day, today)
        # Translators: a day, and when on it: “Wed 2 Dec, 14:00”
        return translated("{day}, {times}", day=words, times=clock) if clock else words

    def _event(self, section: Section, planned: PlannedEvent) -> tuple[str, tuple[str, ...]]:
        event, zone, now = planned.event, planned.entry.zone, self._now
        today = today_in(zone, now)
        day = date_words(planned.day, today.year) if section is Section.LATER else ""
        when = span_words(planned, today, day=day)
        notes: tuple[str, ...] = ()
        if section is Section.NOW and planned.starts is not None:
            if planned.starts <= now:
                when = translated("Now, until {end}", end=end_words(planned, today))
            else:
                notes += (soon_words(planned.starts, now),)
        if zone is not self._zone:
            when = with_other_clock(when, planned, self._zone)
        if certainty := certainty_words(event):
            notes += (certainty,)
        if event.where and "://" not in event.where and (where := plain_text(event.where)):
            notes += (elided(where, MAX_NAME),)
        return when, notes

    # What rows offer

    def menu(self, rows: Sequence[EntryRow]) -> tuple[Row, ...]:
        """Return what can be done with `rows`: all there is with one, what is common of several."""
        if len(rows) == 1:
            return tuple(self._menu_of(rows[0]))
        return tuple(self._menu_of_several(rows))

    def done(self, rows: Sequence[EntryRow]) -> Command | None:
        """Return what marks `rows` as done, or takes that back where none can be; None: nothing."""
        items = list(map(self.item, rows))
        doable = [
            Done(row.entry.signal.key)
            for row, item in zip(rows, items, strict=True)
            if item.can_be_done
        ]
        return _together(doable or [item.undo for item in items if item.undo is not None])

    def link(self, row: EntryRow) -> Command | None:
        """Return what shows a row where it is from; the meeting itself while it can be joined."""
        if (join := self.item(row).join) is not None:
            return join
        url = _url_of(row.entry.signal)
        return OpenUrl(url) if url else None

    def ways(self, rows: Sequence[EntryRow]) -> tuple[Row, ...]:
        """Return where `rows` can be moved."""
        rows = [row for row in rows if self._is_free(row)]
        if len(rows) == 1:
            return tuple(self._ways(rows[0].entry))
        return tuple(self._ways_of_several([row.entry for row in rows]))

    def answers(self, row: EntryRow) -> tuple[Row, ...]:
        """Return how an invitation can be answered."""
        signal = row.entry.signal
        if not isinstance(signal, Event) or not self._is_free(row):
            return ()
        return tuple(
            command_row(
                ("answer", kind.value), translated(REPLY_WORDS[kind]), Act(signal.key, kind)
            )
            for kind in REPLIES
            if kind in possible_actions(signal, self._now, row.entry.zone)
        )

    def _is_free(self, row: EntryRow) -> bool:
        return self.item(row).undo is None and self._entries.can_be_moved(row.entry)

    def _menu_of(self, row: EntryRow) -> Iterator[Row]:
        item, signal = self.item(row), row.entry.signal
        if item.undo is not None:
            yield command_row(("undo",), translated("Undo"), item.undo)
        if item.join is not None:
            yield command_row(("join",), translated("Join"), item.join)
        if item.can_be_done:
            yield command_row(("done",), translated("Done"), Done(signal.key))
        if ways := self.ways([row]):
            yield menu_row(("reschedule",), translated("Reschedule"), ways)
        if answers := self.answers(row):
            yield menu_row(("reply",), translated("Reply"), answers)
        if url := _url_of(signal):
            name = self._accounts.service(signal.source).name
            yield separator("open")
            text = translated("Open in {service}", service=name)
            yield command_row(("open",), text, OpenUrl(url))
            yield command_row(("copy",), translated("Copy link"), CopyUrl(url))

    def _menu_of_several(self, rows: Sequence[EntryRow]) -> Iterator[Row]:
        items = list(map(self.item, rows))
        if undos := [item.undo for item in items if item.undo is not None]:
            # Translators: takes back as many clicks
            text = plural("Undo ({count})", "Undo ({count})", len(undos))
            yield command_row(("undo",), text, Every(tuple(undos)))
        if count := sum(item.can_be_done for item in items):
            done = self.done(rows)
            # Translators: marks as many tasks as done
            text = plural("Done ({count})", "Done ({count})", count)
            yield command_row(("done",), text, done or Every(()))
        if ways := self.ways(rows):
            yield menu_row(("reschedule",), translated("Reschedule"), ways)

    def _ways(self, entry: Entry) -> Iterator[Row]:
        key = entry.signal.key
        for kind, text in ways_to_move(entry, self._now):
            yield command_row(("move", kind.value), text, Act(key, kind))
        if ActionKind.ON_DAY in entry.signal.actions:
            yield command_row(("move", "day"), translated("Pick a date…"), AskForDay((key,)))

    def _ways_of_several(self, entries: Sequence[Entry]) -> Iterator[Row]:
        for kind, text in WAY_WORDS.items():
            possible = tuple(
                Act(each.signal.key, kind)
                for each in entries
                if kind in possible_actions(each.signal, self._now, each.zone)
            )
            if possible:
                yield command_row(("move", kind.value), translated(text), Every(possible))
        movable = tuple(
            each.signal.key for each in entries if ActionKind.ON_DAY in each.signal.actions
        )
        if movable:
            yield command_row(("move", "day"), translated("Pick a date…"), AskForDay(movable))


WAY_WORDS = {
    ActionKind.LATER_TODAY: untranslated("Later today"),
    ActionKind.TOMORROW: untranslated("Tomorrow"),
    ActionKind.NEXT_WEEK: untranslated("Next week"),
    ActionKind.NO_DATE: untranslated("No date"),
}


def _together(commands: Sequence[Command]) -> Command | None:
    if not commands:
        return None
    return commands[0] if len(commands) == 1 else Every(tuple(commands))


def _url_of(signal: AnySignal) -> str | None:
    return signal.url or (signal.join_url if isinstance(signal, Event) else None)


def _spoken(item: Item, signal: AnySignal) -> str:
    """What it is, how it stands, when, and the rest, most needed first."""
    parts = [item.title]
    if item.happened:
        parts.append(item.happened)
    if item.late:
        parts.append(translated("overdue"))
    parts += [item.when] if item.when else []
    parts += item.notes
    if isinstance(signal, Task) and signal.priority in (1, 2, 3):
        parts.append(translated("priority {priority}", priority=signal.priority))
    parts += [each for each in (item.place, item.account) if each]
    if item.join is not None:
        # Translators: of a meeting that somebody can take part in now
        parts.append(translated("can be joined"))
    return translated(", ").join(parts)


# Around the list


def window_view(
    state: AppState, selection: Selection, lists: WindowLists, *, tray: bool = True
) -> WindowView:
    """Return the window for `state`; `selection` is of that state `as_looked_at`.

    tray: whether there is an icon in a tray beside it.
    """
    now, zone = selection.now, selection.local_zone
    words = AccountWords(state.accounts, now, zone, state.services)
    entries = EntryWords(
        accounts=words,
        now=now,
        zone=zone,
        unconfirmed=unconfirmed_keys(state),
        moving=moving_keys(state),
    )
    rows = lists.rows(selection)
    return WindowView(
        rows=rows,
        words=ItemWords(state, selection, words, entries),
        bars=_first_bars(tuple(_bars(state, words, tray=tray))),
        placard=None if rows.all else _placard(state, words),
        fresh=freshness_line(as_looked_at(state, now), words),
        menu=tuple(_menu(state, words, now, zone)),
        can_refresh=bool(state.accounts) and not state.refreshing,
        can_add=can_add(state),
    )


def starting_window(selection: Selection, lists: WindowLists) -> WindowView:
    """Return what is shown before anything is known."""
    state = AppState()
    return WindowView(
        rows=lists.rows(selection),
        words=window_view(state, selection, lists).words,
        placard=Placard(title=translated("Starting…")),
        menu=(command_row(("quit",), translated("Quit oO"), Quit()),),
    )


def _first_bars(bars: tuple[Bar, ...]) -> tuple[Bar, ...]:
    if len(bars) <= MAX_BARS:
        return bars
    more = len(bars) - MAX_BARS + 1
    text = plural(
        "{count} more thing could need you: see Accounts in this window’s menu.",
        "{count} more things could need you: see Accounts in this window’s menu.",
        more,
    )
    return (*bars[: MAX_BARS - 1], Bar(("more",), text))


def _bars(state: AppState, words: AccountWords, *, tray: bool) -> Iterator[Bar]:
    told: set[str] = set()
    if state.problem:
        told.add(problem := sentence(plain_text(state.problem)))
        again = command_row(("refresh",), translated("Try again"), Refresh())
        yield Bar(("problem",), problem, (again,), alarming=True)
    if not tray:
        yield Bar(("no-tray",), translated(NO_TRAY))
    for sign_in in state.sign_ins:
        yield _sign_in_bar(sign_in, words)
    yield from _refused_bars(state)
    waiting = {sign_in.provider for sign_in in state.sign_ins}
    locked = [each for each in state.accounts if each.connection is Connection.KEYRING]
    if locked:
        reason = words.reason(locked[0]) or translated("oO is waiting for your keyring.")
        yield Bar(("keyring",), reason, (_unlock(),), alarming=True)
    for account in state.accounts:
        if account.connection is not Connection.KEYRING and account.key.provider not in waiting:
            yield from _account_bars(account, words, told)


def _account_bars(account: AccountState, words: AccountWords, told: set[str]) -> Iterator[Bar]:
    key = account.key
    name, reason = words.name(key), words.reason(account)
    service = words.service(key.provider)
    open_it = (
        (
            command_row(
                ("open",), translated("Open {service}", service=service.name), OpenUrl(service.home)
            ),
        )
        if service.home
        else ()
    )
    if needs_user(account):
        text = sentence(words.trouble(account, aged=True) or "")
        mend = command_row(id_of_account("reconnect", key), words.remedy(account), Reconnect(key))
        yield Bar(id_of_account("account", key), text, (mend,), alarming=True)
    elif account.connection is Connection.FAILING:
        text = translated("{account} does not answer as it should.", account=name)
        if reason:
            text = about_account(name, reason)
        again = command_row(("refresh",), translated("Try again"), Refresh())
        yield Bar(id_of_account("account", key), text, (again,))
    elif reason and account.connection is Connection.OK and reason not in told:
        told.add(reason)
        yield Bar(id_of_account("account", key), about_account(name, reason), open_it)
    if account.unread:
        text = sentence(about_account(name, words.unread(account)))
        yield Bar(id_of_account("unread", key), text, open_it)


def _sign_in_bar(sign_in: SignInState, words: AccountWords) -> Bar:
    provider = sign_in.provider
    name = words.service(provider).name
    cancel = command_row(("cancel", provider), translated("Cancel"), CancelSignIn(provider))
    if sign_in.note is not None:
        note = elided(sentence(plain_text(sign_in.note)), MAX_ACCOUNT_REASON)
        text = translated("Waiting for your keyring to connect {service}.", service=name)
        return Bar(("sign-in", provider), f"{text} {note}", (_unlock(), cancel), alarming=True)
    copy = command_row(("copy-link", provider), translated("Copy the link"), CopyLink(provider))
    text = translated("Your browser asks you to let oO into {service}.", service=name)
    return Bar(("sign-in", provider), text, (copy, cancel))


def _unlock() -> Row:
    return command_row(("unlock",), translated("Unlock…"), Unlock())


def _refused_bars(state: AppState) -> Iterator[Bar]:
    """What a service said no to, newest first: each stays until the user has decided."""
    refused = sorted(filter(is_rejected, state.outbox), key=lambda item: -item.number)
    if len(refused) > MAX_REFUSED_BARS:
        again = command_row(("retry-all",), translated("Try all again"), Retry(every=True))
        text = sentence(refused_words(len(refused)))
        yield Bar(("refused-all",), text, (again,), alarming=True)
        return
    for item in refused:
        number = str(item.number)
        what = not_happened(item) if state.hide_titles else refusal(item)
        rows = (
            command_row(("retry", number), translated("Try again"), Retry(item.number)),
            # Translators: gives up a click that its service did not accept
            command_row(("discard", number), translated("Forget"), Discard(item.number)),
        )
        text = f"{sentence(what)} {isolated(reason_of(item))}"
        yield Bar(("refused", number), text, rows, alarming=True)


def _placard(state: AppState, words: AccountWords) -> Placard:
    if not state.accounts:
        return _welcome(state)
    if was_fetched(state):
        if words.all_unread(state.accounts):
            return Placard(
                title=translated("Nothing to show"),
                text=translated("What there is could not be read."),
            )
        return Placard(
            title=translated("Nothing needs you now"),
            text=translated("What comes up is here when it does."),
        )
    if is_fetching(state):
        return Placard(
            title=translated("Your list will be here soon"),
            text=translated("oO is fetching it now."),
        )
    enabled = not state.refreshing
    again = command_row(("refresh",), translated("Try again"), Refresh(), enabled=enabled)
    return Placard(
        title=translated("Nothing fetched yet"),
        text=translated("oO has not reached your services so far. It tries again by itself."),
        rows=(again,),
    )


def _welcome(state: AppState) -> Placard:
    """Rows that wait for a browser or a keyring have bars."""
    offered = [row for row in connect_rows(state) if row.command is not None]
    if not offered and not state.sign_ins:
        return Placard(title=translated("Nothing is connected"), text=keyring_note(state))
    main = tuple(row for row in offered if row.id[0] in {"connect", "paste-link"})
    return Placard(
        title=translated("Welcome to oO"),
        text=translated(
            "Connect what you work with. Then your tasks and meetings are here, in the order in "
            "which they need you."
        ),
        rows=main,
        more=tuple(row for row in offered if row not in main),
    )


def _menu(state: AppState, words: AccountWords, now: datetime, zone: ZoneInfo) -> Iterator[Row]:
    """What the tray's menu has as well: there may be no tray."""
    yield accounts_row(state, words)
    if state.accounts:
        yield pause_row(state, now, zone)
    yield hide_titles_row(state)
    yield command_row(("settings",), translated("Settings…"), ShowSettings())
    yield command_row(("log",), translated("Show the log"), ShowLog())
    yield separator("quit")
    yield command_row(("quit",), translated("Quit oO"), Quit())
