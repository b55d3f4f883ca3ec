"""What runs around the engine, as far as a story with a real display does not show it."""

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable
from cProfile import Profile
from datetime import date, datetime, timedelta
from pathlib import Path
from pstats import Stats
from typing import Any, NamedTuple, cast

import pytest
from pytestqt.qtbot import QtBot

from oo_desktop.app.shell import SETTLED_SECONDS, Shell
from oo_desktop.engine import Engine
from oo_desktop.errors import OoError, Rejected
from oo_desktop.folders import Folders
from oo_desktop.ipc.instance import InstanceLock
from oo_desktop.ipc.protocol import Request
from oo_desktop.model.clicks import OutboxItem
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    AnySignal,
    Day,
    ProviderId,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.model.state import AccountState, AppState
from oo_desktop.testing import FakeClock, settle
from oo_desktop.ui.qt.tray import Tray
from oo_desktop.ui.view.rows import TrayView

ADA, BOB = (AccountKey(ProviderId("todoist"), UserId(user)) for user in ("ada", "bob"))


class Screen:
    """Where a tray would be: what is rendered on it."""

    room = 30

    def __init__(self) -> None:
        self.rendered: list[TrayView] = []

    def render(self, view: TrayView) -> None:
        self.rendered.append(view)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nobody asks for {name} here")


class Lists:
    """Where an engine would be: what it knows."""

    def __init__(self) -> None:
        self.accounts = tuple(AccountState(key=key, label="") for key in (ADA, BOB))
        self.signals: dict[AccountKey, tuple[AnySignal, ...]] = {}
        self.outbox: tuple[OutboxItem, ...] = ()

    def holds(self, key: AccountKey, count: int) -> None:
        self.signals[key] = tuple(
            Task(
                id=SignalId(str(number)),
                source=key.provider,
                user_id=key.user_id,
                title="Bread",
                due=Day(date(2020, 1, 1)),
                actions=(ActionKind.DONE,),
            )
            for number in range(count)
        )

    def look(self) -> None:
        """Nothing is too old."""

    def state(self) -> AppState:
        return AppState(accounts=self.accounts, signals=dict(self.signals), outbox=self.outbox)


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture
def starting(tmp_path: Path, screen: Screen) -> Shell:
    """A shell whose engine is not there yet."""
    return Shell(
        tray=cast("Tray", screen),
        folders=Folders(tmp_path, tmp_path, tmp_path),
        lock=cast("InstanceLock", None),
        demo=None,
        headless=False,
    )


@pytest.fixture
def shell(starting: Shell, lists: Lists) -> Shell:
    starting._engine = cast("Engine", lists)
    return starting


async def until_rendered(screen: Screen) -> int:
    """Returns how many turns everybody else had until then."""
    turns = 0
    while not screen.rendered:
        await asyncio.sleep(0)
        turns += 1
    return turns


async def test_a_machine_that_wakes_sees_at_once_what_time_has_changed(
    starting: Shell, screen: Screen
) -> None:
    """Also where no account can be polled, whose answer would render: timers stood still."""
    starting._poll_soon()
    starting._poll_soon()  # the clock is set as well: once is enough for both
    await asyncio.sleep(0.01)
    assert len(screen.rendered) == 1


async def test_a_long_list_is_shown_once_it_is_prepared_and_others_have_their_turn(
    shell: Shell, screen: Screen, lists: Lists
) -> None:
    lists.holds(ADA, 10_000)
    shell._changed()
    assert await until_rendered(screen) >= 50
    assert [view.icon.due for view in screen.rendered] == [10_000]


async def test_what_changes_while_a_list_is_prepared_is_shown_with_it(
    shell: Shell, screen: Screen, lists: Lists
) -> None:
    lists.holds(ADA, 10_000)
    shell._changed()
    await asyncio.sleep(0)
    lists.holds(BOB, 10_000)
    shell._changed()
    assert await until_rendered(screen) >= 100
    assert [view.icon.due for view in screen.rendered] == [20_000]


async def test_a_click_while_a_list_is_prepared_is_seen_as_soon_as_that_is_shown(
    shell: Shell, screen: Screen, lists: Lists, make_click: Callable[..., OutboxItem]
) -> None:
    lists.holds(ADA, 10_000)
    shell._changed()
    await asyncio.sleep(0)
    lists.outbox = (make_click(lists.signals[ADA][5]),)
    shell._changed()
    await until_rendered(screen)
    assert [view.icon.due for view in screen.rendered] == [9_999]


async def test_of_an_account_that_goes_while_its_list_is_prepared_nothing_is_shown(
    shell: Shell, screen: Screen, lists: Lists
) -> None:
    lists.holds(ADA, 10_000)
    lists.holds(BOB, 1)
    shell._changed()
    await asyncio.sleep(0)
    del lists.signals[ADA]
    shell._changed()
    await until_rendered(screen)
    assert [view.icon.due for view in screen.rendered] == [1]


async def test_where_nothing_is_new_the_render_comes_at_once(
    shell: Shell, screen: Screen, lists: Lists
) -> None:
    lists.holds(ADA, 10_000)
    shell._render()
    screen.rendered.clear()
    shell._changed()
    assert await until_rendered(screen) <= 2


async def test_a_menu_that_opens_while_a_list_is_prepared_shows_all_of_it(
    shell: Shell, screen: Screen, lists: Lists
) -> None:
    lists.holds(ADA, 10_000)
    shell._changed()
    await asyncio.sleep(0)
    assert shell._fresh().icon.due == 10_000
    await until_rendered(screen)
    assert [view.icon.due for view in screen.rendered] == [10_000]


async def test_one_render_selects_and_plans_once(
    shell: Shell, screen: Screen, lists: Lists
) -> None:
    lists.holds(ADA, 3)
    profile = Profile()
    profile.runcall(shell._render)
    calls = Counter[str]()
    for (file, _line, name), (_primitive, count, *_) in Stats(profile).stats.items():  # type: ignore[attr-defined]  # typeshed leaves it out
        if Path(file).parent.name in {"agenda", "view"}:
            calls[name] += count
    assert len(screen.rendered) == 1
    once = {"select", "plan", "sections", "tray_view", "next_change"}
    assert {name: calls[name] for name in once} == dict.fromkeys(once, 1)


async def test_a_click_takes_as_many_steps_however_long_the_lists_of_others_are(
    shell: Shell, lists: Lists, make_click: Callable[..., OutboxItem]
) -> None:
    steps = []
    for count in (100, 10_000):
        lists.outbox = ()
        lists.holds(ADA, 3)
        lists.holds(BOB, count)
        shell._render()
        lists.outbox = (make_click(lists.signals[ADA][1]),)
        profile = Profile()
        profile.runcall(shell._render)
        steps.append(Stats(profile).total_calls)  # type: ignore[attr-defined]  # typeshed leaves it out
    few, many = steps
    assert many <= few * 1.1  # labels are longer where numbers are


async def test_memory_is_given_back_once_nothing_new_is_drawn(shell: Shell, lists: Lists) -> None:
    shell._clock = clock = FakeClock()  # type: ignore[assignment]  # nobody hands it one
    shell._render_timer.plan = lambda at: None  # type: ignore[method-assign]  # goes by another
    lists.holds(ADA, 3)
    settling = asyncio.create_task(shell._settle())
    await settle()
    for _ in range(3):  # such as each of many accounts whose first poll is over
        shell._render()
        await clock.advance(SETTLED_SECONDS)
        assert not settling.done()
    await clock.advance(SETTLED_SECONDS)
    assert settling.done()


# The window


class Said(NamedTuple):
    """What an engine understood."""

    sentence: str


async def test_what_is_ended_before_it_began_leaves_no_complaint(shell: Shell) -> None:
    """Python complains of a coroutine that nobody awaits: quit at once, that was printed."""

    async def never() -> None:
        raise AssertionError

    work = never()
    shell.spawn(work)
    (task,) = shell._tasks
    task.cancel()
    await settle()
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED


def test_without_a_screen_no_window_can_be_asked_for(shell: Shell) -> None:
    shell._headless = True
    with pytest.raises(OoError, match="no screen"):
        shell.show_window()


@pytest.mark.parametrize("command", ["wake", "ask_to_add"])
async def test_an_oo_without_a_screen_gives_way_to_one_that_has_one(
    starting: Shell, command: str
) -> None:
    with_screen = Request(command, {"screen": True})
    for headless, request in ((False, with_screen), (True, Request(command, {"screen": False}))):
        starting._headless = headless
        with pytest.raises(OoError, match="starting"):
            await starting._handle(request, lambda _said: None)
        assert not starting._ended.is_set()
    assert await starting._handle(with_screen, lambda _said: None) == {"gives_way": True}
    assert starting._ended.is_set()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_window_is_drawn_with_the_tray_and_decides_when_that_is_next(
    shell: Shell, lists: Lists, qtbot: QtBot
) -> None:
    lists.holds(ADA, 3)
    planned: list[datetime | None] = []
    shell._render_timer.plan = planned.append  # type: ignore[assignment, method-assign]  # no loop waits here
    shell._render()
    shell._window.open()
    shell._render()
    closed, opened = planned
    assert opened is not None
    assert opened <= shell._clock.now() + timedelta(minutes=1)
    assert closed is None or closed >= opened
    shell._window.aclose()


def test_what_is_typed_is_understood_by_the_engine_or_said_why_not(
    shell: Shell, lists: Lists
) -> None:
    lists.understood = lambda text: Said(f"Due {text}")  # type: ignore[attr-defined]  # as an engine has it
    assert shell._understand("today") == "Due today"

    def refuse(_text: str) -> None:
        raise Rejected("No account takes tasks.")

    lists.understood = refuse  # type: ignore[attr-defined]  # as above
    assert shell._understand("today") == "No account takes tasks."


# The window of the settings


@pytest.mark.qt_log_ignore("This plugin does not support")
async def test_the_settings_are_shown_drawn_with_the_rest_and_given_back(
    shell: Shell, lists: Lists, qapp: object
) -> None:
    shell._live = shell._live_settings()
    shell.show_settings()
    window = shell._settings_window
    assert window is not None
    assert window.isVisible()
    shell.show_settings()
    assert shell._settings_window is window, "a second click shows the same"
    lists.accounts = lists.accounts[:1]
    shell._render()
    assert len(window.accounts.parts) == 1
    window.close()
    assert shell._settings_window is None
    assert qapp is not None


async def test_where_no_window_could_be_seen_that_is_said(starting: Shell) -> None:
    starting._headless = True
    with pytest.raises(OoError, match="oo-desktop settings"):
        starting.show_settings()


async def test_before_oo_has_read_its_settings_none_is_changed(starting: Shell) -> None:
    assert starting.settings() == ()
    with pytest.raises(OoError, match="starting"):
        await starting.change_setting("undo_seconds", "3")


async def test_a_mistake_is_shown_before_there_is_an_engine(
    starting: Shell, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("CRITICAL"):
        await asyncio.to_thread((tmp_path / "config.toml").write_text, "undo_seconds = 99")
        starting._live = starting._live_settings()
    assert starting._state().mistakes == (
        "config.toml, line 1: undo_seconds must be from 0 to 60.",
    )
