"""Knows what holds notices back at this moment, and until when as far as that is known.

Quiet hours, a pause and a meeting end at a known time; do-not-disturb and a locked screen end when
the desktop says so. Nothing is asked again and again.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from oo_desktop.clock import Clock
from oo_desktop.model.preferences import Notifications
from oo_desktop.model.reminders import span_of
from oo_desktop.model.signals import Day, Event, SignalKey
from oo_desktop.model.state import AppState, zones_of
from oo_desktop.model.zones import machine_zone
from oo_desktop.notifications.rules import Notice, Situation, Verdict, quiet_until, verdict_on


class Attention:
    """Judges notices by the table in `rules.py`, as things are now.

    preferences: what the settings say now. state: all there is to see, a running pause among it.
    do_not_disturb, locked: what the desktop said last; where it says nothing, False.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        preferences: Callable[[], Notifications],
        state: Callable[[], AppState],
    ) -> None:
        self._clock = clock
        self._preferences = preferences
        self._state = state
        self.do_not_disturb = False
        self.locked = False

    def verdict(self, notice: Notice) -> Verdict:
        """Return when `notice` is shown. Raises StoreError."""
        return self.verdicts([(notice, None)])[0]

    def verdicts(self, notices: Iterable[tuple[Notice, SignalKey | None]]) -> list[Verdict]:
        """Return when each of `notices` is shown; one of a reminder is about an event or a task.

        Looks once at all there is: after a sleep there may be 5,000. Raises StoreError.
        """
        now = self._clock.now()
        state, preferences = self._state(), self._preferences()
        quiet = quiet_until(preferences, now, machine_zone()) is not None
        meetings = {key for key, _ in _meetings(state, preferences, now)}

        def situation(about: SignalKey | None) -> Situation:
            return Situation(
                quiet=quiet,
                meeting=len(meetings) > (about in meetings),
                paused=state.paused_until is not None,
                do_not_disturb=self.do_not_disturb,
                locked=self.locked,
            )

        return [verdict_on(notice, situation(about)) for notice, about in notices]

    def next_end(self) -> datetime | None:
        """Return when the first of what holds notices back ends; None where that is not known.

        Raises StoreError.
        """
        now = self._clock.now()
        state, preferences = self._state(), self._preferences()
        ends = [end for _, end in _meetings(state, preferences, now)]
        ends += [
            end
            for end in (state.paused_until, quiet_until(preferences, now, machine_zone()))
            if end is not None
        ]
        return min(ends, default=None)


def _meetings(
    state: AppState, preferences: Notifications, now: datetime
) -> Iterator[tuple[SignalKey, datetime]]:
    """The meetings that run and that are not to be interrupted, and when each ends."""
    if preferences.in_meetings:
        return
    local_zone = machine_zone()
    zones = zones_of(state, local_zone)
    for account, signals in state.signals.items():
        for event in signals:
            if not isinstance(event, Event) or isinstance(event.start, Day):
                continue
            start, end = span_of(event, zones.get(account, local_zone))
            if start <= now < end and event.is_certain:
                yield event.key, end
