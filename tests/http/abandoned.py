"""Bodies given up half-way, over real sockets; alone, the same on the loop that the app runs on.

Qt's loop does not look after asynchronous generators, as asyncio's own does: one that is left
half-way is finalised by whatever drops it, in the middle of something else.
"""

import asyncio
import gc
import gzip
from collections.abc import Awaitable, Callable

from oo_desktop.http.answers import Answer, AnswerLost
from oo_desktop.http.requests import Http
from oo_desktop.testing import FakeClock
from tests.http.scripted import Reply, ScriptedService

MIB = 1024 * 1024
GZIP = {"content-encoding": "gzip"}
DRIP = Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n", then="drip")

REPLIES = {
    "too large": Reply(body=b"x" * 4 * MIB),
    "too large inside": Reply(body=gzip.compress(bytes(64 * MIB), 1), headers=GZIP),
    "bad gzip": Reply(body=b"no gzip at all " * 100_000, headers=GZIP),
    "gzip that turns bad": Reply(body=gzip.compress(b"x" * 9) + b"y" * 2 * MIB, headers=GZIP),
    "not asked for": Reply(body=b"x" * MIB, headers={"content-encoding": "br"}),
    "breaks off": Reply(raw=DRIP.raw, then="close"),
    "too late": DRIP,
}
"""Bodies that end as lost answers."""

TURNS = 40
"""Turns of the loop after which a request is cancelled; the body that is cut takes hundreds."""


async def given_up(reply: Reply) -> None:
    """Ask for `reply` and lose it; then the same client must still be of use."""
    deadline = 0.3 if reply is DRIP else 10

    async def lose(http: Http, service: ScriptedService) -> None:
        service.replies = [reply]
        try:
            await http.request("GET", service.url)
        except AnswerLost:
            return
        raise AssertionError("the answer was taken")

    await _then_of_use(lose, deadline)


async def cancelled_in_the_body() -> None:
    """Cancel while nothing but a byte now and then arrives."""

    async def cancel(http: Http, service: ScriptedService) -> None:
        service.replies = [DRIP]
        request = asyncio.create_task(http.request("GET", service.url))
        await service.until(lambda: service.asked)
        await asyncio.sleep(0.05)
        await _cancelled(request)

    await _then_of_use(cancel, 10)


async def cancelled_while_inflating() -> None:
    """Cancel after each number of turns, from the answer's head to the middle of its body."""
    reply = Reply(body=gzip.compress(bytes(64 * MIB), 1), headers=GZIP)

    async def cancel(http: Http, service: ScriptedService) -> None:
        for turns in range(TURNS):
            service.asked.clear()
            service.replies = [reply]
            request = asyncio.create_task(http.request("GET", service.url))
            await service.until(lambda: service.asked)
            for _ in range(turns):
                await asyncio.sleep(0)
            await _cancelled(request)

    await _then_of_use(cancel, 10, max_bytes=128 * MIB)


async def _cancelled(request: asyncio.Task[Answer]) -> None:
    request.cancel()
    await asyncio.wait({request})
    assert request.cancelled()


async def _then_of_use(
    scenario: Callable[[Http, ScriptedService], Awaitable[None]],
    deadline: float,
    max_bytes: int = MIB,
) -> None:
    async with ScriptedService().serving() as service:
        http = Http(clock=FakeClock(), deadline=deadline, max_bytes=max_bytes)
        await scenario(http, service)
        gc.collect()
        await service.gone()
        assert (await http.request("GET", service.url)).status == 200
        await http.aclose()
    gc.collect()


async def all_of_them() -> None:
    for reply in REPLIES.values():
        await given_up(reply)
    await cancelled_in_the_body()
    await cancelled_while_inflating()


def main() -> None:
    from PySide6.QtCore import QCoreApplication

    from oo_desktop.app.qt_loop import QtLoop

    application = QCoreApplication([])
    with asyncio.Runner(loop_factory=lambda: QtLoop(application)) as runner:
        runner.run(all_of_them())
    gc.collect()


if __name__ == "__main__":
    main()
