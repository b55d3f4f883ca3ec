"""The folder that a package installs, laid out of wheels made here."""

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import private_tree
import pytest
from private_tree import PYTHONS, TreeError, check_complete, qt_modules

ROOT = Path(__file__).parents[2]
INFO = "thing-1.dist-info"


def wheel(folder: Path, name: str, files: Mapping[str, str]) -> Path:
    path = folder / f"{name}.whl"
    with ZipFile(path, "w") as archive:
        for each, content in {**files, f"{INFO}/METADATA": "Name: thing"}.items():
            archive.writestr(each, content)
    return path


def test_the_modules_of_each_python_stand_side_by_side(tmp_path: Path) -> None:
    site = tmp_path / private_tree.SITE
    for version in PYTHONS:
        tag = f"cpython-{version.replace('.', '')}-x86_64-linux-gnu"
        private_tree._unpack(
            wheel(tmp_path, tag, {"thing/a.py": "", f"thing/b.{tag}.so": version}), site
        )
    assert private_tree.pythons_of(tmp_path) == {"thing/b": set(PYTHONS)}
    check_complete(tmp_path)


def test_a_module_that_a_python_lacks_is_named(tmp_path: Path) -> None:
    site = tmp_path / private_tree.SITE
    private_tree._unpack(wheel(tmp_path, "a", {"thing/b.cpython-311-x86_64.so": ""}), site)
    with pytest.raises(TreeError, match=r"thing/b is only there for Python 3\.11\."):
        check_complete(tmp_path)


def test_two_wheels_that_disagree_about_a_module_are_no_tree(tmp_path: Path) -> None:
    private_tree._unpack(wheel(tmp_path, "one", {"thing/a.py": "1"}), tmp_path / "site")
    private_tree._unpack(wheel(tmp_path, "same", {"thing/a.py": "1"}), tmp_path / "site")
    with pytest.raises(TreeError, match=r"another thing/a\.py"):
        private_tree._unpack(wheel(tmp_path, "two", {"thing/a.py": "2"}), tmp_path / "site")


@pytest.mark.parametrize("name", ["../outside.py", "thing-1.data/scripts/thing"])
def test_a_wheel_puts_nothing_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(TreeError, match="elsewhere"):
        private_tree._unpack(wheel(tmp_path, "a", {name: ""}), tmp_path / "site")


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/designer",
        "PySide6/QtGui.pyi",
        "PySide6/Qt/qml/QtQuick/qmldir",
        "PySide6/include/pyside.h",
        "shiboken6/lib/cmake/Shiboken6.cmake",
        f"{INFO}/WHEEL",
        "certifi/tests/test_certify.py",
        "sqlalchemy/testing/suite/test_types.py",
        "sqlalchemy/dialects/mysql/base.py",
    ],
)
def test_what_is_for_developers_is_left_out(tmp_path: Path, name: str) -> None:
    private_tree._unpack(wheel(tmp_path, "a", {name: ""}), tmp_path / "site")
    assert not (tmp_path / "site" / name).exists()


@pytest.mark.parametrize(
    "name",
    ["oo_desktop/testing/contract.py", "sqlalchemy/dialects/sqlite/base.py", "a/latest/b.py"],
)
def test_what_runs_is_there(tmp_path: Path, name: str) -> None:
    private_tree._unpack(wheel(tmp_path, "a", {name: ""}), tmp_path / "site")
    assert (tmp_path / "site" / name).exists()


def test_the_record_has_what_is_there(tmp_path: Path) -> None:
    (tmp_path / INFO).mkdir()
    (tmp_path / "a.py").write_text("a = 1\n")
    private_tree._write_record(tmp_path, INFO, ["a.py", "gone.py"])
    lines = (tmp_path / INFO / "RECORD").read_text().splitlines()
    assert lines == [
        f"{INFO}/RECORD,,",
        "a.py,sha256=y3i9ihf3t1H-DUZjNm3LwlcgQDPvfd1ksfKWlXO1suI,6",
    ]


def test_what_the_code_imports_of_qt_is_shipped() -> None:
    here = {"QtCore", "QtDBus", "QtGui", "QtSvg", "QtWidgets"}
    assert qt_modules(ROOT / "oo_desktop") - private_tree.NOT_ON_LINUX == here


def test_what_is_not_shipped_of_it_is_imported_in_one_place() -> None:
    package = ROOT / "oo_desktop"
    importing = [path for path in package.rglob("*.py") if "PySide6.QtNetwork" in path.read_text()]
    assert [str(path.relative_to(package)) for path in importing] == ["ui/qt/reachability.py"]
