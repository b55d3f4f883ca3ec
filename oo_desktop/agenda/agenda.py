"""Selects which signals are shown, in which order and under which section.

The tray, the command line and the offscreen rendering all ask one `Agenda`, so they cannot
disagree. What it answers is a function of the state and the time; what it remembers only makes the
next answer fast: there may be 100,000 signals in 50 accounts, and a render follows every click and
poll. They are sorted when a poll brings them, bisected by the time when they are shown, and of all
accounts together only as many as somebody looks at.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from operator import is_
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from oo_desktop.agenda.clicks import ClickEffects
from oo_desktop.agenda.placement import (
    Bucket,
    Buckets,
    Entries,
    Entry,
    Ordered,
    Placed,
    Placement,
)
from oo_desktop.agenda.plan import Planner
from oo_desktop.agenda.selection import Selection
from oo_desktop.model.clicks import OutboxItem
from oo_desktop.model.listing import is_listed
from oo_desktop.model.preferences import Show
from oo_desktop.model.signals import AccountKey, AnySignal, Event, shown_copies
from oo_desktop.model.state import AppState, zones_of
from oo_desktop.model.zones import machine_zone, next_midnight

T = TypeVar("T")


class _Merged(NamedTuple, Generic[T]):
    """What was made of what stands in one bucket, account by account."""

    placed: list[Ordered]
    made: T

    def is_of(self, placed: list[Ordered]) -> bool:
        return len(self.placed) == len(placed) and all(map(is_, self.placed, placed))


class _AccountList(NamedTuple):
    """The signals of one account, and the zone it counts its days in."""

    key: AccountKey
    listed: tuple[AnySignal, ...]
    zone: ZoneInfo


class _Filtered(NamedTuple):
    """What is listed of the signals of one account."""

    signals: tuple[AnySignal, ...]
    show: Show
    listed: tuple[AnySignal, ...]


class Agenda:
    """Selects what is shown; the same question again costs next to nothing.

    The app owns one. It belongs to the thread of the loop: no other may call anything of it.

    beside: another that is asked of the same lists, whose work on them is not done twice.
    """

    def __init__(self, *, beside: "Agenda | None" = None) -> None:
        self._beside = beside
        self._placed: dict[AccountKey, Placement] = {}
        self._begun: dict[AccountKey, Placement] = {}
        self._outbox: tuple[OutboxItem, ...] = ()
        self._effects = ClickEffects()
        self._laid_out: list[tuple[Buckets, int]] | None = None
        self._to_do = {
            bucket: _Merged[Entries]([], Entries())
            for bucket in (Bucket.OVERDUE, Bucket.TODAY, Bucket.LATER)
        }
        self._events: _Merged[tuple[Entry, ...]] = _Merged([], ())
        self._planner = Planner()
        self._hide_titles = False
        self._filtered: dict[AccountKey, _Filtered] = {}

    def prepare(
        self, state: AppState, now: datetime, *, local_zone: ZoneInfo | None = None
    ) -> Iterator[None]:
        """Yield after each step of what `select` would otherwise have to do with new lists.

        A step takes below a millisecond, mostly; where nothing in `state` is new, there is none.
        `select` may be called between two of them: it does what is left.
        """
        for new in self._lists(state, local_zone or machine_zone()):
            placement = self._known(new)
            if placement is None:
                placement = self._begun[new.key] = Placement(new.listed, new.zone)
            if placement is self._begun.get(new.key):
                yield from placement.steps
                placement.buckets(now)

    def select(
        self, state: AppState, now: datetime, *, local_zone: ZoneInfo | None = None
    ) -> Selection:
        """Return what is shown of `state` at `now` (aware).

        local_zone: stands in for accounts without one; left off: the machine's.
        """
        zone = local_zone or machine_zone()
        lists = self._lists(state, zone)
        if state.hide_titles != self._hide_titles:
            self._hide_titles = state.hide_titles
            self._forget_entries()
        self._follow(lists, state.outbox)
        self._lay_out(now)
        events = self._events.made
        plan = self._planner.plan(events, now)
        changes = [next_midnight(now, each) for each in {zone, *(each.zone for each in lists)}]
        changes += self._changes(now)
        if plan.changes_at is not None:
            changes.append(plan.changes_at)
        return Selection(
            now=now,
            local_zone=zone,
            overdue=self._to_do[Bucket.OVERDUE].made,
            today=self._to_do[Bucket.TODAY].made,
            later=self._to_do[Bucket.LATER].made,
            events=events,
            plan=plan,
            changes_at=min((at for at in changes if at > now), default=None),
        )

    # New lists

    def _lists(self, state: AppState, local_zone: ZoneInfo) -> list[_AccountList]:
        zones = zones_of(state, local_zone)
        return [
            _AccountList(key, self._listed(key, state), zones.get(key, local_zone))
            for key in dict.fromkeys((*zones, *state.signals))
        ]

    def _listed(self, key: AccountKey, state: AppState) -> tuple[AnySignal, ...]:
        """The very same tuple as before where nothing changed: a placement is made of it."""
        signals = state.signals.get(key, ())
        if state.show == Show():
            self._filtered.pop(key, None)
            return signals
        known = self._filtered.get(key)
        if self._beside is not None and known is None:
            known = self._beside._filtered.get(key)  # noqa: SLF001  # another of its kind
        if known is None or known.signals is not signals or known.show != state.show:
            listed = tuple([each for each in signals if is_listed(each, state.show)])
            known = _Filtered(signals, state.show, listed)
        self._filtered[key] = known
        return known.listed

    def _known(self, wanted: _AccountList) -> Placement | None:
        for placement in (self._placed.get(wanted.key), self._begun.get(wanted.key)):
            if placement is not None and placement.is_of(wanted.listed, wanted.zone):
                return placement
        return None if self._beside is None else self._beside._known(wanted)  # noqa: SLF001  # another of its kind

    def _follow(self, lists: list[_AccountList], outbox: tuple[OutboxItem, ...]) -> None:
        placed = {}
        for each in lists:
            placement = self._known(each) or Placement(each.listed, each.zone)
            placement.complete()
            placed[each.key] = placement
        if list(placed.items()) != list(self._placed.items()) or outbox != self._outbox:
            self._effects.follow(outbox, placed)
            self._laid_out = None
        self._placed, self._begun, self._outbox = placed, {}, outbox
        self._filtered = {key: each for key, each in self._filtered.items() if key in placed}

    # What is shown

    def _forget_entries(self) -> None:
        self._to_do = {bucket: _Merged([], self._entries([], bucket)) for bucket in self._to_do}
        self._events = _Merged([], ())
        self._laid_out = None

    def _entries(self, accounts: list[Ordered], bucket: Bucket) -> Entries:
        overdue = bucket is Bucket.OVERDUE
        return Entries(accounts, overdue=overdue, hide_titles=self._hide_titles)

    def _lay_out(self, now: datetime) -> None:
        laid_out = [
            (placement.buckets(now), bisect_right(self._effects.moments(key), now))
            for key, placement in self._placed.items()
        ]
        if not _is_same(laid_out, self._laid_out):
            self._merge(now)
            self._laid_out = laid_out

    def _merge(self, now: datetime) -> None:
        """The very same entries as before where nothing in them has changed: much is made of
        them."""
        accounts = []
        for key, placement in self._placed.items():
            changed = self._effects.changed(key)
            accounts.append(
                placement.buckets_with(changed, now) if changed else placement.buckets(now)
            )
        for bucket, before in self._to_do.items():
            filled = [buckets[bucket] for buckets in accounts if buckets[bucket]]
            if not before.is_of(filled):
                self._to_do[bucket] = _Merged(filled, self._entries(filled, bucket))
        filled = [buckets[Bucket.EVENTS] for buckets in accounts if buckets[Bucket.EVENTS]]
        if not self._events.is_of(filled):
            events = self._entries(_without_copies(filled), Bucket.EVENTS)
            self._events = _Merged(filled, events.first(None))

    def _changes(self, now: datetime) -> Iterator[datetime]:
        for key, placement in self._placed.items():
            if (moment := placement.next_moment(now)) is not None:
                yield moment
            moments = self._effects.moments(key)
            yield from moments[bisect_right(moments, now) :][:1]


def _is_same(laid_out: list[tuple[Buckets, int]], before: list[tuple[Buckets, int]] | None) -> bool:
    return before is not None and all(
        now[0] is then[0] and now[1] == then[1] for now, then in zip(laid_out, before, strict=True)
    )


def _without_copies(accounts: list[Ordered]) -> list[Ordered]:
    """`accounts`, each meeting once: as the first account has it whose user has said they will
    come, or else the first."""
    events = (each[4] for each in chain.from_iterable(accounts))
    shown = shown_copies(each for each in events if isinstance(each, Event))
    if not shown:
        return accounts
    return [
        Ordered(placed for placed in each if _twin(placed) is None or id(placed[4]) in shown)
        for each in accounts
    ]


def _twin(placed: Placed) -> str | None:
    event = placed[4]
    return event.twin if isinstance(event, Event) else None
