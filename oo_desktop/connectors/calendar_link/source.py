"""Show calendars by link: any address that gives iCalendar, such as the secret ones of Google.

Nothing has to be registered anywhere; the link is all there is, and reading is all it allows.

How it is read was chosen by measuring (5,000 events, 2 MB, one in ten recurring; seconds of CPU):

| | licence | parse + expand | one broken alarm |
|---|---|---|---|
| icalendar 7.3 + recurring-ical-events 3.8 | BSD, LGPL-3 | 1.3 + 0.7, 60 MB | survives |
| ical 14.3 (pydantic) | Apache-2.0 | 0.9 + 1.1, 75 MB | the calendar is lost |
| icalendar + dateutil and a window of our own | BSD | 1.3 + 10 ms a series of 2006 | survives |
| the reader here | ours | 0.2 + 0.05, 15 MB | costs that alarm |

All of the libraries are cared for, and all are made to read a calendar whole, at their own pace,
from somebody who means well. A tray has three days to show, from a body that anyone may have
written, beside a loop that must not wait: what is needed is a reader that can rest between any two
lines, drops what is over while it reads, and looks at a rule's three days instead of its history
(dateutil follows "30 February" to the year 9999 and cannot be stopped). recurring-ical-events also
holds dateutil below the version locked here. So there are a thousand lines of our own, held against
`ical` and dateutil in the tests, and nothing more to install or import.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.connectors.calendar_link.settings import ICS
from oo_desktop.connectors.icalendar.calendar import (
    CalendarTooLarge,
    IcalCalendar,
    IncompleteCalendar,
    LeftOut,
    NotACalendar,
    calendar_from_body,
    fingerprint,
)
from oo_desktop.connectors.icalendar.events import (
    Expansion,
    TooManyEvents,
    Window,
    events_from_calendar,
)
from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.errors import KEEPS_TRYING, AuthRequired, Rejected, Unavailable
from oo_desktop.http.secret_link import (
    INVALID,
    Fetched,
    LinkClient,
    host_of,
    user_id_from_link,
)
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import UserId
from oo_desktop.model.source import Identity, Snapshot
from oo_desktop.model.zones import machine_zone

log = logging.getLogger(__name__)

_ZONE_MARGIN = timedelta(days=2)
"""No day anywhere is farther from the same day in UTC."""

_TOO_MUCH = untranslated("This calendar is more than oO can show.")
_NOT_ONE = untranslated("This link does not lead to a calendar.")


class _Kept(Struct, frozen=True):
    """What is known of an account's calendar. It can be lost; then it is asked for again."""

    calendar: IcalCalendar
    etag: str | None
    last_modified: str | None


class _MadeOf(NamedTuple):
    """What the events of an account are made of: of this very calendar."""

    calendar: IcalCalendar
    window: Window


class IcsSource:
    """Is the ComparingSource of calendar links. One object serves all of them.

    link: the one client that asks for an account's calendar.
    days_ahead: whole days shown after today.
    now: the wall clock, aware. here: the machine's zone.
    """

    id = ICS

    def __init__(
        self,
        *,
        link: Callable[[UserId], LinkClient],
        days_ahead: int = 1,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        here: Callable[[], ZoneInfo] = machine_zone,
    ) -> None:
        self._link = link
        self._days_ahead = days_ahead
        self._now = now
        self._here = here
        self._kept: dict[UserId, _Kept] = {}
        self._left_out: dict[UserId, Mapping[str, int]] = {}

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        """Return the calendar's events from today on, in the order in which they begin.

        Raises SourceError, and VaultError where the link is not to be had.
        """
        return await self.fetch_again(user_id, Snapshot(signals=()))

    async def fetch_again(self, user_id: UserId, known: Snapshot) -> Snapshot:
        """Return the same; the events of `known` where the calendar and the day are the same."""
        client = self._link(user_id)
        kept = await self._asked(client, self._usable(user_id))
        window = Window(
            zone=self._here(),
            first=self._today(),
            days=self._days_ahead + 1,
        )
        made_of, before = _MadeOf(kept.calendar, window), known.made_of
        found = known
        if not (
            isinstance(before, _MadeOf)
            and before.calendar is made_of.calendar
            and before.window == window
        ):
            name = kept.calendar.name or host_of(await client.link())
            found = await self._expanded(made_of, user_id, name)
        self._kept[user_id] = kept
        # Its days are those of whoever looks: a calendar's zone is that of its floating times.
        return found

    def _today(self) -> date:
        return self._now().astimezone(self._here()).date()

    def _usable(self, user_id: UserId) -> _Kept | None:
        """What is known, unless the clock was put back: what was over then is not in it."""
        kept = self._kept.get(user_id)
        if kept is None or self._today() < kept.calendar.since + _ZONE_MARGIN:
            return None
        return kept

    async def _asked(self, client: LinkClient, kept: _Kept | None) -> _Kept:
        answer = (
            await client.get() if kept is None else await client.get(kept.etag, kept.last_modified)
        )
        if isinstance(answer, Fetched):
            since = (self._now() - _ZONE_MARGIN).date() - timedelta(days=1)
            calendar = await _read(answer, since, kept.calendar if kept else None)
            if kept is not None and calendar is kept.calendar:
                return replace(kept, etag=answer.etag, last_modified=answer.last_modified)
            return _Kept(calendar, answer.etag, answer.last_modified)
        if kept is None:
            raise Unavailable(translated("The calendar did not answer."), outlook=KEEPS_TRYING)
        return kept

    async def _expanded(self, made_of: _MadeOf, user_id: UserId, name: str) -> Snapshot:
        def job(pacer: Pacer) -> Expansion:
            return events_from_calendar(
                made_of.calendar,
                made_of.window,
                source=ICS,
                user_id=user_id,
                name=name,
                pacer=pacer,
            )

        try:
            expansion = await run_paced(job)
        except (TooManyEvents, TooMuchWork):
            expansion = None
        if expansion is None:
            raise Rejected(translated(_TOO_MUCH))
        unread = self._note_left_out(user_id, expansion.left_out)
        return Snapshot(signals=expansion.events, unread=unread, made_of=made_of)

    def _note_left_out(self, user_id: UserId, left_out: Mapping[LeftOut, int]) -> int:
        """How many events could not be read; said in the log, once, of which kinds."""
        events = {each.unreadable: n for each, n in left_out.items() if each.component == "VEVENT"}
        if events and self._left_out.get(user_id) != events:
            why = ", ".join(f"{name}: {count}" for name, count in sorted(events.items()))
            number = sum(events.values())
            log.warning("A calendar has events that make no sense; left out: %d (%s)", number, why)
        self._left_out[user_id] = events
        return sum(events.values())


async def identity(client: LinkClient) -> Identity:
    """Return whose calendar it is: the link names the account, and the calendar names itself.

    Raises SourceError and VaultError.
    """
    link = await client.link()
    try:
        answer = await client.get()
        if not isinstance(answer, Fetched):
            raise Unavailable(translated("The calendar did not answer."), outlook=KEEPS_TRYING)
        calendar = await _read(answer, date.max, None)
    except AuthRequired:  # it was just pasted: nothing has become of it since
        raise AuthRequired(translated(_NOT_ONE)) from None
    return Identity(user_id_from_link(link), calendar.name or host_of(link))


async def _read(answer: Fetched, since: date, known: IcalCalendar | None) -> IcalCalendar:
    """The calendar in `answer`; `known` itself where it says the same."""
    body, owner = answer.body, answer.owner

    def job(pacer: Pacer) -> IcalCalendar:
        if known is not None and fingerprint(body, pacer) == known.fingerprint:
            return known
        return calendar_from_body(
            body, since=since, owner=owner, charset=answer.charset, pacer=pacer
        )

    try:
        return await run_paced(job)
    except NotACalendar as error:
        failure: Exception = (
            AuthRequired(translated(INVALID)) if error.page else Rejected(translated(_NOT_ONE))
        )
        if not body.strip():
            failure = Unavailable(translated("The calendar arrived empty."), outlook=KEEPS_TRYING)
    except IncompleteCalendar:
        failure = Unavailable(translated("The calendar arrived incomplete."), outlook=KEEPS_TRYING)
    except (CalendarTooLarge, TooMuchWork):
        failure = Rejected(translated(_TOO_MUCH))
    # Raised out here so that nothing of the calendar is kept as the context of it.
    raise failure
