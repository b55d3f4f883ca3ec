"""The calendars of this computer: one click from an empty oO to their tasks, and nothing is asked.

oO is a process, on a bus of its own where a stand-in keeps the lists (`tests/desktop` has the real
service).
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oo_desktop.connectors.desktop.wire import CALENDAR_NAME, SOURCES_NAME
from tests.connectors.desktop.conftest import OwnBus
from tests.connectors.desktop.lists import todo
from tests.connectors.desktop.service import EdsStandIn, Source, account_file, key_file
from tests.journeys.process import Oo

CAT, DOG = "Comb the cat", "Comb the dog"
PATIENCE = 20.0


class Computer:
    """One computer whose bus may have lists on it, and the oO there."""

    def __init__(self, folder: Path) -> None:
        self.bus = OwnBus(folder)
        self.eds = EdsStandIn(self.bus.address)
        self.oo = Oo(folder)
        self.keyring = folder / "keyring.json"
        self.oo.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus.address
        (self.oo.home / "config.toml").write_text("poll_interval = 86400\nundo_seconds = 0.2\n")

    def has_lists(self) -> Source:
        """Two lists below an account; of them a task list with a task that is due is shown."""
        self.eds.add("ann", account_file("ann@cloud.example"))
        hidden = key_file("Work", kind="Calendar", parent="ann", selected=False)
        self.eds.add("work", hidden)
        return self.eds.add("tasks", key_file("Chores", parent="ann"), task(CAT))

    async def start(self) -> None:
        self.oo.start()
        await asyncio.to_thread(self.oo.until_running)

    async def ask(self, *words: str, code: int = 0) -> str:
        return await asyncio.to_thread(lambda: self.oo.ask(*words, code=code))

    async def ask_json(self, *words: str) -> Any:
        return await asyncio.to_thread(self.oo.ask_json, *words)

    async def until(self, condition: Callable[[Any], bool], *words: str) -> Any:
        """Ask until the answer is as it should be; returns that."""
        async with asyncio.timeout(PATIENCE):
            while not condition(answer := await self.ask_json(*words)):  # noqa: ASYNC110  # a process
                await asyncio.sleep(0.05)
        return answer

    async def until_titles(self, *titles: str) -> None:
        await self.until(lambda found: [each["title"] for each in found] == [*titles], "signals")

    async def until_offered(self) -> None:
        await self.until(lambda status: status["services"][0] == "desktop", "status")

    async def end(self) -> None:
        if self.oo.process is not None:
            await asyncio.to_thread(self.oo.end, signal.SIGKILL)
        await self.eds.stop()
        self.bus.stop()


def task(title: str, uid: str = "1@example.com") -> str:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    return todo(f"DUE;VALUE=DATE:{yesterday:%Y%m%d}", f"SUMMARY:{title}", uid=uid)


@pytest.fixture
async def computer(tmp_path: Path) -> AsyncIterator[Computer]:
    computer = Computer(tmp_path)
    yield computer
    await computer.end()


async def test_from_an_empty_oo_to_its_tasks_nothing_is_asked_and_no_keyring_is_there(
    computer: Computer,
) -> None:
    await computer.eds.start()
    computer.has_lists()
    await computer.start()
    await computer.until_offered()
    assert "oo-desktop connect desktop" in await computer.ask("status")
    assert computer.eds.calls == []  # to find out whether it is offered, nothing is touched
    assert "Connect calendars of this computer" in computer.oo.printed()
    assert await computer.ask("connect", "desktop") == "Connected as This computer.\n"
    await computer.until_titles(CAT)
    (signal_,) = await computer.ask_json("signals")
    assert (signal_["source"], signal_["container"]) == ("desktop", "Chores")
    assert not computer.keyring.exists()


async def test_a_second_connect_is_the_same_account_and_after_a_disconnect_it_is_offered_again(
    computer: Computer,
) -> None:
    await computer.eds.start()
    computer.has_lists()
    await computer.start()
    first = await computer.ask_json("connect", "desktop")
    assert (first["user_id"], first["reconnected"]) == ("this-computer", False)
    assert (await computer.ask_json("connect", "desktop"))["reconnected"] is True
    await computer.until_titles(CAT)
    gone = await computer.ask_json("disconnect", "desktop")
    assert (gone["label"], gone["revoke_url"]) == ("This computer", "")
    assert await computer.ask_json("signals") == []
    await computer.until_offered()
    assert not computer.keyring.exists()


async def test_a_change_is_there_without_a_poll_and_after_a_restart_as_well(
    computer: Computer,
) -> None:
    await computer.eds.start()
    tasks = computer.has_lists()
    await computer.start()
    await computer.ask("connect", "desktop")
    await computer.until_titles(CAT)
    (account,) = await computer.ask_json("integrations")
    assert account["connection"] == "ok"
    status = await computer.until(lambda found: found["accounts"][0]["told"], "status")
    assert status["accounts"][0]["reason"] is None
    assert "up to date" in await computer.ask("status")
    computer.eds.change(tasks, task(DOG))
    await computer.until_titles(DOG)
    await asyncio.to_thread(computer.oo.end, signal.SIGTERM)
    computer.eds.put(tasks, task(CAT))
    await computer.start()
    await computer.until_titles(CAT)
    computer.eds.change(tasks, task(DOG))
    await computer.until_titles(DOG)


async def test_a_task_is_ticked_off_in_its_list_and_taken_back_there(computer: Computer) -> None:
    await computer.eds.start()
    tasks = computer.has_lists()
    await computer.start()
    await computer.ask("connect", "desktop")
    await computer.until_titles(CAT)
    (signal_,) = await computer.ask_json("signals")
    assert "done" in signal_["actions"]
    await computer.ask("done", signal_["id"])
    await computer.until_titles()
    await computer.until(lambda waiting: not waiting, "outbox")
    (written,) = tasks.components.values()
    assert "STATUS:COMPLETED" in written
    await computer.ask("undo")
    await computer.until_titles(CAT)
    await computer.until(lambda waiting: not waiting, "outbox")
    (written,) = tasks.components.values()
    assert "STATUS:COMPLETED" not in written
    assert computer.eds.members("tasks").count("ModifyObjects") == 2


async def test_its_lists_are_chosen_like_calendars_and_grouped_by_their_account(
    computer: Computer,
) -> None:
    await computer.eds.start()
    computer.has_lists()
    await computer.start()
    await computer.ask("connect", "desktop")
    await computer.until_titles(CAT)
    found = {each["name"]: each for each in await computer.ask_json("calendars")}
    assert {name: each["shown"] for name, each in found.items()} == {"Chores": True, "Work": False}
    assert {each["group"] for each in found.values()} == {"ann@cloud.example"}
    assert "ann@cloud.example" in await computer.ask("calendars")
    assert "OpenCalendar" not in computer.eds.members()  # what is not shown costs nothing
    await computer.ask("calendars", "--hide", "tasks")
    await computer.until_titles()
    await computer.ask("calendars", "--show", "tasks")
    await computer.until_titles(CAT)


async def test_a_service_that_goes_away_is_said_and_comes_back_by_itself(
    computer: Computer,
) -> None:
    await computer.eds.start()
    tasks = computer.has_lists()
    await computer.start()
    await computer.ask("connect", "desktop")
    await computer.until_titles(CAT)
    await computer.eds.stop_factory()
    await computer.eds.stop_registry()

    def is_away(status: Any) -> bool:
        (account,) = status["accounts"]
        return account["connection"] == "offline" and not account["told"]

    status = await computer.until(is_away, "status")
    assert "not installed" in status["accounts"][0]["reason"]
    assert [each["title"] for each in await computer.ask_json("signals")] == [CAT]
    assert any(
        line.startswith("Calendars of this computer cannot be read at the moment")
        for line in computer.oo.printed().splitlines()
    )
    computer.eds.put(tasks, task(DOG))
    await computer.eds.start()
    await computer.ask("refresh")
    await computer.until_titles(DOG)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), "is not installed"),
        ((SOURCES_NAME[:-1] + "6", CALENDAR_NAME[:-1] + "9"), "version that oO does not know"),
    ],
)
async def test_where_there_is_no_service_it_is_not_offered_and_a_connect_says_why(
    computer: Computer, names: tuple[str, ...], sentence: str
) -> None:
    for start, name in zip(
        (computer.eds.start_registry, computer.eds.start_factory), names, strict=False
    ):
        await start(name)
    await computer.start()
    assert sentence in await computer.ask("connect", "desktop", code=1)
    status = await computer.ask_json("status")
    assert "desktop" not in status["services"]
    assert (await computer.ask("status")).endswith("oo-desktop connect todoist\n")
    assert status["accounts"] == []
    assert "calendars of this computer" not in computer.oo.printed()


async def test_the_demo_does_not_know_of_the_persons_own_lists(computer: Computer) -> None:
    await computer.eds.start()
    computer.has_lists()
    computer.oo.start("--demo")
    printed = computer.oo.printed
    async with asyncio.timeout(PATIENCE):
        while "Ctrl-C ends it" not in printed():  # noqa: ASYNC110  # a process
            await asyncio.sleep(0.05)
    computer.oo.environment["OO_DESKTOP_HOME"] = (
        printed().partition("OO_DESKTOP_HOME=")[2].split()[0]
    )
    async with asyncio.timeout(PATIENCE):
        while "Book fair" not in printed():  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.05)
    assert "desktop" not in (await computer.ask_json("status"))["services"]
    assert "does not know a service called desktop" in await computer.ask(
        "connect", "desktop", code=1
    )
    assert CAT not in printed()
    assert await asyncio.to_thread(computer.oo.end, signal.SIGINT) == 0
    assert computer.eds.calls == []
