"""What the menu says of plug-ins: how theirs are connected, and which of them do not work."""

from oo_desktop.commands.commands import PasteToken
from oo_desktop.commands.json import status_json
from oo_desktop.model.signals import ProviderId
from oo_desktop.model.state import AppState, Connecting, Service
from oo_desktop.ui.view.rows import RowKind
from tests.ui.view.views import row, rows_of, shown, texts

NOTES = Service(id=ProviderId("notes"), name="Notes", connecting=Connecting.TOKEN)
BROKEN = "The plug-in “a” is left out: it fails to load (ImportError)."
REPEATED = "The plug-in “b” is left out: there is a connector of that name already."


def test_a_service_without_a_sign_in_is_connected_with_a_token_from_the_first_menu_on() -> None:
    view = shown(AppState(services=(NOTES,)))
    assert "Connect Notes…" in texts(view)
    connect = next(each for each in row(view, "accounts").rows if each.id[0] == "connect")
    assert connect.command == PasteToken(NOTES.id, "Notes")


def test_plug_ins_that_do_not_work_are_named_one_step_away() -> None:
    view = shown(AppState(services=(NOTES,), left_out=(BROKEN, REPEATED)))
    left_out = row(view, "accounts").rows[-1]
    assert left_out.text == "2 plug-ins left out"
    assert [each.text for each in left_out.rows] == [BROKEN, REPEATED]
    assert all(each.command is None for each in left_out.rows)


def test_of_plug_ins_that_work_nothing_is_said() -> None:
    rows = rows_of(shown(AppState(services=(NOTES,))).rows)
    assert not any("plug-in" in each.text for each in rows if each.kind is not RowKind.SEPARATOR)


def test_scripts_are_told_which_plug_ins_do_not_work() -> None:
    assert status_json(AppState(left_out=(BROKEN,)), "1.0")["left_out"] == [BROKEN]
    assert status_json(AppState(), "1.0")["left_out"] == []
