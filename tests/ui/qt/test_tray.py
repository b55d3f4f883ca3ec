"""The tray icon: when it draws, when it waits, and what a click does."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from oo_desktop.connectors.google_calendar.own_client import HELP
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.ui.qt.client_window import ClientWindow
from oo_desktop.ui.qt.dialogs import SecretDialog
from oo_desktop.ui.qt.icons import Ink
from oo_desktop.ui.qt.tray import Tray
from oo_desktop.ui.view.commands import (
    BringClient,
    Commands,
    Disconnect,
    PasteLink,
    PasteToken,
    Quit,
    Undo,
)
from oo_desktop.ui.view.rows import Row, command_row, separator
from oo_desktop.ui.view.view_model import IconView, Mark, TrayView

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = AccountKey(ProviderId("todoist"), UserId("7"))

# What Qt's offscreen platform says about having neither trays nor window managers.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", "This plugin does not support")

Said = list[tuple[object, ...]]
D = TypeVar("D", bound=QDialog)


def view_of(*rows: Row, icon: IconView | None = None) -> TrayView:
    return TrayView(
        icon=icon or IconView(),
        summary="1 today",
        tooltip=("1 today", "Next: <b>R&D</b>"),
        rows=(*rows, separator("end"), command_row(("quit",), "Quit oO", Quit())),
    )


def undo(number: int, text: str = "") -> Row:
    return command_row(("undo", str(number)), text or f"Undo {number}", Undo(number))


class Views:
    """What the tray asks for when its menu is about to show."""

    def __init__(self) -> None:
        self.current = view_of(undo(1))

    def __call__(self) -> TrayView:
        return self.current


@pytest.fixture
def views() -> Views:
    return Views()


MakeTray = Callable[..., Tray]


@pytest.fixture
def make_tray(qtbot: QtBot, commands: Commands, views: Views) -> Iterator[MakeTray]:
    made: list[Tray] = []

    def make(*, on_no_host: Callable[[], object] = lambda: None, **more: int) -> Tray:
        tray = Tray(ink=Ink.COLOR, **more)
        tray.serve(commands=commands, fresh=views, on_no_host=on_no_host)
        made.append(tray)
        return tray

    yield make
    for tray in made:
        tray.close()


@pytest.fixture
def tray(make_tray: MakeTray, views: Views) -> Tray:
    tray = make_tray()
    tray.render(views.current)
    return tray


def labels(tray: Tray) -> list[str]:
    return [action.text() for action in tray.menu.menu.actions() if not action.isSeparator()]


def icon_of(tray: Tray) -> QSystemTrayIcon:
    return tray.findChildren(QSystemTrayIcon)[-1]


def test_the_icon_shows_with_its_menu_and_tooltip(tray: Tray) -> None:
    icon = icon_of(tray)
    assert icon.isVisible()
    assert icon.contextMenu() is tray.menu.menu
    assert icon.toolTip() == "oO\n1 today\nNext: ‹b›R＆D‹/b›"
    assert labels(tray) == ["Undo 1", "Quit oO"]


def test_an_equal_view_draws_nothing(tray: Tray, views: Views) -> None:
    before = icon_of(tray).icon().cacheKey()
    tray.render(msgspec.structs.replace(views.current))
    tray.render(view_of(undo(1, "other text")))
    assert icon_of(tray).icon().cacheKey() == before
    tray.render(view_of(undo(1), icon=IconView(Mark.ATTENTION, 3)))
    assert icon_of(tray).icon().cacheKey() != before


def test_an_open_menu_keeps_its_shape_until_it_closes(tray: Tray, qtbot: QtBot) -> None:
    tray.menu.menu.aboutToShow.emit()
    tray.render(view_of(undo(2), undo(1)))
    assert labels(tray) == ["Undo 1", "Quit oO"]
    tray.menu.menu.aboutToHide.emit()
    qtbot.waitUntil(lambda: labels(tray) == ["Undo 2", "Undo 1", "Quit oO"])


def test_texts_of_an_open_menu_may_change(tray: Tray) -> None:
    tray.menu.menu.aboutToShow.emit()
    tray.render(view_of(undo(1, "Undo “milk”")))
    assert labels(tray) == ["Undo “milk”", "Quit oO"]


def test_only_the_last_of_several_waiting_views_is_drawn(tray: Tray, qtbot: QtBot) -> None:
    tray.menu.menu.aboutToShow.emit()
    tray.render(view_of(undo(2)))
    tray.render(view_of(undo(1, "as it was")))
    tray.menu.menu.aboutToHide.emit()
    qtbot.wait(5)
    assert labels(tray) == ["as it was", "Quit oO"]


def test_a_host_that_never_says_the_menu_closed_is_waited_for_in_vain_only_so_long(
    make_tray: MakeTray, views: Views, qtbot: QtBot
) -> None:
    tray = make_tray(open_at_most=10)
    tray.render(views.current)
    tray.menu.menu.aboutToShow.emit()
    tray.render(view_of(undo(2)))
    qtbot.waitUntil(lambda: labels(tray) == ["Undo 2", "Quit oO"])


def test_a_menu_about_to_show_is_fresh_even_if_nobody_said_it_closed(
    tray: Tray, views: Views
) -> None:
    tray.menu.menu.aboutToShow.emit()
    views.current = view_of(undo(3))
    tray.menu.menu.aboutToShow.emit()
    assert labels(tray) == ["Undo 3", "Quit oO"]


def test_a_click_closes_the_menu_and_is_carried_out(tray: Tray, said: Said, qtbot: QtBot) -> None:
    tray.menu.menu.aboutToShow.emit()
    tray.menu.menu.actions()[0].trigger()
    assert said == [("undo", 1)]
    assert not tray.open


def test_a_left_click_shows_the_same_menu_at_the_pointer(tray: Tray, said: Said) -> None:
    icon_of(tray).activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    popup.actions()[0].trigger()
    popup.close()
    assert said == [("undo", 1)]


def test_other_ways_to_click_the_icon_do_nothing(tray: Tray) -> None:
    icon_of(tray).activated.emit(QSystemTrayIcon.ActivationReason.MiddleClick)
    assert QApplication.activePopupWidget() is None


def test_another_panel_colour_draws_the_icon_anew(tray: Tray) -> None:
    before = icon_of(tray).icon().cacheKey()
    tray.set_ink(Ink.LIGHT)
    assert icon_of(tray).icon().cacheKey() != before


def test_without_a_tray_host_that_is_said_once(make_tray: MakeTray, qtbot: QtBot) -> None:
    told: list[bool] = []
    make_tray(host_patience=5, on_no_host=lambda: told.append(True))
    qtbot.waitUntil(lambda: bool(told))
    qtbot.wait(20)
    assert told == [True]


def test_a_host_that_comes_gets_a_new_icon_with_the_same_menu(tray: Tray, qtbot: QtBot) -> None:
    old_menu = tray.menu
    old_icon = icon_of(tray)
    tray._host_came()
    qtbot.wait(1)
    assert tray.menu is not old_menu
    assert labels(tray) == ["Undo 1", "Quit oO"]
    assert icon_of(tray) is not old_icon
    assert icon_of(tray).isVisible()


def test_a_pasted_token_goes_where_it_belongs(tray: Tray, said: Said) -> None:
    paste = PasteToken(KEY.provider, "Todoist")
    tray.render(view_of(command_row(("paste",), "Paste…", paste)))
    tray.menu.action(("paste",)).trigger()
    dialog = dialog_of(SecretDialog)
    dialog.field.setText("  secret  ")
    dialog.connect_button.click()
    ((name, *given, _answered),) = said
    assert (name, *given) == ("paste_token", "todoist", "secret")


def test_a_pasted_link_goes_where_it_belongs(tray: Tray, said: Said) -> None:
    paste = PasteLink(ProviderId("ics"), "Calendar link")
    tray.render(view_of(command_row(("paste",), "Add…", paste)))
    tray.menu.action(("paste",)).trigger()
    dialog = dialog_of(SecretDialog)
    assert dialog.field.accessibleName() == "Calendar link"
    dialog.field.setText(" https://calendar.example/secret.ics\n")
    dialog.connect_button.click()
    ((name, *given, _answered),) = said
    assert (name, *given) == ("paste_token", "ics", "https://calendar.example/secret.ics")


def test_the_link_of_an_account_is_asked_for_by_its_name(tray: Tray) -> None:
    given: list[str] = []
    tray.ask_for_link("Team", "In its settings.", lambda link, _answered: given.append(link))
    dialog = dialog_of(SecretDialog)
    assert "Team" in dialog.windowTitle()
    dialog.field.setText("https://calendar.example/new.ics")
    dialog.connect_button.click()
    assert given == ["https://calendar.example/new.ics"]


def test_a_second_question_replaces_the_first(tray: Tray, qtbot: QtBot) -> None:
    paste = PasteToken(KEY.provider, "Todoist")
    tray.render(view_of(command_row(("paste",), "Paste…", paste)))
    tray.menu.action(("paste",)).trigger()
    first = dialog_of(SecretDialog)
    tray.menu.action(("paste",)).trigger()
    assert not first.isVisible()
    assert dialog_of(SecretDialog) is not first


def test_disconnecting_is_confirmed_first(tray: Tray, said: Said) -> None:
    command = Disconnect(KEY, "ana@example.org", 2)
    tray.render(view_of(command_row(("disconnect",), "Disconnect…", command)))
    tray.menu.action(("disconnect",)).trigger()
    box = dialog_of(QMessageBox)
    assert said == []
    next(button for button in box.buttons() if button.text() == "&Disconnect").click()
    assert said == [("disconnect", KEY)]


def dialog_of(kind: type[D]) -> D:
    """The one dialog of that kind that is open."""
    (found,) = (
        widget
        for widget in QApplication.topLevelWidgets()
        if isinstance(widget, kind) and widget.isVisible()
    )
    return found


def test_the_window_for_a_client_opens_once_and_leads_where_it_belongs(
    tray: Tray, said: Said
) -> None:
    google = ProviderId("google_calendar")
    tray.render(view_of(command_row(("client",), "Use another…", BringClient(google, HELP))))
    tray.menu.action(("client",)).trigger()
    window = dialog_of(ClientWindow)
    tray.ask_for_client(google, HELP)
    assert dialog_of(ClientWindow) is window
    window.steps.linkActivated.emit("https://console.cloud.google.com")
    assert said == [("open_url", "https://console.cloud.google.com")]


def test_a_window_for_a_client_that_was_closed_is_released_and_opens_anew(
    tray: Tray, qtbot: QtBot
) -> None:
    tray.ask_for_client(KEY.provider, HELP)
    window = dialog_of(ClientWindow)
    gone: list[bool] = []
    window.destroyed.connect(lambda: gone.append(True))
    window.close()
    qtbot.waitUntil(lambda: bool(gone))
    tray.ask_for_client(KEY.provider, HELP)
    assert dialog_of(ClientWindow).isVisible()
