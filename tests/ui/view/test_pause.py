"""The menu offers a pause, and says that one runs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import Pause, Resume
from oo_desktop.model.pause import PauseUntil
from oo_desktop.model.state import AppState
from oo_desktop.ui.view.pause import pause_lines, pause_row

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def test_it_offers_how_long() -> None:
    row = pause_row(AppState(), NOW, BERLIN)
    assert row.text == "Pause notifications"
    assert [(each.text, each.command) for each in row.rows] == [
        ("For 30 minutes", Pause(PauseUntil.HALF_HOUR)),
        ("For 1 hour", Pause(PauseUntil.HOUR)),
        ("Until tomorrow 08:00", Pause(PauseUntil.TOMORROW)),
    ]
    assert list(pause_lines(AppState(), NOW, BERLIN)) == []


def test_while_one_runs_it_says_until_when_and_ends_it() -> None:
    state = AppState(paused_until=NOW + timedelta(minutes=30))
    row = pause_row(state, NOW, BERLIN)
    assert row.text == "Notifications paused until 15:30: resume"
    assert row.command == Resume()
    assert list(pause_lines(state, NOW, BERLIN)) == ["Notifications paused until 15:30"]


def test_the_next_morning_is_named() -> None:
    state = AppState(paused_until=datetime(2026, 11, 23, 7, tzinfo=UTC))
    row = pause_row(state, NOW, BERLIN)
    assert row.text == "Notifications paused until tomorrow 08:00: resume"
