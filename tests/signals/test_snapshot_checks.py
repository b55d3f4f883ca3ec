"""What a connector returned is checked before anyone relies on it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from oo_desktop.errors import Rejected
from oo_desktop.model.faults import ConnectorFault
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    Container,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    Task,
    TaskList,
    UserId,
)
from oo_desktop.model.source import Added, Snapshot
from oo_desktop.signals.snapshot_checks import SIGNALS_PER_SLICE, checked_id, checked_snapshot
from oo_desktop.testing import TODAY, task

ADA = AccountKey(ProviderId("scripted"), UserId("ada"))
NAIVE = datetime(2026, 11, 22, 9)  # noqa: DTZ001  # what a floating time is made of
AWARE = datetime(2026, 11, 22, 9, tzinfo=UTC)


async def checked(*signals: Any, zone: Any = None, limit: int = 10) -> Snapshot:
    return await checked_snapshot(Snapshot(signals=signals, zone=zone), ADA, limit=limit)


def changed(**values: Any) -> Task:
    return msgspec.structs.replace(task("1"), **values)


async def test_what_keeps_the_contract_passes_unchanged() -> None:
    meeting = Event(
        id=SignalId("e"),
        source=ADA.provider,
        user_id=ADA.user_id,
        title="Meeting",
        start=Fixed(AWARE, "Europe/Berlin"),
        end=Fixed(AWARE, "Europe/Berlin"),
    )
    signals = (task("1"), task("2", due=None), task("3", due=Floating(NAIVE)), meeting)
    assert await checked(*signals, zone="Europe/Berlin") == Snapshot(
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
async def test_a_signal_that_breaks_it_is_refused(signal: Any) -> None:
    with pytest.raises(ConnectorFault):
        await checked(task("ok"), signal)


@pytest.mark.parametrize("snapshot", [None, [], {"signals": ()}, "snapshot"])
async def test_what_is_no_snapshot_is_refused(snapshot: object) -> None:
    with pytest.raises(ConnectorFault):
        await checked_snapshot(snapshot, ADA, limit=10)


async def test_signals_that_come_without_end_are_refused_and_not_read() -> None:
    def endless() -> Any:
        while True:
            yield task("1")

    with pytest.raises(ConnectorFault):
        await checked_snapshot(Snapshot(signals=endless()), ADA, limit=10)


async def test_a_zone_that_is_no_text_is_refused() -> None:
    with pytest.raises(ConnectorFault):
        await checked(zone=5)


@pytest.mark.parametrize("unread", [-1, 10**9, "3", None, 1.5])
async def test_a_number_of_unread_signals_that_cannot_be_is_refused(unread: Any) -> None:
    with pytest.raises(ConnectorFault):
        await checked_snapshot(Snapshot(signals=(), unread=unread), ADA, limit=10)


async def test_another_number_of_unread_signals_is_another_snapshot() -> None:
    known = await checked_snapshot(Snapshot(signals=(), unread=3), ADA, limit=10)
    assert known.unread == 3
    assert (
        await checked_snapshot(Snapshot(signals=(), unread=3), ADA, limit=10, known=known) is known
    )
    fewer = await checked_snapshot(Snapshot(signals=()), ADA, limit=10, known=known)
    assert (fewer.unread, fewer.signals is known.signals) == (0, True)


async def test_two_signals_with_one_id_are_refused() -> None:
    with pytest.raises(ConnectorFault):
        await checked(task("1"), task("1", due=None))


async def test_too_many_signals_are_refused_at_once_and_not_cut_off() -> None:
    snapshot = Snapshot(signals=(task("1"), task("2"), *[task("same")] * 1_000_000))
    with pytest.raises(Rejected, match=r"more than oO can show \(2\)"):
        await checked_snapshot(snapshot, ADA, limit=2)


async def test_an_equal_snapshot_is_the_one_already_known() -> None:
    known = await checked(task("1", due=TODAY))
    again = Snapshot(signals=(task("1", due=TODAY),))
    assert await checked_snapshot(again, ADA, limit=10, known=known) is known


async def test_a_known_signal_stays_the_same_object_among_new_ones() -> None:
    known = await checked(*(task(str(number)) for number in range(10)))
    signals = (task("new"), *(task(str(number)) for number in range(9, 0, -1)))
    found = await checked_snapshot(Snapshot(signals=signals), ADA, limit=10, known=known)
    assert found.signals == signals
    assert all(a is b for a, b in zip(found.signals[1:], known.signals[:0:-1], strict=True))


async def test_another_order_is_another_list() -> None:
    known = await checked(task("1"), task("2"))
    again = Snapshot(signals=(task("2"), task("1")))
    assert await checked_snapshot(again, ADA, limit=10, known=known) == again


async def test_signals_that_are_those_already_known_stay_it_whatever_they_are_made_of() -> None:
    known = await checked(task("1"), task("2"))
    again = msgspec.structs.replace(known, made_of="the same in other words")
    found = await checked_snapshot(again, ADA, limit=10, known=known)
    assert found == again
    assert found.signals is known.signals
    assert await checked_snapshot(found, ADA, limit=10, known=found) is found


async def test_another_zone_leaves_the_signals_what_they_are() -> None:
    known = await checked(task("1"), zone="Europe/Berlin")
    again = Snapshot(signals=(task("1"),), zone="Asia/Tokyo")
    found = await checked_snapshot(again, ADA, limit=10, known=known)
    assert found == again
    assert found.signals is known.signals


async def test_what_is_wrong_is_found_in_a_long_list_too() -> None:
    good = [task(str(number)) for number in range(1000)]
    assert await checked(*good, limit=1000) == Snapshot(signals=tuple(good))
    for wrong in (task("5"), changed(id=["5"]), changed(id="x", due=Floating(AWARE)), "text"):
        with pytest.raises(ConnectorFault):
            await checked(*good[:-1], wrong, limit=1000)


async def test_a_long_list_lets_others_have_their_turn() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    working = asyncio.create_task(others())
    await checked(*(task(str(number)) for number in range(1000)), limit=1000)
    working.cancel()
    assert turns >= 1000 / SIGNALS_PER_SLICE - 1


async def test_a_fault_never_says_what_was_in_the_signal() -> None:
    with pytest.raises(ConnectorFault) as raised:
        await checked(changed(title=["SECRET"], url="SECRET"))
    assert "SECRET" not in str(raised.value)
    assert raised.value.__cause__ is None


LISTS = (TaskList(id="a", name="Inbox"), TaskList(id="b", name="Work", color="#ff0000"))


async def test_lists_for_new_tasks_pass_unchanged() -> None:
    for lists in (None, (), LISTS):
        found = await checked_snapshot(Snapshot(signals=(), lists=lists), ADA, limit=1)
        assert found.lists == lists
        assert await checked_snapshot(found, ADA, limit=1, known=found) is found


@pytest.mark.parametrize(
    "lists",
    [
        "a text",
        (1,),
        (LISTS[0], LISTS[0]),
        (TaskList(id="a", name="x" * 10_001),),
        (TaskList(id="a", name="\ud800"),),
        tuple(TaskList(id=str(number), name="x") for number in range(1001)),
    ],
)
async def test_lists_that_cannot_be_are_refused(lists: Any) -> None:
    with pytest.raises(ConnectorFault):
        await checked_snapshot(Snapshot(signals=(), lists=lists), ADA, limit=1)


@pytest.mark.parametrize("id_", [None, "6X1"])
def test_the_id_of_what_was_added_passes(id_: SignalId | None) -> None:
    assert checked_id(Added(id=id_)) == id_


@pytest.mark.parametrize("added", [None, "6X1", Added(id=""), Added(id="x" * 513), Added(id=7)])  # type: ignore[arg-type]  # what plug-ins may return
def test_an_id_that_cannot_be_is_refused(added: object) -> None:
    with pytest.raises(ConnectorFault):
        checked_id(added)


async def test_a_new_signal_shares_what_it_has_in_common_with_those_that_are_known() -> None:
    home = {"container": Container("Home"), "actions": (ActionKind.DONE,)}
    known = await checked(msgspec.structs.replace(task("1"), **home))
    later = msgspec.structs.replace(task("2"), container=Container("Home"), actions=home["actions"])
    again = await checked_snapshot(
        Snapshot(signals=(*known.signals, later)), ADA, limit=10, known=known
    )
    one, other = again.signals
    assert (other.container is one.container, other.actions is one.actions) == (True, True)
    assert (other.source is ADA.provider, other.user_id is ADA.user_id) == (True, True)
