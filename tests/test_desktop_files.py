"""What a package installs beside the program: the desktop's own readers accept it."""

import configparser
import os
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from oo_desktop import __version__
from oo_desktop.cli.arguments import parsed
from oo_desktop.folders import resource
from oo_desktop.linux.bus import NAME

ENTRY = resource("desktop/oo-desktop.desktop")
METAINFO = resource("desktop/org.oo_desktop.Oo.metainfo.xml")


def entry(path: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]  # keys have capitals
    read.read(path, encoding="utf-8")
    return read


def test_the_desktop_entry_is_valid() -> None:
    command = ["desktop-file-validate", str(ENTRY)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")


def test_the_component_is_valid() -> None:
    command = ["appstreamcli", "validate", "--no-net", str(METAINFO)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_every_action_of_the_launcher_is_a_command_that_there_is() -> None:
    read = entry(ENTRY)
    names = read["Desktop Entry"]["Actions"].rstrip(";").split(";")
    assert {f"Desktop Action {name}" for name in names} == set(read.sections()[1:])
    for section in read.sections():
        program, *words = shlex.split(read[section]["Exec"])
        assert program == "oo-desktop"
        parsed(words)


def test_the_component_names_this_version_the_entry_and_the_bus() -> None:
    root = ET.parse(METAINFO).getroot()
    released = root.find("releases/release")
    assert released is not None
    assert released.get("version") == __version__
    assert root.findtext("launchable") == ENTRY.name
    assert root.findtext("provides/dbus") == NAME
    categories = {each.text for each in root.findall("categories/category")}
    assert categories == set(entry(ENTRY)["Desktop Entry"]["Categories"].rstrip(";").split(";"))


def test_the_unit_starts_oo_with_the_session_and_ends_it_with_it() -> None:
    read = entry(resource("desktop/oo-desktop.service"))
    assert read["Service"]["ExecStart"] == "/usr/bin/oo-desktop"
    assert read["Install"]["WantedBy"] == read["Unit"]["PartOf"] == "graphical-session.target"
    assert read["Service"]["Restart"] == "on-failure"  # quit is quit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_the_unit_is_valid(tmp_path: Path) -> None:
    text = resource("desktop/oo-desktop.service").read_text()
    text = text.replace("/usr/bin/oo-desktop", sys.executable)
    lines = [line for line in text.splitlines() if not line.startswith("Documentation=man:")]
    unit = tmp_path / "oo-desktop.service"
    unit.write_text("\n".join(lines))
    command = ["systemd-analyze", "--user", "verify", str(unit)]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    said = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("name", ["oo-desktop.desktop", "oo-desktop.krunner.desktop"])
def test_an_entry_is_in_the_encoding_it_has_to_be(name: str) -> None:
    assert resource(f"desktop/{name}").read_bytes().decode("utf-8").endswith("\n")
