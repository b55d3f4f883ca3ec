"""The engine without a network: what it knows from before, and how its parts follow each other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from oo_desktop.config import Settings
from oo_desktop.engine import Engine
from oo_desktop.errors import Rejected
from oo_desktop.events import BusEvent, PauseChanged
from oo_desktop.folders import Folders
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.integrations.vault import Tokens
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.integrations import Integration
from oo_desktop.model.pause import PauseUntil
from oo_desktop.model.signals import AccountKey, ActionKind, AnySignal, ProviderId, UserId
from oo_desktop.model.source import Snapshot
from oo_desktop.model.state import Connection
from oo_desktop.store.database import Database
from oo_desktop.store.snapshots import SnapshotStore
from oo_desktop.testing import FakeClock, task

ADA = AccountKey(ProviderId("todoist"), UserId("ada"))
BOB = AccountKey(ProviderId("todoist"), UserId("bob"))
RENT = task("rent", source=ADA.provider, user_id=ADA.user_id)


async def no_browser(_url: str) -> bool:
    return False


class Computer:
    """A home folder and a keyring that outlive the engines in it."""

    def __init__(self, home: Path) -> None:
        self.clock = FakeClock()
        self.events: list[BusEvent] = []
        self._folders = Folders(home, home, home / "run")
        self._folders.create()
        self._keyring = MemoryKeyring()

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[Engine]:
        """An engine that has read what there is and was not started: it asks nobody anything."""
        engine = Engine(
            folders=self._folders,
            settings=Settings(),
            keyring=KeyringPort(choose=lambda: self._keyring, clock=self.clock),
            clock=self.clock,
            open_browser=no_browser,
        )
        engine.bus.subscribe_all(self.events.append)
        engine.load()
        try:
            yield engine
        finally:
            await engine.stop()

    async def connect(self, key: AccountKey) -> None:
        """Have an account from before."""
        now = self.clock.now()
        account = Integration(key=key, label=f"{key.user_id}@x", connected_at=now, updated_at=now)
        async with self.engine() as engine:
            await engine.vault.connect(account, Tokens(access="a-token"))

    async def save(self, key: AccountKey, *signals: AnySignal) -> None:
        """Have a list from before."""
        database = Database(self._folders.database)
        store = SnapshotStore(database)
        await store.replace(key, Snapshot(signals=signals), fetched_at=self.clock.now())
        database.close()


@pytest.fixture
async def computer(tmp_path: Path) -> Computer:
    computer = Computer(tmp_path)
    await computer.connect(ADA)
    await computer.save(ADA, RENT)
    return computer


async def test_the_saved_list_is_there_before_anybody_is_asked(computer: Computer) -> None:
    async with computer.engine() as engine:
        state = engine.state()
        assert state.signals == {ADA: (RENT,)}
        (account,) = state.accounts
        assert (account.connection, account.last_success) == (
            Connection.UNKNOWN,
            computer.clock.now(),
        )


async def test_the_list_of_an_account_that_is_not_connected_is_not_shown(
    computer: Computer,
) -> None:
    await computer.save(BOB, task("bobs", source=BOB.provider, user_id=BOB.user_id))
    async with computer.engine() as engine:
        assert engine.state().signals == {ADA: (RENT,)}


async def test_what_is_not_on_the_list_is_said_to_be_gone(computer: Computer) -> None:
    async with computer.engine() as engine:
        gone = task("gone", source=ADA.provider, user_id=ADA.user_id)
        with pytest.raises(Rejected, match="no longer on the list"):
            engine.signal(gone.key)


async def test_a_click_waits_in_the_outbox_until_it_is_taken_back(computer: Computer) -> None:
    async with computer.engine() as engine:
        engine.outbox.click(engine.signal(RENT.key))
        (account,), (click,) = engine.state().accounts, engine.state().outbox
        assert (click.state, account.pending, account.waiting) == (OutboxState.QUEUED, 1, 1)
        engine.outbox.undo(click.number)
        assert engine.state().outbox == ()


async def test_a_click_of_before_is_there_after_a_restart(computer: Computer) -> None:
    async with computer.engine() as engine:
        click = engine.outbox.click(engine.signal(RENT.key))
    async with computer.engine() as engine:
        (kept,) = engine.state().outbox
        assert (kept.number, kept.uuid, kept.signal) == (click.number, click.uuid, RENT)


async def test_a_task_is_not_moved_where_its_service_does_not_offer_it(computer: Computer) -> None:
    async with computer.engine() as engine:
        with pytest.raises(Rejected, match="cannot be moved there"):
            engine.due_after(RENT, ActionKind.TOMORROW)


async def test_a_click_that_is_not_there_cannot_be_sent_again(computer: Computer) -> None:
    async with computer.engine() as engine:
        assert engine.retry(7) is None


async def test_an_account_that_must_be_reconnected_says_why_and_is_asked_no_more(
    computer: Computer,
) -> None:
    async with computer.engine() as engine:
        engine.accounts.require_reconnect(ADA, "The sign-in ended.")
        (account,) = engine.state().accounts
        assert (account.connection.value, account.reason) == ("refused", "The sign-in ended.")
        assert account.next_poll is None
        assert engine.state().signals == {ADA: (RENT,)}


async def test_a_disconnect_forgets_all_there_was_of_the_account(computer: Computer) -> None:
    await computer.connect(BOB)
    async with computer.engine() as engine:
        engine.outbox.click(engine.signal(RENT.key))
        gone = await engine.accounts.disconnect(ADA)
        assert (gone.label, gone.dropped) == ("ada@x", 1)
        state = engine.state()
        assert [each.key for each in state.accounts] == [BOB]
        assert (state.signals.get(ADA), state.outbox) == (None, ())
    await computer.connect(ADA)
    async with computer.engine() as engine:
        assert (engine.state().signals.get(ADA), engine.state().outbox) == (None, ())


async def test_the_calendars_a_person_chose_are_kept(computer: Computer) -> None:
    async with computer.engine() as engine:
        await engine.show_calendar(ADA, "family", shown=False)
    async with computer.engine() as engine:
        assert engine.vault.calendars(ADA) == {"family": False}


async def test_a_refresh_is_seen_while_it_lasts(computer: Computer) -> None:
    async with computer.engine() as engine:
        seen: list[bool] = []
        engine.bus.subscribe_all(lambda _event: seen.append(engine.state().refreshing))
        await engine.refresh()
        assert (seen[0], seen[-1]) == (True, False)


async def test_an_engine_without_accounts_starts_and_stops(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    async with computer.engine() as engine:
        engine.start()
        engine.poll_soon()
        await computer.clock.advance(timedelta(hours=1).total_seconds())
        assert (engine.state().accounts, engine.state().problem) == ((), None)


async def test_a_pause_survives_a_restart_and_ends_by_the_clock(computer: Computer) -> None:
    async with computer.engine() as engine:
        end = engine.pause(PauseUntil.HALF_HOUR)
        assert engine.state().paused_until == end == computer.clock.now() + timedelta(minutes=30)
        assert PauseChanged() in computer.events
    computer.clock.jump(60)
    async with computer.engine() as engine:
        assert engine.state().paused_until == end
        computer.clock.jump(29 * 60)
        assert engine.state().paused_until is None


async def test_a_pause_can_be_ended(computer: Computer) -> None:
    async with computer.engine() as engine:
        engine.pause(PauseUntil.HOUR)
        engine.resume()
        assert engine.state().paused_until is None
    async with computer.engine() as engine:
        assert engine.state().paused_until is None


async def test_a_person_is_welcomed_once(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    for welcome in (True, False):
        async with computer.engine() as engine:
            assert engine.welcome() is welcome


async def test_who_has_an_account_already_is_not_welcomed(computer: Computer) -> None:
    async with computer.engine() as engine:
        assert not engine.welcome()
