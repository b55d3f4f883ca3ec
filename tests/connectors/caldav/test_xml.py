"""What WebDAV servers answer, and what nobody should."""

import pytest

from oo_desktop.connectors.caldav.xml import (
    CALDAV,
    DAV,
    MAX_DEPTH,
    Member,
    NotXml,
    element_from_body,
    multiget,
    multistatus_from_body,
    path_on_host,
    propfind,
    sync_collection,
)
from oo_desktop.connectors.icalendar.pacing import Pacer

ASKED = "https://dav.example.com/ada/"


def answer(inner: str) -> bytes:
    return f'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">{inner}</d:multistatus>'.encode()


def response(href: str, *, title: str = "Work", status: int = 200) -> str:
    return (
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop><d:displayname>{title}"
        f"</d:displayname></d:prop><d:status>HTTP/1.1 {status} X</d:status></d:propstat>"
        "</d:response>"
    )


def members(body: bytes) -> tuple[Member, ...]:
    return multistatus_from_body(body, ASKED, Pacer()).members


def test_a_resource_has_its_path_as_written_and_one_to_compare() -> None:
    (found,) = members(answer(response("/ada/a%20b@c%c3%a9/")))
    assert (found.href, found.path) == ("/ada/a%20b@c%c3%a9/", "/ada/a b@cé/")
    assert found.text(f"{DAV}displayname") == "Work"


def test_a_property_that_is_not_there_is_not_there() -> None:
    (found,) = members(answer(response("/ada/", status=404)))
    assert found.properties == {}
    assert found.text(f"{DAV}displayname") is None


def test_a_status_of_the_resource_itself_is_told() -> None:
    gone = "<d:response><d:href>/a</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>"
    assert [each.status for each in members(answer(gone))] == [404]


def test_a_token_to_go_on_with_is_told() -> None:
    body = answer("<d:sync-token> http://x/7 </d:sync-token>")
    assert multistatus_from_body(body, ASKED, Pacer()).sync_token == "http://x/7"


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/ada/", "/ada/"),
        ("work/", "/ada/work/"),
        ("https://dav.example.com/x/", "/x/"),
        ("https://dav.example.com:443/x/", "/x/"),
        ("http://dav.example.com/x/", "/x/"),
        ("https://evil.example/x/", None),
        ("//evil.example/x/", None),
        ("https://dav.example.com:8443/x/", None),
        ("https://dav.example.com:port/x/", None),
        ("mailto:ada@example.com", None),
        ("", "/ada/"),
    ],
)
def test_only_paths_on_the_host_that_was_asked_are_taken(href: str, path: str | None) -> None:
    assert path_on_host(href, ASKED) == path


def test_a_resource_of_another_host_is_left_out() -> None:
    found = members(answer(response("https://evil.example/x/") + response("/ada/")))
    assert [each.href for each in found] == ["/ada/"]


@pytest.mark.parametrize("control", ["\x0b", "\x00", "\x1f", "&#11;", "&#x0B;", "&#x1f;"])
def test_a_control_character_costs_nothing_but_itself(control: str) -> None:
    (found,) = members(answer(response("/ada/", title=f"Wo{control}rk")))
    assert found.text(f"{DAV}displayname") == "Work"


@pytest.mark.parametrize("control", ["\x0b", "&#11;", "&#x0000b;", "&amp;"])
def test_however_many_there_are_none_is_cut_in_two(control: str) -> None:
    kept = "&" if control == "&amp;" else ""
    (found,) = members(answer(response("/ada/", title=f"a{control}" * 20_000)))
    assert found.text(f"{DAV}displayname") == f"a{kept}" * 20_000


def test_white_space_that_xml_has_stays() -> None:
    (found,) = members(answer(response("/ada/", title="a&#10;b&#9;c")))
    assert found.text(f"{DAV}displayname") == "a\nb\tc"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"no XML",
        b"\xff\xfe",
        b"<?xml version='1.0' encoding='nonsense'?><a/>",
        b"<?xml version='1.0'?><!DOCTYPE a><a/>",
        b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
    ],
)
def test_what_is_not_fit_to_be_read_is_not(body: bytes) -> None:
    with pytest.raises(NotXml):
        element_from_body(body, Pacer())


def test_xml_of_another_kind_is_no_answer() -> None:
    with pytest.raises(NotXml):
        members(b"<a/>")


def test_questions_say_what_is_asked_for() -> None:
    names = [f"{DAV}getetag", f"{CALDAV}calendar-data"]
    for body in (propfind(names), sync_collection("t<1", names), multiget(["/a&b"], names)):
        root = element_from_body(body, Pacer())
        (asked,) = root.iter(f"{DAV}prop")
        assert [each.tag for each in asked] == names
    assert b"t&lt;1" in sync_collection("t<1", names)
    assert b"/a&amp;b" in multiget(["/a&b"], names)
