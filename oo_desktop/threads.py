"""Runs blocking work in threads that never hold the program's end."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonExecutor(Executor):
    """Runs jobs in daemon threads: in one of its own each, or in at most `max_workers`.

    The standard library's executors wait for their threads at exit, and a look-up of a name that
    nobody answers may take half a minute. Jobs here are few, so a thread ends when there is nothing
    left to do.

    max_workers: with 1, jobs run one after the other, in their order.
    name: what its threads are called.
    """

    def __init__(self, max_workers: int | None = None, *, name: str = "oo-job") -> None:
        self._max_workers = max_workers
        self._name = name
        self._lock = threading.Lock()
        self._jobs: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._workers = 0

    def submit(self, job: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue `job`; return the future of what it returns or raises."""
        future: Future[T] = Future()
        with self._lock:
            if self._workers != self._max_workers:
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
                self._workers += 1
            self._jobs.append((future, partial(job, *args, **kwargs)))
        return future

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._workers -= 1
                    return
                future, job = self._jobs.popleft()
            _run_job(future, job)


async def to_thread_shielded(job: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `job` as `asyncio.to_thread` does, but end a cancelled call, too, only with the job.

    For what must not go on in a thread once somebody has put away what it uses.
    """
    work = asyncio.ensure_future(asyncio.to_thread(job, *args, **kwargs))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait({work})
        raise


def _run_job(future: Future[T], job: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = job()
    except BaseException as error:  # noqa: BLE001  # handed to whoever waits, as every executor does
        future.set_exception(error)
    else:
        future.set_result(result)
