"""Take pictures of the windows in every state: `python -m tests.ui.pictures FOLDER [NAME …]`.

Offscreen, in about a minute; light and dark, at 1 and 2 times, in English, German and Arabic, which
is read from right to left. They show what is made up in `scenes.py`. What a real desktop makes of
it is in `tests.desktop.pictures`. The README's `window.png` is `day-light-2x-en.png`, in fewer
colours.
"""

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from oo_desktop import language
from oo_desktop.app.live_settings import ALL
from oo_desktop.folders import resource
from oo_desktop.model.settings import CurrentSetting
from oo_desktop.ui.qt.language import QtLanguage
from oo_desktop.ui.qt.main_window import MainWindow
from oo_desktop.ui.qt.settings_window import SettingsWindow
from oo_desktop.ui.view.settings import Page, settings_view
from tests.ui.scenes import NOW, SCENES, full_day, taking_tasks, troubled_day, view_of
from tests.ui.view.views import BERLIN

LOOKS = (
    ("light", 1.0, "en"),
    ("dark", 1.0, "en"),
    ("light", 1.5, "en"),
    ("light", 2.0, "en"),
    ("dark", 2.0, "en"),
    ("light", 1.0, "de"),
    ("dark", 1.0, "de"),
    ("light", 1.0, "ar"),
    ("dark", 1.0, "ar"),
)
SIZE = (460, 720)


def dark_palette() -> QPalette:
    """As Adwaita's and Breeze's dark windows are."""
    palette = QPalette(QColor("#353535"), QColor("#2d2d2d"))
    for role, color in {
        QPalette.ColorRole.Base: "#1e1e1e",
        QPalette.ColorRole.Text: "#f2f2f2",
        QPalette.ColorRole.WindowText: "#f2f2f2",
        QPalette.ColorRole.ButtonText: "#f2f2f2",
        QPalette.ColorRole.Highlight: "#3584e4",
        QPalette.ColorRole.HighlightedText: "#ffffff",
        QPalette.ColorRole.PlaceholderText: "#9a9a9a",
    }.items():
        palette.setColor(role, QColor(color))
    return palette


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for look, scale, code in LOOKS:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale)}
        environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
        words = [sys.executable, "-m", "tests.ui.pictures", "--look", look]
        words += [code, str(folder), *names]
        subprocess.run(words, env=environment, check=True)


def take(look: str, code: str, folder: Path, names: list[str]) -> None:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    language.use(code, resource("languages"))
    QtLanguage(app).follow()
    app.setStyle("Fusion")
    if look == "dark":
        app.setPalette(dark_palette())
    scale = app.devicePixelRatio()
    for name in (*SCENES, *ACTS, *(f"settings-{page}" for page in Page)):
        if not names or name in names:
            window = _settings(name) if name.startswith("settings-") else _window(name)
            window.grab().save(str(folder / f"{name}-{look}-{scale:g}x-{code}.png"))
            window.close()
    if scale == 1 and (not names or "large" in names):
        font = QFont(app.font())
        font.setPointSizeF(font.pointSizeF() * 2)
        app.setFont(font)
        large = _window("day")
        large.resize(820, 900)
        app.processEvents()
        large.grab().save(str(folder / f"large-{look}-{code}.png"))
        large.close()


def _settings(name: str) -> SettingsWindow:
    window = SettingsWindow(execute=lambda _command, _asker=None: None, settings=ALL)
    values = [CurrentSetting(setting, setting.default) for setting in ALL]
    window.show_view(
        settings_view(troubled_day(), values, now=NOW, zone=BERLIN, starts_at_login=True)
    )
    window.show_page(Page(name.removeprefix("settings-")))
    window.show()
    QApplication.processEvents()
    return window


ACTS = ("nothing-found", "found", "adding", "no-tray", "several")
"""What somebody does in the window."""


def _window(name: str) -> MainWindow:
    window = MainWindow(
        execute=lambda _command, _asker=None: None,
        understand=lambda _text: "Due tomorrow at 14:00, priority 1, in Work",
    )
    shown = taking_tasks() if name == "adding" else SCENES.get(name, full_day())
    window.show_view(view_of(shown, tray=name != "no-tray"))
    window.resize(*SIZE)
    window.bring_to_front()
    QApplication.processEvents()
    match name:
        case "day":
            hover(window, 4)
        case "nothing-found":
            window.filter.setText("passport photos")
        case "found":
            window.filter.setText("work")
        case "adding":
            window.ask_to_add()
            window.add_field.setText("Call Bea tomorrow 14:00 p1 #Work")
        case "several":
            window.list.go_to_first()
            for _ in range(5):
                QTest.keyClick(window.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QApplication.processEvents()
    return window


def hover(window: MainWindow, row: int) -> None:
    """Put the pointer on a row."""
    rect = window.list.visualRect(window.list.model().index(row, 0))
    window.list.hovered = window.list._model.rows[row].id
    window.list.viewport().update(rect)


if __name__ == "__main__":
    if sys.argv[1] == "--look":
        take(sys.argv[2], sys.argv[3], Path(sys.argv[4]), sys.argv[5:])
    else:
        main(Path(sys.argv[1]), sys.argv[2:])
