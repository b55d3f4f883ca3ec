"""What a connector returned is checked before anyone relies on it."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from oo_desktop.signals.attempt import ConnectorFault
from oo_desktop.signals.contract import checked_snapshot
from oo_desktop.signals.model import (
    AccountKey,
    Container,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.signals.source import Snapshot
from oo_desktop.testing import TODAY, task

ADA = AccountKey(ProviderId("scripted"), UserId("ada"))
NAIVE = datetime(2026, 11, 22, 9)  # noqa: DTZ001  # what a floating time is made of
AWARE = datetime(2026, 11, 22, 9, tzinfo=UTC)


def checked(*signals: Any, zone: Any = None, limit: int = 10) -> Snapshot:
    return checked_snapshot(Snapshot(signals=signals, zone=zone), ADA, limit=limit)


def changed(**values: Any) -> Task:
    return msgspec.structs.replace(task("1"), **values)


def test_what_keeps_the_contract_passes_unchanged() -> None:
    meeting = Event(
        id=SignalId("e"),
        source=ADA.provider,
        user_id=ADA.user_id,
        title="Meeting",
        start=Fixed(AWARE, "Europe/Berlin"),
        end=Fixed(AWARE, "Europe/Berlin"),
    )
    signals = (task("1"), task("2", due=None), task("3", due=Floating(NAIVE)), meeting)
    assert checked(*signals, zone="Europe/Berlin") == Snapshot(
        signals=signals, zone="Europe/Berlin"
    )


@pytest.mark.parametrize(
    "signal",
    [
        "a text",
        None,
        task("1", user_id="someone else"),
        task("1", source="another"),
        changed(id=""),
        changed(id=7),
        changed(id="x" * 600),
        changed(title=None),
        changed(title=7),
        changed(title="x" * 10_001),
        changed(title="half a surrogate pair \ud800"),
        changed(url="https://" + "x" * 10_000),
        changed(container=Container("x" * 10_001)),
        changed(undo="x" * 100_001),
        changed(priority="high"),
        changed(due="today"),
        changed(due=Fixed(NAIVE, "Europe/Berlin")),
        changed(due=Floating(AWARE)),
        changed(actions=("explode",)),
        changed(recurring="yes"),
    ],
)
def test_a_signal_that_breaks_it_is_refused(signal: Any) -> None:
    with pytest.raises(ConnectorFault):
        checked(task("ok"), signal)


@pytest.mark.parametrize("snapshot", [None, [], {"signals": ()}, "snapshot"])
def test_what_is_no_snapshot_is_refused(snapshot: object) -> None:
    with pytest.raises(ConnectorFault):
        checked_snapshot(snapshot, ADA, limit=10)


def test_signals_that_come_without_end_are_refused_and_not_read() -> None:
    def endless() -> Any:
        while True:
            yield task("1")

    with pytest.raises(ConnectorFault):
        checked_snapshot(Snapshot(signals=endless()), ADA, limit=10)


def test_a_zone_that_is_no_text_is_refused() -> None:
    with pytest.raises(ConnectorFault):
        checked(zone=5)


def test_two_signals_with_one_id_are_refused() -> None:
    with pytest.raises(ConnectorFault):
        checked(task("1"), task("1", due=None))


def test_a_million_signals_cost_no_more_than_the_first_few() -> None:
    snapshot = Snapshot(signals=(task("1"), task("2"), *[task("same")] * 1_000_000))
    assert checked_snapshot(snapshot, ADA, limit=2).signals == (task("1"), task("2"))


def test_an_equal_snapshot_is_the_one_already_known() -> None:
    known = checked(task("1", due=TODAY))
    again = Snapshot(signals=(task("1", due=TODAY),))
    assert checked_snapshot(again, ADA, limit=10, known=known) is known


def test_a_fault_never_says_what_was_in_the_signal() -> None:
    with pytest.raises(ConnectorFault) as raised:
        checked(changed(title=["SECRET"], url="SECRET"))
    assert "SECRET" not in str(raised.value)
    assert raised.value.__cause__ is None
