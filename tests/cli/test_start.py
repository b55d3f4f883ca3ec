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
        "display",
        "errors",
        "folders",
        "ipc.instance",
        "ipc.protocol",
        "language",
        "locks",
        "model.icon_style",
        "places",
        "processes",
        "ui.qt.first_icon",
        "ui.qt.icons",
        "ui.view.icon",
    },
}
"""What oO imports on top of that. A longer list is a later icon: see `tests.bench`."""

OF_THE_LIBRARY = {"_locale", "fcntl", "gc", "locale"}
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
    "ipc.client",
    "ipc.instance",
    "ipc.protocol",
    "language",
    "locks",
    "model.text",
    "model.zones",
    "places",
    "processes",
}
"""What of oO a command imports that scripts ask again and again."""

LIBRARY_OF_A_COMMAND = 48
"""Modules of the standard library that it may import on top of a bare Python: they are 44 with
Python 3.11, 3.12 and 3.13."""

SLOW = {
    "argparse",
    "asyncio",
    "contextlib",
    "dataclasses",
    "gettext",
    "inspect",
    "logging",
    "msgspec",
    "pathlib",
    "shutil",
    "subprocess",
    "tempfile",
    "typing",
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


def test_a_command_collects_no_garbage_not_even_at_its_end(tmp_path: Path) -> None:
    program = f"""
import gc, os, sys
os.environ["OO_DESKTOP_HOME"] = {str(tmp_path)!r}
sys.argv[1:] = ["status"]
from oo_desktop.__main__ import main
main()
print(gc.isenabled(), gc.get_freeze_count() > 0)
"""
    said = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert said.split() == ["False", "True"]


def test_the_tray_collects_it(tmp_path: Path) -> None:
    program = f"""
import gc
gc.disable()
from oo_desktop.cli import main
environment = {{"OO_DESKTOP_HOME": {str(tmp_path)!r}}}
main([], environment=environment, run=lambda **_: print(gc.isenabled()) or 0)
"""
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "True\n"
