"""Where to take part: which address gets the button, and which never does."""

import re
import time
from base64 import urlsafe_b64encode
from datetime import date
from string import ascii_letters, digits
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.icalendar.calendar import calendar_from_body
from oo_desktop.connectors.icalendar.pacing import Pacer
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


NUMBER = "https://example.zoom.us/j/123456789"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"{NUMBER}\nor {NUMBER}?pwd=abc", f"{NUMBER}?pwd=abc"),
        (f"{NUMBER}?pwd=abc\nor {NUMBER}", f"{NUMBER}?pwd=abc"),
        (f"{NUMBER}?pwd= or {NUMBER}?pwd=abc", f"{NUMBER}?pwd=abc"),
        (f"{NUMBER}?from=mail {NUMBER}?a=1&amp;pwd=abc", f"{NUMBER}?a=1&pwd=abc"),
        (
            f"{NUMBER} https://us02web.zoom.us/w/123456789?pwd=x",
            "https://us02web.zoom.us/w/123456789?pwd=x",
        ),
        (f"{NUMBER} https://www.google.com/url?q={NUMBER}%3Fpwd%3Dx", f"{NUMBER}?pwd=x"),
        (
            "https://teams.microsoft.com/meet/234 https://teams.microsoft.com/meet/234?p=x",
            "https://teams.microsoft.com/meet/234?p=x",
        ),
        (
            "https://whereby.com/ada https://whereby.com/ada?roomKey=x",
            "https://whereby.com/ada?roomKey=x",
        ),
        # Another meeting, another room, another service, no passcode.
        (f"{NUMBER} https://example.zoom.us/j/987654321?pwd=abc", NUMBER),
        (f"{NUMBER} https://example.zoom.us/j/1234567890?pwd=abc", NUMBER),
        (f"{NUMBER} https://example.zoomgov.com/j/123456789?pwd=abc", NUMBER),
        (f"{NUMBER} https://zoom.us.example.com/j/123456789?pwd=abc", NUMBER),
        (f"{NUMBER} http://example.zoom.us/j/123456789?pwd=abc", NUMBER),
        (f"{NUMBER} {NUMBER}?uname=ada", NUMBER),
        ("https://zoom.us/my/ada https://zoom.us/my/bob?pwd=x", "https://zoom.us/my/ada"),
        (
            "https://acme.webex.com/acme/j.php?MTID=m1 https://acme.webex.com/acme/j.php?MTID=m2&pw=x",
            "https://acme.webex.com/acme/j.php?MTID=m1",
        ),
    ],
)
def test_of_two_links_to_one_meeting_the_one_with_the_passcode_is_opened(
    text: str, url: str
) -> None:
    assert meeting_in(text) == url


def test_the_passcode_may_stand_in_the_description_only() -> None:
    whole = f"{NUMBER}?pwd=abc"
    assert event(location=NUMBER, description=f"Join: {whole}").join_url == whole
    assert event(conferenceData=video(NUMBER), description=whole).join_url == whole
    assert event(
        conferenceData=video("https://conf.example.org/r/1"), description=whole
    ).join_url == ("https://conf.example.org/r/1")
    assert event(location=MEET, description=whole).join_url == AS_ADA


def test_the_passcode_may_stand_in_another_property_of_an_event_of_a_link() -> None:
    lines = (
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "UID:1",
        "DTSTART:20261130T090000Z",
        f"DESCRIPTION:Join: {NUMBER}?pwd=abc",
        f"LOCATION:{NUMBER}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    body = "\r\n".join(lines).encode()
    calendar = calendar_from_body(body, since=date(2026, 11, 29), pacer=Pacer())
    assert calendar.series[0][0].join_url == f"{NUMBER}?pwd=abc"


SAFE = "https://nam02.safelinks.protection.outlook.com"
TO_ZOOM = quote(ZOOM, safe="")
PROOFPOINT_2 = "https://urldefense.proofpoint.com/v2/url?u="
PROOFPOINT_3 = "https://urldefense.com/v3/__"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"{SAFE}/?url={TO_ZOOM}&data=05%7C01&reserved=0", ZOOM),
        (f"{SAFE}/ap/t-59584e83/?url={TO_ZOOM}&data=05%7C01", ZOOM),
        (f"<{SAFE}/ap/t-59584e83/?url={TO_ZOOM}&amp;data=05>", ZOOM),
        (f"{SAFE}/ap/w-59584e83/?data=05&url={TO_ZOOM}", ZOOM),
        (f"{SAFE}/GetUrlReputation?url={TO_ZOOM}", ZOOM),
        (f"https://gcc02.safelinks.protection.office365.us/?url={TO_ZOOM}", ZOOM),
        (
            f"{SAFE}/?url=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fa%3D1%26amp%3Bpwd%3Dx",
            "https://zoom.us/j/1?a=1&pwd=x",
        ),
        (
            "https://urldefense.proofpoint.com/v1/url?u=https://zoom.us/j/1%3Fpwd%3Dx&k=a%3D&r=b",
            "https://zoom.us/j/1?pwd=x",
        ),
        (f"{PROOFPOINT_2}https-3A__meet.google.com_abc-2Ddefg-2Dhij&d=DwMFaQ&c=x", MEET),
        (
            f"{PROOFPOINT_2}https-3A__zoom.us_j_1-3Fpwd-3Da-5Fb-252B&amp;d=x",
            "https://zoom.us/j/1?pwd=a_b%2B",
        ),
        ("https://urldefense.com/v2/url?u=https-3A__zoom.us_j_1&c=x", "https://zoom.us/j/1"),
        (f"{PROOFPOINT_3}https://zoom.us/j/1?pwd=abc__;!!AbC!xyz$", "https://zoom.us/j/1?pwd=abc"),
        (f"{PROOFPOINT_3}https:/zoom.us/j/1__;!!AbC!xyz$.", "https://zoom.us/j/1"),
        (f"({PROOFPOINT_3}https://zoom.us/j/1__;!!AbC!x_y-z$)", "https://zoom.us/j/1"),
        (
            f"{PROOFPOINT_3}https://zoom.us/my/a*b?pwd=x*y__;Iys!!AbC!xyz$",
            "https://zoom.us/my/a#b?pwd=x+y",
        ),
        (f"{PROOFPOINT_3}https://zoom.us/my/a**Ab__;KisrKw!!AbC!xyz$", "https://zoom.us/my/a*+b"),
        (
            "https://urldefense.us/v3/__https://teams.microsoft.com/l/meetup-join/19*3ameeting_Z"
            "*40thread.v2/0?context=*7b*7d__;JSUlJQ!!AbC!xyz$",
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Z%40thread.v2/0?context=%7b%7d",
        ),
        # One in another.
        (f"{SAFE}/?url={quote(f'{PROOFPOINT_3}{ZOOM}__;!!A!b$', safe='')}&data=0", ZOOM),
        (f"{PROOFPOINT_3}{SAFE}/ap/t-1/?url={TO_ZOOM}&data=0__;!!A!b$", ZOOM),
        (
            "https://www.google.com/url?q="
            + quote(f"{SAFE}/?url=" + quote(f"{SAFE}/ap/t-1/?url={TO_ZOOM}", safe=""), safe=""),
            ZOOM,
        ),
        # All links of a mail are wrapped.
        (f"{SAFE}/?url=https%3A%2F%2Fexample.com " * 12 + f"{SAFE}/?url={TO_ZOOM}", ZOOM),
    ],
)
def test_a_meeting_that_a_mail_filter_has_wrapped_is_found(text: str, url: str) -> None:
    assert meeting_in(text) == url


def wrapped(url: str) -> list[str]:
    """`url` in each of the wrappers, and in two. One run is of 65 characters at most."""
    in_safe_link = f"{SAFE}/ap/t-1/?url={quote(url, safe='')}"
    run = f"{ascii_letters.swapcase()}{digits}-_"[len(url) - 2 : len(url) - 1]
    letters = urlsafe_b64encode(url.encode()).decode().rstrip("=")
    proofpoint = quote(url, safe="").replace("-", "%2D").replace("_", "%5F").replace(".", "%2E")
    return [
        in_safe_link,
        f"https://www.google.com/url?q={quote(url, safe='')}",
        f"https://urldefense.proofpoint.com/v1/url?u={quote(url, safe='')}&k=x",
        f"{PROOFPOINT_2}{proofpoint.replace('%', '-')}&d=x",
        f"{PROOFPOINT_3}{quote(url)}__;!!A!b$",
        f"{PROOFPOINT_3}**{run}__;{letters}!!A!b$",
        f"{SAFE}/?url={quote(in_safe_link, safe='')}",
    ]


@pytest.mark.parametrize("text", wrapped("https://zoom.us/j/1?pwd=x-y_z"))
def test_each_wrapper_gives_back_what_is_in_it(text: str) -> None:
    assert meeting_in(text) == "https://zoom.us/j/1?pwd=x-y_z"


@pytest.mark.parametrize(
    "url",
    [
        "http://zoom.us/j/1",
        "javascript:alert(1)//zoom.us/j/1",
        "file:///zoom.us/j/1",
        "https://zoom.us@example.com/j/1",
        "https://ada:s3cret@zoom.us/j/1",
        "https://zoom.us\\@example.com/j/1",
        "https://zoom.us:8443/j/1",
        "https://zoom.us.example.com/j/1",
        "https://example.com/j/1",
        "https://zoom.us/j/1\u202e",
        "https://zoom.us/j/1\nx",
        "https://zооm.us/j/1",
        "//zoom.us/j/1",
        "zoom.us/j/1",
        "https://zoom.us/download",
        "https://protect-eu.mimecast.com/s/AbCdEfGhIjK?domain=zoom.us",
        "",
    ],
)
def test_no_wrapper_makes_an_address_safe(url: str) -> None:
    for text in wrapped(url):
        assert meeting_in(text) is None


def test_wrappers_without_end_are_none() -> None:
    url = ZOOM
    for _ in range(5):
        url = f"{SAFE}/?url={quote(url, safe='')}"
    for text in (
        url,
        f"{SAFE}/?url=",
        f"{SAFE}/",
        f"{PROOFPOINT_3}__;!!",
        f"{PROOFPOINT_3}*__;!",
        f"{PROOFPOINT_3}***__;_w!",
    ):
        assert meeting_in(text) is None


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


@given(st.text(max_size=120))
def test_whatever_is_in_a_wrapper_what_is_found_is_safe(text: str) -> None:
    for url in (text, f"https://zoom.us/j/{text}", f"https://{text}"):
        for one in wrapped(url)[:3]:
            found = meeting_in(one)
            assert found is None or safe_url(found) == found


@given(st.text(alphabet="*ABab0-_/:.zoom us", max_size=60), st.text(max_size=20))
def test_whatever_stands_in_a_wrapper_of_proofpoint_it_is_read_or_not(url: str, sent: str) -> None:
    for one in (f"https://zoom.us/j/{url}", url):
        letters = urlsafe_b64encode(sent.encode()).decode().rstrip("=")
        found = meeting_in(f"{PROOFPOINT_3}{one}__;{letters}!!A!b$")
        assert found is None or safe_url(found) == found


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
        "https://urldefense.com/v3/__",
        "https://urldefense.com/v3/__https://zoom.us/j/*__;",
        "https://a.safelinks.protection.outlook.com/?url=https%3A",
        "https://zoom.us/j/1 ",
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
