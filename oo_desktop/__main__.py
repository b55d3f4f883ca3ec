"""Runs as `python -m oo_desktop` and as the command `oo-desktop`."""

import gc
import sys

from oo_desktop.processes import KEYRING


def main() -> int:
    """Do what the command line says; returns the exit code.

    One word is for oO itself: `processes.child_command` says it.
    """
    if sys.argv[1:] == [KEYRING]:
        from oo_desktop.integrations.keyring_child import serve_parent

        return serve_parent()
    return _without_collector()


def _without_collector() -> int:
    """A command ends before there is much garbage, and looking for it takes a tenth of its time:
    while it imports, and at its end, through all that is frozen here.

    What stays, such as the tray, turns the collector on.
    """
    gc.disable()
    from oo_desktop.cli import main as command_line

    code = command_line()
    if not gc.isenabled():
        gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(main())
