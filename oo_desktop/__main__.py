"""Runs as `python -m oo_desktop` and as the command `oo-desktop`."""

import sys

from oo_desktop.processes import KEYRING


def main() -> int:
    """Do what the command line says; returns the exit code.

    One word is for oO itself: `processes.child_command` says it.
    """
    if sys.argv[1:] == [KEYRING]:
        from oo_desktop.integrations.keyring_child import serve_parent

        return serve_parent()
    from oo_desktop.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
