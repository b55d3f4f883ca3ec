"""A few storms in every run of the suite; `python -m tests.faults storm` plays thousands."""

import pytest

from tests.faults.storm import storm

SEEDS = range(1, 41)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_storm_every_click_is_carried_out_once_or_comes_back(seed: int) -> None:
    assert storm(seed).violations == []


def test_a_seed_tells_the_same_story_again() -> None:
    first, second = storm(7), storm(7)
    assert (first.fates, first.cuts, first.restarts) == (second.fates, second.cuts, second.restarts)
