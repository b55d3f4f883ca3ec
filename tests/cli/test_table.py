"""Lines with columns."""

from oo_desktop.cli.table import table, width

ROWS = [["Review", "Notes & Letters", "1"], ["Pay", "Home", "2"]]


def test_columns_line_up_whatever_the_script() -> None:
    lines = table([["日本語", "x"], ["e\u0301te", "x"], ["plain", "x"]]).split("\n")
    assert {width(line.rpartition("x")[0]) for line in lines} == {8}


def test_an_empty_column_takes_no_room() -> None:
    assert table([["a", "", "b"], ["c", "", "d"]]) == "a  b\nc  d"


def test_where_there_is_room_nothing_is_cut() -> None:
    whole = "Review  Notes & Letters  1\nPay     Home             2"
    assert table(ROWS) == table(ROWS, room=26, shrinking=((1, 0),)) == whole


def test_a_narrow_terminal_cuts_what_may_be_cut_and_no_more_than_it_must() -> None:
    cut = "Review  Notes & Le…  1\nPay     Home         2"
    assert table(ROWS, room=22, shrinking=((1, 0), (0, 4))) == cut
    assert table(ROWS, room=10, shrinking=((1, 0), (0, 4))) == "Review  1\nPay     2"
    assert table(ROWS, room=5, shrinking=((1, 0), (0, 4))) == "Rev…  1\nPay   2"


def test_what_is_cut_keeps_to_its_columns_whatever_the_script() -> None:
    lines = table([["日本語日本語", "x"], ["plain", "x"]], room=9, shrinking=((0, 4),)).split("\n")
    assert lines == ["日本…   x", "plain   x"]


def test_a_long_id_runs_on_and_takes_no_room_from_the_others() -> None:
    long = "id" * 20
    assert table([["Review", long]], room=24, shrinking=((0, 4),)) == f"Review  {long}"
