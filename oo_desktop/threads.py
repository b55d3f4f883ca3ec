"""Threads that never hold the program's end."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonExecutor(Executor):
    """Runs each job in a daemon thread of its own.

    A loop's usual executor waits for its threads at exit, and a look-up of a name that nobody
    answers may take half a minute. Jobs here are few: name look-ups and the late imports.
    """

    def submit(self, job: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        threading.Thread(
            target=_work, args=(future, job, args, kwargs), name="oo-job", daemon=True
        ).start()
        return future


class Writer(Executor):
    """Runs jobs one after the other, in their order, in a daemon thread: none holds the exit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._thread: threading.Thread | None = None

    def submit(self, job: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        with self._lock:
            self._jobs.append((future, lambda: job(*args, **kwargs)))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="oo-writer", daemon=True)
                self._thread.start()
        return future

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._thread = None
                    return
                future, job = self._jobs.popleft()
            _work(future, job, (), {})


async def in_thread_to_the_end(job: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """As `asyncio.to_thread`, but a cancelled call, too, ends only when the job has ended.

    For what must not go on in a thread once somebody has put away what it uses.
    """
    work = asyncio.ensure_future(asyncio.to_thread(job, *args, **kwargs))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait({work})
        raise


def _work(
    future: Future[Any], job: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = job(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001  # handed to whoever waits, as every executor does
        future.set_exception(error)
    else:
        future.set_result(result)
