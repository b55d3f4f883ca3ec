"""Few rows are numbered anew, whatever happens to a list."""

from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.store.ordering import POSITION_GAP, assign_positions

ids = st.lists(st.integers(0, 12).map(str), unique=True)


def numbered(ids: list[str], before: dict[str, int] | None = None) -> dict[str, int]:
    return dict(zip(ids, assign_positions(ids, before or {}), strict=True))


@given(st.lists(ids, max_size=6))
def test_numbers_rise_along_the_list_whatever_came_before(lists: list[list[str]]) -> None:
    before: dict[str, int] = {}
    for each in lists:
        before = numbered(each, before)
        numbers = [before[id_] for id_ in each]
        assert numbers == sorted(set(numbers))
        assert all(number >= 0 for number in numbers)


@given(ids, st.sets(st.integers(0, 12).map(str)))
def test_what_leaves_a_list_renumbers_nothing(old: list[str], gone: set[str]) -> None:
    before = numbered(old)
    left = [id_ for id_ in old if id_ not in gone]
    assert numbered(left, before) == {id_: before[id_] for id_ in left}


@given(ids, st.data())
def test_what_moves_or_is_new_is_all_that_is_numbered(old: list[str], data: st.DataObject) -> None:
    before = numbered(old)
    moved = data.draw(st.sampled_from([*old, "new"]))
    rest = [id_ for id_ in old if id_ != moved]
    rest.insert(data.draw(st.integers(0, len(rest))), moved)
    after = numbered(rest, before)
    assert sum(after[id_] != before.get(id_) for id_ in rest) <= 1


@given(st.dictionaries(st.integers(0, 12).map(str), st.integers(0, 9)), ids)
def test_numbers_of_any_origin_will_do(before: dict[str, int], now: list[str]) -> None:
    numbers = assign_positions(now, before)
    assert numbers == sorted(set(numbers))
    assert len(numbers) == len(now)


def test_where_there_is_no_room_left_all_are_numbered_anew() -> None:
    after = numbered(["a", "new", "b"], {"a": 0, "b": 1})
    assert after == {"a": POSITION_GAP, "new": 2 * POSITION_GAP, "b": 3 * POSITION_GAP}
    assert numbered(["newer", "a", "new", "b"], after) == {**after, "newer": POSITION_GAP // 2 - 1}
