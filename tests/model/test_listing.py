"""What is listed, and what of it is told where titles are hidden."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from oo_desktop.model.listing import is_listed, without_title
from oo_desktop.model.preferences import Show
from oo_desktop.model.signals import (
    Container,
    Day,
    Event,
    Fixed,
    ProviderId,
    SignalId,
    Task,
    UserId,
)

NOON = Fixed(datetime(2026, 11, 29, 12, tzinfo=UTC), "UTC")
WHO: Any = {"source": ProviderId("x"), "user_id": UserId("7")}
TASK = Task(
    id=SignalId("1"), title="Call Ana", labels=("home",), container=Container("Family"), **WHO
)


def event(**more: Any) -> Event:
    given = {"start": NOON, "end": NOON, **more}
    return Event(id=SignalId("2"), title="Therapy", **WHO, **given)


WHOLE_DAY = event(start=Day(date(2026, 11, 29)), end=Day(date(2026, 11, 30)))


@pytest.mark.parametrize(
    ("signal", "hidden_by"),
    [
        pytest.param(event(), set(), id="a certain event"),
        pytest.param(WHOLE_DAY, {"all_day"}, id="a whole day"),
        pytest.param(event(tentative=True), {"tentative"}, id="not certain"),
        pytest.param(event(unanswered=True), {"unanswered"}, id="not answered"),
        pytest.param(
            event(unanswered=True, tentative=True), {"unanswered", "tentative"}, id="both"
        ),
        pytest.param(TASK, set(), id="a task"),
    ],
)
@pytest.mark.parametrize("off", ["all_day", "tentative", "unanswered"])
def test_what_is_switched_off_is_not_listed(
    signal: Task | Event, hidden_by: set[str], off: str
) -> None:
    assert is_listed(signal, Show())
    assert is_listed(signal, Show(**{off: False})) is (off not in hidden_by)


def test_a_hidden_task_says_when_and_no_more() -> None:
    hidden = without_title(TASK)
    assert (hidden.title, hidden.labels) == ("Task", ())
    assert hidden.container == Container("")
    assert hidden.key == TASK.key


def test_a_hidden_event_says_neither_where_nor_in_which_calendar() -> None:
    hidden = without_title(
        event(where="Praxis", join_url="https://a.example", container=Container("Me", "#ff0000"))
    )
    assert (hidden.title, hidden.where, hidden.start) == ("Event", None, NOON)
    assert hidden.container == Container("", "#ff0000")
    assert hidden.join_url == "https://a.example"
    assert without_title(event()).container is None
