"""Three tray hosts and a real pointer: GTK's on X11, one of Wayland, one that embeds windows.

`python -m tests.desktops trays` asks many more hosts, and more of each.
"""

from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktops.hosts import HOSTS
from tests.desktops.picture import Box, Color, Picture
from tests.desktops.screen_reader import ScreenReader
from tests.desktops.stage import HostSession
from tests.desktops.tray_checks import Script


@pytest.mark.parametrize("name", ["xfce4-panel", "waybar", "tint2"])
def test_a_task_is_done_with_the_pointer(
    name: str, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    (host,) = (each for each in HOSTS if each.name == name)

    with HostSession(host) as session, ScreenReader(session.bus) as reader:
        session.start_desktop()
        Script(session, sandbox, reader, tmp_path).do_a_task()


def test_what_came_while_the_menu_was_read_is_folded_away_when_it_opens_again(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    host = HOSTS[0]

    with HostSession(host) as session, ScreenReader(session.bus) as reader:
        session.start_desktop()
        script = Script(session, sandbox, reader, tmp_path)
        script.start()
        outcome = script.changed_while_open()

    assert host.name == "xfce4-panel"  # a panel of GTK, which lets no menu grow
    assert "out of reach" not in outcome
    assert "2 more …" in {row.name for row in script.rows}


def picture(*squares: tuple[Box, Color]) -> Picture:
    """Return a small grey screen with squares on it."""
    width, height = 64, 16
    pixels = bytearray((128, 128, 128) * width * height)
    for box, color in squares:
        for y in range(box.y, box.bottom):
            at = (y * width + box.x) * 3
            pixels[at : at + box.width * 3] = bytes(color * box.width)
    return Picture((width, height), bytes(pixels))


def test_what_has_changed_on_a_picture_is_found_to_the_pixel() -> None:
    square = Box(9, 3, 5, 7)

    assert picture((square, (0, 0, 0))).changed(picture()) == square
    assert picture().changed(picture()) is None


def test_two_icons_that_come_are_two() -> None:
    icons = [Box(2, 2, 10, 10), Box(40, 4, 8, 8)]

    now = picture(*((box, (255, 0, 0)) for box in icons))

    assert now.parts(picture(), now.whole) == icons


@pytest.mark.parametrize(
    ("ink", "seen"),
    [((0, 0, 0), 5.3), ((255, 255, 255), 3.9), ((120, 120, 120), 1.0)],
    ids=["black", "white", "the ground’s"],
)
def test_contrast_is_what_wcag_says_of_ink_and_ground(ink: Color, seen: float) -> None:
    box = Box(20, 2, 12, 12)

    now = picture((box, ink))

    assert now.contrast(box.around(1)) == pytest.approx(seen, abs=0.05)
