"""Tell the sandbox's time: the machine's, and as much later as a test or a person says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Tells a time that can be moved on, so that tokens expire without anybody waiting."""

    def __init__(self, base: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._base = base
        self.offset = timedelta()

    def now(self) -> datetime:
        """Return what the sandbox takes for now, aware (UTC)."""
        return self._base() + self.offset

    def advance(self, seconds: float) -> None:
        """Move on by `seconds` (back, if negative)."""
        self.offset += timedelta(seconds=seconds)
