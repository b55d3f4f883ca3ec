"""What is meant to change does, and nothing else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.icalendar import edit
from oo_desktop.connectors.icalendar.edit import (
    NotEditable,
    Written,
    folded,
    parse,
    split_line,
    with_parameter,
    with_value,
)
from oo_desktop.connectors.icalendar.pacing import Pacer

TASK = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
X-ODD;p="a:b;c":1\r
begin:vtodo\r
UID:1\r
summary:Feed the c\r
 at\r
X-Long:\xc3\xa9\n
DUE;TZID="Europe/Berlin":20261129T090000\r
BEGIN:VALARM\r
TRIGGER:-PT5M\r
END:VALARM\r
X-AFTER:1\r
end:VTODO \r
\r
BEGIN:VTIMEZONE\r
TZID:Europe/Berlin\r
END:VTIMEZONE\r
END:VCALENDAR"""


def parsed(body: bytes) -> Written:
    return parse(body, Pacer())


def task(root: Written) -> Written:
    (calendar,) = root.components("VCALENDAR")
    return calendar.components("VTODO")[0]


# Text of any kind: names, folds, line ends, bytes that are no text.

WORDS = st.sampled_from(
    [
        *(
            b"UID:1",
            b"X-A;b=c:d",
            b"summary:\xc3\xa9t\xc3\xa9",
            b"X-BAD:\xff\xfe",
            b"",
            b"no colon",
        ),
        *(b"DUE:20261129", b"X-FOLDED:a\r\n b\n\tc", b"A" * 200 + b":x", b":", b";"),
    ]
)
ENDS = st.sampled_from([b"\r\n", b"\n"])
LINES = st.lists(st.tuples(WORDS, ENDS).map(b"".join), max_size=6).map(b"".join)


@st.composite
def calendars(draw: st.DrawFn) -> bytes:
    """Return a resource with one task, written in whichever way."""
    end = draw(ENDS)
    alarm = draw(st.sampled_from([b"", b"BEGIN:VALARM" + end + b"X:1" + end + b"END:VALARM" + end]))
    return b"".join(
        [
            draw(st.sampled_from([b"", b"\xef\xbb\xbf"])),
            *(b"BEGIN:VCALENDAR", end, draw(LINES)),
            *(draw(st.sampled_from([b"BEGIN:VTODO", b"begin:Vtodo"])), end),
            *(draw(LINES), alarm, draw(LINES), b"END:VTODO", draw(ENDS), draw(LINES)),
            *(b"END:VCALENDAR", draw(st.sampled_from([b"", b"\n", b"\r\n"]))),
        ]
    )


@given(body=calendars())
def test_what_is_not_changed_is_the_same_byte_for_byte(body: bytes) -> None:
    assert bytes(parsed(body)) == body
    assert bytes(parsed(body).copy()) == body


@given(body=st.binary(max_size=200))
def test_any_bytes_stay_or_are_not_fit_to_be_changed(body: bytes) -> None:
    with contextlib.suppress(NotEditable):
        assert bytes(parsed(body)) == body


@given(body=calendars(), text=st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200))
def test_an_edit_changes_only_its_line(body: bytes, text: str) -> None:
    root = parsed(body)
    before = task(root).lines()
    task(root).put(f"X-NEW:{text}")
    edited = bytes(root)
    assert task(parsed(edited)).line("X-NEW") == f"X-NEW:{text}"
    assert [line for line in task(parsed(edited)).lines() if line[:6] != "X-NEW:"] == before
    at = edited.index(b"X-NEW:")
    assert body.startswith(edited[:at])
    assert edited.endswith(body[at:])
    task(root).remove("X-NEW")
    assert bytes(root) == body


@given(body=calendars())
def test_a_line_that_is_replaced_and_put_back_leaves_no_trace_but_its_folding(body: bytes) -> None:
    root = parsed(body)
    task(root).put("X-MINE:1")
    before = bytes(root)
    task(root).put("X-MINE:2")
    task(root).put("X-MINE:1")
    assert bytes(root) == before


def test_a_line_is_replaced_where_it_is() -> None:
    root = parsed(TASK)
    task(root).put("SUMMARY:Feed the dog")
    assert bytes(root) == TASK.replace(
        b"summary:Feed the c\r\n at\r\n", b"SUMMARY:Feed the dog\r\n"
    )


def test_a_new_line_comes_after_the_properties_and_before_the_alarms() -> None:
    root = parsed(TASK)
    task(root).put("STATUS:COMPLETED")
    assert bytes(root) == TASK.replace(b"BEGIN:VALARM", b"STATUS:COMPLETED\r\nBEGIN:VALARM")


def test_a_line_that_is_there_already_stays_as_it_is_written() -> None:
    root = parsed(TASK)
    task(root).put("summary:Feed the cat")
    assert bytes(root) == TASK


def test_what_was_said_twice_is_said_once() -> None:
    root = parsed(TASK.replace(b"UID:1\r\n", b"STATUS:A\r\nUID:1\r\nstatus:B\r\n"))
    task(root).put("STATUS:COMPLETED")
    assert bytes(root) == TASK.replace(b"UID:1", b"STATUS:COMPLETED\r\nUID:1")


def test_lines_are_removed_with_their_folds() -> None:
    root = parsed(TASK)
    task(root).remove("SUMMARY", "NEVER")
    assert bytes(root) == TASK.replace(b"summary:Feed the c\r\n at\r\n", b"")


def test_each_line_of_a_name_can_be_rewritten_alone() -> None:
    root = parsed(TASK.replace(b"UID:1\r\n", b"ATTENDEE:a\r\nATTENDEE:\xff\r\n"))
    task(root).rewrite("ATTENDEE", lambda line: line.replace(":a", ";X=1:a"))
    assert b"ATTENDEE;X=1:a\r\nATTENDEE:\xff\r\n" in bytes(root)


def test_a_component_is_added_after_another_and_taken_out_again() -> None:
    root = parsed(TASK)
    (calendar,) = root.components("VCALENDAR")
    override = task(root).copy()
    override.put("RECURRENCE-ID:20261129")
    calendar.add_after(task(root), override)
    assert bytes(override) in bytes(root)
    assert bytes(root).index(b"RECURRENCE-ID") > bytes(root).index(b"DUE;")
    assert len(parsed(bytes(root)).components("VCALENDAR")[0].components("VTODO")) == 2
    calendar.take_out(override)
    assert bytes(root) == TASK


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_a_new_line_ends_as_the_others_do(end: bytes) -> None:
    root = parsed(TASK.replace(b"\r\n", end))
    task(root).put("STATUS:COMPLETED")
    assert end + b"STATUS:COMPLETED" + end in bytes(root)


@pytest.mark.parametrize(
    "line", ["", "no colon", "X-A:b\nX-C:d", "X-A:b\r", ":x", "BEGIN:VTODO", "end:x", "é:x"]
)
def test_what_is_no_line_of_a_property_is_never_written(line: str) -> None:
    with pytest.raises(NotEditable):
        task(parsed(TASK)).put(line)


@given(text=st.text(max_size=400).filter(lambda text: not set(text) & {"\r", "\n"}))
def test_folds_are_no_longer_than_75_bytes_and_within_no_character(text: str) -> None:
    raw = folded(f"X:{text}".encode("utf-8", "replace").decode(), b"\r\n")
    for piece in raw.split(b"\r\n"):
        assert len(piece) <= 75
        piece.decode()


def test_bytes_that_are_no_characters_are_folded_all_the_same() -> None:
    text = (b"X:" + b"\x80" * 300).decode("utf-8", "surrogateescape")
    raw = folded(text, b"\n")
    assert raw.replace(b"\n ", b"") == b"X:" + b"\x80" * 300 + b"\n"
    assert max(map(len, raw.split(b"\n"))) <= 75


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"UID:1\r\n",
        b"BEGIN:VCALENDAR\r\n",
        b"END:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nEND:VTODO\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".encode("utf-16"),
        b"BEGIN:X\n" * (edit.MAX_DEPTH + 1) + b"END:X\n" * (edit.MAX_DEPTH + 1),
        b"BEGIN:X\n" + b"\n" * (edit.MAX_LINES + 1) + b"END:X\n",
    ],
)
def test_what_is_not_whole_is_not_fit_to_be_changed(body: bytes) -> None:
    with pytest.raises(NotEditable):
        parsed(body)


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("DUE:1", "DUE:2"),
        ('DUE;TZID="a:b";X=1,2:1:2', 'DUE;TZID="a:b";X=1,2:2'),
        ("DUE;VALUE=DATE:", "DUE;VALUE=DATE:2"),
    ],
)
def test_a_value_is_changed_and_its_parameters_stay(line: str, changed: str) -> None:
    assert with_value(line, "2") == changed


@pytest.mark.parametrize(
    ("line", "value", "changed"),
    [
        ("ATTENDEE:mailto:a", "ACCEPTED", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a"),
        ("ATTENDEE;partstat=X;CN=A:mailto:a", "Y", "ATTENDEE;partstat=Y;CN=A:mailto:a"),
        ('ATTENDEE;CN="A;B:C";PARTSTAT="X":a', "Y", 'ATTENDEE;CN="A;B:C";PARTSTAT=Y:a'),
        ("ATTENDEE;PARTSTAT=X;A=1;PARTSTAT=Z:a", "Y", "ATTENDEE;PARTSTAT=Y;A=1:a"),
        ("ATTENDEE;A=1;PARTSTAT=X:a", None, "ATTENDEE;A=1:a"),
        ('ATTENDEE;CN="A \\"B\\"":a', "Y", 'ATTENDEE;CN="A \\"B\\"";PARTSTAT=Y:a'),
    ],
)
def test_a_parameter_is_set_in_its_place(line: str, value: str | None, changed: str) -> None:
    assert with_parameter(line, "PARTSTAT", value) == changed


@pytest.mark.parametrize("line", ["", "X", "X;a", 'X;A="b:c', ";A=1:b"])
def test_a_line_that_makes_no_sense_is_not_taken_apart(line: str) -> None:
    with pytest.raises(NotEditable):
        split_line(line)
