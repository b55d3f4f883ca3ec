"""How many requests in a while."""

from datetime import UTC, datetime, timedelta

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.limits import RateLimit


def test_the_window_slides_and_every_key_has_its_own() -> None:
    clock = SandboxClock(base=lambda: datetime(2026, 11, 22, tzinfo=UTC))
    limit = RateLimit(2, window=timedelta(seconds=10), now=clock.now)
    assert limit.wait_for("ada") == 0
    clock.advance(4)
    assert (limit.wait_for("ada"), limit.wait_for("ada"), limit.wait_for("grace")) == (0, 6, 0)
    clock.advance(6)
    assert (limit.wait_for("ada"), limit.wait_for("ada")) == (0, 4)


def test_a_reset_forgets_what_was_counted_and_what_was_changed() -> None:
    clock = SandboxClock(base=lambda: datetime(2026, 11, 22, tzinfo=UTC))
    limit = RateLimit(1, window=timedelta(seconds=10), now=clock.now)
    limit.most, limit.window = 0, timedelta(days=1)
    limit.reset()
    assert (limit.wait_for("ada"), limit.wait_for("ada")) == (0, 10)
