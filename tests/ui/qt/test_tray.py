"""The tray icon: when it draws, when it waits, and what a click does."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from oo_desktop.commands.commands import (
    AskToDisconnect,
    Command,
    Connect,
    Disconnect,
    Execute,
    KnownUser,
    OpenUrl,
    Quit,
    ShowWindow,
    Undo,
)
from oo_desktop.connectors.google_calendar.own_client import HELP
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import Connecting, Service
from oo_desktop.ui.qt.client_window import ClientWindow
from oo_desktop.ui.qt.dialogs import SecretDialog
from oo_desktop.ui.qt.icons import Ink
from oo_desktop.ui.qt.password_window import PasswordWindow, ServerWindow
from oo_desktop.ui.qt.tray import Tray
from oo_desktop.ui.view.icon import IconView, Mark
from oo_desktop.ui.view.rows import (
    Row,
    TrayView,
    command_row,
    height_of,
    menu_row,
    separator,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAV = Service(id=ProviderId("dav"), name="Dav", connecting=Connecting.PASSWORD, browser="Dav Cloud")
KEY = AccountKey(ProviderId("todoist"), UserId("7"))

# What Qt's offscreen platform says about having neither trays nor window managers.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", "This plugin does not support")

Said = list[Command]
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
def make_tray(qtbot: QtBot, execute: Execute, views: Views) -> Iterator[MakeTray]:
    made: list[Tray] = []

    def make(*, on_no_host: Callable[[], object] = lambda: None, **more: Any) -> Tray:
        tray = Tray(ink=Ink.LIGHT, **more)
        tray.serve(execute=execute, fresh=views, on_no_host=on_no_host)
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
    actions = tray.menu.menu.actions()
    return [each.text() for each in actions if each.isVisible() and not each.isSeparator()]


def icon_of(tray: Tray) -> QSystemTrayIcon:
    return tray.findChildren(QSystemTrayIcon)[-1]


def test_the_icon_shows_with_its_menu_and_tooltip(tray: Tray) -> None:
    icon = icon_of(tray)
    assert icon.isVisible()
    assert icon.contextMenu() is tray.menu.menu
    assert icon.toolTip() == "oO\n1 today\nNext: ‹b›R&D‹/b›"
    assert labels(tray) == ["Undo 1", "Quit oO"]


def test_an_equal_view_draws_nothing(tray: Tray, views: Views) -> None:
    before = icon_of(tray).icon().cacheKey()
    tray.render(msgspec.structs.replace(views.current))
    tray.render(view_of(undo(1, "other text")))
    assert icon_of(tray).icon().cacheKey() == before
    tray.render(view_of(undo(1), icon=IconView(Mark.ATTENTION, 3)))
    assert icon_of(tray).icon().cacheKey() != before


def test_a_task_less_of_many_draws_no_new_icon(tray: Tray) -> None:
    tray.render(view_of(undo(1), icon=IconView(due=12)))
    before = icon_of(tray).icon().cacheKey()
    tray.render(view_of(undo(2), icon=IconView(due=11)))
    assert icon_of(tray).icon().cacheKey() == before
    tray.render(view_of(undo(3), icon=IconView(due=9)))
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


def test_a_command_that_stays_in_an_open_menu_says_at_once_what_is_new(tray: Tray) -> None:
    tray.render(view_of(undo(1, "Refreshing …")))
    tray.menu.menu.aboutToShow.emit()
    tray.render(view_of(undo(2), undo(1, "Refresh")))
    assert labels(tray) == ["Refresh", "Quit oO"]
    tray.render(view_of(undo(1, "Refreshing …")))
    assert labels(tray) == ["Refreshing …", "Quit oO"]


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
    tray = make_tray(open_at_most=10, find_host=lambda _bus: "xfce4-panel")
    tray.render(views.current)
    tray.menu.menu.aboutToShow.emit()
    tray.render(view_of(undo(2)))
    qtbot.waitUntil(lambda: labels(tray) == ["Undo 2", "Quit oO"])


def test_a_host_that_says_when_a_menu_closes_is_waited_for(
    make_tray: MakeTray, views: Views, qtbot: QtBot
) -> None:
    tray = make_tray(open_at_most=10, find_host=lambda _bus: "lxqt-panel")
    tray.render(views.current)
    tray.menu.menu.aboutToShow.emit()
    tray.render(view_of(undo(2)))
    qtbot.wait(30)
    assert labels(tray) == ["Undo 1", "Quit oO"]
    tray.menu.menu.aboutToHide.emit()
    qtbot.waitUntil(lambda: labels(tray) == ["Undo 2", "Quit oO"])


def test_a_menu_that_was_open_is_closed_with_its_host(make_tray: MakeTray, views: Views) -> None:
    tray = make_tray(find_host=lambda _bus: "lxqt-panel")
    tray.render(views.current)
    tray.menu.menu.aboutToShow.emit()
    tray._host_came()
    assert not tray.open


def test_a_menu_about_to_show_is_fresh_even_if_nobody_said_it_closed(
    tray: Tray, views: Views
) -> None:
    tray.menu.menu.aboutToShow.emit()
    views.current = view_of(undo(3))
    tray.menu.menu.aboutToShow.emit()
    assert labels(tray) == ["Undo 3", "Quit oO"]


@pytest.mark.parametrize(
    ("host", "shown"),
    [("waybar", ["2 more …", "Quit oO"]), ("lxqt-panel", ["Undo 1", "Undo 2", "Quit oO"])],
)
def test_a_menu_that_cannot_grow_as_it_opens_folds_what_is_new_until_it_has_closed(
    make_tray: MakeTray, execute: Execute, host: str, shown: list[str], qtbot: QtBot
) -> None:
    tray = make_tray(find_host=lambda _bus: host)
    tray.render(view_of(undo(1)))
    whole, folded = view_of(undo(1), undo(2)), view_of(menu_row(("more",), "2 more …", ()))
    fits = height_of(whole.rows)
    tray.serve(execute=execute, fresh=lambda: whole if tray.room >= fits else folded)
    tray.menu.menu.aboutToShow.emit()
    assert labels(tray) == shown
    tray.menu.menu.aboutToHide.emit()
    qtbot.waitUntil(lambda: labels(tray) == ["Undo 1", "Undo 2", "Quit oO"])


def test_gnome_asking_for_the_menu_of_a_new_icon_is_no_opening(
    make_tray: MakeTray, views: Views
) -> None:
    tray = make_tray(find_host=lambda _bus: "gnome-shell")
    tray.render(views.current)
    tray.menu.menu.aboutToShow.emit()  # its extension does, when the icon has registered
    assert not tray.open
    tray.render(view_of(undo(2)))
    assert labels(tray) == ["Undo 2", "Quit oO"]
    tray.menu.menu.aboutToShow.emit()
    assert tray.open


def test_a_host_that_comes_back_asks_for_the_menu_again(make_tray: MakeTray, views: Views) -> None:
    tray = make_tray(find_host=lambda _bus: "gnome-shell")
    tray.render(views.current)
    tray.menu.menu.aboutToShow.emit()
    tray._host_came()
    tray.menu.menu.aboutToShow.emit()
    assert not tray.open


def test_any_other_host_opens_the_menu_it_asks_for(make_tray: MakeTray, views: Views) -> None:
    tray = make_tray(find_host=lambda _bus: "xfce4-panel")
    tray.render(views.current)
    tray.menu.menu.aboutToShow.emit()
    assert tray.open


def test_another_host_gets_labels_by_its_own_rule(make_tray: MakeTray) -> None:
    hosts = ["xfce4-panel", "gnome-shell"]
    tray = make_tray(find_host=lambda _bus: hosts[0])
    tray.render(view_of(undo(1, "a_b_c")))
    assert labels(tray)[0] == "a__b__c"
    del hosts[0]
    tray._host_came()
    assert labels(tray)[0] == "a__b_c"


def test_another_host_gets_the_tooltip_as_it_reads_it(make_tray: MakeTray) -> None:
    hosts = ["xfce4-panel", "waybar"]
    tray = make_tray(find_host=lambda _bus: hosts[0])
    tray.render(view_of())
    assert icon_of(tray).toolTip().endswith("Next: ‹b›R&D‹/b›")
    del hosts[0]
    tray._host_came()
    assert icon_of(tray).toolTip().endswith("Next: &lt;b&gt;R&amp;D&lt;/b&gt;")


def test_tall_rows_leave_room_for_fewer(make_tray: MakeTray) -> None:
    height = QApplication.primaryScreen().geometry().height()
    gnome = make_tray(find_host=lambda _bus: "gnome-shell").room
    assert gnome == (height - 32 - 20) / 39 - 2.5  # where submenus open within the menu
    assert make_tray(find_host=lambda _bus: "xfce4-panel").room > gnome


def test_a_click_closes_the_menu_and_is_carried_out(tray: Tray, said: Said, qtbot: QtBot) -> None:
    tray.menu.menu.aboutToShow.emit()
    tray.menu.menu.actions()[0].trigger()
    assert said == [Undo(1)]
    assert not tray.open


def test_a_left_click_opens_the_window(tray: Tray, said: Said) -> None:
    icon_of(tray).activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert said == [ShowWindow()]


def test_a_right_click_that_a_panel_without_menus_passes_on_opens_the_window(
    make_tray: MakeTray, said: Said
) -> None:
    tray = make_tray(find_host=lambda _bus: "swaybar")
    icon_of(tray).activated.emit(QSystemTrayIcon.ActivationReason.Context)
    assert said == [ShowWindow()]


def test_a_right_click_on_a_menu_that_qt_draws_opens_no_window(tray: Tray, said: Said) -> None:
    icon_of(tray).activated.emit(QSystemTrayIcon.ActivationReason.Context)
    assert said == []


def test_where_no_window_could_be_seen_a_left_click_opens_none(
    make_tray: MakeTray, views: Views, said: Said
) -> None:
    tray = make_tray(can_ask=False)
    tray.render(views.current)
    icon_of(tray).activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert said == []


def test_other_ways_to_click_the_icon_do_nothing(tray: Tray) -> None:
    icon_of(tray).activated.emit(QSystemTrayIcon.ActivationReason.MiddleClick)
    assert QApplication.activePopupWidget() is None


def test_another_panel_colour_draws_the_icon_anew(tray: Tray) -> None:
    before = icon_of(tray).icon().cacheKey()
    tray.set_ink(Ink.DARK)
    assert icon_of(tray).icon().cacheKey() != before


def test_a_host_that_has_but_the_name_is_none(make_tray: MakeTray, qtbot: QtBot) -> None:
    told: list[bool] = []
    tray = make_tray(
        host_patience=5,
        on_no_host=lambda: told.append(True),
        find_host=lambda _bus: "kded6",
        is_empty_name=lambda _bus: True,
    )
    qtbot.waitUntil(lambda: bool(told))
    assert tray.taken_by == "kded6"


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
    tray.ask_for_token(KEY.provider, "Todoist")
    dialog = dialog_of(SecretDialog)
    dialog.field.setText("  secret  ")
    dialog.connect_button.click()
    assert said == [Connect(KEY.provider, token="secret")]


def test_a_pasted_link_goes_where_it_belongs(tray: Tray, said: Said) -> None:
    tray.ask_for_link(ProviderId("ics"), where="In its settings.")
    dialog = dialog_of(SecretDialog)
    assert dialog.field.accessibleName() == "Calendar link"
    dialog.field.setText(" https://calendar.example/secret.ics\n")
    dialog.connect_button.click()
    assert said == [Connect(ProviderId("ics"), token="https://calendar.example/secret.ics")]


def test_the_link_of_an_account_is_asked_for_by_its_name(tray: Tray, said: Said) -> None:
    tray.ask_for_link(KEY.provider, where="In its settings.", user=KEY, label="Team")
    dialog = dialog_of(SecretDialog)
    assert "Team" in dialog.windowTitle()
    dialog.field.setText("https://calendar.example/new.ics")
    dialog.connect_button.click()
    assert said == [Connect(KEY.provider, KEY, token="https://calendar.example/new.ics")]


def test_a_server_with_a_user_name_and_a_password_is_asked_for(tray: Tray, said: Said) -> None:
    tray.ask_for_password(DAV)
    window = dialog_of(PasswordWindow)
    window.server.edit.setText("dav.example")
    window.user_name.edit.setText("ada")
    window.password.edit.setText("s3cret")
    window.connect_button.click()
    (command,) = said
    assert isinstance(command, Connect)
    assert (command.provider, command.user) == (DAV.id, None)


def test_the_password_of_an_account_is_asked_for_again(tray: Tray, said: Said) -> None:
    tray.ask_for_password(DAV, known=KnownUser(KEY, "https://dav.example/", "ada"))
    window = dialog_of(PasswordWindow)
    window.password.edit.setText("s3cret")
    window.connect_button.click()
    (command,) = said
    assert isinstance(command, Connect)
    assert command.user == KEY


def test_a_server_to_sign_in_at_with_the_browser_is_asked_for(tray: Tray, said: Said) -> None:
    tray.ask_for_server(DAV)
    window = dialog_of(ServerWindow)
    window.server.edit.setText("cloud.example")
    window.connect_button.click()
    assert said == [Connect(DAV.id, server="cloud.example")]


def test_a_second_question_replaces_the_first(tray: Tray, qtbot: QtBot) -> None:
    tray.ask_for_token(KEY.provider, "Todoist")
    first = dialog_of(SecretDialog)
    tray.ask_for_token(KEY.provider, "Todoist")
    assert not first.isVisible()
    assert dialog_of(SecretDialog) is not first


def test_disconnecting_is_confirmed_first(tray: Tray, said: Said) -> None:
    tray.ask_to_disconnect(AskToDisconnect(KEY, "ana@example.org", 2))
    box = dialog_of(QMessageBox)
    assert said == []
    next(button for button in box.buttons() if button.text() == "&Disconnect").click()
    assert said == [Disconnect(KEY.provider, KEY)]


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
    tray.ask_for_client(google, HELP)
    window = dialog_of(ClientWindow)
    tray.ask_for_client(google, HELP)
    assert dialog_of(ClientWindow) is window
    window.steps.linkActivated.emit("https://console.cloud.google.com")
    assert said == [OpenUrl("https://console.cloud.google.com")]


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


def test_a_link_is_copied_to_the_clipboard(tray: Tray) -> None:
    tray.copy("https://example.org/sign-in")
    assert QApplication.clipboard().text() == "https://example.org/sign-in"
