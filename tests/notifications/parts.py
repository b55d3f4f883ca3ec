"""Stands for the engine where notifications are made."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from oo_desktop.events import EventBus, OutboxChanged, ReminderDue, ReminderOver
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.reminders import Planned
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    Event,
    Fixed,
    ProviderId,
    SignalId,
    SignalKey,
    UserId,
)
from oo_desktop.model.state import AppState
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
    **more: Any,
) -> Planned:
    start = now + starts_in
    ends = start + timedelta(minutes=30)
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
    return Planned(event=event, zone=utc, start=start, ends=ends, minutes=10, at=now - late)


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

    def state(self) -> AppState:
        return AppState(outbox=self.items())

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

    def notified_at(self, key: AccountKey) -> datetime | None: ...

    def set_notified(self, key: AccountKey, at: datetime | None) -> None: ...

    def shown(self, key: SignalKey) -> Planned | None:
        return self.given.get(key)

    # What happens

    def remind(self, *titles: str, **more: Any) -> tuple[SignalKey, ...]:
        """It is time to remind of events with these titles; each begins in ten minutes."""
        found = [reminder(title, self.clock.now(), **more) for title in titles]
        self.given |= {each.key: each for each in found}
        keys = tuple(each.key for each in found)
        self.bus.publish(ReminderDue(keys))
        return keys

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
