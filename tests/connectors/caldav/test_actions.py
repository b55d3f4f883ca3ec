"""What a click writes into a resource, and what it leaves to a newer wish."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.connectors.caldav import actions
from oo_desktop.connectors.caldav.actions import changed
from oo_desktop.connectors.caldav.wire import UndoWire
from oo_desktop.connectors.icalendar import todo_clicks
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.errors import Rejected
from oo_desktop.model.signals import ActionKind, Day, Due, Fixed, Floating
from tests.connectors.caldav.resources import (
    BERLIN,
    click,
    component,
    count_of,
    lines_of,
    resource,
    todo,
    undo_of,
)

DONE, REOPEN, RESTORE, TOMORROW = (
    ActionKind.DONE,
    ActionKind.REOPEN,
    ActionKind.RESTORE,
    ActionKind.TOMORROW,
)
NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
OWNER = frozenset({"mailto:ada@example.com", "/principals/ada/"})
DAY_AFTER = Day(date(2026, 11, 30))

SEALED = {
    "DTSTAMP": "DTSTAMP:20261129T123000Z",
    "LAST-MODIFIED": "LAST-MODIFIED:20261129T123000Z",
    "SEQUENCE": "SEQUENCE:1",
}
FINISHED = {
    "STATUS": "STATUS:COMPLETED",
    "COMPLETED": "COMPLETED:20261129T123000Z",
    "PERCENT-COMPLETE": "PERCENT-COMPLETE:100",
}


def after(
    body: bytes,
    kind: ActionKind,
    undo: UndoWire,
    *,
    due: Due | None = None,
    may_be_done: bool = False,
    insists: bool = False,
) -> bytes | None:
    """What is written; None where nothing is."""
    action = click(kind, undo, due=due, may_be_done=may_be_done, insists=insists)
    return changed(body, undo, action, owner=OWNER, now=NOW, zone=ZONE, pacer=Pacer())


def wrote(body: bytes, kind: ActionKind, undo: UndoWire, **options: object) -> bytes:
    new = after(body, kind, undo, **options)  # type: ignore[arg-type]  # as `after` has them
    assert new is not None
    return new


def differences(before: bytes, new: bytes) -> set[str]:
    """The lines that are in only one of them."""
    return set(before.decode().splitlines()) ^ set(new.decode().splitlines())


PLAIN = resource(
    BERLIN,
    todo(
        "DTSTART;TZID=Europe/Berlin:20261129T080000",
        "DUE;TZID=Europe/Berlin:20261129T090000",
        "X-OTHER;P=1:a,b\\",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT5M",
        "END:VALARM",
    ),
)
SERIES = resource(
    todo("DUE;VALUE=DATE:20261129", "RRULE:FREQ=DAILY;COUNT=9", "STATUS:NEEDS-ACTION")
)
LISTED = resource(todo("DTSTART;VALUE=DATE:20261129", "RDATE;VALUE=DATE:20261130,20261201"))
FIRST, SECOND, THIRD = "20261129", "20261130", "20261201"


def override(stamp: str, *lines: str) -> str:
    return todo(f"RECURRENCE-ID;VALUE=DATE:{stamp}", f"DUE;VALUE=DATE:{stamp}", *lines)


def series(*overrides: str, rule: str = "RRULE:FREQ=DAILY;COUNT=9") -> bytes:
    return resource(todo("DUE;VALUE=DATE:20261129", rule), *overrides)


# Completing


def test_a_task_is_completed_and_all_else_stays() -> None:
    new = wrote(PLAIN, DONE, undo_of(PLAIN))
    assert lines_of(new) == lines_of(PLAIN) | FINISHED | SEALED
    changed_lines = {*FINISHED.values(), *SEALED.values(), "DTSTAMP:20261101T080000Z"}
    assert differences(PLAIN, new) == changed_lines


def test_a_number_of_changes_is_counted() -> None:
    body = PLAIN.replace(b"UID", b"SEQUENCE:41\r\nUID")
    assert lines_of(wrote(body, DONE, undo_of(body)))["SEQUENCE"] == "SEQUENCE:42"


def test_the_number_of_changes_is_left_to_an_organizer() -> None:
    body = PLAIN.replace(b"UID", b"ORGANIZER:mailto:eve@example.com\r\nUID")
    assert "SEQUENCE" not in lines_of(wrote(body, DONE, undo_of(body)))
    mine = PLAIN.replace(b"UID", b"ORGANIZER;CN=A:MAILTO:Ada@example.com\r\nUID")
    assert "SEQUENCE" in lines_of(wrote(mine, DONE, undo_of(mine)))


def test_completing_a_series_moves_it_on() -> None:
    new = wrote(SERIES, DONE, undo_of(SERIES, FIRST))
    moved = {"DUE": "DUE;VALUE=DATE:20261130", "RRULE": "RRULE:FREQ=DAILY;COUNT=8"}
    assert lines_of(new) == lines_of(SERIES) | moved | SEALED
    assert count_of(new) == 1


def test_the_last_one_of_a_series_is_completed() -> None:
    body = SERIES.replace(b"COUNT=9", b"COUNT=1")
    assert lines_of(wrote(body, DONE, undo_of(body, FIRST))) == lines_of(body) | FINISHED | SEALED


@pytest.mark.parametrize(
    "body",
    [
        series(override(THIRD, "STATUS:COMPLETED")),
        series(override(THIRD)),
        series(rule="RRULE:FREQ=DAILY\nRDATE;VALUE=DATE:20261224"),
        series(rule="RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY"),
        series(rule="RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
        series(rule="RRULE:FREQ=WHENEVER"),
    ],
    ids=["one completed", "one moved", "dates", "two rules", "never again", "unreadable"],
)
def test_where_more_is_said_of_a_series_the_occurrence_gets_a_component(body: bytes) -> None:
    new = wrote(body, DONE, undo_of(body, FIRST))
    assert lines_of(new) == lines_of(body)
    assert count_of(new) == count_of(body) + 1
    own = lines_of(new, number=1)
    assert own["RECURRENCE-ID"] == "RECURRENCE-ID;VALUE=DATE:20261129"
    assert own["DUE"] == "DUE;VALUE=DATE:20261129"
    assert own["SUMMARY"] == "SUMMARY:Feed the cat"
    assert not {"RRULE", "RDATE", "EXDATE"} & own.keys()
    assert FINISHED.items() <= own.items()


def test_a_later_occurrence_gets_a_component_so_that_none_is_skipped() -> None:
    new = wrote(SERIES, DONE, undo_of(SERIES, THIRD))
    assert lines_of(new) == lines_of(SERIES)
    assert lines_of(new, number=1)["RECURRENCE-ID"] == "RECURRENCE-ID;VALUE=DATE:20261201"


def test_a_component_of_an_occurrence_has_the_zone_and_the_alarms_of_its_master() -> None:
    done = PLAIN.replace(b"DUE;TZID=Europe/Berlin:20261129T090000\r\n", b"RRULE:FREQ=DAILY\r\n")
    new = wrote(done, DONE, undo_of(done, "20261130T070000Z"))
    own = lines_of(new, number=1)
    assert own["RECURRENCE-ID"] == "RECURRENCE-ID;TZID=Europe/Berlin:20261130T080000"
    assert own["DTSTART"] == "DTSTART;TZID=Europe/Berlin:20261130T080000"
    assert new.count(b"BEGIN:VALARM") == 2


@pytest.mark.parametrize(
    "recurrence",
    [
        "RECURRENCE-ID:20261129T080000Z",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261129T090000",
        "RECURRENCE-ID:20261129T090000",
        "RECURRENCE-ID;VALUE=DATE:20261129",
    ],
)
def test_the_component_of_an_occurrence_is_found_in_whichever_form(recurrence: str) -> None:
    master = todo("DUE;TZID=Europe/Berlin:20261129T090000", "RRULE:FREQ=DAILY")
    body = resource(master, todo(recurrence, "DUE:20261129T190000"))
    new = wrote(body, DONE, undo_of(body, "20261129T080000Z", own=1))
    assert count_of(new) == 2
    assert lines_of(new) == lines_of(body)
    assert FINISHED.items() <= lines_of(new, number=1).items()


def test_a_component_without_its_series_is_completed_alone() -> None:
    stray = resource(todo("RECURRENCE-ID:20261129T090000", "DUE:20261129T090000"))
    new = wrote(stray, DONE, undo_of(stray, "20261129T080000Z", own=0))
    assert lines_of(new) == lines_of(stray) | FINISHED | SEALED


def test_of_a_component_that_is_there_twice_the_newer_one_counts() -> None:
    body = series(override(FIRST, "SEQUENCE:2"), override(FIRST, "SEQUENCE:1"))
    new = wrote(body, DONE, undo_of(body, FIRST, own=1))
    assert "COMPLETED" in lines_of(new, number=1)
    assert "COMPLETED" not in lines_of(new, number=2)


def test_the_end_of_a_series_is_not_completed_for_an_occurrence() -> None:
    said = todo("RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20261129", "DUE:20261129")
    body = series(said)
    with pytest.raises(Rejected):
        after(body, DONE, undo_of(body, FIRST, own=1))


# What happened elsewhere

MOVED_ON = wrote(SERIES, DONE, undo_of(SERIES, FIRST))
Edit = Callable[[bytes], bytes]


def replaced(*pairs: tuple[str, str]) -> Edit:
    def edit(body: bytes) -> bytes:
        for old, new in pairs:
            assert old.encode() in body
            body = body.replace(old.encode(), new.replace("\n", "\r\n").encode(), 1)
        return body

    return edit


TASK = resource(todo("DUE;VALUE=DATE:20261129"))
RENAMED = replaced(("SUMMARY:Feed the cat", "SUMMARY:Feed the dog"))
COMPLETED = replaced(("SUMMARY", "STATUS:COMPLETED\nSUMMARY"))
CANCELLED = replaced(("SUMMARY", "STATUS:CANCELLED\nSUMMARY"))
OTHER_DATE = replaced(("DATE:20261129", "DATE:20270115"))
WISHED_DATE = replaced(("DATE:20261129", "DATE:20261130"))
REPEATS = replaced(("SUMMARY", "RRULE:FREQ=DAILY\nSUMMARY"))
REPEATS_THEN = replaced(
    ("SUMMARY", "RRULE:FREQ=DAILY\nSUMMARY"), ("DATE:20261129", "DATE:20270115")
)
REPEATS_NO_MORE = replaced(("RRULE:FREQ=DAILY;COUNT=9\r\n", ""))
REPEATS_OTHERWISE = replaced(("FREQ=DAILY;COUNT=9", "FREQ=WEEKLY"))
LEFT_OUT = replaced(("RRULE", "EXDATE;VALUE=DATE:20261129\nRRULE"))
LEFT_OUT_BY_RULE = replaced(("RRULE", "EXRULE:FREQ=DAILY;UNTIL=20261130\nRRULE"))
ENDED_BY_TODOMAN = replaced(("RRULE:FREQ=DAILY;COUNT=9\r\n", ""), ("NEEDS-ACTION", "COMPLETED"))
GONE = replaced(("BEGIN:VTODO", "BEGIN:VJOURNAL"), ("END:VTODO", "END:VJOURNAL"))

WRITTEN, NOTHING, REFUSED = "written", "nothing", "refused"

TABLE: dict[str, tuple[ActionKind, bytes, str | None, Edit, dict[str, bool], str]] = {
    # DONE of what does not repeat
    "done, renamed": (DONE, TASK, None, RENAMED, {}, WRITTEN),
    "done, completed": (DONE, TASK, None, COMPLETED, {}, NOTHING),
    "done, cancelled": (DONE, TASK, None, CANCELLED, {}, NOTHING),
    "done, another date": (DONE, TASK, None, OTHER_DATE, {}, WRITTEN),
    "done, repeats": (DONE, TASK, None, REPEATS, {}, WRITTEN),
    "done, repeats then": (DONE, TASK, None, REPEATS_THEN, {}, REFUSED),
    "done, repeats then, insists": (DONE, TASK, None, REPEATS_THEN, {"insists": True}, WRITTEN),
    "done, gone": (DONE, TASK, None, GONE, {}, NOTHING),
    # DONE of an occurrence
    "one done, renamed": (DONE, SERIES, FIRST, RENAMED, {}, WRITTEN),
    "one done, completed": (
        DONE,
        SERIES,
        FIRST,
        replaced(("NEEDS-ACTION", "COMPLETED")),
        {},
        NOTHING,
    ),
    "one done, left out": (DONE, SERIES, FIRST, LEFT_OUT, {}, NOTHING),
    "one done, left out by a rule": (DONE, SERIES, FIRST, LEFT_OUT_BY_RULE, {}, NOTHING),
    "one done, ended as by todoman": (DONE, SERIES, FIRST, ENDED_BY_TODOMAN, {}, NOTHING),
    "one done, moved on": (DONE, SERIES, FIRST, lambda _: MOVED_ON, {}, NOTHING),
    "one done, moved on by itself": (
        *(DONE, SERIES, FIRST, lambda _: MOVED_ON),
        *({"may_be_done": True}, NOTHING),
    ),
    "one done, another date": (
        *(DONE, SERIES, FIRST, replaced(("DATE:20261129", "DATE:20270115"))),
        *({}, REFUSED),
    ),
    "one done, another date, maybe done": (
        *(DONE, SERIES, FIRST, OTHER_DATE),
        *({"may_be_done": True}, NOTHING),
    ),
    "one done, another date, insists": (
        *(DONE, SERIES, FIRST, OTHER_DATE),
        *({"insists": True}, WRITTEN),
    ),
    "one done, another date, insists, maybe done": (
        *(DONE, SERIES, FIRST, OTHER_DATE),
        *({"insists": True, "may_be_done": True}, NOTHING),
    ),
    "one done, repeats otherwise": (DONE, SERIES, FIRST, REPEATS_OTHERWISE, {}, WRITTEN),
    "one done, repeats no more": (DONE, SERIES, FIRST, REPEATS_NO_MORE, {}, WRITTEN),
    "a later one done, repeats otherwise": (DONE, SERIES, SECOND, REPEATS_OTHERWISE, {}, REFUSED),
    "a later one done, repeats no more": (DONE, SERIES, SECOND, REPEATS_NO_MORE, {}, REFUSED),
    # A reschedule
    "put off, renamed": (TOMORROW, TASK, None, RENAMED, {}, WRITTEN),
    "put off, completed": (TOMORROW, TASK, None, COMPLETED, {}, REFUSED),
    "put off, completed, insists": (TOMORROW, TASK, None, COMPLETED, {"insists": True}, REFUSED),
    "put off, another date": (TOMORROW, TASK, None, OTHER_DATE, {}, REFUSED),
    "put off, another date, insists": (
        TOMORROW,
        TASK,
        None,
        OTHER_DATE,
        {"insists": True},
        WRITTEN,
    ),
    "put off, the date that was wished for": (TOMORROW, TASK, None, WISHED_DATE, {}, NOTHING),
    "put off, repeats": (TOMORROW, TASK, None, REPEATS, {}, WRITTEN),
    "put off, repeats then": (TOMORROW, TASK, None, REPEATS_THEN, {}, REFUSED),
    "put off, gone": (TOMORROW, TASK, None, GONE, {}, REFUSED),
    "one put off, renamed": (TOMORROW, SERIES, FIRST, RENAMED, {}, WRITTEN),
    "one put off, moved on": (TOMORROW, SERIES, FIRST, lambda _: MOVED_ON, {}, REFUSED),
    "one put off, moved on, insists": (
        *(TOMORROW, SERIES, FIRST, OTHER_DATE),
        *({"insists": True}, WRITTEN),
    ),
    "one put off, left out": (TOMORROW, SERIES, FIRST, LEFT_OUT, {}, REFUSED),
    "one put off, repeats no more": (TOMORROW, SERIES, FIRST, REPEATS_NO_MORE, {}, WRITTEN),
    "one put off, repeats otherwise": (TOMORROW, SERIES, FIRST, REPEATS_OTHERWISE, {}, WRITTEN),
    "a later one put off, repeats otherwise": (
        *(TOMORROW, SERIES, SECOND, REPEATS_OTHERWISE),
        *({}, REFUSED),
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_what_happened_elsewhere_decides(case: str) -> None:
    kind, clicked, stamp, edit, options, expected = TABLE[case]
    undo = undo_of(clicked, stamp)
    body = edit(clicked)
    try:
        new = after(body, kind, undo, due=DAY_AFTER, **options)
    except Rejected:
        assert expected == REFUSED
    else:
        assert expected == (NOTHING if new is None else WRITTEN)


UNDONE: dict[str, tuple[ActionKind, bytes, str | None, Edit, str]] = {
    # What takes back, after the click was carried out and something happened to that
    "reopen": (REOPEN, TASK, None, bytes, WRITTEN),
    "reopen, renamed": (REOPEN, TASK, None, RENAMED, WRITTEN),
    "reopen, reopened": (REOPEN, TASK, None, lambda _: TASK, NOTHING),
    "reopen, cancelled": (
        REOPEN,
        TASK,
        None,
        replaced(("STATUS:COMPLETED", "STATUS:CANCELLED")),
        REFUSED,
    ),
    "reopen, another date": (REOPEN, TASK, None, OTHER_DATE, WRITTEN),
    "reopen, repeats": (REOPEN, TASK, None, REPEATS, REFUSED),
    "reopen, gone": (REOPEN, TASK, None, GONE, REFUSED),
    "reopen one": (REOPEN, SERIES, FIRST, bytes, WRITTEN),
    "reopen one, renamed": (REOPEN, SERIES, FIRST, RENAMED, WRITTEN),
    "reopen one, reopened": (REOPEN, SERIES, FIRST, lambda _: SERIES, NOTHING),
    "reopen one, moved on again": (
        *(REOPEN, SERIES, FIRST, lambda body: wrote(body, DONE, undo_of(body, SECOND))),
        REFUSED,
    ),
    "reopen one, another date": (
        *(REOPEN, SERIES, FIRST, replaced(("DATE:20261130", "DATE:20270115"))),
        REFUSED,
    ),
    "reopen one, repeats otherwise": (
        *(REOPEN, SERIES, FIRST, replaced(("FREQ=DAILY;COUNT=8", "FREQ=WEEKLY"))),
        REFUSED,
    ),
    "reopen one, completed all": (
        *(REOPEN, SERIES, FIRST, replaced(("NEEDS-ACTION", "COMPLETED"))),
        REFUSED,
    ),
    "restore": (RESTORE, TASK, None, bytes, WRITTEN),
    "restore, renamed": (RESTORE, TASK, None, RENAMED, WRITTEN),
    "restore, restored": (RESTORE, TASK, None, lambda _: TASK, NOTHING),
    "restore, completed": (RESTORE, TASK, None, COMPLETED, REFUSED),
    "restore, another date": (
        *(RESTORE, TASK, None, replaced(("DATE:20261130", "DATE:20270115"))),
        REFUSED,
    ),
    "restore, repeats": (RESTORE, TASK, None, REPEATS, REFUSED),
    "restore, gone": (RESTORE, TASK, None, GONE, REFUSED),
    "restore one": (RESTORE, SERIES, FIRST, bytes, WRITTEN),
    "restore one, restored": (RESTORE, SERIES, FIRST, lambda _: SERIES, NOTHING),
    "restore one, moved on": (RESTORE, SERIES, FIRST, lambda _: MOVED_ON, REFUSED),
}


@pytest.mark.parametrize("case", UNDONE)
def test_what_happened_since_decides_what_can_be_taken_back(case: str) -> None:
    kind, clicked, stamp, edit, expected = UNDONE[case]
    undo = undo_of(clicked, stamp)
    first = DONE if kind is REOPEN else TOMORROW
    body = edit(wrote(clicked, first, undo, due=DAY_AFTER))
    try:
        new = after(body, kind, undo, due=DAY_AFTER)
    except Rejected:
        assert expected == REFUSED
    else:
        assert expected == (NOTHING if new is None else WRITTEN)


# Taking back

CLICKS: dict[str, tuple[ActionKind, bytes, str | None, int | None, Due | None]] = {
    "a task": (DONE, PLAIN, None, None, None),
    "a task in progress": (
        *(DONE, resource(todo("DUE:20261129T090000", "STATUS:IN-PROCESS", "PERCENT-COMPLETE:40"))),
        *(None, None, None),
    ),
    "a task opened again that kept its percentage": (
        *(
            DONE,
            resource(todo("DUE:20261129T090000", "STATUS:NEEDS-ACTION", "PERCENT-COMPLETE:100")),
        ),
        *(None, None, None),
    ),
    "the first of a series": (DONE, SERIES, FIRST, None, None),
    "the last of a series": (DONE, SERIES.replace(b"COUNT=9", b"COUNT=1"), FIRST, None, None),
    "a later one of a series": (DONE, SERIES, THIRD, None, None),
    "one with a component of its own": (
        *(DONE, series(override(FIRST, "STATUS:IN-PROCESS"))),
        *(FIRST, 1, None),
    ),
    "a time": (TOMORROW, PLAIN, None, None, Fixed(NOW, "Europe/Berlin")),
    "a day": (TOMORROW, TASK, None, None, DAY_AFTER),
    "a day that becomes a time": (TOMORROW, TASK, None, None, Floating(datetime(2026, 11, 29, 18))),  # noqa: DTZ001
    "no date": (ActionKind.NO_DATE, PLAIN, None, None, None),
    "the date of one": (TOMORROW, SERIES, FIRST, None, DAY_AFTER),
    "the date of a later one": (TOMORROW, SERIES, SECOND, None, Day(date(2026, 12, 24))),
    "the first of a list": (DONE, LISTED, FIRST, None, None),
    "a later one of a list": (DONE, LISTED, THIRD, None, None),
    "the date of one of a list": (TOMORROW, LISTED, FIRST, None, DAY_AFTER),
    "the date of a later one of a list": (TOMORROW, LISTED, SECOND, None, Day(date(2026, 12, 24))),
    "the date of one with a component of its own": (
        *(TOMORROW, series(override(FIRST))),
        *(FIRST, 1, DAY_AFTER),
    ),
}


@pytest.mark.parametrize("case", CLICKS)
def test_what_is_taken_back_is_as_it_was_but_for_its_seal(case: str) -> None:
    kind, body, stamp, own, due = CLICKS[case]
    undo = undo_of(body, stamp, own=own)
    new = wrote(body, kind, undo, due=due)
    assert after(new, kind, undo, due=due, may_be_done=True) is None
    back = wrote(new, REOPEN if kind is DONE else RESTORE, undo, due=due)
    assert count_of(back) == count_of(body)
    for number in range(count_of(body)):
        was, is_ = lines_of(body, number=number), lines_of(back, number=number)
        assert {**is_, **SEALED} == {**was, **SEALED}
    assert after(back, REOPEN if kind is DONE else RESTORE, undo, due=due) is None


def test_a_component_that_somebody_changed_is_reopened_and_kept() -> None:
    undo = undo_of(SERIES, THIRD)
    new = wrote(SERIES, DONE, undo)
    renamed = new[::-1].replace(b"tac eht", b"god eht", 1)[::-1]
    back = wrote(renamed, REOPEN, undo)
    assert count_of(back) == 2
    own = lines_of(back, number=1)
    assert own["SUMMARY"] == "SUMMARY:Feed the dog"
    assert own["STATUS"] == "STATUS:NEEDS-ACTION"
    assert "COMPLETED" not in own


def test_a_component_is_kept_where_only_it_shows_that_an_occurrence_is_open() -> None:
    body = series(override("20261205", "STATUS:COMPLETED"))
    undo = undo_of(body, FIRST)
    back = wrote(wrote(body, DONE, undo), REOPEN, undo)
    assert count_of(back) == 3
    assert "COMPLETED" not in lines_of(back, number=1)


def test_a_date_is_put_back_in_a_component_that_somebody_changed() -> None:
    undo = undo_of(SERIES, THIRD)
    new = wrote(SERIES, TOMORROW, undo, due=DAY_AFTER)
    renamed = new[::-1].replace(b"tac eht", b"god eht", 1)[::-1]
    back = wrote(renamed, RESTORE, undo, due=DAY_AFTER)
    own = lines_of(back, number=1)
    assert own["DUE"] == "DUE;VALUE=DATE:20261201"
    assert own["SUMMARY"] == "SUMMARY:Feed the dog"


# Moving


def test_a_task_is_put_off_in_its_zone_and_begins_as_long_before() -> None:
    tomorrow = Fixed(datetime(2026, 11, 30, 8, tzinfo=UTC), "Europe/Berlin")
    new = wrote(PLAIN, TOMORROW, undo_of(PLAIN), due=tomorrow)
    moved = {
        "DTSTART": "DTSTART;TZID=Europe/Berlin:20261130T080000",
        "DUE": "DUE;TZID=Europe/Berlin:20261130T090000",
    }
    assert lines_of(new) == lines_of(PLAIN) | moved | SEALED


def test_one_of_a_series_is_put_off_beside_it() -> None:
    new = wrote(SERIES, TOMORROW, undo_of(SERIES, FIRST), due=DAY_AFTER)
    assert lines_of(new) == lines_of(SERIES)
    own = lines_of(new, number=1)
    assert own["RECURRENCE-ID"] == "RECURRENCE-ID;VALUE=DATE:20261129"
    assert own["DUE"] == "DUE;VALUE=DATE:20261130"


@pytest.mark.parametrize("body", [SERIES, REPEATS(TASK)])
def test_what_repeats_is_never_left_without_a_date(body: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        after(body, ActionKind.NO_DATE, undo_of(body, FIRST))
    assert refused.value.reason == todo_clicks.REPEATS


def test_who_insists_completes_the_first_open_one_after_the_last_completed() -> None:
    body = series(
        override(SECOND, "STATUS:COMPLETED"),
        override(THIRD, "STATUS:CANCELLED"),
        override("20261203"),
    )
    undo = undo_of(body, "20250101")
    new = wrote(body, DONE, undo, insists=True)
    assert lines_of(new, number=1)["RECURRENCE-ID"] == "RECURRENCE-ID;VALUE=DATE:20261202"
    newer = wrote(new, DONE, undo, insists=True)
    assert count_of(newer) == count_of(new)
    assert "COMPLETED" in lines_of(newer, number=4)


def test_who_insists_completes_an_open_one_before_the_last_completed() -> None:
    body = series(override(FIRST), override(SECOND, "STATUS:COMPLETED"))
    new = wrote(body, DONE, undo_of(body, "20250101"), insists=True)
    assert "COMPLETED" in lines_of(new, number=1)


def test_who_insists_on_a_series_that_is_over_completes_nothing() -> None:
    body = series(override(FIRST, "STATUS:COMPLETED"), rule="RRULE:FREQ=DAILY;COUNT=1")
    with pytest.raises(Rejected):
        after(body, DONE, undo_of(body, "20250101"), insists=True)


# Invitations

INVITED = "ATTENDEE;CN=Ada;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ada@example.com"


def event(*lines: str, guest: str = INVITED) -> str:
    fixed = ("DTSTART:20261130T090000Z", "ORGANIZER:mailto:eve@example.com", guest, *lines)
    return component("VEVENT", *fixed)


MEETING = resource(event("ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.com"))


def invitation(body: bytes, stamp: str | None = None, *, own: int | None = None) -> UndoWire:
    return undo_of(body, stamp, own=own, kind="VEVENT", owner="ada")


@pytest.mark.parametrize(
    ("kind", "partstat"),
    [
        (ActionKind.ACCEPT, "ACCEPTED"),
        (ActionKind.MAYBE, "TENTATIVE"),
        (ActionKind.DECLINE, "DECLINED"),
    ],
)
def test_an_answer_changes_the_owner_alone(kind: ActionKind, partstat: str) -> None:
    new = wrote(MEETING, kind, invitation(MEETING))
    assert differences(MEETING, new) == {
        INVITED,
        f"ATTENDEE;CN=Ada;PARTSTAT={partstat}:mailto:ada@example.com",
        "DTSTAMP:20261101T080000Z",
        SEALED["DTSTAMP"],
        SEALED["LAST-MODIFIED"],
    }
    assert after(new, kind, invitation(MEETING), may_be_done=True) is None
    back = wrote(new, RESTORE, invitation(MEETING))
    assert INVITED in back.decode()


@pytest.mark.parametrize(
    "guest",
    [
        "ATTENDEE:MAILTO:Ada@Example.com",
        "ATTENDEE;EMAIL=ada@example.com:urn:uuid:1",
        'ATTENDEE;EMAIL="Ada@example.com":/somewhere/',
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:/principals/ada",
        "ATTENDEE:https://dav.example.com/principals/%61da/",
    ],
)
def test_the_owner_is_known_by_any_of_their_names(guest: str) -> None:
    body = resource(event(guest=guest))
    new = wrote(body, ActionKind.ACCEPT, invitation(body))
    assert "PARTSTAT=ACCEPTED" in lines_of(new, "VEVENT")["ATTENDEE"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (resource(event(guest="ATTENDEE:mailto:bob@example.com")), actions.NOT_INVITED),
        (resource(event(guest='ATTENDEE;CN="x:mailto:ada@example.com')), actions.NOT_INVITED),
        (resource(event("STATUS:CANCELLED")), actions.CANCELLED),
        (MEETING.replace(b"T090000Z", b"T100000Z"), actions.MOVED),
        (MEETING.replace(b"NEEDS-ACTION", b"DECLINED"), actions.ANSWERED_ELSEWHERE),
        (resource(component("VJOURNAL")), todo_clicks.GONE),
    ],
)
def test_an_invitation_that_changed_is_not_answered(body: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as refused:
        after(body, ActionKind.ACCEPT, invitation(MEETING))
    assert refused.value.reason == reason


def test_who_insists_answers_what_is_there_now() -> None:
    body = MEETING.replace(b"T090000Z", b"T100000Z").replace(b"NEEDS-ACTION", b"DECLINED", 1)
    new = wrote(body, ActionKind.ACCEPT, invitation(MEETING), insists=True)
    assert b"PARTSTAT=ACCEPTED" in new


def test_an_answer_to_an_occurrence_goes_to_its_own_component_or_to_the_series() -> None:
    master = event("RRULE:FREQ=DAILY")
    own = event("RECURRENCE-ID:20261201T090000Z").replace("20261130T0900", "20261201T1100")
    body = resource(master, own)
    new = wrote(body, ActionKind.ACCEPT, invitation(body, "20261201T090000Z", own=1))
    assert lines_of(new, "VEVENT") == lines_of(body, "VEVENT")
    assert "ACCEPTED" in lines_of(new, "VEVENT", number=1)["ATTENDEE"]
    alone = wrote(resource(master), ActionKind.ACCEPT, invitation(body, "20261202T090000Z"))
    assert "ACCEPTED" in lines_of(alone, "VEVENT")["ATTENDEE"]
    with pytest.raises(Rejected):
        after(resource(master), ActionKind.ACCEPT, invitation(body, "20261201T090000Z", own=1))


# What cannot be changed


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        TASK.replace(b"END:VTODO\r\n", b""),
        resource(todo("DUE:20261129"), todo("DUE:20261130").replace("u1", "u2")),
        resource(todo("DUE:soon", "RRULE:FREQ=DAILY")),
        TASK.replace(b"DUE", b'DUE;X-A="b'),
    ],
    ids=["nothing", "a page", "no end", "two tasks", "no date", "torn"],
)
def test_what_cannot_be_read_is_not_changed(body: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        after(body, TOMORROW, undo_of(TASK), due=DAY_AFTER, insists=True)
    assert refused.value.reason == actions.NOT_EDITABLE


@pytest.mark.parametrize("lines", [{"DUE": "X:1"}, {"DUE": "DUE:1\r\nX:2"}, {"DUE": ""}])
def test_lines_of_a_click_that_make_no_sense_are_not_written(lines: dict[str, str]) -> None:
    with pytest.raises(Rejected):
        after(TASK, RESTORE, UndoWire("/a", None, lines), due=Day(date(2026, 11, 29)))


def test_a_task_and_an_event_are_not_taken_for_each_other() -> None:
    with pytest.raises(Rejected) as refused:
        after(TASK, ActionKind.ACCEPT, undo_of(TASK))
    assert refused.value.reason == todo_clicks.GONE
    assert after(MEETING, DONE, undo_of(TASK)) is None


def test_an_answer_that_is_not_known_any_more_is_not_put_back() -> None:
    with pytest.raises(Rejected) as refused:
        after(MEETING, RESTORE, undo_of(MEETING, kind="VEVENT"))
    assert refused.value.reason == actions.FORGOTTEN
