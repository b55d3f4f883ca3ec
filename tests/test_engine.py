"""The engine without a network: what it knows from before, and how its parts follow each other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from oo_desktop.config import Settings, settings_from_toml
from oo_desktop.connectors.base import Connector, OnThisComputer
from oo_desktop.connectors.registry import Registry
from oo_desktop.engine import Engine
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.events import BusEvent, PauseChanged, SettingsChanged
from oo_desktop.folders import Folders
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.integrations.vault import Tokens
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.integrations import Integration
from oo_desktop.model.pause import PauseUntil
from oo_desktop.model.preferences import QuickAdd, Show
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    AnySignal,
    Container,
    Day,
    ProviderId,
    TaskList,
    UserId,
)
from oo_desktop.model.source import Identity, Snapshot
from oo_desktop.model.state import Connection
from oo_desktop.store.database import Database
from oo_desktop.store.snapshots import SnapshotStore
from oo_desktop.testing import FakeClock, ScriptedSource, settle, task

ADA = AccountKey(ProviderId("todoist"), UserId("ada"))
BOB = AccountKey(ProviderId("todoist"), UserId("bob"))
RENT = task("rent", source=ADA.provider, user_id=ADA.user_id)


async def this_computer() -> Identity:
    return Identity(UserId("this-computer"), "This computer")


HERE = Connector(
    id=ProviderId("here"),
    name="Lists of this computer",
    sign_in=OnThisComputer(identity=this_computer),
    source=lambda _given: ScriptedSource("here"),
)


async def no_browser(_url: str) -> bool:
    return False


class Computer:
    """A home folder and a keyring that outlive the engines in it."""

    def __init__(self, home: Path) -> None:
        self.clock = FakeClock()
        self.settings = Settings()
        self.events: list[BusEvent] = []
        self._folders = Folders(home, home, home / "run")
        self._folders.create()
        self._keyring = MemoryKeyring()

    @asynccontextmanager
    async def engine(self, *, registry: Registry | None = None) -> AsyncIterator[Engine]:
        """An engine that has read what there is and was not started: it asks nobody anything."""
        engine = Engine(
            folders=self._folders,
            settings=self.settings,
            keyring=KeyringPort(choose=lambda: self._keyring, clock=self.clock),
            clock=self.clock,
            open_browser=no_browser,
            registry=registry,
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

    async def save(
        self, key: AccountKey, *signals: AnySignal, lists: tuple[TaskList, ...] | None = None
    ) -> None:
        """Have a list from before."""
        database = Database(self._folders.database)
        store = SnapshotStore(database)
        await store.replace(
            key, Snapshot(signals=signals, lists=lists), fetched_at=self.clock.now()
        )
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


async def test_what_there_is_to_see_takes_as_many_statements_however_many_accounts_there_are(
    computer: Computer,
) -> None:
    counts = []
    for number in range(3):
        await computer.connect(AccountKey(ADA.provider, UserId(f"person-{number}")))
        async with computer.engine() as engine:
            ran: list[str] = []
            engine._database._connection.set_trace_callback(ran.append)
            assert len(engine.state().accounts) > number
            counts.append(len(ran))
    assert len(set(counts)) == 1


async def test_what_is_not_on_the_list_is_said_to_be_gone(computer: Computer) -> None:
    async with computer.engine() as engine:
        gone = task("gone", source=ADA.provider, user_id=ADA.user_id)
        with pytest.raises(Rejected, match="no longer on the list"):
            engine.signal(gone.key)


@pytest.mark.parametrize("found", [True, False, Unavailable("Not now."), TimeoutError()])
async def test_what_is_offered_is_found_out_after_the_start_and_again_when_it_is_asked_for(
    computer: Computer, found: object
) -> None:
    asked = []

    async def offered() -> bool:
        asked.append(found)
        if isinstance(found, Exception):
            raise found
        return bool(found)

    def is_offered(engine: Engine) -> bool:
        return next(each.offered for each in engine.services if each.id == HERE.id)

    registry = Registry(connectors=(replace(HERE, offered=offered),))
    async with computer.engine(registry=registry) as engine:
        assert not asked
        assert not is_offered(engine)
        engine.start()
        await settle()
        assert len(asked) == 1
        assert is_offered(engine) is (found is True)
        found = False
        await engine.connect_here(HERE.id)
        assert len(asked) == 2
        assert not is_offered(engine)


async def test_what_says_nothing_of_it_is_always_offered(computer: Computer) -> None:
    async with computer.engine(registry=Registry(connectors=(HERE,))) as engine:
        assert [each.offered for each in engine.services] == [True]


async def test_a_click_waits_in_the_outbox_until_it_is_taken_back(computer: Computer) -> None:
    async with computer.engine() as engine:
        engine.outbox.click(engine.signal(RENT.key))
        (account,), (click,) = engine.state().accounts, engine.state().outbox
        assert (click.state, account.pending, account.waiting) == (OutboxState.QUEUED, 1, 1)
        engine.outbox.undo(click.number)
        assert engine.state().outbox == ()


async def test_a_click_and_its_undo_are_one_statement_each(computer: Computer) -> None:
    async with computer.engine() as engine:
        rent, ran = engine.signal(RENT.key), list[str]()
        engine._database._connection.set_trace_callback(lambda sql: ran.append(sql.split()[0]))
        click = engine.outbox.click(rent)
        assert ran == ["BEGIN", "INSERT", "COMMIT"]
        ran.clear()
        engine.outbox.undo(click.number)
        assert ran == ["BEGIN", "DELETE", "COMMIT"]


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


@pytest.mark.parametrize("day", [date(2026, 12, 24), date(2027, 1, 1)])
async def test_a_task_moves_to_the_day_that_is_named(computer: Computer, day: date) -> None:
    movable = msgspec.structs.replace(RENT, actions=(ActionKind.ON_DAY,))
    async with computer.engine() as engine:
        assert engine.due_on(movable, day) == Day(day)


@pytest.mark.parametrize(
    ("actions", "day"),
    [
        ((ActionKind.DONE, ActionKind.TOMORROW), date(2026, 12, 24)),
        ((ActionKind.ON_DAY,), date.max),
        ((ActionKind.ON_DAY,), date.min),
    ],
)
async def test_no_task_moves_to_a_day_that_is_not_offered_or_not_there(
    computer: Computer, actions: tuple[ActionKind, ...], day: date
) -> None:
    async with computer.engine() as engine:
        with pytest.raises(Rejected, match="cannot be moved there"):
            engine.due_on(msgspec.structs.replace(RENT, actions=actions), day)


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


# New tasks

CAL = AccountKey(ProviderId("caldav"), UserId("ada@dav.example/ada/"))
FEED = AccountKey(ProviderId("ics"), UserId("1"))
INBOX, WORK = TaskList(id="in", name="Inbox"), TaskList(id="w", name="Work", color="#ff0000")
HOME = TaskList(id="/ada/home/", name="Home")


async def with_lists(computer: Computer) -> None:
    """Two accounts that tasks can be added to, and one that is only read."""
    for key in (FEED, CAL):
        computer.clock.jump(1)
        await computer.connect(key)
    await computer.save(ADA, RENT, lists=(INBOX, WORK))
    await computer.save(CAL, lists=(HOME,))


async def test_a_new_task_waits_where_it_will_be(computer: Computer) -> None:
    await with_lists(computer)
    async with computer.engine() as engine:
        item = engine.add("Tea tomorrow p1 #Work", account=ADA)
        assert (item.signal.account, item.signal.title) == (ADA, "Tea")
        assert item.signal.container == Container("Work", "#ff0000")
        assert item.added is not None
        assert (item.added.list, item.added.uuid) == ("w", item.uuid)
        assert item.added.text == "Tea tomorrow p1 #Work"
        assert engine.signal(item.key) == item.signal
    async with computer.engine() as engine:
        assert engine.state().outbox == (item,)


async def test_what_an_account_takes_is_told(computer: Computer) -> None:
    await with_lists(computer)
    async with computer.engine() as engine:
        adding = {account.key: account.adding for account in engine.state().accounts}
        assert adding[FEED] is None
        todoist, caldav = adding[ADA], adding[CAL]
        assert todoist is not None
        assert caldav is not None
        assert (todoist.lists, todoist.marks) == ((INBOX, WORK), True)
        assert (caldav.lists, caldav.marks, caldav.floats) == ((HOME,), False, False)


@pytest.mark.parametrize(
    ("prefers", "account", "into", "list_id"),
    [
        (QuickAdd(), ADA, None, "in"),
        (QuickAdd(account="caldav"), CAL, None, "/ada/home/"),
        (QuickAdd(account="caldav:ada@dav.example/ada/"), CAL, None, "/ada/home/"),
        (QuickAdd(account="todoist", list="w"), ADA, None, "w"),
        (QuickAdd(account="todoist", list="work"), ADA, None, "w"),
        (QuickAdd(list="w"), ADA, "Inbox", "in"),
        (QuickAdd(list="gone"), ADA, None, "in"),
    ],
)
async def test_it_goes_where_the_settings_say_unless_somebody_says_more(
    computer: Computer, prefers: QuickAdd, account: AccountKey, into: str | None, list_id: str
) -> None:
    await with_lists(computer)
    computer.settings = Settings(quick_add=prefers)
    async with computer.engine() as engine:
        item = engine.add("Tea", into=into)
        assert item.signal.account == account
        assert item.added is not None
        assert item.added.list == list_id


async def test_what_is_understood_is_told_before_anything_is_added(computer: Computer) -> None:
    await with_lists(computer)
    async with computer.engine() as engine:
        found = engine.understood("Tea tomorrow #Work")
        assert found.sentence == "Due tomorrow, in Work"
        assert engine.state().outbox == ()


async def test_where_no_task_can_go_that_is_said(computer: Computer) -> None:
    await with_lists(computer)
    async with computer.engine() as engine:
        for text, account, into, words in (
            ("x", FEED, None, "cannot add tasks to 1@x"),
            ("x", BOB, None, "no account yet"),
            ("x", ADA, "nowhere", "no list of this name"),
            (" ", ADA, None, "Give the task a name"),
            ("x" * 501, ADA, None, "too long"),
        ):
            with pytest.raises(Rejected, match=words):
                engine.add(text, account=account, into=into)
        assert engine.state().outbox == ()
    computer.settings = Settings(quick_add=QuickAdd(account="google_calendar"))
    async with computer.engine() as engine:
        with pytest.raises(Rejected, match="that the settings name"):
            engine.add("x")


async def test_where_the_lists_are_not_known_only_an_inbox_takes_a_task(
    computer: Computer,
) -> None:
    await computer.connect(CAL)
    async with computer.engine() as engine:
        assert not engine.knows_lists(ADA)
        item = engine.add("Tea #Work", account=ADA)
        assert item.added is not None
        assert (item.added.title, item.added.list) == ("Tea #Work", None)
        with pytest.raises(Rejected, match="has not read the lists"):
            engine.add("Tea", account=CAL)
    await computer.save(CAL, lists=())
    async with computer.engine() as engine:
        with pytest.raises(Rejected, match="There is no list"):
            engine.add("Tea", account=CAL)


async def test_settings_count_at_once(computer: Computer) -> None:
    async with computer.engine() as engine:
        computer.events.clear()
        engine.apply(
            settings_from_toml("undo_seconds = 30\nhide_titles = true\n[show]\nall_day = false\n")
        )
        state = engine.state()
        assert (state.hide_titles, state.show) == (True, Show(all_day=False))
        click = engine.outbox.click(engine.signal(RENT.key))
        assert (click.send_at - click.clicked_at).total_seconds() == 30
        assert SettingsChanged() in computer.events
        (shown,), (undoable,) = engine.state().outbox, engine.state().undoable
        assert (shown.signal.title, undoable.signal.title) == ("Task", "Task")
        assert click.signal.title == RENT.title, "what is sent is what it is"


async def test_the_same_settings_again_are_no_news(computer: Computer) -> None:
    async with computer.engine() as engine:
        computer.events.clear()
        engine.apply(Settings())
        assert computer.events == []


async def test_a_connector_that_is_set_up_otherwise_is_made_anew(
    computer: Computer,
) -> None:
    async with computer.engine() as engine:
        before = dict(engine._sources)
        client = engine.accounts.client(*ADA)
        engine.apply(settings_from_toml("[todoist]\nfilter = '#Work'\n"))
        changed = [each for each, source in engine._sources.items() if source is not before[each]]
        assert changed == ["todoist"]
        assert engine.accounts.client(*ADA) is client, "its pauses and its token stay"
        url = "http://127.0.0.1:9/api/"
        engine.apply(settings_from_toml(f"[todoist]\nfilter = '#Work'\napi_url = '{url}'\n"))
        assert engine.accounts.client(*ADA) is not client


async def test_a_client_that_is_configured_while_oo_runs_is_signed_in_with(
    computer: Computer,
) -> None:
    text = "[google_calendar]\nclient_id = 'an-id'\nclient_secret = 'a-secret'\n"
    async with computer.engine() as engine:
        engine.start()
        google = ProviderId("google_calendar")
        assert await engine._oauth_clients.current(google) is None
        engine.apply(settings_from_toml(text))
        found = await engine._oauth_clients.current(google)
        assert found is not None
        assert (found.client_id, found.secret) == ("an-id", "a-secret")


async def test_mistakes_of_the_file_are_part_of_what_there_is_to_see(computer: Computer) -> None:
    async with computer.engine() as engine:
        engine.mistakes = ("config.toml, line 1: no.",)
        assert engine.state().mistakes == engine.mistakes


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
