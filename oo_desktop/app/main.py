"""Starts oO: the icon first, then everything else. Qt meets asyncio here.

The icon is in the tray before even the menu's rows, the log and asyncio are imported, and long
before httpx and sqlite3: what a person waits for is the icon, and what it says comes a moment
later.
"""

import builtins
import os
from typing import TYPE_CHECKING

_plain_import = builtins.__import__

from PySide6.QtWidgets import QApplication  # noqa: E402

# PySide6 replaces the import function; its own reads the source of every module imported through it
# and keeps it: 15 to 30 MB and a tenth of the start. It serves `from __feature__ import …`, which
# nothing here uses.
builtins.__import__ = _plain_import

from oo_desktop.display import desktop_name, has_display  # noqa: E402
from oo_desktop.folders import Folders  # noqa: E402
from oo_desktop.ipc.instance import InstanceLock  # noqa: E402
from oo_desktop.ui.qt.first_icon import show_first_icon  # noqa: E402

if TYPE_CHECKING:
    from oo_desktop.app.demo import Demo


def run(
    *,
    folders: Folders,
    lock: InstanceLock,
    demo: "Demo | None",
) -> int:
    """Be the tray until it is quit; returns the exit code."""
    os.umask(0o077)  # what oO writes is nobody else's to read, wherever its folder is
    headless = not has_display()
    qt = _application(headless=headless)
    first = show_first_icon()
    qt.processEvents()  # registers the icon

    # Imports in steps: whoever asks for the menu meanwhile waits for the end of one.
    import logging

    from oo_desktop.ui.qt.language import QtLanguage
    from oo_desktop.ui.view.rows import starting_view

    qt.processEvents()

    from oo_desktop.ui.qt.tray import Tray

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("oo_desktop").setLevel(logging.ERROR if demo else logging.INFO)
    qt_language = QtLanguage(qt)
    qt_language.follow()
    tray = Tray(ink=first.ink, first=first, can_ask=not headless)
    tray.render(starting_view())
    qt.processEvents()

    import asyncio

    qt.processEvents()

    from oo_desktop.app.heap import use_one_arena
    from oo_desktop.app.qt_loop import QtLoop
    from oo_desktop.app.shell import Shell

    use_one_arena()
    shell = Shell(
        tray=tray,
        folders=folders,
        lock=lock,
        demo=demo,
        headless=headless,
        language_changed=qt_language.follow,
    )
    with asyncio.Runner(loop_factory=lambda: QtLoop(qt)) as runner:
        return runner.run(shell.main())


def _application(*, headless: bool) -> QApplication:
    if headless:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        # That platform has no tray window to hear from, and Qt complains about it.
        os.environ.setdefault("QT_LOGGING_RULES", "qt.core.qobject.connect=false")
    qt = QApplication(["oo-desktop"])
    qt.setApplicationName("oo-desktop")
    qt.setApplicationDisplayName("oO")
    qt.setDesktopFileName(desktop_name())
    qt.setQuitOnLastWindowClosed(False)
    return qt
