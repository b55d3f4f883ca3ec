"""The diagnostics name what is looked for first, and nothing secret."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from oo_desktop import __version__
from oo_desktop.app.diagnostics import facts_of
from oo_desktop.folders import Folders

FOLDERS = Folders(Path("/c"), Path("/d"), Path("/r"))


def facts(**environment: str) -> dict[str, str]:
    found = facts_of(FOLDERS, keyring=environment.pop("keyring", ""), environment=environment)
    return {fact.name: fact.value for fact in found}


def test_versions_session_keyring_and_paths_are_told(qtbot: QtBot) -> None:
    told = facts(XDG_SESSION_TYPE="wayland", XDG_CURRENT_DESKTOP="sway", keyring="KWallet")
    assert told["oO"] == __version__
    assert told["Session"] == "wayland, sway"
    assert told["Keyring"] == "KWallet"
    assert (told["Settings"], told["Data"], told["Socket"]) == ("/c/config.toml", "/d", "/r")
    assert qtbot is not None


def test_what_is_not_known_is_said_to_be(qtbot: QtBot) -> None:
    told = facts()
    assert told["Keyring"] == "not asked yet"
    assert told["Session"] == "offscreen, unknown desktop"
    assert qtbot is not None
