"""A few storms with CalDAV in every run; `python -m tests.faults caldav` plays hundreds."""

import pytest

from tests.faults.caldav_storm import storm

SEEDS = range(1, 15)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_storm_every_click_is_written_once_and_nothing_else_changes(seed: int) -> None:
    assert storm(seed).violations == []


def test_a_seed_tells_the_same_story_again() -> None:
    first, second = storm(3), storm(3)
    assert (first.fates, first.cuts, first.besides) == (second.fates, second.cuts, second.besides)
