"""Be oO itself, in a process that dies by SIGKILL at a step of its outbox that an argument names.

    python -m tests.faults.kills_child FILE [oO's own arguments]

FILE holds the steps to go through, such as `before:sent`, or `after:sent before:snapshot`: at the
last of them the process is killed. An empty or missing FILE means a life without accidents. It is
read at each commit, so that the accident can be planned while oO runs. oO knows nothing of this:
the steps are told apart by what is about to be committed, through SQLAlchemy or, as snapshots are,
through sqlite3 itself.
"""

import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Delete, Engine, Insert, Update, event
from sqlalchemy.engine.default import DefaultDialect

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


class Steps:
    """Reads what statements are about. attempts: of each row, how often it was begun."""

    def __init__(self) -> None:
        self._attempts: dict[int, int] = {}

    def of(self, statement: object, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        table = getattr(getattr(statement, "table", None), "name", "")
        if table in ("snapshots", "signals"):
            yield "snapshot"
        elif table == "outbox" and isinstance(statement, Insert):
            kind = statement.compile().params.get("kind")
            yield "undo" if kind in COMPENSATIONS else "click"
        elif table == "outbox" and isinstance(statement, Delete):  # of a whole account
            yield "over"
        elif table == "outbox" and isinstance(statement, Update):
            for row in rows:
                yield from self._of_row(row)

    def of_driver_sql(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Yield what is given to SQLite as it stands, such as what became of many rows."""
        if sql.startswith("DELETE FROM outbox"):
            yield "over"
        elif sql.startswith("UPDATE outbox"):
            for row in rows:
                yield from self._of_row(row)

    def _of_row(self, row: Mapping[str, Any]) -> Iterator[str]:
        match row.get("state"):
            case "queued":
                if row["attempts"] > self._attempts.get(row["row"], 0):
                    self._attempts[row["row"]] = row["attempts"]
                    yield "attempt"
            case "sent" | "refused" as state:
                yield state
            case "confirmed":
                yield "over"


def watch(accident: Accident) -> None:
    """Have `accident` told of every commit of every engine of this process."""
    reader = Steps()
    steps: list[str] = []

    @event.listens_for(Engine, "before_execute")
    def _before_execute(
        _connection: object, statement: object, many: Any, one: Any, _options: object
    ) -> None:
        steps.extend(reader.of(statement, many or ([one] if one else [])))

    @event.listens_for(Engine, "before_cursor_execute")
    def _before_cursor_execute(
        _connection: object, _cursor: object, sql: str, rows: Any, context: Any, many: bool
    ) -> None:
        if context.compiled is None:
            steps.extend(reader.of_driver_sql(sql, rows if many else [rows]))

    @event.listens_for(Engine, "rollback")
    def _rollback(_connection: object) -> None:
        steps.clear()

    commit = DefaultDialect.do_commit

    def do_commit(self: DefaultDialect, connection: Any) -> None:
        accident.at("before", steps)
        commit(self, connection)  # type: ignore[no-untyped-call]  # SQLAlchemy has no types there
        accident.at("after", steps)
        steps.clear()

    # No event of SQLAlchemy comes after a commit.
    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]  # as said


def watch_sqlite(accident: Accident) -> None:
    """Have `accident` told of snapshots that are committed through sqlite3 itself."""

    class Watched(sqlite3.Connection):
        steps: tuple[str, ...] = ()

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if "INTO snapshots" in sql:
                self.steps = ("snapshot",)
            if sql != "COMMIT":
                return super().execute(sql, *parameters)
            accident.at("before", self.steps)
            done = super().execute(sql, *parameters)
            accident.at("after", self.steps)
            return done

    # SQLAlchemy has its own name for this function, and goes on without.
    watched = partial(sqlite3.connect, factory=Watched)
    sqlite3.connect = watched  # type: ignore[assignment]  # a partial has no overloads


def main() -> int:
    file = Path(sys.argv.pop(1))
    accident = Accident(file, lambda: os.kill(os.getpid(), signal.SIGKILL))
    watch(accident)
    watch_sqlite(accident)
    from oo_desktop.cli import main as oo

    return oo()


if __name__ == "__main__":
    sys.exit(main())
