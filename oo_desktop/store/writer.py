"""A thread for what takes too long for the loop; it is there only while there is something to do.

A thread that waits for work would cost every start a connection, a stack and their memory, for work
that comes every two minutes at most.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


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
            _do(future, job)


def _do(future: Future[Any], job: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = job()
    except BaseException as error:  # noqa: BLE001  # handed to whoever waits, as every executor does
        future.set_exception(error)
    else:
        future.set_result(result)
