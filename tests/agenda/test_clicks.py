"""What clicks on their way change of the lists, and what they leave the very same."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.clicks import ClickEffects
from oo_desktop.agenda.placement import Placement
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.signals import AccountKey, Day, Event, Fixed, SignalId, Task
from oo_desktop.model.state import AccountState, AppState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = Day(date(2026, 11, 22))

MakeTask = Callable[..., Task]
MakeClick = Callable[..., OutboxItem]


def followed(outbox: tuple[OutboxItem, ...], *listed: Task) -> tuple[ClickEffects, AccountKey]:
    placement = Placement(listed, BERLIN)
    placement.complete()
    effects, account = ClickEffects(), listed[0].account
    effects.follow(outbox, {account: placement})
    return effects, account


def test_what_is_done_is_not_shown_and_all_else_is_as_it_is_listed(
    make_task: MakeTask, make_click: MakeClick
) -> None:
    done, other = make_task("Done", TODAY, id="1"), make_task("Other", TODAY, id="2")
    effects, account = followed((make_click(done),), done, other)
    assert effects.changed(account) == {"1": None}
    assert list(effects.moments(account)) == []


def test_of_what_a_service_refused_nothing_is_changed(
    make_task: MakeTask, make_click: MakeClick
) -> None:
    task = make_task("Task", TODAY)
    effects, account = followed((make_click(task, state=OutboxState.REJECTED),), task)
    assert effects.changed(account) == {}


def test_an_account_that_is_not_there_is_not_followed(
    make_task: MakeTask, make_click: MakeClick
) -> None:
    task, gone = make_task("Task", TODAY), make_task("Gone", TODAY, user="8")
    effects, _ = followed((make_click(gone),), task)
    assert effects.changed(gone.account) == {}


def test_a_click_on_a_task_leaves_the_events_the_very_same(
    make_task: MakeTask, make_click: MakeClick
) -> None:
    task = make_task("Bread")
    start, end = (Fixed(NOW + timedelta(hours=hours), "UTC") for hours in (1, 2))
    event = Event(
        id=SignalId("2"),
        source=task.source,
        user_id=task.user_id,
        title="Tea",
        start=start,
        end=end,
    )
    account = AccountState(key=task.account, label="")
    state = AppState(accounts=(account,), signals={account.key: (task, event)})
    agenda = Agenda()
    first = agenda.select(state, NOW, local_zone=BERLIN)
    clicked = msgspec.structs.replace(state, outbox=(make_click(task),))
    then = agenda.select(clicked, NOW, local_zone=BERLIN)
    assert (len(first.later), len(then.later)) == (1, 0)
    assert then.events is first.events
    assert then.plan is first.plan
