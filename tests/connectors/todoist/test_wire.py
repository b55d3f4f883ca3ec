"""What becomes of Todoist's answers, tested with dicts."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.todoist import wire
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import each_as
from oo_desktop.model.signals import (
    RESCHEDULES,
    ActionKind,
    Container,
    Day,
    Due,
    Fixed,
    Floating,
    Task,
    UserId,
    day_of,
    ends_at,
    time_of,
)
from oo_desktop.model.zones import zone_named

ADA = UserId("1234567")
HOME = Container("Home", "#369307")


def a_task(**changes: Any) -> dict[str, Any]:
    """A task as the API page shows it."""
    return {
        "id": "6XGgmFVcrG5RRjVr",
        "user_id": "1234567",
        "project_id": "6XGgm6PHrGgMpCFX",
        "section_id": None,
        "parent_id": None,
        "content": "Call **Ana** about [offer](https://example.com)",
        "description": "",
        "priority": 4,
        "labels": ["phone"],
        "due": {"date": "2026-11-22", "timezone": None, "string": "today", "lang": "en"},
        "deadline": None,
        "duration": {"amount": 30, "unit": "minute"},
        "checked": False,
        "is_deleted": False,
        "child_order": 3,
        "day_order": -1,
        "note_count": 0,
        "added_at": "2026-11-01T08:00:00.123456Z",
        "completed_at": None,
        "goal_ids": [],
        **changes,
    }


def signal(**changes: Any) -> Task | None:
    task = msgspec.convert(a_task(**changes), wire.TaskWire)
    return wire.task_from_wire(task, user_id=ADA, containers={"6XGgm6PHrGgMpCFX": HOME})


def shown(**changes: Any) -> Task:
    task = signal(**changes)
    assert task is not None
    return task


# Tasks


def test_a_task_becomes_a_signal() -> None:
    assert shown() == Task(
        id="6XGgmFVcrG5RRjVr",  # type: ignore[arg-type]  # texts, as the wire has them
        source="todoist",  # type: ignore[arg-type]
        user_id=ADA,
        title="Call Ana about offer",
        url="https://app.todoist.com/app/task/6XGgmFVcrG5RRjVr",
        container=HOME,
        actions=(ActionKind.DONE, *RESCHEDULES),
        undo='{"due":{"date":"2026-11-22","timezone":null,"string":"today","lang":"en",'
        '"is_recurring":false}}',
        due=Day(date(2026, 11, 22)),
        priority=1,
    )


@pytest.mark.parametrize(
    ("theirs", "ours"), [(4, 1), (3, 2), (2, 3), (1, 4), (None, 4), (0, 4), (9, 1), (-5, 4)]
)
def test_priority_four_is_the_most_urgent_there(theirs: int | None, ours: int) -> None:
    assert shown(priority=theirs).priority == ours


def test_a_task_needs_nothing_but_an_id() -> None:
    task = wire.task_from_wire(wire.TaskWire(id="x"), user_id=ADA, containers={})
    assert task is not None
    assert (task.title, task.due, task.container, task.priority) == ("(no title)", None, None, 4)


@pytest.mark.parametrize("content", ["", "   ", "****", "\x00", None, "* ", "\u202e"])
def test_a_task_without_a_title_says_so(content: str | None) -> None:
    assert shown(content=content).title in ("(no title)", "****")


def test_a_heading_like_task_cannot_be_completed() -> None:
    heading = shown(content="* Errands *now*")
    assert (heading.title, heading.actions) == ("Errands now", ())
    assert ActionKind.DONE in shown(content="*Errands*").actions


@pytest.mark.parametrize(
    "change", [{"checked": True}, {"is_deleted": True}, {"id": ""}, {"id": "x" * 201}]
)
def test_what_is_completed_deleted_or_nameless_is_not_shown(change: dict[str, Any]) -> None:
    assert signal(**change) is None


def test_an_id_cannot_change_the_address() -> None:
    assert shown(id="../a?b#c").url == "https://app.todoist.com/app/task/..%2Fa%3Fb%23c"


def test_a_task_without_a_date_is_shown_by_its_deadline() -> None:
    task = shown(due=None, deadline={"date": "2026-11-30", "lang": "en"})
    assert (task.due, task.by_deadline) == (Day(date(2026, 11, 30)), True)


def test_a_date_comes_before_a_deadline() -> None:
    task = shown(deadline={"date": "2026-11-20"})
    assert (task.due, task.by_deadline) == (Day(date(2026, 11, 22)), False)


# Due dates


@pytest.mark.parametrize(
    ("text", "zone", "due"),
    [
        ("2026-11-22", None, Day(date(2026, 11, 22))),
        ("2026-11-22", "Europe/Madrid", Day(date(2026, 11, 22))),
        ("2026-11-22T12:00:00", None, Floating(datetime(2026, 11, 22, 12))),  # noqa: DTZ001  # naive
        ("2026-11-22T12:00:00.000000", None, Floating(datetime(2026, 11, 22, 12))),  # noqa: DTZ001
        ("2026-11-22T12:00", None, Floating(datetime(2026, 11, 22, 12))),  # noqa: DTZ001
        (
            "2026-11-22T13:00:00Z",
            "Europe/Madrid",
            Fixed(datetime(2026, 11, 22, 13, tzinfo=UTC), "Europe/Madrid"),
        ),
        (
            "2026-11-22T13:00:00.123456Z",
            "Europe/Madrid",
            Fixed(datetime(2026, 11, 22, 13, tzinfo=UTC), "Europe/Madrid"),
        ),
        ("2026-11-22T13:00:00Z", None, Fixed(datetime(2026, 11, 22, 13, tzinfo=UTC), "UTC")),
        ("2026-11-22T13:00:00Z", "Mars/Base", Fixed(datetime(2026, 11, 22, 13, tzinfo=UTC), "UTC")),
        (
            "2026-11-22T14:00:00",
            "Europe/Madrid",
            Fixed(datetime(2026, 11, 22, 13, tzinfo=UTC), "Europe/Madrid"),
        ),
        ("2026-11-22T14:00:00", "Mars/Base", Floating(datetime(2026, 11, 22, 14))),  # noqa: DTZ001
        ("2026-11-22T14:00:00+01:00", None, Fixed(datetime(2026, 11, 22, 13, tzinfo=UTC), "UTC")),
    ],
)
def test_a_due_date_has_three_forms(text: str, zone: str | None, due: Due) -> None:
    assert wire.due_from_wire(text, zone) == due


@pytest.mark.parametrize(
    "text",
    ["", "today", "2026-13-01", "2026-02-30", "20261122", "2026-W47-7", "2026-11-22T25:00:00",
     "2026-11-22T12:00:60", "2026-11-22 12:00:00", "0001-01-01", "9999-12-31",
     "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-11-22T12:00:00Z\n",
     "２０２６-11-22"],
)  # fmt: skip
def test_a_due_date_that_makes_no_sense_costs_only_the_date(text: str) -> None:
    assert wire.due_from_wire(text) is None
    assert shown(due={"date": text}).due is None


ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Asia/Kathmandu", "Pacific/Apia",
         "Australia/Lord_Howe", "America/St_Johns", "Pacific/Kiritimati")  # fmt: skip
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1)).map(  # noqa: DTZ001  # naive
    lambda moment: moment.replace(microsecond=0)
)


@given(day=st.dates(date(1950, 1, 1), date(2150, 1, 1)), zone=st.sampled_from(ZONES))
def test_a_day_is_the_same_day_in_every_zone(day: date, zone: str) -> None:
    due = wire.due_from_wire(day.isoformat(), zone)
    assert due == Day(day)
    assert day_of(due, ZoneInfo(zone)) == day
    assert time_of(due, ZoneInfo(zone)) is None


@given(moment=MOMENTS, fraction=st.sampled_from(["", ".000000", ".5"]), zone=st.sampled_from(ZONES))
def test_a_floating_time_keeps_its_wall_clock(moment: datetime, fraction: str, zone: str) -> None:
    due = wire.due_from_wire(moment.isoformat() + fraction)
    assert due == Floating(moment)
    assert day_of(due, ZoneInfo(zone)) == moment.date()
    assert time_of(due, ZoneInfo(zone)) == moment.time()


@given(moment=MOMENTS, fraction=st.sampled_from(["", ".000000"]), zone=st.sampled_from(ZONES))
def test_a_fixed_time_is_one_instant(moment: datetime, fraction: str, zone: str) -> None:
    instant = moment.replace(tzinfo=UTC)
    due = wire.due_from_wire(f"{moment.isoformat()}{fraction}Z", zone)
    assert due == Fixed(instant, zone)
    assert ends_at(due, ZoneInfo("UTC")) == instant
    local = instant.astimezone(ZoneInfo(zone))
    assert (day_of(due, ZoneInfo(zone)), time_of(due, ZoneInfo(zone))) == (
        local.date(),
        local.time(),
    )


@given(moment=MOMENTS, zone=st.sampled_from(ZONES))
def test_a_local_time_with_a_zone_is_the_instant_it_means_there(
    moment: datetime, zone: str
) -> None:
    due = wire.due_from_wire(moment.isoformat(), zone)
    assert isinstance(due, Fixed)
    assert due.at == moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Europe/Madrid", date(2026, 10, 25)), ("Europe/Madrid", date(2026, 3, 29)),
     ("America/New_York", date(2026, 11, 1)), ("Australia/Lord_Howe", date(2026, 4, 5))],
)  # fmt: skip
def test_an_hour_that_happens_twice_or_never_moves_no_day(zone: str, day: date) -> None:
    for minutes in range(0, 24 * 60, 15):
        local = datetime.combine(day, time()) + timedelta(minutes=minutes)
        due = wire.due_from_wire(local.isoformat(), zone)
        assert due is not None
        assert day_of(due, ZoneInfo(zone)) == day


@given(text=st.text(max_size=40), zone=st.none() | st.text(max_size=20))
def test_no_text_is_too_odd_for_a_due_date(text: str, zone: str | None) -> None:
    wire.due_from_wire(text, zone)


@pytest.mark.parametrize(
    "name", [None, "", "Mars/Base", "Europe", "../etc/passwd", "/etc/passwd", "a\x00b", "\ud800"]
)
def test_a_zone_nobody_knows_is_none(name: str | None) -> None:
    assert zone_named(name) is None


# Projects


def projects(*wires: dict[str, Any]) -> dict[str, Container]:
    return wire.containers_from_wire(msgspec.convert(one, wire.ProjectWire) for one in wires)


def test_a_project_has_a_name_and_a_colour() -> None:
    found = projects(
        {"id": "1", "name": "Notes & <b>Letters</b>", "color": "grape", "inbox_project": False},
        {"id": "2", "name": "Bandeja de entrada", "color": "grey", "inbox_project": True},
        {"id": "3", "name": None, "color": "octarine"},
        {"id": "4"},
    )
    assert found == {
        "1": Container("Notes & <b>Letters</b>", "#692EC2"),
        "2": Container("Inbox", "#999999"),
        "3": Container("(no name)", "#808080"),
        "4": Container("(no name)", "#808080"),
    }


def test_projects_that_are_gone_are_left_out() -> None:
    assert not projects({"id": "1", "is_archived": True}, {"id": "2", "is_deleted": True})


# Order


def ordered(*tasks: dict[str, Any], zone: str = "UTC") -> list[str]:
    keyed = []
    for number, changes in enumerate(tasks):
        said = msgspec.convert(a_task(id=str(number), **changes), wire.TaskWire)
        task = wire.task_from_wire(said, user_id=ADA, containers={})
        assert task is not None
        keyed.append((wire.order(task, said, ZoneInfo(zone)), task.id))
    return [str(id_) for _, id_ in sorted(keyed)]


def test_tasks_are_ordered_as_todoists_today_is() -> None:
    day, morning = {"date": "2026-11-22"}, {"date": "2026-11-22T09:00:00"}
    deadline = {"date": "2026-11-25"}
    expected: list[dict[str, Any]] = [
        {"due": {"date": "2026-11-20T23:00:00"}, "priority": 1},
        {"due": None, "deadline": {"date": "2026-11-21"}, "priority": 1},
        {"due": day, "priority": 4, "deadline": deadline},
        {"due": day, "priority": 4, "day_order": 1, "added_at": "2026-11-09T08:00:00Z"},
        {"due": day, "priority": 4, "day_order": 2, "added_at": "2026-11-08T08:00:00Z"},
        {"due": day, "priority": 4, "day_order": 2, "added_at": "2026-11-08T08:00:00.5Z"},
        {"due": day, "priority": 1},
        {"due": morning, "priority": 3},
        {"due": morning, "priority": 1},
        {"due": {"date": "2026-11-22T17:00:00"}, "priority": 4},
        {"due": None, "priority": 4},
    ]
    assert ordered(*expected) == [str(number) for number in range(len(expected))]
    assert ordered(*reversed(expected)) == [str(number) for number in reversed(range(11))]


def test_the_zone_decides_on_which_day_a_fixed_time_falls() -> None:
    late = {"due": {"date": "2026-11-22T23:30:00Z", "timezone": "UTC"}}
    day = {"due": {"date": "2026-11-23"}}
    assert ordered(day, late, zone="UTC") == ["1", "0"]
    assert ordered(day, late, zone="Asia/Kathmandu") == ["0", "1"]


# Decoding


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", Unavailable),
        (b"oops", Unavailable),
        (b'{"results":[', Unavailable),
        (b'{"results":[]} trailing', Unavailable),
        (b'{"results":[],"next_cursor":NaN}', Unavailable),
        (b'{"next_cursor":"\xff","results":[]}', Unavailable),
        (b'{"results":' + b"[" * 100_000, Unavailable),
        (b"null", Rejected),
        (b"[]", Rejected),
        (b"[" * 100_000, Rejected),
        (b"{}", Rejected),
        (b'{"results":null}', Rejected),
        (b'{"results":[],"next_cursor":7}', Rejected),
    ],
)
def test_garbage_is_for_later_and_another_form_is_for_an_update(
    body: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        wire.decoded(body, wire.TodoistPageWire)
    assert caught.value.__context__ is None


def test_a_byte_order_mark_is_passed_over() -> None:
    assert wire.decoded(b'\xef\xbb\xbf{"results":[]}', wire.TodoistPageWire).results == []


def test_one_task_that_makes_no_sense_costs_only_itself() -> None:
    body = b'{"results":[{"id":"1"},{"id":7},{},null,{"id":"\xff"},{"id":"2","due":{}},{"id":"3"}]}'
    page = wire.decoded(body, wire.TodoistPageWire)
    read = each_as(page.results, wire.TaskWire)
    assert [task.id if task else None for task in read] == ["1", None, None, None, None, None, "3"]


def test_half_a_character_is_replaced_not_the_task_with_it() -> None:
    body = (
        rb'{"results":[{"id":"1","content":"cut \ud83d"},'
        rb'{"id":"2","content":"\ude00 \ud83d\ude00"},{"id":"3","content":"C:\\ud83d \\\ud83d"}]}'
    )
    page = wire.decoded(body, wire.TodoistPageWire)
    titles = [task.content for task in each_as(page.results, wire.TaskWire) if task]
    assert titles == ["cut �", "� 😀", r"C:\ud83d \�"]


def test_what_todoist_says_of_a_user_is_not_kept() -> None:
    body = b'{"id":"1","token":"s3cr3t","websocket_url":"wss://x/?t=s3cr3t","email":"a@b.c"}'
    assert "s3cr3t" not in repr(wire.decoded(body, wire.UserWire))
