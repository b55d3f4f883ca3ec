from datetime import UTC, datetime

from oo_desktop.connectors.calendar_link.schedule import poll_after
from oo_desktop.model.source import Snapshot


def test_it_is_asked_for_every_quarter_of_an_hour_or_so() -> None:
    waits = {poll_after(Snapshot(signals=()), datetime.now(UTC)) for _ in range(50)}
    assert len(waits) > 1
    assert all(800 < wait < 1000 for wait in waits)
