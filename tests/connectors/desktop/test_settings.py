"""The section [desktop]."""

import pytest
from hypothesis import given

from oo_desktop.connectors.desktop.settings import DesktopSettings, settings_from_section
from oo_desktop.errors import ConfigError
from tests.connectors.sections import VALUES


def test_an_empty_section_means_the_defaults() -> None:
    assert settings_from_section({}) == DesktopSettings()


@pytest.mark.parametrize("days", [-1, 32, "1", 1.5])
def test_days_it_cannot_use_are_refused_with_their_key(days: object) -> None:
    with pytest.raises(ConfigError, match=r"desktop\.days_ahead"):
        settings_from_section({"days_ahead": days})


@given(days=VALUES)
def test_any_section_becomes_settings_or_a_config_error(days: object) -> None:
    try:
        settings = settings_from_section({"days_ahead": days})
    except ConfigError:
        return
    assert 0 <= settings.days_ahead <= 31
