"""Whoever follows the list hears of every change of it, and of nothing else."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.changes import ListChanges
from oo_desktop.agenda.selection import Selection
from oo_desktop.model.clicks import OutboxItem
from oo_desktop.model.signals import AnySignal, Day, Fixed, Task
from oo_desktop.model.state import AccountState, AppState
from tests.ui.view.happenings import ADA, calendars, meeting

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

MakeTask = Callable[..., Task]
MakeAccount = Callable[..., AccountState]
MakeClick = Callable[..., OutboxItem]


class Desk:
    """A list, drawn as the shell draws it, and how often a follower heard of a change."""

    def __init__(self) -> None:
        self.changes = ListChanges()
        self.heard = 0
        self._agenda = Agenda()
        self.leave = self.changes.follow(self._hear)

    def _hear(self) -> None:
        self.heard += 1

    def draw(
        self, account: AccountState, *signals: AnySignal, now: datetime = NOW, **more: object
    ) -> Selection:
        state = AppState(
            accounts=(account, calendars()),
            signals={
                account.key: tuple(each for each in signals if isinstance(each, Task)),
                ADA: tuple(each for each in signals if not isinstance(each, Task)),
            },
            **more,  # type: ignore[arg-type]  # what a test says of its own
        )
        selection = self._agenda.select(state, now, local_zone=BERLIN)
        self.changes.drawn(selection)
        return selection


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_first_list_is_a_change(desk: Desk, make_account: MakeAccount) -> None:
    desk.draw(make_account())
    assert desk.heard == 1


def test_the_same_list_drawn_again_is_none(
    desk: Desk, make_task: MakeTask, make_account: MakeAccount
) -> None:
    account, task = make_account(), make_task("Milk", Day(date(2026, 11, 22)))
    event = meeting("Lunch", NOW + timedelta(minutes=30))
    desk.draw(account, task, event)
    desk.draw(account, task, event, now=NOW + timedelta(minutes=1))
    desk.draw(account, make_task("Milk", Day(date(2026, 11, 22))), event)
    assert desk.heard == 1


def test_what_comes_goes_or_reads_otherwise_is_a_change(
    desk: Desk, make_task: MakeTask, make_account: MakeAccount
) -> None:
    account, milk = make_account(), make_task("Milk", Day(date(2026, 11, 22)), id="1")
    bread = make_task("Bread", Day(date(2026, 11, 22)), id="2")
    lunch = meeting("Lunch", NOW + timedelta(minutes=30))
    for drawn in ((milk,), (milk, bread), (bread,), (bread, lunch)):
        desk.draw(account, *drawn)
    desk.draw(account, make_task("Rye bread", Day(date(2026, 11, 22)), id="2"), lunch)
    assert desk.heard == 5


def test_what_only_time_changes_is_a_change(
    desk: Desk, make_task: MakeTask, make_account: MakeAccount
) -> None:
    account = make_account()
    call = make_task("Call", Fixed(NOW + timedelta(minutes=5), "UTC"))
    lunch = meeting("Lunch", NOW + timedelta(minutes=30))
    desk.draw(account, call, lunch)
    desk.draw(account, call, lunch, now=NOW + timedelta(minutes=6))  # the call is overdue
    desk.draw(account, call, lunch, now=NOW + timedelta(minutes=31))  # lunch is now
    assert desk.heard == 3


def test_a_click_is_a_change(
    desk: Desk, make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    account, task = make_account(), make_task("Milk", Day(date(2026, 11, 22)))
    desk.draw(account, task)
    desk.draw(account, task, outbox=(make_click(task),))
    assert desk.heard == 2


def test_who_has_left_hears_nothing_more(
    desk: Desk, make_task: MakeTask, make_account: MakeAccount
) -> None:
    account = make_account()
    desk.draw(account)
    desk.leave()
    desk.draw(account, make_task("Milk", Day(date(2026, 11, 22))))
    desk.leave()
    assert desk.heard == 1
