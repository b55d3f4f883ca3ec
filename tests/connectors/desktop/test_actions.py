"""What a click writes into a list of this computer, and what it leaves to a newer wish."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.desktop import actions
from oo_desktop.connectors.desktop.bus import DesktopBus, EdsCode
from oo_desktop.connectors.desktop.source import DesktopSource
from oo_desktop.connectors.desktop.wire import (
    REMOVE_ONLY_THIS,
    TASK_HANDLE_RECUR,
    Named,
    UndoWire,
    signal_id,
    undo_text,
)
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.model.signals import REPLIES, ActionKind, Day, Due, Fixed
from oo_desktop.model.source import Action
from tests.connectors.desktop.eds_list import (
    ETAG,
    LIST,
    NOW,
    UID,
    ZONE,
    EdsList,
    carry_out,
    lines_of,
    undo_of,
)
from tests.connectors.desktop.lists import todo
from tests.connectors.desktop.service import EdsStandIn, key_file

DONE, REOPEN, RESTORE, TOMORROW, NO_DATE = (
    ActionKind.DONE,
    ActionKind.REOPEN,
    ActionKind.RESTORE,
    ActionKind.TOMORROW,
    ActionKind.NO_DATE,
)
FIRST, SECOND, THIRD = "20261129", "20261130", "20261201"
DAY_AFTER = Day(date(2026, 11, 30))
PASSING = ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE")
FOLDED = "SUMMARY:Feed the cat and water all of the plants that are in the house and i\r\n n it"
TASK = todo("DUE;VALUE=DATE:20261129", FOLDED, "X-APPLE-SORT-ORDER:7")
TIMED = todo("DTSTART;TZID=Europe/Berlin:20261129T080000", "DUE;TZID=Europe/Berlin:20261129T090000")
SERIES = todo("DUE;VALUE=DATE:20261129", "RRULE:FREQ=DAILY;COUNT=9", "STATUS:NEEDS-ACTION")
FINISHED = {
    "STATUS": "STATUS:COMPLETED",
    "COMPLETED": "COMPLETED:20261129T123000Z",
    "PERCENT-COMPLETE": "PERCENT-COMPLETE:100",
}
SEALED = {
    "DTSTAMP": "DTSTAMP:20261129T123000Z",
    "LAST-MODIFIED": "LAST-MODIFIED:20261129T123000Z",
    "SEQUENCE": "SEQUENCE:1",
}


def override(stamp: str, *lines: str) -> str:
    return todo(f"RECURRENCE-ID;VALUE=DATE:{stamp}", f"DUE;VALUE=DATE:{stamp}", *lines)


def lasting(list_: EdsList) -> dict[tuple[str, str], dict[str, str]]:
    """What a list holds, but for what every change changes."""
    return {
        key: {name: line for name, line in lines_of(each).items() if name not in PASSING}
        for key, each in list_.objects.items()
    }


# Completing


@pytest.mark.parametrize("on_server", [False, True])
async def test_a_task_is_completed_and_all_else_stays(on_server: bool) -> None:
    list_ = EdsList(TASK, on_server=on_server)
    await carry_out(list_, DONE, undo_of(TASK))
    assert lines_of(list_.master()) == lines_of(TASK) | FINISHED | SEALED
    added = {*FINISHED.values(), *SEALED.values()}
    differing = set(TASK.split("\r\n")) ^ set(list_.master().split("\r\n"))
    assert differing == added | {"DTSTAMP:20261122T000000Z"}
    assert f"{FOLDED}\r\n" in list_.written[0]


async def test_what_tells_versions_apart_is_written_back() -> None:
    list_ = EdsList(TASK, on_server=True)
    await carry_out(list_, DONE, undo_of(TASK))
    assert f"\r\n{ETAG}:1\r\n" in list_.written[0]


MOVED: dict[str, tuple[str, str, dict[str, str]]] = {
    "by its due date": (
        *(SERIES, FIRST),
        {"DUE": "DUE;VALUE=DATE:20261130", "RRULE": "RRULE:FREQ=DAILY;COUNT=8"},
    ),
    "by its beginning": (
        TIMED.replace("END:VTODO", "RRULE:FREQ=WEEKLY\r\nEND:VTODO"),
        "20261129T070000Z",
        {
            "DTSTART": "DTSTART;TZID=Europe/Berlin:20261206T080000",
            "DUE": "DUE;TZID=Europe/Berlin:20261206T090000",
        },
    ),
    "with a rule that EDS has been over": (
        SERIES.replace("RRULE:", "RRULE;X-EVOLUTION-ENDDATE=20261208T000000Z:"),
        FIRST,
        {
            "DUE": "DUE;VALUE=DATE:20261130",
            "RRULE": "RRULE;X-EVOLUTION-ENDDATE=20261208T000000Z:FREQ=DAILY;COUNT=8",
        },
    ),
    "the last": (SERIES.replace("COUNT=9", "COUNT=1"), FIRST, FINISHED),
}


@pytest.mark.parametrize("case", MOVED)
async def test_the_first_of_a_series_is_completed_in_its_master(case: str) -> None:
    master, stamp, expected = MOVED[case]
    list_ = EdsList(master)
    await carry_out(list_, DONE, undo_of(master, stamp))
    assert lines_of(list_.master()) == lines_of(master) | expected | SEALED
    assert len(list_.objects) == 1


async def test_a_series_moves_on_whatever_overrides_there_are() -> None:
    other = override(THIRD, "STATUS:COMPLETED")
    list_ = EdsList(SERIES, other)
    await carry_out(list_, DONE, undo_of(SERIES, FIRST))
    assert lines_of(list_.master())["DUE"] == "DUE;VALUE=DATE:20261130"
    assert list_.objects[UID, THIRD] == other
    assert len(list_.written) == 1


async def test_a_series_that_its_server_moves_on_is_completed() -> None:
    list_ = EdsList(SERIES, on_server=True)
    list_.capabilities = frozenset({TASK_HANDLE_RECUR})
    await carry_out(list_, DONE, undo_of(SERIES, FIRST))
    assert lines_of(list_.master()) == lines_of(SERIES) | FINISHED | SEALED


@pytest.mark.parametrize(
    ("master", "stamp"),
    [
        (SERIES, THIRD),
        (SERIES.replace("RRULE", "RDATE;VALUE=DATE:20261224\r\nRRULE"), FIRST),
        (SERIES.replace("RRULE:", "RRULE:FREQ=WEEKLY\r\nRRULE:"), FIRST),
        (SERIES.replace("FREQ=DAILY", "FREQ=WHENEVER"), FIRST),
    ],
    ids=["a later one", "dates", "two rules", "unreadable"],
)
async def test_any_other_occurrence_gets_a_component(master: str, stamp: str) -> None:
    list_ = EdsList(master)
    await carry_out(list_, DONE, undo_of(master, stamp))
    assert list_.master() == master
    own = lines_of(list_.objects[UID, stamp])
    assert own["RECURRENCE-ID"] == f"RECURRENCE-ID;VALUE=DATE:{stamp}"
    assert FINISHED.items() <= own.items()
    assert not {"RRULE", "RDATE"} & own.keys()


async def test_a_component_of_an_occurrence_is_completed_alone() -> None:
    list_ = EdsList(SERIES, override(FIRST))
    await carry_out(list_, DONE, undo_of(override(FIRST), FIRST, SERIES))
    assert list_.master() == SERIES
    assert FINISHED.items() <= lines_of(list_.objects[UID, FIRST]).items()


async def test_a_zone_that_its_name_does_not_explain_is_asked_for() -> None:
    master = todo("DUE;TZID=Office:20261129T090000", "RRULE:FREQ=DAILY")
    list_ = EdsList(master)
    list_.zones["Office"] = (
        "BEGIN:VTIMEZONE\r\nTZID:/x/Office\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0500\r\nTZOFFSETTO:+0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    await carry_out(list_, DONE, undo_of(master, "20261129T040000Z"))
    assert lines_of(list_.master())["DUE"] == "DUE;TZID=Office:20261130T090000"


async def test_a_click_goes_over_the_bus_and_back(bus: DesktopBus, eds: EdsStandIn) -> None:
    tasks = eds.add(LIST, key_file("Tasks"), SERIES)
    tasks.capabilities = (REMOVE_ONLY_THIS,)
    source, undo = DesktopSource(bus=bus), undo_of(SERIES, THIRD)
    await carry_out(source, DONE, undo)
    assert FINISHED.items() <= lines_of(tasks.components[UID, THIRD]).items()
    await carry_out(source, REOPEN, undo)
    assert tasks.components == {(UID, ""): SERIES}


# What happened elsewhere

Edit = Callable[[str], str | None]
WRITTEN, NOTHING, REFUSED = "written", "nothing", "refused"


def replaced(*pairs: tuple[str, str]) -> Edit:
    def edit(text: str) -> str:
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        return text

    return edit


RENAMED = replaced(("END:VTODO", "X-NEW:1\r\nEND:VTODO"))
COMPLETED = replaced(("END:VTODO", "COMPLETED:20261129T100000Z\r\nEND:VTODO"))
CANCELLED = replaced(
    ("STATUS:NEEDS-ACTION\r\n", ""), ("END:VTODO", "STATUS:CANCELLED\r\nEND:VTODO")
)
NOT_HAPPENING = replaced(("END:VTODO", "STATUS:CANCELLED\r\nEND:VTODO"))
OTHER_DATE = replaced(("DATE:20261129", "DATE:20270115"))
WISHED_DATE = replaced(("DATE:20261129", "DATE:20261130"))
MOVED_ON = replaced(("DATE:20261129", "DATE:20261130"), ("COUNT=9", "COUNT=8"))
REPEATS = replaced(("END:VTODO", "RRULE:FREQ=DAILY\r\nEND:VTODO"))
REPEATS_THEN = replaced(
    ("END:VTODO", "RRULE:FREQ=DAILY\r\nEND:VTODO"), ("DATE:20261129", "DATE:20270115")
)
REPEATS_NO_MORE = replaced(("RRULE:FREQ=DAILY;COUNT=9\r\n", ""))
LEFT_OUT = replaced(("RRULE", "EXDATE;VALUE=DATE:20261129\r\nRRULE"))
LEFT_OUT_BY_RULE = replaced(("RRULE", "EXRULE:FREQ=DAILY;UNTIL=20261130\r\nRRULE"))


def gone(_: str) -> None:
    return None


TABLE: dict[str, tuple[ActionKind, str, str | None, Edit, dict[str, bool], str]] = {
    "done, renamed": (DONE, TASK, None, RENAMED, {}, WRITTEN),
    "done, completed": (DONE, TASK, None, COMPLETED, {}, NOTHING),
    "done, cancelled": (DONE, TASK, None, NOT_HAPPENING, {}, NOTHING),
    "done, gone": (DONE, TASK, None, gone, {}, NOTHING),
    "done, another date": (DONE, TASK, None, OTHER_DATE, {}, WRITTEN),
    "done, repeats": (DONE, TASK, None, REPEATS, {}, WRITTEN),
    "done, repeats then": (DONE, TASK, None, REPEATS_THEN, {}, REFUSED),
    "one done, renamed": (DONE, SERIES, FIRST, RENAMED, {}, WRITTEN),
    "one done, completed": (DONE, SERIES, FIRST, COMPLETED, {}, NOTHING),
    "one done, cancelled": (DONE, SERIES, FIRST, CANCELLED, {}, NOTHING),
    "one done, gone": (DONE, SERIES, FIRST, gone, {}, NOTHING),
    "one done, left out": (DONE, SERIES, FIRST, LEFT_OUT, {}, NOTHING),
    "one done, left out by a rule": (DONE, SERIES, FIRST, LEFT_OUT_BY_RULE, {}, NOTHING),
    "one done, moved on": (DONE, SERIES, FIRST, MOVED_ON, {}, NOTHING),
    "one done, another date": (DONE, SERIES, FIRST, OTHER_DATE, {}, REFUSED),
    "one done, another date, maybe done": (
        *(DONE, SERIES, FIRST, OTHER_DATE),
        *({"may_be_done": True}, NOTHING),
    ),
    "one done, another date, insists": (
        *(DONE, SERIES, FIRST, OTHER_DATE),
        *({"insists": True}, WRITTEN),
    ),
    "one done, repeats no more": (DONE, SERIES, FIRST, REPEATS_NO_MORE, {}, WRITTEN),
    "put off, renamed": (TOMORROW, TASK, None, RENAMED, {}, WRITTEN),
    "put off, completed": (TOMORROW, TASK, None, COMPLETED, {}, REFUSED),
    "put off, gone": (TOMORROW, TASK, None, gone, {}, REFUSED),
    "put off, another date": (TOMORROW, TASK, None, OTHER_DATE, {}, REFUSED),
    "put off, another date, insists": (
        *(TOMORROW, TASK, None, OTHER_DATE),
        *({"insists": True}, WRITTEN),
    ),
    "put off, the date that was wished for": (TOMORROW, TASK, None, WISHED_DATE, {}, NOTHING),
    "put off, repeats": (TOMORROW, TASK, None, REPEATS, {}, WRITTEN),
    "put off, repeats then": (TOMORROW, TASK, None, REPEATS_THEN, {}, REFUSED),
    "one put off, renamed": (TOMORROW, SERIES, FIRST, RENAMED, {}, WRITTEN),
    "one put off, moved on": (TOMORROW, SERIES, FIRST, MOVED_ON, {}, REFUSED),
    "one put off, left out": (TOMORROW, SERIES, FIRST, LEFT_OUT, {}, REFUSED),
}


@pytest.mark.parametrize("on_server", [False, True], ids=["in a file", "on a server"])
@pytest.mark.parametrize("case", TABLE)
async def test_what_happened_elsewhere_decides(case: str, on_server: bool) -> None:
    kind, clicked, stamp, edit, options, expected = TABLE[case]
    list_ = EdsList(clicked, on_server=on_server)
    list_.elsewhere(edit(clicked), (UID, ""))
    before = dict(list_.server)
    refused = False
    try:
        await carry_out(list_, kind, undo_of(clicked, stamp), due=DAY_AFTER, **options)
    except Rejected:
        refused = True
    # One on a server is only found out to be stale when it is written.
    assert list_.refreshed == (1 if on_server else 0)
    assert (REFUSED if refused else WRITTEN if list_.written else NOTHING) == expected
    assert (list_.server == before) is (expected is not WRITTEN)


# Taking back

TIMED_AFTER = Fixed(datetime(2026, 11, 30, 8, tzinfo=UTC), "Europe/Berlin")
IN_PROGRESS = todo("DUE:20261129T090000", "STATUS:IN-PROCESS", "PERCENT-COMPLETE:40")

CLICKS: dict[str, tuple[ActionKind, tuple[str, ...], str | None, Due | None]] = {
    "a task": (DONE, (TASK,), None, None),
    "a task in progress": (DONE, (IN_PROGRESS,), None, None),
    "the first of a series": (DONE, (SERIES,), FIRST, None),
    "the first of a series with an override": (DONE, (SERIES, override(THIRD)), FIRST, None),
    "the last of a series": (DONE, (SERIES.replace("COUNT=9", "COUNT=1"),), FIRST, None),
    "a later one of a series": (DONE, (SERIES,), THIRD, None),
    "one with a component of its own": (
        *(DONE, (SERIES, override(FIRST, "STATUS:IN-PROCESS"))),
        *(FIRST, None),
    ),
    "a time": (TOMORROW, (TIMED,), None, TIMED_AFTER),
    "a day": (TOMORROW, (TASK,), None, DAY_AFTER),
    "later today": (
        *(ActionKind.LATER_TODAY, (TASK,), None),
        Fixed(datetime(2026, 11, 29, 17, tzinfo=UTC), "Europe/Berlin"),
    ),
    "next week": (ActionKind.NEXT_WEEK, (TASK,), None, DAY_AFTER),
    "no date": (NO_DATE, (TIMED,), None, None),
    "the date of one": (TOMORROW, (SERIES,), FIRST, DAY_AFTER),
    "the date of a later one": (TOMORROW, (SERIES,), SECOND, Day(date(2026, 12, 24))),
    "the date of one with a component of its own": (
        *(TOMORROW, (SERIES, override(FIRST))),
        *(FIRST, DAY_AFTER),
    ),
}


def clicked(components: tuple[str, ...], stamp: str | None) -> UndoWire:
    own = [each for each in components if f"RECURRENCE-ID;VALUE=DATE:{stamp}" in each]
    return undo_of(own[0], stamp, components[0]) if own else undo_of(components[0], stamp)


@pytest.mark.parametrize("case", CLICKS)
async def test_what_is_taken_back_is_as_it_was_but_for_its_seal(case: str) -> None:
    kind, components, stamp, due = CLICKS[case]
    list_ = EdsList(*components)
    before = lasting(list_)
    undo = clicked(components, stamp)
    await carry_out(list_, kind, undo, due=due)
    assert lasting(list_) != before
    back = REOPEN if kind is DONE else RESTORE
    await carry_out(list_, back, undo, due=due)
    assert lasting(list_) == before
    count = len(list_.written) + len(list_.removed)
    await carry_out(list_, back, undo, due=due)
    assert len(list_.written) + len(list_.removed) == count == 2


@pytest.mark.parametrize(
    ("kind", "due", "back"), [(DONE, None, REOPEN), (TOMORROW, DAY_AFTER, RESTORE)]
)
async def test_a_component_that_cannot_be_taken_out_alone_stays_as_the_series_is(
    kind: ActionKind, due: Due | None, back: ActionKind
) -> None:
    list_ = EdsList(SERIES, on_server=True)
    undo = undo_of(SERIES, THIRD)
    await carry_out(list_, kind, undo, due=due)
    await carry_out(list_, back, undo, due=due)
    assert REMOVE_ONLY_THIS not in list_.capabilities
    own = lines_of(list_.objects[UID, THIRD])
    assert own["DUE"] == "DUE;VALUE=DATE:20261201"
    assert "COMPLETED" not in own
    assert list_.master() == SERIES


# Once in effect


@pytest.mark.parametrize("on_server", [False, True], ids=["in a file", "on a server"])
@pytest.mark.parametrize("case", CLICKS)
async def test_a_lost_answer_is_settled_by_what_is_there(case: str, on_server: bool) -> None:
    kind, components, stamp, due = CLICKS[case]
    list_ = EdsList(*components, on_server=on_server)
    list_.is_lost = True
    undo = clicked(components, stamp)
    with pytest.raises(Unavailable) as lost:
        await carry_out(list_, kind, undo, due=due)
    assert lost.value.reached
    await carry_out(list_, kind, undo, due=due, may_be_done=True)
    assert len(list_.written) == 1


@pytest.mark.parametrize("on_server", [False, True], ids=["in a file", "on a server"])
@pytest.mark.parametrize("case", CLICKS)
async def test_what_was_not_written_the_next_attempt_writes(case: str, on_server: bool) -> None:
    kind, components, stamp, due = CLICKS[case]
    list_ = EdsList(*components, on_server=on_server)
    list_.error = EdsCode.NO_REPLY
    undo = clicked(components, stamp)
    with pytest.raises(Unavailable):
        await carry_out(list_, kind, undo, due=due)
    assert not list_.written
    await carry_out(list_, kind, undo, due=due, may_be_done=True)
    assert len(list_.written) == 1


@pytest.mark.parametrize("on_server", [False, True], ids=["in a file", "on a server"])
@pytest.mark.parametrize("may_be_done", [False, True])
async def test_a_series_that_somebody_moves_on_meanwhile_is_not_moved_twice(
    on_server: bool, may_be_done: bool
) -> None:
    list_ = EdsList(SERIES, on_server=on_server)
    moved = MOVED_ON(SERIES)
    assert moved is not None
    if on_server:  # a file is read right before it is written: nothing comes between
        list_.before = lambda: list_.elsewhere(moved)
    else:
        list_.elsewhere(moved)
    await carry_out(list_, DONE, undo_of(SERIES, FIRST), may_be_done=may_be_done)
    assert list_.master() == moved
    assert not list_.written


@pytest.mark.parametrize("case", ["completed again", "completed by another"])
async def test_what_another_program_completed_later_is_never_undone(case: str) -> None:
    list_ = EdsList(SERIES)
    undo = undo_of(SERIES, FIRST)
    await carry_out(list_, DONE, undo)
    if case == "completed again":
        await carry_out(list_, DONE, undo_of(list_.master(), SECOND))
    else:
        list_.elsewhere(replaced(("NEEDS-ACTION", "COMPLETED"))(list_.master()) or "")
    before = list_.master()
    with pytest.raises(Rejected):
        await carry_out(list_, REOPEN, undo)
    assert list_.master() == before


# What the list says


async def test_what_was_changed_meanwhile_is_read_again_and_kept() -> None:
    list_ = EdsList(TASK, on_server=True)
    renamed = RENAMED(TASK) or ""
    list_.before = lambda: list_.elsewhere(renamed)
    await carry_out(list_, DONE, undo_of(TASK))
    assert lines_of(list_.server[UID, ""])["X-NEW"] == "X-NEW:1"
    assert FINISHED.items() <= lines_of(list_.server[UID, ""]).items()
    assert list_.refreshed == 1


async def test_what_keeps_changing_waits() -> None:
    list_ = EdsList(TASK, on_server=True)

    def again() -> None:
        list_.elsewhere(RENAMED(TASK))
        list_.before = again

    again()
    with pytest.raises(Unavailable) as waits:
        await carry_out(list_, DONE, undo_of(TASK))
    assert waits.value.fact == actions.KEEPS_CHANGING
    assert not waits.value.reached
    assert len(list_.queries) == actions.MAX_ATTEMPTS


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (EdsCode.DENIED, actions.READ_ONLY),
        (EdsCode.NOT_SUPPORTED, actions.READ_ONLY),
        (EdsCode.INVALID, actions.NOT_TAKEN),
        (EdsCode.EXISTS, actions.NOT_TAKEN),
    ],
)
async def test_what_is_never_taken_comes_back_with_a_reason(code: EdsCode, reason: str) -> None:
    list_ = EdsList(TASK)

    def again() -> None:
        list_.error, list_.before = code, again

    again()
    with pytest.raises(Rejected) as refused:
        await carry_out(list_, DONE, undo_of(TASK))
    assert refused.value.reason == reason


@pytest.mark.parametrize("code", [EdsCode.INVALID, EdsCode.EXISTS])
async def test_what_is_not_taken_while_the_service_starts_anew_is_tried_once_more(
    code: EdsCode,
) -> None:
    list_ = EdsList(TASK)
    list_.error = code
    await carry_out(list_, DONE, undo_of(TASK))
    assert len(list_.queries) == 2
    assert len(list_.written) == 1


@pytest.mark.parametrize(
    ("code", "fact", "reached"),
    [
        (EdsCode.SIGN_IN, actions.UNSIGNED, True),
        (EdsCode.OFFLINE, actions.UNREACHABLE, True),
        (EdsCode.REFUSED_CONNECTION, actions.UNREACHABLE, False),
        (EdsCode.TIMED_OUT, actions.SILENT, True),
        (EdsCode.NO_REPLY, actions.SILENT, True),
        (EdsCode.NO_OBJECT, actions.SILENT, False),
        (EdsCode.NO_SERVICE, actions.SILENT, False),
        (EdsCode.OTHER, actions.FAILED, True),
    ],
)
async def test_what_may_pass_waits(code: EdsCode, fact: str, reached: bool) -> None:
    list_ = EdsList(TASK)
    list_.error = code
    with pytest.raises(Unavailable) as waits:
        await carry_out(list_, DONE, undo_of(TASK))
    assert (waits.value.fact, waits.value.reached) == (fact, reached)


async def test_a_list_that_is_gone_has_nothing_left_to_do() -> None:
    elsewhere = UndoWire("removed", UID, lines={"DUE": "DUE;VALUE=DATE:20261129"})
    await carry_out(EdsList(), DONE, elsewhere)
    with pytest.raises(Rejected) as refused:
        await carry_out(EdsList(), TOMORROW, elsewhere, due=DAY_AFTER)
    assert refused.value.reason == actions.NO_LIST


async def test_a_list_that_can_only_be_read_is_left_alone() -> None:
    list_ = EdsList(TASK)
    list_.writable = False
    with pytest.raises(Rejected) as refused:
        await carry_out(list_, DONE, undo_of(TASK))
    assert refused.value.reason == actions.READ_ONLY
    assert not list_.written


@pytest.mark.parametrize("kind", REPLIES)
async def test_an_invitation_is_not_answered(kind: ActionKind) -> None:
    list_ = EdsList(TASK)
    with pytest.raises(Rejected):
        await carry_out(list_, kind, undo_of(TASK))
    assert not list_.queries


@pytest.mark.parametrize("text", [None, "", "[]", "{}", undo_text(UndoWire(LIST, "another"))])
async def test_a_click_that_nobody_knows_any_more_is_refused_unasked(text: str | None) -> None:
    list_ = EdsList(TASK)
    named = signal_id(Named(LIST, UID))
    assert named is not None
    action = Action(kind=DONE, uuid="u", undo=text)
    with pytest.raises(Rejected) as refused:
        await actions.act(list_, named, action, now=NOW, zone=ZONE)
    assert refused.value.reason == actions.FORGOTTEN
    assert not list_.queries


# What makes no sense


class Odd(EdsList):
    """Answers something that is no task of that UID."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self._texts = texts

    async def query(self, text: str) -> tuple[str, ...]:
        return self._texts


@pytest.mark.parametrize(
    "texts",
    [
        ("",),
        ("BEGIN:VTODO\r\n",),
        (TASK + TASK,),
        (f"END:VCALENDAR\r\n{TASK}",),
        (f"BEGIN:VCALENDAR\r\n{TASK}END:VCALENDAR\r\n",),
        (todo("DUE;VALUE=DATE:20261129", uid="another"),),
        (TASK.replace("VTODO", "VEVENT"),),
        (TASK.replace("END:VTODO", f"X-LONG:{'x' * 1_000_000}\r\nEND:VTODO"),),
        (TASK,) * (actions.MAX_COMPONENTS + 1),
    ],
)
async def test_what_cannot_be_read_is_not_changed(texts: tuple[str, ...]) -> None:
    list_ = Odd(*texts)
    with pytest.raises(Rejected) as refused:
        await carry_out(list_, DONE, undo_of(TASK))
    assert refused.value.reason == actions.NOT_EDITABLE
    assert not list_.written


@pytest.mark.parametrize("uid", [r"a\,b\;c", "a,b;c"])
async def test_a_uid_is_the_text_that_its_value_means(uid: str) -> None:
    text = todo("DUE;VALUE=DATE:20261129", uid=uid)
    list_ = EdsList()
    list_.objects["a,b;c", ""] = text
    undo = UndoWire(LIST, "a,b;c", lines={"DUE": "DUE;VALUE=DATE:20261129"})
    await carry_out(list_, DONE, undo)
    assert len(list_.written) == 1


EXTRA = st.lists(
    st.sampled_from(
        [
            *('X-ODD;P="a:b;c":1', "summary:lower case", "CATEGORIES:a,b\\,c", FOLDED),
            *("X-LONG:" + "x" * 60 + "\r\n " + "y" * 74, "X-LETTERS:été 日本", "URL:https://x/"),
            *("BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM",),
        ]
    ),
    max_size=5,
)
DUES = st.sampled_from(
    [
        ("DUE;VALUE=DATE:20261129",),
        ("DUE;TZID=Europe/Berlin:20261129T090000",),
        ("DTSTART:20261129T080000Z", "DUE:20261129T090000Z"),
        ("DTSTART;VALUE=DATE:20261129",),
    ]
)
RULED = st.sampled_from(
    [(), ("RRULE:FREQ=DAILY",), ("RRULE:COUNT=3;FREQ=WEEKLY",), ("RRULE:FREQ=MONTHLY",)]
)
OF_A_CLICK = frozenset({"DTSTART", "DUE", "RRULE", *FINISHED, *PASSING})


def raw_lines(text: str) -> list[str]:
    """The lines as they are folded, but for those a click may change."""
    found: list[str] = []
    for line in text.split("\r\n"):
        if line[:1] in (" ", "\t"):
            found[-1] += f"\r\n{line}"
        else:
            found.append(line)
    return [each for each in found if each.split(":")[0].split(";")[0] not in OF_A_CLICK]


@given(dues=DUES, ruled=RULED, before=EXTRA, after=EXTRA, on_server=st.booleans())
async def test_only_the_lines_that_are_meant_change(
    dues: tuple[str, ...],
    ruled: tuple[str, ...],
    before: list[str],
    after: list[str],
    on_server: bool,
) -> None:
    text = todo(*before, *dues, *ruled, *after)
    list_ = EdsList(text, on_server=on_server)
    first = FIRST if "VALUE=DATE" in dues[0] else "20261129T080000Z"
    stamp = first if ruled else None
    undo = undo_of(text, stamp)
    await carry_out(list_, DONE, undo)
    await carry_out(list_, DONE, undo, may_be_done=True)
    assert len(list_.written) == 1
    assert raw_lines(list_.master()) == raw_lines(text)
    await carry_out(list_, REOPEN, undo)
    was, is_ = lines_of(text), lines_of(list_.master())
    assert {**is_, **SEALED} == {**was, **SEALED}
    assert raw_lines(list_.master()) == raw_lines(text)
