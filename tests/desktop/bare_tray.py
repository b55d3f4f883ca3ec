"""Be the least a PySide6 tray program can be: an icon and a menu of 20 actions.

The desktop tests prove the session with it, and the benches measure the floor with it. `quit` ends
it; any other action's text is printed when it is clicked.
"""

import signal
import sys

from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon


def main() -> int:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    app = QApplication(sys.argv)
    app.setApplicationName("bare-tray")
    app.setQuitOnLastWindowClosed(False)
    pixmap = QPixmap(64, 64)
    pixmap.fill(QColor("steelblue"))
    menu = QMenu()
    for number in range(19):
        action = menu.addAction(f"Action {number}")
        action.triggered.connect(lambda _checked=False, n=number: print(f"clicked {n}", flush=True))
    menu.addAction("Quit").triggered.connect(app.quit)
    tray = QSystemTrayIcon(QIcon(pixmap))
    tray.setToolTip("A bare tray")
    tray.setContextMenu(menu)
    tray.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
