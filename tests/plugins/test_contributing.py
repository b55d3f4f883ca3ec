"""The example in CONTRIBUTING.md is the one that is installed and tested here."""

import re
from pathlib import Path

import pytest

from oo_desktop import connector

HERE = Path(__file__).parent
CONTRIBUTING = (HERE.parent.parent / "CONTRIBUTING.md").read_text()
SECTION = CONTRIBUTING.split("## Write a connector")[1].split("\n## ")[0]
HERE_ALONE = "from tests.plugins.example import oo_plain_notes"
"""How its tests reach it here, where it is no package of its own."""


@pytest.mark.parametrize("name", ["pyproject.toml", "oo_plain_notes.py", "test_plain_notes.py"])
def test_contributing_shows_each_file_of_the_example_whole(name: str) -> None:
    _, _, shown = SECTION.partition(f"`{name}`")
    block = re.search(r"```\w+\n(.*?)```", shown, re.DOTALL)
    assert block is not None
    file = (HERE / "example" / name).read_text()
    assert block[1] == file.replace(HERE_ALONE, "import oo_plain_notes")


def test_the_example_uses_nothing_but_what_is_promised() -> None:
    text = (HERE / "example" / "oo_plain_notes.py").read_text()
    assert re.findall(r"oo_desktop[.\w]*", text) == ["oo_desktop"]
    assert set(re.findall(r"\boo\.(\w+)", text)) <= set(connector.__all__)
