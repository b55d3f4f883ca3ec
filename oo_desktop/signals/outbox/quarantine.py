"""Past a row that its service cannot take: one that is answered by an error or a cut connection.

A service that is away takes nothing, and then all wait. One that answers polls, but never a certain
batch, has met something in it that it cannot digest: that is looked for in smaller and smaller
batches. When it is alone, what is about other signals goes first, and it comes back by itself, with
a pause that grows. Its uuid stays; order matters only among the rows of one signal, and is kept.
"""

from random import Random

from oo_desktop.clock import Clock
from oo_desktop.signals.backoff import Backoff

PATIENCE = 3
"""Failures in a row, with a good poll before each further one, that are held against a batch."""


class Suspicion:
    """Whether it is the service that fails, or what it is asked for."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._failures = 0
        self._heard = False
        self._size = 0
        self.is_searching = False

    @property
    def is_halving(self) -> bool:
        """Whether a part of what failed last is looked into next."""
        return self.is_searching and self._size > 1

    def heard(self) -> None:
        """The service has answered a poll."""
        self._heard = True

    def is_proven(self, first: int, size: int) -> bool:
        """A batch of `size` that begins with row `first` has failed: whether that is its own fault.

        It is looked for in a part of it then; or it is found, where `size` is 1.
        """
        was_heard, self._heard = self._heard, False
        self._size = size
        if self._first != first:
            self._first, self._failures = first, int(was_heard or not self.is_searching)
        elif was_heard:
            self._failures += 1
        if self._failures < (1 if self.is_searching and size > 1 else PATIENCE):
            return False
        self._failures = 0
        found, self.is_searching = self.is_searching and size == 1, True
        return size > 1 or found

    def end(self) -> None:
        """It was found, or there is nothing left to look in."""
        self._first, self._failures, self.is_searching = None, 0, False


class Detour:
    """The rows that others go past, and when each is tried again, on the monotonic clock."""

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

    def forget(self, number: int) -> None:
        """Something became of it."""
        self._pauses.pop(number, None)
        self.until.pop(number, None)
