"""The lines of a calendar: folded, torn, and made of any bytes at all."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oo_desktop.connectors.icalendar.lines import (
    MAX_PROPERTIES,
    Component,
    Property,
    Unreadable,
    components,
    content_line,
    is_of,
    utf8_from_body,
)
from oo_desktop.connectors.icalendar.pacing import Pacer
from tests.connectors.icalendar.calendars import NINE, body, event, expanded

WANTED = frozenset({"UID", "SUMMARY", "ATTENDEE"})


def read(raw: bytes, **with_value: str) -> list[Component]:
    values = {name: frozenset({value}) for name, value in with_value.items()}
    return list(components(raw, WANTED, Pacer(), with_value=values))


def test_a_character_that_is_folded_in_its_middle_is_whole() -> None:
    raw = body(*event(NINE, "SUMMARY:Caf\N{LATIN SMALL LETTER E WITH ACUTE}"))
    at = raw.index(b"\xc3") + 1
    (one,), _ = expanded(raw[:at] + b"\r\n " + raw[at:])
    assert one.title == "Café"


@pytest.mark.parametrize(
    "lines",
    [
        ["BEGIN:VEVENT", NINE, "UID:lost"],
        ["BEGIN:VEVENT", NINE, "UID:lost", "BEGIN:VALARM"],
        ["BEGIN:VTIMEZONE", "TZID:x", "BEGIN:STANDARD"],
        ["END:VEVENT", "END:VALARM", "BEGIN:VTODO", "SUMMARY:x", "END:VTODO"],
        ["\x00\xff nothing", "", ":", ";;;"],
        ["X-LONG:" + "x" * 400_000],
    ],
)
def test_a_torn_component_ends_with_itself(lines: list[str]) -> None:
    found, _ = expanded(body(*lines, *event(NINE, uid="sound")))
    assert [one.id for one in found] == ["sound/20261122T080000Z"]


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60),
    st.sets(st.integers(0, 200)),
    st.sampled_from([b"\r\n ", b"\n\t"]),
)
def test_a_line_may_be_folded_anywhere(text: str, places: set[int], fold: bytes) -> None:
    line = f"SUMMARY:{text}".encode()
    cut = sorted({place for place in places if 0 < place < len(line)})
    folded = fold.join(line[a:b] for a, b in zip([0, *cut], [*cut, len(line)], strict=True))
    raw = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + folded + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    (one, _) = read(raw)
    assert one.first("SUMMARY") == Property({}, text)


LINES = [
    *(f"{edge}:{name}" for edge in ("BEGIN", "END") for name in ("VCALENDAR", "VEVENT", "VALARM")),
    *("SUMMARY:x", ";", ":"),
]


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=20)))
@example(["\t0"])
def test_whatever_its_lines_are_a_calendar_is_told(lines: list[str]) -> None:
    found = read("\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines]).encode())
    assert [each for each in found if each.name == "VCALENDAR"]
    assert len({id(each) for each in found}) == len(found)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("SUMMARY:a:b;c", Property({}, "a:b;c")),
        ("summary;language=en:a", Property({"LANGUAGE": "en"}, "a")),
        ('SUMMARY;CN="a:b;c,d":e', Property({"CN": "a:b;c,d"}, "e")),
        ('SUMMARY;CN="a","b",c:d', Property({"CN": "a"}, "d")),
        ("SUMMARY:", Property({}, "")),
        ("SUMMARY;X_Y=1:a", Property({}, "a")),
        (r'SUMMARY;CN="a\"b\", c":d', Property({"CN": r"a\"b\", c"}, "d")),
        ('SUMMARY;CN="DOMAIN\\":d', Property({"CN": "DOMAIN\\"}, "d")),
        ('SUMMARY;CN="never closed:d', Property({}, "d")),
        ("SUMMARY", None),
    ],
)
def test_a_property_has_parameters_and_a_value(line: str, found: Property | None) -> None:
    (one, _) = read(body(*event(line)))
    assert one.first("SUMMARY") == found
    assert one.unreadable == (set() if found else {"SUMMARY"})
    assert not one.broken


@pytest.mark.parametrize(
    ("line", "zone_id"),
    [
        ("SUMMARY;TZID=(UTC+01:00) Amsterdam, Berlin:20261130", "(UTC+01:00) Amsterdam, Berlin"),
        (r"SUMMARY;TZID=Boston\, Bogota:20261130", r"Boston\, Bogota"),
        (r"SUMMARY;VALUE=DATE-TIME;TZID=A\; B:20261130", r"A\; B"),
        ("SUMMARY;TZID=A; B;VALUE=DATE:20261130", "A; B"),
        ('SUMMARY;TZID="A:B":20261130', "A:B"),
    ],
)
def test_the_name_of_a_zone_that_needs_quotes_is_read_without_them(line: str, zone_id: str) -> None:
    (one, _) = read(body(*event(line)))
    (found,) = one.all("SUMMARY")
    assert (found.parameters["TZID"], found.value) == (zone_id, "20261130")


def test_a_line_of_somebody_s_text_comes_after_the_property_it_looks_like() -> None:
    for lines in (["Summary: the usual", "SUMMARY:Plan"], ["SUMMARY:Plan", "summary: none"]):
        (one, _) = read(body(*event(*lines)))
        assert one.value("SUMMARY") == "Plan"


@pytest.mark.parametrize("text", ["Begin: 3pm", "End: 5pm", "BEGIN:VALARM", "Begin: x\r\nbegin: y"])
def test_a_line_of_somebody_s_text_that_looks_like_a_part_costs_nothing(text: str) -> None:
    (one, _) = read(body(*event(text, "SUMMARY:Plan")))
    assert (one.name, one.broken, one.value("SUMMARY")) == ("VEVENT", False, "Plan")


TEXT = "BEGIN:VCALENDAR Prüfung, Hörsaal 3 – 5 €"


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        (TEXT.encode(), None, TEXT),
        (TEXT.encode("utf-8-sig"), "iso-8859-1", TEXT),
        (TEXT.encode("utf-16"), None, TEXT),
        (TEXT.encode("utf-16-be"), None, TEXT),
        (TEXT.encode("utf-16-le"), "utf-8", TEXT),
        (TEXT.encode("utf-32"), "utf-8", TEXT),
        (TEXT.encode("cp1252"), "iso-8859-1", TEXT),
        (TEXT.encode("cp1252"), "windows-1252", TEXT),
        (TEXT.encode(), "iso-8859-1", TEXT),
        ("Prüfung".encode("utf-16-le"), "utf-16-le", "Prüfung"),
        ("試験".encode("shift_jis"), "Shift_JIS", "試験"),
        ("試験".encode("iso2022_jp"), "ISO-2022-JP", "試験"),
        ("Экзамен".encode("koi8-r"), "koi8-r", "Экзамен"),
        ("Prüfung".encode(), "x-unknown", "Prüfung"),
        (b"+AGE-", "utf-7", "+AGE-"),
        (b"\\x41", "unicode_escape", "\\x41"),
        (b"A", "hex", "A"),
    ],
)
def test_a_calendar_is_read_in_the_charset_it_is_written_in(
    raw: bytes, charset: str | None, text: str
) -> None:
    assert utf8_from_body(raw, charset, Pacer()).decode("utf-8-sig") == text


@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "iso-8859-1", "gb18030", "utf-16"]))
def test_any_bytes_become_some_text(raw: bytes, charset: str | None) -> None:
    assert isinstance(utf8_from_body(raw, charset, Pacer()), bytes)


def test_a_line_that_is_no_utf_8_is_read_as_what_it_can_be() -> None:
    raw = body(*event("SUMMARY:?")).replace(b"?", "Prüfung".encode("cp1252"))
    (one, _) = read(raw)
    assert one.value("SUMMARY") == "Prüfung"
    (one, _) = read(raw.replace(b"SUMMARY:", "SUMMARY:Zoë ".encode()))
    assert one.value("SUMMARY") == "Zoë Pr\ufffdfung"


def test_others_are_kept_where_they_have_a_value() -> None:
    raw = body(*event("CONTACT:Ada@x", "CONTACT:bob@x", "CONTACT"))
    (one, _) = read(raw, CONTACT="ada@x")
    assert one.all("CONTACT") == [Property({}, "Ada@x")]
    assert not one.broken


@pytest.mark.parametrize(
    "line",
    [
        r'CONTACT;PARTSTAT="DECLINED";CN="Ada, the \"first\"":mailto:ada@x',
        'CONTACT;CN=Ada "AJ" Lovelace;PARTSTAT=DECLINED:MAILTO:Ada@x',
        'CONTACT;CN="Ada: first;PARTSTAT=DECLINED;X=1:mailto:ada@x',
        "CONTACT;CN=Ada;EMAIL=Ada@x;PARTSTAT=DECLINED:/principals/1/",
    ],
)
def test_a_guest_is_found_whatever_their_name_does_to_the_line(line: str) -> None:
    (one, _) = read(body(*event(line)), CONTACT="mailto:ada@x")
    (found,) = one.all("CONTACT")
    assert found.parameters["PARTSTAT"] == "DECLINED"


def test_a_component_that_is_too_large_is_broken() -> None:
    large = Component("VEVENT")
    for _ in range(MAX_PROPERTIES):
        large.add("EXDATE", Property({}, "x"))
    assert not large.broken
    large.add_component(Component("VALARM"))
    assert large.broken


def test_what_cannot_be_read_is_named_and_nothing_of_it_told() -> None:
    def reader(found: Property) -> int:
        return int(found.value)

    component = Component("VEVENT")
    component.add("SEQUENCE", Property({}, "7"))
    component.add("SEQUENCE", Property({}, "secret"))
    assert component.read("SEQUENCE", reader) == component.required("SEQUENCE", reader) == 7
    assert component.read("PRIORITY", reader) is None
    assert component.read_each("PRIORITY", reader) == ([], True)
    assert component.read_each("SEQUENCE", reader) == ([7], False)
    component.add("DURATION", Property({}, "secret"))
    with pytest.raises(Unreadable, match="DURATION cannot be read") as caught:
        component.read("DURATION", reader)
    assert caught.value.name == "DURATION"
    assert "secret" not in str(caught.value)
    component.add("DURATION", Property({}, "8"))
    assert component.read("DURATION", reader) == 8
    component.add("CLASS", Property({}, " "))
    assert component.read("CLASS", reader) is None
    component.add("UID", None)
    with pytest.raises(Unreadable, match="UID"):
        component.read("UID", reader)
    with pytest.raises(Unreadable, match="PRIORITY"):
        component.required("PRIORITY", reader)


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("DUE:20261129", "DUE:20261129"),
        ("due;value=DATE : x", "DUE;VALUE=DATE : x"),
        ("DUE;TZID=Europe/Berlin:20261129T090000", "DUE;TZID=Europe/Berlin:20261129T090000"),
        ('DUE;TZID="a:b";X-A=1:20261129T090000', 'DUE;TZID="a:b";X-A=1:20261129T090000'),
        ("DUE;TZID=GMT+1, Berlin:20261129T090000", 'DUE;TZID="GMT+1, Berlin":20261129T090000'),
    ],
)
def test_a_property_can_be_written_again(line: str, same: str) -> None:
    (one, *_) = components(body(*event(line)), frozenset({"DUE"}), Pacer())
    (found,) = one.all("DUE")
    assert content_line("DUE", found) == same


@pytest.mark.parametrize(
    ("line", "is_ada"),
    [
        (":mailto:ada@example.com", True),
        (":MAILTO:Ada@Example.com", True),
        (";EMAIL=Ada@example.com:urn:uuid:7", True),
        (":/principals/ada%40x/", True),
        (":/principals/ada@x", True),
        (":https://example.com/principals/Ada%40x/", True),
        (":https://example.com:8443/principals/ada@x", True),
        (":mailto:bob@example.com", False),
        (":/principals/ada@x/more", False),
        (":https://example.com", False),
        (":", False),
    ],
)
def test_a_guest_is_known_by_address_e_mail_or_path(line: str, is_ada: bool) -> None:
    ada = frozenset({"mailto:ada@example.com", "/principals/ada@x/"})
    (one, *_) = components(body(*event(f"ATTENDEE{line}")), frozenset({"ATTENDEE"}), Pacer())
    assert is_of(one.all("ATTENDEE")[0], ada) is is_ada


def test_a_task_cannot_begin_within_an_event() -> None:
    lines = ["BEGIN:VEVENT", "UID:1", "BEGIN:VTODO", "UID:2", "END:VTODO"]
    found = [(one.name, one.value("UID"), one.broken) for one in read(body(*lines))]
    assert found[:2] == [("VEVENT", "1", True), ("VTODO", "2", False)]
