"""What oO runs on, told without anything that names its person."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from oo_desktop import __version__
from oo_desktop.app.surroundings import surroundings, tray_advice
from oo_desktop.config import Settings, settings_from_toml

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def told(settings: Settings | None = None, **environment: str) -> dict[str, Any]:
    found = surroundings(
        started_at=NOW,
        keyring="keyring.backends.SecretService.Keyring",
        settings=settings or Settings(),
        environment=environment,
        tray_host="xfce4-panel",
        os_release=lambda: {"PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)"},
    )
    return dict(json.loads(json.dumps(found)))


@pytest.mark.usefixtures("qapp")
def test_versions_session_and_keyring_are_told() -> None:
    found = told(XDG_CURRENT_DESKTOP="XFCE", XDG_SESSION_TYPE="x11")
    assert found["version"] == __version__
    assert found["started_at"] == "2026-11-22T12:00:00+00:00"
    assert found["desktop"] == "XFCE"
    assert found["session"] == "x11"
    assert found["tray_host"] == "xfce4-panel"
    assert found["qt_platform"] == "offscreen"
    assert found["keyring"] == "keyring.backends.SecretService.Keyring"
    assert found["system"].startswith("Debian GNU/Linux 12 (bookworm), ")
    assert found["packages"]["httpx"]
    assert found["screens"]


@pytest.mark.usefixtures("qapp")
def test_of_settings_only_the_names_are_told() -> None:
    settings = settings_from_toml(
        "poll_interval = 60\n"
        "[show]\nall_day = false\n"
        "[todoist]\nclient_secret = 'hush'\nfilter = 'assigned to: ada'\n"
    )
    found = told(settings)
    assert found["settings"] == [
        "poll_interval",
        "show.all_day",
        "todoist.client_secret",
        "todoist.filter",
    ]
    assert "hush" not in json.dumps(found)
    assert "ada" not in json.dumps(found)


@pytest.mark.usefixtures("qapp")
def test_a_system_that_does_not_say_what_it_is_is_told_by_its_kind() -> None:
    def missing() -> dict[str, str]:
        raise OSError

    found = surroundings(
        started_at=NOW, keyring="", settings=Settings(), environment={}, os_release=missing
    )
    assert str(found["system"]).startswith("linux, ")


@pytest.mark.parametrize(
    ("desktop", "word"),
    [
        ("GNOME", "AppIndicator"),
        ("ubuntu:GNOME", "AppIndicator"),
        ("Budgie:GNOME", "System Tray applet"),
        ("sway", "Waybar"),
        ("labwc:wlroots", "Waybar"),
        ("i3", "i3bar"),
        ("XFCE", "Status Tray"),
        ("", "a panel or a bar"),
        ("weston", "a panel or a bar"),
    ],
)
def test_without_a_tray_it_is_said_what_this_desktop_needs(desktop: str, word: str) -> None:
    assert word in tray_advice({"XDG_CURRENT_DESKTOP": desktop})


def test_a_program_that_only_takes_the_place_of_a_tray_is_named() -> None:
    assert tray_advice({"XDG_CURRENT_DESKTOP": "i3"}, taken_by="kded6").startswith(
        "kded6 has taken"
    )
    assert tray_advice({}, taken_by="").startswith("Another program has taken")
