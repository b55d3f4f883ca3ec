"""Which events become notifications, and that no order of events becomes a flood of them."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

import msgspec
import pytest

from oo_desktop.engine import Engine
from oo_desktop.events import EventBus, OutboxChanged
from oo_desktop.notifying import Notifying
from oo_desktop.signals.model import AccountKey, ActionKind, ProviderId, UserId
from oo_desktop.signals.state import AppState, OutboxItem, OutboxState
from oo_desktop.testing import FakeClock, settle, task
from oo_desktop.ui.commands import Commands
from tests.journeys.recorder import NotificationRecorder

ADA = AccountKey(ProviderId("todoist"), UserId("ada"))
BOB = AccountKey(ProviderId("todoist"), UserId("bob"))


class FewParts:
    """Stands for the engine: a clock, a bus, and an outbox that a test fills."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.bus = EventBus()
        self.rows: dict[int, OutboxItem] = {}
        self.integrations = self
        self.outbox = self

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
            and item.state is not OutboxState.REFUSED
            and (item.sent_at or self.clock.now()) >= since
        )[:5]

    def notified_at(self, key: AccountKey) -> datetime | None: ...

    def set_notified(self, key: AccountKey, at: datetime | None) -> None: ...

    # What happens

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


@pytest.fixture
def parts() -> FewParts:
    return FewParts()


@pytest.fixture
def screen() -> NotificationRecorder:
    return NotificationRecorder()


@pytest.fixture
async def notifying(parts: FewParts, screen: NotificationRecorder) -> Any:
    tasks: set[asyncio.Task[Any]] = set()

    def go(work: Coroutine[Any, Any, object]) -> None:
        tasks.add(asyncio.ensure_future(work))

    def nothing(*_args: object) -> None: ...

    commands = Commands(**dict.fromkeys(Commands.__dataclass_fields__, nothing))
    engine = cast("Engine", parts)  # all that Notifying asks of one
    notifying = Notifying(engine=engine, commands=commands, go=go, notifier=screen)
    notifying.start()
    yield notifying
    for running in tasks:
        running.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


pytestmark = pytest.mark.usefixtures("notifying")


def titles(screen: NotificationRecorder) -> list[str]:
    return [shown.title for shown in screen.all]


def visible(screen: NotificationRecorder) -> list[str]:
    return [shown.title for shown in screen.visible.values()]


async def test_a_click_that_is_sent_and_confirmed_in_time_says_nothing_more(
    parts: FewParts, notifying: Notifying, screen: NotificationRecorder
) -> None:
    await notifying.clicked(parts.click(1))
    await parts.clock.advance(6)
    parts.becomes(OutboxState.SENT, 1)
    await settle()
    parts.becomes(OutboxState.CONFIRMED, 1)
    await settle()
    assert visible(screen) == ["Done: Task 1"]
    assert len(screen.all) == 1


async def test_where_undo_has_ended_its_notification_goes(
    parts: FewParts, notifying: Notifying, screen: NotificationRecorder
) -> None:
    await notifying.clicked(parts.click(1))
    parts.becomes(OutboxState.SENT, 1)
    await settle()
    parts.becomes(OutboxState.CONFIRMED, 1)
    await parts.clock.advance(601)
    parts.click(2)
    await settle()
    assert visible(screen) == []


async def test_a_click_taken_back_takes_its_notification_along(
    parts: FewParts, notifying: Notifying, screen: NotificationRecorder
) -> None:
    await notifying.clicked(parts.click(1))
    parts.forget(1)  # undone before it was sent
    await settle()
    assert visible(screen) == []
    await notifying.clicked(parts.click(2))
    parts.becomes(OutboxState.SENT, 2)
    parts.click(3, kind=ActionKind.REOPEN, undoes=2)
    await settle()
    assert visible(screen) == []


async def test_a_click_that_is_refused_is_no_longer_called_done(
    parts: FewParts, notifying: Notifying, screen: NotificationRecorder
) -> None:
    await notifying.clicked(parts.click(1))
    parts.becomes(OutboxState.REFUSED, 1, reason="It is read-only.")
    await settle()
    assert visible(screen) == ["Not done: Task 1"]
    parts.becomes(OutboxState.QUEUED, 1)  # tried again
    await settle()
    assert visible(screen) == []
    await parts.clock.advance(5)
    parts.becomes(OutboxState.REFUSED, 1)
    await settle()
    assert visible(screen) == ["Not done: Task 1"]


async def test_more_clicks_than_can_be_undone_stay_named_as_done(
    parts: FewParts, notifying: Notifying, screen: NotificationRecorder
) -> None:
    for number in range(1, 8):
        await notifying.clicked(parts.click(number))
    await settle()
    assert visible(screen) == ["7 tasks done"]
    assert len(screen.all) == 7


async def test_what_was_refused_before_the_start_is_no_news(
    parts: FewParts, screen: NotificationRecorder, notifying: Notifying
) -> None:
    parts.click(1)
    await settle()
    parts.rows[1] = msgspec.structs.replace(parts.rows[1], state=OutboxState.REFUSED)
    notifying.start()
    parts.click(3)
    await settle()
    assert titles(screen) == []


async def test_what_waited_for_long_is_told_once_when_all_has_gone_out(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    for number in range(12):
        parts.click(number)
    await parts.clock.advance(3 * 86_400)
    parts.becomes(OutboxState.SENT, *range(6))
    await settle()
    assert titles(screen) == []
    await parts.clock.advance(2)
    parts.becomes(OutboxState.SENT, *range(6, 12))
    await settle()
    parts.becomes(OutboxState.CONFIRMED, *range(12))
    parts.click(12)  # just clicked: it waits for its own reasons
    await settle()
    assert titles(screen) == ["12 changes were sent to Todoist"]


async def test_a_short_wait_is_not_worth_a_word(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.click(1)
    await parts.clock.advance(300)
    parts.becomes(OutboxState.SENT, 1)
    await settle()
    assert titles(screen) == []


async def test_after_a_long_wait_a_refusal_is_the_only_thing_to_know(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    for number in range(5):
        parts.click(number)
    await parts.clock.advance(3600)
    parts.becomes(OutboxState.REFUSED, 0, reason="It is gone.")
    await settle()
    parts.becomes(OutboxState.SENT, 1, 2, 3, 4)
    await settle()
    assert titles(screen) == ["Not done: Task 0"]


async def test_two_accounts_that_are_back_share_a_digest(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.click(1)
    parts.click(2, BOB)
    await parts.clock.advance(3600)
    parts.becomes(OutboxState.SENT, 1)
    parts.becomes(OutboxState.SENT, 2)
    await settle()
    assert visible(screen) == ["2 changes were sent to Todoist"]


@pytest.fixture(params=range(5))
def random(request: pytest.FixtureRequest) -> Random:
    return Random(request.param)


async def test_a_thousand_rows_in_any_order_of_events_are_no_flood(
    parts: FewParts, screen: NotificationRecorder, random: Random
) -> None:
    for number in range(1000):
        parts.click(number)
    await parts.clock.advance(7200)
    order = list(range(1000))
    random.shuffle(order)
    while order:
        batch = [order.pop() for _ in range(min(len(order), random.randint(1, 100)))]
        state = random.choice([OutboxState.SENT, OutboxState.SENT, OutboxState.REFUSED])
        for number in batch if random.random() < 0.5 else ():
            parts.becomes(state, number)  # one by one
        parts.becomes(state, *batch)
        await (settle() if random.random() < 0.5 else parts.clock.advance(random.random()))
    await parts.clock.advance(3600)
    assert len(screen.all) <= 5
    refused = sum(item.state is OutboxState.REFUSED for item in parts.items())
    assert visible(screen) == [f"{refused} changes were not accepted"]
