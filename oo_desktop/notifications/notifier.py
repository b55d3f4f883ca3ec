"""Shows notifications on the desktop (freedesktop.org, Desktop Notifications 1.2): one small port.

A notification is a courtesy: everything it says is in the tray as well. So a desktop without a
notification daemon, or with one that hangs, is no error, costs the caller a short wait at most, and
is not worth a line in the log.

Spoken over dbus-fast, four calls and two signals, after both ready-made ways had failed. With a
hanging daemon `QSystemTrayIcon.showMessage` blocks the whole program for 25 s, and it swaps our
tray icon for a light bulb. desktop-notifier forgets a notification once a button on it was pressed,
so that one could never be withdrawn; it cannot replace one in place, does not say whether the
daemon renders markup, and writes a traceback where there is no daemon.
"""

import asyncio
import html
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from oo_desktop.folders import resource
from oo_desktop.model.text import plain_text

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

log = logging.getLogger(__name__)

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"

CLICK = "default"
"""The action of a click on the notification itself (Desktop Notifications 1.2, "Actions"). Its
label is shown where the desktop has no other way to offer it."""

ANSWER_WITHIN_SECONDS = 2.0
"""What a daemon has to answer a call."""

MAX_TITLE = 60
"""Characters of a title that a notification names."""

MAX_NAMED = 5
"""Titles listed in one notification; daemons cut off what is longer."""


class Urgency(StrEnum):
    """Says how much a notification may disturb."""

    LOW = "low"
    NORMAL = "normal"

    @property
    def level(self) -> int:
        """Return it as the hint `urgency` counts."""
        return 0 if self is Urgency.LOW else 1


class Notifier(Protocol):
    """Shows short texts outside of our own windows. Never raises, whatever the desktop lacks."""

    async def show(
        self,
        identifier: str,
        *,
        title: str,
        body: str = "",
        buttons: Mapping[str, Callable[[], object]] = {},
        without_buttons: str = "",
        urgency: Urgency = Urgency.NORMAL,
        seconds: int | None = None,
        click: Callable[[], object] | None = None,
    ) -> None:
        """Show a notification, in place of the one with the same `identifier`.

        title, body: plain text; nothing in them is markup.
        buttons: what each does, called on the loop.
        without_buttons: added to the body where the desktop shows no buttons.
        seconds: how long it is shown; None: as long as the desktop likes.
        click: what a click on the notification itself does, called on the loop.
        """
        ...

    async def withdraw(self, identifier: str) -> None:
        """Take the notification away; one that is not there does no harm."""
        ...

    async def aclose(self) -> None:
        """Let go of the desktop. Only what nobody need answer stays on the screen."""
        ...


class _Shown:
    """A notification on the screen: its number at the daemon, and what its buttons do."""

    def __init__(self, number: int, actions: Mapping[str, Callable[[], object]]) -> None:
        self.number = number
        self.actions = actions


class SystemNotifier:
    """Shows the desktop's own notifications. Used on the loop.

    address: of the bus; None: this session's. answer_within: seconds a daemon has for an answer.
    """

    def __init__(
        self, *, address: str | None = None, answer_within: float = ANSWER_WITHIN_SECONDS
    ) -> None:
        self._address = address
        self._answer_within = answer_within
        self._bus: MessageBus | None = None
        self._shown: dict[str, _Shown] = {}
        # One at a time: a second text for an identifier must not overtake the first.
        self._turn = asyncio.Lock()

    async def show(
        self,
        identifier: str,
        *,
        title: str,
        body: str = "",
        buttons: Mapping[str, Callable[[], object]] = {},
        without_buttons: str = "",
        urgency: Urgency = Urgency.NORMAL,
        seconds: int | None = None,
        click: Callable[[], object] | None = None,
    ) -> None:
        async with self._turn:
            abilities = await self._abilities()
            if abilities is None:
                log.debug("no notification daemon; “%s” is not shown", identifier)
                return
            if "actions" not in abilities:
                body, buttons, click = f"{body} {without_buttons}".strip(), {}, None
            keys = {str(place): label for place, label in enumerate(buttons)}
            acts = {key: buttons[label] for key, label in keys.items()}
            if click is not None:
                keys, acts = {CLICK: "Open"} | keys, {CLICK: click} | acts
            before = self._shown.get(identifier)
            reply = await self._notify(
                replaces=before.number if before else 0,
                title=plain_text(title),
                body=body_text(body, abilities),
                keys=keys,
                urgency=urgency,
                seconds=seconds,
            )
            if reply is not None:
                self._shown[identifier] = _Shown(reply[0], acts)

    async def withdraw(self, identifier: str) -> None:
        async with self._turn:
            shown = self._shown.pop(identifier, None)
            if shown is not None:
                await self._call("CloseNotification", "u", shown.number)

    async def aclose(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._answer_within):  # for all of them together
                for identifier in [name for name, shown in self._shown.items() if shown.actions]:
                    await self.withdraw(identifier)
        if self._bus is not None:
            self._bus.disconnect()
            await asyncio.sleep(0)

    async def _abilities(self) -> frozenset[str] | None:
        """What the daemon can do; None when there is none to answer.

        Asking starts a daemon that the desktop starts on demand.
        """
        reply = await self._call("GetCapabilities")
        return None if reply is None else frozenset(map(str, reply[0]))

    async def _notify(
        self,
        *,
        replaces: int,
        title: str,
        body: str,
        keys: Mapping[str, str],
        urgency: Urgency,
        seconds: int | None,
    ) -> list[Any] | None:
        from dbus_fast import Variant

        actions = [word for pair in keys.items() for word in pair]
        hints = {
            "urgency": Variant("y", urgency.level),
            "desktop-entry": Variant("s", "oo-desktop"),
        }
        icon = resource("icons/oo-desktop.svg").as_uri()
        expires = -1 if seconds is None else 1000 * seconds
        return await self._call(
            "Notify", "susssasa{sv}i", "oO", replaces, icon, title, body, actions, hints, expires
        )

    async def _call(self, member: str, signature: str = "", *body: object) -> list[Any] | None:
        """What the daemon answers; None where there is no bus, no daemon, or no answer in time."""
        from dbus_fast import Message, MessageType
        from dbus_fast.errors import DBusError

        message = Message(
            destination=NAME,
            path=PATH,
            interface=NAME,
            member=member,
            signature=signature,
            body=list(body),
        )
        try:
            async with asyncio.timeout(self._answer_within):
                reply = await (await self._connected()).call(message)
        except (TimeoutError, OSError, EOFError, DBusError) as error:
            log.debug("notification daemon: %s failed: %s", member, type(error).__name__)
            return None
        return None if reply.message_type is MessageType.ERROR else reply.body

    async def _connected(self) -> "MessageBus":
        """The bus, connected (again). Raises OSError or DBusError where there is none."""
        if self._bus is None or not self._bus.connected:
            from dbus_fast import Message
            from dbus_fast.aio import MessageBus
            from dbus_fast.errors import InvalidAddressError

            self._shown.clear()  # numbers of another daemon mean nothing
            try:
                bus = await MessageBus(bus_address=self._address).connect()
            except InvalidAddressError as error:
                raise OSError("there is no session bus") from error
            bus.add_message_handler(self._heard)
            self._bus = bus
            await bus.call(
                Message(
                    destination="org.freedesktop.DBus",
                    path="/org/freedesktop/DBus",
                    interface="org.freedesktop.DBus",
                    member="AddMatch",
                    signature="s",
                    body=[f"type='signal',interface='{NAME}',path='{PATH}'"],
                )
            )
        return self._bus

    def _heard(self, message: "Message") -> None:
        """A signal of the daemon's: a button was pressed, or a notification is gone."""
        if message.interface != NAME or not message.body:
            return
        for identifier, shown in tuple(self._shown.items()):
            if shown.number != message.body[0]:
                continue
            if message.member == "NotificationClosed":
                del self._shown[identifier]
            elif message.member == "ActionInvoked" and message.signature == "us":
                act = shown.actions.get(message.body[1])
                if act is not None:
                    # On its own turn: what it raises is not the bus's to swallow.
                    asyncio.get_running_loop().call_soon(act)


def body_text(body: str, abilities: frozenset[str]) -> str:
    """Return what makes the daemon show exactly `body`, of several lines.

    It is escaped where it is markup for that daemon. The title never is (Desktop Notifications
    Specification 1.2, section "Markup").
    """
    plain = "\n".join(plain_text(line) for line in body.split("\n"))
    return html.escape(plain, quote=False) if "body-markup" in abilities else plain
