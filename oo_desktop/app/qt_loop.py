"""Makes Qt's loop asyncio's, one where a timer that is cancelled is gone.

qasync 0.28 keeps a cancelled timer, with all that its callback holds, until it would have fired:
every deadline that is met leaves one behind, and wakes the machine for nothing when its time comes.
A closed loop's timers still fire, too, in the middle of whatever Qt does next.
Its `call_later` asks `asyncio.iscoroutinefunction`, which Python 3.14 warns of and 3.16 does not
have: it is not called.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any, NamedTuple

from PySide6.QtCore import QBasicTimer, QCoreApplication, QObject, QTimerEvent
from qasync import QEventLoop


class QtLoop(QEventLoop):  # type: ignore[misc]  # qasync ships no types
    """Runs asyncio on Qt's loop: one for each `asyncio.Runner`."""

    def __init__(self, app: QCoreApplication) -> None:
        self._timers = _Timers()
        super().__init__(app)

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
