"""Runs tasks that live as long as the account they work for."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

K = TypeVar("K")


class Tasks(Generic[K]):
    """Runs at most one task per key, and none before `open` and after `close`."""

    def __init__(self) -> None:
        self._tasks: dict[K, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._opened = False

    def open(self) -> None:
        """Allow tasks to start."""
        self._opened = True

    async def close(self) -> None:
        """End every task, and wait until all have."""
        self._opened = False
        for key in tuple(self._tasks):
            self.end(key)
        if self._ending:
            await asyncio.wait(self._ending)

    def running(self) -> set[K]:
        """Return the keys that have a task which was not told to end."""
        return set(self._tasks)

    def is_current(self, key: K) -> bool:
        """Return whether the caller runs in the task of `key`, and that was not told to end."""
        task = self._tasks.get(key)
        return task is not None and task is asyncio.current_task()

    def start(self, key: K, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Run `work()` for `key` unless something does already; return whether it was started."""
        if not self._opened or key in self._tasks:
            return False
        task = asyncio.get_running_loop().create_task(work())
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._ended(key, task))
        return True

    def end(self, key: K) -> None:
        """Cancel the task of `key`. One that ends itself runs on to its next await."""
        task = self._tasks.pop(key, None)
        if task is not None:
            self._ending.add(task)
            task.cancel()

    def _ended(self, key: K, task: "asyncio.Task[None]") -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        self._ending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A bug of ours, not of a connector: whoever watches the loop reports it and ends oO.
            message = f"the task of {key} died"
            task.get_loop().call_exception_handler(
                {"message": message, "exception": error, "task": task}
            )
