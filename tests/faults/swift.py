"""Provide a loop whose seconds cost nothing while nobody works, over sockets that are real.

All ends of every connection live in one process. So when no socket has anything to say and no
thread is busy, nothing can happen before the next timer: the loop's clock jumps there. A stall of
30 s and a backoff of minutes cost nothing, and a slow machine makes no request late.
"""

import asyncio
import selectors
import tempfile
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

GLANCE = 0.001
"""Real seconds to look once more before a jump: the kernel may still carry something over."""


class _Selector(selectors.DefaultSelector):
    """Jumps instead of waiting; `jump` is told the seconds, and says whether it may be."""

    def __init__(self, jump: Callable[[float], bool]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        if timeout is None:
            return super().select(timeout)
        events = super().select(GLANCE if timeout > GLANCE else 0)
        if not events and not self._jump(timeout):
            events = super().select(GLANCE)
        return events


class SwiftLoop(asyncio.SelectorEventLoop):
    """`time` stands still while something runs."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._threads = 0
        super().__init__(_Selector(self._jump))

    def time(self) -> float:
        return self._seconds

    def run_in_executor(  # type: ignore[override]  # the future's type is the loop's own affair
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        self._threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_ended)
        return future

    async def shutdown_default_executor(
        self,
        timeout: float | None = None,  # noqa: ASYNC109  # asyncio's own, from Python 3.12 on
    ) -> None:
        """Wait for all threads: the 300 s that `asyncio.run` grants them are over at once here."""
        await super().shutdown_default_executor()

    def _thread_ended(self, _future: object) -> None:
        self._threads -= 1

    def _jump(self, seconds: float) -> bool:
        if self._threads:
            return False
        self._seconds += seconds
        return True


class SwiftClock:
    """Is the clock of whatever runs in a swift loop; `begins` at the loop's zero."""

    def __init__(self, begins: datetime = datetime(2026, 11, 22, 10, tzinfo=UTC)) -> None:
        self._begins = begins

    def now(self) -> datetime:
        return self._begins + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run_swiftly(work: Coroutine[Any, Any, T]) -> T:
    """Do as `asyncio.run`, in a swift loop."""
    with asyncio.Runner(loop_factory=SwiftLoop) as runner:
        return runner.run(work)


def play_swiftly(play: Callable[[Path], Coroutine[Any, Any, T]]) -> T:
    """Do as `run_swiftly`, with a folder of its own, in memory where there is such a place.

    Not where a power cut is survived: these files outlive no machine, and each commit syncs.
    """
    memory = Path("/dev/shm")
    where = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=where, prefix="oo-faults-") as folder:
        return run_swiftly(play(Path(folder)))
