"""What comes over the socket becomes a command by its name and types alone, and JSON again."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.changes import ListChanges
from oo_desktop.cli import main
from oo_desktop.commands import commands
from oo_desktop.commands.commands import Asker, Command
from oo_desktop.commands.execute import Executor
from oo_desktop.commands.requests import COMMANDS, RequestHandler, command_from_request
from oo_desktop.engine import Engine
from oo_desktop.errors import OoError, Rejected, SignInError
from oo_desktop.folders import folders_from_environment
from oo_desktop.http.passwords import CredentialsError, CredentialsField
from oo_desktop.ipc.instance import InstanceLock
from oo_desktop.ipc.protocol import FAILED, WRONG_USAGE, CommandError, Progress, Request
from oo_desktop.ipc.server import InstanceServer
from oo_desktop.model.pause import PauseUntil
from oo_desktop.model.settings import CurrentSetting, setting_named
from oo_desktop.model.signals import ActionKind, ProviderId
from oo_desktop.model.state import AppState
from oo_desktop.testing import FakeClock

TODOIST = ProviderId("todoist")

MEANT: list[tuple[str, dict[str, object], Command]] = [
    ("wake", {}, commands.Wake()),
    ("watch", {}, commands.WatchSignals()),
    ("report", {}, commands.TellReport()),
    ("quit", {}, commands.Quit()),
    ("show", {}, commands.ShowWindow()),
    ("status", {}, commands.TellStatus()),
    ("signals", {}, commands.ListSignals()),
    ("integrations", {}, commands.ListIntegrations()),
    ("calendars", {}, commands.ListCalendars()),
    ("calendars", {"user": "7"}, commands.ListCalendars("7")),
    ("show_calendar", {"calendar": "c", "shown": True}, commands.ShowCalendar("c", shown=True)),
    (
        "show_calendar",
        {"calendar": "c", "user": "7", "shown": False},
        commands.ShowCalendar("c", "7"),
    ),
    ("done", {"id": "1"}, commands.Done("1")),
    ("act", {"id": "1", "action": "Next week"}, commands.Act("1", ActionKind.NEXT_WEEK)),
    ("act", {"id": "1", "action": "next-week"}, commands.Act("1", ActionKind.NEXT_WEEK)),
    ("add", {"text": "Buy milk p1"}, commands.Add("Buy milk p1")),
    (
        "add",
        {"text": "Tea", "account": "caldav", "list": "Home"},
        commands.Add("Tea", "caldav", "Home"),
    ),
    ("undo", {}, commands.Undo()),
    ("undo", {"id": "1"}, commands.Undo("1")),
    ("undoable", {}, commands.ListUndoable()),
    ("ask_to_add", {}, commands.AskToAdd()),
    ("retry", {"id": "1"}, commands.Retry("1")),
    ("retry", {"all": True}, commands.Retry(every=True)),
    ("discard", {"id": "1"}, commands.Discard("1")),
    ("outbox", {}, commands.ListOutbox()),
    ("join", {}, commands.Join()),
    ("pause", {"until": "30m"}, commands.Pause(PauseUntil.HALF_HOUR)),
    ("pause", {"until": "tomorrow"}, commands.Pause(PauseUntil.TOMORROW)),
    ("resume", {}, commands.Resume()),
    ("refresh", {}, commands.Refresh()),
    (
        "connect",
        {"provider": "todoist", "browser": False},
        commands.Connect(TODOIST, browser=False),
    ),
    ("connect", {"provider": "todoist", "user": "7"}, commands.Connect(TODOIST, "7")),
    ("connect", {"provider": "todoist", "token": "t"}, commands.Connect(TODOIST, token="t")),
    (
        "connect",
        {"provider": "todoist", "server": "s.example"},
        commands.Connect(TODOIST, server="s.example"),
    ),
    (
        "connect",
        {"provider": "todoist", "client": "c", "write": True},
        commands.Connect(TODOIST, client="c", write=True),
    ),
    ("settings", {}, commands.ListSettings()),
    (
        "set",
        {"name": "show.all_day", "value": "off"},
        commands.Change("show.all_day", "off"),
    ),
    ("set", {"name": "quick_add.list", "value": ""}, commands.Change("quick_add.list", "")),
    ("disconnect", {"provider": "todoist"}, commands.Disconnect(TODOIST)),
    ("disconnect", {"provider": "todoist", "user": "7"}, commands.Disconnect(TODOIST, "7")),
]


def test_no_name_is_missing_below() -> None:
    assert {name for name, _, _ in MEANT} == COMMANDS.keys()


@pytest.mark.parametrize(("name", "args", "command"), MEANT)
def test_a_request_is_the_command_of_its_name(
    name: str, args: dict[str, object], command: Command
) -> None:
    assert command_from_request(Request(name, args)) == command
    assert command_from_request(Request(name, {**args, "new": 1})) == command, "and of no more"


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("brew", {}, "This oO does not know “brew”."),
        ("open_url", {"url": "https://example.org"}, "This oO does not know “open_url”."),
        ("done", {}, "Which task or event? Give its id."),
        ("done", {"id": 7}, "Which task or event? Give its id."),
        ("discard", {}, "Which task or event? Give its id."),
        ("undo", {"id": 7}, "Which task or event? Give its id."),
        ("retry", {"id": ""}, "Which task or event? Give its id."),
        ("act", {"id": "1"}, "What is to be done with it?"),
        ("act", {"id": "1", "action": "restore"}, "There is no action “restore”. Possible: done"),
        ("pause", {}, "For how long?"),
        ("pause", {"until": "ever"}, "For how long?"),
        ("connect", {"provider": None}, "Which service?"),
        ("connect", {"provider": "todoist", "token": None}, "The request names no token."),
        ("connect", {"provider": "todoist", "user": ""}, "The request names no user."),
        ("show_calendar", {"shown": True}, "Which calendar?"),
    ],
)
def test_wrong_usage_is_told_in_a_plain_sentence(
    name: str, args: dict[str, object], words: str
) -> None:
    with pytest.raises(CommandError) as caught:
        command_from_request(Request(name, args))
    assert str(caught.value).startswith(words)
    assert caught.value.code == WRONG_USAGE


class Outcomes:
    """Stands for the executor: every command comes to what a test says."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.outcome: object = None

    def execute(self, command: Command, asker: Asker) -> Coroutine[Any, Any, None] | None:
        assert asker.waits
        asker.progress({"url": "https://a.example"})
        if isinstance(self.outcome, OoError):
            asker.failed(self.outcome)
            return None

        async def later() -> None:
            await asyncio.sleep(0)
            asker.answered(command, self.outcome)

        return later()

    def state(self) -> AppState:
        return AppState()


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


@pytest.fixture
def requests(outcomes: Outcomes) -> RequestHandler:
    return RequestHandler(
        engine=cast("Engine", outcomes),
        agenda=Agenda(),
        changes=ListChanges(),
        executor=cast("Executor", outcomes),
    )


async def test_whoever_asks_hears_of_progress_and_of_the_end(
    requests: RequestHandler, outcomes: Outcomes
) -> None:
    said: list[object] = []
    assert await requests.answer(commands.Wake(), said.append) == {}
    assert said == [{"url": "https://a.example"}]
    outcomes.outcome = (("ignored",),)
    answer = await requests.answer(commands.Refresh(), said.append)
    assert answer == {"accounts": [], "failed": []}


async def test_a_setting_is_told_with_its_default_and_its_meaning(
    requests: RequestHandler, outcomes: Outcomes
) -> None:
    setting = setting_named("undo_seconds")
    outcomes.outcome = CurrentSetting(setting, 9)
    told = {"name": "undo_seconds", "value": 9, "default": 5, "meaning": setting.meaning}
    assert await requests.answer(commands.Change("undo_seconds", "9"), lambda _: None) == told
    outcomes.outcome = (CurrentSetting(setting, 9),)
    assert await requests.answer(commands.ListSettings(), lambda _: None) == [told]


async def test_whoever_asks_hears_what_went_wrong(
    requests: RequestHandler, outcomes: Outcomes
) -> None:
    outcomes.outcome = Rejected("No.")
    with pytest.raises(Rejected, match=r"^No\.$"):
        await requests.answer(commands.Refresh(), lambda _: None)
    outcomes.outcome = None
    with pytest.raises(Rejected, match="nothing to undo"):
        await requests.answer(commands.Undo(), lambda _: None)
    with pytest.raises(SignInError, match="was cancelled"):
        await requests.answer(commands.Connect(TODOIST), lambda _: None)


async def test_which_field_is_wrong_is_told_beside_the_sentence(
    requests: RequestHandler, outcomes: Outcomes
) -> None:
    outcomes.outcome = CredentialsError("Not this one.", field=CredentialsField.PASSWORD)
    with pytest.raises(CommandError, match=r"^Not this one\.$") as caught:
        await requests.answer(commands.Connect(TODOIST, token="t"), lambda _: None)
    assert (caught.value.code, caught.value.field) == (FAILED, "password")


async def test_whoever_asks_for_a_pause_hears_until_when(
    requests: RequestHandler, outcomes: Outcomes
) -> None:
    outcomes.outcome = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    answer = await requests.answer(commands.Pause(PauseUntil.HALF_HOUR), lambda _: None)
    assert answer == {"paused_until": "2026-11-22T15:30:00+00:00"}
    outcomes.outcome = None
    assert await requests.answer(commands.Resume(), lambda _: None) == {"paused_until": None}


# What the command line says is among them

LINES: list[tuple[str, Command]] = [
    ("", commands.Wake()),
    ("--add", commands.AskToAdd()),
    ("show", commands.ShowWindow()),
    ("status", commands.TellStatus()),
    ("signals", commands.ListSignals()),
    ("done 1", commands.Done("1")),
    ("act 1 next week", commands.Act("1", ActionKind.NEXT_WEEK)),
    ("add Buy milk --account todoist --list Home", commands.Add("Buy milk", "todoist", "Home")),
    ("join", commands.Join()),
    ("undo", commands.Undo()),
    ("undo 1", commands.Undo("1")),
    ("undo --list", commands.ListUndoable()),
    ("outbox", commands.ListOutbox()),
    ("retry 1", commands.Retry("1")),
    ("retry --all", commands.Retry(every=True)),
    ("discard 1", commands.Discard("1")),
    ("pause 1h", commands.Pause(PauseUntil.HOUR)),
    ("pause off", commands.Resume()),
    ("refresh", commands.Refresh()),
    ("integrations", commands.ListIntegrations()),
    ("calendars --user 7", commands.ListCalendars("7")),
    ("calendars --show c", commands.ShowCalendar("c", shown=True)),
    ("calendars --hide c --user 7", commands.ShowCalendar("c", "7")),
    ("connect todoist --write --no-browser", commands.Connect(TODOIST, browser=False, write=True)),
    ("disconnect todoist --user 7", commands.Disconnect(TODOIST, "7")),
    ("settings", commands.ListSettings()),
    ("set show.all_day off", commands.Change("show.all_day", "off")),
    ("quit", commands.Quit()),
    ("watch", commands.WatchSignals()),
    ("report", commands.TellReport()),
]


def test_no_command_of_the_socket_is_without_a_line() -> None:
    assert {type(command) for _, command in LINES} == set(COMMANDS.values())


@pytest.mark.parametrize(("line", "command"), LINES)
async def test_a_line_on_the_command_line_reaches_its_command(
    tmp_path: Path, line: str, command: Command
) -> None:
    heard: list[Command] = []
    environment = {"OO_DESKTOP_HOME": str(tmp_path)}
    folders = folders_from_environment(environment)
    folders.create()
    lock = InstanceLock.acquire(folders.runtime)
    assert lock is not None

    async def hear(request: Request, _progress: Progress) -> object:
        heard.append(command_from_request(request))
        return {}

    server = InstanceServer(lock=lock, handle=hear)
    await server.start()
    words = line.split()
    if words and not line.startswith("--"):  # an option alone is no command
        words.append("--json")
    asking = asyncio.create_task(asyncio.to_thread(main, words, environment=environment))
    while not heard:  # noqa: ASYNC110  # a thread's work
        await asyncio.sleep(0.01)
    await server.stop()  # what is being answered is answered
    lock.release()  # “quit” waits for that
    assert await asking == 0
    assert heard == [command]
