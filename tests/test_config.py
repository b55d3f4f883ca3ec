"""config.toml: everything a person can write into it becomes Settings or one clear sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.config import Settings, settings_from_file, settings_from_toml
from oo_desktop.errors import ConfigError


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert settings_from_file(tmp_path / "config.toml") == Settings()


def test_the_defaults_pass_their_own_check() -> None:
    assert settings_from_toml("") == Settings()


def test_what_is_written_is_what_is_set(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        'poll_interval = 30\n[todoist]\nfilter = "#Työ"\n',
        encoding="utf-8",
    )
    settings = settings_from_file(file)
    assert settings.poll_interval == 30
    assert settings.sections == {"todoist": {"filter": "#Työ"}}
    assert settings.origin == str(file)


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbfpoll_interval = 30\n")
    assert settings_from_file(file).poll_interval == 30


def test_a_file_that_is_not_text_is_named_and_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'client_secret = "s3cret\xff"')
    with pytest.raises(ConfigError, match="not UTF-8") as caught:
        settings_from_file(file)
    assert str(file) in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        settings_from_file(tmp_path)


@pytest.mark.parametrize(
    ("written", "used"),
    [("0", 5), ("-3", 5), ("4.9", 5), ("7.5", 7.5), ("1e9", 86400), ("inf", 86400), ("-inf", 5)],
)
def test_the_poll_interval_is_kept_between_five_seconds_and_a_day(
    written: str, used: float
) -> None:
    assert settings_from_toml(f"poll_interval = {written}").poll_interval == used


@pytest.mark.parametrize(
    "text",
    [
        "poll_interval = nan",
        "poll_interval = true",
        'poll_interval = "120"',
        "undo_seconds = -1",
        "undo_seconds = nan",
        "undo_seconds = 61",
        "reminder_minutes = -1",
        "reminder_minutes = 40321",
    ],
)
def test_a_value_it_cannot_use_is_refused_with_its_key(text: str) -> None:
    key = text.splitlines()[-1].partition(" =")[0]
    with pytest.raises(ConfigError, match=key):
        settings_from_toml(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("poll_interval = 1" + "0" * 5000, id="a gigantic number"),
        pytest.param("poll_interval = 1" + "0" * 400, id="more than a float holds"),
        pytest.param("x = " + "[" * 5000, id="deep lists"),
        pytest.param("x = " + "{a=" * 5000, id="deep tables"),
        pytest.param("a." * 2000 + "b = 1\n[a", id="deep keys"),
        pytest.param("x = 2024-02-30", id="no such day"),
        pytest.param("\x00", id="a NUL"),
        pytest.param("a = 1\na = 2", id="a key twice"),
    ],
)
def test_what_breaks_the_parser_is_refused_all_the_same(text: str) -> None:
    with pytest.raises(ConfigError):
        settings_from_toml(text)


def test_a_section_is_kept_as_it_stands_there() -> None:
    settings = settings_from_toml('[weather]\nplace = "Turin"\n[weather.more]\ndays = [1, 2]\n')
    assert settings.sections == {"weather": {"place": "Turin", "more": {"days": [1, 2]}}}
    assert settings_from_toml("[sections.x]\n").sections == {"sections": {"x": {}}}
    assert settings_from_toml("origin = 'x'\n").origin == "config.toml"


def test_a_section_may_hold_a_secret_and_is_never_printed() -> None:
    settings = settings_from_toml('[weather]\nkey = "s3cret"\n')
    assert "weather" in repr(settings)
    assert "s3cret" not in repr(settings)


@given(text=st.text() | st.text("[]{}=.\"'\n#0123456789-+:Tabc, ", max_size=60))
@pytest.mark.logs_warnings
def test_any_text_becomes_settings_or_a_config_error(text: str) -> None:
    _settings_or_error(text)


VALUES = st.one_of(
    st.integers().map(str),
    st.floats().map(repr),
    st.booleans().map(lambda value: str(value).lower()),
    st.datetimes().map(lambda value: value.isoformat()),
    st.dates().map(lambda value: value.isoformat()),
    st.text("abc:/.?#@ \\").map(lambda value: '"' + value.replace("\\", "\\\\") + '"'),
    st.lists(st.integers().map(str)).map(lambda values: "[" + ", ".join(values) + "]"),
)
KEYS = st.sampled_from(
    [
        "poll_interval",
        "undo_seconds",
        "todoist",
        "todoist.filter",
        "reminder_minutes",
    ]
)


@given(values=st.dictionaries(KEYS, VALUES))
@pytest.mark.logs_warnings
def test_any_value_for_a_known_key_becomes_settings_or_a_config_error(
    values: dict[str, str],
) -> None:
    _settings_or_error("\n".join(f"{key} = {value}" for key, value in values.items()))


def _settings_or_error(text: str) -> None:
    try:
        settings = settings_from_toml(text)
    except ConfigError:
        return
    assert 5 <= settings.poll_interval <= 86400
    assert 0 <= settings.undo_seconds <= 60
