"""Answer on the socket: bounded in every direction, so that no peer can harm the tray.

A peer may send nothing, garbage, a gigabyte, one byte an hour, or many connections at once; it may
never read, or vanish. It gets one polite line where it can still be reached, and its connection is
closed. Only this user's processes are heard at all.

The socket is only ever opened with the lock in hand, which is why the lock is an argument.
"""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Mapping

import msgspec
from msgspec import Struct

from oo_desktop.errors import OoError
from oo_desktop.ipc.client import own_uid, peer_uid
from oo_desktop.ipc.instance import InstanceLock, NotOnWindows
from oo_desktop.ipc.protocol import (
    ENDS_WITH_PEER,
    FAILED,
    MAX_REQUEST,
    MAX_UNREAD,
    PROTOCOL,
    WRONG_USAGE,
    CommandError,
    Request,
    RequestHandler,
)
from oo_desktop.language import translated


class _Message(Struct, frozen=True):
    """A request line. Arguments are flat, so nothing in them can be deep."""

    command: str
    args: dict[str, str | int | float | bool | None] = {}
    protocol: int = PROTOCOL


class _PeerGone(Exception):
    """Nobody is left to answer."""


class InstanceServer:
    """Hears requests for as long as it is started, and hands each to `handle`.

    lock: held by this process, and longer than the server runs.
    head_deadline: seconds a peer has for its request.
    answer_deadline: seconds a peer may leave an answer unread.
    stop_grace: seconds that `stop` gives answers on their way, and handlers that are cancelled.
    connections: how many at once; more push out those that have not asked anything yet.
    owner: the uid that is heard; by default this user's.
    """

    def __init__(
        self,
        *,
        lock: InstanceLock,
        handle: RequestHandler,
        head_deadline: float = 5.0,
        answer_deadline: float = 5.0,
        stop_grace: float = 1.0,
        connections: int = 32,
        owner: int | None = None,
    ) -> None:
        self._lock = lock
        self._handle = handle
        self._head_deadline = head_deadline
        self._answer_deadline = answer_deadline
        self._stop_grace = stop_grace
        self._stopping = False
        self._connections = connections
        self._owner = own_uid() if owner is None else owner
        self._server: asyncio.Server | None = None
        self._conversations: dict[_Conversation, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Listen. Raises InstanceError."""
        if sys.platform == "win32":
            raise NotOnWindows
        self._server = await asyncio.start_unix_server(
            self._accept, sock=self._lock.listen(), limit=MAX_REQUEST
        )

    async def stop(self) -> None:
        """Stop: what is being answered is answered, what still runs is cancelled and its peer told.

        Not to be awaited by a handler: it would wait for itself.
        """
        if self._server is None:
            return
        self._stopping = True
        self._lock.remove_socket()
        self._server.close()
        running = dict(self._conversations)
        for conversation in running:
            conversation.end()
        if running:
            await asyncio.wait(running.values(), timeout=self._stop_grace)
        for conversation in self._conversations:
            conversation.hang_up()
        if self._conversations:
            await asyncio.wait(self._conversations.values(), timeout=self._stop_grace)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = _Conversation(
            reader, writer, head_deadline=self._head_deadline, answer_deadline=self._answer_deadline
        )
        if self._stopping or self._stranger(writer):
            conversation.hang_up()
            return
        full = not self._make_room()
        task = asyncio.get_running_loop().create_task(
            conversation.refuse(
                translated("oO is busy with too many commands. Try again in a moment.")
            )
            if full
            else conversation.hold(self._handle)
        )
        self._conversations[conversation] = task
        task.add_done_callback(lambda task: self._ended(conversation, task))

    def _stranger(self, writer: asyncio.StreamWriter) -> bool:
        # asyncio wraps the socket, but in something that has all of its questions.
        peer: socket.socket = writer.get_extra_info("socket")
        uid = peer_uid(peer)
        return uid is not None and uid != self._owner

    def _make_room(self) -> bool:
        """Whether one more may come; hangs up on the longest silent one where that makes room."""
        open_now = [held for held in self._conversations if not held.hung_up]
        if len(open_now) < self._connections:
            return True
        for conversation in open_now:
            if conversation.silent:
                conversation.hang_up()
                return True
        return False

    def _ended(self, conversation: "_Conversation", task: asyncio.Task[None]) -> None:
        del self._conversations[conversation]
        if task.cancelled():
            return
        if error := task.exception():
            # A bug in a handler. The loop's own handler decides, as for any other task.
            asyncio.get_running_loop().call_exception_handler(
                {
                    "message": "a request could not be handled",
                    "exception": error,
                    "task": task,
                }
            )


class _Conversation:
    """One connection: a request, any progress, one answer."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        head_deadline: float,
        answer_deadline: float,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._head_deadline = head_deadline
        self._answer_deadline = answer_deadline
        self._work: asyncio.Task[None] | None = None
        self._ending = False
        self.silent = True
        """Nothing asked yet."""
        self.hung_up = False

    async def hold(self, handle: RequestHandler) -> None:
        """The whole conversation. Lets only what a handler should not raise out."""
        try:
            request = await self._request()
            self.silent = False
            if request is not None:
                await self._carry_out(request, handle)
        except _PeerGone:
            pass
        finally:
            await self._close()

    async def refuse(self, sentence: str) -> None:
        self.silent = False
        try:
            await self._say(_failure(sentence))
        except _PeerGone:
            pass
        finally:
            await self._close()

    def hang_up(self) -> None:
        """At once, without a word."""
        self.hung_up = True
        self._writer.transport.abort()

    def end(self) -> None:
        """oO is ending: give up what waits or runs; an answer on its way may still arrive."""
        self._ending = True
        if self.silent:
            self.hang_up()
        elif self._work is not None:
            self._work.cancel()

    async def _request(self) -> Request | None:
        """The request; None after telling the peer what is wrong with it."""
        try:
            async with asyncio.timeout(self._head_deadline):
                line = await self._reader.readline()
        except TimeoutError:
            complaint = translated("oO waited for a request and none came.")
        except ValueError:  # asyncio's word for a line over the limit
            complaint = translated("The request is too long.")
        except OSError:
            raise _PeerGone from None
        else:
            if not line:
                raise _PeerGone
            try:
                return _request_from_line(line)
            except CommandError as error:
                complaint = str(error)
        self.silent = False
        await self._say(_failure(complaint, WRONG_USAGE))
        return None

    async def _carry_out(self, request: Request, handle: RequestHandler) -> None:
        work = asyncio.ensure_future(self._answer(request, handle))
        self._work = work
        try:
            if request.command in ENDS_WITH_PEER:
                await self._while_peer_waits(work)
            else:
                await asyncio.wait({work})
        finally:
            self._work = None
            work.cancel()  # nothing, where it is done; else somebody cancelled this very task
        if work.cancelled():
            await self._say(
                _failure(
                    translated("oO is ending.") if self._ending else translated("oO gave this up.")
                )
            )
        elif work.exception() is not None:
            await self._say(_failure(translated("oO made a mistake here; its log says more.")))
            work.result()
        else:
            await self._taken()

    async def _answer(self, request: Request, handle: RequestHandler) -> None:
        """Written in the very turn of the loop in which the command is carried out: whatever that
        set off, such as drawing the menu, the peer does not wait for."""
        line = await _execute(handle(request, self._progress))
        if not self._writer.is_closing():
            self._writer.write(line)

    async def _while_peer_waits(self, work: asyncio.Task[None]) -> None:
        """Return when `work` is over; cancel it when the peer goes away before."""
        gone = asyncio.ensure_future(self._peer_gone())
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
                await asyncio.wait({work})
        finally:
            gone.cancel()

    async def _peer_gone(self) -> None:
        try:
            while await self._reader.read(MAX_REQUEST):
                pass  # nothing more is expected, so nothing more is read into it
        except OSError:
            pass

    def _progress(self, said: Mapping[str, object]) -> None:
        if self._writer.is_closing():
            return
        if self._writer.transport.get_write_buffer_size() > MAX_UNREAD:
            self.hang_up()  # it follows a list and does not read it
            return
        self._writer.write(_line({"progress": said}))

    async def _say(self, line: bytes) -> None:
        if self._writer.is_closing():
            raise _PeerGone
        self._writer.write(line)
        await self._taken()

    async def _taken(self) -> None:
        """Return when the peer has taken what was written, or most of it."""
        try:
            async with asyncio.timeout(self._answer_deadline):
                await self._writer.drain()
        except OSError:  # a TimeoutError is one, too
            raise _PeerGone from None

    async def _close(self) -> None:
        """Close, once everything written was taken, or after the deadline for that."""
        self._writer.close()
        try:
            async with asyncio.timeout(self._answer_deadline):
                await self._writer.wait_closed()
        except OSError:
            self._writer.transport.abort()


async def _execute(work: Awaitable[object]) -> bytes:
    """The answer line for what a handler returns or, on purpose, raises."""
    try:
        return _line({"ok": True, "result": await work})
    except CommandError as error:
        return _failure(str(error), error.code, field=error.field)
    except OoError as error:
        return _failure(str(error))


def _request_from_line(line: bytes) -> Request:
    try:
        message = msgspec.json.decode(line, type=_Message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CommandError(translated("oO does not understand this request.")) from error
    if message.protocol != PROTOCOL:
        raise CommandError(
            translated("The oO that runs is another version. Quit it and start oO again.")
        )
    return Request(message.command, message.args)


def _failure(sentence: str, code: int = FAILED, *, field: str = "") -> bytes:
    named = {"field": field} if field else {}
    return _line({"ok": False, "error": sentence, "code": code, **named})


def _line(message: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(message) + b"\n"
