"""Runs a part of oO in a process of its own.

Such a process starts as quickly as Python can: isolated (no variable of the environment changes
what it imports) and without `site`, whose work its parent has done; it gets the parent's path.
"""

import sys

KEYRING = "keyring-process"
"""The first word of the command line of the process that asks the keyring."""

_START = (
    "import sys; sys.path[:] = sys.argv[2:]; del sys.argv[2:]; "
    "from oo_desktop.__main__ import main; sys.exit(main())"
)


def child_command(word: str) -> list[str]:
    """Return the command line of the process that `word` names to `oo_desktop.__main__`.

    A program that was frozen has no interpreter to give a module to, so it is started itself.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, word]
    return [sys.executable, "-I", "-S", "-c", _START, word, *filter(None, sys.path)]
