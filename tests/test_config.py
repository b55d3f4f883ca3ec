"""config.toml: everything a person can write into it becomes Settings or one clear sentence."""

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.config import (
    MAX_FILE,
    Mistake,
    Sections,
    Settings,
    line_of,
    settings_from_text,
    settings_from_toml,
    text_of,
    with_value,
)
from oo_desktop.errors import ConfigError
from oo_desktop.model.preferences import Notifications, Show


def test_no_file_holds_nothing(tmp_path: Path) -> None:
    assert text_of(tmp_path / "config.toml") == ""


def test_the_defaults_pass_their_own_check() -> None:
    assert settings_from_toml("") == Settings()


def test_what_is_written_is_what_is_set(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        'poll_interval = 30\n[todoist]\nfilter = "#Työ"\n[show]\nall_day = false\n',
        encoding="utf-8",
    )
    settings = settings_from_toml(text_of(file), origin=str(file))
    assert settings.poll_interval == 30
    assert settings.show == Show(all_day=False)
    assert settings.sections == {"todoist": {"filter": "#Työ"}}
    assert settings.origin == str(file)


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbfpoll_interval = 30\n")
    assert text_of(file) == "poll_interval = 30\n"


def test_a_file_that_is_not_text_is_named_and_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'client_secret = "s3cret\xff"')
    with pytest.raises(ConfigError, match="not UTF-8") as caught:
        text_of(file)
    assert str(file) in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_what_is_no_file_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(ConfigError, match="cannot read"):
            text_of(path)


def test_a_file_beyond_all_measure_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"#" * (MAX_FILE + 1))
    with pytest.raises(ConfigError, match="larger than"):
        text_of(file)


# What cannot be used


BEFORE = Settings(
    undo_seconds=9,
    show=Show(tentative=False),
    notifications=Notifications(quiet_from="21:00"),
    sections=Sections(todoist={"filter": "#Work"}),
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("undo_seconds = 99", "undo_seconds must be from 0 to 60."),
        ("undo_seconds = 'five'", "undo_seconds must be a number."),
        ("reminder_minutes = 1.5", "reminder_minutes must be a whole number."),
        ("hide_titles = 1", "hide_titles must be true or false."),
        ("icon = 'pink'", "icon must be “auto”, “light”, “dark” or “symbolic”."),
        ("quick_add.account = 1", "quick_add.account must be a text, in quotes."),
        ("show = true", "show must be a section, [show]."),
        (
            "[notifications]\nquiet_from = '9pm'",
            "notifications.quiet_from must be a time of day, such as “22:30”.",
        ),
    ],
)
def test_a_mistake_is_named_in_words_and_what_counted_before_goes_on_counting(
    text: str, why: str
) -> None:
    settings, mistakes = settings_from_text(f"{text}\n", before=BEFORE)
    assert [mistake.why for mistake in mistakes] == [why]
    assert why.startswith(mistakes[0].key)
    kept = msgspec.structs.replace(BEFORE, sections=Sections())
    name = mistakes[0].key.partition(".")[0]
    assert getattr(settings, name) == getattr(kept, name)


def test_a_mistake_spoils_nothing_beside_it() -> None:
    text = "poll_interval = 'x'\nundo_seconds = 2\n[show]\nall_day = 1\nunanswered = false\n"
    settings, mistakes = settings_from_text(text, before=BEFORE)
    assert {mistake.key for mistake in mistakes} == {"poll_interval", "show.all_day"}
    assert settings.undo_seconds == 2
    assert settings.show == Show(all_day=True, unanswered=False)


def test_what_is_taken_out_of_the_file_is_as_if_it_had_never_been_there() -> None:
    assert settings_from_text("", before=BEFORE).settings == Settings()


def test_a_file_that_cannot_be_read_changes_nothing() -> None:
    settings, (mistake,) = settings_from_text("poll_interval = = 5\n", before=BEFORE)
    assert settings == BEFORE
    assert mistake.key == ""
    assert "line 1" in mistake.why


def test_an_interval_below_the_least_is_told_and_the_least_is_used() -> None:
    settings, mistakes = settings_from_text("poll_interval = 2")
    assert settings.poll_interval == 5
    assert mistakes == (
        Mistake(
            key="poll_interval",
            why="poll_interval must be from 5 to 86400: oO uses 5.",
            is_bounded=True,
        ),
    )


WRITTEN = """\
# poll_interval = 1
poll_interval = 5
[todoist]
filter = '''
client_id = none of this
'''
client_id = [
 1,
]
[other]
all_day = 1
[show]
all_day = false
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("poll_interval", 2),
        ("todoist", 3),
        ("todoist.filter", 4),
        ("todoist.client_id", 7),
        ("show.all_day", 13),
        ("todoist.color", None),
    ],
)
def test_the_line_of_a_value_is_found_however_it_is_written(key: str, line: int | None) -> None:
    assert line_of(WRITTEN, key) == line


def test_the_line_of_a_dotted_key_is_found() -> None:
    assert line_of("x = 1\nshow.tentative = 3\n", "show.tentative") == 2
    assert line_of("show = { tentative = 3 }", "show.tentative") == 1


@pytest.mark.parametrize(
    ("key", "after"),
    [
        ("todoist.filter", {"todoist": {"filter": "old", "x": 1}, "ics": {}}),
        ("todoist.x", {"todoist": {"filter": "new"}, "ics": {}}),
        ("todoist", {"todoist": {"filter": "old"}, "ics": {}}),
        ("ics", {"todoist": {"filter": "new", "x": 1}}),
    ],
)
def test_a_value_of_a_section_is_replaced_by_what_was_there_before(
    key: str, after: dict[str, object]
) -> None:
    now = Sections(todoist={"filter": "new", "x": 1}, ics={})
    assert with_value(now, key, {"todoist": {"filter": "old"}}) == after


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
