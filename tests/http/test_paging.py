"""Pages, as Todoist hands them out: all of a list, or none of it, and an end to each."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.connectors.todoist.wire import TODOIST_LISTS, TaskWire
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import ServiceClient
from oo_desktop.http.paging import MAX_ITEMS, MAX_LIST_BYTES, MAX_PAGES, Listed, Marks
from oo_desktop.testing import FakeClock
from tests.connectors.todoist.lists import ADA, Todoist, TodoistWithin, ids, page, task
from tests.http.scripted import Asked, Reply, ScriptedService


@pytest.fixture
def todoist(service: ScriptedService) -> Todoist:
    todoist = Todoist()
    service.answer = todoist
    return todoist


@pytest.fixture
def source(client: ServiceClient, clock: FakeClock) -> TodoistSource:
    return TodoistSource(client=lambda _: client, now=clock.monotonic)


async def test_all_pages_are_read_and_each_task_shown_once(
    source: TodoistSource, service: ScriptedService, todoist: Todoist
) -> None:
    todoist.tasks = [
        page(task("a"), task("b"), cursor="1/+="),
        page(cursor="2"),
        page(task("b", content="Newer"), task("c")),
    ]
    snapshot = await source.fetch_signals(ADA)
    assert ids(snapshot) == ["a", "b", "c"]
    assert snapshot.signals[1].title == "Newer"
    cursors = [asked.query.get("cursor") for asked in service.asked[:3]]
    assert cursors == [None, "1/+=", "2"]


async def test_a_page_that_fails_fails_the_whole_list(
    source: TodoistSource, todoist: Todoist
) -> None:
    todoist.tasks = [page(task("a"), cursor="1"), Reply(500)]
    with pytest.raises(Unavailable):
        await source.fetch_signals(ADA)


BAD_CURSOR = Reply(
    400,
    {
        "error_tag": "INVALID_ARGUMENT_VALUE",
        "error_code": 20,
        "error_extra": {"argument": "cursor"},
    },
)


async def test_a_forgotten_cursor_starts_the_list_anew_once(
    source: TodoistSource, todoist: Todoist
) -> None:
    todoist.tasks = [page(task("a"), cursor="1"), BAD_CURSOR, page(task("b"))]
    assert ids(await source.fetch_signals(ADA)) == ["b"]
    todoist.tasks = [page(task("a"), cursor="1"), BAD_CURSOR] * 2
    with pytest.raises(Rejected):
        await source.fetch_signals(ADA)


async def test_a_cursor_that_leads_in_circles_ends(source: TodoistSource, todoist: Todoist) -> None:
    todoist.tasks = [page(task("a"), cursor="1")]
    with pytest.raises(Unavailable, match="same page"):
        await source.fetch_signals(ADA)


async def test_a_cursor_that_comes_back_later_ends_the_list_at_once(
    source: TodoistSource, service: ScriptedService, todoist: Todoist
) -> None:
    todoist.tasks = [page(cursor="1"), page(cursor="2"), page(cursor="1")]
    with pytest.raises(Unavailable, match="same page"):
        await source.fetch_signals(ADA)
    assert len(service.asked) == 3


async def test_small_and_empty_pages_make_a_list_as_good_as_any(
    source: TodoistSource, todoist: Todoist
) -> None:
    todoist.tasks = []
    for number in range(55):
        few = [task(f"{number}-{index}") for index in range(20)]
        todoist.tasks += [page(*few, cursor=f"{number}"), page(cursor=f"{number} and nothing")]
    todoist.tasks.append(page())
    assert len((await source.fetch_signals(ADA)).signals) == 1100


async def test_tasks_that_come_again_do_not_count_again(
    source: TodoistSource, todoist: Todoist
) -> None:
    again = [{"id": f"{index}"} for index in range(MAX_ITEMS // 2)]
    todoist.tasks = [page(*again, cursor=f"{number}") for number in range(4)] + [page(*again)]
    assert len((await source.fetch_signals(ADA)).signals) == 5000


async def test_an_endless_list_of_nothing_ends(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = lambda asked: page(cursor=str(len(service.asked)))
    with pytest.raises(Unavailable, match="no end"):
        await source.fetch_signals(ADA)
    assert len(service.asked) == MAX_PAGES


async def test_an_endless_list_is_refused_not_cut(
    source: TodoistSource, service: ScriptedService
) -> None:
    def some_more(asked: Asked) -> Reply:
        number = len(service.asked)
        return page(*({"id": f"{number}-{index}"} for index in range(1000)), cursor=f"{number}")

    service.answer = some_more
    with pytest.raises(Rejected, match="narrow the filter"):
        await source.fetch_signals(ADA)
    assert len(service.asked) == MAX_ITEMS // 1000 + 1


async def test_a_page_with_far_too_much_is_refused(source: TodoistSource, todoist: Todoist) -> None:
    todoist.tasks = [page(*({"id": str(number)} for number in range(MAX_ITEMS + 1)))]
    with pytest.raises(Rejected, match="narrow the filter"):
        await source.fetch_signals(ADA)


async def test_a_list_of_far_too_many_bytes_is_refused(
    source: TodoistSource, service: ScriptedService
) -> None:
    title = "x" * 1_000_000
    service.answer = lambda asked: page(
        {"id": "a", "content": title}, cursor=f"{len(service.asked)}"
    )
    with pytest.raises(Rejected, match="narrow the filter"):
        await source.fetch_signals(ADA)
    assert len(service.asked) == MAX_LIST_BYTES // 1_000_000 + 1


# What is known

ITEMS = st.sampled_from(
    [{"id": "a"}, {"id": "a", "content": "Newer"}, {"id": "b"}, {"ident": "a"}, 1, 12, 2, "", []]
)
PAGES = st.lists(st.lists(ITEMS, max_size=3), min_size=1, max_size=3)


async def listed(pages: list[list[Any]], *, known: Marks = ()) -> Listed[TaskWire]:
    todoist = TodoistWithin()
    todoist.pages = pages
    return await TODOIST_LISTS.listed(todoist.client, "tasks", {}, TaskWire, known=known)


async def read(
    pages: list[list[Any]], *, known: Marks = ()
) -> tuple[dict[str, TaskWire], int, Marks] | None:
    """What a list says, and its marks; None: it is refused."""
    try:
        found = await listed(pages, known=known)
        return *(await found.items()), found.marks
    except Rejected:
        return None


@given(before=PAGES, now=PAGES)
def test_a_list_says_the_same_whatever_is_known(
    before: list[list[Any]], now: list[list[Any]]
) -> None:
    async def story() -> None:
        said = await read(before)
        if said is not None:
            _, _, marks = said
            assert await read(now, known=marks) == await read(now)
            assert (await listed(before, known=marks)).is_known

    asyncio.run(story())


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param([[1, 2]], [[12]], id="the same digits"),
        pytest.param([["a,b"]], [["a", "b"]], id="the same letters"),
        pytest.param([[1, 2]], [[2, 1]], id="another order"),
        pytest.param([[1], [2]], [[1]], id="cut short"),
        pytest.param([[1]], [[1], []], id="an empty page more"),
        pytest.param([[{"id": "a"}]], [[{"id": "a", "x": None}]], id="what nobody reads"),
        pytest.param([[]], [[None]], id="nothing"),
    ],
)
async def test_another_list_is_not_known(before: list[list[Any]], now: list[list[Any]]) -> None:
    good = [{"id": "good"}]
    marks = (await listed([good, *before])).marks
    assert not (await listed([good, *now], known=marks)).is_known


async def test_pages_that_are_known_are_not_decoded_before_somebody_asks() -> None:
    decoded: list[str] = []

    class Counted(TaskWire, frozen=True):
        def __post_init__(self) -> None:
            decoded.append(self.id)

    todoist = TodoistWithin()
    todoist.pages = [[{"id": "a"}], [{"id": "b"}], [{"id": "c"}]]

    async def ask(known: Marks) -> Listed[Counted]:
        return await TODOIST_LISTS.listed(todoist.client, "tasks", {}, Counted, known=known)

    marks = (await ask(())).marks
    decoded.clear()
    again = await ask(marks)
    assert decoded == []
    await again.items()
    await again.items()
    assert decoded == ["a", "b", "c"]
    todoist.pages[1] = [{"id": "d"}]
    decoded.clear()
    await ask(marks)
    assert decoded == ["a", "d", "c"]
