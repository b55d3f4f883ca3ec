"""Be oO itself, in a process that dies by SIGKILL at a step of its outbox that a file names.

The file holds the steps to go through, such as `before:sent`, or `after:sent before:snapshot`: at
the last of them the process is killed. An empty or missing file means a life without accidents. It
is read at each commit, so that the accident can be planned while oO runs. oO knows nothing of this:
the steps are told apart by the SQL that is about to be committed.
"""

import os
import re
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

STEPS = ("click", "undo", "attempt", "sent", "refused", "snapshot", "over")
"""What a commit can be about.

click, undo: a row for what was asked, or for taking that back. attempt: a row is about to be sent.
sent, refused: the service answered. snapshot: a poll's list. over: rows are confirmed, or removed.
"""

COMPENSATIONS = ("reopen", "restore", "remove")


class Accident:
    """Counts down the steps in `file`, and calls `die` at the last."""

    def __init__(self, file: Path, die: Callable[[], None]) -> None:
        self._file = file
        self._die = die
        self._text = ""
        self._left: list[str] = []
        self._lock = threading.Lock()

    def at(self, moment: str, steps: Sequence[str]) -> None:
        """Take note that a commit with these `steps` in it is about to happen, or just has."""
        with self._lock:  # snapshots are written in a thread
            text = self._file.read_text() if self._file.exists() else ""
            if text != self._text:
                self._text, self._left = text, text.split()
            if self._left and self._left[0] in {f"{moment}:{step}" for step in steps}:
                del self._left[0]
                if not self._left:
                    self._die()


CHANGES = re.compile(r"(INSERT|UPDATE|DELETE) (?:OR REPLACE )?(?:INTO |FROM )?(\w+)")


class Steps:
    """Reads what statements are about. attempts: of each row, how often it was begun."""

    def __init__(self) -> None:
        self._attempts: dict[int, int] = {}

    def of(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        """Yield the steps that a statement is part of, carried out for each of `rows`."""
        match changes.groups() if (changes := CHANGES.match(sql)) else None:
            case (_, "snapshots" | "signals"):
                yield "snapshot"
            case ("INSERT", "outbox"):
                for row in rows:
                    yield "undo" if row["kind"] in COMPENSATIONS else "click"
            case ("DELETE", "outbox"):
                yield "over"
            case ("UPDATE", "outbox"):
                for row in rows:
                    yield from self._of_row(row)

    def _of_row(self, row: Mapping[str, Any]) -> Iterator[str]:
        match row.get("state"):
            case "queued":
                if row["attempts"] > self._attempts.get(row["number"], 0):
                    self._attempts[row["number"]] = row["attempts"]
                    yield "attempt"
            case "sent" | "refused" as state:
                yield state
            case "confirmed":
                yield "over"


def watch(accident: Accident) -> None:
    """Have `accident` told of every commit of this process."""
    reader = Steps()

    class Watched(sqlite3.Connection):
        steps: tuple[str, ...] = ()

        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            if sql == "COMMIT":
                return self._commit()
            self.steps += tuple(reader.of(sql, [parameters]))
            return super().execute(sql, parameters)

        def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
            rows = list(parameters)
            self.steps += tuple(reader.of(sql, rows) if rows else ())
            return super().executemany(sql, rows)

        def rollback(self) -> None:
            self.steps = ()
            super().rollback()

        def _commit(self) -> sqlite3.Cursor:
            accident.at("before", self.steps)
            done = super().execute("COMMIT")
            accident.at("after", self.steps)
            self.steps = ()
            return done

    watched = partial(sqlite3.connect, factory=Watched)
    sqlite3.connect = watched  # type: ignore[assignment]  # a partial has no overloads


def live(file: Path) -> int:
    """Be oO until it ends; returns its exit code."""
    accident = Accident(file, lambda: os.kill(os.getpid(), signal.SIGKILL))
    watch(accident)
    from oo_desktop.cli import main as oo

    return oo()
