"""Hold figures, and print them in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """Is one line of the table: medians of `oo`, and of the floor where it can be measured too.

    limit: what the ratio (or, without a floor, the figure itself) shall not exceed.
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
        value = self.ratio if self.floor else median(self.oo)
        if self.limit is None or value is None:
            return ""
        return "within" if value <= self.limit else "OVER"


def table(figures: Sequence[Figure]) -> str:
    """Return all figures as aligned text; medians, with least and most in brackets."""
    rows = [("", "floor", "oO", "ratio", "limit", "")]
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        limit = "" if figure.limit is None else _limit(figure)
        floor, oo = (_spread(values, figure.unit) for values in (figure.floor, figure.oo))
        rows.append((figure.name, floor, oo, ratio, limit, figure.verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join([row[0].ljust(len(first)), *others]).rstrip())
    return "\n".join(lines)


def _limit(figure: Figure) -> str:
    return f"{figure.limit:.2f}" if figure.floor else f"{figure.limit:g} {figure.unit}"


def _spread(values: Sequence[float], unit: str) -> str:
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.1f} {unit}"
    return f"{median(values):.1f} {unit} [{min(values):.1f}–{max(values):.1f}]"
