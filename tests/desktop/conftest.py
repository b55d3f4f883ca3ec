"""Give each test of this folder the one desktop session and the one sandbox, as if fresh."""

from collections.abc import Iterator
from itertools import count

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession

_numbers = count()


@pytest.fixture(scope="session")
def desktop_session() -> Iterator[DesktopSession]:
    with DesktopSession() as session:
        yield session


@pytest.fixture
def desktop(desktop_session: DesktopSession) -> Iterator[DesktopSession]:
    """Yield the session with all parts running, an empty screen, an open and empty keyring."""
    desktop_session.reset()
    yield desktop_session
    desktop_session.end_spawned()


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    """Return a Todoist in which Ada has her tasks, no app is connected and nothing goes wrong."""
    sandbox_process.control("clear_faults")
    sandbox_process.control("reset", apps=True)
    return sandbox_process


@pytest.fixture
def oo(desktop: DesktopSession, sandbox: SandboxProcess) -> Iterator[RunningOo]:
    """Yield oO with a new home, pointed at the sandbox; not started. It must end well."""
    oo = RunningOo(desktop, sandbox, name=f"oo-{next(_numbers)}")
    yield oo
    oo.end_well()


@pytest.fixture
def connected(oo: RunningOo) -> RunningOo:
    """Return oO running, connected with a personal token, its tasks in the menu.

    Quicker than the browser; `test_sign_in.py` and `test_reconnect.py` go through that.
    """
    oo.start_connected()
    oo.menu.wait_for("Send the grant report")
    return oo
