"""Finds the row that its service cannot take, a poison message, and lets others go past it.

A service that is away takes nothing, and then all wait. One that answers polls, but never a certain
batch, has met something in it that it cannot digest: it answers with an error or cuts the
connection. That is looked for in smaller and smaller batches. When it is alone, what is about other
signals goes first, and it comes back by itself, with a pause that grows. Its uuid stays; order
matters only among the rows of one signal, and is kept.
"""

from random import Random

from oo_desktop.clock import Clock
from oo_desktop.signals.backoff import Backoff

MIN_FAILURES = 3
"""Failures in a row, with a good poll before each further one, that are held against a batch."""


class PoisonSearch:
    """Tells whether it is the service that fails, or what it is asked for."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._failures = 0
        self._polled = False
        self._size = 0
        self.is_searching = False

    @property
    def is_halving(self) -> bool:
        """Return whether a part of what failed last is looked into next."""
        return self.is_searching and self._size > 1

    def polled(self) -> None:
        """Note that the service has answered a poll."""
        self._polled = True

    def is_proven(self, first: int, size: int) -> bool:
        """Note that a batch of `size` that begins with row `first` has failed.

        Returns whether that is its own fault: it is looked for in a part of it then; or it is
        found, where `size` is 1.
        """
        was_polled, self._polled = self._polled, False
        self._size = size
        if self._first != first:
            self._first, self._failures = first, int(was_polled or not self.is_searching)
        elif was_polled:
            self._failures += 1
        if self._failures < (1 if self.is_searching and size > 1 else MIN_FAILURES):
            return False
        self._failures = 0
        found, self.is_searching = self.is_searching and size == 1, True
        return size > 1 or found

    def end(self) -> None:
        """End the search: it was found, or there is nothing left to look in."""
        self._first, self._failures, self.is_searching = None, 0, False


class Quarantine:
    """Holds the rows that others go past.

    until: when each is tried again, on the monotonic clock, by its number.
    """

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._pauses: dict[int, Backoff] = {}
        self.until: dict[int, float] = {}

    def put(self, number: int) -> None:
        """Let others go past it until its pause is over: the longer, the more often."""
        new = Backoff(base=30.0, cap=900.0, random=self._random)
        pause = self._pauses.setdefault(number, new).next()
        self.until[number] = self._clock.monotonic() + pause

    def release(self, number: int) -> None:
        """Hold it no longer: something became of it."""
        self._pauses.pop(number, None)
        self.until.pop(number, None)
