"""Delivery while something of ours is broken: a connector, the database, the accounts."""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from oo_desktop.errors import AuthRequired, StoreError
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.store.database import Database
from oo_desktop.testing import FakeAccounts, FakeClock, ScriptedSource, settle, task

Build = Callable[..., Outbox]
Running = Callable[[Outbox], AbstractAsyncContextManager[None]]


def sent(source: ScriptedSource) -> list[str]:
    return [key.id for key, _ in source.acted]


def make_read_only(database: Database, yes: bool) -> None:
    connection = database._engine.raw_connection()
    connection.cursor().execute(f"PRAGMA query_only = {int(yes)}")
    connection.close()


async def test_a_refusal_that_cannot_be_stored_is_met_again_later(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    source.act_failure = AuthRequired("Sign in again.")
    outbox = build_outbox()
    async with running(outbox):
        accounts.failure = StoreError("The disk is full.")
        outbox.click(task("1"))
        await clock.advance(6)
        accounts.failure = None
        await clock.advance(20)
        assert accounts.refused == [(source.key(), "Sign in again.")]


@pytest.mark.logs_warnings
async def test_a_bug_of_a_connector_neither_loses_the_click_nor_hammers(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    source.act_failure = ZeroDivisionError("SECRET")
    outbox = build_outbox()
    async with running(outbox):
        item = outbox.click(task("1"))
        await clock.advance(86_400)
        assert len(source.acted) == 1
        (row,) = outbox.items()
        assert row.state is OutboxState.REJECTED
        assert "ZeroDivisionError" in str(row.reason)
        assert "SECRET" not in caplog.text + repr(row)
        assert [r.levelno for r in caplog.records] == [logging.ERROR]
        source.act_failure = None
        outbox.retry(item.number)
        await settle()
        assert [action.uuid for _, action in source.acted] == [item.uuid] * 2


@pytest.mark.logs_warnings
async def test_nothing_is_sent_that_could_not_be_written_down_first(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    database: Database,
    clock: FakeClock,
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        make_read_only(database, True)
        await clock.advance(60)
        assert source.acted == []
        assert "written" in str(outbox.items()[0].reason)
        make_read_only(database, False)
        await clock.advance(600)
        assert sent(source) == ["1"]


@pytest.mark.logs_warnings
async def test_what_a_service_has_done_is_true_even_if_it_cannot_be_stored(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    database: Database,
    clock: FakeClock,
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_gate.clear()
        outbox.click(task("1"))
        await clock.advance(6)
        make_read_only(database, True)
        source.act_gate.set()
        await clock.advance(600)
        assert len(source.acted) == 1
        assert outbox.items()[0].state is OutboxState.SENT
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        assert outbox.items() == ()
        make_read_only(database, False)
    # What the store knows of it is older: it goes out again, with the same uuid.
    async with running(build_outbox()):
        await settle()
    assert len({action.uuid for _, action in source.acted}) == 1


@pytest.mark.logs_warnings
async def test_while_the_accounts_cannot_be_read_delivery_goes_on(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        accounts.failure = StoreError("The disk failed.")
        outbox.follow_accounts()
        outbox.click(task("1"))
        await clock.advance(6)
        assert sent(source) == ["1"]
