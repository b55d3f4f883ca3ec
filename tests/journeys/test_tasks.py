"""Connect, see, do, undo."""

from oo_desktop.model.signals import ActionKind
from tests.journeys.story import Story

ONCE = "Take back the library books"
RECURRING = "Water the plants"


def is_checked(task: dict[str, object]) -> bool:
    return task["checked"] is True


def is_open(task: dict[str, object]) -> bool:
    return task["checked"] is False


async def test_a_person_who_connects_sees_what_is_due_and_nothing_else(story: Story) -> None:
    await story.connect()
    assert ONCE in story.titles()
    everything = {task["content"] for task in (await story.todoist())["tasks"]}
    assert set(story.titles()) != everything
    assert story.account.label == "ada@example.com"


async def test_a_click_is_done_in_todoist_and_leaves_the_list_at_once(story: Story) -> None:
    await story.connect()
    await story.click(ONCE)
    assert ONCE not in story.titles()
    await story.until_at_todoist(ONCE, is_checked)
    await story.until(lambda: not story.engine.outbox.items())
    assert ONCE not in story.titles()


async def test_undo_in_time_sends_nothing(story: Story) -> None:
    story.undo_seconds = 30
    await story.close()
    await story.open()
    await story.connect()
    story.engine.outbox.undo(await story.click(ONCE))
    assert ONCE in story.titles()
    await story.engine.refresh()
    assert not (await story.todoist())["history"]


async def test_undo_after_it_was_sent_brings_the_task_back(story: Story) -> None:
    await story.connect()
    number = await story.click(ONCE)
    await story.until_at_todoist(ONCE, is_checked)
    story.engine.outbox.undo(number)
    await story.until_at_todoist(ONCE, is_open)
    await story.until(lambda: ONCE in story.titles() and not story.engine.outbox.items())


async def test_a_recurring_task_moves_to_its_next_date_and_undo_moves_it_back(story: Story) -> None:
    await story.connect()
    before = (await story.task_at_todoist(RECURRING))["due"]
    number = await story.click(RECURRING)
    await story.until_at_todoist(RECURRING, lambda task: task["due"] != before)
    assert is_open(await story.task_at_todoist(RECURRING))
    story.engine.outbox.undo(number)
    await story.until_at_todoist(RECURRING, lambda task: task["due"] == before)
    await story.until(lambda: RECURRING in story.titles())


async def test_each_click_is_one_command_at_todoist(story: Story) -> None:
    await story.connect()
    await story.click(RECURRING)
    await story.control("drop_answer", path="/api/v1/sync", count=1)
    await story.until(lambda: not story.engine.outbox.items())
    assert (await story.task_at_todoist(RECURRING))["completions"] == 1


async def test_a_header_like_task_cannot_be_done(story: Story) -> None:
    await story.connect()
    signal = story.engine.signal(story.key("Errands on the way home"))
    assert ActionKind.DONE not in signal.actions


async def test_a_task_done_elsewhere_leaves_the_list(story: Story) -> None:
    await story.connect()
    await story.control("complete_task", id=story.key(ONCE).id)
    await story.until(lambda: ONCE not in story.titles())
