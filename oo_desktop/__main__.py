"""Runs as `python -m oo_desktop` and as the command `oo-desktop`."""

import sys

from oo_desktop.cli import main

if __name__ == "__main__":
    sys.exit(main())
