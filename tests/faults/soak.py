"""Run oO for twenty minutes with somebody who never stops: it must use no more in the end.

A real oO without a display, a real sandbox, ten thousand clicks over the socket at an even pace,
with an accident of the network now and then. Undoing what was done is offered for ten minutes, and
so rows are kept for as long: memory may grow until then, and not after.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from oo_desktop.ipc.client import ask
from oo_desktop.ipc.instance import InstanceError, NotRunning
from oo_desktop.ipc.protocol import CommandError
from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.file_keyring import environment

TASKS = 120
"""How many are on the list, about."""

SAMPLE_EVERY = 30.0
GROWTH = 1.10
"""How much more the last quarter may use than the second, as a ratio of RSS. (PSS depends on who
else runs.)"""

LONG = 15.0
"""Minutes from which a growth of memory is one: before, the rows for undo still pile up."""

ACCIDENTS = ("drop_answer", "drop_request", "fail")
COMPLAINT = re.compile(
    r" (WARNING|ERROR|CRITICAL) |^Traceback|never (retrieved|awaited)|was destroyed|\w+Warning:",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Sample:
    """Says what the process uses. at: minutes; memory in MiB."""

    at: float
    pss: float
    rss: float
    files: int
    threads: int


class Oo:
    """Holds the process, and asks it."""

    def __init__(self, folder: Path, sandbox: SandboxProcess) -> None:
        home = folder / "home"
        home.mkdir()
        self._runtime = home / "run"
        self._output = folder / "output.txt"
        settings = "poll_interval = 15\nundo_seconds = 1\n"
        (home / "config.toml").write_text(settings + config_toml(sandbox.url))
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "oo_desktop"],
                cwd=Path(__file__).parents[2],
                env={**environment(home, folder / "keyring.json"), "PYTHONWARNINGS": "default"},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def ask(self, command: str, **args: object) -> Any:
        return ask(self._runtime, command, args)

    def until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if condition():
                    return True
            except (NotRunning, InstanceError):
                assert self.process.poll() is None, self.printed()
            time.sleep(0.2)
        return False

    def sample(self, minutes: float) -> Sample:
        proc = Path(f"/proc/{self.process.pid}")
        rollup = (proc / "smaps_rollup").read_text()
        memory = dict(re.findall(r"^(\w+):\s+(\d+) kB", rollup, re.MULTILINE))
        return Sample(
            at=minutes,
            pss=int(memory["Pss"]) / 1024,
            rss=int(memory["Rss"]) / 1024,
            files=len(list((proc / "fd").iterdir())),
            threads=len(list((proc / "task").iterdir())),
        )

    def quit(self) -> int:
        self.ask("quit")
        return self.process.wait(30)

    def printed(self) -> str:
        return self._output.read_text()


class Person:
    """Clicks whatever is on the list, and sees to it that there is always something."""

    def __init__(self, oo: Oo, sandbox: SandboxProcess) -> None:
        self._oo = oo
        self._sandbox = sandbox
        self._random = Random(1)
        self._listed: list[dict[str, Any]] = []
        self.counts: Counter[str] = Counter()

    def act(self) -> None:
        """Do one thing; what is refused in words is one, too."""
        if not self._listed:
            self._look()
        kind = self._random.choices(("done", "tomorrow", "undo"), (7, 2, 1))[0]
        try:
            if kind == "undo":
                self._oo.ask("undo")
            else:
                signal = self._listed.pop(self._random.randrange(len(self._listed)))
                self._oo.ask("act", id=signal["id"], action=kind)
        except CommandError:
            kind += " (not possible)"
        self.counts[kind] += 1
        if self.counts.total() % 200 == 0:
            self._sandbox.control(self._random.choice(ACCIDENTS))

    def _look(self) -> None:
        self._listed = self._oo.ask("signals")[: TASKS // 2]
        missing = TASKS - len(self._listed)
        self._sandbox.control("add_task", content="Task", due_string="today", times=missing)
        self._sandbox.control("add_task", content="Again", due_string="every day", times=2)
        if not self._listed:
            self._oo.ask("refresh")
            self._listed = self._oo.ask("signals")


def soak(*, minutes: float, actions: int, say: Callable[[str], None] = print) -> list[str]:
    """Returns a sentence for everything that is not as it must be."""
    with tempfile.TemporaryDirectory() as folder, SandboxProcess(zone="Etc/UTC") as sandbox:
        sandbox.control("limits", requests=10_000_000)
        sandbox.control("clear_tasks")
        oo = Oo(Path(folder), sandbox)
        try:
            return _soaked(oo, sandbox, minutes, actions, say)
        finally:
            if oo.process.poll() is None:
                oo.process.kill()
                oo.process.wait()


def _soaked(
    oo: Oo, sandbox: SandboxProcess, minutes: float, actions: int, say: Callable[[str], None]
) -> list[str]:
    assert oo.until(lambda: bool(oo.ask("status")), seconds=30), oo.printed()
    oo.ask("connect", provider="todoist", token=sandbox.control("personal_token")["token"])
    person = Person(oo, sandbox)
    samples = _clicked(oo, person, minutes, actions, say)
    say(", ".join(f"{count:,} {kind}" for kind, count in person.counts.most_common()))
    wrong = []
    if not oo.until(lambda: not oo.ask("outbox"), seconds=240):
        wrong.append(f"left in the outbox: {json.dumps(oo.ask('outbox'))[:500]}")
    oo.ask("refresh")
    left = sum(1 for task in sandbox.state()["tasks"] if _is_listed(task))
    shown = len(oo.ask("signals"))
    if left != shown:
        wrong.append(f"{shown} tasks shown, the service has {left}")
    if (code := oo.quit()) != 0:
        wrong.append(f"it ended with {code}")
    wrong += [line for line in oo.printed().splitlines() if COMPLAINT.search(line)]
    return wrong + _judged(samples, say)


def _is_listed(task: dict[str, Any]) -> bool:
    """Whether the default filter finds it: what was put off or repeats is due another day."""
    today = time.strftime("%Y-%m-%d", time.gmtime())
    due = task["due"]
    return not task["checked"] and not task["is_deleted"] and due and due["date"][:10] <= today


def _clicked(
    oo: Oo, person: Person, minutes: float, actions: int, say: Callable[[str], None]
) -> list[Sample]:
    samples: list[Sample] = []
    began = time.monotonic()
    pace = minutes * 60 / actions
    for number in range(actions):
        time.sleep(max(0.0, began + number * pace - time.monotonic()))
        person.act()
        passed = time.monotonic() - began
        if passed >= len(samples) * min(SAMPLE_EVERY, minutes * 60 / 20):
            samples.append(sample := oo.sample(passed / 60))
            say(
                f"{sample.at:5.1f} min  {sample.pss:6.1f} MiB PSS  {sample.rss:6.1f} MiB RSS"
                f"  {sample.files} files  {sample.threads} threads"
            )
    return samples


def _judged(samples: list[Sample], say: Callable[[str], None]) -> list[str]:
    quarters = [
        samples[len(samples) * part // 4 : len(samples) * (part + 1) // 4] for part in range(4)
    ]
    rss, pss = (
        [statistics.median(getattr(sample, what) for sample in part) for part in quarters]
        for what in ("rss", "pss")
    )
    half = samples[len(samples) // 2 :]
    slope = statistics.linear_regression([s.at for s in half], [s.rss for s in half]).slope
    ratio = rss[3] / rss[1]
    say(
        f"by quarters {', '.join(f'{one:.1f}' for one in rss)} MiB RSS,"
        f" {', '.join(f'{one:.1f}' for one in pss)} MiB PSS; RSS last to second {ratio:.3f},"
        f" slope of the second half {slope:+.3f} MiB a minute"
    )
    wrong = []
    if samples[-1].at >= LONG and ratio > GROWTH:
        wrong.append(f"memory grew by {ratio:.3f}")
    for what in ("files", "threads"):
        before, after = (
            statistics.median(getattr(sample, what) for sample in quarters[part]) for part in (1, 3)
        )
        if after > before + 2:
            wrong.append(f"{what} grew from {before} to {after}")
    return wrong
