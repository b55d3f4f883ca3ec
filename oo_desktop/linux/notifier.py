"""Shows notifications on the desktop (freedesktop.org, Desktop Notifications 1.2).

A desktop without a notification daemon, or with one that hangs, is no error, costs the caller a
short wait at most, and is not worth a line in the log.

Spoken over dbus-fast, four calls and four signals, after both ready-made ways had failed. With a
hanging daemon `QSystemTrayIcon.showMessage` blocks the whole program for 25 s, and it swaps our
tray icon for a light bulb. desktop-notifier forgets a notification once a button on it was pressed,
so that one could never be withdrawn; it cannot replace one in place, does not say whether the
daemon renders markup, and writes a traceback where there is no daemon.

A number means something only to the daemon that gave it: ten of ten real daemons begin anew at the
same number after a restart, so that ours would be the next program's. So each number is kept with
the connection that gave it, is sent to no other, and is forgotten once the name has another owner.
Signals count from the owner of the name alone.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.display import desktop_name
from oo_desktop.folders import resource
from oo_desktop.language import translated
from oo_desktop.linux.activation import keep_token
from oo_desktop.model.text import plain_text
from oo_desktop.notifications.notifier import Urgency, WithoutButtons

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

log = logging.getLogger(__name__)

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"

BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"

DRAW_NO_BUTTONS = frozenset({"dunst", "fnott", "mako"})
"""Daemons that can do `actions` and draw no buttons, by the name they give themselves: dunst writes
"(A)" and has a menu of its own, mako and fnott leave them to a command. A click they do pass on."""

TRIES = 3
"""Daemons tried for one text: they may be replaced while they are asked."""

CLICK = "default"
"""The action of a click on the notification itself (Desktop Notifications 1.2, "Actions"). Its
label is shown where the desktop has no other way to offer it."""

ANSWER_WITHIN_SECONDS = 2.0
"""What a daemon has to answer a call."""


class _Text(Struct, frozen=True):
    """What a notification is to say, whoever shows it."""

    title: str
    body: str
    buttons: Mapping[str, Callable[[], object]]
    without_buttons: WithoutButtons | None
    urgency: Urgency
    seconds: int | None
    click: Callable[[], object] | None
    standing: bool

    def for_daemon(self, *, has_actions: bool, draws_buttons: bool) -> tuple[str, "list[_Action]"]:
        """Its body and its actions, as they are for a daemon that can do this much."""
        instead = None if has_actions and draws_buttons else self.without_buttons
        body = instead.body if instead else self.body
        if not has_actions:
            return body, []
        actions = [
            _Action(str(place), label, act)
            for place, (label, act) in enumerate(self.buttons.items())
        ]
        if self.click is not None:
            # Translators: shows what a notification is about
            actions.insert(0, _Action(CLICK, translated("Open"), self.click))
        elif instead and instead.click is not None:
            actions.insert(0, _Action(CLICK, instead.click, self.buttons[instead.click]))
        return body, actions


class _Action(NamedTuple):
    key: str
    label: str
    act: Callable[[], object]


class _Daemon(NamedTuple):
    """A notification daemon: its own name on a connection, which no other ever has there."""

    bus: "MessageBus"
    name: str


class _Shown(Struct, frozen=True, eq=False):
    """A notification on the screen: its number at the daemon, and what its buttons do."""

    text: _Text
    daemon: _Daemon
    number: int
    actions: Mapping[str, Callable[[], object]]


class SystemNotifier:
    """Shows the desktop's own notifications. Used on the loop.

    address: of the bus; None: this session's. answer_within: seconds a daemon has for an answer.
    keep_token: keeps the token of a click on a notification.
    """

    def __init__(
        self,
        *,
        address: str | None = None,
        answer_within: float = ANSWER_WITHIN_SECONDS,
        keep_token: Callable[[str], object] = keep_token,
    ) -> None:
        self._keep_token = keep_token
        self._address = address
        self._answer_within = answer_within
        self._bus: MessageBus | None = None
        # The owner of NAME, as the bus last said; "": nobody; None: it has not said yet.
        self._owner: str | None = None
        # The last daemon asked for its name, and whether it draws buttons.
        self._draws_buttons: tuple[_Daemon, bool] | None = None
        self._shown: dict[str, _Shown] = {}
        self._missed: dict[str, _Text] = {}
        """Standing texts that wait for the next daemon."""
        # One at a time: a second text for an identifier must not overtake the first.
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def show(
        self,
        identifier: str,
        *,
        title: str,
        body: str = "",
        buttons: Mapping[str, Callable[[], object]] = {},
        without_buttons: WithoutButtons | None = None,
        urgency: Urgency = Urgency.NORMAL,
        seconds: int | None = None,
        click: Callable[[], object] | None = None,
        standing: bool = False,
    ) -> None:
        text = _Text(title, body, buttons, without_buttons, urgency, seconds, click, standing)
        async with self._turn:
            await self._show(identifier, text)

    async def withdraw(self, identifier: str) -> None:
        async with self._turn:
            self._missed.pop(identifier, None)
            await self._close(identifier)

    async def aclose(self) -> None:
        self._missed.clear()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._answer_within):  # for all of them together
                for identifier in [name for name, shown in self._shown.items() if shown.actions]:
                    await self.withdraw(identifier)
        if self._bus is not None:
            self._bus.disconnect()
            await asyncio.sleep(0)

    # With the turn

    async def _show(self, identifier: str, text: _Text) -> None:
        self._missed.pop(identifier, None)
        if self._bus is None:  # not on the loop, which it would hold for long
            await asyncio.to_thread(import_module, "dbus_fast.aio")
        for _ in range(TRIES):
            capabilities = await self._call("GetCapabilities", answer="as")
            if capabilities is None:
                break
            if self._bus is None or capabilities.sender != self._owner:
                continue  # replaced while it answered
            daemon = _Daemon(self._bus, self._owner)
            shown = await self._notify(identifier, text, daemon, frozenset(capabilities.body[0]))
            if self._is_current(daemon):
                if shown is not None:
                    self._keep(identifier, shown)
                return
            if shown is not None:  # by a daemon that has lost the name meanwhile, and lives
                await self._call("CloseNotification", "u", shown.number, at=daemon)
        log.debug("no notification daemon; “%s” is not shown", identifier)
        if text.standing:
            self._missed[identifier] = text

    async def _notify(
        self, identifier: str, text: _Text, daemon: _Daemon, abilities: frozenset[str]
    ) -> _Shown | None:
        """Have `daemon` show it. None where it did not, or gave it no number."""
        from dbus_fast import Variant

        has_actions = "actions" in abilities
        draws = has_actions and await self._draws_its_buttons(daemon)
        body, actions = text.for_daemon(has_actions=has_actions, draws_buttons=draws)
        before = self._shown.get(identifier)
        hints = {
            "urgency": Variant("y", text.urgency.level),
            "desktop-entry": Variant("s", desktop_name()),
        }
        reply = await self._call(
            "Notify",
            "susssasa{sv}i",
            "oO",
            before.number if before and before.daemon == daemon else 0,
            resource("icons/oo-desktop.svg").as_uri(),
            plain_text(text.title),
            body_text(body, abilities),
            [word for action in actions for word in (action.key, action.label)],
            hints,
            -1 if text.seconds is None else 1000 * text.seconds,
            at=daemon,
            answer="u",
        )
        if reply is None or reply.body[0] == 0:  # notify-osd has none for what it makes a dialog
            return None
        acts = {action.key: action.act for action in actions}
        return _Shown(text, daemon, reply.body[0], acts)

    async def _draws_its_buttons(self, daemon: _Daemon) -> bool:
        if self._draws_buttons is None or self._draws_buttons[0] != daemon:
            reply = await self._call("GetServerInformation", at=daemon, answer="ssss")
            name = "" if reply is None else reply.body[0].strip().lower()
            self._draws_buttons = (daemon, name not in DRAW_NO_BUTTONS)
        return self._draws_buttons[1]

    def _keep(self, identifier: str, shown: _Shown) -> None:
        # What had this number before is no longer on the screen, whether or not we were told.
        for other, before in tuple(self._shown.items()):
            if before.number == shown.number:
                del self._shown[other]
        self._shown[identifier] = shown

    async def _close(self, identifier: str) -> None:
        shown = self._shown.pop(identifier, None)
        if shown is not None:
            await self._call("CloseNotification", "u", shown.number, at=shown.daemon)

    # The bus

    async def _call(
        self,
        member: str,
        signature: str = "",
        *body: object,
        at: _Daemon | None = None,
        answer: str = "",
    ) -> "Message | None":
        """What the daemon answers, of the signature `answer`.

        at: the daemon; None: whichever has the name, and one that is started for that.
        None where there is no bus, no daemon, no such answer, or none in time.
        """
        from dbus_fast import Message, MessageType
        from dbus_fast.errors import DBusError

        message = Message(
            destination=NAME if at is None else at.name,
            path=PATH,
            interface=NAME,
            member=member,
            signature=signature,
            body=list(body),
        )
        try:
            async with asyncio.timeout(self._answer_within):
                bus = await self._connected() if at is None else at.bus
                if not bus.connected:
                    return None
                reply = await bus.call(message)
        except (TimeoutError, OSError, EOFError, DBusError) as error:
            log.debug("notification daemon: %s failed: %s", member, type(error).__name__)
            return None
        if reply.message_type is MessageType.ERROR or reply.signature != answer:
            return None
        return reply

    async def _connected(self) -> "MessageBus":
        """The bus, connected (again). Raises OSError or DBusError where there is none."""
        if self._bus is None or not self._bus.connected:
            from dbus_fast.aio import MessageBus
            from dbus_fast.errors import InvalidAddressError

            self._owner = None
            self._forget()  # numbers of another bus mean nothing
            try:
                bus = await MessageBus(bus_address=self._address).connect()
            except InvalidAddressError as error:
                raise OSError("there is no session bus") from error
            bus.add_message_handler(self._heard)
            try:
                await self._watch(bus)
            except BaseException:
                bus.disconnect()
                raise
            self._bus = bus
        return self._bus

    async def _watch(self, bus: "MessageBus") -> None:
        """Hear the daemon's signals, and who is the daemon."""
        from dbus_fast import MessageType

        for rule in (
            f"type='signal',sender='{NAME}',interface='{NAME}',path='{PATH}'",
            f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',"
            f"arg0='{NAME}'",
        ):
            await bus.call(_to_bus("AddMatch", rule))
        reply = await bus.call(_to_bus("GetNameOwner", NAME))
        if self._owner is None:  # else it has changed since
            is_owned = reply.message_type is MessageType.METHOD_RETURN
            self._owner = str(reply.body[0]) if is_owned else ""

    def _is_current(self, daemon: _Daemon) -> bool:
        return daemon.bus is self._bus and daemon.name == self._owner

    def _heard(self, message: "Message") -> None:
        """A signal: a button was pressed, a notification is gone, or the daemon is another one."""
        from dbus_fast import MessageType

        if message.message_type is not MessageType.SIGNAL:
            return
        if message.sender == BUS and message.member == "NameOwnerChanged":
            if message.body[0] == NAME:
                self._owner_changed(message.body[2])
            return
        # Anybody may send a signal, to us alone or to all; only the sender cannot be forged.
        if message.interface != NAME or message.path != PATH or message.sender != self._owner:
            return
        match message.member, message.signature:
            case "NotificationClosed", "uu":
                self._gone(message.body[0])
            case "ActivationToken", "us":  # before the next
                if any(shown.number == message.body[0] for shown in self._shown.values()):
                    self._keep_token(message.body[1])
            case "ActionInvoked", "us":
                self._pressed(*message.body)

    def _owner_changed(self, owner: str) -> None:
        self._owner = owner
        self._forget()
        if owner and self._missed:
            self._spawn(self._show_missed())

    def _forget(self) -> None:
        """Take no number for ours any more."""
        for identifier, shown in self._shown.items():
            if shown.text.standing:
                self._missed[identifier] = shown.text
            # It may have lost the name alone, with buttons on the screen that nobody would hear.
            self._spawn(self._close_at(shown.daemon, shown.number))
        self._shown.clear()

    async def _close_at(self, daemon: _Daemon, number: int) -> None:
        await self._call("CloseNotification", "u", number, at=daemon)

    async def _show_missed(self) -> None:
        async with self._turn:
            for identifier, text in tuple(self._missed.items()):
                await self._show(identifier, replace(text, standing=False, urgency=Urgency.LOW))

    def _gone(self, number: int) -> None:
        for identifier, shown in tuple(self._shown.items()):
            if shown.number == number:
                del self._shown[identifier]

    def _pressed(self, number: int, key: str) -> None:
        for identifier, shown in self._shown.items():
            if shown.number == number and (act := shown.actions.get(key)) is not None:
                # On its own turn: what it raises is not the bus's to swallow.
                asyncio.get_running_loop().call_soon(act)
                self._spawn(self._answered(identifier, shown))

    async def _answered(self, identifier: str, shown: _Shown) -> None:
        """Take away what somebody has answered, unless it says something else by now."""
        async with self._turn:
            if self._shown.get(identifier) is shown:
                await self._close(identifier)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _to_bus(member: str, word: str) -> "Message":
    from dbus_fast import Message

    return Message(
        destination=BUS, path=BUS_PATH, interface=BUS, member=member, signature="s", body=[word]
    )


def body_text(body: str, abilities: frozenset[str]) -> str:
    """Return what makes the daemon show exactly `body`, of several lines.

    It is escaped where it is markup for that daemon. The title never is (Desktop Notifications
    Specification 1.2, section "Markup").
    """
    plain = "\n".join(plain_text(line) for line in body.split("\n"))
    if "body-markup" not in abilities:
        return plain
    from html import escape  # brings 2,231 names of characters: not before it is needed

    return escape(plain, quote=False)
