"""oO's pictures: all there, all different, all sharp."""

from itertools import combinations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from oo_desktop.model.icon_style import IconStyle
from oo_desktop.ui.qt.icons import (
    TRAY_SIZES,
    Ink,
    app_icon,
    ink_for,
    is_dark,
    row_icon,
    tray_icon,
    when_colors_change,
)
from oo_desktop.ui.view.icon import IconView, Mark, RowIcon


def image(view: IconView, ink: Ink = Ink.LIGHT, size: int = 22) -> QImage:
    return tray_icon(view, ink).pixmap(QSize(size, size)).toImage()


def shape(picture: QImage) -> list[bool]:
    """Which pixels are covered, whatever their colour."""
    return [
        picture.pixelColor(x, y).alpha() > 128
        for y in range(picture.height())
        for x in range(picture.width())
    ]


def test_every_size_a_panel_asks_for_is_drawn_at_that_size(qtbot: QtBot) -> None:
    sizes = {size.width() for size in tray_icon(IconView(), Ink.LIGHT).availableSizes()}
    assert sizes == set(TRAY_SIZES)


def test_states_differ_in_shape_and_not_only_in_colour(qtbot: QtBot) -> None:
    views = [IconView(mark, count) for mark in Mark for count in (0, 1, 5, 10)]
    for one, other in combinations(views, 2):
        assert shape(image(one)) != shape(image(other)), (one, other)


def test_each_count_has_its_own_digit_and_more_than_nine_is_nine_plus(qtbot: QtBot) -> None:
    shapes = [tuple(shape(image(IconView(due=count)))) for count in range(11)]
    assert len(set(shapes)) == 11
    assert image(IconView(due=10)) == image(IconView(due=100_000))


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def luminance(name: str) -> float:
    """WCAG 2.2, relative luminance of `#rrggbb`."""
    parts = [int(name[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


GREYS = [f"#{level:02x}{level:02x}{level:02x}" for level in range(0, 256, 15)]
THEMES = ["#2980b9", "#4c7899", "#5a5b5c", "#282e32", "#b4b4b4", "#3b3b37", "#0078d4"]
"""Panels that people have: waybar's tray, i3, Cinnamon, Plasma's twilight, MATE, Ambiance, blue."""


@pytest.mark.parametrize("ink", [Ink.LIGHT_RIMMED, Ink.DARK_RIMMED])
@pytest.mark.parametrize("view", [IconView(), IconView(due=4), IconView(Mark.ATTENTION, 12)])
def test_one_of_the_two_tones_is_readable_on_any_panel(
    qtbot: QtBot, ink: Ink, view: IconView
) -> None:
    """3:1 is what WCAG 2.2 asks of graphics (criterion 1.4.11)."""
    colors = {tone for tone in ink.value if tone}
    for panel in (*GREYS, *THEMES):
        best = max(contrast(luminance(color), luminance(panel)) for color in colors)
        assert best >= 3, panel
        assert contrast(*seen_on(panel, image(view, ink))) >= 3, panel


def seen_on(panel: str, icon: QImage) -> tuple[float, float]:
    """The panel's luminance, and that of a twentieth of the picture that is farthest from it."""
    ground = QImage(icon.size(), QImage.Format.Format_RGB32)
    ground.fill(QColor(panel))
    painter = QPainter(ground)
    painter.drawImage(0, 0, icon)
    painter.end()
    behind = luminance(panel)
    pixels = [
        luminance(ground.pixelColor(x, y).name())
        for y in range(ground.height())
        for x in range(ground.width())
    ]
    pixels.sort(key=lambda each: contrast(each, behind), reverse=True)
    return behind, pixels[len(pixels) // 20]


@pytest.mark.parametrize(
    ("ink", "panel"),
    [
        (Ink.LIGHT, "#2b2b2b"),
        (Ink.LIGHT, "#4a4a4a"),
        (Ink.DARK, "#ffffff"),
        (Ink.DARK, "#dcdcdc"),
    ],
)
def test_an_ink_of_one_tone_is_readable_on_the_panels_it_is_for(ink: Ink, panel: str) -> None:
    for color in filter(None, ink.value):
        assert contrast(luminance(color), luminance(panel)) >= 3, color


def test_what_the_panel_probably_is_decides_which_tone_is_large() -> None:
    gnome, kde = {"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}, {"XDG_CURRENT_DESKTOP": "KDE"}
    assert ink_for(dark=True, environment=kde) is Ink.LIGHT_RIMMED
    assert ink_for(dark=False, environment=kde) is Ink.DARK_RIMMED
    assert ink_for(dark=False, environment=gnome) is Ink.LIGHT_RIMMED  # its bar is black
    assert ink_for(dark=False, environment={}) is Ink.LIGHT_RIMMED


@pytest.mark.parametrize("style", [each for each in IconStyle if each is not IconStyle.AUTO])
def test_what_a_person_wants_counts_whatever_windows_are(style: IconStyle) -> None:
    kde = {"XDG_CURRENT_DESKTOP": "KDE"}
    inks = {ink_for(style, dark=dark, environment=kde) for dark in (True, False)}
    assert inks == {Ink[style.name]}


def test_windows_are_dark_when_their_palette_is(qapp: QApplication) -> None:
    before = qapp.palette()
    for name, dark in (("#202020", True), ("#f0f0f0", False)):
        qapp.setPalette(QPalette(QColor(name)))
        assert is_dark() is dark
    qapp.setPalette(before)


def test_every_row_icon_and_the_app_icon_have_a_picture(qtbot: QtBot) -> None:
    for name in RowIcon:
        assert any(shape(row_icon(name).pixmap(16).toImage())), name
    assert any(shape(app_icon().pixmap(48).toImage()))


def test_an_events_picture_holds_the_colour_of_its_calendar_in_an_outline_that_stays(
    qtbot: QtBot,
) -> None:
    plain = row_icon(RowIcon.EVENT).pixmap(32).toImage()
    filled = row_icon(RowIcon.EVENT, "#f6bf26").pixmap(32).toImage()
    assert filled.pixelColor(16, 21) == QColor("#f6bf26")
    assert filled.pixelColor(16, 8) == plain.pixelColor(16, 8)
    assert (
        row_icon(RowIcon.JOIN, "#f6bf26").pixmap(32).toImage()
        == row_icon(RowIcon.JOIN).pixmap(32).toImage()
    )


def test_new_colours_are_told(qtbot: QtBot) -> None:
    heard: list[str] = []
    when_colors_change(lambda: heard.append("colors"))
    QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert heard == ["colors"]
