"""Makes icons that panels give their own colour: they are sent by name, from the icon theme.

GNOME 48, Plasma 6 and Xfce's panel 4.20 were seen to colour an icon whose name ends in `-symbolic`;
LXQt's draws it as it is. The names are those of the files in `resources/icons`, which packages put
into the theme `hicolor`. Where they are not there, GNOME and LXQt would draw a picture for what is
missing, so an icon has a name only where it is known.
"""

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap

from oo_desktop.display import desktop_name
from oo_desktop.ui.view.icon import IconView, Mark


def symbolic_name(view: IconView) -> str:
    """Return the name of the icon for `view`: its mark, and whether something is due."""
    mark = () if view.mark is Mark.FINE else (view.mark.value,)
    return "-".join((desktop_name(), *mark, *(("due",) if view.due else ()), "symbolic"))


def named_icon(name: str, drawn: QIcon) -> QIcon:
    """Return `drawn` under a theme's `name`; as it is where the theme of icons has no such name."""
    return QIcon(_Named(name, drawn)) if QIcon.hasThemeIcon(name) else drawn


class _Named(QIconEngine):
    def __init__(self, name: str, drawn: QIcon) -> None:
        super().__init__()
        self._name = name
        self._drawn = drawn

    def iconName(self) -> str:  # noqa: N802  # Qt's name, as are the others
        return self._name

    def isNull(self) -> bool:  # noqa: N802
        return False

    def availableSizes(  # noqa: N802
        self, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off
    ) -> list[QSize]:
        return self._drawn.availableSizes(mode, state)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._drawn.pixmap(size, 1.0, mode, state)

    def scaledPixmap(  # noqa: N802
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, _scale: float
    ) -> QPixmap:
        return self._drawn.pixmap(size, 1.0, mode, state)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        self._drawn.paint(painter, rect, mode=mode, state=state)

    def clone(self) -> QIconEngine:
        return _Named(self._name, self._drawn)
