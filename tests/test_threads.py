import asyncio
import subprocess
import sys
import threading

import pytest

from oo_desktop.threads import DaemonExecutor, in_thread_to_the_end


def test_a_job_runs_in_a_thread_of_its_own_and_hands_back_what_it_returns() -> None:
    future = DaemonExecutor().submit(threading.get_ident)
    assert future.result(timeout=10) != threading.get_ident()


def test_what_a_job_raises_reaches_whoever_waits() -> None:
    future = DaemonExecutor().submit(int, "no number")
    with pytest.raises(ValueError, match="no number"):
        future.result(timeout=10)


def test_a_job_that_never_ends_does_not_hold_the_exit() -> None:
    program = (
        "import asyncio, threading\n"
        "from PySide6.QtCore import QCoreApplication\n"
        "from oo_desktop.app.qt_loop import QtLoop\n"
        "from oo_desktop.threads import DaemonExecutor\n"
        "async def main():\n"
        "    loop = asyncio.get_running_loop()\n"
        "    loop.set_default_executor(DaemonExecutor())\n"
        "    loop.run_in_executor(None, threading.Event().wait)\n"
        "app = QCoreApplication([])\n"
        "with asyncio.Runner(loop_factory=lambda: QtLoop(app)) as runner:\n"
        "    runner.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20)


async def test_what_must_end_hands_back_what_it_returns_and_raises() -> None:
    assert await in_thread_to_the_end(int, "7") == 7
    with pytest.raises(ValueError, match="no number"):
        await in_thread_to_the_end(int, "no number")


async def test_what_must_end_is_waited_for_even_by_who_is_cancelled() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        may_end.wait(10)
        ended.set()

    waiting = asyncio.create_task(in_thread_to_the_end(job))
    await asyncio.to_thread(begun.wait, 10)
    waiting.cancel()
    await asyncio.sleep(0.05)
    assert not waiting.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended.is_set()
