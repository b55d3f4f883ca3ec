"""The folders oO keeps its files in."""

import stat
from pathlib import Path

import pytest

from oo_desktop.errors import ConfigError
from oo_desktop.folders import Folders, folders_at, folders_from_environment
from oo_desktop.linux.autostart import XdgAutostart
from oo_desktop.places import places_from_environment


def test_oo_desktop_home_puts_everything_under_one_folder(tmp_path: Path) -> None:
    folders = folders_from_environment({"OO_DESKTOP_HOME": str(tmp_path)})
    assert folders.config_file == tmp_path / "config.toml"
    assert all(folder.is_relative_to(tmp_path) for folder in folders)


def test_plug_ins_are_looked_for_beside_the_data(tmp_path: Path) -> None:
    folders = folders_from_environment({"OO_DESKTOP_HOME": str(tmp_path)})
    assert folders.plug_ins == folders.data / "plugins"


def test_the_folders_are_where_the_places_say(tmp_path: Path) -> None:
    places = places_from_environment({"OO_DESKTOP_HOME": str(tmp_path)})
    folders = folders_at(places)
    assert [str(folder) for folder in folders] == list(vars(places).values())
    assert folders.database == tmp_path / "oo.db"


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
