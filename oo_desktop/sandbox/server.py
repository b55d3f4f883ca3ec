"""Serve the sandbox on the loopback: in this process's loop, or as the whole process."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from oo_desktop.sandbox.control.routes import Control
from oo_desktop.sandbox.gate import CuttableProtocol, Gate
from oo_desktop.sandbox.google import GOOGLE
from oo_desktop.sandbox.google import api as google_api
from oo_desktop.sandbox.google.api import CalendarApi
from oo_desktop.sandbox.oauth.server import OAuthServer
from oo_desktop.sandbox.todoist.api import TodoistApi, nothing_here
from oo_desktop.sandbox.world import World


def app_for(world: World) -> ASGIApp:
    """Return the ASGI app of one sandbox."""

    async def missing(request: Request, _error: Exception) -> Response:
        of_google = request.url.path.startswith(GOOGLE)
        return google_api.nothing_here() if of_google else nothing_here()

    routes = [
        *Control(world).routes(),
        *OAuthServer(world.todoist.sign_in, world.todoist.grants).routes(),
        *TodoistApi(world.todoist).routes(),
        *OAuthServer(world.google.sign_in, world.google.grants).routes(),
        *CalendarApi(world.google).routes(),
        *world.caldav.routes(),
        *world.ics.routes(),
    ]
    app = Starlette(routes=routes, exception_handlers={404: missing})
    app.router.redirect_slashes = False
    return Gate(app, world)


class SandboxServer(uvicorn.Server):
    """Runs uvicorn on one socket of ours. A signal ends it, and is then over: no re-raising."""

    def __init__(
        self, world: World, listener: socket.socket, *, on_listening: Callable[[str], None]
    ) -> None:
        config = uvicorn.Config(
            app_for(world),
            http=CuttableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
        )
        super().__init__(config)
        self._world = world
        self._listener = listener
        self._on_listening = on_listening
        self._stopped = asyncio.Event()

    @property
    def url(self) -> str:
        """Return where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        url = self.url
        await super().startup(sockets)
        self._on_listening(url)

    def stop(self) -> None:
        """End soon. Call it in the loop's thread."""
        self._world.faults.clear()
        self.should_exit = True
        self._stopped.set()

    async def run_until_stopped(self, *, with_signals: bool) -> None:
        """Serve until `stop`, or until SIGINT or SIGTERM where `with_signals`."""
        self._with_signals = with_signals
        await self.serve([self._listener])

    async def main_loop(self) -> None:
        """Wait for the end, and wake once a second for the Date header, not ten times."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End without uvicorn's pauses: answers that are under way have a second."""
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if under_way := set(self.server_state.tasks):
            _, late = await asyncio.wait(under_way, timeout=1)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for connection in list(self.server_state.connections):
            if isinstance(connection, CuttableProtocol):
                connection.transport.abort()
        await asyncio.sleep(0)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if not self._with_signals or threading.current_thread() is not threading.main_thread():
            yield
            return

        loop = asyncio.get_running_loop()

        def ended(_number: int, _frame: FrameType | None) -> None:
            # A signal handler alone does not wake the loop.
            loop.call_soon_threadsafe(self.stop)

        before = {
            number: signal.signal(number, ended) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(port: int = 0) -> socket.socket:
    """Return a listening socket on the loopback; port 0: any free one. Raises OSError."""
    # The protocol must be said, or asyncio leaves Nagle's algorithm on: 40 ms for every answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


@contextlib.asynccontextmanager
async def serving(world: World, *, port: int = 0) -> AsyncIterator[str]:
    """Serve `world` in the running loop, and yield the URL."""
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = SandboxServer(world, listen(port), on_listening=listening.set_result)
    running = asyncio.create_task(server.run_until_stopped(with_signals=False))
    try:
        await asyncio.wait((running, listening), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        yield await listening
    finally:
        server.stop()
        await running
