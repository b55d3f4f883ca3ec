"""Any bytes at all, sent to a real server on its own thread."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.ipc.client import ask
from oo_desktop.ipc.instance import InstanceLock
from oo_desktop.ipc.protocol import Progress, Request
from oo_desktop.ipc.server import InstanceServer

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
ALMOST = st.fixed_dictionaries(
    {}, optional={"command": JSON, "args": JSON, "protocol": JSON, "ä": JSON}
).map(lambda message: json.dumps(message).encode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the folder of a server that would stop at the first exception that escapes."""
    folder = tmp_path_factory.mktemp("fuzz") / "run"
    lock = InstanceLock.acquire(folder)
    assert lock is not None
    loop = asyncio.new_event_loop()
    escaped: list[object] = []
    loop.set_exception_handler(lambda _, context: escaped.append(context))

    async def handle(request: Request, progress: Progress) -> object:
        return request.command

    server = InstanceServer(lock=lock, handle=handle)
    loop.run_until_complete(server.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield folder
    assert ask(folder, "status") == "status"
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    lock.release()
    assert escaped == []


@given(data=st.binary(max_size=2000) | ALMOST)
def test_any_bytes_get_at_most_one_line_and_harm_nothing(folder: Path, data: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(folder / "oo-desktop.sock"))
        with suppress(OSError):  # it answered the first line and hung up
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
        with peer.makefile("rb") as answers:
            lines = answers.read().splitlines()
    assert len(lines) <= 1
    if data:
        answer = json.loads(lines[0])
        assert answer["ok"] is True or answer["code"] in (1, 2)
