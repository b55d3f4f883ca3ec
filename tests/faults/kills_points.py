"""List every step between a click and its confirmation, and a kill at each of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tests.faults.kills_home import DONE, NEXT_WEEK, TOMORROW, Home
from tests.faults.kills_law import Verdict
from tests.faults.kills_wire import MOMENTS, Step


class Clicked(NamedTuple):
    """Names a task to be added, and what is clicked on it."""

    kind: str
    days: int = 0
    daily: bool = False
    at: str = ""


CLICKED = (
    Clicked(DONE),
    Clicked(DONE, days=-3, daily=True),
    Clicked(TOMORROW, at="09:00"),
    Clicked(NEXT_WEEK, days=-1, daily=True),
)
"""Each round clicks all of these, in this order or beginning with another."""


class Point(NamedTuple):
    """Says where to kill. accident: a plan of `kills_child`. step: on the wire. first: of CLICKED.

    when: which story it happens in; one of STORIES.
    """

    when: str
    accident: str = ""
    step: Step | None = None
    first: int = 0

    def __str__(self) -> str:
        where = self.accident or ("-".join(self.step) if self.step else "")
        return "-".join(filter(None, [self.when, where.replace(" ", "-"), str(self.first or "")]))


def points() -> Iterator[Point]:
    """Yield all of them."""
    for first in range(len(CLICKED)):
        yield from _both("click", "click", first=first)
    yield Point("hold")
    for when in ("send", "undo"):
        yield from _sending(when)
        for moment in MOMENTS:
            yield Point(when, step=Step("poll", moment))
        yield from _both(when, "snapshot", after="after:sent ")
        yield from _both(when, "over", after="after:sent ")
    yield from _sending("batch")
    yield from _sending("add", ("sync",))
    yield from _both("add", "click")
    yield from _both("add", "over", after="after:sent ")
    yield from _both("add-undo", "undo")
    yield from _both("add-undo-in-flight", "undo")
    yield from _both("undo-held", "over")
    yield from _both("undo-in-flight", "undo")
    for first in range(len(CLICKED)):
        yield from _both("undo", "undo", first=first)


def _sending(when: str, requests: Sequence[str] = ("lookup", "sync")) -> Iterator[Point]:
    yield from _both(when, "attempt")
    for request in requests:
        for moment in MOMENTS:
            yield Point(when, step=Step(request, moment))
    yield from _both(when, "sent")


def _both(when: str, step: str, *, first: int = 0, after: str = "") -> Iterator[Point]:
    for moment in ("before", "after"):
        yield Point(when, accident=f"{after}{moment}:{step}", first=first)


def play(home: Home, point: Point) -> Verdict:
    """Click, be killed there, start again, and judge."""
    clicks = _added(home, point.first)
    home.refresh()
    STORIES[point.when](home, point, clicks)
    home.until_dead()
    home.wire.kill_at(None)
    home.start()
    home.drain()
    return home.verdict()


Clicks = list[tuple[str, str]]
"""Tasks, and what is to be clicked on them."""


def _added(home: Home, first: int) -> Clicks:
    order = CLICKED[first:] + CLICKED[:first]
    return [(home.add(days=one.days, daily=one.daily, at=one.at), one.kind) for one in order]


def _click(home: Home, clicks: Clicks) -> None:
    for task, kind in clicks:
        home.click(task, kind)


def _undo(home: Home, clicks: Clicks) -> None:
    for task, _ in clicks:
        home.undo(task)


def _arm(home: Home, point: Point) -> None:
    home.plan(point.accident)
    home.wire.kill_at(point.step)


def _send(home: Home, point: Point, clicks: Clicks) -> None:
    _arm(home, point)
    _click(home, clicks)


def _hold(home: Home, _point: Point, clicks: Clicks) -> None:
    _click(home, clicks)
    home.kill()


def _batch(home: Home, point: Point, clicks: Clicks) -> None:
    """After a first kill, all go out together when oO starts again."""
    _hold(home, point, clicks)
    home.until_dead()
    home.wire.kill_at(point.step)
    home.plan(point.accident)
    home.spawn()


def _undo_held(home: Home, point: Point, clicks: Clicks) -> None:
    _click(home, clicks)
    _arm(home, point)
    _undo(home, clicks)


def _undo_in_flight(home: Home, point: Point, clicks: Clicks) -> None:
    with home.wire.answers_to_sync_held() as carried_out:
        _click(home, clicks)
        carried_out.wait(20)
        _arm(home, point)
        _undo(home, clicks[:1])
        home.until(home.is_dead, "die")


def _undo_later(home: Home, point: Point, clicks: Clicks) -> None:
    _click(home, clicks)
    home.drain()
    _arm(home, point)
    _undo(home, clicks)


NEW = ("New kite", "New tea")


def _type(home: Home) -> None:
    for title in NEW:
        home.type_new(title)


def _add(home: Home, point: Point, _clicks: Clicks) -> None:
    _arm(home, point)
    _type(home)


def _add_undo(home: Home, point: Point, _clicks: Clicks) -> None:
    """Both are there, and both are taken back."""
    _type(home)
    home.drain()
    _arm(home, point)
    for title in NEW:
        home.take_back(title)


def _add_undo_in_flight(home: Home, point: Point, _clicks: Clicks) -> None:
    with home.wire.answers_to_sync_held() as carried_out:
        home.type_new(NEW[0])
        carried_out.wait(20)
        _arm(home, point)
        home.take_back(NEW[0])
        home.until(home.is_dead, "die")


STORIES: dict[str, Callable[[Home, Point, Clicks], None]] = {
    "click": _send,
    "send": _send,
    "hold": _hold,
    "batch": _batch,
    "undo-held": _undo_held,
    "undo-in-flight": _undo_in_flight,
    "add": _add,
    "add-undo": _add_undo,
    "add-undo-in-flight": _add_undo_in_flight,
    "undo": _undo_later,
}
