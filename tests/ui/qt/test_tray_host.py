"""Which program shows tray icons, over a bus of the test's own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtDBus import QDBusConnection

from oo_desktop.ui.qt.first_icon import WATCHER
from oo_desktop.ui.qt.tray_host import (
    channel_of,
    is_empty_name,
    keeps_height,
    reads_submenus_apart,
    row_height,
    says_closed,
    tray_host,
    unfolded_rows,
)
from oo_desktop.ui.view.text import MenuChannel


@pytest.fixture
def bus(private_bus: str) -> Iterator[QDBusConnection]:
    yield QDBusConnection.connectToBus(private_bus, "host")
    QDBusConnection.disconnectFromBus("host")


def processes(folder: Path, name: str) -> Path:
    """Where this process goes by `name`."""
    (folder / str(os.getpid())).mkdir()
    (folder / str(os.getpid()) / "comm").write_text(f"{name}\n")
    return folder


def test_without_a_watcher_there_is_no_host(bus: QDBusConnection) -> None:
    assert tray_host(bus) is None
    assert tray_host(QDBusConnection("no such connection")) is None


@pytest.mark.parametrize(
    ("process", "host"),
    [
        ("lxqt-panel", "lxqt-panel"),
        ("panel-2-systray", "xfce4-panel"),
        ("notification-ar", "mate-panel"),
        ("budgie-daemon", "budgie-panel"),
        ("wrapper-2.0", "xfce4-panel"),
    ],
)
def test_the_host_is_the_process_that_is_the_watcher_or_its_panel(
    bus: QDBusConnection, tmp_path: Path, process: str, host: str
) -> None:
    bus.registerService(WATCHER)
    assert tray_host(bus, processes=processes(tmp_path, process)) == host


@pytest.mark.parametrize(
    ("desktop", "host"),
    [("ubuntu:GNOME", "gnome-shell"), ("KDE", "plasmashell"), ("LXQt", "lxqt-panel"), ("", "")],
)
def test_where_its_process_cannot_be_seen_it_is_that_of_the_desktop(
    bus: QDBusConnection, tmp_path: Path, desktop: str, host: str
) -> None:
    bus.registerService(WATCHER)
    environment = {"XDG_CURRENT_DESKTOP": desktop}
    assert tray_host(bus, environment=environment, processes=tmp_path) == host


@pytest.mark.parametrize(
    ("host", "channel"),
    [
        ("gnome-shell", MenuChannel.GNOME),
        ("kded6", MenuChannel.KDE),
        ("lxqt-panel", MenuChannel.KDE),
        ("mate-panel", MenuChannel.MATE),
        ("xfce4-panel", MenuChannel.GTK),
        ("xapp-sn-watcher", MenuChannel.MATE),
        ("budgie-panel", MenuChannel.MATE),
        ("", MenuChannel.GTK),
    ],
)
def test_each_host_reads_labels_by_the_rule_of_its_library(host: str, channel: MenuChannel) -> None:
    assert channel_of(host) is channel


@pytest.mark.parametrize(
    ("host", "kept"),
    [("xfce4-panel", True), ("waybar", True), ("plasmashell", False), ("", False)],
)
def test_hosts_of_gtk_cut_off_what_comes_once_a_menu_is_open(host: str, kept: bool) -> None:
    assert keeps_height(host) is kept


def test_a_name_without_a_watcher_is_told_from_none(bus: QDBusConnection, private_bus: str) -> None:
    other = QDBusConnection.connectToBus(private_bus, "asks")
    assert not is_empty_name(other)
    bus.registerService(WATCHER)
    assert is_empty_name(other)
    QDBusConnection.disconnectFromBus("asks")


def test_plasma_is_told_of_each_submenu_whichever_process_has_its_watcher() -> None:
    told = {"kded5", "kded6", "plasmashell", "lxqt-panel"}
    assert [host for host in sorted(told) if reads_submenus_apart(host)] == [
        "kded5",
        "kded6",
        "plasmashell",
    ]


def test_a_host_that_is_not_known_is_taken_for_a_usual_one() -> None:
    assert not says_closed("")
    assert not reads_submenus_apart("")
    assert row_height("") == row_height("xfce4-panel")
    assert unfolded_rows("") == 0
