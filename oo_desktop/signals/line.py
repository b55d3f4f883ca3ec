"""One account's way out: when the next attempt may be made, and how much it may carry."""

from random import Random

from oo_desktop.clock import Clock
from oo_desktop.signals.pace import Alarm, Backoff, bounded_retry_after

SERVICE_ANSWERED_AFTER = 30.0
"""Seconds after a failed attempt from which a good poll is reason enough for the next."""

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
        self.alarm = Alarm(clock)

    def opens_at(self) -> float:
        return max(self._not_before, self._paused_until)

    def most(self, offered: int) -> int:
        """How many rows the next batch may have, of those the service takes."""
        return max(min(offered, self._most or offered), 1)

    def split(self, size: int) -> None:
        """A batch of `size` was refused as a whole: the guilty one is looked for in half of it."""
        self._most = max(size // 2, 1)

    def widen(self) -> None:
        """A batch went well: the next may be twice as large again."""
        if self._most is not None:
            self._most = self._most * 2 if self._most < WIDE else None

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
        if self._failing:
            self.hurry(after=SERVICE_ANSWERED_AFTER if self._heard_again else 0.0)
            self._heard_again = True

    def _failed(self) -> None:
        if not self._failing:
            self._heard_again = False
        self._failing = True
        self._failed_at = self._clock.monotonic()
