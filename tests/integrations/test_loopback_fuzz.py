"""Whatever bytes arrive: the receiver stands, and only who knows the state ends the wait."""

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from oo_desktop.integrations.loopback import Callback
from tests.integrations.raw_http import CODE, PATH, STATE, get, send, still_waits, visit, waiting
from tests.qt_loop import qt_runner

STATUSES = {0, 200, 400, 403, 404, 405, 421, 431}

fuzz = settings(
    max_examples=150,
    deadline=None,
    # The fixtures only watch the log; examples share nothing.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

fragments = st.sampled_from(
    [
        b"GET ", b"HEAD ", b"POST ", PATH.encode(), b"?", b"code=x", b"&", b"state=", b"error=e",
        b"iss=", b"%", b"%00", b"%zz", b"+", b"#", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b"\r\n",
        b"\n", b"Host: localhost\r\n", b"Host: ", b"Content-Length: 5\r\n", b"\r\n\r\n", b":",
        b"Transfer-Encoding: chunked\r\n", b"Origin: null\r\n", b"\x00", b"\xff", b" ", b"\t",
        b"Content-Length: -1\r\n", b"Connection: upgrade\r\nUpgrade: x\r\n", b"\x16\x03\x01",
    ]
)  # fmt: skip
noise = st.one_of(st.binary(max_size=200), st.lists(fragments, max_size=25).map(b"".join))


@fuzz
@given(noise)
async def test_no_bytes_of_a_stranger_end_the_wait(raw: bytes) -> None:
    async with waiting() as receiver:
        reply = await send(receiver, raw, then_end=True)
        assert reply.status in STATUSES - {200}
        await still_waits(receiver)
    gc.collect(1)  # a task that failed would now be logged, and so fail the test


@fuzz
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80))
async def test_no_query_of_a_stranger_ends_the_wait(query: str) -> None:
    async with waiting() as receiver:
        assert (await visit(receiver, f"{PATH}?{query}")).status == 400
        await still_waits(receiver)


@fuzz
@given(st.data())
async def test_a_damaged_answer_is_taken_whole_or_not_at_all(data: st.DataObject) -> None:
    """One place of a good request is overwritten; the state must still have come through."""
    async with waiting() as receiver:
        good = get(receiver, f"{PATH}?code={CODE}&state={STATE}", "Accept: */*")
        start = data.draw(st.integers(0, len(good)))
        end = data.draw(st.integers(start, min(len(good), start + 6)))
        raw = good[:start] + data.draw(st.one_of(fragments, st.binary(max_size=6))) + good[end:]
        reply = await send(receiver, raw, then_end=True)
        assert reply.status in STATUSES
        if reply.status == 200:
            assert STATE.encode() in raw
            received = await receiver.receive()
            assert bool(received.code) is not bool(received.error)
        else:
            await still_waits(receiver)


async def test_a_crowd_of_strangers_does_not_keep_the_browser_out() -> None:
    async with waiting() as receiver:
        crowd = [send(receiver, b"GET /", then_end=True) for _ in range(80)]
        await asyncio.gather(*crowd)
        await still_waits(receiver)


def test_it_works_on_the_loop_the_tray_runs_on(qapp: QApplication) -> None:
    async def sign_in() -> Callback:
        async with waiting() as receiver:
            assert (await visit(receiver, "/favicon.ico")).status == 404
            await still_waits(receiver)
            return await receiver.receive()

    assert _run_on_qt(qapp, sign_in()) == Callback(CODE, None)


def _run_on_qt(qapp: QApplication, work: Coroutine[Any, Any, Callback]) -> Callback:
    with qt_runner(qapp) as runner:
        return runner.run(work)
