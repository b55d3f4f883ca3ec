"""What is said of what a package is made of."""

import json
from importlib.metadata import PathDistribution
from pathlib import Path

import components
import pytest
from components import Component, bill_of_materials, copyright_file

OO = Component(
    name="oo-desktop",
    version="1.0",
    licence="MIT",
    texts=("Copyright (c) 2026 The authors\n\nPermission …",),
    files="oo_desktop/*",
    purl="pkg:pypi/oo-desktop@1.0",
)
QT = Component(
    name="qt",
    version="6.11",
    licence="LGPL-3.0-only",
    texts=(),
    files="PySide6/Qt/*",
    purl="pkg:generic/qt@6.11",
    inside="PySide6",
)
PYSIDE = Component(
    name="PySide6",
    version="6.11",
    licence="LGPL-3.0-only",
    texts=(),
    files="PySide6/*",
    purl="pkg:pypi/pyside6@6.11",
)


def distribution(tmp_path: Path, *lines: str) -> PathDistribution:
    folder = tmp_path / "thing-1.dist-info"
    folder.mkdir()
    text = ["Metadata-Version: 2.1", "Name: thing", "Version: 1", *lines, ""]
    (folder / "METADATA").write_text("\n".join(text))
    (folder / "RECORD").write_text("thing-1.dist-info/METADATA,,\nthing/a.py,,\nthing_c.so,,\n")
    return PathDistribution(folder)


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["License-Expression: MIT"], "MIT"),
        (["License: BSD-3-Clause"], "BSD-3-Clause"),
        (["Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (["License-Expression: Apache-2.0 OR BSD-3-Clause"], "BSD-3-Clause"),
        (["License: LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only"], "LGPL-3.0-only"),
    ],
)
def test_a_package_has_one_licence(tmp_path: Path, lines: list[str], named: str) -> None:
    assert components._licence(distribution(tmp_path, *lines)) == named


def test_a_package_of_no_known_licence_is_not_shipped(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="thing names no licence"):
        components._licence(distribution(tmp_path, "License: see the web page"))


def test_where_a_package_is_stands_in_its_record(tmp_path: Path) -> None:
    assert components._where(distribution(tmp_path)) == "thing/* thing_c.so"


def test_the_bill_of_materials_says_what_is_inside_of_what() -> None:
    bill = json.loads(bill_of_materials([OO, PYSIDE, QT], name="oo-desktop", made="2026-11-29"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["purl"] == OO.purl
    assert [each["name"] for each in bill["components"]] == ["PySide6", "qt"]
    assert bill["dependencies"] == [
        {"ref": OO.purl, "dependsOn": [PYSIDE.purl]},
        {"ref": PYSIDE.purl, "dependsOn": [QT.purl]},
    ]


def test_the_copyright_file_has_holders_and_texts_of_each_part() -> None:
    text = copyright_file([OO, PYSIDE], name="oo-desktop", folder="usr/lib/oo-desktop")
    assert "Files: *\nComment: oo-desktop 1.0\nCopyright: Copyright (c) 2026 The authors\n" in text
    assert "\n .\n Permission …\n" in text
    assert "Files: usr/lib/oo-desktop/lib/site-packages/PySide6/*\n" in text
    assert "/usr/share/common-licenses/LGPL-3" in text


def test_each_text_that_is_named_is_there() -> None:
    for native in components.NATIVE:
        assert all((components.LICENCES / name).is_file() for name in native.texts)
