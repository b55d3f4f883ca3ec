"""A few of the kills of `python -m tests.faults desktop`: each click is once in effect."""

from pathlib import Path

import pytest

from tests.faults.desktop_kills import play


@pytest.mark.logs_warnings
async def test_a_click_is_once_in_effect_though_the_service_is_killed(tmp_path: Path) -> None:
    counts, wrong = await play(runs=4, seed=2, folder=tmp_path)
    assert wrong == []
    assert counts["kills"] >= 4
