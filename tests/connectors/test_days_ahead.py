"""How far ahead a calendar is shown is bounded alike for calendars of every kind."""

import pytest

from oo_desktop.config import MAX_DAYS_AHEAD
from oo_desktop.connectors.days_ahead import check_days_ahead, days_ahead_setting
from oo_desktop.errors import ConfigError


@pytest.mark.parametrize("days", [0, 1, MAX_DAYS_AHEAD])
def test_days_within_the_bounds_are_taken(days: int) -> None:
    check_days_ahead(days, "ics")


@pytest.mark.parametrize("days", [-1, MAX_DAYS_AHEAD + 1])
def test_days_beyond_them_are_refused_by_the_name_of_their_key(days: int) -> None:
    with pytest.raises(ConfigError, match=r"^ics\.days_ahead must be from 0 to 31\.$") as refused:
        check_days_ahead(days, "ics")
    assert refused.value.key == "ics.days_ahead"


def test_a_person_sets_it_within_the_same_bounds() -> None:
    setting = days_ahead_setting("ics", label="Links alone", meaning="Of links.")
    assert (setting.name, setting.default, setting.most) == ("ics.days_ahead", 1, MAX_DAYS_AHEAD)
