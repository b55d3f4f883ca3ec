"""Tries oO with the parts of other people's desktops, outside CI.

python -m tests.desktops notifications [--install] [PACKAGE …]
python -m tests.desktops trays FOLDER [--root DIR] [HOST …]
"""

import sys

from tests.desktops import notifications, trays

PARTS = {"notifications": notifications.main, "trays": trays.main}


def main(words: list[str]) -> int:
    """Try the part that the first word names; 1 where oO did wrong."""
    if not words or words[0] not in PARTS:
        print(__doc__, file=sys.stderr)
        return 2
    return PARTS[words[0]](words[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
