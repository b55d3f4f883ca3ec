"""Play a storm: a person clicks, a network fails, oO is killed and started; then ask the law.

The real engine, on a real file, over real sockets, in a swift loop. What happens is drawn from the
seed alone, so that a seed tells the same story again.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

import msgspec

from oo_desktop.config import Sections, Settings, settings_from_toml
from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.sandbox.process import config_toml
from tests.faults.cutter import PASS, Cut, Cutter, Heard, Kind
from tests.faults.law import Story, tally, violations
from tests.faults.life import Life
from tests.faults.person import Person, Say, due_of
from tests.faults.service import Service
from tests.faults.swift import SwiftClock, play_swiftly

PATIENCE = 3 * 3600.0
"""Seconds of a working network after which everything must be settled."""


@dataclass(kw_only=True)
class Outcome:
    """Holds what one storm came to. besides: whatever else is worth a figure."""

    seed: int
    violations: list[str]
    fates: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    cuts: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    besides: Counter[str] = field(default_factory=Counter)


class Play(Protocol):
    """Plays the storm of one seed."""

    def __call__(self, seed: int, *, say: Say = ...) -> Outcome: ...


class Weather:
    """Plans a network: calm, bad or awful for a while, and its favourite ways to fail.

    late: whether it may deliver a request long after whoever sent it has given up.
    """

    def __init__(self, random: Random, *, late: bool) -> None:
        self._random = random
        self._late = late
        self._kinds = random.sample(list(Kind)[1:], k=random.randint(1, len(Kind) - 1))
        self.chance = 0.0

    def turn(self) -> None:
        self.chance = self._random.choice((0.1, 0.4, 0.7, 0.9))

    def plan(self, _heard: Heard) -> Cut:
        if self._random.random() >= self.chance:
            return PASS
        kind = self._random.choice(self._kinds)
        return Cut(
            kind=kind,
            acted=self._random.random() < 0.5,
            seconds=self._random.choice((1, 10, 25, 30, 45, 90)),
            closes=self._random.random() < 0.3,
            late=self._random.random() < 0.3 and self._late,
            fraction=self._random.choice((0.0, 0.3, 0.5, 0.9, 1.0)),
        )


class Schedule(ABC):
    """Plays one schedule, from its seed: a person, a network, kills; at which service, says who
    derives from it.

    forgetful: whether the service forgets. expected: how warnings begin that say what is so.
    """

    expected: tuple[str, ...] = ()

    def __init__(self, seed: int, folder: Path, say: Say, *, forgetful: bool, late: bool) -> None:
        self._seed = seed
        self._folder = folder
        self._clock = SwiftClock()
        self._say: Say = lambda text: say(f"{self._clock.monotonic():9.1f} {text}")
        self._steps = Random(f"{seed} steps")
        self._forgetful = forgetful
        self._weather = Weather(Random(f"{seed} weather"), late=late)

    async def run(self) -> Outcome:
        faults: list[str] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: faults.append(f"left over: {context.get('message')}")
        )
        with _warnings(faults, self.expected):
            async with self._served() as cutter:
                outcome = await self._in(cutter)
        outcome.violations += faults
        return outcome

    @abstractmethod
    def _served(self) -> AbstractAsyncContextManager[Cutter]:
        """Serve the service, behind the network."""

    @abstractmethod
    def _born(self, cutter: Cutter) -> Life:
        """Return oO, not opened yet."""

    @abstractmethod
    async def _connect(self) -> None:
        """Connect the account."""

    @abstractmethod
    async def _elsewhere(self) -> None:
        """Do something on another device."""

    @abstractmethod
    async def _forget(self) -> None:
        """Let the service forget."""

    @abstractmethod
    async def _judged(self, cutter: Cutter) -> Outcome:
        """Ask the law, when all is settled."""

    async def _in(self, cutter: Cutter) -> Outcome:
        self._life = self._born(cutter)
        self._life.open()
        self._person = Person(self._life, self._steps, self._say)
        try:
            await self._connect()
            await self._life.engine.refresh()
            self._weather.turn()
            for _ in range(self._steps.randint(12, 40)):
                await self._step()
            await self._settle()
            return await self._judged(cutter)
        finally:
            await self._life.engine.stop()

    async def _step(self) -> None:
        steps = {
            self._click: 10,
            self._add: 3,
            self._undo: 3,
            self._wait: 6,
            self._elsewhere: 2,
            self._turn: 2,
            self._poll: 2,
            self._refusals: 2,
            self._crash: 1,
            self._restart: 1,
            self._forget: 2 if self._forgetful else 0,
        }
        (step,) = self._steps.choices(list(steps), list(steps.values()))
        await step()

    async def _click(self) -> None:
        self._person.click()
        if self._steps.random() < 0.5:
            self._person.click()
        await asyncio.sleep(self._steps.choice((0, 0.01, 1)))

    async def _add(self) -> None:
        self._person.add()
        await asyncio.sleep(self._steps.choice((0, 0.01, 1)))

    async def _undo(self) -> None:
        self._person.undo()

    async def _refusals(self) -> None:
        self._person.answer_refusal()

    async def _wait(self) -> None:
        seconds = self._steps.choice((0.001, 0.1, 4.9, 5.0, 5.1, 12, 40, 130, 700))
        self._say(f"wait {seconds} s")
        await asyncio.sleep(seconds)

    async def _turn(self) -> None:
        self._weather.turn()
        self._say(f"the network loses {self._weather.chance:.0%}")

    async def _poll(self) -> None:
        self._life.engine.poll_soon()

    async def _crash(self) -> None:
        self._say("killed")
        await self._life.crash()

    async def _restart(self) -> None:
        self._say("restarted")
        await self._life.restart()

    async def _settle(self) -> None:
        self._weather.chance = 0.0
        self._say("the network is mended")
        end = self._clock.monotonic() + PATIENCE
        while self._person.waits() and self._clock.monotonic() < end:  # noqa: ASYNC110  # watched from outside
            await asyncio.sleep(15)
        await self._poll_well()

    async def _poll_well(self) -> None:
        """A poll may still be in the air that was cut before the network was mended."""
        since = self._clock.now()
        await asyncio.sleep(1)
        for _ in range(10):
            await self._life.engine.refresh()
            (account,) = self._life.engine.state().accounts
            if account.last_success is not None and account.last_success > since:
                return
            await asyncio.sleep(60)

    def _outcome(self, cutter: Cutter, broken: list[str], fates: Counter[str]) -> Outcome:
        return Outcome(
            seed=self._seed,
            violations=broken,
            fates=fates,
            requests=len(cutter.passed),
            cuts=Counter(
                passed.cut.kind.value for passed in cutter.passed if passed.cut is not PASS
            ),
            restarts=self._life.runs - 1,
        )


class Storm(Schedule):
    """Plays one with Todoist."""

    def __init__(self, seed: int, folder: Path, say: Say) -> None:
        # No client can guard against a late request to a service that has forgotten it.
        forgetful = seed % 5 == 0
        super().__init__(seed, folder, say, forgetful=forgetful, late=not forgetful)
        self._service = Service(clock=self._clock, random=Random(f"{seed} elsewhere"))

    def _served(self) -> AbstractAsyncContextManager[Cutter]:
        return self._service.served(self._weather.plan, self._clock)

    def _born(self, cutter: Cutter) -> Life:
        jitter = Random(f"{self._seed} jitter")
        return Life(self._folder, settings_for(cutter.url), self._clock, jitter)

    async def _connect(self) -> None:
        await self._life.engine.accounts.connect_with_token(
            TODOIST, self._service.account.personal_token
        )

    async def _elsewhere(self) -> None:
        self._say(self._service.happen())

    async def _forget(self) -> None:
        self._say("the service forgets which commands it has seen")
        self._service.forget()

    async def _judged(self, cutter: Cutter) -> Outcome:
        story = Story(
            chronicle=self._service.chronicle,
            clicks=self._person.close_the_book(),
            additions=tuple(self._person.additions.values()),
            made=self._service.made,
            sent=self._service.sent,
            shown={signal.id: due_of(signal) for signal in self._person.shown()},
            listed=self._service.listed,
            forgetful=self._forgetful,
        )
        for place, entry in enumerate(story.chronicle):
            self._say(f"  {place}: {entry}")
        for told in (*story.clicks, *story.additions):
            self._say(f"  {told}")
        return self._outcome(cutter, violations(story), tally(story))


def settings_for(url: str) -> Settings:
    """Return settings for everything on the list, at the usual pace, from the service at `url`."""
    settings = settings_from_toml(config_toml(url))
    return msgspec.structs.replace(
        settings,
        poll_interval=60.0,
        undo_seconds=5.0,
        sections=Sections({"todoist": {**settings.sections["todoist"], "filter": "all"}}),
    )


@contextmanager
def _warnings(faults: list[str], expected: tuple[str, ...]) -> Iterator[None]:
    """Whatever else oO warns of in a storm is a fault of its own."""

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.getMessage().startswith(expected):
                faults.append(f"warned: {record.getMessage()}")

    listener = Listener(logging.WARNING)
    log = logging.getLogger("oo_desktop")
    log.addHandler(listener)
    try:
        yield
    finally:
        log.removeHandler(listener)


def storm(seed: int, *, say: Say = lambda _text: None) -> Outcome:
    """Play one storm in a loop of its own."""

    async def play(folder: Path) -> Outcome:
        return await Storm(seed, folder, say).run()

    return play_swiftly(play)
