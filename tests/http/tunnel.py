"""Be a proxy on this machine: tunnels asked for by CONNECT, all to one port of the loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

REFUSED = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"
GRANTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Tunnel:
    """asked: the first line of each request, as it arrived.

    leads_to: the port that each tunnel leads to; None refuses them.
    """

    def __init__(self, leads_to: int | None = None) -> None:
        self.asked: list[str] = []
        self.leads_to = leads_to
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Tunnel"]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head.decode().split("\r\n")[0])
            if self.leads_to is None:
                writer.write(REFUSED)
                await writer.drain()
            else:
                writer.write(GRANTED)
                await _joined(reader, writer, self.leads_to)
        writer.close()
        self._tasks.discard(task)


async def _joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await asyncio.gather(_copied(reader, far_writer), _copied(far_reader, writer))
    finally:
        far_writer.close()


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
