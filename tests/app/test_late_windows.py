"""What a window needs is imported when one is opened, and no sooner."""

import subprocess
import sys

LATE = {
    "oo_desktop.app.late_windows",
    "oo_desktop.ui.qt.settings_window",
    "oo_desktop.ui.view.settings",
    "oo_desktop.linux.autostart",
    "tomlkit",
}


def imported(code: str) -> set[str]:
    program = [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"]
    return set(subprocess.run(program, capture_output=True, text=True, check=True).stdout.split())


def test_nothing_of_it_comes_with_the_rest() -> None:
    assert not LATE & imported("import oo_desktop.app.late_imports, oo_desktop.app.shell")


def test_all_that_the_window_is_made_of_comes_with_it() -> None:
    assert LATE - {"tomlkit"} <= imported("import oo_desktop.app.late_windows")
