"""What oO writes down about a resource is the same however its server spells it."""

import msgspec
import pytest

from oo_desktop.connectors.caldav.wire import MAX_UNDO, UndoWire, signal_id, undo_text


@pytest.mark.parametrize(
    "href", ["/cal/a b@c\u00e9.ics", "/cal/a%20b%40c%C3%A9.ics", "/cal/a%20b@c%c3%a9.ics"]
)
def test_an_id_does_not_depend_on_how_the_path_is_quoted(href: str) -> None:
    assert signal_id(href) == "/cal/a%20b@c%C3%A9.ics"
    assert signal_id(href, "20261129") == "/cal/a%20b@c%C3%A9.ics#20261129"


def test_a_hash_in_a_path_is_not_taken_for_an_occurrence() -> None:
    assert signal_id("/cal/a%23b.ics") == "/cal/a%23b.ics"


def test_an_undo_comes_back_as_it_was() -> None:
    undo = UndoWire("/a.ics", "20261129", {"DUE": "DUE:20261129"}, {"RRULE": "RRULE:FREQ=DAILY"})
    text = undo_text(undo)
    assert text is not None
    assert msgspec.json.decode(text, type=UndoWire) == undo


def test_an_undo_that_is_absurdly_long_is_none() -> None:
    assert undo_text(UndoWire("/a.ics", lines={"RRULE": "x" * MAX_UNDO})) is None
