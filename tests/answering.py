"""Whether an oO that was started answers yet, asked in the test's own process."""

from pathlib import Path

from oo_desktop.ipc.client import ask
from oo_desktop.ipc.instance import InstanceError, NotRunning
from oo_desktop.ipc.protocol import CommandError


def answers(home: Path) -> bool:
    """home: its OO_DESKTOP_HOME."""
    try:
        ask(home / "run", "status")
    except (NotRunning, InstanceError, CommandError):
        return False
    return True
