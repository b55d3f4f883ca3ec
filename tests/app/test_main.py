import subprocess
import sys

from tests.bench.installed import modules_before_icon, modules_of_floor

PLAIN = "import builtins; plain = builtins.__import__\n"


def said_by(code: str) -> str:
    program = [sys.executable, "-c", PLAIN + code]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout.strip()


def test_pyside_still_replaces_the_import_function() -> None:
    """When this fails, app.py need not put the plain one back any more."""
    assert said_by("import PySide6.QtWidgets; print(builtins.__import__ is plain)") == "False"


def test_oo_imports_with_the_plain_function_whatever_it_loads_of_qt() -> None:
    loads = "import oo_desktop.app.main, oo_desktop.linux.system_events"
    assert said_by(f"{loads}; print(builtins.__import__ is plain)") == "True"


def test_nothing_heavy_is_imported_before_the_icon() -> None:
    heavy = "{'asyncio', 'httpx', 'sqlalchemy', 'keyring', 'dbus_fast', 'h11'}"
    code = "import sys; before = set(sys.modules); import oo_desktop.app.main\n"
    assert said_by(f"{code}print(sorted({heavy} & (set(sys.modules) - before)))") == "[]"


BEFORE_THE_ICON = """
oo_desktop oo_desktop.processes oo_desktop.__main__ oo_desktop.language
oo_desktop.errors oo_desktop.cli.terminal oo_desktop.display oo_desktop.places oo_desktop.folders
oo_desktop.ipc oo_desktop.locks oo_desktop.ipc.instance oo_desktop.ipc.protocol oo_desktop.cli.start
oo_desktop.cli oo_desktop.app oo_desktop.ui oo_desktop.ui.qt oo_desktop.model
oo_desktop.model.icon_style oo_desktop.ui.view oo_desktop.ui.view.icon oo_desktop.ui.qt.icons
oo_desktop.ui.qt.first_icon oo_desktop.app.main
PySide6.QtCore PySide6.QtGui PySide6.QtWidgets PySide6.QtDBus PySide6.QtSvg
"""
"""What a person waits for; more than this makes every start longer."""


def test_these_modules_alone_are_read_before_the_icon() -> None:
    ours = [each for each in modules_before_icon() if each.startswith(("oo_desktop", "PySide6.Qt"))]
    assert sorted(ours) == sorted(BEFORE_THE_ICON.split())


def test_little_of_pythons_own_is_read_before_the_icon_that_a_bare_tray_does_without() -> None:
    more = {each.partition(".")[0] for each in modules_before_icon()}
    more -= {each.partition(".")[0] for each in modules_of_floor()}
    assert more & sys.stdlib_module_names <= {"fcntl", "locale"}
