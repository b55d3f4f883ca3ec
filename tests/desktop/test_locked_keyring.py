"""A keyring that is locked or late: waited for, never a sign-out."""

from collections.abc import Callable

import pytest

from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession
from tests.desktop.test_tasks import REPORT

WAITING = "Todoist: waiting for your keyring"

Change = Callable[[DesktopSession], None]


def connection(oo: RunningOo) -> str:
    (account,) = oo.ask("integrations")
    return str(account["connection"])


@pytest.mark.parametrize(
    ("close", "open_again"),
    [
        pytest.param(lambda d: d.keyring.lock(), lambda d: d.keyring.unlock(), id="locked"),
        pytest.param(
            lambda d: d.keyring_daemon.stop(), lambda d: d.keyring_daemon.start(), id="late"
        ),
    ],
)
def test_a_keyring_that_is_locked_at_start_or_comes_late_is_waited_for_and_used(
    desktop: DesktopSession, connected: RunningOo, close: Change, open_again: Change
) -> None:
    connected.stop()
    desktop.notifications.clear()
    close(desktop)

    connected.start()
    connected.menu.wait_for(WAITING, within=30)
    connected.menu.wait_for(REPORT)
    open_again(desktop)

    wait_until(lambda: connection(connected) == "ok", "the tasks", within=60, every=0.2)
    assert desktop.notifications.received() == []
