"""The law is worth what it catches: each violation planted, and each excuse held against one."""

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.law import (
    Addition,
    Changed,
    Click,
    Entry,
    Kept,
    Looked,
    Made,
    Story,
    TaskState,
    tally,
    violations,
)

FIRST, SECOND, THIRD = (TaskState(due=f"2026-11-2{day}", rule="every day") for day in range(1, 4))
OPEN = TaskState(due="2026-11-21")
CHECKED = replace(OPEN, checked=True)
DELETED = replace(OPEN, deleted=True)
LOOK = Looked(tasks=frozenset({"plants"}))


def closed(
    before: TaskState = OPEN,
    after: TaskState = CHECKED,
    *,
    uuid: str | None = "click",
    type_: str = "item_close",
    heard: int = 0,
) -> Changed:
    return Changed(type=type_, task="plants", uuid=uuid, before=before, after=after, heard=heard)


def elsewhere(before: TaskState, after: TaskState) -> Changed:
    return closed(before, after, uuid=None)


def once() -> Click:
    return Click(uuid="click", kind="done", task="plants", dues=[OPEN.due])


def daily() -> Click:
    return Click(uuid="click", kind="done", task="plants", recurring=True, dues=[FIRST.due])


def moved(to: TaskState = SECOND) -> Click:
    return Click(
        uuid="click", kind="tomorrow", task="plants", dues=[FIRST.due], moves=True, to=to.due
    )


def undone(click: Click, undo: Click | None = None) -> Click:
    click.undone, click.undo = True, undo
    return click


def reopening(kept: Kept = Kept.GONE, reason: str | None = None) -> Click:
    return Click(uuid="undo", kind="reopen", task="plants", kept=kept, reason=reason)


def back(before: TaskState, after: TaskState) -> Changed:
    return closed(before, after, uuid="undo", type_="item_uncomplete")


def broken(click: Click, *chronicle: Entry) -> str:
    return "; ".join(violations(Story(chronicle=chronicle, clicks=[click])))


def refused(click: Click, reason: str | None = "No.") -> Click:
    click.kept, click.reason = Kept.REFUSED, reason
    return click


def marked(click: Click) -> Click:
    click.kept = Kept.UNCONFIRMED
    return click


KEPT: list[tuple[str, Click, list[Entry]]] = [
    ("done", once(), [closed()]),
    ("done before it was sent", once(), [elsewhere(OPEN, CHECKED)]),
    ("deleted before it was sent", once(), [elsewhere(OPEN, DELETED)]),
    ("done, and later again elsewhere", once(), [closed(), elsewhere(CHECKED, OPEN)]),
    ("an occurrence", daily(), [closed(FIRST, SECOND)]),
    ("an occurrence that is over", daily(), [elsewhere(FIRST, SECOND)]),
    (
        "an occurrence that moved after the look",
        daily(),
        [LOOK, elsewhere(FIRST, SECOND), closed(SECOND, THIRD, heard=1)],
    ),
    ("moved", moved(), [closed(FIRST, SECOND, type_="item_update")]),
    ("already there", moved(), [elsewhere(FIRST, SECOND)]),
    ("already there, and said again", moved(), [closed(SECOND, SECOND)]),
    ("refused", refused(once()), []),
    (
        "moved, its answer lost, moved on elsewhere, refused",
        refused(moved()),
        [closed(FIRST, SECOND), elsewhere(SECOND, THIRD)],
    ),
    ("undone before it was sent", undone(once()), []),
    ("undone", undone(once(), reopening()), [closed(), back(CHECKED, OPEN)]),
    (
        "an occurrence, undone",
        undone(daily(), reopening()),
        [closed(FIRST, SECOND), back(SECOND, FIRST)],
    ),
    ("undone, which was refused", undone(once(), reopening(Kept.REFUSED, "Gone.")), [closed()]),
    ("marked", marked(once()), [closed(), elsewhere(CHECKED, OPEN)]),
    (
        "marked, for it was done and reopened elsewhere",
        marked(once()),
        [elsewhere(OPEN, CHECKED), elsewhere(CHECKED, OPEN)],
    ),
    ("marked, its date did not move", marked(daily()), [closed(FIRST, FIRST)]),
    ("undone, though it had changed no date", undone(daily(), reopening()), [closed(FIRST, FIRST)]),
    ("undone, and deleted elsewhere", undone(once()), [closed(), elsewhere(CHECKED, DELETED)]),
]


@pytest.mark.parametrize(("name", "click", "chronicle"), KEPT, ids=[name for name, *_ in KEPT])
def test_the_law_is_kept(name: str, click: Click, chronicle: list[Entry]) -> None:
    assert broken(click, *chronicle) == ""


PLANTED: list[tuple[str, Click, list[Entry]]] = [
    ("lost", once(), []),
    ("lost", daily(), []),
    ("lost", daily(), [elsewhere(SECOND, THIRD)]),
    ("lost", moved(), [elsewhere(FIRST, THIRD)]),
    ("lost", moved(), [elsewhere(FIRST, replace(FIRST, deleted=True))]),
    ("executed 2 times", daily(), [closed(FIRST, SECOND), closed(SECOND, THIRD)]),
    ("meant for", daily(), [closed(SECOND, THIRD)]),
    ("meant for", daily(), [elsewhere(FIRST, SECOND), LOOK, closed(SECOND, THIRD, heard=2)]),
    ("meant for", daily(), [LOOK, closed(SECOND, THIRD, heard=1)]),
    ("meant for", daily(), [elsewhere(FIRST, SECOND), closed(SECOND, THIRD, heard=1)]),
    ("should move to", moved(), [closed(FIRST, THIRD)]),
    ("finished for ever", daily(), [closed(FIRST, replace(FIRST, checked=True))]),
    ("the rule", moved(), [closed(FIRST, replace(SECOND, rule=None))]),
    ("without a reason", refused(once(), None), []),
    ("and yet refused", refused(once()), [closed()]),
    ("never settled", Click(uuid="click", kind="done", task="plants", kept=Kept.WAITING), []),
    ("without need", marked(once()), []),
    ("without need", marked(once()), [closed()]),
    ("without need", marked(daily()), [closed(FIRST, SECOND)]),
    ("its undo was not", undone(once()), [closed()]),
    ("its undo was not", undone(once(), reopening()), [closed()]),
    ("came first", undone(once(), reopening()), [back(CHECKED, OPEN), closed()]),
    ("still finished", undone(once(), reopening()), [closed(), back(CHECKED, CHECKED)]),
    ("taken back to", undone(daily(), reopening()), [closed(FIRST, SECOND), back(SECOND, THIRD)]),
    ("never settled", undone(once(), reopening(Kept.WAITING)), [closed()]),
    ("refused without", undone(once(), reopening(Kept.REFUSED)), [closed()]),
    ("executed 2", undone(once(), reopening()), [closed(), back(CHECKED, OPEN), back(OPEN, OPEN)]),
]


@pytest.mark.parametrize(("sentence", "click", "chronicle"), PLANTED)
def test_a_planted_violation_is_caught(sentence: str, click: Click, chronicle: list[Entry]) -> None:
    assert sentence in broken(click, *chronicle)


def test_one_uuid_with_two_commands_is_caught() -> None:
    story = Story(chronicle=[], clicks=[], sent={"click": {"close this", "close that"}})
    assert violations(story) == ["click: sent with different commands"]


def test_a_list_that_is_not_the_services_is_caught() -> None:
    story = Story(chronicle=[], clicks=[], shown={"plants": None}, listed={})
    assert violations(story) == ["shown [('plants', None)], but the service has []"]


def test_every_click_has_one_fate() -> None:
    clicks = [replace(once(), uuid=name) for name in ("1", "2", "3", "4", "5", "6")]
    clicks[1].kept = Kept.REFUSED
    clicks[2].undone = True
    clicks[3].discarded = True
    clicks[4].kept = Kept.REFUSED
    chronicle = [closed(uuid="1"), closed(uuid="5")]
    assert tally(Story(chronicle=chronicle, clicks=clicks)) == {
        "done": 1,
        "refused": 1,
        "undone": 1,
        "discarded": 1,
        "overtaken": 1,
        "already so": 1,
    }


@pytest.mark.parametrize(
    ("chronicle", "sentence"),
    [
        ([closed(), closed(CHECKED, CHECKED)], ""),
        ([closed(), elsewhere(CHECKED, OPEN), closed()], ""),
        ([closed(), closed()], "executed 2 times"),
    ],
)
def test_a_service_that_forgets_may_only_repeat_what_is_harmless(
    chronicle: list[Entry], sentence: str
) -> None:
    story = Story(chronicle=chronicle, clicks=[once()], forgetful=True)
    assert sentence in "; ".join(violations(story))
    assert bool(violations(story)) == bool(sentence)


# New tasks

THERE, GONE = Made(title="Tea", gone=False), Made(title="Tea", gone=True)


@pytest.mark.parametrize(
    ("fate", "made", "said"),
    [
        ({}, (THERE,), None),
        ({}, (GONE,), None),
        ({}, (), "lost"),
        ({}, (THERE, GONE), "added 2 times"),
        ({"kept": Kept.WAITING}, (THERE,), "never settled"),
        ({"kept": Kept.REFUSED, "reason": "No."}, (), None),
        ({"kept": Kept.REFUSED}, (), "refused without a reason"),
        ({"kept": Kept.REFUSED, "reason": "No."}, (THERE,), "added, and yet refused"),
        ({"discarded": True}, (), None),
        ({"discarded": True}, (THERE,), "added, and yet refused"),
        ({"undone": True}, (), None),
        ({"undone": True}, (GONE,), None),
        ({"undone": True}, (THERE,), "taken back, and still there"),
        ({"undone": True, "undo": Kept.WAITING}, (GONE,), "never settled"),
        ({"undone": True, "undo": Kept.REFUSED, "undo_reason": "No."}, (THERE,), None),
        ({"undone": True, "undo": Kept.REFUSED}, (THERE,), "its undo was refused without a reason"),
        ({"undone": True, "undo_discarded": True}, (THERE,), None),
    ],
)
def test_a_new_task_is_there_once_or_not_at_all(
    fate: dict[str, Any], made: tuple[Made, ...], said: str | None
) -> None:
    story = Story(
        chronicle=[], clicks=[], additions=[Addition(uuid="u", title="Tea", **fate)], made=made
    )
    assert violations(story) == ([] if said is None else [f"item_add of Tea: {said}"])


def test_new_tasks_are_counted_by_their_fates() -> None:
    additions = [
        Addition(uuid="1", title="1"),
        Addition(uuid="2", title="2", undone=True),
        Addition(uuid="3", title="3", kept=Kept.REFUSED),
        Addition(uuid="4", title="4", discarded=True),
    ]
    found = tally(Story(chronicle=[], clicks=[], additions=additions))
    assert found == {"new, added": 1, "new, undone": 1, "new, refused": 1, "new, discarded": 1}
