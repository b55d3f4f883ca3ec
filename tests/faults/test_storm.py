"""A few storms in every run of the suite; `python -m tests.faults storm` plays thousands."""

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec import structs

from oo_desktop.connectors.registry import Registry
from oo_desktop.connectors.todoist.connector import connector
from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.model.signals import NewTask, UserId
from oo_desktop.model.source import Added
from tests.faults.cutter import Cutter
from tests.faults.life import Life
from tests.faults.storm import Outcome, Storm, settings_for, storm
from tests.faults.swift import play_swiftly

SEEDS = range(1, 41)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_storm_every_click_is_carried_out_once_or_comes_back(seed: int) -> None:
    assert storm(seed).violations == []


def test_a_seed_tells_the_same_story_again() -> None:
    first, second = storm(7), storm(7)
    assert (first.fates, first.cuts, first.restarts) == (second.fates, second.cuts, second.restarts)


class Doubling(TodoistSource):
    """Adds with another uuid at each attempt, without a look at what is there."""

    attempts = 0

    async def add(self, user_id: UserId, task: NewTask, *, may_be_added: bool) -> Added:
        self.attempts += 1
        other = structs.replace(task, uuid=f"{task.uuid} {self.attempts}")
        return await super().add(user_id, other, may_be_added=False)


class DoublingStorm(Storm):
    def _born(self, cutter: Cutter) -> Life:
        settings = settings_for(cutter.url)
        given: Any = settings.sections["todoist"]
        made = replace(connector(given), source=lambda it: Doubling(client=it.clients, query="all"))
        registry = Registry(connectors=(made,))
        return Life(self._folder, settings, self._clock, Random(1), registry)


def doubling_storm(seed: int) -> Outcome:
    async def play(folder: Path) -> Outcome:
        return await DoublingStorm(seed, folder, lambda _: None).run()

    return play_swiftly(play)


def test_a_new_task_that_is_added_anew_at_each_attempt_breaks_the_law() -> None:
    told = [said for seed in range(1, 5) for said in doubling_storm(seed).violations]
    assert any("added 2 times" in said for said in told)
