"""Decides when an account's next batch goes out, and how many rows it may carry."""

from collections.abc import Sequence
from random import Random

from oo_desktop.clock import Clock
from oo_desktop.signals.backoff import Alarm, Backoff, RequestedPause
from oo_desktop.signals.outbox.quarantine import PoisonSearch, Quarantine

RETRY_ON_POLL_SECONDS = 30.0
"""After a failed attempt: from then on a good poll is reason enough for the next."""

SEARCH_ON_POLL_SECONDS = 2.0
"""After a failed attempt: from then on a good poll is reason enough to look on for what fails."""

MIN_REJECTED_ALONE = 2
"""Rows in a row, each alone and rejected for the same, that speak for all the others."""

REJECTED_PAUSE_SECONDS = 5.0
"""Between batches of an account that rejects everything."""

MAX_LIMITED_ROWS = 1000
"""Rows in a batch from which a rejection of long ago limits it no more."""


class Batcher:
    """Keeps one account's pace: backoff, Retry-After, and batches that were rejected or broke off.

    All instants are on the monotonic clock.

    quarantine: the rows that others go past.
    alarm: what the account's delivery waits on.
    """

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._offline = Backoff(base=5.0, cap=300.0, random=random)
        self._keyring = Backoff(base=2.0, cap=60.0, random=random)
        self._pause = RequestedPause(clock)
        self._not_before = self._failed_at = clock.monotonic()
        self._failing = False
        self._polled_since = False
        self._max_rows: int | None = None
        self._rejected_for: object = None
        self._rejected_alone = 0
        self._takes_many = False
        self._search = PoisonSearch()
        self.quarantine = Quarantine(clock, random)
        self.alarm = Alarm(clock)

    def opens_at(self) -> float:
        """Return when the next attempt may be made."""
        return max(self._not_before, self._pause.until)

    def max_rows(self, offered: int) -> int:
        """Return how many rows the next batch may have; `offered`: those the service takes."""
        self._takes_many = offered > 1
        return max(min(offered, self._max_rows or offered), 1)

    # What became of a batch

    def rejected(self, size: int, error: Exception) -> bool:
        """Note that a request with `size` rows was rejected; return whether each of them is.

        One that is alone is. After some of those, one by one and for the same, the next batch is a
        whole one again: rejected once more, for the same, it is the account.
        """
        why = (type(error), getattr(error, "status", None))
        if why != self._rejected_for:
            self._rejected_for, self._rejected_alone = why, 0
        if size == 1:
            self._rejected_alone += 1
            if self._rejected_alone == MIN_REJECTED_ALONE:
                self._max_rows = None
        elif self._rejected_alone < MIN_REJECTED_ALONE:
            self._halve(size)
            return False
        if self._takes_many and (size > 1 or self._rejected_alone > MIN_REJECTED_ALONE):
            self._not_before = self._clock.monotonic() + REJECTED_PAUSE_SECONDS
        return True

    def answered(self) -> None:
        """Note that each row of a batch was judged by itself: it is not the account."""
        self._rejected_alone = 0

    def widen(self) -> None:
        """Let the next batch be twice as large again: this one went well."""
        if self._max_rows is not None:
            self._max_rows = self._max_rows * 2 if self._max_rows < MAX_LIMITED_ROWS else None

    def broke_off(self, numbers: Sequence[int]) -> bool:
        """Note that the service broke off on these rows; it was asked for the first of them first.

        Returns whether a poll should tell if it is the service, or one of them.
        """
        first, size = numbers[0], len(numbers)
        if first in self.quarantine.until:
            self.quarantine.put(first)
            return False
        self.unavailable()
        if self._search.is_proven(first, size):
            self._offline.reset()
            if size > 1:
                self._halve(size)
            else:
                self.quarantine.put(first)
                self._search.end()
                self._not_before = self._failed_at
        return self._search.is_searching

    def went_well(self) -> None:
        """Note that the service answered: the next failure is the first again."""
        self._failing = False
        self._offline.reset()
        self._keyring.reset()

    def unavailable(self, retry_after: float | None = None) -> None:
        """Back off; at least as many seconds as the service asked for."""
        self._failed()
        pause = self._pause.begin(retry_after)
        self._not_before = self._failed_at + max(self._offline.next(), pause)

    def waits_for_keyring(self) -> None:
        """Back off for less: the token could not be read, for as long as that takes."""
        self._failed()
        self._not_before = self._failed_at + self._keyring.next()

    def drained(self) -> None:
        """Judge afresh what comes next: nothing waits any more."""
        self._rejected_alone = 0
        self._search.end()

    # What else is heard

    def hurry(self, *, after: float = 0.0) -> None:
        """Back off no longer than `after` seconds from the last failure; Retry-After holds."""
        self._not_before = min(self._not_before, self._failed_at + after)
        self.alarm.ring()

    def polled(self) -> None:
        """Send what waits at once: the service answered a poll.

        Only the first time, for it may answer polls and still not take what waits.
        """
        self._search.polled()
        if self._failing:
            again = SEARCH_ON_POLL_SECONDS if self._search.is_halving else RETRY_ON_POLL_SECONDS
            self.hurry(after=again if self._polled_since else 0.0)
            self._polled_since = True

    def _halve(self, size: int) -> None:
        """The guilty one of a batch of `size` is looked for in half of it."""
        self._max_rows = max(size // 2, 1)

    def _failed(self) -> None:
        if not self._failing:
            self._polled_since = False
        self._failing = True
        self._failed_at = self._clock.monotonic()
