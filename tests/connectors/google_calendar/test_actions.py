"""Answering invitations: once, for the event that was seen, and for nobody else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from oo_desktop.connectors.google_calendar import actions as google_act
from oo_desktop.connectors.google_calendar.source import GoogleCalendarSource
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import AnswerLost, ServiceClient
from oo_desktop.model.signals import ActionKind, Event, SignalId, UserId
from oo_desktop.model.source import Action
from oo_desktop.sandbox.google.seed import ADA, ENGINE, GRACE_EMAIL
from tests.connectors.google_calendar.desk import LIST, ME, WRITE, GoogleDesk, google_desk
from tests.http.scripted import Reply, ScriptedService

REVIEW = "Design review"


@pytest.fixture
async def desk() -> AsyncIterator[GoogleDesk]:
    async with google_desk(LIST, WRITE) as desk:
        desk.may_write = True
        yield desk


async def shown(desk: GoogleDesk, title: str = REVIEW) -> Event:
    """The one on Ada's own calendar."""
    found = (await desk.fetch()).signals
    return next(
        event
        for event in found
        if isinstance(event, Event) and event.title == title and event.id.startswith("ada%40")
    )


async def answer(desk: GoogleDesk, event: Event, kind: ActionKind, **more: Any) -> Action:
    action = Action(kind=kind, uuid="u1", undo=event.undo, **more)
    await desk.source.act(ME, event.id, action)
    return action


async def refused(desk: GoogleDesk, event: Event, kind: ActionKind = ActionKind.ACCEPT) -> Rejected:
    """Give an answer that is not taken; why not."""
    with pytest.raises(Rejected) as caught:
        await answer(desk, event, kind)
    return caught.value


def responses(desk: GoogleDesk, title: str = REVIEW, calendar: str = ADA) -> dict[str, str]:
    guests = desk.stored(title, calendar).attendees
    return {guest["email"]: guest["responseStatus"] for guest in guests}


@pytest.mark.parametrize(
    ("kind", "response"),
    [(ActionKind.ACCEPT, "accepted"), (ActionKind.DECLINE, "declined")],
)
async def test_an_answer_reaches_every_copy_and_uninvites_nobody(
    kind: ActionKind, response: str, desk: GoogleDesk
) -> None:
    before = responses(desk)
    await answer(desk, await shown(desk), kind)
    for calendar in (ADA, GRACE_EMAIL, ENGINE):
        assert responses(desk, calendar=calendar) == {**before, ADA: response}
    (done,) = desk.world.google.state.history
    assert (done.response, done.send_updates) == (response, "all")


async def test_every_answer_is_offered_where_it_would_change_something(desk: GoogleDesk) -> None:
    review = await shown(desk)
    assert review.actions == (ActionKind.ACCEPT, ActionKind.DECLINE)
    await answer(desk, review, ActionKind.ACCEPT)
    review = await shown(desk)
    assert not review.tentative
    await answer(desk, review, ActionKind.MAYBE)
    assert (await shown(desk)).tentative


async def test_what_is_declined_is_no_longer_shown(desk: GoogleDesk) -> None:
    await answer(desk, await shown(desk), ActionKind.DECLINE)
    with pytest.raises(StopIteration):
        next(
            event
            for event in (await desk.fetch()).signals
            if event.id.startswith("ada%40") and event.title == REVIEW
        )


async def test_only_the_one_instance_is_answered(desk: GoogleDesk) -> None:
    stand_up = await shown(desk, "Stand-up")
    await answer(desk, stand_up, ActionKind.DECLINE)
    titles = [event.title for event in (await desk.fetch()).signals]
    assert "Stand-up" not in titles
    assert "Stand-up (later today)" in titles
    assert responses(desk, "Stand-up")[ADA] == "accepted"  # the series


async def test_an_organizers_own_answer_is_mailed_to_nobody(desk: GoogleDesk) -> None:
    await answer(desk, await shown(desk, "Stand-up"), ActionKind.MAYBE)
    (done,) = desk.world.google.state.history
    assert (done.response, done.send_updates) == ("tentative", "none")


async def test_a_second_time_changes_and_mails_nothing(desk: GoogleDesk) -> None:
    review = await shown(desk)
    await answer(desk, review, ActionKind.ACCEPT)
    await answer(desk, review, ActionKind.ACCEPT, may_be_done=True)
    assert len(desk.world.google.state.history) == 1


async def test_an_undo_puts_back_what_was_answered_before(desk: GoogleDesk) -> None:
    review = await shown(desk)
    await answer(desk, review, ActionKind.ACCEPT)
    await answer(desk, review, ActionKind.RESTORE)
    assert responses(desk)[ADA] == "tentative"
    assert (await shown(desk)).actions == review.actions


async def test_a_newer_answer_given_elsewhere_stays(desk: GoogleDesk) -> None:
    review = await shown(desk)
    desk.do("respond", id=desk.stored(REVIEW).id, calendar=ADA, response="declined")
    assert str(await refused(desk, review)) == google_act.ANSWERED_ELSEWHERE
    assert responses(desk)[ADA] == "declined"


async def test_nobody_agrees_to_a_time_they_have_not_seen(desk: GoogleDesk) -> None:
    review = await shown(desk)
    desk.do("move_event", id=desk.stored(REVIEW).id, calendar=ADA, by=60)
    assert str(await refused(desk, review)) == google_act.MOVED
    await answer(desk, await shown(desk), ActionKind.ACCEPT)
    assert responses(desk)[ADA] == "accepted"


async def test_what_somebody_else_changed_meanwhile_is_read_again_and_kept(
    desk: GoogleDesk,
) -> None:
    review = await shown(desk)
    desk.do(
        "respond", id=desk.stored(REVIEW).id, calendar=ADA, email=GRACE_EMAIL, response="tentative"
    )
    await answer(desk, review, ActionKind.ACCEPT)
    assert responses(desk)[ADA] == "accepted"
    assert responses(desk)[GRACE_EMAIL] == "tentative"


async def test_an_event_that_was_cancelled_or_deleted_cannot_be_answered(
    desk: GoogleDesk,
) -> None:
    review = await shown(desk)
    desk.do("cancel_event", id=desk.stored(REVIEW).id, calendar=ADA)
    assert str(await refused(desk, review)) == google_act.CANCELLED
    desk.do("clear_events")
    refusal = await refused(desk, review)
    assert (str(refusal), refusal.status) == (google_act.EVENT_GONE, 404)


async def test_who_is_not_invited_any_more_cannot_answer(desk: GoogleDesk) -> None:
    review = await shown(desk)
    desk.do("edit_event", id=desk.stored(REVIEW).id, calendar=ADA, attendees=[])
    assert str(await refused(desk, review)) == google_act.NOT_INVITED


async def test_what_google_does_not_let_change_is_refused_plainly(desk: GoogleDesk) -> None:
    review = await shown(desk)
    desk.do("edit_event", id=desk.stored(REVIEW).id, calendar=ADA, locked=True)
    refusal = await refused(desk, review)
    assert (str(refusal), refusal.status) == (google_act.CANNOT, 403)


async def test_without_leave_nothing_is_sent(desk: GoogleDesk) -> None:
    review = await shown(desk)
    desk.may_write = False
    asked = desk.requests
    assert str(await refused(desk, review)) == google_act.MAY_NOT
    assert desk.requests == asked
    assert all(event.actions == () for event in (await desk.fetch()).signals)


async def test_a_consent_to_read_says_how_to_allow_more() -> None:
    async with google_desk() as desk:
        desk.may_write = True
        review = await shown(desk)
        assert str(await refused(desk, review)) == google_act.MAY_NOT


@pytest.mark.parametrize("kind", [ActionKind.DONE, ActionKind.TOMORROW, ActionKind.REOPEN])
async def test_what_is_no_answer_is_not_known(kind: ActionKind, desk: GoogleDesk) -> None:
    review = await shown(desk)
    assert str(await refused(desk, review, kind)) == google_act.UNKNOWN_ACTION


@pytest.mark.parametrize("id_", ["", "a", "a/b/c", "../../x", "a%2e%2e"])
async def test_an_id_of_nobodys_is_never_sent(id_: str, desk: GoogleDesk) -> None:
    asked = desk.requests
    with pytest.raises(Rejected):
        await desk.source.act(ME, SignalId(id_), Action(kind=ActionKind.ACCEPT, uuid="u"))
    assert desk.requests == asked


async def test_an_undo_that_is_not_known_any_more_is_refused(desk: GoogleDesk) -> None:
    review = await shown(desk)
    for undo in (None, "{}", '{"response":"never","start":""}', "\ud800"):
        forgotten = msgspec.structs.replace(review, undo=undo)
        with pytest.raises(Rejected):
            await answer(desk, forgotten, ActionKind.RESTORE)


async def test_a_rate_limit_on_an_answer_says_that_nothing_was_done(desk: GoogleDesk) -> None:
    review = await shown(desk)
    desk.do("fail", reason="rateLimitExceeded", path="/google/calendar")
    with pytest.raises(Unavailable) as caught:
        await answer(desk, review, ActionKind.ACCEPT)
    assert (caught.value.limited, caught.value.reached) == (True, False)


# What the stand-in does not do

INVITATION = {
    "etag": '"1"',
    "status": "confirmed",
    "start": {"dateTime": "2026-11-22T14:00:00+01:00"},
    "attendees": [
        {"email": "grace@example.com", "responseStatus": "accepted", "organizer": True},
        {"email": "ada@alias.example", "self": True, "responseStatus": "needsAction", "x": [1]},
    ],
}


@dataclass
class Scripted:
    """A source for a service that answers as told."""

    source: GoogleCalendarSource
    service: ScriptedService

    async def accept(self, **more: Any) -> None:
        action = Action(kind=ActionKind.ACCEPT, uuid="u1", **more)
        await self.source.act(UserId("ada"), SignalId("ada%40example.com/e1"), action)


@pytest.fixture
def scripted(client: ServiceClient, service: ScriptedService) -> Scripted:
    source = GoogleCalendarSource(client=lambda _: client, may_write=lambda _: True)
    return Scripted(source, service)


def conflict() -> Reply:
    return Reply(412, {"error": {"errors": [{"reason": "conditionNotMet"}]}})


async def test_everything_google_said_of_the_guests_is_sent_back(scripted: Scripted) -> None:
    scripted.service.replies = [Reply(200, INVITATION), Reply(200, {"etag": '"2"'})]
    await scripted.accept()
    looked, sent = scripted.service.asked
    assert looked.method == "GET"
    assert "maxAttendees" not in looked.query
    assert (sent.method, sent.path) == (
        "PATCH",
        "/api/v1/calendars/ada%40example.com/events/e1",
    )
    assert sent.headers["if-match"] == '"1"'
    body = msgspec.json.decode(sent.body)
    guests = INVITATION["attendees"]
    assert isinstance(guests, list)
    assert body == {"attendees": [guests[0], {**guests[1], "responseStatus": "accepted"}]}


async def test_where_google_leaves_guests_out_only_oneself_is_sent(scripted: Scripted) -> None:
    alone = {"attendeesOmitted": True, "attendees": INVITATION["attendees"][1:]}  # type: ignore[index]  # it is a list
    scripted.service.replies = [Reply(200, {**INVITATION, **alone}), Reply(200, {})]
    await scripted.accept()
    body = msgspec.json.decode(scripted.service.asked[1].body)
    assert body["attendeesOmitted"] is True
    assert [guest["email"] for guest in body["attendees"]] == ["ada@alias.example"]


async def test_an_answer_whose_own_answer_was_lost_is_not_sent_again(scripted: Scripted) -> None:
    guests = msgspec.json.decode(msgspec.json.encode(INVITATION["attendees"]))
    guests[1]["responseStatus"] = "accepted"
    scripted.service.replies = [
        Reply(200, INVITATION),
        Reply(raw=b"", then="reset"),
        Reply(200, {**INVITATION, "etag": '"2"', "attendees": guests}),
    ]
    with pytest.raises(AnswerLost):
        await scripted.accept()
    await scripted.accept(may_be_done=True)
    assert [asked.method for asked in scripted.service.asked] == ["GET", "PATCH", "GET"]


async def test_an_organizer_of_guests_that_are_left_out_risks_none(scripted: Scripted) -> None:
    mine = {"attendeesOmitted": True, "organizer": {"self": True}}
    scripted.service.replies = [Reply(200, {**INVITATION, **mine})]
    with pytest.raises(Rejected):
        await scripted.accept()
    assert len(scripted.service.asked) == 1


async def test_a_change_between_looking_and_changing_is_looked_at_again(
    scripted: Scripted,
) -> None:
    newer = {**INVITATION, "etag": '"2"'}
    scripted.service.replies = [
        Reply(200, INVITATION),
        conflict(),
        Reply(200, newer),
        Reply(200, {}),
    ]
    await scripted.accept()
    assert scripted.service.asked[3].headers["if-match"] == '"2"'


async def test_an_event_that_never_stands_still_is_tried_later(scripted: Scripted) -> None:
    scripted.service.replies = [Reply(200, INVITATION), conflict()] * 10
    with pytest.raises(Unavailable) as caught:
        await scripted.accept()
    assert not caught.value.reached
    assert len(scripted.service.asked) == 2 * google_act.MAX_ATTEMPTS


@pytest.mark.parametrize(
    "said",
    [
        {},
        [],
        {"attendees": None},
        {"attendees": [{}]},
        {**INVITATION, "etag": None},
        {**INVITATION, "etag": '"1"\r\nX: y'},
        {**INVITATION, "attendees": [7]},
        {**INVITATION, "start": 7},
    ],
)
async def test_an_event_that_makes_no_sense_is_not_changed(
    scripted: Scripted, said: object
) -> None:
    scripted.service.replies = [Reply(200, said)]
    with pytest.raises((Rejected, Unavailable)):
        await scripted.accept()
    assert [asked.method for asked in scripted.service.asked] == ["GET"]


async def test_a_quota_for_changes_leaves_reading_alone(
    scripted: Scripted, client: ServiceClient
) -> None:
    full = Reply(403, {"error": {"errors": [{"reason": "quotaExceeded"}]}})
    scripted.service.replies = [Reply(200, INVITATION), full, Reply(200, {})]
    with pytest.raises(Unavailable) as caught:
        await scripted.accept()
    assert (caught.value.reached, caught.value.retry_after) == (False, 7200)
    await client.get("x")
