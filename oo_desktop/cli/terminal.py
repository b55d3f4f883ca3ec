"""Writes answers and reasons to a terminal, whatever state that is in."""

from __future__ import annotations

import os

from oo_desktop.errors import OoError
from oo_desktop.language import translated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


class OutputError(OoError):
    """Says that standard output cannot be written."""


class ReaderGone(Exception):
    """Says that whoever reads our output has seen enough (`oo-desktop signals | head -1`)."""


class Terminal:
    """Writes answers and reasons. Either may be closed, full, or unable to write a character."""

    def __init__(self, out: TextIO | None, err: TextIO | None) -> None:
        self._out = out
        self._err = err
        for stream in (out, err):
            if reconfigure := getattr(stream, "reconfigure", None):
                reconfigure(errors="replace")

    @property
    def columns(self) -> int | None:
        """Return how wide the terminal is; None where what is said goes to no terminal."""
        if self._out is None or not self._out.isatty():
            return None
        try:
            return os.get_terminal_size(self._out.fileno()).columns or None
        except OSError:
            return None

    def say(self, text: str) -> None:
        """Write to stdout at once. Raises OutputError, or ReaderGone."""
        if self._out is None:
            return
        try:
            self._out.write(text + "\n")
            self._out.flush()
        except BrokenPipeError:
            _drop(self._out)
            raise ReaderGone from None
        except OSError as error:
            _drop(self._out)
            raise OutputError(
                translated("oO cannot write its answer: {why}.", why=error.strerror)
            ) from error

    def note(self, text: str) -> None:
        """Write to stderr, if there is anybody."""
        if self._err is None:
            return
        try:
            self._err.write(text + "\n")
            self._err.flush()
        except OSError:
            _drop(self._err)


def _drop(stream: TextIO) -> None:
    """Send what is still buffered nowhere, so that it does not fail again at exit."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except OSError:
        pass
