"""One account's way out: when the next attempt may be made, and how much it may carry."""

from collections.abc import Sequence
from random import Random

from oo_desktop.clock import Clock
from oo_desktop.signals.backoff import Alarm, Backoff, bounded_retry_after
from oo_desktop.signals.outbox.quarantine import Detour, Suspicion

SERVICE_ANSWERED_AFTER = 30.0
"""Seconds after a failed attempt from which a good poll is reason enough for the next."""

ENOUGH = 2
"""Rows in a row, each alone and refused for the same, that speak for all the others."""

REFUSED_PAUSE = 5.0
"""Seconds between batches of an account that refuses everything."""

SEARCH_PAUSE = 2.0
"""Seconds after a failure from which a good poll is reason enough to look on for what fails."""

WIDE = 1000
"""Rows in a batch from which a refusal of long ago limits it no more."""


class Line:
    """When to send, on the monotonic clock; backoff, Retry-After, and batches that were refused."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._offline = Backoff(base=5.0, cap=300.0, random=random)
        self._keyring = Backoff(base=2.0, cap=60.0, random=random)
        self._not_before = self._paused_until = self._failed_at = clock.monotonic()
        self._failing = False
        self._heard_again = False
        self._most: int | None = None
        self._refused_for: object = None
        self._refused_alone = 0
        self._takes_many = False
        self._suspicion = Suspicion()
        self.detour = Detour(clock, random)
        self.alarm = Alarm(clock)

    def opens_at(self) -> float:
        return max(self._not_before, self._paused_until)

    def most(self, offered: int) -> int:
        """How many rows the next batch may have, of those the service takes."""
        self._takes_many = offered > 1
        return max(min(offered, self._most or offered), 1)

    def split(self, size: int) -> None:
        """A batch of `size` was refused as a whole: the guilty one is looked for in half of it."""
        self._most = max(size // 2, 1)

    def refused(self, size: int, error: Exception) -> bool:
        """A request with `size` rows was refused as a whole: whether each of them is.

        One that is alone is. After some of those, one by one and for the same, the next batch is a
        whole one again: refused once more, for the same, it is the account.
        """
        why = (type(error), getattr(error, "status", None))
        if why != self._refused_for:
            self._refused_for, self._refused_alone = why, 0
        if size == 1:
            self._refused_alone += 1
            if self._refused_alone == ENOUGH:
                self._most = None
        elif self._refused_alone < ENOUGH:
            self.split(size)
            return False
        if self._takes_many and (size > 1 or self._refused_alone > ENOUGH):
            self._not_before = self._clock.monotonic() + REFUSED_PAUSE
        return True

    def drained(self) -> None:
        """Nothing waits any more: what comes next is judged afresh."""
        self._refused_alone = 0
        self._suspicion.end()

    def answered(self) -> None:
        """The service judged each row of a batch by itself: it is not the account it refuses."""
        self._refused_alone = 0

    def widen(self) -> None:
        """A batch went well: the next may be twice as large again."""
        if self._most is not None:
            self._most = self._most * 2 if self._most < WIDE else None

    def failed(self, numbers: Sequence[int]) -> bool:
        """The service broke off on these rows, the first of which it was asked for first.

        Returns whether a poll should tell if it is the service, or one of them.
        """
        first, size = numbers[0], len(numbers)
        if first in self.detour.until:
            self.detour.put(first)
            return False
        self.unavailable()
        if self._suspicion.is_proven(first, size):
            self._offline.reset()
            if size > 1:
                self.split(size)
            else:
                self.detour.put(first)
                self._suspicion.end()
                self._not_before = self._failed_at
        return self._suspicion.is_searching

    def went_well(self) -> None:
        self._failing = False
        self._offline.reset()
        self._keyring.reset()

    def unavailable(self, retry_after: float | None = None) -> None:
        self._failed()
        pause = bounded_retry_after(retry_after)
        self._not_before = self._failed_at + max(self._offline.next(), pause)
        self._paused_until = self._failed_at + pause

    def waits_for_keyring(self) -> None:
        self._failed()
        self._not_before = self._failed_at + self._keyring.next()

    def hurry(self, *, after: float = 0.0) -> None:
        """Back off no longer than `after` seconds from the last failure; Retry-After holds."""
        self._not_before = min(self._not_before, self._failed_at + after)
        self.alarm.ring()

    def heard(self) -> None:
        """The service answered a poll: what waits goes out at once.

        Only the first time, for it may answer polls and still not take what waits.
        """
        self._suspicion.heard()
        if self._failing:
            again = SEARCH_PAUSE if self._suspicion.is_halving else SERVICE_ANSWERED_AFTER
            self.hurry(after=again if self._heard_again else 0.0)
            self._heard_again = True

    def _failed(self) -> None:
        if not self._failing:
            self._heard_again = False
        self._failing = True
        self._failed_at = self._clock.monotonic()
