"""Connections to the loopback receiver, as the world misuses them, and how all of it ends."""

import asyncio
import gc
import socket
import struct

import pytest

from oo_desktop.integrations.loopback import Callback, listening_socket
from oo_desktop.testing import FakeClock, settle
from tests.integrations.raw_http import (
    CODE,
    PATH,
    STATE,
    Reply,
    get,
    hang_up,
    is_rejected,
    port_of,
    send,
    still_waits,
    visit,
    waiting,
)

GOOD = f"{PATH}?code={CODE}&state={STATE}"


async def test_idle_connections_hold_nobody_up_and_end_at_the_deadline() -> None:
    """Row 13: browsers open several connections and may never use them."""
    clock = FakeClock()
    async with waiting(clock=clock, deadline=5) as receiver:
        idle = [await asyncio.open_connection("127.0.0.1", port_of(receiver)) for _ in range(10)]
        await still_waits(receiver)
        await clock.advance(4.9)
        assert not any(reader.at_eof() for reader, _ in idle)
        await clock.advance(0.1)
        assert [await reader.read() for reader, _ in idle] == [b""] * 10
        for _, writer in idle:
            await hang_up(writer)


async def test_one_connection_too_many_ends_the_oldest() -> None:
    """Row 13."""
    async with waiting(clock=FakeClock(), cap=3) as receiver:
        idle = []
        for _ in range(3):
            idle.append(await asyncio.open_connection("127.0.0.1", port_of(receiver)))
            await settle()
        assert (await visit(receiver, "/")).status == 404
        assert await idle[0][0].read() == b""
        assert not idle[1][0].at_eof()
        await still_waits(receiver)
        for _, writer in idle:
            await hang_up(writer)


async def test_a_request_that_drips_is_cut_off_by_one_deadline_for_all_of_it() -> None:
    """Row 14: the deadline does not start over with each byte."""
    clock = FakeClock()
    async with waiting(clock=clock, deadline=5) as receiver:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(receiver))
        for byte in b"GET /":
            writer.write(bytes([byte]))
            await settle()
            await clock.advance(1)
        assert await reader.read() == b""
        await hang_up(writer)
        await still_waits(receiver)


async def test_a_peer_that_never_closes_is_closed_at_the_deadline() -> None:
    """Row 14: also after it got its page."""
    clock = FakeClock()
    async with waiting(clock=clock, deadline=5) as receiver:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(receiver))
        writer.write(get(receiver, "/"))
        assert Reply(await reader.read()).status == 404
        await clock.advance(5)
        writer.write(b"still here")
        await settle()
        await clock.advance(1)
        writer.write(b"and here")
        await settle()
        assert writer.is_closing() or reader.at_eof()
        await hang_up(writer)


async def test_a_request_in_pieces_is_one_request() -> None:
    async with waiting() as receiver:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(receiver))
        for byte in get(receiver, GOOD):
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert Reply(await reader.read()).status == 200
        await hang_up(writer)
        assert await receiver.receive() == Callback(CODE, None)


async def test_cookies_of_other_programs_on_this_machine_fit_in() -> None:
    """Row 15: cookies ignore ports."""
    async with waiting() as receiver:
        reply = await visit(receiver, GOOD, *[f"Cookie: c{n}={'x' * 4000}" for n in range(12)])
        assert reply.status == 200


@pytest.mark.parametrize("start", ["GET /", "GET / HTTP/1.1\r\nCookie: ", "GET / HTTP/1.1\r\n"])
async def test_a_head_without_end_is_refused(start: str) -> None:
    """Row 15."""
    async with waiting() as receiver:
        filler = "a: b\r\n" if start.endswith("1.1\r\n") else "x"
        raw = (start + filler * (100_000 // len(filler))).encode()
        assert (await send(receiver, raw)).status == 431
        await still_waits(receiver)


async def test_a_tls_handshake_is_closed_without_a_word() -> None:
    """Row 17: browsers that insist on https."""
    async with waiting() as receiver:
        hello = bytes.fromhex("16030100c8010000c40303") + bytes(190)
        assert (await send(receiver, hello)).raw == b""
        await still_waits(receiver)


@pytest.mark.parametrize(
    "raw", [b"\r\n\r\n", b"\x00", b"GET\r\n\r\n", b"GET / HTTP/2.0\r\n\r\n", b""]
)
async def test_what_is_no_request_spoils_nothing(raw: bytes) -> None:
    async with waiting() as receiver:
        assert (await send(receiver, raw, then_end=True)).status in (0, 400)
        await still_waits(receiver)


async def test_only_the_first_request_of_a_connection_is_read() -> None:
    async with waiting() as receiver:
        reply = await send(receiver, get(receiver, "/") + get(receiver, GOOD))
        assert reply.status == 404
        assert reply.raw.count(b"HTTP/1.1") == 1
        await still_waits(receiver)


async def test_a_peer_that_resets_spoils_nothing() -> None:
    async with waiting() as receiver:
        for raw in (b"", b"GET /", get(receiver, "/")):
            peer = socket.create_connection(("127.0.0.1", port_of(receiver)))
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.sendall(raw)
            await asyncio.sleep(0)
            peer.close()
            await settle()
        await still_waits(receiver)


async def test_an_answer_whose_browser_left_at_once_still_counts() -> None:
    """Row 23: the tab was closed while the page came."""
    async with waiting() as receiver:
        with socket.create_connection(("127.0.0.1", port_of(receiver))) as peer:
            peer.sendall(get(receiver, GOOD))
        assert await receiver.receive() == Callback(CODE, None)


# The end


async def _assert_gone(port: int) -> None:
    assert await is_rejected(port)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    listening_socket("127.0.0.1", port).close()


async def test_after_the_answer_the_port_is_closed_and_nothing_is_left() -> None:
    """Rows 7 and 26: a late callback finds nobody."""
    async with waiting() as receiver:
        port = port_of(receiver)
        await still_waits(receiver)
    await _assert_gone(port)


async def test_the_page_arrives_though_the_receiver_closes_at_once() -> None:
    """Row 33: the browser must not show an error after a sign-in that went well."""
    async with waiting() as receiver:
        with socket.create_connection(("127.0.0.1", port_of(receiver))) as browser:
            browser.sendall(get(receiver, GOOD))
            await receiver.receive()
            await receiver.__aexit__(None, None, None)
            raw = b"".join(iter(lambda: browser.recv(4096), b""))
    reply = Reply(raw)
    assert int(reply.headers["content-length"]) == len(reply.body.encode())


async def test_a_wait_that_was_given_up_can_be_taken_up_again() -> None:
    """Row 23: whoever waits may have a deadline; the receiver has none."""
    async with waiting() as receiver:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receiver.receive(), 0)
        await still_waits(receiver)


async def test_a_cancelled_sign_in_closes_the_port_with_connections_open() -> None:
    """Rows 23 and 27: also when the program quits."""
    ports: asyncio.Queue[int] = asyncio.Queue()

    async def sign_in() -> None:
        async with waiting(clock=FakeClock()) as receiver:
            ports.put_nowait(port_of(receiver))
            await receiver.receive()

    task = asyncio.create_task(sign_in())
    port = await ports.get()
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    idle[0][1].write(b"GET /")
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for reader, writer in idle:
        assert await reader.read() == b""
        await hang_up(writer)
    await _assert_gone(port)


def test_a_loop_that_ends_under_an_open_connection_leaves_nothing_open() -> None:
    """Row 27: a transport that nobody closed would warn, and so fail this test."""

    async def sign_in(ready: asyncio.Future[int]) -> None:
        async with waiting() as receiver:
            ready.set_result(port_of(receiver))
            await receiver.receive()

    async def quit_meanwhile() -> socket.socket:
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        tasks.append(asyncio.create_task(sign_in(ready)))
        peer = socket.create_connection(("127.0.0.1", await ready))
        peer.sendall(b"GET /")
        await settle()
        return peer

    tasks: list[asyncio.Task[None]] = []
    with asyncio.run(quit_meanwhile()) as peer:
        assert peer.recv(1) == b""
    assert tasks[0].cancelled()
    gc.collect()


@pytest.mark.parametrize("steps", range(6))
async def test_a_cancellation_while_opening_leaves_no_port_open(steps: int) -> None:
    """Row 27."""
    opened: list[socket.socket] = []

    def bind(host: str, port: int) -> socket.socket:
        opened.append(listening_socket(host, port))
        return opened[-1]

    async def sign_in() -> None:
        async with waiting(bind=bind) as receiver:
            await receiver.receive()

    task = asyncio.create_task(sign_in())
    await settle(steps)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert all(listening.fileno() == -1 for listening in opened)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_two_sign_ins_at_once_do_not_meet() -> None:
    """Row 25: each has its own port and state."""
    async with waiting() as one, waiting() as other:
        assert port_of(one) != port_of(other)
        assert (await visit(one, f"{PATH}?code=x&state=of-the-other")).status == 400
        await still_waits(other)
        await still_waits(one)
