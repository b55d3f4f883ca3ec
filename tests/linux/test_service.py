"""Programs on the session bus ask oO as the command line does, and hear of every change."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.service import ServiceInterface

from oo_desktop.commands import commands
from oo_desktop.commands.commands import Command
from oo_desktop.errors import Rejected
from oo_desktop.linux.bus import NAME, Export
from oo_desktop.linux.service import PATH, Oo1, variants
from oo_desktop.model.signals import ActionKind
from tests.linux.conftest import Program, RefusedCall, Serve

Asking = Callable[[str, ServiceInterface], Awaitable[Program]]

LISTED: list[dict[str, object]] = [
    {
        "id": "1",
        "title": "Milk <b>",
        "overdue": True,
        "priority": 2,
        "url": None,
        "actions": ["done"],
        "labels": [],
        "reminders": [10, 0],
    }
]


class Oo:
    """Stands for what is behind the service: keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.answers: dict[type, object] = {commands.ListSignals: LISTED}
        self.summary = "2 today"
        self.service = Oo1(answer=self.answer, summary=lambda: self.summary)

    async def answer(self, command: Command) -> object:
        self.asked.append(command)
        answer = self.answers.get(type(command), {})
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def oo() -> Oo:
    return Oo()


async def test_the_list_is_told_in_the_words_of_the_command_line(asking: Asking, oo: Oo) -> None:
    program = await asking(PATH, oo.service)
    (told,) = await program.call("List")
    assert {name: (value.signature, value.value) for name, value in told.items()} == {
        "id": ("s", "1"),
        "title": ("s", "Milk <b>"),
        "overdue": ("b", True),
        "priority": ("x", 2),
        "actions": ("as", ["done"]),
        "labels": ("as", []),
        "reminders": ("ax", [10, 0]),
    }


@pytest.mark.parametrize(
    ("action", "command"),
    [
        ("done", commands.Done("1")),
        ("next-week", commands.Act("1", ActionKind.NEXT_WEEK)),
        ("reopen", commands.Act("1", ActionKind.REOPEN)),
    ],
)
async def test_an_action_is_carried_out(
    asking: Asking, oo: Oo, action: str, command: Command
) -> None:
    program = await asking(PATH, oo.service)
    assert await program.call("Act", "ss", "1", action) is None
    assert oo.asked == [command]


async def test_a_task_is_added_and_its_id_told(asking: Asking, oo: Oo) -> None:
    oo.answers[commands.Add] = {"id": "new", "title": "Oat milk"}
    program = await asking(PATH, oo.service)
    assert await program.call("Add", "s", "Oat milk tomorrow") == "new"
    assert oo.asked == [commands.Add("Oat milk tomorrow")]


async def test_refresh_and_show_are_passed_on(asking: Asking, oo: Oo) -> None:
    program = await asking(PATH, oo.service)
    await program.call("Refresh")
    await program.call("Show")
    assert oo.asked == [commands.Refresh(), commands.ShowWindow()]


@pytest.mark.parametrize(
    ("failure", "name"),
    [(Rejected("This is gone."), f"{NAME}.Error.Failed")],
)
async def test_what_went_wrong_is_told_in_its_sentence(
    asking: Asking, oo: Oo, failure: Exception, name: str
) -> None:
    oo.answers[commands.Done] = failure
    program = await asking(PATH, oo.service)
    with pytest.raises(RefusedCall) as caught:
        await program.call("Act", "ss", "1", "done")
    assert caught.value.args == (name, "This is gone.")


async def test_an_action_that_there_is_not_is_wrong_usage(asking: Asking, oo: Oo) -> None:
    program = await asking(PATH, oo.service)
    with pytest.raises(RefusedCall) as caught:
        await program.call("Act", "ss", "1", "explode")
    assert caught.value.args[0] == f"{NAME}.Error.WrongUsage"
    assert oo.asked == []


async def test_a_bug_ends_in_the_loops_own_handler_and_its_text_goes_to_nobody(
    asking: Asking, oo: Oo
) -> None:
    bugs: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: bugs.append(what))
    oo.answers[commands.Refresh] = ZeroDivisionError("a title")
    program = await asking(PATH, oo.service)
    with pytest.raises(RefusedCall) as caught:
        await program.call("Refresh")
    assert "a title" not in str(caught.value)
    assert [type(bug["exception"]) for bug in bugs] == [ZeroDivisionError]


async def test_a_change_is_a_signal_and_the_summary_a_property(serve: Serve, oo: Oo) -> None:
    bus = await serve([Export(PATH, oo.service)])
    heard: asyncio.Queue[Message] = asyncio.Queue()
    bus.add_message_handler(
        lambda message: heard.put_nowait(message) if message.path == PATH else None
    )
    await bus.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="AddMatch",
            signature="s",
            body=[f"type='signal',sender='{NAME}'"],
        )
    )
    properties = Program(bus, PATH, "org.freedesktop.DBus.Properties")
    assert (await properties.call("Get", "ss", NAME, "Summary")).value == "2 today"
    while not heard.empty():
        heard.get_nowait()  # the answer to that
    oo.summary = "1 today"
    oo.service.changed()
    first, second = await heard.get(), await heard.get()
    assert (first.message_type, first.member) == (MessageType.SIGNAL, "Changed")
    assert second.member == "PropertiesChanged"
    assert second.body[1]["Summary"].value == "1 today"


def test_what_d_bus_cannot_say_is_left_out() -> None:
    assert variants({"a": None, "b": {"c": 1}, "d": 1.5}) == {}
