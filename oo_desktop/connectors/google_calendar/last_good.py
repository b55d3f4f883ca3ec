"""Decides what to show of a calendar that Google cannot tell us about just now.

One lost answer must not hide a meeting that is running, nor its reminder. So what a calendar held
when it was last read stays until it can be read again, and is looked for soon. All of this may be
lost: while nothing is remembered, as after a start, the whole poll fails for a few times, for then
the list that was saved stays. A calendar that is in trouble for longer hides no other, and where
nothing was saved there is nothing to wait for.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.connectors.google_calendar.schedule import RECHECKS, Recheck
from oo_desktop.connectors.google_calendar.wire import GOOGLE_LISTS
from oo_desktop.errors import SourceError, Unavailable
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import Day, Event, Fixed, UserId

AS_BEFORE = untranslated("Its events are shown as they were before.")

MAX_FAILED_POLLS = 3
"""Polls after a start that fail as a whole for a calendar of which nothing is remembered."""

CALM_AFTER = timedelta(hours=4)
"""After so long without trouble one more quick look is granted: troubles that come and go all day
cost as few requests as those that stay."""


class CalendarRead(Struct, frozen=True):
    """Says what became of one calendar: its events and how many made no sense, or why not.

    made_of: what the events were made of.
    recheck_after: seconds after which the problem may have passed, where that is soon.
    """

    events: Sequence[Event] = ()
    unread: int = 0
    problem: SourceError | None = None
    recheck_after: float | None = None
    made_of: object = None


class LastGood:
    """Remembers what was last read of each account's calendars. now: the wall clock, aware."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._good: dict[UserId, dict[str, CalendarRead]] = {}
        self._missed: dict[UserId, int] = {}
        self._looks: dict[UserId, tuple[int, datetime]] = {}
        self._troubled: set[UserId] = set()

    def troubled(self, user_id: UserId) -> bool:
        """Return whether the last poll left a calendar to be looked for soon."""
        return user_id in self._troubled

    def of_calendar(self, user_id: UserId, calendar_id: str) -> CalendarRead:
        """Return what was last read of a calendar; as good as nothing where nothing was."""
        return self._good.get(user_id, {}).get(calendar_id, CalendarRead())

    async def completed(
        self, user_id: UserId, read: Mapping[str, CalendarRead], zone: tzinfo | None, *, saved: bool
    ) -> dict[str, CalendarRead]:
        """Return `read`, with what is remembered of calendars in passing trouble.

        zone: in which whole days end. saved: whether a list from before the start is shown.
        Raises Unavailable where that is better than what is known yet.
        """
        passing = {
            id_: one.problem for id_, one in read.items() if isinstance(one.problem, Unavailable)
        }
        good = self._remembered(user_id, read, passing)
        if saved:
            self._be_patient(user_id, [error for id_, error in passing.items() if id_ not in good])
        # What is shown from here on is no longer what was saved.
        self._missed[user_id] = MAX_FAILED_POLLS
        if not passing:
            self._troubled.discard(user_id)
            return dict(read)
        self._troubled.add(user_id)
        again, whole = self._again(user_id), dict(read)
        for id_, error in passing.items():
            sentences = [AS_BEFORE if id_ in good else "", again.words if again else ""]
            words = [str(error), *map(translated, sentences)]
            whole[id_] = replace(
                read[id_],
                events=await self._not_over(self.of_calendar(user_id, id_).events, zone or UTC),
                problem=Unavailable(" ".join(filter(None, words))),
                recheck_after=again.seconds if again else None,
            )
        return whole

    def _remembered(
        self, user_id: UserId, read: Mapping[str, CalendarRead], passing: Mapping[str, Unavailable]
    ) -> dict[str, CalendarRead]:
        """Of the calendars that are shown and can, or could, be read."""
        good = {id_: one for id_, one in self._good.get(user_id, {}).items() if id_ in passing}
        good |= {id_: one for id_, one in read.items() if one.problem is None}
        self._good[user_id] = good
        return good

    def _be_patient(self, user_id: UserId, unknown: Sequence[Unavailable]) -> None:
        missed = self._missed.get(user_id, 0)
        if unknown and missed < MAX_FAILED_POLLS:
            self._missed[user_id] = missed + 1
            raise unknown[0]

    def _again(self, user_id: UserId) -> Recheck | None:
        """When it is looked for again; None where that is no sooner than usual."""
        now = self._now()
        looks, at = self._looks.get(user_id, (0, now))
        looks = max(0, looks - max(0, (now - at) // CALM_AFTER))
        self._looks[user_id] = min(looks + 1, len(RECHECKS)), now
        return [*RECHECKS, None][looks]

    async def _not_over(self, events: Sequence[Event], zone: tzinfo) -> Sequence[Event]:
        now, left = self._now(), list[Event]()
        for part in GOOGLE_LISTS.slices(events):
            left += [event for event in part if not _is_over(event, now, zone)]
            await asyncio.sleep(0)
        return left


def _is_over(event: Event, now: datetime, zone: tzinfo) -> bool:
    match event.end:
        case Fixed(at):
            return at <= now
        case Day(after):
            return after <= now.astimezone(zone).date()
    return False
