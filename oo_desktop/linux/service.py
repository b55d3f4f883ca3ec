"""Answers programs on the session bus: `org.oo_desktop.Oo1` at `/org/oo_desktop/Oo1`.

The interface carries its version in its name: what is here stays, and what could break a program
comes as `Oo2` beside it. Signals are told in the words of `oo-desktop signals --json`; as D-Bus has
no null, a key without a value is left out.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Annotated, Any

from dbus_fast import PropertyAccess, Variant
from dbus_fast.annotations import DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from oo_desktop.commands import commands
from oo_desktop.commands.commands import Command
from oo_desktop.commands.requests import action_from_words
from oo_desktop.linux.bus import NAME, answered
from oo_desktop.model.signals import ActionKind

PATH = "/org/oo_desktop/Oo1"

REFRESH_SECONDS = 20.0
"""How long `Refresh` waits for the round: most callers give up after 25 (libdbus's default)."""

Answer = Callable[[Command], Coroutine[Any, Any, object]]
"""Carries out a command, and returns what scripts are told of it. Raises OoError."""

Dicts = Annotated[list[dict[str, Variant]], DBusSignature("aa{sv}")]


class Oo1(ServiceInterface):
    """Is what programs see of oO.

    answer: carries out what they ask.
    summary: says the list in a few words, as the icon's tool tip does.
    """

    def __init__(self, *, answer: Answer, summary: Callable[[], str]) -> None:
        super().__init__(NAME)
        self._answer = answer
        self._summary = summary

    @dbus_method()
    async def List(self) -> Dicts:  # noqa: N802  # D-Bus names are written so
        """Return what is on the list, in its order."""
        listed = await answered(self._answer(commands.ListSignals()))
        return [variants(each) for each in listed] if isinstance(listed, list) else []

    @dbus_method()
    async def Act(self, id: DBusStr, action: DBusStr) -> None:  # noqa: A002, N802  # as above
        """Do something with a signal, as `oo-desktop act` does; returns once it is written down."""
        await answered(self._act(id, action))

    @dbus_method()
    async def Add(self, text: DBusStr) -> DBusStr:  # noqa: N802  # as above
        """Add a task; return its id, by which it can be acted on."""
        added = await answered(self._answer(commands.Add(text)))
        return str(added.get("id", "")) if isinstance(added, Mapping) else ""

    @dbus_method()
    async def Refresh(self) -> None:  # noqa: N802  # as above
        """Ask every service; returns when the round is over, or takes long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(REFRESH_SECONDS):
                await answered(self._answer(commands.Refresh()))

    @dbus_method()
    async def Show(self) -> None:  # noqa: N802  # as above
        """Show the window."""
        await answered(self._answer(commands.ShowWindow()))

    @dbus_property(access=PropertyAccess.READ)
    def Summary(self) -> DBusStr:  # noqa: N802  # as above
        """Return the list in a few words: `2 overdue, 3 today`."""
        return self._summary()

    @dbus_signal()
    def Changed(self) -> None:  # noqa: N802  # as above
        """Tell that the list is another one."""

    def changed(self) -> None:
        """Tell whoever listens that the list, and so perhaps the summary, is another one."""
        self.Changed()
        self.emit_properties_changed({"Summary": self._summary()})

    async def _act(self, named: str, words: str) -> None:
        kind = action_from_words(words)
        done = kind is ActionKind.DONE
        await self._answer(commands.Done(named) if done else commands.Act(named, kind))


def variants(told: Mapping[str, object]) -> dict[str, Variant]:
    """Return a JSON object as D-Bus has it: without what is null, and each value with its type."""
    return {
        name: _variant(name, value)
        for name, value in told.items()
        if value is not None and isinstance(value, str | bool | int | list)
    }


def _variant(name: str, value: object) -> Variant:
    match value:
        case bool():
            return Variant("b", value)
        case int():
            return Variant("x", value)
        case list():
            return Variant("ax" if name in NUMBERS else "as", value)
        case _:
            return Variant("s", str(value))


NUMBERS = frozenset({"reminders"})
"""Keys whose lists hold numbers; all others hold texts."""
