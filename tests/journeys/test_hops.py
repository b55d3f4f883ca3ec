"""How many calls of ours lie between what begins a journey and what it is for.

Frames of oO on the real stack are counted; Qt's, asyncio's and sqlite3's are not.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from oo_desktop.clock import SystemClock
from oo_desktop.commands.commands import Command, Connect, Done
from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.ui.qt.icons import Ink
from oo_desktop.ui.qt.menu import command_of
from oo_desktop.ui.qt.tray import Tray
from oo_desktop.ui.view.rows import TrayView
from oo_desktop.ui.view.tray import tray_view
from tests.journeys.hops import calls, follow_tasks, hops
from tests.journeys.story import Story

TASK = "Take back the library books"

# What Qt's offscreen platform says about having neither trays nor window managers.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", "This plugin does not support")


@pytest.fixture
def tray(qtbot: QtBot, story: Story) -> Iterator[Tray]:
    """The tray of the story: what it shows can be clicked."""

    def fresh() -> TrayView:
        state = story.engine.state()
        return tray_view(state, story.agenda.select(state, SystemClock().now()))

    tray = Tray(ink=Ink.LIGHT)
    tray.serve(execute=story.executor.execute, fresh=fresh)
    tray.render(fresh())
    yield tray
    tray.close()


def click(menu: QMenu, command: Command) -> None:
    """Click the row that means `command`, in whichever menu it is."""
    for action in menu.actions():
        if command_of(action) == command:
            action.trigger()
            return
        if (submenu := action.menu()) is not None:
            click(submenu, command)  # type: ignore[arg-type]  # PySide says QObject


async def test_a_click_is_committed_six_calls_from_the_menu_before_the_slot_returns(
    story: Story, tray: Tray
) -> None:
    await story.connect()
    key = story.key(TASK)
    tray.menu.menu.aboutToShow.emit()
    commits: list[tuple[str, ...]] = []
    story.engine._database._connection.set_trace_callback(
        lambda sql: commits.append(hops()) if sql == "COMMIT" else None
    )
    click(tray.menu.menu, Done(key))
    (committed,) = commits
    assert TASK not in story.titles()
    assert committed[:3] == ("Tray._triggered", "Executor.execute", "Outbox.click")
    assert calls(committed) <= 6, committed


async def test_a_refused_token_is_announced_few_calls_from_its_poll(story: Story) -> None:
    await story.connect()
    shown: list[tuple[str, ...]] = []
    show = story.notifications.show

    async def note(identifier: str, **more: Any) -> None:
        shown.append(hops())
        await show(identifier, **more)

    story.notifications.show = note  # type: ignore[method-assign]  # looks on
    follow_tasks(asyncio.get_running_loop())
    await story.control("revoke")
    await story.until(lambda: bool(shown))
    assert calls(shown[0]) <= 10, shown[0]


async def test_a_browser_is_opened_few_calls_from_the_menu(story: Story, tray: Tray) -> None:
    opened: list[tuple[str, ...]] = []

    async def browser(_url: str) -> bool:
        opened.append(hops())
        return True

    story.browser = browser
    follow_tasks(asyncio.get_running_loop())
    tray.menu.menu.aboutToShow.emit()
    click(tray.menu.menu, Connect(TODOIST))
    await story.until(lambda: bool(opened))
    assert calls(opened[0]) <= 8, opened[0]
    story.engine.accounts.cancel(TODOIST)
