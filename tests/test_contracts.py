"""The import contracts of pyproject.toml hold, and each fails for the fault it is there for.

Every fault is planted in a copy of the package, where the real `lint-imports` looks at it.
"""

import re
import shutil
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT_IMPORTS = Path(sysconfig.get_path("scripts"), "lint-imports")

FLOORS = "Imports point down, and every module has a floor"
CYCLES = "No two siblings import each other, at any depth"
QT = "Qt: only app, linux and ui.qt"
HTTPX = "httpx: only the transport"
SCREEN = "The screen hands commands over, and never acts by itself"
CONNECTORS = "Connectors never import each other"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its contracts, to plant faults in."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "oo_desktop", tmp_path / "oo_desktop", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(root: Path) -> set[str]:
    """What `lint-imports` says is broken; a run that judges nothing fails the test."""
    ran = subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--no-logo"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"COLUMNS": "200"},  # else a long name is wrapped
    )
    judged = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", ran.stdout, re.MULTILINE))
    assert judged.keys() == contracts(), ran.stdout + ran.stderr
    broken = {name for name, verdict in judged.items() if verdict == "BROKEN"}
    assert ran.returncode == bool(broken)
    return broken


def contracts() -> set[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)["tool"]["importlinter"]
    return {contract["name"] for contract in settings["contracts"]}


PLANTS = {
    "qt_in_the_engine": (
        {"engine.py": "from PySide6.QtCore import QObject"},
        {QT},
    ),
    "qt_in_notifications": (
        {"notifications/planted.py": "from PySide6 import QtWidgets"},
        {QT},
    ),
    "qt_in_the_view": (
        {"ui/view/planted.py": "from PySide6.QtGui import QIcon"},
        {QT},
    ),
    "a_screen_that_acts_by_itself": (
        {"ui/view/planted.py": "from oo_desktop.engine import Engine"},
        {SCREEN},
    ),
    "qasync_in_the_engine": (
        {"engine.py": "import qasync"},
        {QT},
    ),
    "httpx_in_a_connector": (
        {"connectors/todoist/planted.py": "import httpx"},
        {HTTPX},
    ),
    "httpx_beside_the_transport": (
        {"http/planted.py": "def late(): import httpx"},
        {HTTPX},
    ),
    "a_connector_that_imports_another": (
        {"connectors/todoist/planted.py": "import oo_desktop.connectors.caldav"},
        {CONNECTORS},
    ),
    "a_module_without_a_floor": (
        {"loose.py": ""},
        {FLOORS},
    ),
    "a_folder_without_a_floor": (
        {"loose/__init__.py": "", "loose/module.py": ""},
        {FLOORS},
    ),
    "an_import_that_points_up": (
        {"model/planted.py": "import oo_desktop.engine"},
        {FLOORS, CYCLES},
    ),
    "a_cycle_of_store_and_signals": (
        {"store/planted.py": "import oo_desktop.signals.planted", "signals/planted.py": ""},
        {FLOORS, CYCLES},
    ),
    "a_cycle_deep_in_a_folder": (
        {
            "signals/outbox/one.py": "from oo_desktop.signals.outbox import other",
            "signals/outbox/other.py": "from oo_desktop.signals.outbox import one",
        },
        {CYCLES},
    ),
    "a_cycle_of_a_folder_and_the_module_beside_it": (
        {
            "signals/planted.py": "from oo_desktop.signals.outbox import planted",
            "signals/outbox/planted.py": "from oo_desktop.signals import planted",
        },
        {CYCLES},
    ),
}
"""The name of a fault: what is written to which files, and the contracts it breaks."""


def test_the_package_keeps_every_contract(copy: Path) -> None:
    assert broken_contracts(copy) == set()


@pytest.mark.parametrize(("plant", "broken"), PLANTS.values(), ids=PLANTS)
def test_a_planted_fault_is_found_and_its_contract_named(
    copy: Path, plant: dict[str, str], broken: set[str]
) -> None:
    for name, line in plant.items():
        file = copy / "oo_desktop" / name
        file.parent.mkdir(exist_ok=True)
        with file.open("a") as module:
            module.write(f"\n{line}\n")
    assert broken_contracts(copy) == broken


def test_no_contract_is_without_a_fault_that_breaks_it() -> None:
    assert set().union(*(broken for _plant, broken in PLANTS.values())) == contracts()
