"""Shows reminders: one notification per event or task, and one for all that was slept through.

Each has one place, replaced by its next reminder and withdrawn when the event is moved, cancelled
or over, or the task done. What comes late, because the machine slept or oO did not run, shares a
single notification, and so does what comes in a crowd: nobody reads twenty.
"""

import math
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta
from functools import partial

from oo_desktop.agenda.plan import minutes_until
from oo_desktop.clock import Clock
from oo_desktop.commands.commands import Done, Execute, OpenUrl, Snooze
from oo_desktop.language import plural, translated
from oo_desktop.model.reminders import Planned, snoozed_until, when
from oo_desktop.model.signals import ActionKind, Day, Event, SignalKey, Task, time_of
from oo_desktop.model.text import (
    clock_words,
    date_words,
    elided,
    place_of_zone,
    plain_text,
    title_text,
)
from oo_desktop.model.zones import machine_zone, today_in
from oo_desktop.notifications.notifier import MAX_NAMED, MAX_TITLE, Notifier, WithoutButtons
from oo_desktop.ui.view.accounts import MAX_CALENDAR_NAME
from oo_desktop.ui.view.events import certainty_words

LATE = timedelta(minutes=2)
"""A reminder that comes later than this after its time was held up by more than a slow timer."""

DIGEST_SECONDS = 60.0
"""Within which what comes late joins the last digest: the first poll brings more of it."""

MAX_ALONE = 3
"""Reminders at one time that get a notification each."""

MAX_JOINS = 2
"""Buttons of a digest."""

JOIN_WITHIN = timedelta(minutes=10)
"""How long before its start a digest offers to join a meeting."""

MAX_BUTTON = 24

DIGEST = "reminders"


class ReminderNotice:
    """Shows reminders.

    shown: the reminder of an event, if it was given and still holds.
    execute: does what a button says.
    """

    def __init__(
        self,
        *,
        notifier: Notifier,
        clock: Clock,
        shown: Callable[[SignalKey], Planned | None],
        execute: Execute,
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._shown = shown
        self._execute = execute
        self._digest: dict[SignalKey, Planned] = {}
        self._digest_at = -math.inf

    async def due(self, keys: Iterable[SignalKey]) -> None:
        """Remind of the events and tasks with these keys."""
        now = self._clock.now()
        reminders = [each for key in keys if (each := self._shown(key)) is not None]
        together = self._together(reminders, now)
        if together:
            await self._add_to_digest(together, now)
        told = {each.key for each in together}
        for each in reminders:
            # Asked again: it may have been taken back while others were shown.
            if each.key not in told and (still := self._shown(each.key)) is not None:
                self._digest.pop(each.key, None)
                await self._show(still, now)

    async def over(self, keys: Iterable[SignalKey]) -> None:
        """Take back what was said of these events and tasks: it holds no longer."""
        gone: list[Planned] = []
        for key in keys:
            for identifier in _identifiers(key):
                await self._notifier.withdraw(identifier)
            if (reminder := self._digest.pop(key, None)) is not None:
                gone.append(reminder)
        now = self._clock.now()
        if gone and not self._digest:
            await self._notifier.withdraw(DIGEST)
        elif any(each.ends > now for each in gone):
            # Moved or cancelled: the digest would be wrong, not merely old.
            await self._show_digest(now)

    def _together(self, reminders: list[Planned], now: datetime) -> list[Planned]:
        if len(reminders) > MAX_ALONE:
            return reminders
        late = [each for each in reminders if _is_late(each, now)]
        return late if len(late) > 1 or (late and self._digest_is_new()) else []

    def _digest_is_new(self) -> bool:
        age = self._clock.monotonic() - self._digest_at
        return bool(self._digest) and age <= DIGEST_SECONDS

    # One

    async def _show(self, reminder: Planned, now: datetime) -> None:
        signal, key = reminder.signal, reminder.key
        body = body_words(reminder, now)
        url = signal.url
        buttons: dict[str, Callable[[], object]] = {}
        without_buttons: WithoutButtons | None = None
        if isinstance(signal, Task):
            if ActionKind.DONE in signal.actions:
                # Translators: a button: the task is done
                buttons[translated("Done")] = partial(self._execute, Done(key))
                without_buttons = _without_buttons(body, translated("Tick it off in oO’s menu."))
        elif signal.join_url:
            # Translators: a button: takes part in a meeting
            buttons[translated("Join")] = partial(self._execute, OpenUrl(signal.join_url))
            without_buttons = _without_buttons(body, translated("Join from oO’s menu."))
            url = url or signal.join_url
        if not buttons and url:
            buttons[translated("Open")] = partial(self._execute, OpenUrl(url))
        if snoozed_until(reminder, now) is not None:
            # Translators: a button: reminds once more, later
            buttons[translated("Snooze")] = partial(self._execute, Snooze(key))
        await self._notifier.show(
            _identifier(reminder.signal),
            title=title_words(reminder, now),
            body=body,
            buttons=buttons,
            without_buttons=without_buttons,
            click=partial(self._execute, OpenUrl(url)) if url else None,
        )

    # Several

    async def _add_to_digest(self, reminders: list[Planned], now: datetime) -> None:
        if not self._digest_is_new():
            self._digest = {}
        self._digest_at = self._clock.monotonic()
        self._digest |= {each.key: each for each in reminders}
        for each in reminders:
            # An earlier one of the same event or task.
            await self._notifier.withdraw(_identifier(each.signal))
        await self._show_digest(now)

    async def _show_digest(self, now: datetime) -> None:
        coming = sorted(
            (each for each in self._digest.values() if each.ends > now),
            key=lambda each: each.start,
        )
        if not coming:
            await self._notifier.withdraw(DIGEST)
            return
        await self._notifier.show(
            DIGEST,
            title=_digest_title(coming, now),
            body=_digest_words(coming, now),
            buttons=self._joins(coming, now),
        )

    def _joins(self, coming: Collection[Planned], now: datetime) -> dict[str, Callable[[], object]]:
        buttons: dict[str, Callable[[], object]] = {}
        for each in coming:
            url = each.signal.join_url if isinstance(each.signal, Event) else None
            if url and each.start - now <= JOIN_WITHIN and len(buttons) < MAX_JOINS:
                name = title_text(each.signal.title, MAX_BUTTON)
                label = translated("Join “{title}”", title=name)
                buttons.setdefault(label, partial(self._execute, OpenUrl(url)))
        return buttons


def title_words(reminder: Planned, now: datetime) -> str:
    """Say what and when: `Stand-up at 14:00`, `Stand-up tomorrow at 14:00`, `Holiday tomorrow`."""
    title = title_text(reminder.signal.title, MAX_TITLE)
    zone, begins = reminder.zone, when(reminder.signal)
    today = today_in(zone, now)
    if isinstance(begins, Day):
        return _day_title(title, max(begins.day, today), today)
    day = reminder.start.astimezone(zone).date()
    at = time_of(begins, zone)
    if at is None:
        return _day_title(title, day, today)
    time = clock_words(at)
    if place := _other_clock(reminder):
        # Translators: a time, and the place whose clock shows it: “14:00 (New York)”
        time = translated("{time} ({place})", time=time, place=place)
    match (day - today).days:
        case -1:
            return translated("{title} yesterday at {time}", title=title, time=time)
        case 0:
            return translated("{title} at {time}", title=title, time=time)
        case 1:
            return translated("{title} tomorrow at {time}", title=title, time=time)
        case _:
            named = date_words(day, today.year)
            return translated("{title} on {date} at {time}", title=title, date=named, time=time)


def _day_title(title: str, day: date, today: date) -> str:
    match (day - today).days:
        case -1:
            return translated("{title} yesterday", title=title)
        case 0:
            return translated("{title} today", title=title)
        case 1:
            return translated("{title} tomorrow", title=title)
        case _:
            return translated("{title} on {date}", title=title, date=date_words(day, today.year))


def body_words(reminder: Planned, now: datetime) -> str:
    """Say how soon, in which calendar, how certain; and where, on a line of its own."""
    signal = reminder.signal
    container = plain_text(signal.container.name) if signal.container else ""
    certainty, where = "", ""
    if isinstance(signal, Event):
        certainty = certainty_words(signal)
        where = "" if "://" in (signal.where or "") else plain_text(signal.where or "")
    parts = (_how_soon(reminder, now), elided(container, MAX_CALENDAR_NAME), certainty)
    lines = (" · ".join(filter(None, parts)), elided(where, MAX_TITLE))
    return "\n".join(filter(None, lines))


def line_words(reminder: Planned, now: datetime) -> str:
    """Say what and when in a line among others, and whether it has begun."""
    words = title_words(reminder, now)
    if not _has_begun(reminder, now):
        return words
    # Translators: what and when, and that it has begun: “Stand-up at 14:00 · it has begun”
    return translated("{reminder} · it has begun", reminder=words)


def _without_buttons(body: str, instead: str) -> WithoutButtons:
    """Says what to do before it says where the event is: what comes last may be cut off."""
    first, _, rest = body.partition("\n")
    return WithoutButtons("\n".join(filter(None, (first, instead, rest))))


def _identifier(signal: Event | Task) -> str:
    kind = "task" if isinstance(signal, Task) else "event"
    return f"{kind}:{signal.source}:{signal.user_id}:{signal.id}"


def _identifiers(key: SignalKey) -> tuple[str, str]:
    """Those of the task and of the event with that name: what is gone cannot be asked for."""
    name = f"{key.account.provider}:{key.account.user_id}:{key.id}"
    return f"task:{name}", f"event:{name}"


def _is_late(reminder: Planned, now: datetime) -> bool:
    return now - reminder.at > LATE


def _other_clock(reminder: Planned) -> str:
    """`New York` where the clock on the wall shows another time than the account's."""
    here, there = (
        reminder.start.astimezone(machine_zone()),
        reminder.start.astimezone(reminder.zone),
    )
    return "" if here.utcoffset() == there.utcoffset() else place_of_zone(reminder.zone.key)


def _has_begun(reminder: Planned, now: datetime) -> bool:
    """Whether an event runs. A task that is due does not."""
    signal = reminder.signal
    if isinstance(signal, Task) or isinstance(signal.start, Day):
        return False
    return reminder.start <= now


def _how_soon(reminder: Planned, now: datetime) -> str:
    if isinstance(when(reminder.signal), Day):
        return ""
    minutes = minutes_until(reminder.start, now)
    if minutes > 24 * 60:
        return ""
    if minutes >= 60:
        hours, rest = divmod(minutes, 60)
        if rest:
            # Translators: “h” and “min” are short for hours and minutes
            return translated("In {hours} h {minutes} min", hours=hours, minutes=rest)
        # Translators: “h” is short for hours
        return plural("In {count} h", "In {count} h", hours)
    if minutes > 0:
        # Translators: “min” is short for minutes
        return plural("In {count} min", "In {count} min", minutes)
    if isinstance(reminder.signal, Task):
        return translated("Due now") if minutes == 0 else translated("It was due")
    # Translators: an event begins at this moment
    return translated("Now") if minutes == 0 else translated("It has begun")


def _digest_title(coming: Collection[Planned], now: datetime) -> str:
    """Says nothing of why they come together: the calendar may be new, and nobody was away."""
    tasks, count = sum(isinstance(each.signal, Task) for each in coming), len(coming)
    if tasks == count:
        return plural("{count} task is due", "{count} tasks are due", count)
    if tasks:
        return plural("{count} reminder", "{count} reminders", count)
    begun = sum(_has_begun(each, now) for each in coming)
    if begun == count:
        return plural("{count} event running", "{count} events running", count)
    if begun:
        return plural(
            "{count} event running or coming up", "{count} events running or coming up", count
        )
    return plural("{count} event coming up", "{count} events coming up", count)


def _digest_words(coming: Collection[Planned], now: datetime) -> str:
    lines = [line_words(each, now) for each in list(coming)[:MAX_NAMED]]
    if len(coming) > MAX_NAMED:
        lines.append(plural("and {count} more", "and {count} more", len(coming) - MAX_NAMED))
    return "\n".join(lines)
