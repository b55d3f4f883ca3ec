"""Opens the database beside the loop, and again until it works.

A disk that is full or a file that is in use passes: oO waits for that, says so, and goes on without
being started again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from oo_desktop.clock import Clock
from oo_desktop.errors import StoreError
from oo_desktop.store.recovery.rescue import Opened, open_database

AGAIN_AFTER_SECONDS = 30.0
"""Until a database that could not be used is tried again."""


class DatabaseOpener:
    """Opens one database, once.

    begin: given the open database. Where it raises StoreError, that is a failed attempt; the
        database is closed then, so nothing may go on that uses it.
    failed: told why an attempt failed; the next comes after `again_after` seconds, or when asked.
    """

    def __init__(
        self,
        *,
        path: Path,
        clock: Clock,
        begin: Callable[[Opened], Awaitable[None]],
        failed: Callable[[str], None],
        again_after: float = AGAIN_AFTER_SECONDS,
    ) -> None:
        self._path = path
        self._clock = clock
        self._begin = begin
        self._failed = failed
        self._again_after = again_after
        self._attempt: asyncio.Task[None] | None = None
        self._later: asyncio.Task[None] | None = None
        self._over = False

    async def attempt(self) -> None:
        """Try now, or wait for the attempt under way; once it is open, this does nothing."""
        if self._over:
            return
        if self._attempt is None:
            self._attempt = asyncio.create_task(self._try())
        await asyncio.shield(self._attempt)

    async def aclose(self) -> None:
        """Try no more."""
        self._over = True
        tasks = [task for task in (self._attempt, self._later) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _try(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        try:
            # In a thread: it waits for whoever holds the file, and may have a lot to rescue.
            opened = await asyncio.to_thread(open_database, self._path, clock=self._clock)
            try:
                await self._begin(opened)
            except BaseException:
                opened.database.close()
                raise
            self._over = True
        except StoreError as error:
            self._failed(str(error))
            self._later = asyncio.create_task(self._try_later())
        finally:
            self._attempt = None

    async def _try_later(self) -> None:
        await self._clock.sleep(self._again_after)
        self._later = None
        await self.attempt()
