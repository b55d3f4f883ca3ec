import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from tests.faults.swift import SwiftClock, run_swiftly


def test_an_hour_costs_nothing() -> None:
    async def wait() -> float:
        clock = SwiftClock()
        before = clock.now()
        await clock.sleep(3600)
        return (clock.now() - before).total_seconds()

    assert run_swiftly(wait()) >= 3600


def test_time_waits_for_threads() -> None:
    async def work() -> bool:
        async with asyncio.timeout(1000):
            await asyncio.to_thread(time.sleep, 0.05)
        return True

    assert run_swiftly(work())


def test_the_end_waits_for_threads_that_still_run() -> None:
    async def leave_one() -> None:
        threads = ThreadPoolExecutor()
        threads.submit(time.sleep, 0.05)
        asyncio.get_running_loop().set_default_executor(threads)

    run_swiftly(leave_one())


def test_sockets_are_heard_before_time_goes_on() -> None:
    async def talk() -> bytes:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readline())
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"hello\n")
        async with asyncio.timeout(0.5):
            said = await reader.read()
        writer.close()
        server.close()
        await server.wait_closed()
        return said

    assert run_swiftly(talk()) == b"hello\n"
