import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from oo_desktop.threads import DaemonExecutor, to_thread_shielded


@pytest.fixture
def gate() -> threading.Event:
    """What the first job waits for."""
    return threading.Event()


def after(gate: threading.Event, done: list[str]) -> Callable[[], None]:
    def job() -> None:
        assert gate.wait(10)
        done.append("first")

    return job


def one_at_a_time() -> DaemonExecutor:
    return DaemonExecutor(max_workers=1)


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


def test_a_job_that_takes_long_holds_up_no_other(gate: threading.Event) -> None:
    executor, done = DaemonExecutor(), list[str]()
    first = executor.submit(after(gate, done))
    executor.submit(done.append, "second").result(timeout=10)
    gate.set()
    first.result(timeout=10)
    assert done == ["second", "first"]


def test_jobs_run_one_after_the_other_in_their_order(gate: threading.Event) -> None:
    executor, done = one_at_a_time(), list[str]()
    first = executor.submit(after(gate, done))
    others = [executor.submit(done.append, name) for name in ("second", "third")]
    assert done == []
    gate.set()
    for future in (first, *others):
        future.result(timeout=10)
    assert done == ["first", "second", "third"]


def test_a_job_that_fails_holds_up_no_other() -> None:
    executor = one_at_a_time()
    failing, good = executor.submit(int, "no number"), executor.submit(int, "7")
    with pytest.raises(ValueError, match="no number"):
        failing.result(timeout=10)
    assert good.result(timeout=10) == 7


def test_a_job_nobody_wants_any_more_is_not_begun(gate: threading.Event) -> None:
    executor, done = one_at_a_time(), list[str]()
    first = executor.submit(after(gate, done))
    unwanted = executor.submit(done.append, "unwanted")
    last = executor.submit(done.append, "last")
    assert unwanted.cancel()
    gate.set()
    first.result(timeout=10)
    last.result(timeout=10)
    assert done == ["first", "last"]


def test_there_is_a_thread_only_while_there_is_work() -> None:
    executor = one_at_a_time()
    for _ in range(3):
        thread = executor.submit(threading.current_thread).result(timeout=10)
        assert thread.daemon
        thread.join(10)
        assert not thread.is_alive()


async def test_what_must_end_hands_back_what_it_returns_and_raises() -> None:
    assert await to_thread_shielded(int, "7") == 7
    with pytest.raises(ValueError, match="no number"):
        await to_thread_shielded(int, "no number")


async def test_what_must_end_is_waited_for_even_by_who_is_cancelled() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        may_end.wait(10)
        ended.set()

    waiting = asyncio.create_task(to_thread_shielded(job))
    await asyncio.to_thread(begun.wait, 10)
    waiting.cancel()
    await asyncio.sleep(0.05)
    assert not waiting.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended.is_set()
