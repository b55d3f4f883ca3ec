"""The answering end of the socket, against peers of every kind."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from oo_desktop.errors import Unavailable
from oo_desktop.ipc.client import ask
from oo_desktop.ipc.instance import InstanceLock
from oo_desktop.ipc.protocol import CommandError, Progress, Request
from oo_desktop.ipc.server import InstanceServer
from tests.qt_loop import qt_runner

Line = dict[str, Any]


async def echo(request: Request, progress: Progress) -> object:
    return {"command": request.command, "args": dict(request.args)}


async def connected(folder: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_unix_connection(folder / "oo-desktop.sock", limit=1 << 24)


async def say(folder: Path, data: bytes, *, end: bool = False) -> list[Line]:
    """Send `data`, and return every line that comes back until the connection is closed."""
    reader, writer = await connected(folder)
    try:
        writer.write(data)
        if end:
            writer.write_eof()
        received = await reader.read()
    finally:
        await hang_up(writer)
    return [json.loads(line) for line in received.splitlines()]


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):  # the server was faster
        await writer.wait_closed()


async def until(condition: Callable[[], bool]) -> None:
    """Let everything run until `condition` holds; the test's own time-out ends a wait in vain."""
    while not condition():  # noqa: ASYNC110  # nothing announces what a test peeks at
        await asyncio.sleep(0.001)


def refusal(lines: list[Line]) -> str:
    """Return the sentence of the one error line in `lines`."""
    assert len(lines) == 1
    assert lines[0]["ok"] is False
    assert lines[0]["code"] in (1, 2)
    return str(lines[0]["error"])


async def test_a_request_gets_its_progress_and_then_its_result(folder: Path, serving: Any) -> None:
    async def handle(request: Request, progress: Progress) -> object:
        progress({"url": "https://example.com"})
        return {"label": "Ada"}

    async with serving(handle):
        lines = await say(folder, b'{"command": "connect", "args": {"provider": "todoist"}}\n')
    assert lines == [
        {"progress": {"url": "https://example.com"}},
        {"ok": True, "result": {"label": "Ada"}},
    ]


async def test_arguments_arrive_as_they_were_sent(folder: Path, serving: Any) -> None:
    args = {"id": "todoist:1:“ä”", "browser": False, "user": None}
    async with serving(echo):
        assert await asyncio.to_thread(ask, folder, "done", args) == {
            "command": "done",
            "args": args,
        }


async def test_an_answer_is_sent_before_what_the_command_set_off(
    folder: Path, serving: Any
) -> None:
    """A click has the menu drawn anew, which takes longer than the click."""
    arrived: list[bytes] = []

    async def handle(request: Request, progress: Progress) -> object:
        asyncio.get_running_loop().call_soon(draw)
        return {}

    def draw() -> None:
        try:
            arrived.append(peer.recv(1024))
        except BlockingIOError:
            arrived.append(b"")

    async with serving(handle):
        with socket(AF_UNIX) as peer:
            peer.setblocking(False)
            peer.connect(str(folder / "oo-desktop.sock"))
            peer.send(b'{"command": "done"}\n')
            await until(lambda: bool(arrived))
    assert arrived == [b'{"ok":true,"result":{}}\n']


async def test_the_last_line_may_lack_its_newline(folder: Path, serving: Any) -> None:
    async with serving(echo):
        lines = await say(folder, b'{"command": "status"}', end=True)
    assert lines[0]["ok"] is True


async def test_what_a_handler_refuses_goes_back_as_its_sentence(folder: Path, serving: Any) -> None:
    async def handle(request: Request, progress: Progress) -> object:
        if request.command == "done":
            raise CommandError("Two accounts have it.", code=2)
        if request.command == "connect":
            raise CommandError("Not this one.", field="password")
        raise Unavailable("Todoist cannot be reached.")

    async with serving(handle):
        assert await say(folder, b'{"command": "done"}\n') == [
            {"ok": False, "error": "Two accounts have it.", "code": 2}
        ]
        assert await say(folder, b'{"command": "connect"}\n') == [
            {"ok": False, "error": "Not this one.", "code": 1, "field": "password"}
        ]
        assert await say(folder, b'{"command": "refresh"}\n') == [
            {"ok": False, "error": "Todoist cannot be reached.", "code": 1}
        ]


async def test_a_mistake_in_a_handler_reaches_the_loop_and_the_peer_hears_that_it_happened(
    folder: Path, serving: Any
) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

    async def handle(request: Request, progress: Progress) -> object:
        raise ZeroDivisionError("planted")

    async with serving(handle):
        sentence = refusal(await say(folder, b'{"command": "status"}\n'))
        await until(lambda: bool(reported))
    assert "planted" not in sentence
    assert isinstance(reported[0]["exception"], ZeroDivisionError)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="an empty line"),
        pytest.param(b"status", id="a bare word"),
        pytest.param(b"\x00\xff\xfe\x80binary", id="binary"),
        pytest.param(b'"status"', id="a text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="no command"),
        pytest.param(b'{"command": 1}', id="a number for a command"),
        pytest.param(b'{"command": "a", "args": []}', id="a list of arguments"),
        pytest.param(b'{"command": "a", "args": {"b": {}}}', id="a deep argument"),
        pytest.param(b'{"command": "a", "args": {"b": NaN}}', id="NaN"),
        pytest.param(b'{"command": "a", "args": {"b": 1e999}}', id="infinity"),
        pytest.param(b'{"command": "a", "args": {"b": "\\ud800"}}', id="a lone surrogate"),
        pytest.param(b'{"command": "\xff"}', id="bad UTF-8"),
        pytest.param(b'\xef\xbb\xbf{"command": "a"}', id="a byte order mark"),
        pytest.param(b"[" * 60_000, id="deep"),
        pytest.param(b'{"command":' * 5_000, id="deep objects"),
        pytest.param(b'{"command": "a", "x": ' + b"[" * 30_000, id="deep, where it is skipped"),
        pytest.param(b'{"command": "a"} {"command": "b"}', id="two requests"),
        pytest.param(b"GET / HTTP/1.1\r", id="HTTP"),
    ],
)
async def test_a_line_that_is_no_request_gets_one_polite_line(
    folder: Path, serving: Any, line: bytes
) -> None:
    async with serving(echo):
        assert refusal(await say(folder, line + b"\n")) == "oO does not understand this request."


async def test_another_version_of_the_protocol_is_told_what_to_do(
    folder: Path, serving: Any
) -> None:
    async with serving(echo):
        assert "another version" in refusal(
            await say(folder, b'{"protocol": 2, "command": "status"}\n')
        )


async def test_a_line_that_never_ends_is_cut_off(folder: Path, serving: Any) -> None:
    async with serving(echo):
        reader, writer = await connected(folder)
        writer.write(b"x" * 10_000_000)
        line = await reader.readline()
        await hang_up(writer)
    assert json.loads(line)["error"] == "The request is too long."


async def test_a_peer_that_is_slow_to_ask_is_told_and_let_go(folder: Path, serving: Any) -> None:
    async with serving(echo, head_deadline=0.05):
        assert "none came" in refusal(await say(folder, b'{"command": '))


async def test_a_peer_that_never_reads_does_not_hold_its_connection(
    folder: Path, serving: Any
) -> None:
    handled = asyncio.Event()

    async def handle(request: Request, progress: Progress) -> object:
        handled.set()
        return "x" * 10_000_000

    async with serving(handle, answer_deadline=0.05) as server:
        _, writer = await connected(folder)
        writer.write(b'{"command": "signals"}\n')
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport can
        await handled.wait()
        await until(lambda: not server._conversations)
        await hang_up(writer)


async def test_a_peer_that_follows_and_does_not_read_is_hung_up_on(
    folder: Path, serving: Any
) -> None:
    told = 0

    async def handle(request: Request, progress: Progress) -> object:
        nonlocal told
        while True:
            progress({"signals": "x" * 500_000})
            told += 1
            await asyncio.sleep(0)

    async with serving(handle) as server:
        _, writer = await connected(folder)
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport can
        writer.write(b'{"command": "watch"}\n')
        await until(lambda: told > 0)
        await until(lambda: not server._conversations)
        await hang_up(writer)


async def test_a_large_answer_arrives_whole(folder: Path, serving: Any) -> None:
    async def handle(request: Request, progress: Progress) -> object:
        return ["x" * 1000] * 5000

    async with serving(handle):
        assert len(await asyncio.to_thread(ask, folder, "signals")) == 5000


async def test_a_hundred_silent_connections_do_not_keep_a_command_out(
    folder: Path, serving: Any
) -> None:
    async with serving(echo) as server:
        silent = [await connected(folder) for _ in range(100)]
        assert (await asyncio.to_thread(ask, folder, "status"))["command"] == "status"
        assert len(server._conversations) <= 32
        first, _ = silent[0]
        assert await first.read() == b""  # the longest silent one went first
        for _, writer in silent:
            await hang_up(writer)


async def test_a_command_too_many_is_refused_and_none_that_runs_is_cut(
    folder: Path, serving: Any
) -> None:
    release = asyncio.Event()
    running: list[str] = []

    async def handle(request: Request, progress: Progress) -> object:
        running.append(request.command)
        await release.wait()
        return {}

    async with serving(handle, connections=2):
        waiting = [asyncio.ensure_future(say(folder, b'{"command": "refresh"}\n')) for _ in "12"]
        await until(lambda: len(running) == 2)
        with pytest.raises(CommandError, match="busy"):
            await asyncio.to_thread(ask, folder, "status")
        release.set()
        assert await asyncio.gather(*waiting) == [[{"ok": True, "result": {}}]] * 2


class Waiting:
    """Is a handler that waits until it is released, and remembers how it ended."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.release = asyncio.Event()
        self.ended: list[str] = []

    async def __call__(self, request: Request, progress: Progress) -> object:
        self.started.set()
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        self.ended.append("done")
        return {}


async def ask_and_leave(folder: Path, command: bytes, handle: Waiting) -> None:
    """Hang up on a command that has begun."""
    _, writer = await connected(folder)
    writer.write(b'{"command": "%b"}\n' % command)
    await handle.started.wait()
    await hang_up(writer)


async def test_a_sign_in_nobody_waits_for_any_more_is_cancelled(folder: Path, serving: Any) -> None:
    handle = Waiting()
    async with serving(handle):
        await ask_and_leave(folder, b"connect", handle)
        await until(lambda: bool(handle.ended))
    assert handle.ended == ["cancelled"]


async def test_any_other_command_is_carried_out_though_its_peer_left(
    folder: Path, serving: Any
) -> None:
    handle = Waiting()
    async with serving(handle) as server:
        await ask_and_leave(folder, b"done", handle)
        handle.release.set()
        await until(lambda: not server._conversations)
    assert handle.ended == ["done"]


async def test_what_still_runs_at_the_end_is_cancelled_and_its_peer_told(
    folder: Path, serving: Any
) -> None:
    handle = Waiting()
    async with serving(handle) as server:
        waiting = asyncio.ensure_future(say(folder, b'{"command": "refresh"}\n'))
        await handle.started.wait()
        await server.stop()
        assert refusal(await waiting) == "oO is ending."
    assert handle.ended == ["cancelled"]


async def test_the_answer_to_quit_arrives_though_oo_ends_at_once(
    folder: Path, serving: Any
) -> None:
    quitting = asyncio.Event()

    async def handle(request: Request, progress: Progress) -> object:
        quitting.set()
        return {}

    async with serving(handle) as server:
        answer = asyncio.ensure_future(say(folder, b'{"command": "quit"}\n'))
        await quitting.wait()
        await server.stop()
        assert await answer == [{"ok": True, "result": {}}]


async def test_stopping_hangs_up_on_silent_peers_and_removes_the_socket(
    folder: Path, serving: Any
) -> None:
    async with serving(echo) as server:
        reader, writer = await connected(folder)
        await until(lambda: bool(server._conversations))
        await server.stop()
        assert await reader.read() == b""
        await hang_up(writer)
        assert not (folder / "oo-desktop.sock").exists()


async def test_a_handler_that_will_not_be_cancelled_does_not_hold_the_end(
    folder: Path, serving: Any
) -> None:
    release, started = asyncio.Event(), asyncio.Event()

    async def handle(request: Request, progress: Progress) -> object:
        started.set()
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return {}

    async with serving(handle, stop_grace=0.02) as server:
        waiting = asyncio.ensure_future(say(folder, b'{"command": "refresh"}\n'))
        await started.wait()
        await server.stop()
        release.set()
        assert await waiting == []


async def test_another_users_process_is_not_heard(folder: Path, serving: Any) -> None:
    handle = Waiting()
    async with serving(handle, owner=12345):
        reader, writer = await connected(folder)
        writer.write(b'{"command": "quit"}\n')
        with suppress(ConnectionResetError):  # as good as silence
            assert await reader.read() == b""
        await hang_up(writer)
    assert not handle.started.is_set()


def test_it_answers_on_qts_loop(folder: Path, qapp: QApplication) -> None:
    async def work() -> None:
        lock = InstanceLock.acquire(folder)
        assert lock is not None
        with lock:
            server = InstanceServer(lock=lock, handle=echo, head_deadline=0.05)
            await server.start()
            silent, writer = await connected(folder)
            assert await asyncio.to_thread(ask, folder, "status") == {
                "command": "status",
                "args": {},
            }
            assert b"none came" in await silent.read()
            await hang_up(writer)
            await server.stop()

    with qt_runner(qapp) as runner:
        runner.run(work())
