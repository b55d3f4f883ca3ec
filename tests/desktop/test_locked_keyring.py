"""A keyring that is locked or late: waited for, never a sign-out."""

from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession

WAITING = "Todoist: waiting for your keyring"


def connection(oo: RunningOo) -> str:
    (account,) = oo.ask("integrations")
    return str(account["connection"])


def test_a_keyring_locked_at_start_is_waited_for_and_used_once_unlocked(
    desktop: DesktopSession, connected: RunningOo
) -> None:
    connected.stop()
    desktop.keyring.lock()

    connected.start()
    connected.menu.wait_for(WAITING, within=30)
    connected.menu.wait_for("Send the grant report")
    desktop.keyring.unlock()

    wait_until(lambda: connection(connected) == "ok", "the tasks", within=60, every=0.2)
    assert desktop.notifications.received() == []


def test_a_keyring_that_comes_late_is_waited_for(
    desktop: DesktopSession, connected: RunningOo
) -> None:
    connected.stop()
    desktop.keyring_daemon.stop()

    connected.start()
    connected.menu.wait_for(WAITING, within=30)
    connected.menu.wait_for("Send the grant report")
    desktop.keyring_daemon.start()

    wait_until(lambda: connection(connected) == "ok", "the tasks", within=60, every=0.2)
    assert desktop.notifications.received() == []
