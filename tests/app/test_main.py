import subprocess
import sys

from oo_desktop.app.main import has_display

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


def test_a_display_is_what_the_session_names() -> None:
    assert has_display({"DISPLAY": ":0"})
    assert has_display({"WAYLAND_DISPLAY": "wayland-0"})
    assert not has_display({"DISPLAY": ""})
