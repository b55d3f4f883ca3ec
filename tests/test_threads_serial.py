import threading
from collections.abc import Callable

import pytest

from oo_desktop.threads import Writer


@pytest.fixture
def gate() -> threading.Event:
    """What the first job waits for."""
    return threading.Event()


def after(gate: threading.Event, done: list[str]) -> Callable[[], None]:
    def job() -> None:
        assert gate.wait(10)
        done.append("first")

    return job


def test_jobs_run_one_after_the_other_in_their_order(gate: threading.Event) -> None:
    writer, done = Writer(), list[str]()
    first = writer.submit(after(gate, done))
    others = [writer.submit(done.append, name) for name in ("second", "third")]
    assert done == []
    gate.set()
    for future in (first, *others):
        future.result(timeout=10)
    assert done == ["first", "second", "third"]


def test_a_job_that_fails_holds_up_no_other() -> None:
    writer = Writer()
    failing, good = writer.submit(int, "no number"), writer.submit(int, "7")
    with pytest.raises(ValueError, match="no number"):
        failing.result(timeout=10)
    assert good.result(timeout=10) == 7


def test_a_job_nobody_wants_any_more_is_not_begun(gate: threading.Event) -> None:
    writer, done = Writer(), list[str]()
    first = writer.submit(after(gate, done))
    unwanted = writer.submit(done.append, "unwanted")
    last = writer.submit(done.append, "last")
    assert unwanted.cancel()
    gate.set()
    first.result(timeout=10)
    last.result(timeout=10)
    assert done == ["first", "last"]


def test_there_is_a_thread_only_while_there_is_work() -> None:
    writer = Writer()
    for _ in range(3):
        thread = writer.submit(threading.current_thread).result(timeout=10)
        assert thread.daemon
        thread.join(10)
        assert not thread.is_alive()
