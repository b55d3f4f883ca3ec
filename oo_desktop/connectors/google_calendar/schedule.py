"""Decides how often Google is asked: seldom while nothing is near, soon when something is, or
went wrong.

What the user may know is all there is to go by: the list, and what is told beside its calendars.
"""

from datetime import datetime
from typing import NamedTuple

from oo_desktop.language import untranslated
from oo_desktop.model.signals import Event, Fixed
from oo_desktop.model.source import Snapshot

CALENDAR_SECONDS = 86_400 / 260
"""Seconds between polls, for each calendar that is shown: an account asks 260 times for events on a
day on which nothing happens. The list of calendars, asked for every hour, brings it to fewer than
300 (developers.google.com/calendar/api/guides/quota: many users share one client's million)."""

IDLE_SECONDS = 16 * 60.0
SOONEST = 0.85
MAX_IDLE_SECONDS = 30 * 60.0
"""Seconds between polls while nothing is near, and how much of that has to have passed: schedules
add to it and take from it, so that not all the world asks at once. With more calendars it is
longer, but a meeting that was just planned must not come as a surprise: beyond five calendars there
are more requests."""

NEAR_SECONDS = 30 * 60.0
QUICK_SECONDS = 5 * 60.0
"""Seconds before an event from which on, and between polls then: meetings move at the last."""


class Recheck(NamedTuple):
    """Says when to look again at a calendar in passing trouble, in seconds and in words."""

    seconds: float
    words: str


RECHECKS = (
    Recheck(120.0, untranslated("oO looks again in about two minutes.")),
    Recheck(240.0, untranslated("oO looks again in about four minutes.")),
    Recheck(480.0, untranslated("oO looks again in about eight minutes.")),
)
"""In this order, each for one look; where none helped, the calendar waits as all others do."""

BEGUN_SECONDS = 60.0
"""Seconds after an event's beginning at which to look whether it did begin. Two minutes are the
most, and polls do not come on the second."""


def poll_after(snapshot: Snapshot, now: datetime) -> float:
    """Return the seconds until the account should be polled again, if nobody asks before.

    now: aware. Opening the menu, waking up and midnight poll whatever this says.
    """
    shown = sum(calendar.shown for calendar in snapshot.calendars)
    wait = min(max(IDLE_SECONDS, shown * CALENDAR_SECONDS), MAX_IDLE_SECONDS)
    rechecks = [calendar.recheck_after for calendar in snapshot.calendars if calendar.shown]
    wait = min([wait, *(seconds for seconds in rechecks if seconds is not None)])
    for signal in snapshot.signals:
        if isinstance(signal, Event) and isinstance(signal.start, Fixed):
            ahead = (signal.start.at - now).total_seconds()
            if ahead > 0:
                wait = min(wait, max(ahead - NEAR_SECONDS, QUICK_SECONDS), ahead + BEGUN_SECONDS)
    return wait
