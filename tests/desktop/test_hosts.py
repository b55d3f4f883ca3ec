"""Three tray hosts and a real pointer: GTK's on X11, one of Wayland, one that embeds windows.

`python -m tests.desktops trays` asks many more hosts, and more of each.
"""

from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktops.hosts import HOSTS
from tests.desktops.screen_reader import ScreenReader
from tests.desktops.stage import HostSession
from tests.desktops.tray_checks import Script


@pytest.mark.parametrize("name", ["xfce4-panel", "waybar", "tint2"])
def test_a_task_is_done_with_the_pointer(
    name: str, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    (host,) = (each for each in HOSTS if each.name == name)

    with HostSession(host) as session, ScreenReader(session.bus) as reader:
        session.start_desktop()
        Script(session, sandbox, reader, tmp_path).do_a_task()
