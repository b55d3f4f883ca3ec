"""Keep one home on disk, the oO that lives in it and dies, and what was clicked there."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from oo_desktop.ipc.client import ask
from oo_desktop.ipc.instance import InstanceError, NotRunning
from oo_desktop.ipc.protocol import CommandError
from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.faults.fork_server import Forked, ForkServer
from tests.faults.kills_law import (
    Answer,
    Breach,
    Executed,
    Held,
    Verdict,
    Wanted,
    Wish,
    judge,
    judge_new,
)
from tests.faults.kills_wire import Wire
from tests.file_keyring import environment

PATIENCE = 30.0
"""Seconds after which something that must happen has not happened."""

DONE, TOMORROW, NEXT_WEEK, NO_DATE = "done", "tomorrow", "next_week", "no_date"


class Stuck(Exception):
    """Says that something that must happen did not; the text has what oO printed."""


class Home:
    """Use it as a context manager. Its oO knows one account: the sandbox's Ada, by her token.

    hold: seconds in which undo costs nothing.
    """

    def __init__(self, folder: Path, sandbox: SandboxProcess, *, hold: float = 0.2) -> None:
        self._folder = folder / "home"
        self._folder.mkdir(parents=True)
        self._sandbox = sandbox
        self._plan = folder / "accident"
        self._output = folder / "output.txt"
        self._process: Forked | None = None
        self.wire = Wire(sandbox.url, self.kill)
        self.kills = 0
        self.wishes: list[Wish] = []
        self.wanted: list[Wanted] = []
        self._numbers: dict[str, int] = {}
        self.before: dict[str, Held] = {}
        settings = f"poll_interval = 5\nundo_seconds = {hold}\n{config_toml(self.wire.url)}"
        (self._folder / "config.toml").write_text(settings)
        # A measure of coverage takes time, and dies with oO before it is written.
        given = environment(self._folder, folder / "keyring.json").items()
        self._server = ForkServer(
            {name: v for name, v in given if not name.startswith("COVERAGE_")}
        )

    def __enter__(self) -> "Home":
        self.wire.start()
        self._server.start()
        self._begin_anew()
        self.start()
        token = self._sandbox.control("personal_token")["token"]
        self._ask("connect", {"provider": "todoist", "token": token})
        return self

    def __exit__(self, *_: object) -> None:
        self.wire.stop()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._server.stop()

    # Life and death

    def start(self) -> None:
        """Start oO without accidents, and wait until it answers."""
        self.plan("")
        self.spawn()
        self.until(self.is_up, "start")

    def spawn(self) -> None:
        """Start the process, and no more."""
        self._process = self._server.fork(self._plan, self._output)

    def is_dead(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def is_up(self) -> bool:
        if self.is_dead():
            raise Stuck(f"oO ended by itself:\n{self.printed()}")
        try:
            self._ask("status")
        except (NotRunning, InstanceError, CommandError):
            return False
        return True

    def plan(self, accident: str) -> None:
        """Have oO die at a step of `kills_child`, or not."""
        self._plan.write_text(accident)

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def until_dead(self) -> None:
        """Wait for an accident that was planned, and count it."""
        process = self._process
        if process is None:
            raise Stuck("It was not started.")
        self.until(lambda: process.poll() is not None, "die")
        if process.returncode != -9:
            raise Stuck(f"oO ended by itself with {process.returncode}:\n{self.printed()}")
        self._process = None
        self.kills += 1

    def printed(self) -> str:
        return self._output.read_text()

    def until(self, condition: Callable[[], bool], what: str, step: float = 0.01) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise Stuck(f"oO does not {what}: {self.rows()}\n{self.printed()[-3000:]}")
            time.sleep(step)

    # Clicks

    def add(self, *, days: int = 0, daily: bool = False, at: str = "") -> str:
        """Add one more task, due in `days`; return its id."""
        due = (today() + timedelta(days=days)).isoformat() + (f"T{at}:00" if at else "")
        rule = (f"every day at {at}" if at else "every day") if daily else due
        fields = {"date": due, "string": rule, "is_recurring": daily}
        made = self._sandbox.control("add_task", content=f"Task {len(self.before)}", due=fields)
        task: str = made["id"]
        held = self._held()[task]
        self.before[task] = held
        if (held.due, held.daily) != (due, daily):
            raise Stuck(f"The sandbox made {held} of {due}.")
        return task

    def shown(self) -> list[dict[str, Any]]:
        """Return what oO shows."""
        signals: list[dict[str, Any]] = self._ask("signals")
        return signals

    def click(self, task: str, kind: str = DONE, *, due: str | None = None) -> bool:
        """Click what is shown as due at `due` (as it was added); whether oO said yes."""
        due = due or self.before[task].due
        args = {"id": task} if kind == DONE else {"id": task, "action": kind}
        answer, _ = self._answer("done" if kind == DONE else "act", args)
        target = _target(kind, due)
        self.wishes.append(Wish(task=task, due=due, kind=kind, target=target, answer=answer))
        return answer is Answer.YES

    def type_new(self, title: str) -> bool:
        """Add a task by its words, as a person does; whether oO said yes."""
        answer, told = self._answer("add", {"text": f"{title} today p2"})
        if told is not None:
            self._numbers[title] = told["undo"]
        self.wanted.append(Wanted(title=title, answer=answer))
        return answer is Answer.YES

    def take_back(self, title: str) -> bool:
        """Take back a new task; whether oO said yes."""
        listed, rows = self._answer("undoable", {})
        if listed is not Answer.YES:
            return False  # it is dead, and was not asked
        ids = {row["number"]: row["id"] for row in rows}
        answer, _ = self._answer("undo", {"id": ids[self._numbers[title]]})
        self.wanted.append(Wanted(title=title, undo=True, answer=answer))
        return answer is Answer.YES

    def undoable(self) -> list[str]:
        """Return the tasks of which it is known what an undo takes back, the last clicked last."""
        last = {wish.task: wish for wish in self.wishes if wish.answer is not Answer.NO}
        known = [w for w in last.values() if w.answer is Answer.YES and not w.undo]
        return [wish.task for wish in sorted(known, key=self.wishes.index)]

    def undo(self, task: str) -> bool:
        """Take back the newest click on a task; whether oO said yes."""
        answer, _ = self._answer("undo", {"id": task})
        clicks = [wish for wish in self.wishes if wish.task == task and not wish.undo]
        clicked = next(wish for wish in reversed(clicks) if wish.answer is Answer.YES)
        self.wishes.append(replace(clicked, undo=True, answer=answer))
        return answer is Answer.YES

    def _answer(self, command: str, args: Mapping[str, object]) -> tuple[Answer, Any]:
        try:
            return Answer.YES, self._ask(command, args)
        except (CommandError, NotRunning):
            return Answer.NO, None
        except InstanceError:
            return Answer.NONE, None

    def refresh(self) -> None:
        self._ask("refresh")

    def _ask(self, command: str, args: Mapping[str, object] | None = None) -> Any:
        return ask(self._folder / "run", command, args, patience=PATIENCE)

    # What came of it

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the outbox's rows that are not confirmed."""
        database = f"file:{self._folder / 'oo.db'}?mode=ro"
        with closing(sqlite3.connect(database, uri=True, timeout=5)) as connection:
            columns = "number, signal_id, kind, uuid, state, attempts, reason"
            return connection.execute(
                f"SELECT {columns} FROM outbox WHERE state != 'confirmed' ORDER BY number"
            ).fetchall()

    def drain(self) -> None:
        """Wait until nothing is on its way any more; refused rows stay."""

        def drained() -> bool:
            waiting = [row for row in self.rows() if row[4] != "refused"]
            if waiting:
                time.sleep(0.03)
            if any(row[4] == "sent" for row in waiting):
                self.refresh()
            return not waiting

        self.until(drained, "drain")

    def verdict(self) -> Verdict:
        """Judge everything since the last verdict, with oO running and drained; begin anew."""
        self.refresh()
        shown = {signal["id"]: due_text(signal["due"]) for signal in self.shown()}
        state = self._sandbox.state()
        after = self._held(state)
        truth = {
            task: held.due
            for task, held in after.items()
            if not held.checked and held.due and held.due[:10] <= state["now"][:10]
        }
        verdict = judge(
            before=self.before,
            wishes=self.wishes,
            executed=[
                self._executed(one)
                for one in state["history"]
                if one["uuid"] and one["type"] not in ("item_add", "item_delete")
            ],
            after={task: held for task, held in after.items() if task in self.before},
        )
        there = [each["content"] for each in state["tasks"] if not each["is_deleted"]]
        added = [title for title in there if title.startswith("New ")]
        verdict += judge_new(self.wanted, added)
        if shown != truth:
            text = f"oO shows {shown}, and the service has {truth}"
            verdict.broken(Breach.STRAY, text)
        for row in self.rows():
            verdict.broken(Breach.STRAY, f"left in the outbox: {row}")
        self._begin_anew()
        return verdict

    def _begin_anew(self) -> None:
        """What was judged goes, so that a long campaign has short lists."""
        self.wishes, self.before, self.wanted = [], {}, []
        self.wire.commands.clear()
        self._sandbox.control("reset")
        self._sandbox.control("clear_tasks")
        self._sandbox.control("limits", requests=1_000_000, window=1)

    def _executed(self, one: Mapping[str, Any]) -> Executed:
        command = self.wire.commands.get(one["uuid"], {"args": {}})
        due = command["args"].get("due")
        return Executed(
            task=one["task_id"],
            type=one["type"],
            uuid=one["uuid"],
            day=date.fromisoformat(one["at"][:10]),
            due=due.get("date") if isinstance(due, dict) else due,
        )

    def _held(self, state: Mapping[str, Any] | None = None) -> dict[str, Held]:
        """The tasks that are not deleted, as the service has them."""
        tasks = (state or self._sandbox.state())["tasks"]
        return {
            task["id"]: Held(
                due=task["due"]["date"] if task["due"] else None,
                daily=bool(task["due"] and task["due"]["is_recurring"]),
                checked=task["checked"],
            )
            for task in tasks
            if not task["is_deleted"]
        }


def today() -> date:
    """Return the day in the sandbox's zone, which is UTC."""
    return datetime.now(UTC).date()


def due_text(due: str | None) -> str | None:
    return due[:19] if due else None


def _target(kind: str, due: str | None) -> str | None:
    """Where a reschedule moves what is due at `due`: the day changes, the time of day stays."""
    days = {TOMORROW: 1, NEXT_WEEK: 7 - today().weekday()}
    if kind not in days:
        return None
    return (today() + timedelta(days=days[kind])).isoformat() + (due or "")[10:]
