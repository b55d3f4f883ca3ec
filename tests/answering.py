"""Whether an oO that was started answers yet, asked in the test's own process."""

from pathlib import Path

from oo_desktop.ipc import CommandError, InstanceError, NotRunning, ask


def answers(home: Path) -> bool:
    """home: its OO_DESKTOP_HOME."""
    try:
        ask(home / "run", "status")
    except (NotRunning, InstanceError, CommandError):
        return False
    return True
