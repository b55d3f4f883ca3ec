"""Hold figures and curves, and print them in tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """Is one line of the table: medians of `oo`, and of the floor where it can be measured too.

    limit: what the ratio shall not exceed; the figure itself, where there is no floor or it is 0.
    """

    name: str
    unit: str
    oo: Sequence[float]
    floor: Sequence[float] = ()
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        base = median(self.floor) if self.floor else 0
        return median(self.oo) / base if base else None

    @property
    def verdict(self) -> str:
        value = median(self.oo) if self.ratio is None else self.ratio
        if self.limit is None:
            return ""
        return "within" if value <= self.limit else "OVER"


@dataclass(frozen=True)
class Point:
    """Is what was measured, each time, with so much of what grows."""

    of: int
    oo: Sequence[float]


@dataclass(frozen=True)
class Curve:
    """Is a figure that grows. over: with what, in words; least first in `points`."""

    name: str
    unit: str
    over: str
    points: Sequence[Point]


def table(figures: Sequence[Figure]) -> str:
    """Return all figures as aligned text; medians, with least and most in brackets."""
    rows = [("", "floor", "oO", "ratio", "limit", "")]
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        limit = "" if figure.limit is None else limit_text(figure)
        floor, oo = (_spread(values, figure.unit) for values in (figure.floor, figure.oo))
        rows.append((figure.name, floor, oo, ratio, limit, figure.verdict))
    return aligned(rows)


def curves_table(curves: Sequence[Curve]) -> str:
    """Return all curves as aligned text, a line for each point."""
    rows = [("", "with", "oO")]
    rows += [
        (curve.name, f"{point.of:,} {curve.over}", _spread(point.oo, curve.unit))
        for curve in curves
        for point in curve.points
    ]
    return aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of equally many cells as text in columns, all but the first to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join([row[0].ljust(len(first)), *others]).rstrip())
    return "\n".join(lines)


def limit_text(figure: Figure) -> str:
    """Return its limit as people read it: a ratio, or with its unit."""
    if figure.ratio is None:
        return f"{figure.limit:g} {figure.unit}".rstrip()
    return f"{figure.limit:.2f}"


def _spread(values: Sequence[float], unit: str) -> str:
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.1f} {unit}".rstrip()
    return f"{median(values):.1f} {unit} [{min(values):.1f}–{max(values):.1f}]".replace("  ", " ")
