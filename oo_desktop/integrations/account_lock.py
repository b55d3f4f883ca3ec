"""One process at a time renews an account's tokens.

oO runs once, but a second one may be started for another folder, by another version, or by a test,
and two processes that use up the same refresh token end every sign-in of the account. `flock` is
given back by the system when its owner dies, however it dies; so there is nothing to clean up, and
the file itself stays (deleting it would let two owners in).
"""

import fcntl
import hashlib
import os
from pathlib import Path

from oo_desktop.clock import Clock
from oo_desktop.errors import StoreError, Unavailable
from oo_desktop.model.signals import AccountKey

POLL = 0.1
"""Seconds between two looks at a lock that another process holds."""


class AccountLock:
    """The lock of one account. `acquire` when it is held already returns at once.

    deadline: seconds to wait for another process.
    """

    def __init__(
        self, folder: Path, key: AccountKey, *, clock: Clock, deadline: float = 30.0
    ) -> None:
        digest = hashlib.sha256("\0".join(key).encode()).hexdigest()[:16]
        self._path = folder / f"renewal-{digest}.lock"
        self._clock = clock
        self._deadline = deadline
        self._descriptor: int | None = None

    async def acquire(self) -> None:
        """Raises Unavailable when another process keeps it, StoreError when there can be none."""
        end = self._clock.monotonic() + self._deadline
        while not self._held():
            if self._clock.monotonic() >= end:
                raise Unavailable("Another oO is busy renewing this sign-in. oO tries again soon.")
            await self._clock.sleep(POLL)

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _held(self) -> bool:
        if self._descriptor is not None:
            return True
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"{self._path.parent} cannot be written to ({error.strerror}). Check its rights."
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True
