"""How wide the terminal is that answers are written to."""

import os
import termios
from collections.abc import Iterator
from io import StringIO
from typing import TextIO

import pytest

from oo_desktop.cli.terminal import Terminal


@pytest.fixture
def screen() -> Iterator[TextIO]:
    """The program's end of a terminal."""
    master, slave = os.openpty()
    with os.fdopen(slave, "w") as stream:
        yield stream
    os.close(master)


def test_a_terminal_says_how_wide_it_is(screen: TextIO) -> None:
    termios.tcsetwinsize(screen.fileno(), (24, 80))
    assert Terminal(screen, None).columns == 80


def test_a_terminal_that_does_not_know_its_width_has_none(screen: TextIO) -> None:
    termios.tcsetwinsize(screen.fileno(), (0, 0))
    assert Terminal(screen, None).columns is None


def test_what_is_written_to_a_file_or_to_nobody_has_no_width() -> None:
    assert Terminal(StringIO(), None).columns is None
    assert Terminal(None, None).columns is None
