"""Which addresses oO sends anything to; the rest is tried where connectors read theirs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.errors import ConfigError
from oo_desktop.http.addresses import as_folder, check_url, in_ascii, is_loopback, split_url


@given(host=st.ip_addresses())
def test_an_address_is_loopback_exactly_when_its_network_says_so(host: object) -> None:
    text = str(host)
    assert is_loopback(text) == (text.startswith("127.") or text == "::1")


@pytest.mark.parametrize("url", ["https://a.example/v1", "http://[::1]:8000", "http://localhost/"])
def test_https_is_taken_anywhere_and_http_on_this_machine(url: str) -> None:
    check_url(url, "api_url")


@pytest.mark.parametrize("url", ["http://a.example", "https://a.example:99999", "https://[::1", ""])
def test_any_other_is_refused_by_its_key(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^api_url "):
        check_url(url, "api_url")


@pytest.mark.parametrize("url", ["https://a.example/v1", "https://a.example/v1//"])
def test_a_folder_ends_with_one_slash(url: str) -> None:
    assert as_folder(url) == "https://a.example/v1/"


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://a.example/b c%20d", "https://a.example/b c%20d"),
        ("https://münchen.example/käse", "https://xn--mnchen-3ya.example/k%C3%A4se"),
        ("https://straße.example/", None),
        ("ftp://a.example/", None),
    ],
)
def test_an_address_is_sent_in_ascii_where_its_host_is_certain(url: str, sent: str | None) -> None:
    parts = in_ascii(url)
    assert (parts and parts.geturl()) == sent


@pytest.mark.parametrize("url", ["", "a.example", "https://", "https://[::1", "https://a:99999"])
def test_what_is_no_address_has_no_parts(url: str) -> None:
    assert split_url(url) is None
