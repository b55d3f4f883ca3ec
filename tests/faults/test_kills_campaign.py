"""oO as a process, killed at random moments; at length with `python -m tests.faults kills`."""

from pathlib import Path

import pytest

from tests.faults.kills_campaign import Campaign


@pytest.mark.timeout(1200)
def test_killed_at_random_every_click_is_carried_out_exactly_once(tmp_path: Path) -> None:
    said: list[str] = []
    campaign = Campaign(seed=1, runs=10, folder=tmp_path, say=said.append)
    assert not campaign.play().violations, said
    assert campaign.kills >= 10
