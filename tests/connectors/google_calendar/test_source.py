"""The connector against the stand-in Google, whose answers keep to Google's own schema."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime

import pytest

from oo_desktop.connectors.google_calendar.errors import MISSING_SCOPE, SWITCHED_OFF
from oo_desktop.connectors.google_calendar.source import GoogleCalendarSource, identity
from oo_desktop.errors import AuthRequired, Rejected, Unavailable
from oo_desktop.model.signals import Day, Fixed, UserId
from oo_desktop.model.source import ActingSource, Identity
from oo_desktop.sandbox.faults import Garbage
from oo_desktop.sandbox.google.seed import ADA, ENGINE, FAMILY, GERMAN_HOLIDAYS, GRACE_EMAIL
from tests.connectors.google_calendar.desk import LIST, READ, GoogleDesk, google_desk
from tests.pseudo_language import pseudo, pseudo_language


@pytest.fixture
async def desk() -> AsyncIterator[GoogleDesk]:
    async with google_desk() as desk:
        yield desk


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


async def problems(desk: GoogleDesk) -> dict[str, str]:
    calendars = (await desk.fetch()).calendars
    return {one.id: one.problem for one in calendars if one.problem is not None}


def test_it_is_a_source_that_acts(desk: GoogleDesk) -> None:
    assert isinstance(desk.source, ActingSource)


async def test_two_days_like_anybodys_are_shown_in_their_order(desk: GoogleDesk) -> None:
    snapshot = await desk.fetch()
    assert [event.title for event in snapshot.signals] == [
        "Conference in Turin",
        "Release freeze",
        "Punch Card Day",
        "Stand-up",
        "Focus: tables",
        "Pairing on Bernoulli numbers",
        "Hand-over",
        "Lunch with Charles",
        "Design review",
        "Design review",
        "Dentist",
        "Fetch Byron",
        "(no title)",
        "Night train to Lisbon",
        "Flight to London (BA 902)",
        "Stand-up (later today)",
        "Call with Pune",
        "Out of office",
        "Next week’s plan",
        "Parents’ evening",
    ]
    assert snapshot.zone == "Europe/Berlin"
    assert len({event.id for event in snapshot.signals}) == len(snapshot.signals)


async def test_each_event_is_what_it_is(desk: GoogleDesk) -> None:
    events = await desk.events()
    turin = events["Conference in Turin"]
    assert (turin.start, turin.end) == (Day(date(2026, 11, 21)), Day(date(2026, 11, 24)))
    pune = events["Call with Pune"]
    assert pune.start == Fixed(at(23, 10), "Asia/Kolkata")
    assert pune.join_url == "https://teams.microsoft.com/l/meetup-join/19%3asandbox"
    assert pune.container is not None
    assert (pune.container.name, pune.container.color) == ("Engine", "#16a765")
    train = events["Night train to Lisbon"]
    assert (train.start, train.end) == (
        Fixed(at(22, 21), "Europe/Berlin"),
        Fixed(at(23, 6, 30), "Europe/Berlin"),
    )
    assert (events["Release freeze"].tentative, events["Dentist"].tentative) == (True, False)
    assert events["Dentist"].where == "Lindenstraße 7"
    assert events["Next week’s plan"].reminders == (5,)
    assert events["Stand-up"].join_url == (
        "https://meet.google.com/uvw-xyza-bcd?authuser=ada%40example.com"
    )


async def test_a_meeting_on_several_calendars_is_known_as_one(desk: GoogleDesk) -> None:
    twins = [event.twin for event in (await desk.fetch()).signals if event.title == "Design review"]  # type: ignore[union-attr]  # they are events
    assert len(twins) == 2
    assert twins[0] == twins[1] == "5oo7review8design9of10cards@google.com 20261122T130000Z"


async def test_a_moved_instance_is_still_the_one_it_was(desk: GoogleDesk) -> None:
    moved = (await desk.events())["Stand-up (later today)"]
    assert moved.start == Fixed(at(23, 10), "Europe/Berlin")
    assert moved.twin is not None
    assert moved.twin.endswith(" 20261123T083000Z")


async def test_an_account_is_its_main_calendar(desk: GoogleDesk) -> None:
    assert await identity(desk.client) == Identity(UserId(ADA), ADA, "Europe/Berlin")


async def test_calendars_are_told_as_google_lists_them(desk: GoogleDesk) -> None:
    calendars = (await desk.fetch()).calendars
    assert [(one.name, one.shown) for one in calendars] == [
        (ADA, True),
        ("Engine", True),
        ("Family", True),
        ("Holidays in Germany", True),
        (GRACE_EMAIL, False),
    ]


async def test_the_users_choice_goes_before_googles(desk: GoogleDesk) -> None:
    desk.chosen |= {GRACE_EMAIL: True, FAMILY: False, "gone@example.com": True}
    events = await desk.events()
    assert "Compiler seminar" in events
    assert "Fetch Byron" not in events
    assert events["Busy"].container is not None
    assert events["Busy"].container.name == GRACE_EMAIL


async def test_no_calendar_at_all_is_an_empty_list(desk: GoogleDesk) -> None:
    snapshot = await desk.fetch()
    desk.chosen |= {one.id: False for one in snapshot.calendars}
    emptied = await desk.fetch()
    assert (emptied.signals, len(emptied.calendars)) == ((), 5)


async def test_pages_that_are_short_or_empty_make_one_list(desk: GoogleDesk) -> None:
    whole = await desk.fetch()
    desk.source = GoogleCalendarSource(client=lambda _: desk.client, now=desk.world.clock.now)
    desk.do("paging", service="google_calendar", limit=2, empty=True)
    assert await desk.fetch() == whole


async def test_a_poll_costs_one_request_per_calendar_and_one_an_hour(desk: GoogleDesk) -> None:
    await desk.fetch()
    assert desk.requests == 5
    asked = []
    for _ in range(4):
        before = desk.requests
        desk.do("advance_clock", seconds=15 * 60)
        await desk.fetch()
        asked.append(desk.requests - before)
    assert asked == [4, 4, 4, 5 + 1]  # the token's hour is over, too


async def test_events_of_a_calendar_that_is_the_same_are_the_same_objects(desk: GoogleDesk) -> None:
    before = await desk.events()
    desk.do("edit_event", id=desk.stored("Dentist").id, location="Elsewhere")
    after = await desk.events()
    hers = {event.title for event in after.values() if event.id.startswith("ada")}
    assert "Dentist" in hers
    assert hers < after.keys()
    assert {title for title in after if after[title] is not before[title]} == hers


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: None, id="nothing"),
        pytest.param(
            lambda desk: desk.do("edit_event", id=desk.stored("Dentist").id, summary="Tea"),
            id="an event",
        ),
        pytest.param(lambda desk: desk.do("clear_events"), id="all events"),
        pytest.param(
            lambda desk: desk.do("edit_calendar", calendar=FAMILY, summary="Us"), id="a name"
        ),
        pytest.param(
            lambda desk: desk.do("edit_calendar", calendar=FAMILY, backgroundColor="#123456"),
            id="a colour",
        ),
        pytest.param(lambda desk: desk.do("edit_calendar", zone="Asia/Tokyo"), id="the zone"),
        pytest.param(lambda desk: desk.do("advance_clock", seconds=24 * 3600), id="the day"),
        pytest.param(lambda desk: setattr(desk, "may_write", True), id="what oO may do"),
        pytest.param(lambda desk: desk.chosen.update({FAMILY: False}), id="the choice"),
    ],
)
async def test_whatever_changes_it_is_shown_as_if_nothing_were_known(
    desk: GoogleDesk, change: Callable[[GoogleDesk], object]
) -> None:
    await desk.fetch()
    change(desk)
    desk.do("advance_clock", seconds=61)  # the list of calendars is asked for again
    found = await desk.fetch()
    desk.begin_anew()
    assert found == await desk.fetch()


async def test_titles_of_events_that_have_none_are_in_the_language_of_now(
    desk: GoogleDesk,
) -> None:
    desk.do("clear_events")
    desk.do("add_event", eventType="focusTime", summary="")
    (before,) = await desk.events()
    with pseudo_language("de"):
        (after,) = await desk.events()
    assert (before, after) == ("Focus time", pseudo("Focus time"))


async def test_somebody_who_asks_gets_a_new_list_after_a_minute(desk: GoogleDesk) -> None:
    await desk.fetch()
    await desk.fetch()
    assert desk.requests == 9
    desk.do("advance_clock", seconds=61)
    await desk.fetch()
    assert desk.requests == 14


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (403, "Google does not let oO see this calendar."),
        (404, "This calendar is no longer there."),
        (410, "This calendar is no longer there."),
    ],
)
async def test_one_bad_calendar_is_named_and_hides_no_other(
    status: int, sentence: str, desk: GoogleDesk
) -> None:
    whole = await desk.events()
    desk.do("fail_calendar", calendar=GERMAN_HOLIDAYS, status=status)
    assert await problems(desk) == {GERMAN_HOLIDAYS: sentence}
    assert set(await desk.events()) == set(whole) - {"Punch Card Day"}
    desk.do("fail_calendar", calendar=GERMAN_HOLIDAYS, status=0)
    assert await desk.events() == whole


async def test_one_lost_answer_leaves_what_a_calendar_showed(desk: GoogleDesk) -> None:
    whole = await desk.events()
    desk.do("fail_calendar", calendar=GERMAN_HOLIDAYS, status=500)
    assert await problems(desk) == {
        GERMAN_HOLIDAYS: "Google has a problem of its own (500). oO keeps trying."
        " Its events are shown as they were before. oO looks again in about two minutes."
    }
    assert await desk.events() == whole
    desk.do("fail_calendar", calendar=GERMAN_HOLIDAYS, status=0)
    assert (await problems(desk), await desk.events()) == ({}, whole)


async def test_what_is_over_meanwhile_does_not_stay(desk: GoogleDesk) -> None:
    whole = await desk.events()
    desk.do("fail_calendar", calendar=FAMILY, status=500)
    desk.do("fail_calendar", calendar=GERMAN_HOLIDAYS, status=500)
    assert "Parents’ evening" in await desk.events()
    desk.do("advance_clock", seconds=36 * 3600)
    left = await desk.events()
    gone = {"Punch Card Day", "Parents’ evening"} & set(whole)
    assert len(gone) == 2
    assert gone & set(left) == set()


async def test_a_calendar_that_was_closed_meanwhile_takes_its_events_along(
    desk: GoogleDesk,
) -> None:
    await desk.fetch()
    for status in (500, 403):
        desk.do("fail_calendar", calendar=GERMAN_HOLIDAYS, status=status)
        await desk.fetch()
    assert "Punch Card Day" not in await desk.events()


async def test_where_nothing_is_saved_one_lost_answer_hides_no_other_calendar(
    desk: GoogleDesk,
) -> None:
    desk.do("fail_calendar", calendar=GERMAN_HOLIDAYS, status=500)
    assert list(await problems(desk)) == [GERMAN_HOLIDAYS]
    desk.has_list = True
    assert "Dentist" in await desk.events()


async def test_a_calendar_that_was_just_chosen_and_is_away_hides_no_other(
    desk: GoogleDesk,
) -> None:
    desk.has_list = True
    desk.chosen |= {GERMAN_HOLIDAYS: False}
    await desk.fetch()
    desk.chosen |= {GERMAN_HOLIDAYS: True}
    desk.do("fail_calendar", calendar=GERMAN_HOLIDAYS, status=500)
    assert "Dentist" in await desk.events()


async def test_after_a_start_one_lost_answer_fails_the_poll_so_that_the_saved_list_stays(
    desk: GoogleDesk,
) -> None:
    desk.has_list = True
    desk.do("fail_calendar", calendar=GERMAN_HOLIDAYS, status=500)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await desk.fetch()
    # One calendar in trouble for longer hides no other.
    assert await problems(desk) == {
        GERMAN_HOLIDAYS: "Google has a problem of its own (500). oO keeps trying."
        " oO looks again in about two minutes."
    }
    assert "Dentist" in await desk.events()


async def test_a_calendar_that_is_not_shown_fails_nothing(desk: GoogleDesk) -> None:
    desk.chosen |= {GERMAN_HOLIDAYS: False}
    desk.do("fail_calendar", calendar=GERMAN_HOLIDAYS, status=500)
    assert await problems(desk) == {}


async def test_a_closed_calendar_has_the_list_asked_once_more_and_not_for_ever(
    desk: GoogleDesk,
) -> None:
    await desk.fetch()
    desk.do("fail_calendar", calendar=FAMILY, status=404)
    await desk.fetch()
    before = desk.requests
    await desk.fetch()
    assert desk.requests == before + 5
    await desk.fetch()
    assert desk.requests == before + 9


async def test_a_calendar_that_was_unsubscribed_is_gone_after_two_polls(desk: GoogleDesk) -> None:
    await desk.fetch()
    desk.do("edit_calendar", calendar=FAMILY, deleted=True)
    assert list(await problems(desk)) == [FAMILY]
    snapshot = await desk.fetch()
    assert FAMILY not in [one.id for one in snapshot.calendars]


async def test_where_every_calendar_is_bad_the_poll_fails(desk: GoogleDesk) -> None:
    for calendar, status in ((ADA, 500), (ENGINE, 403), (FAMILY, 500), (GERMAN_HOLIDAYS, 500)):
        desk.do("fail_calendar", calendar=calendar, status=status)
    with pytest.raises(Unavailable):
        await desk.fetch()
    for calendar in (ADA, ENGINE, FAMILY, GERMAN_HOLIDAYS):
        desk.do("fail_calendar", calendar=calendar, status=403)
    with pytest.raises(Rejected, match="does not let oO see this calendar"):
        await desk.fetch()


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "spoiled",
    [
        {"start": {}},
        {"start": None},
        {"start": {"dateTime": "soon"}},
        {"start": {"date": "2026-02-30"}},
        {"summary": 7},
        {"attendees": "everybody"},
        {"reminders": {"overrides": [None]}},
        {"id": ""},
    ],
)
async def test_one_broken_event_costs_no_other(desk: GoogleDesk, spoiled: object) -> None:
    whole = await desk.events()
    desk.do("break_event", id=desk.stored("Dentist").id, fields=spoiled)
    assert set(await desk.events()) == set(whole) - {"Dentist"}


@pytest.mark.logs_warnings
async def test_broken_events_are_told_once_and_again_when_there_are_more(
    desk: GoogleDesk, caplog: pytest.LogCaptureFixture
) -> None:
    for summary in ("Dentist", "Hand-over"):
        desk.do("break_event", id=desk.stored(summary).id)
        await desk.fetch()
        await desk.fetch()
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told == [
        "Google sent events that make no sense; left out: 1",
        "Google sent events that make no sense; left out: 2",
    ]


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded"])
async def test_a_rate_limit_pauses_the_account_for_a_minute(reason: str, desk: GoogleDesk) -> None:
    whole = await desk.fetch()
    desk.do("fail", reason=reason, path="/google/calendar")
    with pytest.raises(Unavailable) as caught:
        await desk.fetch()
    assert (caught.value.limited, caught.value.reached) == (True, False)
    assert caught.value.retry_after == pytest.approx(60)
    asked = desk.requests
    with pytest.raises(Unavailable):
        await desk.fetch()
    assert desk.requests == asked
    await desk.clock.advance(61)
    desk.do("clear_faults")
    assert await desk.fetch() == whole


async def test_googles_own_limit_is_such_a_pause(desk: GoogleDesk) -> None:
    desk.world.google.limit.most = 3
    with pytest.raises(Unavailable) as caught:
        await desk.fetch()
    assert caught.value.limited


async def test_a_429_without_a_time_is_a_pause_too(desk: GoogleDesk) -> None:
    desk.do("rate_limit", seconds=600, path="/google/calendar")
    with pytest.raises(Unavailable) as caught:
        await desk.fetch()
    assert caught.value.limited
    assert caught.value.retry_after is not None


async def test_a_quota_that_is_used_up_is_waited_for_in_hours(desk: GoogleDesk) -> None:
    desk.do("fail", reason="quotaExceeded", path="/google/calendar")
    with pytest.raises(Unavailable) as caught:
        await desk.fetch()
    assert caught.value.retry_after == pytest.approx(7200)


async def test_a_consent_without_events_is_no_sign_out_and_says_what_to_do() -> None:
    async with google_desk(LIST) as desk:
        with pytest.raises(Rejected) as caught:
            await desk.fetch()
        assert str(caught.value) == MISSING_SCOPE


async def test_a_consent_without_the_list_shows_the_main_calendar() -> None:
    async with google_desk(READ) as desk:
        snapshot = await desk.fetch()
        assert [one.id for one in snapshot.calendars] == [ADA]
        assert snapshot.zone == "Europe/Berlin"
        events = await desk.events()
        assert "Hand-over" in events
        assert "Fetch Byron" not in events
        assert events["Hand-over"].reminders == (10,)
        assert await identity(desk.client) == Identity(UserId(ADA), ADA, "Europe/Berlin")


async def test_an_api_that_is_switched_off_names_the_step_that_is_missing(
    desk: GoogleDesk,
) -> None:
    for client in desk.world.google.grants.clients.values():
        client.api_enabled = False
    for asked in (desk.fetch(), identity(desk.client)):
        with pytest.raises(Rejected) as caught:
            await asked
        assert str(caught.value) == SWITCHED_OFF


async def test_a_revoked_token_asks_for_a_reconnect(desk: GoogleDesk) -> None:
    desk.world.google.grants.revoke()
    with pytest.raises(AuthRequired):
        await desk.fetch()


@pytest.mark.parametrize("fault", ["offline", "drop_request", "drop_answer"])
async def test_a_service_that_is_away_is_unavailable_and_then_back(
    fault: str, desk: GoogleDesk
) -> None:
    whole = await desk.fetch()
    desk.do(fault, path="/google/calendar", count=20)
    with pytest.raises(Unavailable):
        await desk.fetch()
    desk.do("clear_faults")
    assert await desk.fetch() == whole


async def test_a_connection_lost_on_the_way_costs_no_other_calendar(desk: GoogleDesk) -> None:
    whole = await desk.events()
    desk.do("add_event", summary="New", in_minutes=60)
    desk.do("drop_answer", path=f"/google/calendar/v3/calendars/{FAMILY}", count=2)
    assert await problems(desk) == {
        FAMILY: "Google did not answer. oO keeps trying."
        " Its events are shown as they were before. oO looks again in about two minutes."
    }
    assert set(await desk.events()) == {*whole, "New"}


# A stall is what deadlines are for, and a list by another content type is still the list.
HARMLESS = {Garbage.STALL, Garbage.NOT_JSON_TYPE}


@pytest.mark.parametrize("kind", sorted(set(Garbage) - HARMLESS))
async def test_garbage_is_never_taken_for_a_list(kind: Garbage, desk: GoogleDesk) -> None:
    whole = await desk.fetch()
    desk.do("garbage", kind=kind, path="/google/calendar")
    with pytest.raises((Unavailable, Rejected)):
        await desk.fetch()
    desk.do("clear_faults")
    assert await desk.fetch() == whole


@pytest.mark.parametrize("ahead", [0, 1, 7])
async def test_as_many_days_are_shown_as_one_wishes(desk: GoogleDesk, ahead: int) -> None:
    desk.do("clear_events")
    for day in range(-1, 10):
        desk.do("add_event", summary=f"Day {day}", days=1, in_days=day)
        desk.do("add_event", summary=f"Noon {day}", in_minutes=day * 24 * 60)
    desk.source = GoogleCalendarSource(
        client=lambda _: desk.client, now=desk.world.clock.now, days_ahead=ahead
    )
    expected = {f"{kind} {day}" for day in range(ahead + 1) for kind in ("Day", "Noon")}
    assert set(await desk.events()) == expected


async def test_whole_days_are_those_of_the_account_on_a_calendar_far_away() -> None:
    async with google_desk(zone="Asia/Tokyo") as desk:
        desk.do("clear_events")
        far = desk.do("add_calendar", summary="Far", zone="America/Los_Angeles", selected=True)
        # It is 20:00 in Tokyo.
        for day in ("2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"):
            desk.do("add_event", calendar=far["id"], summary=day, start=day)
        assert list(await desk.events()) == ["2026-11-22", "2026-11-23"]
