"""Play a storm with a CalDAV account: a bad network, other programs, kills; then the law.

A calendar is read in a thread, and what is asked for meanwhile may come before or after: a seed
tells mostly, not always, the same story again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random

from oo_desktop.config import Settings, settings_from_toml
from oo_desktop.connectors.base import Connector, Password
from oo_desktop.connectors.caldav.discovery import find_server
from oo_desktop.connectors.caldav.source import CalDavSource
from oo_desktop.connectors.caldav.wire import CALDAV_ID
from oo_desktop.connectors.registry import Registry
from oo_desktop.http.client import ServiceClient
from oo_desktop.model.state import Listed
from tests.faults.caldav_law import Story, tally, violations
from tests.faults.caldav_service import DavService
from tests.faults.cutter import Cutter
from tests.faults.life import Life
from tests.faults.person import Person, Say, due_of
from tests.faults.storm import Outcome, Schedule
from tests.faults.swift import SwiftClock, play_swiftly

LONGEST_CUT = 120.0
"""Seconds until a network that was mended is surely what it should be."""

RACES = (0.0, 0.1, 0.3)
"""How often somebody else writes between oO's reading and writing."""


Through = Callable[[ServiceClient], ServiceClient]
"""What oO's client is exchanged for, by who plants a fault."""


class CalDavStorm(Schedule):
    """Plays one schedule with a CalDAV server, which forgets its sync tokens now and then."""

    # A network that answers 500 for one resource is not to be told from one that is broken.
    expected = ("CalDAV has entries that make no sense",)

    def __init__(self, seed: int, folder: Path, say: Say, through: Through) -> None:
        self._late = seed % 4 != 0
        super().__init__(seed, folder, say, forgetful=True, late=self._late)
        self._through = through
        elsewhere = Random(f"{seed} elsewhere")
        self._service = DavService(clock=self._clock, random=elsewhere)
        self._service.race = elsewhere.choice(RACES)
        # In every other one nobody else writes: of those the law knows the end exactly.
        self._alone = seed % 2 == 0
        if self._alone:
            self._service.race = 0.0

    def _served(self) -> AbstractAsyncContextManager[Cutter]:
        return self._service.served(self._weather.plan, self._clock)

    def _born(self, cutter: Cutter) -> Life:
        self._url = cutter.url
        return self._oo(self._folder)

    def _oo(self, folder: Path) -> Life:
        random = Random(f"{self._seed} jitter")
        registry = Registry(connectors=(connector(self._clock, self._through),))
        return Life(folder, settings(), self._clock, random, registry)

    async def _connect(self) -> None:
        await self._sign_in(self._life)

    async def _sign_in(self, life: Life) -> None:
        await life.engine.accounts.connect_with_token(CALDAV_ID, self._service.secret(self._url))

    async def _elsewhere(self) -> None:
        """Mostly to what was clicked and is not confirmed: that is where it can go wrong."""
        if self._alone:
            return
        for _ in range(self._steps.randint(1, 3)):
            clicked = [item.signal.id for item in self._life.engine.outbox.items()]
            self._say(self._service.happen(clicked if self._steps.random() < 0.7 else ()))

    async def _forget(self) -> None:
        self._say(self._service.forget())

    async def _judged(self, cutter: Cutter) -> Outcome:
        story = Story(
            first=self._service.first,
            writes=self._service.writes,
            clicks=self._person.close_the_book(),
            additions=tuple(self._person.additions.values()),
            late=self._late,
            shown=self._shown(self._life),
            fresh=await self._fresh(),
        )
        for wrote in story.writes:
            self._say(f"  {'oO' if wrote.by_us else 'elsewhere'} {wrote.path}")
            self._say((wrote.after or b"").decode())
        for told in (*story.clicks, *story.additions):
            self._say(f"  {told}")
        outcome = self._outcome(cutter, violations(story), tally(story))
        ours = sum(wrote.by_us for wrote in story.writes)
        outcome.besides = Counter(
            {
                "writes": ours,
                "writes elsewhere": len(story.writes) - ours,
                "writes that came too late (412)": self._service.too_late,
            }
        )
        return outcome

    def _shown(self, life: Life) -> dict[str, str | None]:
        person = Person(life, self._steps, self._say)
        return {signal.id: due_of(signal) for signal in person.shown()}

    async def _fresh(self) -> dict[str, str | None]:
        """What one lists that has never seen the account."""
        await asyncio.sleep(LONGEST_CUT)  # nobody may connect until then
        other = self._oo(self._folder / "fresh")
        other.open()
        try:
            await self._sign_in(other)
            await other.engine.refresh()
            return self._shown(other)
        finally:
            await other.engine.stop()


def connector(clock: SwiftClock, through: Through) -> Connector:
    """Return CalDAV as oO has it, in a swift loop's time."""
    return Connector(
        id=CALDAV_ID,
        name="CalDAV",
        sign_in=Password(find_server=find_server),
        source=lambda given: CalDavSource(
            client=lambda user_id: through(given.clients(user_id)),
            chosen=given.calendars,
            may_write=given.may_write,
            has_list=given.has_list,
            now=clock.now,
        ),
        lists=Listed.TASKS,
    )


def settings() -> Settings:
    """Return the usual pace, and the usual time to take something back."""
    return settings_from_toml("poll_interval = 60\nundo_seconds = 5\n")


def storm(
    seed: int, *, say: Say = lambda _text: None, through: Through = lambda client: client
) -> Outcome:
    """Play one storm in a loop of its own."""

    async def play(folder: Path) -> Outcome:
        return await CalDavStorm(seed, folder, say, through).run()

    return play_swiftly(play)
