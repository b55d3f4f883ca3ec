"""Which values the preferences take."""

from datetime import time

import msgspec
import pytest

from oo_desktop.model.preferences import Notifications, time_of_day


@pytest.mark.parametrize(
    ("text", "meant"), [("00:00", time(0)), ("07:30", time(7, 30)), ("23:59", time(23, 59))]
)
def test_a_time_of_day_is_hours_and_minutes(text: str, meant: time) -> None:
    assert time_of_day(text) == meant
    assert msgspec.convert({"quiet_from": text}, Notifications).quiet_from == text


@pytest.mark.parametrize("text", ["24:00", "7:30", "07:60", "07:30:00", "", "noon"])
def test_anything_else_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="not a time of day"):
        time_of_day(text)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"quiet_from": text}, Notifications)
