"""Qt's loop for one story, in a process that goes on with others."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import shiboken6
from PySide6.QtWidgets import QApplication

from oo_desktop.app.qt_loop import ENDING_SECONDS, QtLoop


@contextmanager
def qt_runner(
    app: QApplication, *, ending_seconds: float = ENDING_SECONDS
) -> Iterator[asyncio.Runner]:
    """An asyncio.Runner on Qt's loop, of which nothing is left behind.

    What qasync was to do in its next turn is still tried after the loop was closed, in the middle
    of whatever Qt does next, and takes the process with it.
    """
    loops: list[QtLoop] = []

    def made() -> QtLoop:
        loop = QtLoop(app, ending_seconds=ending_seconds)
        loops.append(loop)
        return loop

    try:
        with asyncio.Runner(loop_factory=made) as runner:
            yield runner
    finally:
        for loop in loops:
            shiboken6.delete(loop._timer)
        asyncio.set_event_loop(None)  # the tests that follow get a loop of their own again
