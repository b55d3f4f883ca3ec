"""Where to take part: which address gets the button, and which never does."""

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.meeting_links import (
    MAX_URL,
    MEETING_SERVICES,
    as_account,
    meeting_in,
    safe_url,
    without_addresses,
)
from tests.connectors.google_calendar.resources import event

MEET = "https://meet.google.com/abc-defg-hij"
AS_ADA = f"{MEET}?authuser=ada%40example.com"
ZOOM = "https://example.zoom.us/j/81234567890?pwd=b25seSBh"
TEAMS = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_ZGE%40thread.v2/0?context=%7b%7d"
MESSAGE = {"location": f"Zoom: {ZOOM}", "description": f"or {TEAMS}"}


def video(*uris: str | None, kind: str | None = "video") -> dict[str, Any]:
    return {"entryPoints": [{"entryPointType": kind, "uri": uri} for uri in uris]}


@pytest.mark.parametrize(
    ("changes", "join_url"),
    [
        ({"conferenceData": video(ZOOM), "hangoutLink": MEET, **MESSAGE}, ZOOM),
        ({"conferenceData": video(MEET)}, AS_ADA),
        ({"conferenceData": video("https://conf.example.org/r/1")}, "https://conf.example.org/r/1"),
        ({"conferenceData": video("tel:+49-1", kind="phone"), "hangoutLink": MEET}, AS_ADA),
        ({"conferenceData": video("http://example.org"), "hangoutLink": MEET}, AS_ADA),
        ({"conferenceData": video(None, ZOOM)}, ZOOM),
        ({"conferenceData": {}, "hangoutLink": MEET, **MESSAGE}, AS_ADA),
        ({"hangoutLink": "http://meet.google.com/abc-defg-hij", **MESSAGE}, ZOOM),
        (MESSAGE, ZOOM),
        ({"location": "Room 5", "description": MESSAGE["description"]}, TEAMS),
        ({"location": "https://example.com/room"}, None),
        ({}, None),
    ],
)
def test_what_google_knows_goes_before_what_somebody_typed(
    changes: dict[str, Any], join_url: str | None
) -> None:
    assert event(**changes).join_url == join_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"Join here: {ZOOM}.", ZOOM),
        (f"({ZOOM})", ZOOM),
        (f"<{ZOOM}>", ZOOM),
        (f'<a href="{ZOOM}">Join</a>', ZOOM),
        ("<a href='https://zoom.us/j/1?a=1&amp;b=2'>", "https://zoom.us/j/1?a=1&b=2"),
        (f"https://example.com/x {ZOOM}", ZOOM),
        ("HTTPS://ZOOM.US/j/1", None),  # nobody writes it so, and urls are shown as they are
        (f"https://www.google.com/url?q={ZOOM.replace('?', '%3F')}&sa=D", ZOOM),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fzoom.us%2Fj%2F1&d=0",
            "https://zoom.us/j/1",
        ),
        ("https://www.google.com/url?q=https%3A%2F%2Fexample.com%2Fj%2F1", None),
        ("https://www.google.com/url?q=http%3A%2F%2Fzoom.us%2Fj%2F1", None),
        (MEET, MEET),
        ("https://whereby.com/ada", "https://whereby.com/ada"),
        ("https://acme.webex.com/meet/ada", "https://acme.webex.com/meet/ada"),
        ("https://acme.webex.com/acme/j.php?MTID=m1", "https://acme.webex.com/acme/j.php?MTID=m1"),
    ],
)
def test_a_meeting_is_found_in_what_somebody_typed(text: str, url: str | None) -> None:
    assert meeting_in(text) == url


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "zoom.us/j/1",
        "http://zoom.us/j/1",
        "https://zoom.us",
        "https://zoom.us/",
        "https://zoom.us/download",
        "https://support.zoom.us/hc/en-us",
        "https://zoom.us.example.com/j/1",
        "https://example.com/zoom.us/j/1",
        "https://notzoom.us/j/1",
        "https://zoom.us@example.com/j/1",
        "https://zoom.us:8443/j/1",
        "https://zoom.us\\@example.com/j/1",
        "https://example.com/?https://zoom.us",
        "https://meet.google.com/",
        "https://teams.microsoft.com/downloads",
        "https://zооm.us/j/1",
        "javascript:https://",
    ],
)
def test_what_only_looks_like_a_meeting_gets_no_button(text: str | None) -> None:
    assert meeting_in(text) is None


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "http://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://user:pass@example.com/",
        "https://user@example.com/",
        "https://example.com:99999/",
        "https://example.com:8080/",
        "https://exa mple.com/",
        "https://example.com/\n",
        "https://example.com/\u202e",
        "https://[::1",
        "https://-x/",
        "https://example.com/" + "a" * MAX_URL,
    ],
)
def test_an_address_that_could_do_harm_is_none(url: str | None) -> None:
    assert safe_url(url) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (MEET, AS_ADA),
        (f"{MEET}?authuser=0", AS_ADA),
        (f"{MEET}?a=1&authuser=1&b=2", f"{MEET}?a=1&b=2&authuser=ada%40example.com"),
        (f"{MEET}?xauthuser=1", f"{MEET}?xauthuser=1&authuser=ada%40example.com"),
        (f"{MEET}#x", f"{MEET}?authuser=ada%40example.com#x"),
        (ZOOM, ZOOM),
        ("https://meet.google.com.example.com/x", "https://meet.google.com.example.com/x"),
    ],
)
def test_googles_own_pages_are_opened_as_the_right_account(url: str, expected: str) -> None:
    assert as_account(url, "ada@example.com") == expected
    assert as_account(expected, "ada@example.com") == expected


def test_an_account_that_has_no_address_changes_nothing() -> None:
    assert as_account(MEET, "12345") == MEET


def test_every_service_knows_its_own_meetings() -> None:
    for host, path in MEETING_SERVICES:
        assert host == host.lower()
        assert not re.fullmatch(path, "/")
        assert not re.fullmatch(path, "")


@given(st.text(max_size=300), st.sampled_from([ZOOM, TEAMS, MEET, "https://zoom.us"]))
def test_whatever_surrounds_it_what_is_found_is_safe(text: str, address: str) -> None:
    for one in (text, f"{text} {address} {text}", f"{text}{address}{text}", address + text):
        url = meeting_in(one)
        assert url is None or safe_url(url) == url
        assert "https://" not in without_addresses(one).lower() or not one.isprintable()


@given(st.text(alphabet="ht ps:/zom.us?&;<>()[]@#%\\'\"j1", max_size=400))
def test_text_made_of_pieces_of_addresses_never_fails(text: str) -> None:
    url = meeting_in(text)
    assert url is None or safe_url(url) == url
    without_addresses(text)


@pytest.mark.parametrize(
    "piece",
    [
        "https://zoom.us/x ",
        "https://a",
        "https://a.",
        "&amp;",
        "https://www.google.com/url?q=",
        "(",
    ],
)
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    def spent(times: int) -> float:
        text = (piece * times)[:16_000]
        began = time.thread_time()
        for _ in range(20):
            meeting_in(text)
            without_addresses(text)
        return time.thread_time() - began

    # Generous: a pattern that goes back over its text takes thousands of times as long.
    assert spent(16_000) < 100 * max(spent(100), 0.001)
