"""Puts oO on the session bus, under one name, for as long as it runs.

Spoken over dbus-fast, as notifications are: its services say their signatures where their methods
are written, and answer introspection by themselves.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError, InvalidAddressError

from oo_desktop.errors import OoError
from oo_desktop.ipc.protocol import WRONG_USAGE, CommandError
from oo_desktop.language import translated

if TYPE_CHECKING:
    from dbus_fast.service import ServiceInterface

log = logging.getLogger(__name__)

NAME = "org.oo_desktop.Oo1"
"""On the bus; oO's own interface is called the same."""

FAILED = f"{NAME}.Error.Failed"
WRONG = f"{NAME}.Error.WrongUsage"

T = TypeVar("T")


class Export(NamedTuple):
    """Holds what is answered at `path`."""

    path: str
    interface: "ServiceInterface"


class BusPresence:
    """Owns the name, and answers at it; does nothing where there is no session bus.

    exports: what is answered where.
    address: of the bus; None: the session's.
    """

    def __init__(self, exports: Iterable[Export], *, address: str | None = None) -> None:
        self._exports = tuple(exports)
        self._address = address
        self._bus: MessageBus | None = None

    async def start(self) -> None:
        """Connect, and take the name. Another oO may have it: then this one gets it after that."""
        try:
            bus = await MessageBus(bus_address=self._address).connect()
        except (OSError, EOFError, DBusError, InvalidAddressError) as error:
            log.info("oO is not on the session bus: %s", type(error).__name__)
            return
        self._bus = bus
        for path, interface in self._exports:
            bus.export(path, interface)
        try:
            await bus.request_name(NAME)
        except (OSError, EOFError, DBusError) as error:
            log.info("oO has no name on the session bus: %s", type(error).__name__)

    def stop(self) -> None:
        """Leave the bus."""
        if self._bus is not None:
            self._bus.disconnect()
            self._bus = None


async def answered(work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` does. Raises DBusError, with the sentence for whoever asked.

    A bug is given to the loop, which ends oO with a report: dbus-fast would send its traceback to
    whoever asked, and go on.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    try:
        await asyncio.wait({task})
    finally:
        task.cancel()  # nothing, where it is done
    error = task.exception()
    match error:
        case None:
            return task.result()
        case CommandError(code=code) if code == WRONG_USAGE:
            raise DBusError(WRONG, str(error))
        case OoError():
            raise DBusError(FAILED, str(error))
    loop.call_exception_handler(
        {"message": "a call over D-Bus could not be answered", "exception": error}
    )
    raise DBusError(FAILED, translated("oO made a mistake here; its log says more."))
