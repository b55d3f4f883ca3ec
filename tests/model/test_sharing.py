"""What signals of an account have in common is one object."""

from datetime import UTC, datetime

import msgspec
import pytest

from oo_desktop.model.sharing import SharedParts
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    AnySignal,
    Container,
    Event,
    Fixed,
    ProviderId,
    SignalId,
    Task,
    UserId,
)

ADA = AccountKey(ProviderId("todoist"), UserId("ada"))
NOON = Fixed(datetime(2026, 11, 29, 12, tzinfo=UTC), "Europe/Berlin")
HOME = Container("Home", "#ff0000")
TASK = Task(
    id=SignalId("1"),
    source=ADA.provider,
    user_id=ADA.user_id,
    title="Call Bo",
    url="https://example.org/1",
    container=HOME,
    actions=(ActionKind.DONE, ActionKind.TOMORROW),
    undo='{"due":"noon"}',
    due=NOON,
    recurring=True,
    priority=1,
    labels=("phone",),
    parent=SignalId("0"),
    reminders=(0, 1),
)
EVENT = Event(
    id=SignalId("2"),
    source=ADA.provider,
    user_id=ADA.user_id,
    title="Stand-up",
    container=HOME,
    actions=(ActionKind.ACCEPT,),
    start=NOON,
    end=NOON,
    join_url="https://meet.example.org/1",
    where="Room 1",
    unanswered=True,
    twin="stand-up",
    reminders=(10,),
)
SHARED = {
    Task: {"source", "user_id", "container", "actions", "undo", "due", "labels", "reminders"},
    Event: {"source", "user_id", "container", "actions", "join_url", "where", "reminders"},
}


decoder = msgspec.json.Decoder(AnySignal)


def read(signal: AnySignal) -> AnySignal:
    """Return it as one that was decoded: all its parts are its own."""
    found: AnySignal = decoder.decode(msgspec.json.encode(signal))
    return found


@pytest.mark.parametrize("signal", [TASK, EVENT], ids=["a task", "an event"])
def test_parts_that_are_equal_are_the_same_in_signals_that_stay_as_they_were(
    signal: AnySignal,
) -> None:
    parts = SharedParts(ADA)
    one, other = parts.of(read(signal)), parts.of(read(signal))
    assert one == other == signal
    same = {each for each in SHARED[type(signal)] if getattr(one, each) is getattr(other, each)}
    assert same == SHARED[type(signal)]


def test_a_signal_that_comes_later_has_the_parts_of_those_that_were_there() -> None:
    later = SharedParts(ADA, (TASK, EVENT)).of(read(EVENT))
    assert later.container is HOME
    assert later.actions is EVENT.actions
    assert (later.source is ADA.provider, later.user_id is ADA.user_id) == (True, True)


def test_nothing_that_differs_becomes_the_same() -> None:
    parts = SharedParts(ADA)
    other = msgspec.structs.replace(TASK, container=Container("Home"), labels=(), due=None)
    assert [parts.of(TASK), parts.of(other)] == [TASK, other]


@pytest.mark.parametrize("labelled_first", [False, True])
def test_a_label_that_is_called_as_an_action_is_none(labelled_first: bool) -> None:
    labelled = msgspec.structs.replace(TASK, actions=(), labels=("done",))
    clickable = msgspec.structs.replace(TASK, actions=(ActionKind.DONE,), labels=())
    parts = SharedParts(ADA)
    for each in (labelled, clickable) if labelled_first else (clickable, labelled):
        found = parts.of(read(each))
        assert isinstance(found, Task)
        assert [*map(type, found.labels)] == [*map(type, each.labels)]
        assert [*map(type, found.actions)] == [*map(type, each.actions)]
