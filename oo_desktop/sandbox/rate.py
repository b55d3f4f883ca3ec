"""How many requests one user's apps may make together (developer.todoist.com, "Request limits")."""

import math
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)


class RateLimit:
    """At most `most` requests per key within a sliding `window`."""

    def __init__(
        self, most: int, *, now: Callable[[], datetime], window: timedelta = WINDOW
    ) -> None:
        self.most = most
        self.window = window
        self._now = now
        self._seen: dict[str, deque[datetime]] = {}

    def wait_for(self, key: str) -> int:
        """Count one request of `key`. 0: go on; else refused, and the whole seconds to wait."""
        now = self._now()
        seen = self._seen.setdefault(key, deque())
        while seen and not now - self.window < seen[0] <= now:
            seen.popleft()
        if len(seen) < self.most:
            seen.append(now)
            return 0
        oldest = seen[0] if seen else now
        return max(1, math.ceil((oldest + self.window - now).total_seconds()))

    def forget(self) -> None:
        """Start counting anew."""
        self._seen.clear()
