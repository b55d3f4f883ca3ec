"""A module's tests are found in one guess, and folders stay the nouns they are."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "oo_desktop"
TESTS = ROOT / "tests"

MAX_MODULES = 20
"""In one folder: more are several things."""

FOLDERS = [
    "model",
    "http",
    "oauth",
    "connectors/todoist",
    "connectors/google_calendar",
    "connectors/calendar_link",
    "connectors/caldav",
    "connectors/desktop",
    "connectors/icalendar",
    "store/recovery",
    "integrations",
    "signals/outbox",
    "commands",
    "notifications",
    "linux",
    "ui/view",
    "ui/qt",
    "app",
]
"""The nouns that CONTRIBUTING.md names."""

OF_NO_MODULE = {"journeys", "desktop", "faults", "plugins", "bench", "packaging"}
"""Folders of tests that ask more than one module; what asks the whole repository lies on top."""

DRAWERS = {"common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
"""Names that say nothing of what is inside."""

UNITS: dict[str, str] = {
    "model/icon_style.py": "ui/qt/test_icons.py",
    "app/last_imports.py": "app/test_late_imports.py",
    "app/late_linux.py": "app/test_late_imports.py",
    "model/quick_add_words.py": "model/test_quick_add.py",
    "connectors/icalendar/objects.py": "connectors/caldav/test_objects.py",
    "connectors/google_calendar/last_good.py": "connectors/google_calendar/test_schedule.py",
    "notifications/notifier.py": "linux/test_notifier.py",
    "sandbox/caldav/model.py": "sandbox/caldav/test_api.py",
    "sandbox/caldav/seed.py": "sandbox/caldav/test_oracle.py",
    "sandbox/caldav/service.py": "sandbox/caldav/test_api.py",
    "sandbox/caldav/xml.py": "sandbox/caldav/test_api.py",
    "sandbox/clock.py": "sandbox/test_world.py",
    "sandbox/faults.py": "sandbox/test_gate.py",
    "sandbox/google/errors.py": "sandbox/google/test_faults.py",
    "sandbox/google/seed.py": "sandbox/google/test_listing.py",
    "sandbox/google/service.py": "sandbox/google/test_api.py",
    "sandbox/google/times.py": "sandbox/google/test_listing.py",
    "sandbox/oauth/policy.py": "sandbox/oauth/test_grants.py",
    "sandbox/pages.py": "sandbox/control/test_page.py",
    "sandbox/server.py": "sandbox/test_process.py",
    "sandbox/todoist/errors.py": "sandbox/todoist/test_api.py",
    "sandbox/todoist/fields.py": "sandbox/todoist/test_api.py",
    "sandbox/todoist/seed.py": "sandbox/todoist/test_oracle.py",
    "sandbox/todoist/service.py": "sandbox/todoist/test_api.py",
    "sandbox/todoist/state.py": "sandbox/todoist/test_sync.py",
    "store/schema.py": "store/test_compile.py",
    "store/sql.py": "store/test_compile.py",
    "store/statements.py": "store/test_compile.py",
    "testing/stage.py": "testing/test_contract.py",
    "ui/view/icon.py": "ui/view/test_tray.py",
    "ui/view/rows.py": "ui/view/test_tray.py",
}
"""A module that is part of a larger unit, and the file that tests that unit."""


def modules() -> Iterator[str]:
    """Yield every module that holds code, by its path in the package."""
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.name not in ("__init__.py", "__main__.py"):
            yield file.relative_to(PACKAGE).as_posix()


def own_tests(module: str) -> Path:
    """Return where the tests of a module are looked for first."""
    path = TESTS / module
    return path.with_name(f"test_{path.name}")


def test_every_module_has_a_test_file_of_its_name_or_of_its_unit() -> None:
    missing = [module for module in modules() if not own_tests(module).exists()]
    assert [module for module in missing if module not in UNITS] == []


def test_a_module_of_a_unit_is_there_and_has_no_test_file_of_its_own() -> None:
    assert set(UNITS) <= set(modules())
    assert [module for module in UNITS if own_tests(module).exists()] == []


def test_every_unit_has_its_test_file() -> None:
    assert [test for test in UNITS.values() if not (TESTS / test).exists()] == []


def test_no_folder_holds_more_modules_than_one_can_take_in() -> None:
    held = Counter(file.parent for file in PACKAGE.rglob("*.py"))
    crowded = {str(folder.relative_to(ROOT)): count for folder, count in held.items()}
    assert {folder: count for folder, count in crowded.items() if count > MAX_MODULES} == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_folders_keep_their_names(folder: str) -> None:
    assert (PACKAGE / folder / "__init__.py").exists()


def test_no_module_is_called_after_nothing() -> None:
    named = {part for module in modules() for part in module.removesuffix(".py").split("/")}
    assert named & DRAWERS == set()


def test_tests_stand_in_the_folder_of_what_they_test() -> None:
    folders = {file.parent.relative_to(TESTS) for file in TESTS.rglob("test_*.py")}
    astray = [
        str(folder)
        for folder in folders
        if not (PACKAGE / folder).is_dir() and folder.parts[0] not in OF_NO_MODULE
    ]
    assert astray == []
