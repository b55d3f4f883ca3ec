"""oO as a process, killed at every step between a click and its confirmation: each exactly once."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.faults.kills_home import Home, Stuck
from tests.faults.kills_law import Verdict
from tests.faults.kills_points import Point, play, points

LANES = 3
"""Homes at once: each waits half of its time, and a processor is shared well by two."""

Outcomes = dict[Point, Verdict | Stuck]


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Play all points that are asked for, once; several in one home, one after the other."""
    asked = {
        item.callspec.params["point"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.path == request.path
        and "outcomes" in item.fixturenames
    }
    left: SimpleQueue[Point] = SimpleQueue()
    for point in points():
        if point in asked:
            left.put(point)
    with ThreadPoolExecutor(LANES) as pool:
        folders = [tmp_path_factory.mktemp("lane") for _ in range(LANES)]
        played = pool.map(lambda folder: _play_all(left, folder), folders)
        return dict(pair for lane in played for pair in lane)


def _play_all(left: "SimpleQueue[Point]", folder: Path) -> Iterable[tuple[Point, Verdict | Stuck]]:
    played: list[tuple[Point, Verdict | Stuck]] = []
    while not left.empty():
        room = folder / str(len(played))
        with SandboxProcess(zone="Etc/UTC") as sandbox, Home(room, sandbox) as home:
            _play_some(left, home, played)
    return played


def _play_some(
    left: "SimpleQueue[Point]", home: Home, played: list[tuple[Point, Verdict | Stuck]]
) -> None:
    """Until there are no more, or until one gets stuck: the next begins in a new home."""
    while True:
        try:
            point = left.get_nowait()
        except Empty:
            return
        try:
            played.append((point, play(home, point)))
        except Stuck as error:
            played.append((point, error))
            return


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("point", tuple(points()), ids=str)
def test_killed_there_every_click_is_carried_out_exactly_once(
    outcomes: Outcomes, point: Point
) -> None:
    outcome = outcomes[point]
    if isinstance(outcome, Stuck):
        raise outcome
    assert not outcome.violations
