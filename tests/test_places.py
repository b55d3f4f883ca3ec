"""Where oO keeps its files."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from oo_desktop.errors import ConfigError
from oo_desktop.places import place_of_resource, places_from_environment


def test_oo_desktop_home_puts_everything_under_one_folder(tmp_path: Path) -> None:
    places = places_from_environment({"OO_DESKTOP_HOME": str(tmp_path)})
    assert (places.config, places.data) == (str(tmp_path), str(tmp_path))
    assert places.runtime == f"{tmp_path}/run", "closed to others, which the home need not be"


def test_a_relative_home_means_the_same_after_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert places_from_environment({"OO_DESKTOP_HOME": "here"}).config == f"{tmp_path}/here"


def test_a_relative_home_in_a_deleted_folder_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        "import os; from oo_desktop.places import places_from_environment as places\n"
        "from oo_desktop.errors import ConfigError\n"
        f"os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
        "try: places({'OO_DESKTOP_HOME': 'here'})\n"
        "except ConfigError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "OO_DESKTOP_HOME" in said.stdout


@pytest.mark.parametrize("home", [{}, {"OO_DESKTOP_HOME": ""}])
def test_without_it_the_platforms_own_places_are_used(home: dict[str, str]) -> None:
    names = ("CONFIG_HOME", "DATA_HOME", "RUNTIME_DIR")
    places = places_from_environment(home | {f"XDG_{name}": f"/x/{name}" for name in names})
    assert places.config == "/x/CONFIG_HOME/oo-desktop"
    assert places.data == "/x/DATA_HOME/oo-desktop"
    assert places.runtime == "/x/RUNTIME_DIR/oo-desktop"


@pytest.mark.parametrize("value", [None, "", " ", "relative", "./here", "~/there"])
def test_a_folder_of_xdg_that_is_empty_or_relative_does_not_count(value: str | None) -> None:
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")
    places = places_from_environment({} if value is None else dict.fromkeys(names, value))
    assert Path(places.config) == Path.home() / ".config" / "oo-desktop"
    assert Path(places.data) == Path.home() / ".local" / "share" / "oo-desktop"
    usual = (f"/run/user/{os.getuid()}", f"{tempfile.gettempdir()}/runtime-{os.getuid()}")
    assert places.runtime in [f"{folder}/oo-desktop" for folder in usual]


def test_a_resource_is_found_however_oo_is_installed() -> None:
    assert Path(place_of_resource("icons/oo-desktop.svg")).exists()


def test_a_home_folder_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "relative")
    with pytest.raises(ConfigError, match="home folder"):
        places_from_environment({})
