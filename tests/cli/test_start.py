"""What becoming the tray imports before the icon is there."""

import subprocess
import sys

IMPORTS = "import oo_desktop.__main__, oo_desktop.cli.start, oo_desktop.app.main"

FLOOR = """
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon
"""
"""What a bare tray imports (tests/desktop/bare_tray.py)."""

BEFORE_THE_ICON = {
    "PySide6": {"QtDBus", "QtSvg"},
    "oo_desktop": {
        "__main__",
        "app.main",
        "cli.start",
        "cli.terminal",
        "errors",
        "folders",
        "ipc.instance",
        "ipc.protocol",
        "language",
        "locks",
        "model.icon_style",
        "processes",
        "ui.qt.first_icon",
        "ui.qt.icons",
        "ui.view.icon",
    },
}
"""What oO imports on top of that. A longer list is a later icon: see `tests.bench`."""

OF_THE_LIBRARY = {"_locale", "fcntl", "locale"}
"""Of Python's own, where no package that is installed brings it along."""


def loaded_by(program: str) -> set[str]:
    """The modules that it leaves, without packages."""
    names = "(name for name, each in sys.modules.items() if not hasattr(each, '__path__'))"
    code = f"{program}\nimport sys; print(*{names})"
    return set(subprocess.check_output([sys.executable, "-c", code], text=True).split())


def test_the_modules_before_the_icon_are_these() -> None:
    loaded = loaded_by(IMPORTS) - loaded_by(FLOOR)
    wanted = {f"{root}.{name}" for root, names in BEFORE_THE_ICON.items() for name in names}
    assert loaded - OF_THE_LIBRARY == wanted
