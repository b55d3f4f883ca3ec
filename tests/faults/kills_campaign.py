"""Kills at random moments: somebody clicks and takes back, and oO dies in the middle, and again.

A batch is a few tasks, one to three kills in a row, and then the verdict. Its seed is all that is
needed to play it again: the same clicks, at the same pace, and kills after the same time. (What
oO does within that time is up to the machine.)
"""

import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

from oo_desktop.ipc.instance import InstanceError, NotRunning
from oo_desktop.ipc.protocol import CommandError
from oo_desktop.sandbox.process import SandboxProcess
from tests.faults.kills_home import DONE, NEXT_WEEK, NO_DATE, TOMORROW, Home, Stuck, due_text
from tests.faults.kills_law import Breach, Verdict

LONGEST = 1.2
"""Seconds a process lives at most, from its start or from its first answer."""

SLOWEST = 0.1
"""Seconds a request or an answer is on its way at most, so that kills fall into that time, too."""

KINDS = (DONE, DONE, TOMORROW, NEXT_WEEK, NO_DATE)
LANES = 2


class Campaign:
    """Batches in several homes at once, until there were enough kills.

    say: told of each step. folder: where the homes are.
    """

    def __init__(self, *, seed: int, runs: int, folder: Path, say: Callable[[str], None]) -> None:
        self._seed = seed
        self._runs = runs
        self._folder = folder
        self._say = say
        self._lock = threading.Lock()
        self._next = 0
        self.kills = 0
        self.verdict = Verdict()

    def play(self, lanes: int = LANES) -> Verdict:
        with ThreadPoolExecutor(lanes) as pool:
            list(pool.map(self._lane, range(lanes)))
        return self.verdict

    def figure(self) -> str:
        """Return a sentence on all of it."""
        told = self.verdict
        lost, twice, stray = (told.count(breach) for breach in Breach)
        clicks = told.once + told.undone + lost + twice + stray
        dead = told.unanswered_done + told.unanswered_not
        return (
            f"{self.kills:,} kills, {clicks:,} clicks: {told.once:,} carried out exactly once, "
            f"{told.undone:,} taken back and nothing left of them, {lost} lost, {twice} twice, "
            f"{stray} otherwise wrong; besides, {dead:,} killed before an answer: "
            f"{told.unanswered_done:,} carried out once, {told.unanswered_not:,} not at all"
        )

    def _lane(self, lane: int) -> None:
        while self.kills < self._runs:
            # After a failure, in a new home: the old one may hold what spoils the next verdict.
            folder = Path(tempfile.mkdtemp(dir=self._folder, prefix=f"lane-{lane}-"))
            with SandboxProcess(zone="Etc/UTC") as sandbox, Home(folder, sandbox) as home:
                while self.kills < self._runs:
                    if not self._batch(home, self._number()):
                        break

    def _number(self) -> int:
        with self._lock:
            self._next += 1
            return self._next - 1

    def _batch(self, home: Home, number: int) -> bool:
        kills = home.kills
        try:
            verdict = batch(home, Random(f"{self._seed}:{number}"))
        except (Stuck, InstanceError, NotRunning, CommandError) as error:
            verdict = Verdict()
            verdict.broken(Breach.LOST, f"no verdict: {type(error).__name__}: {error}")
        with self._lock:
            self.kills += home.kills - kills
            self.verdict += verdict
            self._tell(number, verdict)
        return not verdict.violations

    def _tell(self, number: int, verdict: Verdict) -> None:
        for violation in verdict.violations:
            self._say(f"{violation.breach}: {violation.text}")
        if verdict.violations:
            self._say(f"again: python -m tests.faults kills --seed {self._seed} --only {number}")
        if number % 20 == 19:
            self._say(self.figure())


def batch(home: Home, random: Random) -> Verdict:
    """Play a few tasks and one to three kills; return what came of it."""
    home.wire.pause = partial(Random(random.random()).uniform, 0, SLOWEST)
    for _ in range(random.randint(4, 9)):
        daily = random.random() < 0.5
        at = random.choice(("", "", "00:05"))
        home.add(days=random.choice((-3, -1, 0)), daily=daily, at=at)
    home.refresh()
    for kill in range(random.randint(1, 3)):
        if kill:
            home.spawn()
        _live(home, random)
        home.until_dead()
    home.start()
    home.drain()
    return home.verdict()


def _live(home: Home, random: Random) -> None:
    """Click until a kill that was planned beforehand; some come while it starts."""
    if random.random() < 0.75:
        home.until(home.is_up, "start")
    killer = threading.Timer(random.uniform(0.0, LONGEST), home.kill)
    killer.start()
    try:
        while not home.is_dead():
            pause = random.choice((0.0, 0.02, 0.1, 0.2))
            try:
                _do_something(home, random)
            except (NotRunning, InstanceError, CommandError):
                continue  # it starts, or is dead
            time.sleep(pause)
    finally:
        killer.join()


def _do_something(home: Home, random: Random) -> None:
    undoable = home.undoable()
    if undoable and random.random() < 0.3:
        home.undo(random.choice(undoable[-5:]))
        return
    shown = [signal for signal in home.shown() if not signal["pending"]]
    if not shown:
        return
    signal = random.choice(shown)
    kind = random.choice([kind for kind in KINDS if kind in (DONE, *signal["actions"])])
    home.click(signal["id"], kind, due=due_text(signal["due"]))


def main(*, runs: int, seed: int, only: int | None) -> int:
    """Play a campaign, or the batch `only` of it, and print the figure; 1 if the law is broken."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="oo-kills-") as folder:
        if only is not None:
            again = Path(folder) / "again"
            with SandboxProcess(zone="Etc/UTC") as sandbox, Home(again, sandbox) as home:
                verdict = batch(home, Random(f"{seed}:{only}"))
            told: list[object] = [*verdict.violations] or [verdict]
            print(*told, sep="\n")
            return 1 if verdict.violations else 0
        campaign = Campaign(
            seed=seed, runs=runs, folder=Path(folder), say=partial(print, flush=True)
        )
        verdict = campaign.play()
    print(f"{campaign.figure()} ({time.monotonic() - began:.0f} s, seed {seed})")
    return 1 if verdict.violations else 0
