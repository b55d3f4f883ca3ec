"""Panels that come late, restart, or are not there."""

from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession
from tests.desktop.tray import TrayItem


def test_a_panel_that_comes_late_gets_the_icon_and_its_menu(
    desktop: DesktopSession, oo: RunningOo
) -> None:
    desktop.tray_host.stop()
    oo.launch()
    oo.await_ready()

    desktop.tray_host.start()

    oo.menu.wait_for("Connect Todoist…")


def test_a_panel_that_restarts_gets_the_same_menu(
    desktop: DesktopSession, connected: RunningOo
) -> None:
    before = str(connected.menu)

    desktop.tray_host.restart()

    connected.menu.wait_for("Send the grant report")
    assert str(connected.menu) == before
    assert len(TrayItem.registered(desktop.bus)) == 1


def test_a_change_of_the_menu_is_told_once(desktop: DesktopSession, connected: RunningOo) -> None:
    connected.menu.wait_for("Send the grant report")
    pid, mark = connected.program.pid, desktop.record.mark()
    connected.menu.click("Send the grant report")  # goes from two menus, and Undo comes
    connected.menu.wait_for("Undo")
    members = [passed.member for passed in desktop.record.sent_by(pid, mark)]
    assert members.count("LayoutUpdated") == 1


def test_without_a_panel_it_says_so_once_and_the_command_line_works(
    desktop: DesktopSession, oo: RunningOo
) -> None:
    desktop.tray_host.stop()
    oo.launch()
    oo.await_ready()

    desktop.notifications.wait_for("tray", within=20)

    assert len(desktop.notifications.received()) == 1
    assert oo.ask("integrations") == []


def test_a_second_start_wakes_the_first_and_adds_no_icon(
    desktop: DesktopSession, connected: RunningOo
) -> None:
    second = connected.say()

    assert second.ended() == 0
    assert connected.program.running
    assert len(TrayItem.registered(desktop.bus)) == 1


def test_quit_in_the_menu_ends_it_and_takes_the_icon_away(
    desktop: DesktopSession, connected: RunningOo
) -> None:
    connected.menu.click("Quit oO")

    assert connected.program.ended() == 0
    wait_until(lambda: not TrayItem.registered(desktop.bus), "the icon to be gone")
