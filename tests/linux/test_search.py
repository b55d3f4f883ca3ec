"""What is typed in the desktop's search is found in the list, and what is chosen is done."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.selection import Selection
from oo_desktop.commands.commands import Act, Add, Command, Done, OpenUrl, ShowWindow
from oo_desktop.linux.search import MAX_RESULTS, DesktopSearch, id_of
from oo_desktop.model.signals import ActionKind, Day, Task
from oo_desktop.model.state import AccountState, AppState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def titles(search: DesktopSearch, *words: str) -> list[str]:
    return [result.title for result in search.results(words)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["milk"], ["Milk the cow", "Buy milk"]),
        (["MILK", "buy"], ["Buy milk"]),
        (["work"], ["Milk the cow", "Call <b>Ana</b>"]),
        (["lun"], ["Lunch"]),
        (["milk", "bread"], []),
        ([], []),
        (["  "], []),
    ],
)
def test_what_has_all_words_in_its_title_or_project_is_found_in_the_order_of_the_list(
    search: DesktopSearch, words: list[str], found: list[str]
) -> None:
    assert titles(search, *words) == found


def test_a_result_says_when_and_where_it_is(search: DesktopSearch) -> None:
    about = {result.title: result.about for result in search.results(["l"])}
    assert about["Milk the cow"] == "Overdue since Fri 20 Nov · Work"
    assert about["Buy milk"] == "Today"
    assert about["Call <b>Ana</b>"] == "Today 17:00 · Work"
    assert about["Lunch"].startswith("Today 14:00")


def test_words_that_begin_with_add_offer_to_add_the_rest(search: DesktopSearch) -> None:
    assert titles(search, "add", "oat", "milk") == ["Add a task: oat milk"]
    assert titles(search, "Todo:", "oat", "milk") == ["Add a task: oat milk"]
    assert titles(search, "add") == []


def test_a_result_is_opened_in_its_service_and_what_has_no_page_in_the_window(
    search: DesktopSearch, said: list[Command]
) -> None:
    for (result,) in (search.results(["ana"]), search.results(["buy"])):
        search.open(result.id)
    search.open("gone")
    assert said == [OpenUrl("https://todoist.example/2"), ShowWindow(), ShowWindow()]


def test_what_is_to_be_added_is_added(search: DesktopSearch, said: list[Command]) -> None:
    (result,) = search.results(["add", "oat", "milk"])
    search.open(result.id)
    assert said == [Add("oat milk")]


def test_a_button_does_what_it_says(
    search: DesktopSearch, said: list[Command], selection: Selection
) -> None:
    (result,) = search.results(["buy"])
    key = next(iter(selection.today)).signal.key
    search.act(result.id, ActionKind.DONE)
    search.act(result.id, ActionKind.TOMORROW)
    assert said == [Done(key), Act(key, ActionKind.TOMORROW)]


def test_a_button_that_is_not_offered_any_more_does_nothing(
    search: DesktopSearch, said: list[Command]
) -> None:
    (cow,) = search.results(["cow"])
    search.act(cow.id, ActionKind.DONE)
    search.act("gone", ActionKind.DONE)
    assert said == []


def test_results_are_described_by_their_ids_as_long_as_they_are_on_the_list(
    search: DesktopSearch,
) -> None:
    ids = [result.id for result in search.results(["milk"])]
    described = search.described([*reversed(ids), "gone", "add:bread"])
    assert [each.title for each in described] == ["Buy milk", "Milk the cow", "Add a task: bread"]


def test_while_titles_are_hidden_nothing_is_found(said: list[Command]) -> None:
    search = DesktopSearch(selection=lambda: None, execute=said.append)
    assert search.results(["milk"]) == search.described(["todoist:1:1"]) == []
    search.act("todoist:1:1", ActionKind.DONE)
    search.open("todoist:1:1")
    assert said == [ShowWindow()]


def test_of_many_the_first_are_found(
    make_task: Callable[..., Task], make_account: Callable[..., AccountState]
) -> None:
    account = make_account()
    tasks = tuple(make_task(f"T {n}", Day(date(2026, 11, 22)), id=str(n)) for n in range(100))
    state = AppState(accounts=(account,), signals={account.key: tasks})
    selection = Agenda().select(state, NOW)
    search = DesktopSearch(selection=lambda: selection, execute=lambda _: None)
    assert [each.id for each in search.results(["t"])] == [
        id_of(task.key) for task in tasks[:MAX_RESULTS]
    ]


@given(st.lists(st.text(max_size=300), max_size=30))
def test_no_words_are_too_strange(words: list[str]) -> None:
    selection = Agenda().select(AppState(), NOW)
    search = DesktopSearch(selection=lambda: selection, execute=lambda _: None)
    results = search.results(words)
    assert len(results) <= 1
    assert all("\n" not in each.title for each in results)
