"""The section [todoist]: every value becomes settings or one clear sentence."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.todoist.settings import (
    FILTER,
    TodoistSettings,
    settings_from_section,
)
from oo_desktop.errors import ConfigError
from tests.connectors.sections import VALUES

URL_KEYS = ("api_url", "authorize_url", "token_url", "register_url")


def settings_with(url: str, key: str) -> TodoistSettings:
    return settings_from_section({key: url})


def test_an_empty_section_means_the_defaults() -> None:
    assert settings_from_section({}) == TodoistSettings()


def test_what_is_written_is_what_is_set() -> None:
    text = 'api_url = "http://127.0.0.1:8000/api/v1"\nfilter = "#Työ"\n'
    settings = settings_from_section(tomllib.loads(text))
    assert settings.api_url == "http://127.0.0.1:8000/api/v1/"
    assert settings.filter == "#Työ"
    assert settings.token_url == TodoistSettings().token_url
    assert TodoistSettings().filter == FILTER


@pytest.mark.parametrize(
    "text",
    [
        "client_id = 5",
        "filter = ''",
        "callback_ports = []",
        "callback_ports = [80]",
        "callback_ports = [70000]",
        "callback_ports = [1.5]",
    ],
)
def test_a_value_it_cannot_use_is_refused_with_its_key(text: str) -> None:
    key = text.partition(" =")[0]
    with pytest.raises(ConfigError, match=rf"todoist\.{key}"):
        settings_from_section(tomllib.loads(text))


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
    assert getattr(settings_with(url, key), key).rstrip("/") == url.rstrip("/")


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
        settings_with(url, key)


KEYS = st.sampled_from([*URL_KEYS, "client_id", "callback_ports", "filter", "colour"])


@given(section=st.dictionaries(KEYS, VALUES))
@pytest.mark.logs_warnings
def test_any_section_becomes_settings_or_a_config_error(section: dict[str, object]) -> None:
    try:
        settings = settings_from_section(section)
    except ConfigError:
        return
    assert settings.api_url.startswith(("https://", "http://"))
