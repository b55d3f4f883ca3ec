"""Limit what a service gives: how many requests in a while, and how many items on a page."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


class RateLimit:
    """Allows at most `most` requests per key within a sliding `window`."""

    def __init__(self, most: int, *, window: timedelta, now: Callable[[], datetime]) -> None:
        self._given = most, window
        self.most, self.window = most, window
        self._now = now
        self._seen: dict[str, deque[datetime]] = {}

    def wait_for(self, key: str) -> int:
        """Count one request of `key`. Return 0, or the whole seconds to wait if refused."""
        now = self._now()
        seen = self._seen.setdefault(key, deque())
        while seen and not now - self.window < seen[0] <= now:
            seen.popleft()
        if len(seen) < self.most:
            seen.append(now)
            return 0
        oldest = seen[0] if seen else now
        return max(1, math.ceil((oldest + self.window - now).total_seconds()))

    def reset(self) -> None:
        """Start counting anew, with the limit there was at the start."""
        self.most, self.window = self._given
        self._seen.clear()


@dataclass(kw_only=True)
class PageCuts:
    """Says how pages are cut: never more than `most` items, and what clients must bear.

    repeat: so many items of the page before come again (Todoist's alone). empty_first: the first
    page is empty, and more follow.
    """

    most: int
    repeat: int = 0
    empty_first: bool = False
