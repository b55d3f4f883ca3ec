"""`--demo`: the whole of oO against a Todoist of its own, touching nothing of the user's."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oo_desktop.config import Folders, Settings, settings_from_toml
from oo_desktop.errors import ConfigError


@dataclass(frozen=True)
class Demo:
    """A throw-away folder, and settings that point to the sandbox at `url`."""

    folders: Folders
    settings: Settings
    url: str


@contextmanager
def demo() -> Iterator[Demo]:
    """Run a sandbox for as long as the block lasts. Raises ConfigError where it is not installed."""
    try:
        from oo_desktop.sandbox.process import SandboxProcess, config_toml
    except ImportError as error:
        raise ConfigError("The demo needs its sandbox: pip install 'oo-desktop[sandbox]'.") from error
    with tempfile.TemporaryDirectory(prefix="oo-demo-") as folder, SandboxProcess() as sandbox:
        home = Path(folder)
        settings = "poll_interval = 10\n" + config_toml(sandbox.url)
        (home / "config.toml").write_text(settings, encoding="utf-8")
        yield Demo(Folders(home, home, home), settings_from_toml(settings), sandbox.url)


def visitor_command(url: str) -> list[str]:
    """What stands in for a person with a browser where there is no display."""
    return [sys.executable, "-m", "oo_desktop.sandbox.visitor", url]


def has_display(environment: "os._Environ[str] | dict[str, str]" = os.environ) -> bool:
    """Whether a window could be seen."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
