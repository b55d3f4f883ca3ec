"""One desktop session for all tests of this folder, given to each as if it were fresh."""

from collections.abc import Iterator

import pytest

from tests.desktop.session import DesktopSession


@pytest.fixture(scope="session")
def desktop_session() -> Iterator[DesktopSession]:
    with DesktopSession() as session:
        yield session


@pytest.fixture
def desktop(desktop_session: DesktopSession) -> Iterator[DesktopSession]:
    """The session with every part running, nothing on the screen, the keyring open and empty."""
    desktop_session.reset()
    yield desktop_session
    desktop_session.reset()
