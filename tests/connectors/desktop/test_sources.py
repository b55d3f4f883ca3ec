"""Which lists the registry has, and what they are called."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.desktop.sources import (
    MAX_LISTS,
    ConnectionStatus,
    List,
    ListKind,
    lists_from_objects,
    locales,
    sections_from_text,
)
from oo_desktop.connectors.desktop.wire import SOURCE_INTERFACE
from tests.connectors.desktop.service import account_file, key_file

HERE = account_file("On This Computer")


def lists(language: str = "C", status: str = "", **files: str) -> tuple[List, ...]:
    """files: key files by the UIDs of their sources."""
    return lists_from_objects(
        {
            f"/Source_{number}": {
                SOURCE_INTERFACE: {"UID": uid, "Data": data, "ConnectionStatus": status}
            }
            for number, (uid, data) in enumerate(files.items())
        },
        language,
    )


def test_a_task_list_is_what_its_key_file_says() -> None:
    (one,) = lists(tasks=key_file("Personal", parent="local"), local=HERE)
    assert one == List(
        uid="tasks",
        kind=ListKind.TASKS,
        name="Personal",
        color="#BECEDD",
        group="On This Computer",
        backend="local",
        selected=True,
    )


def test_a_calendar_is_one() -> None:
    (one,) = lists(cal=key_file("Work", kind="Calendar"))
    assert (one.kind, one.group) == (ListKind.CALENDAR, None)


@pytest.mark.parametrize("kind", ["Memo List", "Address Book", "Mail Account", "Collection"])
def test_nothing_else_is_a_list(kind: str) -> None:
    assert lists(other=key_file("Other", kind=kind)) == ()


@pytest.mark.parametrize(
    "data",
    [
        key_file("Tasks").replace("Enabled=true", "Enabled=false"),
        key_file("Tasks") + "Enabled=false\n",
        key_file("Forecast", kind="Calendar", backend="weather"),
        "",
        "[Task List",
    ],
    ids=["source", "section", "weather", "empty", "cut"],
)
def test_what_is_off_is_left_out(data: str) -> None:
    assert lists(tasks=data) == ()


def test_what_is_below_something_that_is_off_is_left_out() -> None:
    off = account_file("Ann").replace("Enabled=true", "Enabled=false")
    between = account_file("Between").replace("Parent=", "Parent=ann")
    assert lists(tasks=key_file("Tasks", parent="between"), between=between, ann=off) == ()


def test_sources_that_lead_round_in_a_circle_are_on() -> None:
    found = lists(
        tasks=key_file("Tasks", parent="a"),
        a=account_file("A").replace("Parent=", "Parent=b"),
        b=account_file("B").replace("Parent=", "Parent=a"),
    )
    assert [one.uid for one in found] == ["tasks"]


@pytest.mark.parametrize(
    ("data", "selected"),
    [
        (key_file("Tasks"), True),
        (key_file("Tasks", selected=False), False),
        (key_file("Birthdays", kind="Calendar", backend="contacts"), False),
    ],
    ids=["selected", "not", "birthdays"],
)
def test_it_is_ticked_as_gnome_shows_it_but_for_birthdays(data: str, *, selected: bool) -> None:
    assert [one.selected for one in lists(tasks=data)] == [selected]


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("de_AT.UTF-8", "Servus"),
        ("de_DE.UTF-8", "Privat"),
        ("de", "Privat"),
        ("sr_RS@latin", "Lično"),
        ("fr_FR", "Personal"),
        ("C.UTF-8", "Personal"),
        ("", "Personal"),
    ],
)
def test_it_is_called_as_in_the_users_language(language: str, name: str) -> None:
    more = "DisplayName[de]=Privat\nDisplayName[de_AT]=Servus\nDisplayName[sr@latin]=Lično"
    assert [one.name for one in lists(language, tasks=key_file("Personal", more=more))] == [name]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ann\\sand\\nBob", "Ann and Bob"),
        ("C:\\\\Temp", "C:\\Temp"),
        ("\u202eevil", "evil"),
        ("a=b [c]", "a=b [c]"),
        ("", "tasks"),
        ("x" * 500, "x" * 99 + "…"),
    ],
)
def test_a_name_is_one_line_of_plain_text(written: str, name: str) -> None:
    assert [one.name for one in lists(tasks=key_file(written))] == [name]


@pytest.mark.parametrize(
    ("written", "color"),
    [
        ("#becedd", "#BECEDD"),
        ("#beefcedeadda", "#BECEAD"),
        ("red", None),
        ("#becedd;x", None),
        ("", None),
    ],
)
def test_a_color_is_six_digits_or_none(written: str, color: str | None) -> None:
    assert [one.color for one in lists(tasks=key_file("T", color=written))] == [color]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("awaiting-credentials", ConnectionStatus.AWAITING_CREDENTIALS),
        ("", ConnectionStatus.UNKNOWN),
        ("on-the-moon", ConnectionStatus.UNKNOWN),
    ],
)
def test_its_status_is_one_of_those_there_are(said: str, status: ConnectionStatus) -> None:
    assert [one.status for one in lists(tasks=key_file("T"), status=said)] == [status]


def test_lists_are_in_the_order_of_their_accounts() -> None:
    found = lists(
        z=key_file("z", parent="ann"),
        b=key_file("b", parent="bob"),
        a=key_file("A", parent="ann"),
        c=key_file("c", parent="ann", kind="Calendar"),
        bob=account_file("Bob"),
        ann=account_file("Ann"),
    )
    assert [one.uid for one in found] == ["c", "a", "z", "b"]


def test_there_are_only_so_many() -> None:
    assert len(lists(**{f"t{n}": key_file("T") for n in range(MAX_LISTS + 5)})) == MAX_LISTS


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"UID": 5, "Data": key_file("T")},
        {"UID": "a\nb", "Data": key_file("T")},
        {"UID": "t", "Data": None},
        {"UID": "t", "Data": key_file("T") + "#" * 300_000},
        {"UID": "t" * 301, "Data": key_file("T")},
    ],
)
def test_a_source_of_which_something_makes_no_sense_is_left_out_alone(
    properties: dict[str, Any],
) -> None:
    good = {"UID": "good", "Data": key_file("Good")}
    objects = {"/1": {SOURCE_INTERFACE: properties}, "/2": {SOURCE_INTERFACE: good}, "/3": {}}
    assert [one.uid for one in lists_from_objects(objects, "C")] == ["good"]


@given(st.text())
def test_any_text_is_read_as_a_key_file(text: str) -> None:
    assert all(key == key.rstrip() for keys in sections_from_text(text).values() for key in keys)


def test_the_variants_of_a_language_go_from_the_best_to_the_last() -> None:
    assert locales("sr_RS.UTF-8@latin") == ("sr_RS@latin", "sr_RS", "sr@latin", "sr")
