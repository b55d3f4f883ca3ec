"""Run the sandbox as a process of its own: `python -m oo_desktop.sandbox`.

Prints one line, `{"url": "http://127.0.0.1:PORT"}`, once it listens. SIGINT and SIGTERM end it, and
with --until-stdin-closes so does the end of whoever started it.
"""

import argparse
import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable

from oo_desktop.sandbox.server import SandboxServer, listen
from oo_desktop.sandbox.world import World, machine_zone


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop. 0 ended, 1 the port is taken, 2 wrong usage."""
    options = _parsed(arguments)
    try:
        listener = listen(options.port)
    except OSError as error:
        print(f"The sandbox cannot listen on port {options.port}: {error}.", file=sys.stderr)  # noqa: T201  # a command
        return 1
    server = SandboxServer(World(zone=options.zone), listener, on_listening=_announce)
    asyncio.run(_serve(server, until_stdin_closes=options.until_stdin_closes))
    return 0


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m oo_desktop.sandbox",
        description="A Todoist and a Google of your own, on this machine. Control page: /sandbox.",
    )
    parser.add_argument("--port", type=int, default=0, help="0, the default: any free one")
    parser.add_argument("--zone", default=machine_zone(), help="where its people live (IANA name)")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end when standard input does"
    )
    return parser.parse_args(arguments)


def _announce(url: str) -> None:
    print(json.dumps({"url": url}), flush=True)  # noqa: T201  # the line its parent waits for


async def _serve(server: SandboxServer, *, until_stdin_closes: bool) -> None:
    if until_stdin_closes:
        loop = asyncio.get_running_loop()
        stop: Callable[[], object] = lambda: loop.call_soon_threadsafe(server.stop)  # noqa: E731  # named for its type
        threading.Thread(target=_wait_for_end_of_stdin, args=(stop,), daemon=True).start()
    await server.run_until_stopped(with_signals=True)


def _wait_for_end_of_stdin(stop: Callable[[], object]) -> None:
    # os.read, not sys.stdin: a thread blocked in the latter holds a lock the interpreter wants.
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    stop()


if __name__ == "__main__":
    sys.exit(main())
