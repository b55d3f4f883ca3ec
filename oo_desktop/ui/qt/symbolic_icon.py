"""Makes icons that panels give their own colour: they are sent by name, from the icon theme.

GNOME, Cinnamon, Plasma, LXQt and, where it is told to, Xfce's panel colour an icon whose name ends
in `-symbolic`. The names are those of the files in `resources/icons`, which packages put into the
theme `hicolor`. A panel that does not find the name draws the pixmaps that are sent beside it.
"""

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap

from oo_desktop.ui.view.icon import IconView, Mark


def symbolic_name(view: IconView) -> str:
    """Return the name of the icon for `view`: its mark, and whether something is due."""
    mark = () if view.mark is Mark.FINE else (view.mark.value,)
    return "-".join(("oo-desktop", *mark, *(("due",) if view.due else ()), "symbolic"))


def named_icon(name: str, drawn: QIcon) -> QIcon:
    """Return `drawn` under a theme's `name`."""
    return QIcon(_Named(name, drawn))


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
