"""What a person means by a word, and what is said where it means nothing or too much."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest

from oo_desktop.commands.names import (
    account_named,
    adding_account_named,
    calendar_named,
    calendars_named,
    click_named,
    signal_named,
)
from oo_desktop.errors import Rejected
from oo_desktop.ipc.protocol import WRONG_USAGE, CommandError
from oo_desktop.model.clicks import OutboxItem
from oo_desktop.model.signals import (
    AccountKey,
    Adding,
    Calendar,
    NewTask,
    ProviderId,
    SignalId,
    SignalKey,
    Task,
    UserId,
)
from oo_desktop.model.state import AccountState, AppState, Service

TODOIST = ProviderId("todoist")
ANA = AccountKey(TODOIST, UserId("7"))
BOB = AccountKey(TODOIST, UserId("8"))

MakeTask = Callable[..., Task]


@pytest.fixture
def state(make_task: MakeTask, make_account: Callable[..., AccountState]) -> AppState:
    """Two accounts that have a task and a calendar of the same id, and one that is Ana's alone."""
    team = Calendar(id="team", name="Team")
    return AppState(
        accounts=(
            make_account("7", calendars=(team, Calendar(id="home", name="Home"))),
            make_account("8", calendars=(team,)),
        ),
        signals={
            ANA: (make_task(id="1", user="7"), make_task(id="2", user="7")),
            BOB: (make_task(id="1", user="8"),),
        },
    )


def test_a_signal_is_named_by_its_id_or_in_full(state: AppState) -> None:
    ours = SignalKey(ANA, SignalId("2"))
    assert signal_named(state, "2") == signal_named(state, "todoist:7:2") == ours
    assert signal_named(state, ours) == ours


def test_an_id_that_two_accounts_have_is_asked_for_in_full(state: AppState) -> None:
    with pytest.raises(CommandError) as caught:
        signal_named(state, "1")
    assert str(caught.value) == "Several accounts have 1. Choose one: todoist:7:1, todoist:8:1."
    assert caught.value.code == WRONG_USAGE
    assert signal_named(state, "todoist:8:1").account == BOB


def test_a_click_is_named_by_its_signal_and_the_likeliest_is_meant(
    make_task: MakeTask, make_click: Callable[..., OutboxItem]
) -> None:
    milk, bread = make_task(id="1"), make_task(id="2")
    clicks = [make_click(bread, 3), make_click(milk, 2), make_click(milk, 1)]
    assert click_named(clicks, "1", nothing="None.").number == 2
    assert click_named(clicks, bread.key, nothing="None.").number == 3
    for named in ("9", SignalKey(ANA, SignalId("9"))):
        with pytest.raises(Rejected, match=r"^None\.$"):
            click_named(clicks, named, nothing="None.")


def test_an_account_is_named_by_its_service_unless_there_are_several(state: AppState) -> None:
    assert account_named(state, TODOIST, "8") == BOB
    assert account_named(state, TODOIST, BOB) == BOB
    with pytest.raises(CommandError) as caught:
        account_named(state, TODOIST, None)
    assert str(caught.value) == "Which todoist account? Choose with --user: 7, 8."
    with pytest.raises(Rejected, match="no such ics account"):
        account_named(state, ProviderId("ics"), None)


def test_of_a_service_there_is_not_those_there_are_are_named(state: AppState) -> None:
    services = (Service(id=TODOIST, name="Todoist"), Service(id=ProviderId("ics"), name="Link"))
    state = msgspec.structs.replace(state, services=services)
    with pytest.raises(
        Rejected, match=r"^oO does not know a service called caldav, only todoist, ics"
    ):
        account_named(state, ProviderId("caldav"), "ada")
    with pytest.raises(Rejected, match="no such ics account"):
        account_named(state, ProviderId("ics"), "ada")


def test_a_calendar_is_named_by_its_id_unless_several_accounts_have_it(state: AppState) -> None:
    assert calendar_named(state, "home", None)[0] == ANA
    assert calendar_named(state, "team", "8")[0] == calendar_named(state, "team", BOB)[0] == BOB
    with pytest.raises(CommandError) as caught:
        calendar_named(state, "team", None)
    assert "Choose with --user: 7, 8." in str(caught.value)
    with pytest.raises(Rejected, match="no calendar with this id"):
        calendar_named(state, "work", None)


def test_calendars_are_those_of_one_user_or_of_all(state: AppState) -> None:
    assert len(calendars_named(state, None)) == 3
    assert [calendar.name for _, calendar in calendars_named(state, "8")] == ["Team"]
    with pytest.raises(Rejected, match="no account nobody here"):
        calendars_named(state, "nobody")


# Where a new task goes


@pytest.mark.parametrize("word", ["todoist:7", "7", "Home"])
def test_an_account_for_new_tasks_is_named_in_any_way(
    make_account: Callable[..., AccountState], word: str
) -> None:
    adding = Adding()
    state = AppState(
        accounts=(
            make_account("7", label="Home", adding=adding),
            make_account("8", label="Office", adding=adding),
        )
    )
    assert adding_account_named(state, word) == ANA
    assert adding_account_named(state, ANA) == ANA


def test_of_several_the_one_that_takes_tasks_is_meant(
    make_account: Callable[..., AccountState],
) -> None:
    state = AppState(accounts=(make_account("7"), make_account("8", adding=Adding())))
    assert adding_account_named(state, "todoist") == BOB


def test_where_several_take_tasks_one_has_to_be_chosen(
    make_account: Callable[..., AccountState],
) -> None:
    adding = Adding()
    state = AppState(accounts=(make_account("7", adding=adding), make_account("8", adding=adding)))
    with pytest.raises(CommandError, match="--account: todoist:7, todoist:8") as caught:
        adding_account_named(state, "todoist")
    assert caught.value.code == WRONG_USAGE


def test_an_account_that_is_not_there_takes_nothing(state: AppState) -> None:
    with pytest.raises(Rejected, match="no account nobody here"):
        adding_account_named(state, "nobody")


def test_a_task_that_was_added_is_also_known_by_the_name_it_had_at_first(
    make_task: MakeTask, make_click: Callable[..., OutboxItem]
) -> None:
    new = NewTask(uuid="u", text="Tea", typed_at=datetime(2026, 11, 22, tzinfo=UTC), title="Tea")
    click = make_click(make_task(id="6X1", user="7"), 3, added=new)
    for named in ("6X1", "add:u", "todoist:7:6X1"):
        assert click_named([click], named, nothing="Nothing.") is click
    with pytest.raises(Rejected, match="Nothing"):
        click_named([click], "add:x", nothing="Nothing.")
