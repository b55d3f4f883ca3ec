"""The filter language: what matches, what is refused, and laws that hold for all of it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.todoist.errors import TodoistApiError
from oo_desktop.sandbox.todoist.filter import FilterView, predicate_from_query
from oo_desktop.sandbox.world import World
from tests.sandbox.guest import DUE, Guest

NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
WORLD = World(clock=SandboxClock(base=lambda: NOON), zone="Europe/Berlin")
ADA = next(iter(WORLD.todoist.state.accounts.values()))
EVERYTHING = set(ADA.tasks)

atoms = st.sampled_from(
    [
        "today",
        "overdue",
        "od",
        "no date",
        "view all",
        "p1",
        "p2",
        "p4",
        "@phone",
        "#Work",
        "#Notes & Letters".replace("&", r"\&"),
        "assigned",
        "assigned to: me",
        "recurring",
        "7 days",
        "due before: tomorrow",
        "search: the",
    ]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} | {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}&{two[1]})"),
        inner.map(lambda one: f"!({one})"),
        inner.map(lambda one: f" ( {one} ) "),
    )


queries = st.recursive(atoms, _grown, max_leaves=6)


def refusal(query: str) -> tuple[int, int] | None:
    """Status and code of the error a query is answered with; None: it is understood."""
    try:
        matching(query)
    except TodoistApiError as error:
        return error.status, error.code
    return None


def matching(query: str) -> set[str]:
    matches: Callable[..., bool] = predicate_from_query(query)
    view = FilterView(ADA, NOON)
    return {task.id for task in ADA.tasks.values() if matches(task, view)}


@given(queries)
def test_not_gives_the_others_and_twice_not_nothing_new(query: str) -> None:
    assert matching(f"!({query})") == EVERYTHING - matching(query)
    assert matching(f"!!({query})") == matching(query)


@given(queries, queries)
def test_or_joins_and_and_intersects(one: str, two: str) -> None:
    assert matching(f"({one}) | ({two})") == matching(one) | matching(two)
    assert matching(f"({one}) & ({two})") == matching(one) & matching(two)


@given(atoms, atoms, atoms)
def test_and_binds_tighter_than_or(one: str, two: str, three: str) -> None:
    assert matching(f"{one} | {two} & {three}") == matching(f"{one} | ({two} & {three})")
    assert matching(f"!{one} & {two}") == matching(f"(!{one}) & {two}")


@given(st.text(alphabet=st.characters() | st.sampled_from("()&|!,#@\\ p1today"), max_size=30))
def test_any_text_is_a_filter_or_refused_with_code_55(text: str) -> None:
    assert refusal(text) in {None, (400, 55)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(",
        "today |",
        "today & & p1",
        "hoy",
        "today, overdue",
        "(today",
        "today)",
        "!",
        "#",
        "@",
    ],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(TodoistApiError) as refused:
        predicate_from_query(text)
    assert refused.value.tag == "INVALID_SEARCH_QUERY"


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(TodoistApiError):
        predicate_from_query("(" * 500 + "today" + ")" * 500)


async def test_the_usual_filter_finds_what_is_due_and_nobody_elses(guest: Guest) -> None:
    assert await guest.titles(DUE) == [
        "Take back the library books",
        "Send the grant report",
        "Call **Ana** about [the offer](https://example.com/offer)",
        "Stand-up with Lisbon",
        "Water the plants",
        "Back up the laptop",
        "File the VAT return",
        "Review <b>oO</b> & rename snake_case_names",
        "* Errands on the way home",
    ]


async def test_somebody_elses_task_is_found_where_assignment_is_not_asked(guest: Guest) -> None:
    assert "Order punch cards" in await guest.titles("today | overdue")
    assert await guest.titles("assigned to: others") == ["Order punch cards"]


async def test_a_task_without_a_date_is_found_by_its_deadline(guest: Guest) -> None:
    await guest.add("Only a deadline", deadline="2026-11-20")
    assert "Only a deadline" in await guest.titles("overdue")
    assert "Only a deadline" not in await guest.titles("no date")


async def test_a_due_date_counts_before_the_deadline(guest: Guest) -> None:
    await guest.add("Both", deadline="2026-11-20", due={"date": "2026-11-30"})
    assert "Both" not in await guest.titles(DUE)


async def test_p1_is_the_priority_the_api_calls_4(guest: Guest) -> None:
    await guest.add("Urgent", priority=4)
    assert "Urgent" in await guest.titles("p1")
    assert "Urgent" not in await guest.titles("p4")


async def test_projects_and_labels_match_by_name_with_escapes_and_wildcards(guest: Guest) -> None:
    assert len(await guest.titles(r"#Notes \& Letters")) == 2
    assert len(await guest.titles("#Notes*")) == 2
    assert await guest.titles("@ph*") == [
        "Call **Ana** about [the offer](https://example.com/offer)"
    ]


async def test_a_double_hash_includes_projects_below(guest: Guest) -> None:
    work = next(p for p in guest.ada.projects.values() if p.name == "Work")
    home = next(p for p in guest.ada.projects.values() if p.name == "Home")
    home.parent_id = work.id
    assert "Water the plants" in await guest.titles("##Work")
    assert "Water the plants" not in await guest.titles("#Work")


async def test_today_is_the_accounts_today(guest: Guest) -> None:
    await guest.add("At the end of the day", due={"date": "2026-11-22T23:30:00"})
    await guest.control("set_zone", zone="Pacific/Auckland")
    titles = await guest.titles("today")
    assert "At the end of the day" not in titles
    assert "At the end of the day" in await guest.titles("overdue")


async def test_a_fixed_time_falls_on_the_day_it_has_for_the_person(guest: Guest) -> None:
    await guest.add("Call Tokyo", due={"date": "2026-11-22T23:30:00Z", "timezone": "Asia/Tokyo"})
    assert "Call Tokyo" in await guest.titles("tomorrow")


async def test_english_is_understood_whatever_the_language(guest: Guest) -> None:
    assert (await guest.get("/tasks/filter", query="today", lang="de")).status_code == 200
