"""Reads the plainest command lines: a command, its id where it takes one, and `--json`.

Scripts and panels ask these again and again, and `argparse` with all there is to explain takes a
fifth of the time of each. Everything else, and whatever is wrong, `arguments.py` reads.
"""

from __future__ import annotations

from types import SimpleNamespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

ALONE = frozenset(
    {"show", "status", "signals", "outbox", "join", "refresh", "integrations", "watch", "quit"}
)
"""Commands that take nothing."""

WITH_ID = frozenset({"done", "discard"})
"""Commands that take one signal."""


def plainly_parsed(words: Sequence[str]) -> argparse.Namespace | None:
    """Return what `arguments.parsed` makes of `words`; None: it takes that to know."""
    command, *ids = [word for word in words if word != "--json"] or [""]
    if len(ids) != (command in WITH_ID) or command not in ALONE | WITH_ID:
        return None
    if any(each.startswith("-") or not each for each in ids) or len(words) - len(ids) > 2:
        return None
    options = SimpleNamespace(demo=False, add=False, command=command, json="--json" in words)
    if ids:
        options.id = ids[0]
    return options  # type: ignore[return-value]  # it is as good as argparse's
