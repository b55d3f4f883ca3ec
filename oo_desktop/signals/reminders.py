"""Waits for the next reminder, gives each once, and takes it back when it is no longer true.

It holds one timer while a reminder is planned or given, and none otherwise. The wall clock decides;
it may jump, and the timer stands still while the machine sleeps. So a longer wait looks at the
clock now and then, whoever notices that the machine woke says so, and every poll is a look as well.

What is told is written down before: a crash must cost a reminder, not bring a second one.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from oo_desktop.clock import Clock
from oo_desktop.errors import StoreError
from oo_desktop.events import (
    EventBus,
    IntegrationsChanged,
    OutboxChanged,
    ReminderDue,
    ReminderOver,
    SettingsChanged,
    SignalsChanged,
)
from oo_desktop.model.clicks import OutboxItem, shown_signals
from oo_desktop.model.listing import is_listed, without_title
from oo_desktop.model.preferences import Notifications, Show
from oo_desktop.model.reminders import (
    Planned,
    Span,
    Told,
    can_be_reminded_of,
    planned_reminders,
    snoozed_until,
    span_of,
    spans_of,
)
from oo_desktop.model.signals import AccountKey, AnySignal, Event, SignalKey, Task
from oo_desktop.model.state import AppState
from oo_desktop.model.zones import machine_zone, zone_named
from oo_desktop.signals.backoff import Alarm
from oo_desktop.signals.tasks import Tasks
from oo_desktop.store.reminders import ReminderStore

log = logging.getLogger(__name__)

KEEP_TOLD_FOR = timedelta(days=1)
"""How long after its event it is remembered that a reminder was given."""

FIRST_LIST_REACH = timedelta(hours=1)
"""Of an account that was just connected, only what begins within this is told of late: nobody
waited for its reminders before."""

SPANS_AT_ONCE = 200
"""Signals whose begin and end are worked out before the loop gets its turn: a few milliseconds."""

_Remindable = tuple[Event | Task, ...]


class _Interest(NamedTuple):
    """What can be reminded of, of all that an account lists."""

    signals: tuple[AnySignal, ...]
    found: _Remindable


class _Spans(NamedTuple):
    """When the signals of one account begin and end."""

    signals: _Remindable
    zone: ZoneInfo
    default_minutes: int
    spans: tuple[Span, ...]


class Reminders:
    """Follows what is shown, and publishes `ReminderDue` and `ReminderOver`.

    state: everything there is to see, as the screen sees it.
    default_minutes: for events that say nothing themselves; 0 for none.
    preferences: of what to remind, asked whenever it is time; what is not wanted then is not made
        up for later.
    hide_titles: whether what events are called is left out of what is told.
    """

    def __init__(
        self,
        *,
        state: Callable[[], AppState],
        store: ReminderStore,
        bus: EventBus,
        clock: Clock,
        default_minutes: int,
        preferences: Callable[[], Notifications] = Notifications,
    ) -> None:
        self._state = state
        self._store = store
        self._bus = bus
        self._clock = clock
        self._default_minutes = default_minutes
        self._preferences = preferences
        self.hide_titles = False
        self._alarm = Alarm(clock)
        self._tasks: Tasks[str] = Tasks()
        self._told: dict[tuple[SignalKey, datetime, int], Told] = {}
        self._shown: dict[SignalKey, Planned] = {}
        self._stale = True
        self._signals: dict[AccountKey, _Remindable] = {}
        self._interest: dict[AccountKey, _Interest] = {}
        self._spans: dict[AccountKey, _Spans] = {}
        self._zones: dict[AccountKey, ZoneInfo] = {}
        self._local_zone = machine_zone()
        self._known_accounts: set[AccountKey] | None = None
        self._planned_at: datetime | None = None
        self._next: datetime | None = None
        bus.subscribe(SignalsChanged, lambda _event: self.woken())
        bus.subscribe(OutboxChanged, lambda _event: self.woken())
        bus.subscribe(SettingsChanged, lambda _event: self.woken())
        bus.subscribe(IntegrationsChanged, lambda _event: self._alarm.ring())

    def load(self) -> None:
        """Remember what was told before. Raises StoreError."""
        self._told = {_id(told): told for told in self._store.all()}

    def start(self) -> None:
        """Begin to remind. Needs a running loop."""
        self._tasks.open()
        self._tasks.start("reminders", self._remind_for_ever)

    async def stop(self) -> None:
        """Give no more reminders, and take none back."""
        await self._tasks.close()

    def woken(self) -> None:
        """Look at everything anew: the machine woke, the clock or the zone was set, news came."""
        self._stale = True
        self._alarm.ring()

    def remind_before(self, minutes: int) -> None:
        """Remind so long before events that say nothing themselves; 0: not at all."""
        if minutes != self._default_minutes:
            self._default_minutes = minutes
            self._plan_again()
            self._alarm.ring()

    def shown(self, key: SignalKey) -> Planned | None:
        """Return the reminder of that event or task that was given and still holds, as it may be
        told."""
        planned = self._shown.get(key)
        if planned is None or not self.hide_titles:
            return planned
        return msgspec.structs.replace(planned, signal=without_title(planned.signal))

    def snooze(self, key: SignalKey) -> None:
        """Give the reminder of that event or task again a little later; none that is over."""
        reminder = self._shown.get(key)
        now = self._clock.now()
        if reminder is None or (until := snoozed_until(reminder, now)) is None:
            return
        self._write([msgspec.structs.replace(_told(reminder, now), snoozed_until=until)])
        self._over(key)
        self._plan_again()
        self._alarm.ring()

    def hold(self, keys: Iterable[SignalKey]) -> None:
        """Write down that these are given, but not seen yet: a restart gives them anew."""
        now = self._clock.now()
        self._store_rows(
            [
                msgspec.structs.replace(_told(reminder, now), snoozed_until=now)
                for key in keys
                if (reminder := self._shown.get(key)) is not None
            ]
        )

    def seen(self, keys: Iterable[SignalKey]) -> None:
        """Write down that those which `hold` has named are seen."""
        held = [reminder for key in keys if (reminder := self._shown.get(key)) is not None]
        now = self._clock.now()
        self._write([_told(reminder, now) for reminder in held])

    def forget(self, key: AccountKey) -> None:
        """Forget what was told of an account that is gone. Raises StoreError."""
        for each in [each for each in self._shown if each.account == key]:
            self._over(each)
        self._told = {id_: told for id_, told in self._told.items() if told.key.account != key}
        if self._known_accounts is not None:
            self._known_accounts.discard(key)
        self.woken()
        self._store.remove_account(key)

    # Waiting

    async def _remind_for_ever(self) -> None:
        while True:
            await self._alarm.wait(await self._look())

    async def _look(self) -> float | None:
        """Do what is due. Returns the seconds until the next look, or None."""
        fresh = self._read_anew(self._clock.now()) if self._stale else frozenset()
        while await self._span() and self._stale:  # what came in between may take something away
            fresh |= self._read_anew(self._clock.now())
        now = self._clock.now()
        if self._is_time_to_plan(now):
            plan = self._plan(now)
            self._next = next((each.at for each in plan if each.at > now), None)
            self._planned_at = now
            self._tell([each for each in plan if each.at <= now], now, fresh)
        self._take_back(now)
        moments = [each.ends for each in self._shown.values()]
        if self._next is not None:
            moments.append(self._next)
        if not moments:
            return None
        return (min(moments) - now).total_seconds()

    def _is_time_to_plan(self, now: datetime) -> bool:
        if self._planned_at is None or now < self._planned_at:
            return True
        return self._next is not None and self._next <= now

    def _plan_again(self) -> None:
        self._planned_at = None

    def _plan(self, now: datetime) -> tuple[Planned, ...]:
        return planned_reminders(
            chain.from_iterable(each.spans for each in self._spans.values()),
            now=now,
            default_minutes=self._default_minutes,
            told=self._told.values(),
        )

    async def _span(self) -> bool:
        """Work out when what there is begins and ends; whether others had their turn in between."""
        turns = 0
        for _ in self._spanning():
            turns += 1
            await asyncio.sleep(0)
        return turns > 0

    def _spanning(self) -> Iterator[None]:
        """Work that out where it is not known; yields in between: there may be 100,000 signals."""
        minutes, known, self._spans = self._default_minutes, self._spans, {}
        for key, signals in self._signals.items():
            zone, found = self._zone_of(key), known.get(key)
            if found is None or found[:3] != (signals, zone, minutes):
                spans: list[Span] = []
                self._plan_again()
                for start in range(0, len(signals), SPANS_AT_ONCE):
                    if start:
                        yield
                    spans.extend(
                        spans_of(
                            signals[start : start + SPANS_AT_ONCE],
                            zone_of=self._zone_of,
                            default_minutes=minutes,
                        )
                    )
                # A tuple, which the garbage collector need not go through; a list it would.
                found = _Spans(signals, zone, minutes, tuple(spans))
            self._spans[key] = found

    def _zone_of(self, key: AccountKey) -> ZoneInfo:
        return self._zones.get(key, self._local_zone)

    # What there is

    def _read_anew(self, now: datetime) -> frozenset[AccountKey]:
        """Read what is shown; returns the accounts whose list is their first."""
        try:
            state = self._state()
        except StoreError as error:
            log.info("reminders go by what was shown before: %s", error)
            return frozenset()
        self._stale = False
        zones = {each.key: each.zone for each in state.accounts}
        self._interest = {
            key: self._interest_in(key, signals) for key, signals in state.signals.items()
        }
        listed = {key: each.found for key, each in self._interest.items()}
        shown = shown_signals(listed, filter(_is_of_interest, state.outbox))
        found = {
            key: signals if signals is listed[key] else _of_interest(signals)
            for key in dict.fromkeys((*zones, *shown))
            if (signals := shown.get(key))
        }
        if state.show != Show():
            found = {
                key: tuple([each for each in signals if is_listed(each, state.show)])
                for key, signals in found.items()
            }
        self._follow(found, {key: zone_named(zone) for key, zone in zones.items()}, now)
        have_lists = {each.key for each in state.accounts if each.last_success is not None}
        known, self._known_accounts = self._known_accounts, have_lists
        return frozenset() if known is None else frozenset(have_lists - known)

    def _interest_in(self, key: AccountKey, signals: tuple[AnySignal, ...]) -> _Interest:
        """The same as before where the list is: a click has nothing to go through."""
        known = self._interest.get(key)
        if known is not None and known.signals is signals:
            return known
        return _Interest(signals, _of_interest(signals))

    def _follow(
        self,
        signals: dict[AccountKey, _Remindable],
        zones: dict[AccountKey, ZoneInfo | None],
        now: datetime,
    ) -> None:
        local_zone = machine_zone()
        named = {key: zone or local_zone for key, zone in zones.items()}
        same = list(signals.items()) == list(self._signals.items())
        if same and named == self._zones and local_zone == self._local_zone:
            return  # a click on a task without a time, say
        self._signals, self._zones, self._local_zone = signals, named, local_zone
        self._plan_again()
        self._prune(now)

    def _listed(self, keys: Collection[SignalKey]) -> dict[SignalKey, Event | Task]:
        """Those of `keys` that are there. (To make keys of 2,500 events would take its time.)"""
        ids = {key.id for key in keys}
        of_accounts = (self._signals.get(each, ()) for each in {key.account for key in keys})
        near = [signal for signal in chain.from_iterable(of_accounts) if signal.id in ids]
        return {key: signal for signal in near if (key := signal.key) in keys}

    # Telling

    def _tell(self, due: list[Planned], now: datetime, fresh: frozenset[AccountKey]) -> None:
        if not due:
            return
        self._write([_told(each, now) for each in due] + self._snoozes_ended_by(due))
        loud = [
            each
            for each in due
            if self._is_wanted(each)
            and (
                each.key.account not in fresh
                or timedelta(0) <= each.start - now <= FIRST_LIST_REACH
            )
        ]
        self._show(loud)
        if loud:
            self._bus.publish(ReminderDue(tuple(each.key for each in loud)))

    def _is_wanted(self, reminder: Planned) -> bool:
        wanted = self._preferences()
        return wanted.tasks if isinstance(reminder.signal, Task) else wanted.events

    def _snoozes_ended_by(self, due: list[Planned]) -> list[Told]:
        """A snooze of the same event has had its answer."""
        again = {(each.key, each.start, each.minutes) for each in due}
        return [
            msgspec.structs.replace(told, snoozed_until=None)
            for id_, told in self._told.items()
            if told.snoozed_until is not None
            and id_ not in again
            and any(told.is_of(each.signal, each.start) for each in due)
        ]

    def _show(self, loud: Iterable[Planned]) -> None:
        """Have each of them shown, an event in place of its copies."""
        shown: dict[str, list[Event]] = {}  # by `twin`: after a sleep 5,000 may be due at once
        for signal in [each.signal for each in self._shown.values()]:
            if isinstance(signal, Event) and signal.twin is not None:
                shown.setdefault(signal.twin, []).append(signal)
        for each in loud:
            signal = each.signal
            if isinstance(signal, Event) and signal.twin is not None:
                alike = shown.setdefault(signal.twin, [])
                for other in alike:
                    if other.key != each.key and other.is_copy_of(signal):
                        self._over(other.key)
                alike.append(signal)
            self._shown[each.key] = each

    def _take_back(self, now: datetime) -> None:
        listed = self._listed(self._shown)
        for key, reminder in tuple(self._shown.items()):
            signal = listed.get(key)
            if signal is None:
                self._over(key)
                continue
            start, ends = span_of(signal, self._zone_of(key.account))
            if start != reminder.start or ends <= now:
                self._over(key)
            elif signal is not reminder.signal or ends != reminder.ends:
                self._shown[key] = msgspec.structs.replace(reminder, signal=signal, ends=ends)

    def _over(self, key: SignalKey) -> None:
        if self._shown.pop(key, None) is not None:
            self._bus.publish(ReminderOver(key))

    # What was told

    def _write(self, told: Iterable[Told]) -> None:
        rows = tuple(told)
        self._told.update({_id(each): each for each in rows})
        self._store_rows(rows)

    def _store_rows(self, rows: Iterable[Told]) -> None:
        try:
            self._store.write(*rows)
        except StoreError as error:  # better a second time after a restart than not at all
            log.info("a reminder could not be written down: %s", error)

    def _prune(self, now: datetime) -> None:
        """Forget what is long over. What is still listed stays: the clock may be wrong."""
        old = [told for told in self._told.values() if now - told.ends >= KEEP_TOLD_FOR]
        listed = self._listed({told.key for told in old})
        old = [told for told in old if told.key not in listed]
        for told in old:
            del self._told[_id(told)]
        try:
            self._store.remove(*old)
        except StoreError as error:
            log.info("old reminders could not be forgotten: %s", error)


def _of_interest(signals: Iterable[AnySignal]) -> _Remindable:
    """Only these: to go through the clicks on 10,000 tasks would take its time."""
    return tuple([signal for signal in signals if can_be_reminded_of(signal)])


def _is_of_interest(item: OutboxItem) -> bool:
    return can_be_reminded_of(item.signal)


def _id(told: Told) -> tuple[SignalKey, datetime, int]:
    return (told.key, told.start, told.minutes)


def _told(reminder: Planned, now: datetime) -> Told:
    return Told(
        key=reminder.key,
        start=reminder.start,
        minutes=reminder.minutes,
        ends=reminder.ends,
        told_at=now.astimezone(UTC),
        twin=reminder.meeting,
    )
