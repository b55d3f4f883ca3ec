"""One small port to the desktop's notifications.

A notification is a courtesy: everything it says is in the tray as well. So a desktop without a
notification daemon, or with one that hangs, is no error, costs the caller a short wait at most, and
is not worth a line in the log.

`QSystemTrayIcon.showMessage` is not the fallback: with a hanging daemon it blocks the whole program
for 25 s, and it swaps our tray icon for a light bulb. desktop-notifier has neither fault, but logs
a traceback when there is no daemon, waits 8 s for a hanging one, and never says whether the daemon
renders markup. So the daemon is asked what it can do first, without waiting for it: the answer, or
its absence, settles all three.
"""

import asyncio
import html
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

from oo_desktop.ui.icons import resource
from oo_desktop.ui.text import plain_text

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

log = logging.getLogger(__name__)

ANSWER_WITHIN = 2_000
"""Milliseconds a daemon has to say what it can do."""

SHOWN_WITHIN = 10.0
"""Seconds after which showing or withdrawing is given up."""


_ELSEWHERE = frozenset({"actions"})
"""What notifications of other systems than Linux can do: buttons, and no markup."""


class Urgency(StrEnum):
    """How much a notification may disturb."""

    LOW = "low"
    NORMAL = "normal"


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
    ) -> None:
        """Show a notification, in place of the one with the same `identifier`.

        title, body: plain text; nothing in them is markup.
        buttons: what each does, called on the loop.
        without_buttons: added to the body where the desktop shows no buttons.
        seconds: how long it is shown; None: as long as the desktop likes.
        """
        ...

    async def withdraw(self, identifier: str) -> None:
        """Take the notification away; one that is not there does no harm."""
        ...


async def daemon_abilities(
    bus: QDBusConnection | None = None, *, answer_within: int = ANSWER_WITHIN
) -> frozenset[str] | None:
    """What the notification daemon can do (`GetCapabilities`); None when there is none to answer.

    Asking starts a daemon that the desktop starts on demand.
    """
    bus = bus or QDBusConnection.sessionBus()
    if not bus.isConnected():
        return None
    name = "org.freedesktop.Notifications"
    call = QDBusMessage.createMethodCall(
        name, "/org/freedesktop/Notifications", name, "GetCapabilities"
    )
    answered: asyncio.Future[frozenset[str] | None] = asyncio.get_running_loop().create_future()
    watcher = QDBusPendingCallWatcher(bus.asyncCall(call, answer_within))

    def finished(_watcher: object) -> None:
        if answered.done():
            return
        reply = watcher.reply()
        arguments = [] if watcher.isError() else reply.arguments()
        answered.set_result(frozenset(map(str, arguments[0])) if arguments else None)

    watcher.finished.connect(finished)
    return await answered


class SystemNotifier:
    """The desktop's own notifications, through desktop-notifier, which is imported when needed."""

    def __init__(
        self,
        *,
        abilities: Callable[[], Awaitable[frozenset[str] | None]] = daemon_abilities,
    ) -> None:
        self._abilities = abilities
        self._notifier: DesktopNotifier | None = None
        self._shown: set[str] = set()
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
    ) -> None:
        async with self._turn:
            abilities = await self._abilities() if sys.platform == "linux" else _ELSEWHERE
            if abilities is None:
                log.debug("no notification daemon; “%s” is not shown", identifier)
                return
            if "actions" not in abilities:
                body = f"{body} {without_buttons}".strip()
            await self._clear(identifier)
            self._shown.add(identifier)
            await self._send(
                identifier,
                plain_text(title),
                body_text(body, abilities),
                buttons if "actions" in abilities else {},
                urgency,
                -1 if seconds is None else seconds,
            )

    async def withdraw(self, identifier: str) -> None:
        async with self._turn:
            await self._clear(identifier)

    async def _send(
        self,
        identifier: str,
        title: str,
        body: str,
        buttons: Mapping[str, Callable[[], object]],
        urgency: Urgency,
        seconds: int,
    ) -> None:
        from desktop_notifier import Button, Notification
        from desktop_notifier import Urgency as Native

        notification = Notification(
            title=title,
            message=body,
            urgency=Native.Low if urgency is Urgency.LOW else Native.Normal,
            buttons=tuple(Button(label, on_pressed=act) for label, act in buttons.items()),
            timeout=seconds,
            identifier=identifier,
        )
        await self._bounded(self._desktop().send_notification(notification))

    async def _clear(self, identifier: str) -> None:
        if identifier in self._shown and self._notifier is not None:
            self._shown.discard(identifier)
            await self._bounded(self._notifier.clear(identifier))

    async def _bounded(self, work: Awaitable[object]) -> None:
        from dbus_fast.errors import DBusError

        try:
            async with asyncio.timeout(SHOWN_WITHIN):
                await work
        except KeyError:  # the user closed it already
            pass
        except (TimeoutError, OSError, EOFError, DBusError) as error:
            log.debug("the notification daemon did not answer: %s", type(error).__name__)

    def _desktop(self) -> "DesktopNotifier":
        if self._notifier is None:
            from desktop_notifier import DesktopNotifier, Icon

            # It writes a traceback for every notification a desktop cannot show.
            logging.getLogger("desktop_notifier").setLevel(logging.CRITICAL)
            self._notifier = DesktopNotifier(
                app_name="oO", app_icon=Icon(path=resource("icons/oo-desktop.svg"))
            )
        return self._notifier


def body_text(body: str, abilities: frozenset[str]) -> str:
    """`body` (of several lines) so that the daemon shows exactly it: escaped where it is markup.

    The title is never markup (Desktop Notifications Specification 1.2, section "Markup").
    """
    plain = "\n".join(plain_text(line) for line in body.split("\n"))
    return html.escape(plain, quote=False) if "body-markup" in abilities else plain
