"""What is planned, in the tray: now, next, today and tomorrow."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from oo_desktop.agenda.selection import Section
from oo_desktop.commands.commands import Act, OpenUrl
from oo_desktop.commands.json import signals_json
from oo_desktop.model.signals import REPLIES, ActionKind, Container, Day, Event, Fixed, Floating
from oo_desktop.model.state import AppState
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.rows import RowKind, TrayView
from oo_desktop.ui.view.tray import tray_lines
from tests.ui.view import views
from tests.ui.view.happenings import (
    ADA,
    BOB,
    GOOGLE,
    NOON,
    calendars,
    meeting,
    whole_days,
    with_events,
)
from tests.ui.view.views import (
    BERLIN,
    MakeAccount,
    MakeClick,
    MakeTask,
    changes_at,
    row,
    select,
    texts,
)

MEET = "https://meet.google.com/abc-defg-hij"


def at(hour: int, minute: int = 0, *, day: int = 25) -> datetime:
    """On Berlin's clock, in the week of NOON."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def shown(state: AppState, now: datetime = NOON) -> TrayView:
    return views.shown(state, now)


def told(*events: Event, now: datetime = NOON) -> list[str]:
    """The rows about events and their headings."""
    view = shown(with_events(*events), now)
    return [each.text for each in view.rows if each.id[0] in {"heading", "event"}]


# Now and next


def test_what_is_running_is_now_and_what_begins_within_the_hour_is_next() -> None:
    assert told(
        meeting("Stand-up", at(12, 45), calendar="Work"),
        meeting("Review", at(13, 12), calendar="Work"),
        meeting("Dinner", at(19), 90),
        meeting("Run", at(7, day=26), 45),
    ) == [
        "Now",
        "12:45–13:15  Stand-up · Work",
        "Next",
        "13:12–13:42  Review · Work · in 12 min",
        "Planned today (1)",
        "19:00–20:30  Dinner",
        "Tomorrow (1)",
        "07:00–07:45  Run",
    ]


@pytest.mark.parametrize(
    ("before", "heading", "soon"),
    [
        (timedelta(hours=1, seconds=1), "Planned today (1)", ""),
        (timedelta(hours=1), "Next", " · in 60 min"),
        (timedelta(minutes=11, seconds=1), "Next", " · in 12 min"),
        (timedelta(minutes=11), "Next", " · in 11 min"),
        (timedelta(seconds=1), "Next", " · in 1 min"),
        (timedelta(0), "Now", ""),
        (timedelta(minutes=-29, seconds=-59), "Now", ""),
    ],
)
def test_minutes_are_told_in_the_hour_before(before: timedelta, heading: str, soon: str) -> None:
    event = meeting("Review", at(14))
    assert told(event, now=at(14) - before) == [heading, f"14:00–14:30  Review{soon}"]


def test_what_is_over_is_gone_at_its_very_end() -> None:
    event = meeting("Review", at(14))
    assert told(event, now=at(14, 30) - timedelta(microseconds=1)) != []
    assert told(event, now=at(14, 30)) == []


def test_back_to_back_meetings_hand_over_at_one_instant() -> None:
    first, second = meeting("Review", at(14)), meeting("Retro", at(14, 30))
    assert told(first, second, now=at(14, 29)) == [
        "Now",
        "14:00–14:30  Review",
        "Next",
        "14:30–15:00  Retro · in 1 min",
    ]
    assert told(first, second, now=at(14, 30)) == ["Now", "14:30–15:00  Retro"]


def test_an_event_without_length_is_told_until_it_begins() -> None:
    event = meeting("Parcel comes", at(14), 0)
    assert told(event, now=at(13, 50)) == ["Next", "14:00  Parcel comes · in 10 min"]
    assert told(event, now=at(14)) == []


def test_what_is_not_certain_is_said_in_words() -> None:
    event = meeting("Review", at(13, 12), calendar="Work", tentative=True)
    assert told(event)[1] == "13:12–13:42  Review · Work · maybe · in 12 min"


def test_a_title_that_reads_from_right_to_left_turns_nothing_else_around() -> None:
    """Kept to itself between marks that are not seen, after one that says how the line reads."""
    event = meeting("פגישה", at(13, 12), calendar="עבודה", where="חדר 5")
    assert told(event)[1] == (
        "13:12–13:42  \u200e\u2068פגישה\u2069 · \u200e\u2068עבודה\u2069 · "
        "\u200e\u2068חדר 5\u2069 · in 12 min"
    )
    assert shown(with_events(event)).summary == "\u200e\u2068פגישה\u2069 in 12 min"


def test_an_invitation_without_an_answer_is_not_called_a_maybe() -> None:
    event = meeting("Review", at(13, 12), tentative=True, unanswered=True)
    assert told(event)[1] == "13:12–13:42  Review · not answered · in 12 min"
    assert "maybe" not in " ".join(shown(with_events(event)).tooltip)


def test_where_it_is_stands_there_once_one_has_to_go() -> None:
    room = meeting("Review", at(13, 12), where="Room 5\n2nd floor")
    assert told(room)[1] == "13:12–13:42  Review · Room 5 2nd floor · in 12 min"
    assert told(room, now=at(9))[1] == "13:12–13:42  Review"
    link = meeting("Review", at(13, 12), where="https://zoom.us/j/1")
    assert told(link)[1] == "13:12–13:42  Review · in 12 min"


def test_a_click_shows_the_event_where_it_was_planned() -> None:
    event = meeting("Review", at(14), url="https://calendar.google.com/e", join_url=MEET)
    found = row(shown(with_events(event)), "event", *ADA, "Review", "open")
    assert (found.command, found.icon) == (OpenUrl("https://calendar.google.com/e"), RowIcon.EVENT)
    without = msgspec.structs.replace(event, url=None)
    found = row(shown(with_events(without)), "event", *ADA, "Review", "open")
    assert found.command == OpenUrl(MEET)
    neither = msgspec.structs.replace(event, url=None, join_url=None)
    read = row(shown(with_events(neither)), "event", *ADA, "Review", "text")
    assert (read.command, read.enabled) == (None, True), "the keyboard skips what is disabled"


@pytest.mark.parametrize(
    ("color", "drawn"), [("#0B8043", "#0B8043"), ("red", None), ("#0B80431", None), (None, None)]
)
def test_a_calendars_colour_stands_beside_its_name(color: str | None, drawn: str | None) -> None:
    event = msgspec.structs.replace(meeting("Review", at(14)), container=Container("Work", color))
    found = row(shown(with_events(event)), "event", *ADA, "Review", "open")
    assert (found.color, found.text) == (drawn, "14:00–14:30  Review · Work · in 60 min")


# Whole days, and several


def test_whole_days_stand_apart_from_what_has_a_time() -> None:
    today = date(2026, 11, 25)
    assert told(
        meeting("Dinner", at(19)),
        whole_days("Holiday", today, calendar="Holidays"),
        whole_days("Fair", today - timedelta(days=1), 4),
        whole_days("Last day", today - timedelta(days=1), 2),
        whole_days("Over", today - timedelta(days=1)),
        whole_days("Trip", today + timedelta(days=1), 3),
        meeting("Run", at(7, day=26)),
    ) == [
        "Planned today (4)",
        "19:00–19:30  Dinner",
        "All day, until Fri  Fair",
        "All day  Last day",
        "All day  Holiday · Holidays",
        "Tomorrow (2)",
        "07:00–07:30  Run",
        "All day, until Sat  Trip",
    ]


def test_whole_days_end_at_midnight_where_the_account_is() -> None:
    holiday = whole_days("Holiday", date(2026, 11, 25))
    for zone, ends in (
        ("Pacific/Pago_Pago", datetime(2026, 11, 26, 11, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 26, 8, tzinfo=UTC)),
        ("America/St_Johns", datetime(2026, 11, 26, 3, 30, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 11, 26, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 11, 25, 18, 30, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 11, 25, 18, 15, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 11, 25, 10, tzinfo=UTC)),
    ):
        state = with_events(holiday, account=calendars(zone=zone))
        starts, moment = ends - timedelta(days=1), timedelta(seconds=1)
        assert "Tomorrow (1)" in texts(shown(state, starts - moment)), zone
        assert "Planned today (1)" in texts(shown(state, starts)), zone
        assert "Planned today (1)" in texts(shown(state, ends - moment)), zone
        assert "All day  Holiday" not in texts(shown(state, ends)), zone
        change = changes_at(state, ends - moment, ZoneInfo(zone))
        assert change == ends, zone


@pytest.mark.parametrize(
    ("start", "hours", "words"),
    [
        (at(9, day=24), 48, "until Thu"),
        (at(9, day=25), 48, "09:00, until Fri"),
        (at(9, day=23), 52, "until 13:00"),
        (at(23, day=24), 15, "23:00–14:00"),
        (at(12, day=25), 12, "12:00–00:00"),
        (at(12, day=25), 36, "12:00, until Thu"),  # midnight belongs to the day before
        (at(12, day=25), 24 * 9, "12:00, until Fri 4 Dec"),
    ],
)
def test_an_event_over_several_days_says_until_when(
    start: datetime, hours: int, words: str
) -> None:
    now = NOON - timedelta(minutes=1)
    assert told(meeting("Release", start, hours * 60), now=now) == ["Now", f"{words}  Release"]


def test_what_is_tomorrow_but_within_the_hour_is_next() -> None:
    event = meeting("Night train", at(0, 10, day=26), 360)
    late = at(23, 50)
    assert told(event, now=late) == ["Next", "00:10–06:10  Night train · in 20 min"]
    assert told(event, now=at(20)) == ["Tomorrow (1)", "00:10–06:10  Night train"]


def test_what_comes_after_tomorrow_is_later_with_its_day() -> None:
    friday = meeting("Retro", at(10, day=27))
    fair = whole_days("Fair", date(2026, 11, 27), 3)
    assert told(friday, fair) == [
        "Later (2)",
        "Fri 27 Nov, all day, until Sun  Fair",
        "Fri 27 Nov, 10:00–10:30  Retro",
    ]


# Clocks and zones


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "13:12–13:42"),
        ("America/New_York", "07:12–07:42"),
        ("America/St_Johns", "08:42–09:12"),
        ("Asia/Kolkata", "17:42–18:12"),
        ("Asia/Kathmandu", "17:57–18:27"),
        ("Australia/Lord_Howe", "23:12–23:42"),
        ("Pacific/Chatham", "01:57–02:27"),
        ("Pacific/Pago_Pago", "01:12–01:42"),
    ],
)
def test_times_are_told_on_the_accounts_clock_and_minutes_are_the_same_everywhere(
    zone: str, words: str
) -> None:
    event = meeting("Review", datetime(2026, 11, 25, 12, 12, tzinfo=UTC))
    state = with_events(event, account=calendars(zone=zone))
    view = views.shown(state, NOON, ZoneInfo(zone))
    assert texts(view)[:2] == ["Next", f"{words}  Review · in 12 min"]


def test_another_clock_than_the_one_on_the_wall_is_named() -> None:
    event = meeting("Review", datetime(2026, 11, 25, 12, 12, tzinfo=UTC))
    state = with_events(event, account=calendars(zone="America/New_York"))
    assert texts(shown(state))[1] == "07:12–07:42 (New York)  Review · in 12 min"
    alike = with_events(event, account=calendars(zone="Europe/Paris"))
    assert texts(shown(alike))[1] == "13:12–13:42  Review · in 12 min"


def test_a_meeting_over_the_hour_that_is_skipped_lasts_as_long_as_it_does() -> None:
    start = datetime(2026, 3, 29, 0, 45, tzinfo=UTC)  # 01:45; at 02:00 it is 03:00
    event = meeting("Night shift", start)
    assert told(event, now=start - timedelta(minutes=50))[1].endswith("in 50 min")
    assert told(event, now=start) == ["Now", "01:45–03:15  Night shift"]
    assert told(event, now=start + timedelta(minutes=30)) == []


def test_a_meeting_over_the_hour_that_comes_twice_lasts_as_long_as_it_does() -> None:
    start = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 02:45; at 03:00 it is 02:00 again
    event = meeting("Night shift", start)
    assert told(event, now=start - timedelta(minutes=45))[1].endswith("in 45 min")
    assert told(event, now=start) == ["Now", "02:45–02:15  Night shift"]
    assert told(event, now=start + timedelta(minutes=30)) == []


def test_a_floating_event_is_at_its_hour_wherever_the_account_is() -> None:
    event = meeting("Yoga", datetime(2026, 11, 25, 18))  # noqa: DTZ001  # it floats
    for zone, now in (
        ("Asia/Kolkata", datetime(2026, 11, 25, 12, 20, tzinfo=UTC)),
        ("America/St_Johns", datetime(2026, 11, 25, 21, 20, tzinfo=UTC)),
    ):
        view = views.shown(with_events(event, account=calendars(zone=zone)), now, ZoneInfo(zone))
        assert texts(view)[1] == "18:00–18:30  Yoga · in 10 min"


# Joining


def test_a_meeting_that_is_about_to_begin_is_joined_from_the_first_row() -> None:
    event = meeting("Stand-up", at(14), join_url=MEET)
    early = shown(with_events(event), at(13, 49))
    assert not any(each.id[0] == "join" for each in early.rows)
    for now in (at(13, 50), at(14), at(14, 29)):
        first = shown(with_events(event), now).rows[0]
        assert (first.text, first.command) == ("Join “Stand-up”", OpenUrl(MEET))
        assert (first.kind, first.icon) == (RowKind.COMMAND, RowIcon.JOIN)
    assert shown(with_events(event), at(14, 30)).rows[0].text != "Join “Stand-up”"


def test_the_meeting_whose_start_is_nearest_is_joined_first() -> None:
    first = meeting("Review", at(14), join_url=MEET)
    second = meeting("Retro", at(14, 30), join_url=f"{MEET}2")
    assert texts(shown(with_events(first, second), at(14, 21)))[:2] == [
        "Join “Retro”",
        "Join “Review”",
    ]
    late = meeting("Retro", at(14, 10), join_url=f"{MEET}2")
    assert texts(shown(with_events(first, late), at(14, 4)))[0] == "Join “Review”"


def test_what_has_no_link_and_what_lasts_all_day_is_not_joined() -> None:
    view = shown(
        with_events(meeting("Lunch", at(13)), whole_days("Fair", date(2026, 11, 25), join_url=MEET))
    )
    assert not any(each.id[0] == "join" for each in view.rows)


# The same meeting twice


def test_a_meeting_on_two_calendars_is_shown_once_as_the_first_account_has_it() -> None:
    ours = meeting("Review", at(14), twin="uid", calendar="Ada")
    theirs = meeting("Review", at(14), twin="uid", calendar="Bob", account=BOB)
    state = AppState(
        accounts=(calendars(ADA), calendars(BOB)), signals={ADA: (ours,), BOB: (theirs,)}
    )
    assert texts(shown(state))[:2] == ["Next", "14:00–14:30  Review · Ada · in 60 min · ada"]
    assert len([each for each in shown(state).rows if each.id[0] == "event"]) == 1
    swapped = AppState(
        accounts=(calendars(BOB), calendars(ADA)), signals={ADA: (ours,), BOB: (theirs,)}
    )
    assert "Bob" in texts(shown(swapped))[1]
    assert [each["container"] for each in signals_json(state, select(state, NOON))] == ["Ada"]


@pytest.mark.parametrize(("tentative", "unanswered"), [(True, False), (False, True)])
def test_of_two_alike_the_one_the_user_is_sure_of_is_shown(
    tentative: bool, unanswered: bool
) -> None:
    unsure = meeting(
        "Review",
        at(14),
        twin="uid",
        calendar="Ada",
        tentative=tentative,
        unanswered=unanswered,
    )
    sure = meeting("Review", at(14), twin="uid", calendar="Bob", account=BOB)
    state = AppState(
        accounts=(calendars(ADA), calendars(BOB)), signals={ADA: (unsure,), BOB: (sure,)}
    )
    assert texts(shown(state))[1] == "14:00–14:30  Review · Bob · in 60 min · bob"


def test_one_account_can_have_a_meeting_on_two_of_its_calendars() -> None:
    first = meeting("Review", at(14), twin="uid", calendar="Mine", id="1")
    second = meeting("Review", at(14), twin="uid", calendar="Team", id="2")
    assert told(first, second) == ["Next", "14:00–14:30  Review · Mine · in 60 min"]
    assert told(msgspec.structs.replace(first, twin=None), second)[0] == "Next"
    assert len(told(msgspec.structs.replace(first, twin=None), second)) == 3


def two_accounts(ours: Event, theirs: Event) -> AppState:
    return AppState(
        accounts=(calendars(ADA), calendars(BOB)), signals={ADA: (ours,), BOB: (theirs,)}
    )


def test_two_calendars_that_number_their_events_alike_have_two_meetings() -> None:
    ours = meeting("Review", at(14), twin="1 20261122T140000Z", calendar="Ada")
    theirs = meeting("Lunch", at(14), twin="1 20261122T140000Z", calendar="Bob", account=BOB)
    view = shown(two_accounts(ours, theirs))
    assert len([each for each in view.rows if each.id[0] == "event"]) == 2


@pytest.mark.parametrize(
    ("more", "rows"),
    [
        ({}, 2),
        ({"title": " Review\t(team)"}, 1),
        ({"where": "Room 4"}, 1),
        ({"where": "Room 4", "end": Fixed(at(14, 30), "Asia/Tokyo")}, 1),
        ({"where": "Room 5"}, 2),
        ({"where": "Room 4", "end": Fixed(at(14, 45), "Etc/UTC")}, 2),
    ],
)
def test_a_meeting_of_another_account_is_the_same_by_title_or_by_place_and_end(
    more: dict[str, Any], rows: int
) -> None:
    ours = meeting("Review (team)", at(14), twin="uid", where="Room 4")
    theirs = meeting("Team review", at(14), twin="uid", account=BOB)
    theirs = msgspec.structs.replace(theirs, **more)
    view = shown(two_accounts(ours, theirs))
    assert len([each for each in view.rows if each.id[0] == "event"]) == rows


# What the first line and the tooltip say


@pytest.mark.parametrize(
    ("now", "summary"),
    [
        (at(9), "1 today, 2 events"),
        (at(13), "1 today, Stand-up in 60 min"),
        (at(13, 48), "1 today, Stand-up in 12 min"),
        (at(14, 10), "1 today, Stand-up until 14:30"),
        (at(14, 20), "1 today, Retro in 10 min"),
        (at(14, 59), "1 today, Retro until 15:00"),
        (at(15), "1 today"),
    ],
)
def test_tasks_are_counted_and_the_event_that_matters_is_named(
    now: datetime, summary: str, make_task: MakeTask, make_account: MakeAccount
) -> None:
    view = shown(_a_task_and_two_meetings(make_task, make_account), now)
    assert view.summary == summary
    assert view.icon.due == 1


def _a_task_and_two_meetings(make_task: MakeTask, make_account: MakeAccount) -> AppState:
    account = make_account()
    task = make_task("Buy milk", Day(date(2026, 11, 25)))
    events = (meeting("Stand-up", at(14)), meeting("Retro", at(14, 30)))
    return AppState(accounts=(account, calendars()), signals={account.key: (task,), ADA: events})


def test_events_alone_are_counted_as_events() -> None:
    view = shown(with_events(meeting("Dinner", at(19)), whole_days("Fair", date(2026, 11, 25))))
    assert (view.summary, view.icon.due) == ("2 events today", 0)
    assert "Nothing due. Enjoy." not in texts(view)


def test_a_free_day_is_called_free_whatever_tomorrow_brings() -> None:
    view = shown(with_events(meeting("Run", at(7, day=26))))
    assert view.summary == "Nothing due"
    assert "Nothing due. Enjoy." in texts(view)
    assert view.tooltip[1] == "Next event: Tomorrow, 07:00–07:30  Run"


def test_the_tooltip_names_what_is_running_and_what_comes_next() -> None:
    events = (
        meeting("Stand-up", at(12, 45)),
        meeting("Review", at(13, 12), calendar="Work"),
        meeting("Release", at(9, day=24), 60 * 72),
    )
    assert shown(with_events(*events)).tooltip == (
        "3 events today",
        "Now: 12:45–13:15  Stand-up",
        "Next event: 13:12–13:42  Review · Work · in 12 min",
    )


def test_the_tooltip_names_events_before_the_task_that_is_next(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    events = with_events(meeting("Review", at(13, 12)))
    todoist = make_account()
    call = make_task("Call Ana", Floating(at(16).replace(tzinfo=None)))
    state = msgspec.structs.replace(
        events,
        accounts=(todoist, *events.accounts),
        signals={todoist.key: (call,), **events.signals},
    )
    assert [line.split(":")[0] for line in shown(state).tooltip[1:]] == [
        "Next event",
        "Next task",
    ]


# Time goes by


def test_the_timer_ticks_by_the_minute_only_in_the_hour_before() -> None:
    state = with_events(meeting("Review", at(14)))

    def change(now: datetime) -> datetime | None:
        return changes_at(state, now)

    assert change(at(9)) == at(13)
    assert change(at(13)) == at(13, 1)
    assert change(at(13, 0) + timedelta(seconds=20)) == at(13, 1)
    assert change(at(13, 59)) == at(14)
    assert change(at(14)) == at(14, 30)
    assert change(at(14, 30)) == at(0, day=26)


def test_the_timer_sleeps_over_whole_days() -> None:
    state = with_events(whole_days("Fair", date(2026, 11, 24), 9))
    assert changes_at(state, NOON) == at(0, day=26)


# Accounts


def test_accounts_are_told_apart_by_their_label() -> None:
    state = AppState(
        accounts=(calendars(ADA), calendars(BOB)),
        signals={
            ADA: (meeting("Review", at(14), calendar="Work"),),
            BOB: (meeting("Retro", at(14), account=BOB),),
        },
    )
    assert texts(shown(state))[:3] == [
        "Next",
        "14:00–14:30  Review · Work · in 60 min · ada",
        "14:00–14:30  Retro · in 60 min · bob",
    ]


def test_the_main_calendar_which_is_called_as_the_account_goes_unnamed() -> None:
    event = meeting("Review", at(14), calendar="ada@example.org")
    view = shown(with_events(event))
    assert texts(view)[1] == "14:00–14:30  Review · in 60 min"
    assert view.tooltip[1] == "Next event: 14:00–14:30  Review · in 60 min"


# Replies


def test_an_invitation_is_answered_from_a_submenu_of_its_own() -> None:
    invited = meeting("Review", at(14), actions=REPLIES, unanswered=True)
    view = shown(with_events(invited, meeting("Dinner", at(19))))
    (answer,) = row(view, "reply").rows
    assert answer.text == "14:00–14:30  Review · not answered · in 60 min"
    assert [(each.text, each.command) for each in answer.rows] == [
        ("Accept", Act(invited.key, ActionKind.ACCEPT)),
        ("Maybe", Act(invited.key, ActionKind.MAYBE)),
        ("Decline", Act(invited.key, ActionKind.DECLINE)),
    ]
    assert row(view, "reply").text == "Reply"
    assert not any(line.startswith("Reply") for line in tray_lines(view))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ActionKind.ACCEPT, ["Next", "14:00–14:30  Review · in 60 min · on its way"]),
        (ActionKind.MAYBE, ["Next", "14:00–14:30  Review · maybe · in 60 min · on its way"]),
        (ActionKind.DECLINE, []),
    ],
)
def test_an_answer_shows_at_once_and_nothing_is_asked_twice(
    kind: ActionKind, words: list[str], make_click: MakeClick
) -> None:
    invited = meeting("Review", at(14), actions=REPLIES, unanswered=True)
    state = msgspec.structs.replace(with_events(invited), outbox=(make_click(invited, kind=kind),))
    view = shown(state)
    assert [each.text for each in view.rows if each.id[0] in {"heading", "event"}] == words
    assert not any(each.id == ("reply",) for each in view.rows)


# Elsewhere


def test_lines_and_json_say_what_the_menu_says(make_task: MakeTask) -> None:
    event = meeting(
        "Review", at(13, 12), calendar="Work", join_url=MEET, where="Room 5", tentative=True
    )
    state = with_events(event, whole_days("Fair", date(2026, 11, 25), 2))
    assert tray_lines(shown(state))[:6] == [
        "oO · Review in 12 min",
        "Next",
        "  13:12–13:42  Review · Work · Room 5 · maybe · in 12 min",
        "Planned today (1)",
        "  All day, until Thu  Fair",
        "Updated just now",
    ]
    review, fair = signals_json(state, select(state, NOON))
    assert review == {
        "id": "Review",
        "source": GOOGLE,
        "user_id": "ada@example.org",
        "kind": "event",
        "title": "Review",
        "start": "2026-11-25T13:12:00+01:00",
        "end": "2026-11-25T13:42:00+01:00",
        "zone": "Europe/Berlin",
        "all_day": False,
        "tentative": True,
        "unanswered": False,
        "unconfirmed": False,
        "where": "Room 5",
        "overdue": False,
        "priority": None,
        "container": "Work",
        "url": event.url,
        "join_url": MEET,
        "actions": [],
        "pending": False,
    }
    assert (fair["start"], fair["end"], fair["all_day"]) == ("2026-11-25", "2026-11-27", True)


def test_a_full_day_stays_short_and_shows_what_is_near(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    account = make_account()
    tasks = tuple(
        make_task(f"T {i}", Day(date(2026, 11, 24 + i % 2)), id=str(i)) for i in range(40)
    )
    events = tuple(meeting(f"E {i}", at(11) + timedelta(minutes=50 * i), 60) for i in range(30))
    state = AppState(accounts=(account, calendars()), signals={account.key: tasks, ADA: events})
    rows = shown(state).rows
    assert len(rows) <= 34
    names = [each.text for each in rows if each.id[0] == "event"]
    assert names[:2] == ["12:40–13:40  E 2", "13:30–14:30  E 3 · in 30 min"]
    for heading in ("Now", "Next", "Overdue (20)", "Today (20)", "Tomorrow (14)"):
        assert heading in [each.text for each in rows]
    for section in (Section.OVERDUE, Section.TODAY, Section.PLANNED_TODAY, Section.TOMORROW):
        assert any(each.id == ("more", section.value) for each in rows)
