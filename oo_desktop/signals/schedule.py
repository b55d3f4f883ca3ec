"""Decides when an account is polled next.

Five things make a poll due: the interval (or the backoff after a failure), midnight in the
account's zone, somebody asking, a source that tells of a change, and a clock that jumped: the
machine slept, or was set. Only one thing holds a poll back whoever asks: the service's own
Retry-After.

Time to wait is counted on the monotonic clock, midnight on the wall clock. Linux stops the first
while the machine sleeps, so the two drift apart by as long as it slept. A longer wait looks at both
now and then; not that of an account whose changes are told, which is to cost nothing while there
are none: whoever notices that the machine woke asks for a poll, and the next rare one is a look.
"""

import math
from datetime import datetime, timedelta
from random import Random

from oo_desktop.clock import Clock
from oo_desktop.model.zones import next_midnight, zone_named
from oo_desktop.signals.backoff import MAX_WAIT_SECONDS, Alarm, Backoff, RequestedPause

MAX_DRIFT_SECONDS = 30.0
"""By how much the two clocks may drift apart during one wait before it counts as a jump."""

INTERVAL_JITTER = 0.1
"""By how much of itself an interval is shortened or lengthened, so that clients spread out."""

MIDNIGHT_JITTER_SECONDS = (1.0, 6.0)
"""After midnight: all the world's clients share that moment, and clocks differ a little."""


RARELY_SECONDS = 2 * 3600.0
"""Between polls of an account whose changes are told: should one not have been."""

TOLD_SECONDS = 0.2
"""Between a change that is told and its poll, which answers all that are told meanwhile."""

MAX_TOLD_SECONDS = 10.0
"""What that grows to while a change is told after each such poll: they may be what changes it."""


class Schedule:
    """Tells when to poll one account, from how its polls ended.

    interval: seconds between polls. The first retry after a failure comes no later than twice that,
    so that somebody who asked for quick polls sees a quick recovery.
    """

    def __init__(self, *, clock: Clock, interval: float, random: Random) -> None:
        self._clock = clock
        self._interval = interval
        self._random = random
        self._offline = self._new_backoff()
        self._keyring = Backoff(base=2.0, cap=60.0, random=random)
        self._alarm = Alarm(clock)
        self._wanted = True
        self._due = clock.monotonic()
        self._told = False
        self._told_due = math.inf
        self._told_wait = 0.0
        self._told_polled_at = -math.inf
        self._pause = RequestedPause(clock)
        self._zone: str | None = None
        self._began_at = clock.now()
        self._midnight = self._midnight_after(self._began_at)

    @property
    def next_poll(self) -> datetime:
        """Return the wall-clock time of the next poll, if nobody asks for one before."""
        return self._clock.now() + timedelta(seconds=self._remaining())

    @property
    def paused(self) -> bool:
        """Return whether the service asked not to be called now."""
        return self._pause.until > self._clock.monotonic()

    @property
    def told(self) -> bool:
        """Return whether changes of the account are told, so that it is asked rarely by itself."""
        return self._told

    def tell(self, told: bool) -> None:
        """Note that changes of the account are told from now on, or no longer."""
        if told is self._told:
            return
        self._told = told
        if not told:
            self._due = min(self._due, self._clock.monotonic() + self._next_interval())
        self._alarm.ring()

    def changed(self) -> None:
        """Poll in a moment, for a change is told; once for all that are told until then.

        While a change is told after each poll for one, the moments grow: polls that lead to changes
        that lead to polls must not fill the day.
        """
        if self._told_due < math.inf:
            return
        now = self._clock.monotonic()
        if now - self._told_polled_at > self._told_wait:
            self._told_wait = TOLD_SECONDS
        else:
            self._told_wait = min(2 * self._told_wait, MAX_TOLD_SECONDS)
        self._told_due = now + self._told_wait
        self._alarm.ring()

    def began(self) -> None:
        """Note that a poll begins: it answers everybody who asked until now."""
        self._wanted = False
        if self._told_due < math.inf:
            self._told_due, self._told_polled_at = math.inf, self._clock.monotonic()
        self._began_at = self._clock.now()
        self._midnight = self._midnight_after(self._began_at)

    def days_begin_in(self, zone: str | None) -> None:
        """Count days in this IANA zone, the account's, from now on; None: the machine's."""
        if zone != self._zone:
            self._zone = zone
            self._midnight = self._midnight_after(self._began_at)

    def succeeded(self, wait: float | None = None) -> None:
        """Note that a poll brought the list.

        wait: seconds until the next, where what the list says decides that; None: the interval, or
            rarely where changes are told.
        """
        self._offline.reset()
        self._keyring.reset()
        usual = max(self._interval, RARELY_SECONDS) if self._told else self._interval
        self._again_in(self._spread(usual if wait is None else wait))

    def rejected(self, wait: float | None = None) -> None:
        """Note that the request itself was rejected: asking sooner would not help, later may.

        wait: as for `succeeded`; None: the interval.
        """
        self._again_in(self._next_interval() if wait is None else self._spread(wait))

    def unavailable(self, retry_after: float | None = None) -> None:
        """Back off, for there was no usable answer.

        retry_after: seconds the service asked for, or None.
        """
        pause = self._pause.begin(retry_after)
        # Ten percent on top: those who were told the same number do not come back together.
        self._again_in(
            max(self._offline.next(), pause * self._random.uniform(1, 1 + INTERVAL_JITTER))
        )

    def waits_for_keyring(self) -> None:
        """Try soon again, for as long as it takes: the token could not be read."""
        self._again_in(self._keyring.next())

    def poll_soon(self) -> None:
        """Poll without interval or backoff, for somebody asks: only Retry-After holds it back."""
        self._wanted = True
        self._alarm.ring()

    def ask_every(self, interval: float) -> None:
        """Poll so often from now on; what is planned for later than that comes earlier."""
        if interval == self._interval:
            return
        self._interval = interval
        self._offline = self._new_backoff()
        self._due = min(self._due, self._clock.monotonic() + self._next_interval())
        self._alarm.ring()

    async def due(self) -> None:
        """Return when the next poll should begin."""
        while (remaining := self._remaining()) > 0:
            wall, monotonic = self._clock.now(), self._clock.monotonic()
            await self._alarm.wait(remaining, longest=math.inf if self._told else MAX_WAIT_SECONDS)
            elapsed = (self._clock.now() - wall).total_seconds()
            if abs(elapsed - (self._clock.monotonic() - monotonic)) > MAX_DRIFT_SECONDS:
                self._wanted = True

    def _remaining(self) -> float:
        now = self._clock.monotonic()
        if self._wanted:
            wait = 0.0
        else:
            to_midnight = (self._midnight - self._clock.now()).total_seconds()
            wait = min(min(self._due, self._told_due) - now, to_midnight)
        return max(wait, self._pause.until - now, 0.0)

    def _again_in(self, seconds: float) -> None:
        self._due = self._clock.monotonic() + seconds

    def _next_interval(self) -> float:
        return self._spread(self._interval)

    def _new_backoff(self) -> Backoff:
        return Backoff(base=min(30.0, self._interval), cap=900.0, random=self._random)

    def _spread(self, seconds: float) -> float:
        return seconds * self._random.uniform(1 - INTERVAL_JITTER, 1 + INTERVAL_JITTER)

    def _midnight_after(self, now: datetime) -> datetime:
        jitter = timedelta(seconds=self._random.uniform(*MIDNIGHT_JITTER_SECONDS))
        return next_midnight(now, zone_named(self._zone)) + jitter
