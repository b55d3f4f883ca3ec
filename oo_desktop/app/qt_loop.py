"""Makes Qt's loop asyncio's, one where a timer that is cancelled is gone.

qasync 0.28 keeps a cancelled timer, with all that its callback holds, until it would have fired:
every deadline that is met leaves one behind, and wakes the machine for nothing when its time comes.
A closed loop's timers still fire, too, in the middle of whatever Qt does next.
Its `call_later` asks `asyncio.iscoroutinefunction`, which Python 3.14 warns of and 3.16 does not
have: it is not called.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any, NamedTuple, TypeVar

from PySide6.QtCore import QBasicTimer, QCoreApplication, QObject, QTimerEvent
from qasync import QEventLoop

T = TypeVar("T")

ENDING_SECONDS = 5.0
"""Of a session that ends, which waits for nobody for long."""

TURN_SECONDS = 0.002
"""Between two turns of a loop that ends each time at once."""


class QtLoop(QEventLoop):  # type: ignore[misc]  # qasync ships no types
    """Runs asyncio on Qt's loop: one for each `asyncio.Runner`.

    ending_seconds: how long everything has to end after Qt's loop has.
    """

    def __init__(self, app: QCoreApplication, *, ending_seconds: float = ENDING_SECONDS) -> None:
        self._timers = _Timers()
        self._ending_seconds = ending_seconds
        super().__init__(app)

    def run_until_complete(self, future: Awaitable[T]) -> T:
        """Run until `future` is done, also where Qt ends its own loop before that.

        It does so when the session manager asks for it (QEvent::Quit) and, each time anew, once
        its X server is gone. What ends has to be ended in order nevertheless: whoever listens to
        `aboutToQuit` begins with that. Raises RuntimeError where it takes too long.
        """
        work = asyncio.ensure_future(future, loop=self)
        work.add_done_callback(self._stop_running)
        try:
            self.run_forever()
            if not work.done():
                self._run_on(work)
        finally:
            work.remove_done_callback(self._stop_running)
        QCoreApplication.processEvents()  # what was done last may have left some
        return work.result()

    def _run_on(self, work: "asyncio.Future[T]") -> None:
        """Run until `work` is done, or for as long as it has. Raises RuntimeError after that."""
        late = self.create_future()
        late.add_done_callback(self._stop_running)
        deadline = self.call_later(self._ending_seconds, late.set_result, None)
        while not work.done():
            if late.done():
                raise RuntimeError("Qt's loop ended, and what runs on it did not.")
            time.sleep(TURN_SECONDS)
            self.run_forever()
        deadline.cancel()

    def _stop_running(self, _done: object) -> None:
        self.stop()

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.Handle:
        if delay <= 0:  # the next turn of the loop: over before anybody cancels it
            return self._add_callback(asyncio.Handle(callback, args, self, context))
        handle = _Timer(self.time() + delay, callback, args, self, context)
        handle.number = self._timers.start(handle, delay)
        return handle

    def _add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        """What qasync calls for whatever is to be run."""
        self._timers.start(handle, delay)
        return handle

    def _timer_handle_cancelled(self, handle: "_Timer") -> None:
        """What asyncio's timers call when they are cancelled."""
        self._timers.end(handle.number, handle)

    def close(self) -> None:
        super().close()
        self._timers.end_all()


class _Timer(asyncio.TimerHandle):
    """number: Qt's, while it waits."""

    __slots__ = ("number",)
    number: int


class _Waiting(NamedTuple):
    """A handle, and what says that its time has come."""

    handle: asyncio.Handle
    clock: QBasicTimer


class _Timers(QObject):
    """Those that wait, by Qt's numbers.

    Each is ended by its `QBasicTimer`: for `killTimer` PySide makes classes of all that `Qt` names,
    which takes 1 MB and 20 ms.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[int, _Waiting] = {}

    def start(self, handle: asyncio.Handle, delay: float) -> int:
        clock = QBasicTimer()
        clock.start(max(0, int(delay * 1000)), self)
        self._waiting[clock.timerId()] = _Waiting(handle, clock)
        return clock.timerId()

    def end(self, number: int, handle: asyncio.Handle) -> None:
        waiting = self._waiting.get(number)
        # Its number may be another's by now: Qt gives them out again.
        if waiting is not None and waiting.handle is handle:
            del self._waiting[number]
            waiting.clock.stop()

    def end_all(self) -> None:
        for number, waiting in tuple(self._waiting.items()):
            self.end(number, waiting.handle)

    def timerEvent(self, event: QTimerEvent) -> None:  # noqa: N802  # Qt's name
        waiting = self._waiting.get(event.timerId())
        if waiting is None:
            return
        self.end(event.timerId(), waiting.handle)
        if not waiting.handle.cancelled():
            waiting.handle._run()  # noqa: SLF001  # as every loop does
