"""Calls connectors so that whatever they do holds nobody else: one try, one deadline.

Reading (aggregator) and writing (outbox) share this, and what they need to know of the accounts.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from oo_desktop.clock import Clock
from oo_desktop.errors import Unavailable
from oo_desktop.language import translated
from oo_desktop.model.faults import ConnectorFault
from oo_desktop.model.signals import AccountKey
from oo_desktop.signals.backoff import either

T = TypeVar("T")

CANCEL_SECONDS = 2.0
"""What a cancelled call has to close its connections before it is left to itself."""


class ActiveAccounts(Protocol):
    """Tells what reading and writing need to know of the connected accounts."""

    def active(self) -> tuple[AccountKey, ...]:
        """Return the accounts that are connected and need no reconnect. Raises StoreError."""
        ...

    def require_reconnect(self, key: AccountKey, reason: str) -> None:
        """Ask for a reconnect, once: the sign-in is no longer accepted. Raises StoreError."""
        ...


class IsolatedCalls:
    """Makes calls of connectors: at most one at a time for an account, none beyond `deadline`.

    A call that ignores its cancellation is abandoned: nobody waits for it, its result is thrown
    away, and its account is not called again until it ends, so at most one is ever left over.

    deadline: seconds one call may take; None: as long as it likes.
    """

    def __init__(self, *, clock: Clock, deadline: float | None) -> None:
        self._clock = clock
        self._deadline = deadline
        self._calls: dict[AccountKey, asyncio.Task[object]] = {}

    async def run(self, key: AccountKey, call: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `call()`, or raise whatever it raises.

        Raises Unavailable at the deadline, and when an earlier call does not end;
        ConnectorFault when the call cancelled itself.
        """
        earlier = self._calls.get(key)
        if earlier is not None:
            # One that was cancelled a moment ago, for a reconnect, is about to end.
            await either(asyncio.wait({earlier}), self._clock.sleep(CANCEL_SECONDS))
            if key in self._calls:
                raise Unavailable(translated("The last request has still not ended."))
        task = asyncio.ensure_future(_awaited(call))
        self._calls[key] = task
        task.add_done_callback(lambda _: self._ended(key, task))
        try:
            if self._deadline is None:
                await asyncio.wait({task})
            else:
                await either(asyncio.wait({task}), self._clock.sleep(self._deadline))
        finally:
            late = not task.done()
            if late:
                task.cancel()
                await either(asyncio.wait({task}), self._clock.sleep(CANCEL_SECONDS))
        if late and (task.cancelled() or not task.done()):
            raise Unavailable(translated("The service took too long to answer."))
        if task.cancelled():
            raise ConnectorFault("the connector cancelled itself")
        return task.result()

    async def stop(self) -> None:
        """Give what was abandoned a last chance to end."""
        tasks = set(self._calls.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await either(asyncio.wait(tasks), self._clock.sleep(CANCEL_SECONDS))

    def _ended(self, key: AccountKey, task: "asyncio.Task[object]") -> None:
        if self._calls.get(key) is task:
            del self._calls[key]
        if not task.cancelled():
            task.exception()  # whoever waited has it; of an abandoned call nobody wants it


async def _awaited(call: Callable[[], Awaitable[T]]) -> T:
    """Also what `call` raises before it returns an awaitable is raised inside the task."""
    return await call()
