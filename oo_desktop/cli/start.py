"""Becomes the one running oO, or wakes the one that is; hands every word over to `commands.py`.

Exit codes: 0 done, 1 failed (reason on stderr), 2 wrong usage, 3 no instance is running; 130 after
Ctrl-C.

Whoever logs in waits for the icon, so what only commands need is imported for those.
"""

from __future__ import annotations

import gc
import os
import sys
import time

from oo_desktop import language
from oo_desktop.cli.terminal import ReaderGone, Terminal
from oo_desktop.errors import OoError
from oo_desktop.ipc.instance import InstanceError, InstanceLock, NotRunning
from oo_desktop.ipc.protocol import FAILED, GIVES_WAY, CommandError
from oo_desktop.language import formats_of_session, language_of, translated
from oo_desktop.places import Places, place_of_resource, places_from_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    from oo_desktop.app.demo import Demo
    from oo_desktop.folders import Folders

    class Run(Protocol):
        """Runs the tray until it is quit, as `app.main.run` does. Returns the exit code."""

        def __call__(
            self,
            *,
            folders: Folders,
            lock: InstanceLock,
            demo: Demo | None,
        ) -> int: ...


DONE = 0
NOT_RUNNING = 3
INTERRUPTED = 130

STARTING_SECONDS = 15.0
"""How long to wait for an instance that holds the lock and does not answer."""


def main(
    argv: Sequence[str] | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    run: Run | None = None,
) -> int:
    """Do what the command line says; returns the exit code.

    run: the tray; by default `oo_desktop.app.main.run`, imported when it is needed.
    """
    language.use(language_of(environment), place_of_resource("languages"), formats_of_session())
    terminal = Terminal(sys.stdout, sys.stderr)
    words = sys.argv[1:] if argv is None else argv
    try:
        places = places_from_environment(environment)
        # What the desktop does at log-in reads no command line, and need not learn how.
        if words:
            return _do(words, terminal, places, run, environment)
        return _start(places, terminal, run, environment)
    except ReaderGone:
        return DONE
    except OoError as error:
        from oo_desktop.cli.text import plain

        terminal.note(plain(error))
        return _exit_code(error)
    except KeyboardInterrupt:
        terminal.note("")
        return INTERRUPTED


def _do(
    words: Sequence[str],
    terminal: Terminal,
    places: Places,
    run: Run | None,
    environment: Mapping[str, str],
) -> int:
    from oo_desktop.cli.commands import carry_out

    return carry_out(
        words,
        terminal,
        places,
        start=lambda adding: _start(places, terminal, run, environment, adding=adding),
        start_demo=lambda: _start_demo(run),
    )


def _exit_code(error: OoError) -> int:
    if isinstance(error, NotRunning):
        return NOT_RUNNING
    return error.code if isinstance(error, CommandError) else FAILED


def _start(
    places: Places,
    terminal: Terminal,
    run: Run | None,
    environment: Mapping[str, str],
    *,
    adding: bool = False,
) -> int:
    """Become the one running oO, or wake the one that is.

    The bus may have started that one for a program that asked, before it knew of any screen, or
    somebody without one: it gives way to one that has a screen.

    adding: open its window at the field for a new task, whichever it is.
    """
    from oo_desktop.display import has_display
    from oo_desktop.folders import folders_at

    folders = folders_at(places)
    folders.create()
    end = time.monotonic() + STARTING_SECONDS
    while (lock := InstanceLock.acquire(places.runtime)) is None:
        from oo_desktop.ipc.client import ask

        command = "ask_to_add" if adding else "wake"
        try:
            answer = ask(places.runtime, command, {"screen": has_display(environment)})
        except InstanceError:
            # It is just ending, or was only somebody looking at the lock.
            if time.monotonic() > end:
                raise
        else:
            if answer != {GIVES_WAY: True}:
                terminal.say(translated("oO is already running."))
                return DONE
            if time.monotonic() > end:
                raise InstanceError(translated("oO was asked to quit and has not ended yet."))
        time.sleep(0.05)

    if adding:
        from threading import Thread

        Thread(target=_ask_oneself, args=(places.runtime, "ask_to_add"), daemon=True).start()
    with lock:
        return _tray(run)(folders=folders, lock=lock, demo=None)


def _ask_oneself(folder: str, command: str) -> None:
    """Ask what starts in this process, as soon as it can be asked; it says itself what is wrong."""
    from oo_desktop.ipc.client import ask

    try:
        ask(folder, command, starting=STARTING_SECONDS)
    except (InstanceError, CommandError):
        pass


def _start_demo(run: Run | None) -> int:
    """An oO beside any other: with folders of its own, there is nobody to wake."""
    from oo_desktop.app.demo import demo

    with demo() as made:
        made.folders.create()
        lock = InstanceLock.acquire(made.folders.runtime)
        if lock is None:
            raise InstanceError(translated("The demo’s own folder is already in use."))
        with lock:
            return _tray(run)(folders=made.folders, lock=lock, demo=made)


def _tray(run: Run | None) -> Run:
    gc.enable()  # see `__main__.py`
    if run is not None:
        return run
    from oo_desktop.app.main import run as tray

    return tray
