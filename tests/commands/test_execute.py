"""Whatever a person asks for is carried out in one place, and whoever asked hears of it."""

import asyncio
import re
from collections.abc import Coroutine, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from msgspec import Struct

import oo_desktop
from oo_desktop.agenda.agenda import Agenda
from oo_desktop.commands import commands
from oo_desktop.commands.commands import Asker, Command
from oo_desktop.commands.execute import Executor
from oo_desktop.commands.report import report_json, report_text
from oo_desktop.connectors.google_calendar.own_client import HELP
from oo_desktop.engine import Engine
from oo_desktop.errors import OoError, Rejected, SignInError
from oo_desktop.events import EventBus
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.pause import PauseUntil
from oo_desktop.model.settings import CurrentSetting, setting_named
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    AnySignal,
    Calendar,
    Day,
    ProviderId,
    SignalId,
    SignalKey,
    Task,
    UserId,
)
from oo_desktop.model.state import (
    AccountState,
    AppState,
    ClientHelp,
    Connecting,
    Service,
    SignInState,
)
from oo_desktop.testing import FakeClock

TODOIST = ProviderId("todoist")
LINKS = ProviderId("ics")
ACCOUNT = AccountKey(TODOIST, UserId("7"))
LINK = AccountKey(LINKS, UserId("1"))
HERE = ProviderId("here")
SERVERS = Service(id=ProviderId("caldav"), name="CalDAV", connecting=Connecting.PASSWORD)
AT_SERVER = AccountKey(SERVERS.id, UserId("ada%40home@dav.example/ada/"))
KNOWN = commands.KnownUser(AT_SERVER, "https://dav.example/ada/", "ada@home", browser=True)
KEY = SignalKey(ACCOUNT, SignalId("1"))
ACTIONS = (ActionKind.DONE, ActionKind.TOMORROW)
TASK = Task(id=KEY.id, source=TODOIST, user_id=ACCOUNT.user_id, title="Buy milk", actions=ACTIONS)

QUIET = CurrentSetting(setting_named("notifications.quiet_from"), "21:00")

Said = list[tuple[object, ...]]


class Parts(Asker):
    """Stands for everything the executor acts on and speaks to; notes what it is asked."""

    can_ask = True

    def __init__(self) -> None:
        self.said: Said = []
        self.told: list[object] = []
        self.tasks: list[asyncio.Task[object]] = []
        self.refusal: OoError | None = None
        self.clock = FakeClock()
        self.bus = EventBus()
        # The engine, its outbox, accounts and reminders, all in one.
        self.outbox = self.accounts = self.reminders = self
        self.rows = (_click(1), _click(2, OutboxState.REJECTED), _click(3, OutboxState.REJECTED))

    def note(self, *what: object) -> None:
        self.said.append(what)
        if self.refusal is not None:
            raise self.refusal

    # The engine

    def state(self) -> AppState:
        calendar = Calendar(id="c", name="Team")
        return AppState(
            accounts=(
                AccountState(key=ACCOUNT, label="Ana", calendars=(calendar,)),
                AccountState(key=LINK, label="Team"),
                AccountState(key=AT_SERVER, label="ada@dav.example"),
            ),
            signals={ACCOUNT: (TASK,)},
            sign_ins=self.sign_ins(),
            services=(
                Service(id=TODOIST, name="Todoist"),
                Service(id=LINKS, name="Calendar link", connecting=Connecting.LINK),
                SERVERS,
                Service(id=HERE, name="Lists", connecting=Connecting.NOTHING),
            ),
        )

    def knows_lists(self, account: AccountKey | None) -> bool:
        return account is not None

    async def learn_lists(self, account: AccountKey | None) -> None:
        self.note("learn_lists", account)

    def add(self, text: str, *, account: AccountKey | None, into: str | None) -> OutboxItem:
        self.note("add", text, account, into)
        return _click(9)

    def signal(self, key: SignalKey) -> AnySignal:
        assert key == KEY
        return TASK

    def due_on(self, _signal: AnySignal, day: date) -> Day:
        return Day(day)

    def due_after(self, _signal: AnySignal, _kind: ActionKind) -> None: ...

    def pause(self, until: PauseUntil) -> datetime:
        self.note("pause", until)
        return self.clock.now()

    def resume(self) -> None:
        self.note("resume")

    def retry(self, number: int) -> OutboxItem:
        self.note("retry", number)
        return _click(number)

    async def refresh(self) -> None:
        await asyncio.sleep(0)
        self.note("refresh")

    async def show_calendar(self, key: AccountKey, calendar: str, *, shown: bool) -> None:
        self.note("show_calendar", key, calendar, shown)

    def read_client(self, provider: ProviderId, text: str) -> None:
        if text == "{":
            raise SignInError("This is not the file of a client.")
        self.note("read_client", provider, text)

    async def bring_client(self, provider: ProviderId, text: str) -> None:
        self.note("bring_client", provider, text)

    async def connect(self, provider: ProviderId, *, server: str = "", **wishes: object) -> Any:
        self.note("connect", provider, *wishes.values(), *filter(None, [server]))
        return Running()

    # Its parts

    def click(self, signal: AnySignal, kind: ActionKind = ActionKind.DONE, **_due: object) -> Any:
        self.note("click", signal.key, kind)
        return _click(9)

    def undo(self, number: int | None) -> OutboxItem:
        self.note("undo", number)
        return _click(number or 1)

    def discard(self, number: int) -> OutboxItem:
        self.note("discard", number)
        return _click(number)

    def items(self) -> tuple[OutboxItem, ...]:
        return self.rows

    def undoable(self) -> tuple[OutboxItem, ...]:
        return self.rows[:1]

    def snooze(self, key: SignalKey) -> None:
        self.note("snooze", key)

    def all(self) -> tuple[object, ...]:
        return ()

    def may_write(self, _key: AccountKey) -> bool:
        return False

    def signs_in_at(self, _provider: ProviderId, server: str) -> bool:
        return server == "https://dav.example/ada/"

    def sign_ins(self) -> tuple[SignInState, ...]:
        url = "https://a.example"
        return (SignInState(provider=TODOIST, url=url, ends_at=self.clock.now()),)

    def cancel(self, provider: ProviderId) -> None:
        self.note("cancel", provider)

    async def connect_with_token(self, provider: ProviderId, token: str, **_expected: Any) -> Any:
        self.note("connect_with_token", provider, token)
        return Account()

    async def connect_here(self, provider: ProviderId, **_expected: Any) -> Any:
        self.note("connect_here", provider)
        return Account()

    async def disconnect(self, key: AccountKey) -> None:
        self.note("disconnect", key)

    # The screen

    def ask_for_token(self, provider: ProviderId, service: str) -> None:
        self.note("ask_for_token", provider, service)

    def ask_for_link(
        self, provider: ProviderId, *, where: str, user: Any = None, label: str = ""
    ) -> None:
        self.note("ask_for_link", provider, user, label)

    def ask_for_password(
        self, service: Service, *, known: commands.KnownUser | None = None
    ) -> None:
        self.note("ask_for_password", service, known)

    def ask_for_server(self, service: Service) -> None:
        self.note("ask_for_server", service)

    def ask_for_client(self, provider: ProviderId, help: ClientHelp) -> None:  # noqa: A002  # as in BringClient
        self.note("ask_for_client", provider)

    def ask_to_disconnect(self, command: commands.AskToDisconnect) -> None:
        self.note("ask_to_disconnect", command.key)

    def ask_for_day(self, command: commands.AskForDay) -> None:
        self.note("ask_for_day", *command.signals)

    def copy(self, text: str) -> None:
        self.note("copy", text)

    # The app

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def settle(self) -> None:
        while self.tasks:
            await self.tasks.pop(0)

    def try_to_begin(self) -> None:
        self.note("try_to_begin")

    async def open_url(self, url: str) -> None:
        self.note("open_url", url)

    def show_window(self, *, adding: bool = False) -> None:
        self.note("show_window", adding)

    def unlock(self) -> None:
        self.note("unlock")

    def wake(self) -> None:
        self.note("wake")

    def surroundings(self) -> Mapping[str, object]:
        return {"version": "1"}

    def show_log(self) -> None:
        self.note("show_log")

    def report(self) -> Mapping[str, object]:
        return report_json(self.state(), self.surroundings())

    def quit(self) -> None:
        self.note("quit")

    def show_settings(self) -> None:
        self.note("show_settings")

    def settings(self) -> tuple[CurrentSetting, ...]:
        return (QUIET,)

    async def change_setting(self, name: str, value: str) -> CurrentSetting:
        self.note("change_setting", name, value)
        return QUIET

    async def start_at_login(self, *, on: bool) -> None:
        self.note("start_at_login", on)

    # Who is told

    def answered(self, _command: Command, result: object) -> None:
        self.told.append(result)

    def failed(self, error: OoError) -> None:
        self.told.append(str(error))


class Account(Struct):
    """An integration, as far as one is looked at."""

    key: AccountKey = ACCOUNT


class Running:
    """A sign-in that is over."""

    def __init__(self) -> None:
        self.task = asyncio.get_running_loop().create_future()
        self.task.set_result(Account())

    async def url(self) -> str:
        return "https://a.example"


def _click(number: int, state: OutboxState = OutboxState.QUEUED) -> OutboxItem:
    now = FakeClock().now()
    return OutboxItem(
        number=number,
        kind=ActionKind.DONE,
        uuid=str(number),
        signal=TASK,
        state=state,
        clicked_at=now,
        send_at=now,
    )


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.fixture
def executor(parts: Parts) -> Executor:
    executor = Executor(app=parts, screen=parts, agenda=Agenda())
    executor.begin(cast("Engine", parts), told=parts)
    return executor


CARRIED_OUT: list[tuple[Command, Said]] = [
    (commands.Done(KEY), [("click", KEY, ActionKind.DONE)]),
    (commands.Act(KEY, ActionKind.TOMORROW), [("click", KEY, ActionKind.TOMORROW)]),
    (commands.Act(KEY, ActionKind.REOPEN), [("undo", 1)]),
    (commands.Move(KEY, date(2026, 12, 4)), [("click", KEY, ActionKind.ON_DAY)]),
    (commands.AskForDay((KEY,)), [("ask_for_day", KEY)]),
    (commands.CopyUrl("https://example.org"), [("copy", "https://example.org")]),
    (commands.ShowWindow(), [("show_window", False)]),
    (commands.AskToAdd(), [("show_window", True)]),
    (commands.Unlock(), [("unlock",)]),
    (
        commands.Every((commands.Undo(1), commands.Done(KEY))),
        [("undo", 1), ("click", KEY, ActionKind.DONE)],
    ),
    (commands.Add("Tea", ACCOUNT, "Home"), [("add", "Tea", ACCOUNT, "Home")]),
    (commands.Add("Tea", "todoist"), [("add", "Tea", ACCOUNT, None)]),
    (commands.Add("Tea"), [("learn_lists", None), ("add", "Tea", None, None)]),
    (commands.Join(), []),
    (commands.Snooze(KEY), [("snooze", KEY)]),
    (commands.Pause(PauseUntil.HOUR), [("pause", PauseUntil.HOUR)]),
    (commands.Resume(), [("resume",)]),
    (commands.OpenUrl("https://example.org"), [("open_url", "https://example.org")]),
    (commands.Undo(1), [("undo", 1)]),
    (commands.Undo(), [("undo", None)]),
    (commands.Retry(2), [("retry", 2)]),
    (commands.Retry(every=True), [("retry", 2), ("retry", 3)]),
    (commands.Discard(3), [("discard", 3)]),
    (commands.Connect(TODOIST), [("connect", TODOIST, None, True, False)]),
    (commands.Connect(TODOIST, ACCOUNT, write=True), [("connect", TODOIST, ACCOUNT, True, True)]),
    (commands.Connect(TODOIST, token="t"), [("connect_with_token", TODOIST, "t")]),
    (
        commands.Connect(TODOIST, client="c", browser=False),
        [("bring_client", TODOIST, "c"), ("connect", TODOIST, None, False, False)],
    ),
    (
        commands.Connect(SERVERS.id, server="cloud.example"),
        [("connect", SERVERS.id, None, True, False, "cloud.example")],
    ),
    (commands.Connect(HERE), [("connect_here", HERE)]),
    (commands.Connect(HERE, token="t"), [("connect_with_token", HERE, "t")]),
    (commands.Reconnect(ACCOUNT), [("connect", TODOIST, ACCOUNT, True, False)]),
    (commands.Reconnect(LINK), [("ask_for_link", LINKS, LINK, "Team")]),
    (commands.Disconnect(TODOIST, ACCOUNT), [("disconnect", ACCOUNT)]),
    (commands.AskToDisconnect(ACCOUNT, "Ana", 0), [("ask_to_disconnect", ACCOUNT)]),
    (commands.PasteToken(TODOIST, "Todoist"), [("ask_for_token", TODOIST, "Todoist")]),
    (commands.TypePassword(SERVERS.id), [("ask_for_password", SERVERS, None)]),
    (commands.NameServer(SERVERS.id), [("ask_for_server", SERVERS)]),
    (commands.Reconnect(AT_SERVER), [("ask_for_password", SERVERS, KNOWN)]),
    (commands.PasteLink(LINKS, "Calendar link"), [("ask_for_link", LINKS, None, "")]),
    (commands.BringClient(TODOIST, HELP), [("ask_for_client", TODOIST)]),
    (commands.CheckClient(TODOIST, "{}"), [("read_client", TODOIST, "{}")]),
    (
        commands.UseClient(TODOIST, "c"),
        [("bring_client", TODOIST, "c"), ("connect", TODOIST, None, True, False)],
    ),
    (commands.CancelSignIn(TODOIST), [("cancel", TODOIST)]),
    (commands.CopyLink(TODOIST), [("copy", "https://a.example")]),
    (commands.ShowCalendar("c", ACCOUNT, shown=True), [("show_calendar", ACCOUNT, "c", True)]),
    (commands.Refresh(), [("refresh",)]),
    (commands.Wake(), [("wake",)]),
    (commands.ShowSettings(), [("show_settings",)]),
    (commands.Change("undo_seconds", "9"), [("change_setting", "undo_seconds", "9")]),
    (commands.StartAtLogin(on=True), [("start_at_login", True)]),
    (commands.ListSettings(), []),
    (commands.Quit(), [("quit",)]),
    (commands.TellStatus(), []),
    (commands.ListSignals(), []),
    (commands.ListIntegrations(), []),
    (commands.ListCalendars(), []),
    (commands.ListOutbox(), []),
    (commands.ListUndoable(), []),
    (commands.WatchSignals(), []),
    (commands.TellReport(), []),
    (commands.CopyReport(), [("copy", report_text(Parts().report()))]),
    (commands.ShowLog(), [("show_log",)]),
]


def test_no_command_is_missing_below() -> None:
    assert {type(command) for command, _ in CARRIED_OUT} == set(get_args(Command))


@pytest.mark.parametrize(("command", "said"), CARRIED_OUT, ids=lambda each: type(each).__name__)
async def test_every_command_reaches_what_carries_it_out(
    executor: Executor, parts: Parts, command: Command, said: Said
) -> None:
    executor.execute(command)
    await parts.settle()
    assert parts.said == said
    several = isinstance(command, commands.UseClient | commands.Every)
    assert len(parts.told) == 1 + several, "and it is told how it went"


async def test_what_a_person_names_is_found(executor: Executor, parts: Parts) -> None:
    for command in (
        commands.Done("1"),
        commands.Act("todoist:7:1", ActionKind.DONE),
        commands.Undo("1"),
        commands.Discard("1"),
    ):
        executor.execute(command)
    assert parts.said == [
        ("click", KEY, ActionKind.DONE),
        ("click", KEY, ActionKind.DONE),
        ("undo", 1),
        ("discard", 3),
    ]


async def test_what_a_row_does_not_offer_is_refused_in_words_to_whoever_names_it(
    executor: Executor, parts: Parts
) -> None:
    executor.execute(commands.Act("1", ActionKind.NO_DATE))
    executor.execute(commands.Act("1", ActionKind.ACCEPT))
    executor.execute(commands.Retry())
    assert parts.said == []
    impossible, unwritable, unnamed = parts.told
    assert str(impossible).startswith("“Buy milk” does not offer no_date now.")
    assert str(unwritable).startswith("oO may only read this calendar.")
    assert str(unnamed).startswith("Which task or event?")


@pytest.mark.parametrize("command", [commands.Undo(1), commands.Refresh()])
async def test_what_goes_wrong_on_purpose_is_told_to_whoever_asked(
    executor: Executor, parts: Parts, command: Command
) -> None:
    parts.refusal = Rejected("No.")
    answers: list[str | None] = []
    executor.execute(command, commands.Answering(answers.append))
    await parts.settle()
    assert (answers, parts.told) == (["No."], [])
    executor.execute(command)
    await parts.settle()
    assert (answers, parts.told) == (["No."], ["No."])


@pytest.mark.parametrize("refusal", [None, Rejected("No.")])
async def test_the_end_that_a_window_did_not_wait_for_is_told_on_the_screen(
    executor: Executor, parts: Parts, refusal: OoError | None
) -> None:
    parts.refusal = refusal
    answers: list[str | None] = []
    gone = commands.Answering(answers.append, lambda: True)
    asked: tuple[Command, ...] = (commands.Refresh(), commands.Connect(TODOIST))
    for number, command in enumerate(asked, start=1):
        executor.execute(command, gone)
        await parts.settle()
        assert (answers, len(parts.told)) == ([], number)


async def test_a_password_is_not_asked_for_where_no_window_is_seen(
    executor: Executor, parts: Parts
) -> None:
    parts.can_ask = False
    executor.execute(commands.Reconnect(AT_SERVER))
    await parts.settle()
    assert parts.said == [("connect", SERVERS.id, AT_SERVER, True, False)]


async def test_a_client_that_is_kept_is_told_in_place_and_its_sign_in_on_the_screen(
    executor: Executor, parts: Parts
) -> None:
    answers: list[str | None] = []
    executor.execute(commands.UseClient(TODOIST, "c"), commands.Answering(answers.append))
    await parts.settle()
    assert answers == [None]
    assert len(parts.told) == 1


def test_a_bug_is_let_out(executor: Executor, parts: Parts) -> None:
    parts.undo = None  # type: ignore[assignment,method-assign]  # a bug
    with pytest.raises(TypeError):
        executor.execute(commands.Undo(1))
    assert parts.told == []


async def test_who_waits_gets_what_takes_time_to_await_and_to_give_up(
    executor: Executor, parts: Parts
) -> None:
    class Waiting(Asker):
        waits = True

    assert executor.execute(commands.Undo(1), Waiting()) is None
    work = executor.execute(commands.Refresh(), Waiting())
    assert work is not None
    assert parts.tasks == []
    await work
    assert parts.said == [("undo", 1), ("refresh",)]


async def test_a_sign_in_that_is_given_up_is_cancelled_unless_others_wait_for_it(
    executor: Executor, parts: Parts
) -> None:
    class Waiting(Asker):
        waits = True

    async def never(*_args: object, **_wishes: object) -> None:
        await asyncio.Event().wait()

    parts.connect = never  # type: ignore[method-assign]  # hangs
    for provider, cancelled in ((LINKS, [("cancel", LINKS)]), (TODOIST, [])):
        parts.said.clear()
        work = executor.execute(commands.Connect(provider), Waiting())
        assert work is not None
        waiting = asyncio.create_task(work)
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert parts.said == cancelled


async def test_a_sign_in_that_somebody_cancels_is_no_failure(
    executor: Executor, parts: Parts
) -> None:
    async def cancelled(*_args: object, **_wishes: object) -> Running:
        running = Running()
        running.task = asyncio.get_running_loop().create_future()
        running.task.cancel()
        return running

    parts.connect = cancelled  # type: ignore[method-assign]  # somebody was quick
    executor.execute(commands.Connect(TODOIST))
    await parts.settle()
    assert parts.told == [None]


async def test_a_file_that_is_none_of_a_client_is_refused(executor: Executor, parts: Parts) -> None:
    executor.execute(commands.CheckClient(TODOIST, "{"))
    (told,) = parts.told
    assert isinstance(told, str)


# Before there is anybody to act on


async def test_before_the_engine_has_begun_there_is_nobody_to_act_on(parts: Parts) -> None:
    alone = Executor(app=parts, screen=parts, agenda=Agenda())
    for command, _ in CARRIED_OUT:
        alone.execute(command)
    await parts.settle()
    assert sorted(parts.said) == [
        ("change_setting", "undo_seconds", "9"),
        ("open_url", "https://example.org"),
        ("quit",),
        ("show_settings",),
        ("show_window", False),
        ("show_window", False),
        ("start_at_login", True),
        ("try_to_begin",),
    ]
    assert parts.told == []


async def test_a_window_that_is_open_before_that_hears_what_went_wrong(parts: Parts) -> None:
    alone = Executor(app=parts, screen=parts, agenda=Agenda())
    answers: list[str | None] = []
    parts.refusal = Rejected("No.")
    for command in (commands.ShowSettings(), commands.Change("x", "y")):
        alone.execute(command, commands.Answering(answers.append))
    await parts.settle()
    assert answers == ["No.", "No."]


async def test_whoever_quits_before_that_hears_of_it(parts: Parts) -> None:
    alone = Executor(app=parts, screen=parts, agenda=Agenda())
    answers: list[str | None] = []
    alone.execute(commands.Quit(), commands.Answering(answers.append))
    assert answers == [None]


def test_nobody_else_acts_on_the_engine() -> None:
    """What is left to others is reading, and what no person asks for: polls, life, reminders."""
    acts = re.compile(
        r"outbox\.(click|undo|retry|discard)\(|reminders\.snooze\("
        r"|accounts\.(connect|connect_with_token|disconnect|cancel|bring_client)\("
        r"|engine\.(connect|retry|refresh|bring_client|show_calendar)\("
    )
    package = Path(oo_desktop.__file__).parent
    found = {
        str(file.relative_to(package))
        for folder in ("app", "ui", "notifications", "cli", "ipc", "commands")
        for file in (package / folder).rglob("*.py")
        if acts.search(file.read_text())
    }
    # A reset disconnects with an engine of its own, while no other runs.
    assert found == {"commands/execute.py", "cli/reset.py"}
