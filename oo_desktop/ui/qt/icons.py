"""Draws oO's own pictures from SVG, at run time.

The tray icon is the name: a small ring for how the services are, a large one for what is due.
Nothing due leaves the large ring empty; a count fills it. The small ring turns into a `!` when
something needs the user and into a `×` when the list may be old, so nothing depends on colour.

Each icon is made of pixmaps, never of a theme's icon name: a name means nothing to a panel that
does not share our icon folders (Flatpak, a checkout). They are drawn without QImage.fill, fillRect
and QBrush: the first use of each makes PySide build all of Qt's enums, which takes 10 ms before the
icon is there.

No desktop tells what colour its panel has. A dark colour scheme goes with dark panels, so white is
right there; a light scheme only says something about the panel where the desktop colours both
alike; for all else there is a teal with a contrast of about 4 against white and near-black.
"""

import os
from collections.abc import Mapping
from enum import Enum
from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from oo_desktop.folders import resource
from oo_desktop.ui.view.rows import IconView, Mark, RowIcon

TRAY_SIZES = (16, 22, 24, 32, 44, 48, 64)
MENU_SIZES = (16, 24, 32)
APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


class Ink(Enum):
    """Names the colours of the tray icon: the rings', and the `!`'s."""

    LIGHT = ("#f4f6f5", "#ffb74d")
    """For dark panels."""
    DARK = ("#26302f", "#b45309")
    """For light panels."""
    COLOR = ("#169a99", "#d97706")
    """For panels of unknown colour."""


def ink_for(*, dark: bool, environment: Mapping[str, str] = os.environ) -> Ink:
    """Return the ink for the panel of the desktop in `environment`; `dark`: its windows are."""
    if dark:
        return Ink.LIGHT
    desktops = environment.get("XDG_CURRENT_DESKTOP", "").upper().split(":")
    return Ink.DARK if {"KDE", "LXQT"} & set(desktops) else Ink.COLOR


def is_dark() -> bool:
    """Return whether windows are dark now. (To ask for the colour scheme takes 11 ms at first.)"""
    return QGuiApplication.palette().window().color().lightness() < 128


def tray_icon(view: IconView, ink: Ink) -> QIcon:
    """Draw the tray icon for `view`, in every size a panel may ask for."""
    icon = QIcon()
    for size in TRAY_SIZES:
        icon.addPixmap(QPixmap.fromImage(_tray_image(view, ink, size)))
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
        image = _tinted("icons/menu/event-fill.svg", QColor(color), size)
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
    """Large ring or disc, less the digits, less a gap around the small mark, plus that mark."""
    color, attention = (QColor(each) for each in ink.value)
    mark = view.mark.value
    large = f"icons/tray/large-{'disc' if view.count else 'ring'}.svg"
    image = _tinted(large, color, size)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    if view.count:
        count = str(view.count) if view.count <= 9 else "9plus"
        painter.drawImage(0, 0, _layer(f"icons/tray/count-{count}.svg", size))
    painter.drawImage(0, 0, _layer(f"icons/tray/small-{mark}-gap.svg", size))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    mark_color = attention if view.mark is Mark.ATTENTION else color
    painter.drawImage(0, 0, _tinted(f"icons/tray/small-{mark}.svg", mark_color, size))
    painter.end()
    return image


def _tinted(name: str, color: QColor, size: int) -> QImage:
    image = _layer(name, size)
    painter = QPainter(image)
    solid = QPixmap(size, size)
    solid.fill(color)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.drawPixmap(0, 0, solid)
    painter.end()
    return image


def _layer(name: str, size: int) -> QImage:
    image = QImage(QSize(size, size), QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.eraseRect(image.rect())
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    QSvgRenderer(_source(name)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


@cache
def _source(name: str) -> QByteArray:
    return QByteArray(resource(name).read_bytes())
