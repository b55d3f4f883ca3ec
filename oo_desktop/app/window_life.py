"""Builds the window when it is first opened, draws it while it is open, and gives it back later.

With the window never opened nothing of it is imported; once it is closed, it goes when nobody has
opened it again for a while. How large it was is kept in a small file beside the database.
"""

import gc
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from PySide6.QtCore import QObject, QTimer

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.clock import Clock
from oo_desktop.commands.commands import Execute
from oo_desktop.model.state import AppState

if TYPE_CHECKING:
    from oo_desktop.ui.qt.main_window import MainWindow
    from oo_desktop.ui.view.window import WindowLists

log = logging.getLogger(__name__)

GIVE_BACK_MS = 60_000
"""Milliseconds for which a closed window is kept: many are opened again at once."""

MAX_FILE = 1024
"""Bytes; what is written has some 40."""


Pixels = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class Kept(msgspec.Struct, frozen=True):
    """Holds what is kept of the window: its size, in pixels that no screen scales."""

    width: Pixels = 0
    height: Pixels = 0


class WindowLife(QObject):
    """Owns the window, from one opening to long after its closing.

    agenda: the screen's, whose work on the lists is not done twice.
    state: what there is to see; None: nothing is known yet.
    execute: carries out what is asked in the window.
    file: where its size is kept.
    changed: called when it was opened, so that it is drawn.
    looked_at: called when it comes to the front: lists may be too old.
    understand: says what is understood of a new task as it is typed.
    closed: called when it was closed.
    """

    def __init__(
        self,
        *,
        agenda: Agenda,
        clock: Clock,
        state: Callable[[], AppState | None],
        execute: Execute,
        file: Path,
        looked_at: Callable[[], object],
        understand: Callable[[str], str],
        closed: Callable[[], object],
        give_back: int = GIVE_BACK_MS,
    ) -> None:
        super().__init__()
        self._beside = agenda
        self._clock = clock
        self._state = state
        self._execute = execute
        self._file = file
        self._looked_at = looked_at
        self._understand = understand
        self._told_closed = closed
        self.has_tray = True
        self._window: MainWindow | None = None
        self._agenda: Agenda | None = None
        self._lists: WindowLists | None = None
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.setInterval(give_back)
        self._end.timeout.connect(self._give_back)

    @property
    def is_open(self) -> bool:
        """Return whether the window is there to be seen."""
        return self._window is not None and self._window.isVisible()

    @property
    def was_ever_open(self) -> bool:
        """Return whether it was opened before, in this run of oO or in an earlier one."""
        return self._file.exists()

    def open(self, *, adding: bool = False) -> "MainWindow":
        """Open the window, or bring it to the front; `adding`: at the field for a new task."""
        self._end.stop()
        if self._window is None:
            from oo_desktop.ui.qt.main_window import MainWindow, WindowSize
            from oo_desktop.ui.view.window import WindowLists

            kept = self._read()
            self._agenda, self._lists = Agenda(beside=self._beside), WindowLists()
            self._window = MainWindow(
                execute=self._execute,
                size=WindowSize(kept.width, kept.height) if kept is not None else None,
                closed=self._closed,
                looked_at=self._looked_at,
                understand=self._understand,
            )
            if kept is None:
                self._write(Kept())
        if not self.is_open:
            self.render()
        self._window.bring_to_front()
        if adding:
            self._window.ask_to_add()
        return self._window

    def render(self) -> datetime | None:
        """Draw the window, if it is open or about to be; returns when time alone changes it."""
        if self._window is None or self._agenda is None or self._lists is None:
            return None
        if self._end.isActive():
            return None
        from oo_desktop.ui.view.window import (
            as_looked_at,
            next_change,
            starting_window,
            window_view,
        )

        now, state = self._clock.now(), self._state()
        if state is None:
            selection = self._agenda.select(AppState(), now)
            self._window.show_view(starting_window(selection, self._lists))
            return None
        selection = self._agenda.select(as_looked_at(state, now), now)
        self._window.show_view(window_view(state, selection, self._lists, tray=self.has_tray))
        return next_change(state, selection)

    def rebuild(self) -> None:
        """Build the window anew, as another language needs; it is open if it was."""
        window, was_open = self._window, self.is_open
        if window is None:
            return
        if was_open:
            self._write(Kept(window.width(), window.height()))
            window.hide()
        self._give_back()
        if was_open:
            self.open()

    def aclose(self) -> None:
        """Close the window for good."""
        self._end.stop()
        if self._window is not None:
            self._window.close()
        self._give_back()

    def _closed(self, size: tuple[int, int]) -> None:
        self._write(Kept(*size))
        self._end.start()
        self._told_closed()

    def _give_back(self) -> None:
        self._end.stop()
        if self._window is not None:
            self._window.deleteLater()
        self._window = self._agenda = self._lists = None
        QTimer.singleShot(0, gc.collect)

    def _read(self) -> Kept | None:
        """None where nothing is kept, or nothing that can be used."""
        try:
            with self._file.open("rb") as file:
                kept = msgspec.json.decode(file.read(MAX_FILE), type=Kept)
        except (OSError, msgspec.DecodeError):
            return None
        return kept if kept.width > 0 and kept.height > 0 else None

    def _write(self, kept: Kept) -> None:
        try:
            self._file.write_bytes(msgspec.json.encode(kept))
        except OSError as error:
            log.info("the size of the window cannot be kept: %s", error.strerror)
