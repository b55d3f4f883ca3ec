"""The section [google_calendar]: every value becomes settings or one clear sentence."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.google_calendar.settings import (
    GoogleCalendarSettings,
    settings_from_section,
)
from oo_desktop.errors import ConfigError
from tests.connectors.sections import VALUES

GOOGLE_URLS = ("api_url", "authorize_url", "token_url", "revoke_url")


def test_an_empty_section_means_the_defaults() -> None:
    assert settings_from_section({}) == GoogleCalendarSettings()


@pytest.mark.parametrize(
    "text",
    [
        "days_ahead = -1",
        "days_ahead = 32",
        "client_id = 5",
        "client_id = 'a b'",
        "client_id = 'ü'",
        "client_secret = 's3cret'",
    ],
)
def test_a_value_it_cannot_use_is_refused_with_its_key(text: str) -> None:
    key = text.partition(" =")[0]
    with pytest.raises(ConfigError, match=rf"google_calendar\.{key}"):
        settings_from_section(tomllib.loads(text))


@pytest.mark.parametrize("key", GOOGLE_URLS)
def test_googles_urls_are_held_to_the_same(key: str) -> None:
    for url in ("https://google.example/x", "http://127.0.0.1:8000/x"):
        found = getattr(settings_from_section({key: url}), key)
        assert found == url + ("/" if key == "api_url" else "")
    for url in ("http://google.example/", "https://google.example/?key=value", ""):
        with pytest.raises(ConfigError, match=f"google_calendar.{key}"):
            settings_from_section({key: url})


def test_googles_section_has_the_genuine_addresses_and_a_day_ahead() -> None:
    google = GoogleCalendarSettings()
    assert google.api_url == "https://www.googleapis.com/calendar/v3/"
    assert google.authorize_url == "https://accounts.google.com/o/oauth2/v2/auth"
    assert google.token_url == "https://oauth2.googleapis.com/token"  # an address
    assert google.revoke_url == "https://oauth2.googleapis.com/revoke"
    assert google.days_ahead == 1


def test_a_client_secret_is_in_no_repr_and_no_reason() -> None:
    section = {"client_id": "an-id", "client_secret": "s3cret"}
    settings = settings_from_section(section)
    assert settings.client_secret == "s3cret"  # made up
    assert "s3cret" not in f"{settings!r} {settings.__rich_repr__()}"
    with pytest.raises(ConfigError, match=r"google_calendar\.client_secret") as caught:
        settings_from_section({**section, "client_secret": "s3cret and more"})
    assert "s3cret" not in str(caught.value)


KEYS = st.sampled_from([*GOOGLE_URLS, "client_id", "client_secret", "days_ahead", "secret"])


@given(section=st.dictionaries(KEYS, VALUES))
@pytest.mark.logs_warnings
def test_any_section_becomes_settings_or_a_config_error(section: dict[str, object]) -> None:
    try:
        settings = settings_from_section(section)
    except ConfigError:
        return
    assert settings.api_url.startswith(("https://", "http://"))
