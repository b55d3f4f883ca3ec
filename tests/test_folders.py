"""Where oO keeps its files."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from oo_desktop.errors import ConfigError
from oo_desktop.folders import Folders, folders_from_environment
from oo_desktop.linux.autostart import XdgAutostart


def test_oo_desktop_home_puts_everything_under_one_folder(tmp_path: Path) -> None:
    folders = folders_from_environment({"OO_DESKTOP_HOME": str(tmp_path)})
    assert folders.config_file == tmp_path / "config.toml"
    assert all(folder.is_relative_to(tmp_path) for folder in folders)


def test_plug_ins_are_looked_for_beside_the_data(tmp_path: Path) -> None:
    folders = folders_from_environment({"OO_DESKTOP_HOME": str(tmp_path)})
    assert folders.plug_ins == folders.data / "plugins"


def test_a_relative_home_means_the_same_after_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert folders_from_environment({"OO_DESKTOP_HOME": "here"}).config == tmp_path / "here"


def test_a_relative_home_in_a_deleted_folder_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        "import os; from oo_desktop.folders import folders_from_environment as folders\n"
        "from oo_desktop.errors import ConfigError\n"
        f"os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
        "try: folders({'OO_DESKTOP_HOME': 'here'})\n"
        "except ConfigError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "OO_DESKTOP_HOME" in said.stdout


@pytest.mark.parametrize("home", [{}, {"OO_DESKTOP_HOME": ""}])
def test_without_it_the_platforms_own_places_are_used(tmp_path: Path, home: dict[str, str]) -> None:
    names = ("CONFIG_HOME", "DATA_HOME", "RUNTIME_DIR")
    folders = folders_from_environment(home | {f"XDG_{name}": f"/x/{name}" for name in names})
    assert folders.config == Path("/x/CONFIG_HOME/oo-desktop")
    assert folders.database == Path("/x/DATA_HOME/oo-desktop/oo.db")
    assert folders.runtime == Path("/x/RUNTIME_DIR/oo-desktop")


@pytest.mark.parametrize("value", [None, "", " ", "relative", "./here", "~/there"])
def test_a_folder_of_xdg_that_is_empty_or_relative_does_not_count(value: str | None) -> None:
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")
    given = {} if value is None else dict.fromkeys(names, value)
    folders = folders_from_environment(given)
    assert folders.config == Path.home() / ".config" / "oo-desktop"
    assert folders.data == Path.home() / ".local" / "share" / "oo-desktop"
    usual = (
        Path(f"/run/user/{os.getuid()}"),
        Path(tempfile.gettempdir()) / f"runtime-{os.getuid()}",
    )
    assert folders.runtime.parent in usual


def test_the_autostart_entry_and_the_settings_are_in_one_config_folder(tmp_path: Path) -> None:
    """Each of both reads the variable for itself."""
    for value in ("", "relative", str(tmp_path)):
        environment = {"XDG_CONFIG_HOME": value}
        settings = folders_from_environment(environment).config
        assert XdgAutostart(environment=environment).file.parents[1] == settings.parent


def test_new_folders_are_readable_by_this_user_only(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "a" / "config", tmp_path / "a" / "data", tmp_path / "a" / "run")
    folders.create()
    folders.create()
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = tmp_path / "file" / "config"
    with pytest.raises(ConfigError, match=str(blocked)):
        Folders(blocked, blocked, blocked).create()


def test_looking_for_the_folders_imports_nothing_that_takes_time(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import oo_desktop.cli\n"
        "heavy = {'asyncio', 'msgspec', 'tomllib', 'logging', 'PySide6', 'httpx', 'sqlalchemy'}\n"
        "print(sorted(heavy & (set(sys.modules) - before)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
