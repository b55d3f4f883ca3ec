"""Talks to the loopback receiver byte by byte, as browsers and strangers do."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypedDict, Unpack
from urllib.parse import urlsplit

from oo_desktop.clock import Clock
from oo_desktop.integrations.loopback import Callback, LoopbackReceiver, OpenSocket

PATH = "/api/integrations/todoist/callback"
STATE = "s3cret-state-of-this-sign-in-0123456789abcdef"
CODE = "planted-code-4/0Ab"


class Options(TypedDict, total=False):
    """What a test may choose of a receiver."""

    ports: tuple[int, ...]
    advertise: str
    issuers: Collection[str]
    clock: Clock
    deadline: float
    cap: int
    bind: OpenSocket


@asynccontextmanager
async def waiting(**options: Unpack[Options]) -> AsyncIterator[LoopbackReceiver]:
    """A receiver on a free port that waits for `STATE`."""
    if "ports" not in options:
        options["ports"] = (0,)
    async with LoopbackReceiver(path=PATH, state=STATE, **options) as receiver:
        yield receiver


def port_of(receiver: LoopbackReceiver) -> int:
    port = urlsplit(receiver.redirect_uri).port
    assert port is not None
    return port


def get(receiver: LoopbackReceiver, target: str, *headers: str, method: str = "GET") -> bytes:
    """A request as browsers write it."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: localhost:{port_of(receiver)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass(frozen=True)
class Reply:
    """Everything a connection brought until it was closed; status 0: nothing at all."""

    raw: bytes

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1]) if self.raw else 0

    @property
    def headers(self) -> dict[str, str]:
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def body(self) -> str:
        return self.raw.partition(b"\r\n\r\n")[2].decode()


async def send(
    receiver: LoopbackReceiver, raw: bytes, *, address: str = "127.0.0.1", then_end: bool = False
) -> Reply:
    """Send `raw` on a connection of its own; return what came back until the end.

    then_end: say that nothing more will come, so that what is no whole request ends too.
    """
    reader, writer = await asyncio.open_connection(address, port_of(receiver))
    try:
        writer.write(raw)
        if then_end:
            writer.write_eof()
        return Reply(await reader.read(-1))
    except OSError:  # closed on us; as good as no answer
        return Reply(b"")
    finally:
        await hang_up(writer)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def visit(
    receiver: LoopbackReceiver, target: str, *headers: str, method: str = "GET"
) -> Reply:
    return await send(receiver, get(receiver, target, *headers, method=method))


async def still_waits(receiver: LoopbackReceiver) -> None:
    """Whatever came before did not end the wait: the browser's own answer still gets through."""
    reply = await visit(receiver, f"{PATH}?code={CODE}&state={STATE}")
    assert reply.status == 200
    assert "Return to oO" in reply.body
    assert await receiver.receive() == Callback(CODE, None)


async def is_rejected(port: int, address: str = "127.0.0.1") -> bool:
    """Whether nobody listens there."""
    try:
        _, writer = await asyncio.open_connection(address, port)
    except OSError:
        return True
    await hang_up(writer)
    return False
