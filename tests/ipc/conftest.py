"""Give a folder to meet in, and an instance that listens there."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from oo_desktop.ipc.instance import InstanceLock
from oo_desktop.ipc.protocol import RequestHandler
from oo_desktop.ipc.server import InstanceServer

Serving = Callable[..., AbstractAsyncContextManager[InstanceServer]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def serving(folder: Path) -> Serving:
    """Return `async with serving(handle)`: a running instance, stopped at the end."""

    @asynccontextmanager
    async def serve(handle: RequestHandler, **options: Any) -> AsyncIterator[InstanceServer]:
        lock = InstanceLock.acquire(folder)
        assert lock is not None
        with lock:
            server = InstanceServer(lock=lock, handle=handle, **options)
            await server.start()
            try:
                yield server
            finally:
                await server.stop()

    return serve
