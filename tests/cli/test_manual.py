"""oo-desktop(1): all of the command line is in it, and troff finds nothing to complain of."""

import re
import subprocess
import sys

import pytest

from oo_desktop import __version__
from oo_desktop.cli.arguments import usage
from oo_desktop.cli.commands import _COMMANDS
from oo_desktop.cli.manual import manual
from oo_desktop.folders import WRITTEN


@pytest.fixture(scope="module")
def page() -> str:
    """The page as a person reads it."""
    made = subprocess.run(
        ["groff", "-ww", "-man", "-Tutf8", "-P-cbou", "-rLL=200n"],
        input=manual(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stderr == ""
    return made.stdout


def test_it_is_written_without_a_screen_and_always_the_same() -> None:
    command = [sys.executable, "-m", "oo_desktop.cli.manual"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == manual()
    assert said.isascii()
    assert f"oO {__version__}" in said


@pytest.mark.parametrize("command", sorted(_COMMANDS))
def test_every_command_has_its_place(page: str, command: str) -> None:
    assert re.search(rf"^   {command}\b", page, re.MULTILINE)


def test_every_option_that_help_names_is_in_it(page: str) -> None:
    options = set(re.findall(r"--[a-z-]+", usage()))
    assert {option for option in options if option not in page} == set()


def test_every_file_that_is_written_is_in_it(page: str) -> None:
    assert [file.names for file in WRITTEN if f"/{file.names}" not in page] == []


def test_every_exit_code_that_help_names_is_in_it(page: str) -> None:
    _, _, listed = page.partition("EXIT STATUS")
    codes = re.findall(r"(\d+) [a-z]", usage().rpartition("Exit codes:")[2])
    assert codes == ["0", "1", "2", "3"]
    assert [
        code for code in codes if not re.search(rf"^       {code} ", listed, re.MULTILINE)
    ] == []


def test_no_text_is_taken_for_a_command_of_troff(page: str) -> None:
    assert "client_secret_....json" in page
    assert "~/.config/oo-desktop/config.toml" in page
    assert "oo-desktop add Buy milk tomorrow 18:00 p1 #Home" in page
