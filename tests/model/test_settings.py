"""The settings a person changes: each is what config.toml says it is, and understood in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.config import Settings, settings_from_text
from oo_desktop.connectors.registry import CONNECTOR_SETTINGS, given_section, usable_settings
from oo_desktop.errors import ConfigError
from oo_desktop.language import LANGUAGES
from oo_desktop.model.settings import (
    SETTINGS,
    Kind,
    Setting,
    Value,
    setting_named,
    value_from_words,
    words_from_value,
)

ALL = (*SETTINGS, *CONNECTOR_SETTINGS)
BY_NAME = {setting.name: setting for setting in ALL}


def toml(name: str, value: Value) -> str:
    said = f'"{value}"' if isinstance(value, str) else str(value).lower()
    return f"{name} = {said}\n"


def counts(settings: Settings, setting: Setting) -> Any:
    section, _, key = setting.name.rpartition(".")
    if section in settings.sections:
        return given_section(section, settings)[key]
    found: Any = settings
    for name in setting.name.split("."):
        found = getattr(found, name)
    return found


@pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.name)
def test_its_default_is_a_value_that_config_toml_takes(setting: Setting) -> None:
    read, mistakes = settings_from_text(toml(setting.name, setting.default))
    settings, more = usable_settings(read, before=Settings())
    assert (mistakes, more) == ((), ())
    assert counts(settings, setting) == setting.default


@pytest.mark.parametrize(
    "setting",
    [each for each in SETTINGS if each.name.partition(".")[0] in Settings.__struct_fields__],
)
def test_its_default_is_what_counts_where_nothing_is_said(setting: Setting) -> None:
    assert counts(Settings(), setting) == setting.default


@pytest.mark.parametrize(
    "setting", [each for each in ALL if each.most], ids=lambda setting: setting.name
)
def test_its_bounds_are_those_of_config_toml(setting: Setting) -> None:
    numbers = setting.kind in (Kind.NUMBER, Kind.WHOLE)
    most: Value = setting.most if numbers else "x" * setting.most
    read, _ = settings_from_text(toml(setting.name, most))
    settings, mistakes = usable_settings(read, before=Settings())
    assert mistakes == ()
    assert counts(settings, setting) == most
    if numbers:
        read, first = settings_from_text(toml(setting.name, setting.most + 1))
        _, second = usable_settings(read, before=Settings())
        assert [mistake.key for mistake in (*first, *second)] == [setting.name]


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [
        ("show.all_day", "off", False),
        ("show.all_day", " Yes ", True),
        ("show.all_day", "default", None),
        ("poll_interval", "60", 60),
        ("poll_interval", "7.5", 7.5),
        ("google_calendar.days_ahead", "31", 31),
        ("notifications.quiet_from", "22:30", "22:30"),
        ("todoist.filter", "#Work & p1", "#Work & p1"),
        ("quick_add.account", "", ""),
        ("icon", "Dark", "dark"),
    ],
)
def test_what_a_person_says_is_understood(name: str, words: str, value: Value | None) -> None:
    assert value_from_words(BY_NAME[name], words) == value


@pytest.mark.parametrize(
    ("name", "words", "why"),
    [
        ("show.all_day", "maybe", "must be on or off"),
        ("poll_interval", "2", "from 5 to 86400"),
        ("poll_interval", "nan", "must be a number"),
        ("poll_interval", "1e3", "must be a number"),
        ("ics.days_ahead", "1.5", "must be a whole number"),
        ("notifications.quiet_until", "24:00", "time of day"),
        ("icon", "pink", "must be one of these: auto, light, dark, symbolic"),
        ("todoist.filter", "", "text of at most 1024"),
        ("todoist.filter", "x" * 1025, "text of at most 1024"),
        ("todoist.filter", "a\nb", "text of at most 1024"),
    ],
)
def test_what_cannot_be_is_said_with_its_name(name: str, words: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        value_from_words(BY_NAME[name], words)
    assert str(caught.value).startswith(name)


def test_a_setting_that_is_not_there_is_said() -> None:
    with pytest.raises(ConfigError, match="no setting"):
        setting_named("google_calendar.client_secret")


@given(words=st.text(), setting=st.sampled_from(ALL))
def test_any_words_are_a_value_or_a_sentence(words: str, setting: Setting) -> None:
    try:
        value = value_from_words(setting, words)
    except ConfigError:
        return
    if value is not None:
        assert value_from_words(setting, words_from_value(value)) == value


def test_every_language_can_be_chosen() -> None:
    words = {word for word, _ in setting_named("language").choices}
    assert words == {"auto", *LANGUAGES}
