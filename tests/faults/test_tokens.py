"""Refresh tokens under the cutter and under kills; `python -m tests.faults tokens` plays more."""

from pathlib import Path
from random import Random

import pytest

from tests.faults.token_kills import killed_once, two_at_once
from tests.faults.tokens import FORGIVEN, schedule


def broken(seed: int, grace: float) -> list[str]:
    return schedule(seed, grace=grace).violations


@pytest.mark.parametrize("seed", range(1, 13))
def test_no_refresh_token_is_replayed_or_lost_without_need(seed: int) -> None:
    assert schedule(seed).violations == []


def test_a_renewal_that_is_repeated_for_too_long_would_be_caught() -> None:
    late = 10 * FORGIVEN.total_seconds()
    assert any("replayed" in said for seed in range(100) for said in broken(seed, late))


def test_a_sign_in_that_is_given_up_too_early_would_be_caught() -> None:
    assert any("without need" in said for seed in range(100) for said in broken(seed, 5))


@pytest.mark.parametrize("seed", range(1, 3))
async def test_a_process_that_is_killed_while_it_renews_leaves_a_way_on(
    seed: int, tmp_path: Path
) -> None:
    assert await killed_once(tmp_path, Random(seed)) == []


async def test_two_processes_on_one_home_make_one_renewal(tmp_path: Path) -> None:
    renewals, tokens = await two_at_once(tmp_path)
    assert renewals == 1
    assert tokens[0]
    assert tokens[0] == tokens[1]
