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
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimerEvent
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
            soon = asyncio.Handle(callback, args, self, context)
            self._add_callback(soon)
            return soon
        handle = _Timer(self.time() + delay, callback, args, self, context)
        self._timers.start(handle, delay)
        return handle

    def _timer_handle_cancelled(self, handle: "_Timer") -> None:
        """What asyncio's timers call when they are cancelled."""
        self._timers.end(handle)

    def close(self) -> None:
        super().close()
        self._timers.end_all()


class _Timer(asyncio.TimerHandle):
    """number: Qt's, while it waits."""

    __slots__ = ("number",)
    number: int


class _Timers(QObject):
    """Those that wait, by Qt's numbers."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[int, _Timer] = {}

    def start(self, timer: _Timer, delay: float) -> None:
        timer.number = self.startTimer(int(delay * 1000))
        self._waiting[timer.number] = timer

    def end(self, timer: _Timer) -> None:
        # Its number may be another's by now: Qt gives them out again.
        if self._waiting.get(timer.number) is timer:
            del self._waiting[timer.number]
            self.killTimer(timer.number)

    def end_all(self) -> None:
        for timer in tuple(self._waiting.values()):
            self.end(timer)

    def timerEvent(self, event: QTimerEvent) -> None:  # noqa: N802  # Qt's name
        timer = self._waiting.get(event.timerId())
        if timer is not None:
            self.end(timer)
            timer._run()  # noqa: SLF001  # as every loop does
