"""Answers an invitation: looked at once more, then changed as it was seen, or not at all.

There are two ways to change one's own answer without taking the other guests off the list. One
sends oneself alone, with `attendeesOmitted`. The description of the API promises that this touches
nobody else; were it wrong on a single kind of event, everybody would be uninvited, by mail. The
other reads the list, changes one word of it, and sends all of it back on condition (If-Match) that
nobody has changed it since. oO does that: the worst it can meet is a refusal. Only where Google
itself leaves guests out of what it tells is the first way the only one, and then oO takes it for
a guest, never for an organizer.

Reading first also makes it harmless to send a click twice: an answer that is there already sends
nothing, so there is no second mail. And it shows what happened since the click:

| since the click | the answer |
|---|---|
| nothing, or things that are none of this | is sent |
| it was given already, here or elsewhere | counts as done |
| another one was given elsewhere | is refused: the newer wish stays |
| the event was moved | is refused: nobody agreed to that time |
| the event was cancelled, or they are no longer invited | is refused |

One event is one event: the id of an instance changes that instance, never the series.

`sendUpdates=all`: an answer is for the organizer, whose calendar may be anywhere; with `none` one
who does not use Google would never hear of it. Google mails a guest's answer to nobody else. An
organizer's own answer is for nobody, so it is sent with `none`.
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct, field

from oo_desktop.connectors.google_calendar import wire
from oo_desktop.connectors.google_calendar.errors import NotHere, ScopeMissing, translate_refusals
from oo_desktop.connectors.google_calendar.events import ClickedWire
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import ServiceClient
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import ActionKind, SignalId, stamp
from oo_desktop.model.source import Action

MAX_ATTEMPTS = 3
"""How often an event is read again because it changed between looking and changing."""

MAY_NOT = untranslated("oO may only read this account. Allow replies in the account’s menu first.")
EVENT_GONE = untranslated("This event is no longer in Google Calendar.")
CANCELLED = untranslated("This event was cancelled.")
NOT_INVITED = untranslated("You are not invited to this event any more.")
CANNOT = untranslated("Google does not let oO answer this here. Please answer in Google Calendar.")
ANSWERED_ELSEWHERE = untranslated("You answered this elsewhere since you clicked.")
MOVED = untranslated("This event was moved since you clicked. Please look at it again.")
UNKNOWN_ACTION = untranslated("oO does not know how to do this in Google Calendar.")

RESPONSE_OF = {
    ActionKind.ACCEPT: "accepted",
    ActionKind.MAYBE: "tentative",
    ActionKind.DECLINE: "declined",
}
_KNOWN_RESPONSES = frozenset({*RESPONSE_OF.values(), "needsAction"})

_FIELDS = "etag,status,start,attendees,attendeesOmitted,organizer/self"


class OrganizerWire(Struct, frozen=True):
    is_self: bool | None = field(name="self", default=None)


class InvitationWire(Struct, frozen=True, rename="camel"):
    """Holds an event as it is answered. attendees: as Google tells them, to be sent back so."""

    etag: str | None = None
    status: str | None = None
    start: wire.MomentWire | None = None
    attendees: list[dict[str, object]] | None = None
    attendees_omitted: bool | None = None
    organizer: OrganizerWire | None = None


async def act(client: ServiceClient, id_: SignalId, action: Action) -> None:
    """Carry out one answer. Raises SourceError and VaultError."""
    ids = wire.ids_from_signal(id_)
    clicked = _clicked(action)
    response = clicked.response if _is_undo(action) and clicked else RESPONSE_OF.get(action.kind)
    if ids is None or response not in _KNOWN_RESPONSES:
        raise Rejected(translated(UNKNOWN_ACTION))
    path = f"{wire.events_path(ids[0])}/{wire.quoted(ids[1])}"
    for _ in range(MAX_ATTEMPTS):
        seen = await _read(client, path)
        if not _is_to_be_sent(seen, response, action, clicked):
            return
        if await _sent(client, path, seen, response):
            return
    raise Unavailable(
        translated("This event keeps changing in Google Calendar. oO tries again."), reached=False
    )


def _is_undo(action: Action) -> bool:
    return action.kind is ActionKind.RESTORE


def _clicked(action: Action) -> ClickedWire | None:
    try:
        return msgspec.json.decode(action.undo or "", type=ClickedWire)
    except (msgspec.DecodeError, UnicodeError):
        return None


async def _read(client: ServiceClient, path: str) -> InvitationWire:
    try:
        body = await translate_refusals(client, client.get(path, params={"fields": _FIELDS}))
    except NotHere as error:
        failure = Rejected(
            translated(EVENT_GONE if error.status != 403 else CANNOT), status=error.status
        )
    else:
        return wire.decoded(body, InvitationWire)
    raise failure


def _is_to_be_sent(
    seen: InvitationWire, response: str, action: Action, clicked: ClickedWire | None
) -> bool:
    """False where it is as wished already. Raises Rejected where it must not be sent any more."""
    if seen.status == "cancelled":
        raise Rejected(translated(CANCELLED))
    mine = _mine(seen.attendees)
    if mine is None:
        raise Rejected(translated(NOT_INVITED))
    now = mine.get("responseStatus", "needsAction")
    if now == response:
        return False
    if clicked is None:
        return True
    start = wire.moment_from_wire(seen.start)
    if start is not None and stamp(start) != clicked.start:
        raise Rejected(translated(MOVED))
    # What an undo takes back is an answer of this click, so it never finds the one before it.
    if now != clicked.response and not _is_undo(action):
        raise Rejected(translated(ANSWERED_ELSEWHERE))
    return True


def _mine(attendees: Sequence[Mapping[str, object]] | None) -> Mapping[str, object] | None:
    return next((who for who in attendees or () if who.get("self") is True), None)


async def _sent(client: ServiceClient, path: str, seen: InvitationWire, response: str) -> bool:
    """Whether it was taken; False where the event has changed since it was read."""
    organizes = seen.organizer is not None and bool(seen.organizer.is_self)
    if seen.etag is None or (organizes and seen.attendees_omitted):
        raise Rejected(translated(CANNOT))
    guests = [
        {**who, "responseStatus": response} if who.get("self") is True else who
        for who in seen.attendees or ()
    ]
    change: dict[str, object] = {"attendees": guests}
    if seen.attendees_omitted:
        change["attendeesOmitted"] = True
    params = {"sendUpdates": "none" if organizes else "all", "fields": "etag"}
    answer = client.patch(path, params=params, json=change, if_match=seen.etag)
    try:
        await translate_refusals(client, answer, writing=True)
    except ScopeMissing as error:
        failure = Rejected(translated(MAY_NOT), status=error.status)
    except NotHere as error:
        failure = Rejected(
            translated(EVENT_GONE if error.status != 403 else CANNOT), status=error.status
        )
    except Rejected as error:
        if error.status == 412:
            return False
        failure = error
    else:
        return True
    raise failure
