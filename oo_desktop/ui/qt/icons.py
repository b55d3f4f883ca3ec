"""Draws oO's own pictures from SVG, at run time.

The tray icon is the name: a small ring for how the services are, a large one for what is due.
Nothing due leaves the large ring empty; a count fills it. The small ring turns into a `!` when
something needs the user and into a `×` when the list may be old, so nothing depends on colour.

An icon is made of pixmaps: a theme's icon name means nothing to a panel that does not share our
icon folders (Flatpak, a checkout). They are drawn without QImage.fill, fillRect and QBrush: the
first use of each makes PySide build all of Qt's enums, which takes 10 ms before the icon is there.

No desktop tells what colour its panel has: there are black ones under light windows (Debian's LXQt,
Breeze Twilight) and white ones under dark windows. So the icon has two tones, and one of them is
seen on any colour: on the worst grey the better of the two has a contrast of 4. The rings have the
tone that the panel probably lacks, and a rim has the other; where the guess is right, the rim is
hardly there. Panels are dark but for Plasma's, which goes with light windows unless told otherwise.
"""

import os
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache, lru_cache
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QRectF, QSize
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from oo_desktop.folders import resource
from oo_desktop.model.icon_style import IconStyle
from oo_desktop.ui.view.icon import MANY_DUE, IconView, Mark, RowIcon

TRAY_SIZES = (16, 22, 24, 32, 44, 48, 64)
MENU_SIZES = (16, 24, 32)
APP_SIZES = (16, 24, 32, 48, 64, 128, 256)

RIM = 0.5
"""What a rim takes of each side of an icon of 22 pixels."""


class Tones(NamedTuple):
    """Holds the colours of a tray icon: the rings', the `!`'s, and the rim's; None: it has none."""

    rings: str
    attention: str
    rim: str | None = None


LIGHT = Tones("#f4f6f5", "#ffb74d")
DARK = Tones("#26302f", "#b45309")


class Ink(Enum):
    """Names the ways to draw the tray icon."""

    LIGHT = LIGHT
    """For dark panels."""
    DARK = DARK
    """For light panels."""
    LIGHT_RIMMED = LIGHT._replace(rim="#1b2423")
    """For panels that are probably dark."""
    DARK_RIMMED = DARK._replace(rim="#f4f6f5")
    """For panels that are probably light."""
    SYMBOLIC = LIGHT._replace(rim="#1b2424")
    """By name, for panels that colour it."""


def ink_for(
    style: IconStyle = IconStyle.AUTO,
    *,
    dark: bool,
    environment: Mapping[str, str] = os.environ,
) -> Ink:
    """Return how the icon is drawn for the panel of the desktop in `environment`.

    style: what the person wants. dark: whether windows are.
    """
    if style is not IconStyle.AUTO:
        return Ink[style.name]
    desktops = environment.get("XDG_CURRENT_DESKTOP", "").upper().split(":")
    return Ink.DARK_RIMMED if "KDE" in desktops and not dark else Ink.LIGHT_RIMMED


def is_dark() -> bool:
    """Return whether windows are dark now. (To ask for the colour scheme takes 11 ms at first.)"""
    return QGuiApplication.palette().window().color().lightness() < 128


def when_colors_change(call: Callable[[], object]) -> None:
    """Call `call` whenever windows become dark, or no longer are: Qt knows on every system."""
    QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _scheme: call())


def tray_icon(view: IconView, ink: Ink) -> QIcon:
    """Draw the tray icon for `view`, in every size a panel may ask for."""
    icon = QIcon()
    for size in TRAY_SIZES:
        icon.addPixmap(QPixmap.fromImage(_tray_image(view, ink, size)))
    if ink is Ink.SYMBOLIC:
        from oo_desktop.ui.qt.symbolic_icon import named_icon, symbolic_name

        return named_icon(symbolic_name(view), icon)
    return icon


@lru_cache(maxsize=256)
def row_icon(name: RowIcon, color: str | None = None) -> QIcon:
    """Draw the picture before a menu row. `color` (`#RRGGBB`) fills that of an event; its outline,
    which is seen on any ground, stays."""
    outline = f"icons/menu/{name.value}.svg"
    if color is None or name is not RowIcon.EVENT:
        return _icon_from(outline, MENU_SIZES)
    icon = QIcon()
    for size in MENU_SIZES:
        image = _tinted("icons/menu/event-fill.svg", color, size)
        painter = QPainter(image)
        painter.drawImage(0, 0, _layer(outline, size))
        painter.end()
        icon.addPixmap(QPixmap.fromImage(image))
    return icon


def app_icon() -> QIcon:
    """Draw oO for windows and task switchers."""
    return _icon_from("icons/oo-desktop.svg", APP_SIZES)


def _icon_from(name: str, sizes: tuple[int, ...]) -> QIcon:
    icon = QIcon()
    for size in sizes:
        icon.addPixmap(QPixmap.fromImage(_layer(name, size)))
    return icon


def _tray_image(view: IconView, ink: Ink, size: int) -> QImage:
    """Large ring or disc, less the digits, less a gap around the small mark, plus that mark; and
    the rim of both behind it, which shows in the digits and in the gap as well."""
    tones, mark = ink.value, view.mark.value
    inset = size * RIM / 22 if tones.rim else 0
    large = f"icons/tray/large-{'disc' if view.due else 'ring'}"
    image = _tinted(f"{large}.svg", tones.rings, size, inset)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    if view.due:
        count = str(view.due) if view.due < MANY_DUE else "9plus"
        painter.drawImage(0, 0, _layer(f"icons/tray/count-{count}.svg", size, inset))
    painter.drawImage(0, 0, _layer(f"icons/tray/small-{mark}-gap.svg", size, inset))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    mark_tone = tones.attention if view.mark is Mark.ATTENTION else tones.rings
    painter.drawImage(0, 0, _tinted(f"icons/tray/small-{mark}.svg", mark_tone, size, inset))
    if tones.rim:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOver)
        for part in (large, f"icons/tray/small-{mark}"):
            painter.drawImage(0, 0, _tinted(f"{part}-rim.svg", tones.rim, size, inset))
    painter.end()
    return image


def _tinted(name: str, color: str, size: int, inset: float = 0) -> QImage:
    image = _layer(name, size, inset)
    painter = QPainter(image)
    solid = QPixmap(size, size)
    solid.fill(QColor(color))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.drawPixmap(0, 0, solid)
    painter.end()
    return image


def _layer(name: str, size: int, inset: float = 0) -> QImage:
    image = QImage(QSize(size, size), QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.eraseRect(image.rect())
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    within = size - 2 * inset
    QSvgRenderer(_source(name)).render(painter, QRectF(inset, inset, within, within))
    painter.end()
    return image


@cache
def _source(name: str) -> QByteArray:
    return QByteArray(resource(name).read_bytes())
