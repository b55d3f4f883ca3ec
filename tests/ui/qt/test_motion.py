"""Movements stop where somebody has asked for that."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtDBus import QDBusConnection, QDBusVariant
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle
from pytestqt.qtbot import QtBot

from oo_desktop.ui.qt.motion import ANIMATIONS, REDUCED, Motion

NOBODY = "nobody-is-here"


@pytest.fixture
def motion(qtbot: QtBot) -> Motion:
    """One that has no bus to ask."""
    return Motion(bus=QDBusConnection(NOBODY))


def test_where_nothing_is_known_things_may_move(motion: Motion) -> None:
    assert motion.allowed


@pytest.mark.parametrize(
    ("setting", "value", "allowed"),
    [
        (REDUCED, 1, False),
        (REDUCED, 0, True),
        (ANIMATIONS, False, False),
        (ANIMATIONS, True, True),
        (("org.example", "other"), 1, True),
    ],
)
def test_a_setting_that_changes_counts_at_once(
    motion: Motion, setting: tuple[str, str], value: object, allowed: bool
) -> None:
    motion.changed(*setting, QDBusVariant(value))
    assert motion.allowed is allowed


class Still(QProxyStyle):
    """What a platform's theme makes of a style where animations are off."""

    def styleHint(self, hint: QStyle.StyleHint, *rest: object) -> int:  # noqa: N802  # Qt's name
        return 0 if hint is QStyle.StyleHint.SH_Widget_Animation_Duration else 1


@pytest.fixture
def still(qapp: QApplication) -> Iterator[None]:
    before = qapp.style().objectName()
    qapp.setStyle(Still())
    yield
    qapp.setStyle(before)


def test_a_style_without_animations_is_believed(motion: Motion, still: None) -> None:
    assert not motion.allowed


PORTAL = """
import asyncio, sys
from dbus_fast import Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

class Settings(ServiceInterface):
    def __init__(self):
        super().__init__("org.freedesktop.portal.Settings")

    @dbus_method()
    def ReadOne(self, namespace: "s", key: "s") -> "v":
        return Variant("u", 1) if key == "reduced-motion" else Variant("b", True)

    @dbus_signal()
    def SettingChanged(self) -> "ssv":
        return ["org.freedesktop.appearance", "reduced-motion", Variant("u", 0)]

async def serve():
    bus = await MessageBus(bus_address=sys.argv[1]).connect()
    settings = Settings()
    bus.export("/org/freedesktop/portal/desktop", settings)
    await bus.request_name("org.freedesktop.portal.Desktop")
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    settings.SettingChanged()
    await asyncio.sleep(60)

asyncio.run(serve())
"""


def test_a_desktops_portal_is_asked_and_heard(qtbot: QtBot, private_bus: str) -> None:
    portal = subprocess.Popen(
        [sys.executable, "-c", PORTAL, private_bus],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert portal.stdin is not None
    assert portal.stdout is not None
    try:
        assert portal.stdout.readline() == "ready\n"
        motion = Motion(bus=QDBusConnection.connectToBus(private_bus, "motion"))
        assert motion.allowed
        qtbot.waitUntil(lambda: not motion.allowed)
        portal.stdin.write("\n")
        portal.stdin.flush()
        qtbot.waitUntil(lambda: motion.allowed)
    finally:
        portal.kill()
        portal.wait()
        portal.stdin.close()
        portal.stdout.close()
        QDBusConnection.disconnectFromBus("motion")
