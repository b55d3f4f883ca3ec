"""What oO writes down about a component names it and no other."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.desktop.wire import (
    MAX_SIGNAL_ID,
    MAX_UNDO,
    Named,
    UndoWire,
    is_uid,
    named_from_id,
    signal_id,
    uids_query,
    undo_from_text,
    undo_text,
)

TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)
STAMPS = st.sampled_from([None, "20261129", "20261129T083000Z"])
NAMED = st.builds(Named, TEXTS, TEXTS, STAMPS)


@given(named=NAMED, other=NAMED)
def test_an_id_names_one_component(named: Named, other: Named) -> None:
    made = signal_id(named)
    if made is not None:
        assert named_from_id(made) == named
    assert made is None or named == other or made != signal_id(other)


def test_an_id_is_readable_where_the_uids_are() -> None:
    named = Named("system-task-list", "1@example.com", "20261129")
    assert signal_id(named) == "system-task-list#1@example.com#20261129"


@pytest.mark.parametrize(
    "text",
    [
        *("", "#", "a", "a#", "#b", "a#b#", "a#b#c", "a#b#20261129#", "a#b#20261129T0830"),
        *("a/b#c", "a%2fb#c", "a%#b", "a%FF#b", "a%0A#b", "a%00#b", "a#b#%32%30261129", "\ud800#b"),
        "a#" + "b" * MAX_SIGNAL_ID,
    ],
)
def test_what_was_never_an_id_names_nothing(text: str) -> None:
    assert named_from_id(text) is None


@given(text=st.text(max_size=40))
def test_any_text_names_nothing_or_is_the_id_of_what_it_names(text: str) -> None:
    named = named_from_id(text)
    assert named is None or signal_id(named) == text


@pytest.mark.parametrize("uid", ["", "a\nb", "a\0b", "\ud800", "b" * MAX_SIGNAL_ID])
def test_what_cannot_be_asked_for_has_no_id(uid: str) -> None:
    assert signal_id(Named("a", uid)) is None
    assert signal_id(Named(uid, "a")) is None


UNDO = UndoWire("list", "1", "20261129", {"DUE": "DUE:20261129"}, {"RRULE": "RRULE:FREQ=DAILY"})


def test_an_undo_comes_back_as_it_was() -> None:
    assert undo_from_text(undo_text(UNDO), "list#1#20261129") == UNDO


@pytest.mark.parametrize(
    "id_", ["list#1", "list#2#20261129", "other#1#20261129", "list#1#20261130"]
)
def test_an_undo_of_another_signal_is_none(id_: str) -> None:
    assert undo_from_text(undo_text(UNDO), id_) is None


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"list_uid": 1}', "\ud800", "[" * 100_000])
def test_an_undo_that_makes_no_sense_is_none(text: str | None) -> None:
    assert undo_from_text(text, "list#1#20261129") is None


def test_an_undo_that_is_absurdly_long_is_none() -> None:
    assert undo_text(UndoWire("a", "b", lines={"RRULE": "x" * MAX_UNDO})) is None


def test_what_needs_not_be_said_is_not_kept() -> None:
    text = undo_text(UndoWire("a", "b"))
    assert text is not None
    assert msgspec.json.decode(text) == {"list_uid": "a", "uid": "b"}


def test_a_query_asks_for_all_that_is_named() -> None:
    assert uids_query(["1"]) == '(uid? "1")'
    assert uids_query(["1", "2"]) == '(or (uid? "1") (uid? "2"))'


def test_a_uid_never_ends_the_text_it_is_in() -> None:
    assert uids_query(['a") #t (uid? "b\\']) == r'(uid? "a\") #t (uid? \"b\\")'


@given(uid=TEXTS.filter(is_uid))
def test_a_query_says_the_uid_as_it_is(uid: str) -> None:
    said = uids_query([uid]).removeprefix('(uid? "').removesuffix('")')
    assert '"' not in said.replace("\\\\", "").replace('\\"', "")
    assert said.replace('\\"', '"').replace("\\\\", "\\") == uid
