"""Show a window in a corner, from which a file can be dragged: `drag_source FILE`.

It offers what a file manager does: the file's address, to be copied or moved.
"""

import signal
import sys

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

PLACE = QPoint(20, 650)
SIZE = 90


class DragSource(QLabel):
    """Begins a drag as soon as the pressed mouse moves."""

    def __init__(self, url: QUrl) -> None:
        super().__init__("drag me")
        self._url = url
        self.setWindowFlags(Qt.WindowType.FramelessWindowHint)
        self.setFixedSize(SIZE, SIZE)
        self.move(PLACE)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        mime = QMimeData()
        mime.setUrls([self._url])
        drag = QDrag(self)
        drag.setMimeData(mime)
        event.accept()
        both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
        print(drag.exec(both, Qt.DropAction.MoveAction), flush=True)


def main() -> int:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    app = QApplication(sys.argv)
    source = DragSource(QUrl(sys.argv[1]))
    source.show()
    print("ready", flush=True)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
