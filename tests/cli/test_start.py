"""What becoming the tray imports before the icon is there, and what a command imports."""

import subprocess
import sys
from pathlib import Path

import pytest

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


OF_A_COMMAND = {
    "__main__",
    "cli.commands",
    "cli.plain_words",
    "cli.start",
    "cli.table",
    "cli.terminal",
    "cli.text",
    "errors",
    "folders",
    "ipc.client",
    "ipc.instance",
    "ipc.protocol",
    "language",
    "locks",
    "model.text",
    "model.zones",
    "processes",
}
"""What of oO a command imports that scripts ask again and again."""

LIBRARY_OF_A_COMMAND = 60
"""Modules of the standard library that it may import on top of a bare Python: they are 54 with
Python 3.11."""

SLOW = {
    "argparse",
    "asyncio",
    "dataclasses",
    "inspect",
    "logging",
    "shutil",
    "subprocess",
    "zoneinfo",
}
"""Those of them that take the longest, and that it does without."""


def loaded_by(program: str, *options: str) -> set[str]:
    """The modules that it leaves, without packages."""
    names = "(name for name, each in sys.modules.items() if not hasattr(each, '__path__'))"
    code = f"{program}\nimport sys; print(*{names})"
    return set(subprocess.check_output([sys.executable, *options, "-c", code], text=True).split())


def test_the_modules_before_the_icon_are_these() -> None:
    loaded = loaded_by(IMPORTS) - loaded_by(FLOOR)
    wanted = {f"{root}.{name}" for root, names in BEFORE_THE_ICON.items() for name in names}
    assert loaded - OF_THE_LIBRARY == wanted


@pytest.mark.parametrize(
    "words", [("status",), ("done", "8Jx2"), ("signals", "--json")], ids=" ".join
)
def test_a_command_that_scripts_ask_imports_little(words: tuple[str, ...], tmp_path: Path) -> None:
    program = f"""
import os, sys
os.environ["OO_DESKTOP_HOME"] = {str(tmp_path)!r}
sys.path[:] = {list(filter(None, sys.path))!r}
sys.argv[1:] = {words!r}
from oo_desktop.__main__ import main
main()
"""
    alone = ("-I", "-S")  # what is installed beside it imports things of its own
    loaded = loaded_by(program, *alone) - loaded_by("", *alone)
    own = {name for name in loaded if name.startswith("oo_desktop.")}
    assert own == {f"oo_desktop.{name}" for name in OF_A_COMMAND}
    assert loaded & SLOW == set()
    assert len(loaded - own) <= LIBRARY_OF_A_COMMAND
