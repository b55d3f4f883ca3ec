"""Lays out columns as wide as what they hold; in a terminal, no wider than that if it can be."""

import unicodedata
from collections.abc import Sequence

from oo_desktop.model.text import JOINERS

COLUMN_GAP = "  "

LAST = 16
"""Columns that are kept for the last cell, mostly an id (Todoist's have as many). A longer one runs
on into the next line by itself: cut, it would be of no use."""

Shrinking = Sequence[tuple[int, int]]
"""Which column may be cut to how little, in this order; to 0: left out."""


def width(text: str) -> int:
    """Return how many columns `text` takes in a terminal."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or char in JOINERS:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def table(
    rows: Sequence[Sequence[str]], *, room: int | None = None, shrinking: Shrinking = ()
) -> str:
    """Lay `rows` out in columns; empty ones are left out.

    room: the columns of the terminal; None: as many as it takes.
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    if room is not None:
        widths = _shrunk(widths, room, shrinking)
    return "\n".join(
        COLUMN_GAP.join(
            _filled(cell, wide, last=number == len(widths) - 1)
            for number, (cell, wide) in enumerate(zip(row, widths, strict=True))
            if wide
        ).rstrip()
        for row in rows
    )


def _shrunk(widths: list[int], room: int, shrinking: Shrinking) -> list[int]:
    for column, least in shrinking:
        taken = [*widths[:-1], min(widths[-1], LAST)]
        over = sum(taken) + len(COLUMN_GAP) * (sum(map(bool, taken)) - 1) - room
        if over > 0 and widths[column] > least:
            widths = [*widths]
            widths[column] = max(widths[column] - over, least)
    return widths


def _filled(cell: str, wide: int, *, last: bool) -> str:
    if not last:
        cell = _cut(cell, wide)
    return cell + " " * (wide - width(cell))


def _cut(cell: str, wide: int) -> str:
    """`cell` in at most `wide` columns, ended by `…` where something is missing."""
    if width(cell) <= wide:
        return cell
    kept, taken = "", 0
    for char in cell:
        taken += _columns(char)
        if taken > wide - 1:
            break
        kept += char
    return kept.rstrip() + "…"
