"""Where a due date goes when it is put off: in every zone, over every change of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oo_desktop.model.reschedule import (
    MIN_AHEAD,
    MIN_LATER,
    moved_to,
    possible_actions,
    rescheduled,
)
from oo_desktop.model.signals import (
    RESCHEDULES,
    ActionKind,
    Day,
    Due,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    UserId,
    day_of,
    ends_at,
)
from oo_desktop.testing import task

LATER, TOMORROW, NEXT_WEEK, NO_DATE, ON_DAY = RESCHEDULES
BERLIN = ZoneInfo("Europe/Berlin")
NAMES = (
    "UTC",
    "Europe/Berlin",
    "Europe/Madrid",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "America/Havana",
    "Africa/Casablanca",
)
CHANGES = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
"""When the clocks of Europe change; those elsewhere do within the weeks around."""

zones = st.sampled_from(NAMES).map(ZoneInfo)
years = st.integers(0, 20 * 366 * 1440).map(
    lambda minutes: datetime.fromisoformat("2015-01-01T00:00:00") + timedelta(minutes=minutes)
)
near_changes = st.builds(
    lambda change, minutes: (change + timedelta(minutes=minutes)).replace(tzinfo=None),
    st.sampled_from(CHANGES),
    st.integers(-21 * 1440, 21 * 1440),
)
moments = years | near_changes
instants = moments.map(lambda at: at.replace(tzinfo=UTC))
seconds = moments.map(lambda at: at.replace(microsecond=0))
dues = st.one_of(
    st.builds(Day, seconds.map(datetime.date)),
    st.builds(Floating, seconds),
    st.builds(Fixed, seconds.map(lambda at: at.replace(tzinfo=UTC)), st.sampled_from(NAMES)),
)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """That wall-clock time there, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def floating(text: str) -> Floating:
    return Floating(datetime.fromisoformat(text))


def fixed(text: str, zone: str = "Europe/Berlin") -> Fixed:
    return Fixed(at(text, ZoneInfo(zone)), zone)


def day(text: str) -> Day:
    return Day(date.fromisoformat(text))


SUNDAY = at("2026-11-22T12:10")


@pytest.mark.parametrize(
    ("kind", "due", "now", "moved"),
    [
        # whole days
        (LATER, day("2026-11-20"), SUNDAY, day("2026-11-22")),
        (LATER, day("2026-11-22"), SUNDAY, floating("2026-11-22T15:00")),
        (LATER, day("2026-11-22"), at("2026-11-22T12:00"), floating("2026-11-22T14:00")),
        (LATER, None, SUNDAY, day("2026-11-22")),
        (TOMORROW, day("2026-11-20"), SUNDAY, day("2026-11-23")),
        (TOMORROW, None, SUNDAY, day("2026-11-23")),
        (NEXT_WEEK, None, SUNDAY, day("2026-11-23")),
        (NEXT_WEEK, day("2026-11-22"), SUNDAY, day("2026-11-23")),
        (NEXT_WEEK, day("2026-11-23"), at("2026-11-23T00:00"), day("2026-11-30")),
        # times
        (LATER, floating("2026-11-20T17:00"), SUNDAY, floating("2026-11-22T17:00")),
        (LATER, floating("2026-11-20T12:40"), SUNDAY, floating("2026-11-22T12:40")),
        (LATER, floating("2026-11-20T12:39"), SUNDAY, floating("2026-11-22T15:00")),
        (LATER, floating("2026-11-22T09:00"), SUNDAY, floating("2026-11-22T15:00")),
        (LATER, floating("2026-11-22T16:30"), SUNDAY, floating("2026-11-22T19:00")),
        (LATER, fixed("2026-11-20T17:00"), SUNDAY, fixed("2026-11-22T17:00")),
        (LATER, fixed("2026-11-22T09:00"), SUNDAY, fixed("2026-11-22T15:00")),
        (TOMORROW, floating("2026-11-22T09:15"), SUNDAY, floating("2026-11-23T09:15")),
        (NEXT_WEEK, fixed("2026-11-17T09:15"), SUNDAY, fixed("2026-11-23T09:15")),
        # the clocks
        (TOMORROW, fixed("2026-10-24T09:00"), at("2026-10-24T12:00"), fixed("2026-10-25T09:00")),
        (TOMORROW, fixed("2026-03-28T09:00"), at("2026-03-28T12:00"), fixed("2026-03-29T09:00")),
        (TOMORROW, fixed("2026-03-28T02:30"), at("2026-03-28T12:00"), fixed("2026-03-29T03:30")),
        (LATER, day("2026-10-25"), at("2026-10-25T00:15"), floating("2026-10-25T03:00")),
        (LATER, day("2026-03-29"), at("2026-03-29T00:15"), floating("2026-03-29T04:00")),
        # another zone
        (
            TOMORROW,
            fixed("2026-11-23T01:00", "Asia/Tokyo"),  # 17:00 on Sunday in Berlin
            SUNDAY,
            fixed("2026-11-24T01:00", "Asia/Tokyo"),
        ),
        (
            TOMORROW,
            fixed("2026-10-24T09:00", "Asia/Tokyo"),
            at("2026-10-24T12:00"),
            fixed("2026-10-25T09:00", "Asia/Tokyo"),
        ),
        # nothing
        (NO_DATE, fixed("2026-11-22T09:00"), SUNDAY, None),
        (NO_DATE, None, SUNDAY, None),
    ],
)
def test_each_due_goes_where_it_was_put(
    kind: ActionKind, due: Due | None, now: datetime, moved: Due | None
) -> None:
    assert rescheduled(kind, due, now=now, zone=BERLIN) == moved


@pytest.mark.parametrize(
    ("kind", "due", "now"),
    [
        (LATER, day("2026-11-22"), at("2026-11-22T21:01")),
        (LATER, floating("2026-11-22T09:00"), at("2026-11-22T22:00")),
        (LATER, floating("2026-11-22T21:30"), SUNDAY),
        (LATER, floating("2026-11-20T23:20"), at("2026-11-22T22:51")),
        (LATER, day("2026-11-23"), SUNDAY),
        (LATER, floating("2026-11-23T10:00"), SUNDAY),
        (ActionKind.DONE, day("2026-11-22"), SUNDAY),
        (TOMORROW, None, datetime(9999, 12, 31, 12, tzinfo=UTC)),
        (NEXT_WEEK, None, datetime(9999, 12, 31, 12, tzinfo=UTC)),
    ],
)
def test_what_makes_no_sense_at_this_hour_cannot_be_asked_for(
    kind: ActionKind, due: Due | None, now: datetime
) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the text is for programmers
        rescheduled(kind, due, now=now, zone=BERLIN)


def test_a_day_that_a_zone_has_skipped_is_no_day_for_a_time() -> None:
    apia = ZoneInfo("Pacific/Apia")  # had no 30 December in 2011
    due = fixed("2011-12-29T09:00", "Pacific/Apia")
    with pytest.raises(ValueError, match="no such day"):
        rescheduled(TOMORROW, due, now=at("2011-12-29T12:00", apia), zone=apia)


def test_a_zone_this_machine_does_not_know_counts_as_the_accounts() -> None:
    due = Fixed(at("2026-10-24T09:00"), "Mars/Olympus_Mons")
    moved = rescheduled(TOMORROW, due, now=at("2026-10-24T12:00"), zone=BERLIN)
    assert moved == Fixed(at("2026-10-25T09:00"), "Mars/Olympus_Mons")


def target_of(kind: ActionKind, now: datetime, zone: ZoneInfo) -> date:
    today = now.astimezone(zone).date()
    return today + timedelta(days=1 if kind is TOMORROW else 7 - today.weekday())


@given(st.sampled_from([TOMORROW, NEXT_WEEK]), st.none() | dues, instants, zones)
def test_it_falls_on_the_day_the_account_calls_so(
    kind: ActionKind, due: Due | None, now: datetime, zone: ZoneInfo
) -> None:
    moved = rescheduled(kind, due, now=now, zone=zone)
    assert moved is not None
    assert day_of(moved, zone) == target_of(kind, now, zone)
    assert type(moved) is (type(due) if due else Day)


@given(st.sampled_from([TOMORROW, NEXT_WEEK]), dues, instants, zones)
def test_the_time_of_day_stays_where_it_was_planned(
    kind: ActionKind, due: Due, now: datetime, zone: ZoneInfo
) -> None:
    moved = rescheduled(kind, due, now=now, zone=zone)
    if isinstance(due, Floating):
        assert isinstance(moved, Floating)
        assert moved.at.time() == due.at.time()
    elif isinstance(due, Fixed):
        assert isinstance(moved, Fixed)
        assert moved.zone == due.zone
        own = ZoneInfo(due.zone)
        kept = moved.at.astimezone(own).time() == due.at.astimezone(own).time()
        kept_here = moved.at.astimezone(zone).time() == due.at.astimezone(zone).time()
        # Where the clocks skip a time there is none to keep: it comes within the hour after.
        assert kept or kept_here or _is_skipped(moved.at, due.at, own)


def _is_skipped(moved: datetime, due: datetime, zone: ZoneInfo) -> bool:
    local = moved.astimezone(zone)
    wanted = datetime.combine(local.date(), due.astimezone(zone).time(), zone)
    back = wanted.astimezone(UTC).astimezone(zone)
    return back.replace(tzinfo=None) != wanted.replace(tzinfo=None) and (
        timedelta() < local.replace(tzinfo=None) - wanted.replace(tzinfo=None) <= timedelta(hours=1)
    )


@given(st.none() | dues, instants, zones)
def test_later_today_is_later_and_today(due: Due | None, now: datetime, zone: ZoneInfo) -> None:
    try:
        moved = rescheduled(LATER, due, now=now, zone=zone)
    except ValueError:
        assume(False)
    assert moved is not None
    assert day_of(moved, zone) == now.astimezone(zone).date()
    assert ends_at(moved, zone) > now
    assert due is None or ends_at(moved, zone) > ends_at(due, zone) or isinstance(due, Day)
    if not isinstance(moved, Day):
        assert ends_at(moved, zone) >= now + MIN_AHEAD


@given(instants, zones)
def test_a_whole_day_gets_a_full_hour_two_hours_ahead(now: datetime, zone: ZoneInfo) -> None:
    today = now.astimezone(zone).date()
    try:
        moved = rescheduled(LATER, Day(today), now=now, zone=zone)
    except ValueError:
        assume(False)
    assert isinstance(moved, Floating)
    assert (moved.at.minute, moved.at.second) == (0, 0)
    # Two changes of the clocks never meet: at the most, the hour that comes twice is passed over.
    assert now + MIN_LATER <= ends_at(moved, zone) < now + MIN_LATER + timedelta(hours=2)


@given(dues, instants, zones)
def test_later_today_is_possible_whenever_there_is_time_left(
    due: Due, now: datetime, zone: ZoneInfo
) -> None:
    local = now.astimezone(zone)
    assume(day_of(due, zone) <= local.date())
    assume(ends_at(due, zone) <= now)
    assume(local.replace(tzinfo=None).time() < time(18))  # nowhere do the clocks take four hours
    rescheduled(LATER, due, now=now, zone=zone)


any_dues = st.one_of(
    st.builds(Day, st.dates()),
    st.builds(Floating, st.datetimes()),
    st.builds(Fixed, st.datetimes(timezones=st.just(UTC)), st.sampled_from((*NAMES, "", "x"))),
)
edges = st.sampled_from([date.min, date(1, 1, 2), date(9999, 12, 30), date.max]).map(
    lambda day: datetime.combine(day, time(23, 59, 59))
)


@given(
    st.sampled_from(list(ActionKind)),
    st.none() | any_dues,
    (st.datetimes() | edges).map(lambda at: at.replace(tzinfo=UTC)),
    zones,
)
def test_the_ends_of_the_calendar_are_an_answer_not_a_crash(
    kind: ActionKind, due: Due | None, now: datetime, zone: ZoneInfo
) -> None:
    try:
        moved = rescheduled(kind, due, now=now, zone=zone)
    except ValueError:
        return
    assert moved is None or day_of(moved, zone) <= date.max


ALL = (ActionKind.DONE, *RESCHEDULES)


def offered(due: Due | None, *, now: datetime = SUNDAY, **changes: object) -> list[str]:
    shown = msgspec.structs.replace(task("1", due=due), actions=ALL, **changes)
    return [kind.value for kind in possible_actions(shown, now, BERLIN)]


def test_an_overdue_task_can_go_anywhere() -> None:
    assert offered(day("2026-11-20")) == [
        "done",
        "later_today",
        "tomorrow",
        "next_week",
        "no_date",
    ]


def test_what_would_change_nothing_is_not_offered() -> None:
    assert offered(day("2026-11-23")) == ["done", "no_date"]
    assert offered(None) == ["done", "later_today", "tomorrow", "next_week"]


def test_a_deadline_is_not_taken_away_and_recurrence_not_ended() -> None:
    assert "no_date" not in offered(day("2026-11-22"), by_deadline=True)
    assert "no_date" not in offered(day("2026-11-22"), recurring=True)


def test_late_in_the_evening_nothing_is_later_today() -> None:
    late = at("2026-11-22T22:00")
    assert "later_today" not in offered(day("2026-11-22"), now=late)
    assert "later_today" in offered(day("2026-11-21"), now=late)


@pytest.mark.parametrize(
    ("due", "moved"),
    [
        (None, day("2026-12-04")),
        (day("2026-11-22"), day("2026-12-04")),
        (floating("2026-11-22T09:30"), floating("2026-12-04T09:30")),
        (fixed("2026-11-22T09:00"), fixed("2026-12-04T09:00")),
    ],
)
def test_on_another_day_what_has_a_time_keeps_it(due: Due | None, moved: Due) -> None:
    assert moved_to(date(2026, 12, 4), due, zone=BERLIN) == moved


def test_no_day_can_be_named_where_only_a_kind_of_move_is_asked_for() -> None:
    shown = msgspec.structs.replace(task("1", due=day("2026-11-22")), actions=ALL)
    assert ON_DAY in shown.actions
    assert ON_DAY not in possible_actions(shown, SUNDAY, BERLIN)
    with pytest.raises(ValueError, match="does not move"):
        rescheduled(ON_DAY, shown.due, now=SUNDAY, zone=BERLIN)


def test_only_what_the_signal_allows_is_offered() -> None:
    shown = task("1", due=day("2026-11-20"))
    assert possible_actions(shown, SUNDAY, BERLIN) == (ActionKind.DONE,)


def test_an_event_is_not_put_off() -> None:
    event = Event(
        id=SignalId("1"),
        source=ProviderId("scripted"),
        user_id=UserId("ada"),
        title="Stand-up",
        start=day("2026-11-22"),
        end=day("2026-11-23"),
        actions=ALL,
    )
    assert possible_actions(event, SUNDAY, BERLIN) == (ActionKind.DONE,)


@given(dues, instants, zones)
def test_whatever_is_offered_can_be_carried_out_and_changes_something(
    due: Due, now: datetime, zone: ZoneInfo
) -> None:
    shown = msgspec.structs.replace(task("1", due=due), actions=ALL)
    for kind in possible_actions(shown, now, zone):
        if kind in RESCHEDULES:
            assert rescheduled(kind, due, now=now, zone=zone) != due
