"""What runs around the engine, as far as a story with a real display does not show it."""

import asyncio
from pathlib import Path
from typing import Any, cast

from oo_desktop.app.shell import Shell
from oo_desktop.config import Settings
from oo_desktop.folders import Folders
from oo_desktop.ipc import InstanceLock
from oo_desktop.ui.qt.tray import Tray
from oo_desktop.ui.view.view_model import TrayView


class Screen:
    """Where a tray would be: what is rendered on it."""

    def __init__(self) -> None:
        self.rendered: list[TrayView] = []

    def render(self, view: TrayView) -> None:
        self.rendered.append(view)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nobody asks for {name} here")


async def test_a_machine_that_wakes_sees_at_once_what_time_has_changed(tmp_path: Path) -> None:
    """Also where no account can be polled, whose answer would render: timers stood still."""
    screen = Screen()
    shell = Shell(
        tray=cast("Tray", screen),
        folders=Folders(tmp_path, tmp_path, tmp_path),
        settings=Settings(),
        lock=cast("InstanceLock", None),
        demo=None,
        headless=False,
    )
    shell._poll_soon()
    shell._poll_soon()  # the clock is set as well: once is enough for both
    await asyncio.sleep(0.01)
    assert len(screen.rendered) == 1
