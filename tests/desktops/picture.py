"""Looks at the screen as a person does: what has changed, where, and how well it can be seen."""

import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from PySide6.QtGui import QImage

MIN_DIFFERENCE = 24
"""Of a colour's channels (0 to 255) to the ground's: less is the ground's own gradient."""

GAP = 12
"""Pixels between two icons, at least, and at most between two rings of one."""

Color = tuple[int, int, int]


class Box(NamedTuple):
    """Is an area of the screen, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def around(self, more: int) -> "Box":
        """Return a box with `more` pixels on each side."""
        return Box(self.x - more, self.y - more, self.width + 2 * more, self.height + 2 * more)


class Picture:
    """Is the screen at one moment; RGB, a byte each."""

    def __init__(self, size: tuple[int, int], pixels: bytes) -> None:
        self.width, self.height = size
        assert len(pixels) == self.width * self.height * 3, "not a picture of the screen"
        self._pixels = pixels

    @classmethod
    def of_screen(cls, env: Mapping[str, str], size: tuple[int, int]) -> "Picture":
        """Return what an X display shows now."""
        command = ["import", "-silent", "-window", "root", "-depth", "8", "rgb:-"]
        taken = subprocess.run(command, env=dict(env), check=True, stdout=subprocess.PIPE)
        return cls(size, taken.stdout)

    @property
    def whole(self) -> Box:
        return Box(0, 0, self.width, self.height)

    def color(self, x: int, y: int) -> Color:
        at = (y * self.width + x) * 3
        red, green, blue = self._pixels[at : at + 3]
        return red, green, blue

    def _row(self, y: int, area: Box) -> bytes:
        at = (y * self.width + area.x) * 3
        return self._pixels[at : at + area.width * 3]

    def within(self, area: Box) -> Box:
        """Return the part of `area` that is on the screen."""
        x, y = max(0, area.x), max(0, area.y)
        right = min(self.width, area.x + area.width)
        return Box(x, y, right - x, min(self.height, area.bottom) - y)

    def changed(self, before: "Picture", area: Box | None = None) -> Box | None:
        """Return where the two differ, within `area`; None: nowhere."""
        area = self.within(area or self.whole)
        first = last = None
        left, right = area.width, 0
        for y in range(area.y, area.bottom):
            difference = _difference(self._row(y, area), before._row(y, area))
            if difference:
                first = y if first is None else first
                last = y
                left = min(left, ((difference & -difference).bit_length() - 1) // 24)
                right = max(right, (difference.bit_length() - 1) // 24)
        if first is None or last is None:
            return None
        return Box(area.x + left, first, right - left + 1, last - first + 1)

    def parts(self, before: "Picture", area: Box) -> list[Box]:
        """Return where the two differ, within `area`, in parts that are GAP or more apart."""
        columns = (Box(x, area.y, 1, area.height) for x in range(area.x, area.x + area.width))
        found = [column.x for column in columns if self.changed(before, column)]
        starts = [x for at, x in enumerate(found) if at == 0 or x - found[at - 1] >= GAP]
        ends = [found[found.index(x) - 1] for x in starts[1:]] + found[-1:]
        boxes = (
            self.changed(before, Box(start, area.y, end - start + 1, area.height))
            for start, end in zip(starts, ends, strict=True)
        )
        return [box for box in boxes if box]

    def ground(self, box: Box) -> Color:
        """Return the colour that most of the rim of `box` has."""
        rim = [
            *((x, y) for x in range(box.x, box.x + box.width) for y in (box.y, box.bottom - 1)),
            *((x, y) for y in range(box.y, box.bottom) for x in (box.x, box.x + box.width - 1)),
        ]
        return Counter(self.color(*each) for each in rim).most_common(1)[0][0]

    def contrast(self, box: Box) -> float:
        """Return the contrast to its ground that a quarter of the drawing in `box` reaches (WCAG).

        A quarter, because the edges of what is drawn fade into the ground.
        """
        ground = self.ground(box)
        drawn = sorted(
            contrast(color, ground)
            for color in self._colors(box)
            if max(abs(a - b) for a, b in zip(color, ground, strict=True)) >= MIN_DIFFERENCE
        )
        return drawn[len(drawn) * 3 // 4] if drawn else 1.0

    def _colors(self, box: Box) -> Iterator[Color]:
        for y in range(box.y, box.bottom):
            for x in range(box.x, box.x + box.width):
                yield self.color(x, y)

    def save(self, file: Path, area: Box | None = None, *, enlarged: int = 1) -> None:
        """Write it, or `area` of it, as PNG."""
        box = self.within(area or self.whole)
        image = QImage(
            self._pixels, self.width, self.height, self.width * 3, QImage.Format.Format_RGB888
        ).copy(box.x, box.y, box.width, box.height)
        image.scaled(box.width * enlarged, box.height * enlarged).save(str(file))


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.1, contrast ratio)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    parts = (each / 255 for each in color)
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _difference(one: bytes, other: bytes) -> int:
    """Return 0 where they are equal; else a number whose lowest and highest bits say where not."""
    return int.from_bytes(one, "little") ^ int.from_bytes(other, "little") if one != other else 0
