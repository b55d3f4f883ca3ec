"""config.toml: everything a person can write into it becomes Settings or one clear sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.config import (
    Settings,
    TodoistSettings,
    is_loopback,
    settings_from_file,
    settings_from_toml,
)
from oo_desktop.errors import ConfigError

URL_KEYS = ("api_url", "authorize_url", "token_url", "register_url")


def with_url(url: str, key: str = "api_url", section: str = "todoist") -> Settings:
    escaped = "".join(f"\\U{ord(char):08x}" for char in url)
    return settings_from_toml(f'[{section}]\n{key} = "{escaped}"\n')


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert settings_from_file(tmp_path / "config.toml") == Settings()


def test_the_defaults_pass_their_own_check() -> None:
    assert settings_from_toml("") == Settings()


def test_what_is_written_is_what_is_set(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        "poll_interval = 30\n"
        '[todoist]\napi_url = "http://127.0.0.1:8000/api/v1"\nfilter = "#Työ"\n',
        encoding="utf-8",
    )
    settings = settings_from_file(file)
    assert settings.poll_interval == 30
    assert settings.todoist.api_url == "http://127.0.0.1:8000/api/v1/"
    assert settings.todoist.filter == "#Työ"
    assert settings.todoist.token_url == TodoistSettings().token_url


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
        "todoist = 1",
        "[todoist]\nclient_id = 5",
        "[todoist]\nfilter = ''",
        "[todoist]\ncallback_ports = []",
        "[todoist]\ncallback_ports = [80]",
        "[todoist]\ncallback_ports = [70000]",
        "[todoist]\ncallback_ports = [1.5]",
        "reminder_minutes = -1",
        "reminder_minutes = 40321",
        "[google_calendar]\ndays_ahead = -1",
        "[google_calendar]\ndays_ahead = 32",
        "[google_calendar]\nclient_id = 5",
        "[google_calendar]\nclient_id = 'a b'",
        "[google_calendar]\nclient_id = 'ü'",
        "[google_calendar]\nclient_secret = 's3cret'",
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


@pytest.mark.logs_warnings
def test_an_unknown_key_is_named_and_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    text = '"new\\nkey" = 1\n[todoist]\ncolour = "red"\n[google_calendar]\nsecret = "s3cret"\n'
    assert settings_from_toml(text) == Settings()
    messages = [record.getMessage() for record in caplog.records]
    assert any("todoist.colour" in message for message in messages)
    assert any("google_calendar.secret" in message for message in messages)
    assert not any("\n" in message or "s3cret" in message for message in messages)


def test_a_section_of_a_plug_in_is_kept_as_it_stands_there() -> None:
    settings = settings_from_toml('[weather]\nplace = "Turin"\n[weather.more]\ndays = [1, 2]\n')
    assert settings.plug_ins == {"weather": {"place": "Turin", "more": {"days": [1, 2]}}}
    assert settings_from_toml("[plug_ins.x]\n").plug_ins == {"plug_ins": {"x": {}}}


def test_a_section_of_a_plug_in_may_hold_a_secret_and_is_never_printed() -> None:
    settings = settings_from_toml('[weather]\nkey = "s3cret"\n')
    assert "weather" in repr(settings)
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize("key", URL_KEYS)
@pytest.mark.parametrize(
    "url",
    [
        "https://todoist.example/api",
        "https://10.0.0.1:8443/",
        "http://localhost:8000/",
        "http://LOCALHOST/",
        "http://127.0.0.1/",
        "http://127.9.9.9:1/",
        "http://[::1]:8000/",
    ],
)
def test_https_is_taken_anywhere_and_http_on_this_machine(key: str, url: str) -> None:
    assert getattr(with_url(url, key).todoist, key).rstrip("/") == url.rstrip("/")


@pytest.mark.parametrize("key", URL_KEYS)
@pytest.mark.parametrize(
    "url",
    [
        "http://todoist.com/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://example.com#@localhost/",
        "http://localhost\\@example.com/",
        "http://localhost@example.com/",
        "http://[::ffff:10.0.0.1]/",
        "HTTP://example.com/",
        "ftp://localhost/",
        "file:///etc/passwd",
        "//localhost/",
        "localhost:8000",
        "https://",
        "https://user:password@example.com/",
        "https://@example.com/",
        "https://example.com:99999/",
        "https://[::1/",
        "https://exa\nmple.com/",
        "https://example.com/ x",
        "https://example.com/\x00",
        "https://example.com/\u202egnp",
        "https://example.com/?key=value",
        "https://example.com/#part",
        "",
    ],
)
def test_any_other_url_is_refused_with_its_key(key: str, url: str) -> None:
    with pytest.raises(ConfigError, match=f"todoist.{key}"):
        with_url(url, key)


GOOGLE_URLS = ("api_url", "authorize_url", "token_url", "revoke_url")


@pytest.mark.parametrize("key", GOOGLE_URLS)
def test_googles_urls_are_held_to_the_same(key: str) -> None:
    for url in ("https://google.example/x", "http://127.0.0.1:8000/x"):
        found = getattr(with_url(url, key, "google_calendar").google_calendar, key)
        assert found == url + ("/" if key == "api_url" else "")
    for url in ("http://google.example/", "https://google.example/?key=value", ""):
        with pytest.raises(ConfigError, match=f"google_calendar.{key}"):
            with_url(url, key, "google_calendar")


def test_googles_section_has_the_genuine_addresses_and_a_day_ahead() -> None:
    google = Settings().google_calendar
    assert google.api_url == "https://www.googleapis.com/calendar/v3/"
    assert google.authorize_url == "https://accounts.google.com/o/oauth2/v2/auth"
    assert google.token_url == "https://oauth2.googleapis.com/token"  # an address
    assert google.revoke_url == "https://oauth2.googleapis.com/revoke"
    assert (google.days_ahead, Settings().reminder_minutes) == (1, 10)


def test_a_client_secret_is_in_no_repr_and_no_reason() -> None:
    text = '[google_calendar]\nclient_id = "an-id"\nclient_secret = "{}"\n'
    settings = settings_from_toml(text.format("s3cret"))
    assert settings.google_calendar.client_secret == "s3cret"  # made up
    assert "s3cret" not in f"{settings!r} {settings.google_calendar.__rich_repr__()}"
    with pytest.raises(ConfigError, match=r"google_calendar\.client_secret") as caught:
        settings_from_toml(text.format("s3cret and more"))
    assert "s3cret" not in str(caught.value)


@given(host=st.ip_addresses())
def test_an_address_is_loopback_exactly_when_its_network_says_so(host: object) -> None:
    text = str(host)
    assert is_loopback(text) == (text.startswith("127.") or text == "::1")


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
        *(f"todoist.{key}" for key in (*URL_KEYS, "client_id", "callback_ports", "filter")),
        "reminder_minutes",
        *(f"google_calendar.{key}" for key in (*URL_KEYS, "client_id", "client_secret")),
        "google_calendar.days_ahead",
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
    assert settings.todoist.api_url.startswith(("https://", "http://"))
