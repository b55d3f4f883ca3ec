"""Decides which of Google's events are shown, and as what: one table, and what holds to it.

| an event | is |
|---|---|
| `status` cancelled | left out, also where nothing but its id is said |
| `status` tentative | shown as tentative |
| the calendar's owner declined it | left out |
| they answered "maybe" | shown as tentative |
| they did not answer (needsAction, or nothing) | shown as not answered |
| there are no guests, or they are none of them | shown as certain: it is their own |
| `eventType` default, fromGmail, or one not known yet | shown: to miss a meeting is worse |
| focusTime, outOfOffice | shown where they have a time, left out as whole days |
| workingLocation, birthday | left out: nothing happens |
| `date` | whole days of wherever one is; the end is the day after the last |
| `dateTime` | an instant, planned in its own zone, else the calendar's, else UTC |
| over several days | one event from its first moment to its last |
| the end is missing, of the other kind, or before the start | a moment, or that one day |
| the start makes no sense, or the id is empty or too long | counted, and left out alone |
| no `summary` | "Busy" where only that is told; "Out of office" or "Focus time" where it is that; \
"Busy" where its details are hidden, else "(no title)" |
| `description` | never shown: it may be HTML; only looked through for a link to join |
| `location` | `where`, without the addresses in it |
| `reminders` overrides | its own minutes, those that pop up; none is none |
| `reminders` useDefault, or not told | the calendar's minutes; None where these are not told |
| the same, for whole days | none: their default is another setting, which the API does not tell |
| `iCalUID`, and when it was planned to begin | `twin`: the same for the meeting on all calendars |
| `htmlLink` | `url`, as this account |

Whole days at the edge: Google finds them by midnight in the calendar's zone. Those that are over,
or not yet on, by the account's own days are left out.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from oo_desktop.connectors.google_calendar import wire
from oo_desktop.connectors.meeting_links import (
    as_account,
    first_meeting,
    safe_url,
    with_passcode,
    without_addresses,
)
from oo_desktop.connectors.plain_text import clean
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import REPLIES, ActionKind, Day, Event, Fixed, UserId, stamp
from oo_desktop.model.text import BUSY, NO_TITLE

_TITLES = {"outOfOffice": untranslated("Out of office"), "focusTime": untranslated("Focus time")}

_TAKEN = 2000
"""Characters of a title or a place that are looked at."""

_MAX_ICAL_UID = 300
"""Characters. Google's own have 50, those of others up to some 200."""

_ONLY_TIMED = frozenset({"focusTime", "outOfOffice"})
_NOTHING_HAPPENS = frozenset({"workingLocation", "birthday"})
_PRIVATE = frozenset({"private", "confidential"})


class ClickedWire(Struct, frozen=True):
    """Holds what an event carries as `undo`: what the user saw when they answered.

    response: the answer they had given until then. start: when it began.
    """

    response: str
    start: str


def is_shown(event: wire.EventWire) -> bool:
    """Return whether it is to be on the list at all, as far as can be told without its times."""
    return not (
        event.status == "cancelled"
        or event.event_type in _NOTHING_HAPPENS
        or _response(event) == "declined"
        or (event.event_type in _ONLY_TIMED and event.start is not None and event.start.date)
    )


def event_from_wire(
    event: wire.EventWire, *, user_id: UserId, shelf: wire.Shelf, may_write: bool = False
) -> Event | None:
    """Return the signal of an event; None for one that makes no sense.

    user_id: the account's address. may_write: whether invitations can be answered.
    """
    id_ = wire.signal_id(shelf.id, event.id)
    start = wire.moment_from_wire(event.start, shelf.zone)
    if start is None or not event.id or len(id_) > wire.MAX_EVENT_ID:
        return None
    response = _response(event)
    invited = shelf.mine and response is not None
    link = safe_url(event.html_link)
    return Event(
        id=id_,
        source=wire.GOOGLE_CALENDAR,
        user_id=user_id,
        title=_title(event, shelf),
        url=as_account(link, user_id) if link else None,
        container=shelf.container,
        actions=_actions(response) if invited and may_write else (),
        undo=_clicked(response, start) if invited and may_write else None,
        start=start,
        end=_end(event, start, shelf),
        join_url=join_url(event, email=user_id),
        where=clean(without_addresses((event.location or "")[:_TAKEN])) or None,
        tentative="tentative" in (event.status, response),
        unanswered=response == "needsAction",
        twin=_twin(event, start, shelf),
        reminders=_reminders(event, start, shelf),
    )


def _response(event: wire.EventWire) -> str | None:
    """What the calendar's owner answered; None where they are not among the guests."""
    mine = next((who for who in event.attendees or () if who.is_self), None)
    return None if mine is None else mine.response_status or "needsAction"


def _title(event: wire.EventWire, shelf: wire.Shelf) -> str:
    title = clean((event.summary or "")[:_TAKEN])
    if title:
        return title
    if shelf.shows_busy_only:
        return BUSY
    by_type = _TITLES.get(event.event_type or "", "")
    return translated(by_type) or (BUSY if event.visibility in _PRIVATE else NO_TITLE)


def _end(event: wire.EventWire, start: Day | Fixed, shelf: wire.Shelf) -> Day | Fixed:
    match start, wire.moment_from_wire(event.end, shelf.zone):
        case (Day(first), Day(after) as end) if after > first:
            return end
        case (Fixed(begins), Fixed(ends) as end) if ends >= begins:
            return end
    return Day(start.day + timedelta(days=1)) if isinstance(start, Day) else start


def _twin(event: wire.EventWire, start: Day | Fixed, shelf: wire.Shelf) -> str | None:
    """An instance of a series that was moved is still the one that was to be at that time."""
    if not event.uid or len(event.uid) > _MAX_ICAL_UID:
        return None
    original = wire.moment_from_wire(event.original_start_time, shelf.zone) or start
    return f"{clean(event.uid)} {stamp(original)}"


def _reminders(
    event: wire.EventWire, start: Day | Fixed, shelf: wire.Shelf
) -> tuple[int, ...] | None:
    said = event.reminders
    if said is not None and not said.use_default:
        return wire.minutes_from_wire(said.overrides or ())
    return () if isinstance(start, Day) else shelf.reminders


_SAID = {
    "accepted": ActionKind.ACCEPT,
    "tentative": ActionKind.MAYBE,
    "declined": ActionKind.DECLINE,
}


def _actions(response: str | None) -> tuple[ActionKind, ...]:
    """The answers that would change something."""
    return tuple(kind for kind in REPLIES if kind is not _SAID.get(response or ""))


def _clicked(response: str | None, start: Day | Fixed) -> str:
    return msgspec.json.encode(ClickedWire((response or "")[:20], stamp(start))).decode()


def is_on(event: Event, begin: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Return whether a whole day lies between `begin` and `end`, as days are counted in `zone`.

    What has a time, Google has already judged.
    """
    match event.start, event.end:
        case Day(first), Day(after):
            days = begin.astimezone(zone).date(), end.astimezone(zone).date()
            return after > days[0] and first < days[1]
    return True


def join_url(event: wire.EventWire, *, email: str) -> str | None:
    """Return where to take part, as the account `email`; None where there is no such place."""
    conference, typed = event.conference_data, (event.location, event.description)
    for entry in (conference.entry_points if conference else None) or ():
        if entry.entry_point_type == "video" and (url := safe_url(entry.uri)):
            return as_account(with_passcode(url, typed), email)
    url = safe_url(event.hangout_link)
    if url is None:
        url = first_meeting(typed)
    return as_account(url, email) if url else None
