"""Movements stop where somebody has asked for that."""

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
