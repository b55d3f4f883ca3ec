"""Stands for the engine where notifications are made."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from oo_desktop.events import EventBus, OutboxChanged, ReminderDue, ReminderOver
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.pause import running_pause
from oo_desktop.model.preferences import Notifications
from oo_desktop.model.reminders import Planned
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    Event,
    Fixed,
    ProviderId,
    SignalId,
    SignalKey,
    Task,
    UserId,
)
from oo_desktop.model.state import AccountState, AppState, SignInState
from oo_desktop.testing import FakeClock, task
from tests.fixtures.services import SERVICES
from tests.journeys.recorder import NotificationRecorder

ADA = AccountKey(ProviderId("todoist"), UserId("ada"))
BOB = AccountKey(ProviderId("todoist"), UserId("bob"))


def reminder(
    title: str,
    now: datetime,
    *,
    late: timedelta = timedelta(0),
    starts_in: timedelta = timedelta(minutes=10),
    lasts: timedelta = timedelta(minutes=30),
    **more: Any,
) -> Planned:
    start = now + starts_in
    ends = start + lasts
    details: dict[str, Any] = {
        "id": SignalId(title),
        "source": ProviderId("calendar"),
        "user_id": UserId("ada"),
        "title": title,
        "url": f"https://calendar.example/{title}",
        "start": Fixed(start, "Etc/UTC"),
        "end": Fixed(ends, "Etc/UTC"),
    }
    event = Event(**details | more)
    utc = ZoneInfo("Etc/UTC")
    return Planned(signal=event, zone=utc, start=start, ends=ends, minutes=10, at=now - late)


def reminder_of_task(
    title: str, now: datetime, *, late: timedelta = timedelta(0), **more: Any
) -> Planned:
    """Of a task that is due now, or was due so `late`."""
    start = now - late
    details: dict[str, Any] = {
        "id": SignalId(title),
        "source": ADA.provider,
        "user_id": ADA.user_id,
        "title": title,
        "url": f"https://todoist.example/{title}",
        "due": Fixed(start, "Etc/UTC"),
        "actions": (ActionKind.DONE,),
    }
    task = Task(**details | more)
    ends = start.replace(hour=0) + timedelta(days=1)
    utc = ZoneInfo("Etc/UTC")
    return Planned(signal=task, zone=utc, start=start, ends=ends, minutes=0, at=start)


class FewParts:
    """Stands for the engine: a clock, a bus, and an outbox that a test fills."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.bus = EventBus()
        self.rows: dict[int, OutboxItem] = {}
        self.vault = self
        self.services = SERVICES
        self.outbox = self
        self.reminders = self
        self.given: dict[SignalKey, Planned] = {}
        self.accounts = self
        self.wishes = Notifications()
        self.listed: dict[AccountKey, tuple[Event, ...]] = {}
        self.connected: tuple[AccountState, ...] = ()
        self.pause: datetime | None = None
        self.notified: dict[AccountKey, datetime | None] = {}
        self.held: list[SignalKey] = []
        self.first_start = True
        self.waiting: tuple[SignInState, ...] = ()

    def state(self) -> AppState:
        return AppState(
            accounts=self.connected,
            signals=dict(self.listed),
            outbox=self.items(),
            paused_until=running_pause(self.pause, self.clock.now()),
        )

    def preferences(self) -> Notifications:
        return self.wishes

    def sign_ins(self) -> tuple[SignInState, ...]:
        return self.waiting

    def welcome(self) -> bool:
        return self.first_start

    def items(self) -> tuple[OutboxItem, ...]:
        rows = self.rows.values()
        return tuple(item for item in rows if item.state is not OutboxState.CONFIRMED)

    def undoable(self) -> tuple[OutboxItem, ...]:
        taken_back = {item.undoes for item in self.rows.values()}
        since = self.clock.now() - timedelta(minutes=10)
        return tuple(
            item
            for item in reversed(self.rows.values())
            if item.undoes is None
            and item.number not in taken_back
            and item.state is not OutboxState.REJECTED
            and (item.sent_at or self.clock.now()) >= since
        )[:5]

    def click_as_shown(self, item: OutboxItem) -> OutboxItem:
        return item

    def notified_at(self, key: AccountKey) -> datetime | None:
        return self.notified.get(key)

    def set_notified(self, key: AccountKey, at: datetime | None) -> None:
        self.notified[key] = at

    def shown(self, key: SignalKey) -> Planned | None:
        return self.given.get(key)

    def hold(self, keys: Iterable[SignalKey]) -> None:
        self.held += keys

    def seen(self, keys: Iterable[SignalKey]) -> None:
        self.held = [key for key in self.held if key not in set(keys)]

    # What happens

    def remind(self, *titles: str, publish: bool = True, **more: Any) -> tuple[SignalKey, ...]:
        """It is time to remind of events with these titles; each begins in ten minutes."""
        return self._give([reminder(it, self.clock.now(), **more) for it in titles], publish)

    def remind_of_task(
        self, *titles: str, publish: bool = True, **more: Any
    ) -> tuple[SignalKey, ...]:
        """It is time to remind of tasks with these titles, which are due now."""
        return self._give(
            [reminder_of_task(it, self.clock.now(), **more) for it in titles], publish
        )

    def _give(self, found: list[Planned], publish: bool) -> tuple[SignalKey, ...]:
        self.given |= {each.key: each for each in found}
        keys = tuple(each.key for each in found)
        if publish:
            self.publish(*keys)
        return keys

    def publish(self, *keys: SignalKey) -> None:
        self.bus.publish(ReminderDue(keys))

    def take_back(self, key: SignalKey) -> None:
        del self.given[key]
        self.bus.publish(ReminderOver(key))

    def click(self, number: int, account: AccountKey = ADA, **more: Any) -> OutboxItem:
        signal = task(str(number), source=account.provider, user_id=account.user_id)
        row: dict[str, Any] = {
            "number": number,
            "kind": ActionKind.DONE,
            "uuid": str(number),
            "signal": signal,
            "state": OutboxState.QUEUED,
            "clicked_at": self.clock.now(),
            "send_at": self.clock.now() + timedelta(seconds=5),
        }
        self.rows[number] = OutboxItem(**row | more)
        self.bus.publish(OutboxChanged(account))
        return self.rows[number]

    def becomes(self, state: OutboxState, *numbers: int, **more: Any) -> None:
        if state is OutboxState.SENT:
            more["sent_at"] = self.clock.now()
        for number in numbers:
            self.rows[number] = msgspec.structs.replace(self.rows[number], state=state, **more)
        self.bus.publish(OutboxChanged(self.rows[numbers[0]].signal.account))

    def forget(self, number: int) -> None:
        account = self.rows.pop(number).signal.account
        self.bus.publish(OutboxChanged(account))


def titles(screen: NotificationRecorder) -> list[str]:
    return [shown.title for shown in screen.all]


def visible(screen: NotificationRecorder) -> list[str]:
    return [shown.title for shown in screen.visible.values()]
