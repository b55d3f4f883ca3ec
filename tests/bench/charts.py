"""Draw figures and curves as SVG, legible on a light page and on a dark one.

A figure is two rows of dots, one for each run, on one axis that begins at 0: the floor's and oO's,
with a line at the median and a dashed one at the limit. A curve stands on axes that begin at 0,
too: what grows in proportion is a straight line.
"""

from collections.abc import Iterator, Sequence
from math import floor, log10
from statistics import median
from xml.sax.saxutils import escape

from tests.bench.figures import Curve, Figure, limit_text

WIDTH, LEFT, RIGHT = 640, 76, 28
PLOT = WIDTH - LEFT - RIGHT
TOP = 52
CURVE_HEIGHT, ROW_HEIGHT = 220, 40
TICKS = 5
"""About so many on an axis."""

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 15px; }
.quiet { fill: #59636e; }
.end { text-anchor: end; } .middle { text-anchor: middle; }
line { stroke: #d1d9e0; stroke-width: 1; }
.oo { fill: #0969da; stroke: #0969da; } .floor { fill: #59636e; stroke: #59636e; }
circle { fill-opacity: .45; stroke: none !important; }
path, line.oo, line.floor { fill: none; stroke-width: 2; }
.limit { stroke: #bc4c00; stroke-dasharray: 5 4; } text.limit { fill: #bc4c00; stroke: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .quiet { fill: #9198a1; } line { stroke: #3d444d; }
  .oo { fill: #4493f8; stroke: #4493f8; } .floor { fill: #9198a1; stroke: #9198a1; }
  .limit { stroke: #db6d28; } text.limit { fill: #db6d28; }
}
"""


def figure_svg(figure: Figure) -> str:
    """Return the runs of a figure, the floor's above oO's."""
    rows = [("oO", "oo", figure.oo)]
    if figure.floor:
        rows.insert(0, ("floor", "floor", figure.floor))
    limit = _limit(figure)
    most = max(*(max(values) for _, _, values in rows), limit or 0.0)
    marks = ticks(most)
    below = TOP + len(rows) * ROW_HEIGHT

    def x(value: float) -> float:
        return LEFT + PLOT * value / marks[-1]

    ratio = "" if figure.ratio is None else f", {figure.ratio:.2f} of the floor"
    said = f"median {_number(median(figure.oo))} {figure.unit}{ratio}"
    parts = [_text(x(tick), below + 18, _number(tick), "quiet middle") for tick in marks]
    parts += [_line(x(tick), TOP - 6, x(tick), below) for tick in marks]
    for row, (name, kind, values) in enumerate(rows):
        y = TOP + row * ROW_HEIGHT + ROW_HEIGHT / 2 - 3
        middle = x(median(values))
        parts.append(_text(LEFT - 10, y + 4, name, "end"))
        parts += [_dot(x(value), y, kind) for value in values]
        parts.append(_line(middle, y - 11, middle, y + 11, kind))
    if limit is not None:
        parts.append(_line(x(limit), TOP - 6, x(limit), below, "limit"))
    quiet = said if figure.limit is None else f"{said} · limit {limit_text(figure)}"
    return _svg(figure.name, quiet, parts, below + 30)


def curve_svg(curve: Curve) -> str:
    """Return a curve through the medians, with a stroke from least to most at each point."""
    across = ticks(max(point.of for point in curve.points))
    up = ticks(max(max(point.oo) for point in curve.points))
    below = TOP + CURVE_HEIGHT

    def x(value: float) -> float:
        return LEFT + PLOT * value / across[-1]

    def y(value: float) -> float:
        return below - CURVE_HEIGHT * value / up[-1]

    parts = []
    for tick in across:
        parts += [
            _line(x(tick), TOP, x(tick), below),
            _text(x(tick), below + 18, _number(tick), "quiet middle"),
        ]
    for tick in up:
        parts += [
            _line(LEFT, y(tick), LEFT + PLOT, y(tick)),
            _text(LEFT - 8, y(tick) + 4, _number(tick), "quiet end"),
        ]
    line = " L".join(f"{x(point.of):.1f} {y(median(point.oo)):.1f}" for point in curve.points)
    parts.append(f'<path class="oo" style="fill:none" d="M{line}"/>')
    for point in curve.points:
        at = x(point.of)
        parts.append(_line(at, y(min(point.oo)), at, y(max(point.oo)), "oo"))
        parts.append(_dot(at, y(median(point.oo)), "oo"))
    parts.append(_text(LEFT + PLOT, below + 38, curve.over, "quiet end"))
    last = curve.points[-1]
    said = f"{_number(median(last.oo))} {curve.unit} with {last.of:,} {curve.over}"
    return _svg(curve.name, said, parts, below + 50)


def ticks(most: float) -> Sequence[float]:
    """Return round numbers from 0 to `most` or just above, `TICKS` or so."""
    if most <= 0:
        return (0.0, 1.0)
    rough = most / TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * 0.999)
    return tuple(step * number for number in range(int(most / step - 0.001) + 2))


def _limit(figure: Figure) -> float | None:
    """Where the limit stands on the axis: of a ratio, that times the floor."""
    if figure.limit is None:
        return None
    return figure.limit if figure.ratio is None else figure.limit * median(figure.floor)


def _svg(title: str, said: str, parts: Sequence[str], height: float) -> str:
    return "\n".join(_lines(title, said, parts, height)) + "\n"


def _lines(title: str, said: str, parts: Sequence[str], height: float) -> Iterator[str]:
    size = f'width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}"'
    label = escape(f"{title}: {said}", {'"': "&quot;"})
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">'
    yield f"<style>{_STYLE}</style>"
    yield _text(8, 20, title, "title")
    yield _text(8, 38, said, "quiet")
    yield from parts
    yield "</svg>"


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str = "") -> str:
    of = f' class="{kind}"' if kind else ""
    return f'<line{of} x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _dot(x: float, y: float, kind: str) -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'


def _number(value: float) -> str:
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"
