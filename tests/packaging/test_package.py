"""Wheel and locks: what a person gets with pip, and what packages are made of."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from zipfile import ZipFile

import debian_package
import pytest
from debian_package import debian_version

import oo_desktop
from tests.readme import section

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def built(folder: Path) -> Path:
    """The wheel, built of the sdist, which is built of this checkout."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1764440000"}
    hatchling = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run([*hatchling, "-t", "sdist"], cwd=ROOT, env=environment, check=True)
    [sdist] = folder.glob("*.tar.gz")
    subprocess.run(["tar", "-xf", sdist, "-C", folder], check=True)
    source = folder / sdist.name.removesuffix(".tar.gz")
    subprocess.run([*hatchling, "-t", "wheel"], cwd=source, env=environment, check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"))


def test_what_the_readme_installs_is_what_is_built(wheel: Path) -> None:
    deb = f"{debian_package.NAME}_{debian_version(oo_desktop.__version__)}_amd64.deb"
    named = re.findall(r" \./dist/(\S+)", section("Install"))
    assert [fnmatch(deb, named[0]), fnmatch(wheel.name, named[1])] == [True, True]
    assert len(named) == 2


def test_the_wheel_holds_the_package_with_icons_languages_and_types(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"oo_desktop"}
    assert "oo_desktop/py.typed" in names
    for path in (ROOT / "resources").rglob("*"):
        if path.suffix in {".svg", ".desktop", ".service", ".ini", ".xml"}:
            assert f"oo_desktop/resources/{path.relative_to(ROOT / 'resources')}" in names
    for path in (ROOT / "resources/languages").rglob("*.po"):
        compiled = path.relative_to(ROOT / "resources").with_suffix(".mo")
        assert f"oo_desktop/resources/{compiled}" in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        [info] = {name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        metadata = archive.read(f"{info}/METADATA").decode()
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
        assert f"{info}/licenses/LICENSE" in archive.namelist()
    assert f"\nVersion: {oo_desktop.__version__}\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    assert "\nRequires-Python: >=3.11\n" in metadata
    assert "oo-desktop = oo_desktop.__main__:main" in entry_points


def test_the_version_stands_in_one_place() -> None:
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]


def pinned(lock: str) -> dict[str, str]:
    lines = (ROOT / "packaging" / lock).read_text().splitlines()
    found = (re.match(r"([a-z0-9-]+)==(\S+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def test_packages_ship_what_is_tested() -> None:
    tested = pinned("lock.txt").items()
    assert pinned("runtime-lock.txt").items() <= tested


def required() -> Iterator[str]:
    for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["sandbox"]:
        match = re.match(r"[\w-]+", line)
        yield match[0].lower() if match else line


def test_packages_ship_every_dependency() -> None:
    assert set(required()) <= pinned("runtime-lock.txt").keys()


def test_every_download_has_its_checksum() -> None:
    for lock in ("runtime-lock.txt", "tools-lock.txt"):
        text = (ROOT / "packaging" / lock).read_text()
        entries = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]
        assert all("--hash=sha256:" in entry for entry in entries)
        assert len(entries) == len(pinned(lock))
