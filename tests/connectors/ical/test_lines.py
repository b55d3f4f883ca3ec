"""The lines of a calendar: folded, torn, and made of any bytes at all."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oo_desktop.connectors.ical.lines import (
    MAX_PROPERTIES,
    Component,
    Property,
    Unreadable,
    components,
)
from oo_desktop.connectors.ical.pacing import Pacer
from tests.connectors.ical.calendars import NINE, body, event, expanded

WANTED = frozenset({"UID", "SUMMARY", "ATTENDEE"})


def read(raw: bytes, **with_value: str) -> list[Component]:
    return list(components(raw, WANTED, Pacer(), with_value=with_value))


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
        ("SUMMARY;X_Y=1:a", None),
        ("SUMMARY", None),
    ],
)
def test_a_property_has_parameters_and_a_value(line: str, found: Property | None) -> None:
    (one, _) = read(body(*event(line)))
    assert one.first("SUMMARY") == found
    assert one.broken == (found is None)


def test_others_are_kept_where_they_have_a_value() -> None:
    raw = body(*event("CONTACT:Ada@x", "CONTACT:bob@x", "CONTACT"))
    (one, _) = read(raw, CONTACT="ada@x")
    assert one.all("CONTACT") == [Property({}, "Ada@x")]
    assert not one.broken


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
    assert component.read_all("PRIORITY", reader) == []
    with pytest.raises(Unreadable, match="SEQUENCE cannot be read") as caught:
        component.read_all("SEQUENCE", reader)
    assert caught.value.name == "SEQUENCE"
    assert "secret" not in str(caught.value)
    with pytest.raises(Unreadable, match="PRIORITY"):
        component.required("PRIORITY", reader)
