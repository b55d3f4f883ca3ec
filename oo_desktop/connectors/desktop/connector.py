"""Makes the connector of the calendars and task lists of this computer.

Whether there are any is asked of the session bus, which starts nothing and touches no list. What
reads them is imported when somebody connects them: it takes a megabyte, and not everybody does.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

from oo_desktop.connectors.base import Connector, ConnectorContext, OnThisComputer
from oo_desktop.connectors.desktop.settings import settings_from_section
from oo_desktop.connectors.desktop.wire import CALENDAR_NAME, DESKTOP_ID, SOURCES_NAME, USER_ID
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import SignalId, UserId
from oo_desktop.model.source import Action, Identity, Snapshot
from oo_desktop.model.zones import machine_zone

if TYPE_CHECKING:
    from oo_desktop.connectors.desktop.source import DesktopSource


def connector(section: Mapping[str, object], *, address: str | None = None) -> Connector:
    """Return the connector that `[desktop]` sets up. Raises ConfigError.

    address: of the bus; None: the session's.
    """
    settings = settings_from_section(section)

    async def offered() -> bool:
        return {SOURCES_NAME, CALENDAR_NAME} <= await _names(address)

    return Connector(
        id=DESKTOP_ID,
        name=untranslated("Calendars of this computer"),
        sign_in=OnThisComputer(identity=lambda: _identity(address)),
        source=lambda given: LateSource(given, days_ahead=settings.days_ahead, address=address),
        saved=untranslated("saved tasks and events"),
        offered=offered,
        connect=untranslated("Connect calendars of this computer"),
    )


class LateSource:
    """Is a `DesktopSource` from when it is first asked for something."""

    id = DESKTOP_ID

    def __init__(self, given: ConnectorContext, *, days_ahead: int, address: str | None) -> None:
        self._given = given
        self._days_ahead = days_ahead
        self._address = address
        self._source: DesktopSource | None = None

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        """Return what `DesktopSource` does."""
        return await (await self._made()).fetch_signals(user_id)

    async def act(self, user_id: UserId, signal_id: SignalId, action: Action) -> None:  # noqa: ARG002  # there is one
        """Carry out `action` in the list that has the signal."""
        source = await self._made()
        await asyncio.to_thread(import_module, "oo_desktop.connectors.desktop.actions")
        from oo_desktop.connectors.desktop.actions import act

        now, zone = datetime.now(UTC), machine_zone()
        await act(source, signal_id, action, now=now, zone=zone)

    async def watch(self, user_id: UserId, changed: Callable[[], None]) -> None:
        """Do what `DesktopSource` does."""
        await (await self._made()).watch(user_id, changed)

    async def _made(self) -> "DesktopSource":
        if self._source is None:
            await asyncio.to_thread(import_module, "dbus_fast.aio")
            await _import()
        return self._imported()

    def _imported(self) -> "DesktopSource":
        from oo_desktop.connectors.desktop.bus import DesktopBus
        from oo_desktop.connectors.desktop.source import DesktopSource

        if self._source is None:  # else somebody else was here, while one waited
            self._source = DesktopSource(
                bus=DesktopBus(self._address),
                days_ahead=self._days_ahead,
                chosen=self._given.calendars,
                may_write=self._given.may_write,
            )
        return self._source


async def _identity(address: str | None) -> Identity:
    """Raises Rejected, in a sentence on why there are none here, and Unavailable."""
    names = await _names(address)
    await _import()
    from oo_desktop.connectors.desktop.source import lack

    problem = lack(names)
    if problem is not None:
        raise Rejected(translated(problem))
    return Identity(USER_ID, translated("This computer"))


async def _names(address: str | None) -> frozenset[str]:
    """The names on the bus, asked over a connection that nothing is left of; none where there is no
    such thing as D-Bus. Raises Unavailable."""
    try:
        await asyncio.to_thread(import_module, "dbus_fast.aio")
    except ImportError:  # it is installed on Linux alone
        return frozenset()
    from oo_desktop.connectors.desktop.bus import DesktopBus, EdsError

    bus = DesktopBus(address)
    try:
        return await bus.names()
    except EdsError:
        raise Unavailable(
            translated("This session’s D-Bus does not answer."), reached=False
        ) from None
    finally:
        await bus.aclose()


async def _import() -> None:
    """Not on the loop, which it would hold for long."""
    await asyncio.to_thread(import_module, "oo_desktop.connectors.desktop.source")
