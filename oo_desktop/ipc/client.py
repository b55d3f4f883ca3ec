"""Ask the running oO: synchronous, and with nothing imported that takes time."""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import time

from oo_desktop.ipc.instance import (
    InstanceError,
    NotOnWindows,
    NotRunning,
    RuntimeFolder,
    holder,
)
from oo_desktop.ipc.protocol import (
    FAILED,
    MAX_ANSWER,
    MAX_REQUEST,
    PROTOCOL,
    WRONG_USAGE,
    CommandError,
)
from oo_desktop.language import translated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from oo_desktop.ipc.instance import StrPath

MAX_STARTING_SECONDS = 10.0
"""An instance may take from its lock to its socket."""

_RETRY_SECONDS = 0.02
"""Between two looks at something that another process is about to do."""

_CREDENTIALS = struct.Struct("3i")
"""`struct ucred` of SO_PEERCRED (unix(7)): pid, uid, gid."""


def ask(
    folder: StrPath,
    command: str,
    args: Mapping[str, object] | None = None,
    *,
    progress: Callable[[Mapping[str, Any]], None] = lambda _: None,
    patience: float | None = 10.0,
    starting: float = MAX_STARTING_SECONDS,
) -> Any:
    """Have the oO running in `folder` carry out `command`; return the result, as JSON said it.

    patience: seconds of silence to bear; None waits for as long as oO lives.
    starting: seconds to wait for an instance that holds the lock and has no socket yet.

    Raises NotRunning, InstanceError (it does not answer, or is not ours) and CommandError.
    """
    request = _encoded(command, args or {})
    try:
        opened = RuntimeFolder.open(folder)
    except FileNotFoundError:
        raise NotRunning from None
    with opened, _connected(opened, starting) as connection:
        _check_peer(connection)
        connection.settimeout(patience)
        try:
            return _conversation(connection, request, progress)
        except TimeoutError:
            raise InstanceError(translated("oO is running but does not answer.")) from None
        except ConnectionError:
            raise InstanceError(translated("oO ended before it answered.")) from None


def wait_until_gone(folder: StrPath, pid: int, *, patience: float = 30.0) -> None:
    """Wait until process `pid` runs in `folder` no more.

    patience: seconds to wait. Raises InstanceError after that.
    """
    end = time.monotonic() + patience
    while running_pid(folder) == pid:
        if time.monotonic() > end:
            raise InstanceError(translated("oO was asked to quit and has not ended yet."))
        time.sleep(_RETRY_SECONDS)


def running_pid(folder: StrPath) -> int | None:
    """Return the process that runs in `folder`, 0 when it did not say, or None.

    Raises InstanceError where the folder cannot be trusted.
    """
    try:
        with RuntimeFolder.open(folder) as opened:
            return holder(opened)
    except FileNotFoundError:
        return None


def _encoded(command: str, args: Mapping[str, object]) -> bytes:
    message = {"protocol": PROTOCOL, "command": command, "args": args}
    try:
        line = json.dumps(message, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # an argument that was not UTF-8 in the shell
        raise CommandError(translated("An argument is not valid text."), code=WRONG_USAGE) from None
    if len(line) > MAX_REQUEST:
        raise CommandError(translated("An argument is too long."), code=WRONG_USAGE)
    return line


def _connected(folder: RuntimeFolder, starting: float) -> socket.socket:
    if sys.platform == "win32":
        raise NotOnWindows
    address = folder.address()
    end = time.monotonic() + starting
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(max(starting, _RETRY_SECONDS))
            connection.connect(address)
        except (FileNotFoundError, ConnectionRefusedError, BlockingIOError):
            # Starting, gone, or (BlockingIOError) with a full queue: the lock tells.
            connection.close()
        except OSError as error:
            connection.close()
            raise InstanceError(
                translated("oO cannot be reached: {reason}.", reason=error.strerror or error)
            ) from error
        else:
            return connection
        if holder(folder) is None:
            raise NotRunning
        if time.monotonic() > end:
            raise InstanceError(translated("oO is running but does not answer."))
        time.sleep(_RETRY_SECONDS)


def _check_peer(connection: socket.socket) -> None:
    """Before a token is sent: whoever listens must be this user."""
    uid = peer_uid(connection)
    if uid is not None and uid != own_uid():
        raise InstanceError(translated("oO does not answer here: another user’s program does."))


def own_uid() -> int:
    """Return the uid of this process's user."""
    if sys.platform == "win32":
        raise NotOnWindows
    return os.getuid()


def peer_uid(connection: socket.socket) -> int | None:
    """Return the uid of the user at the other end; None where the system cannot say."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    uid: int = _CREDENTIALS.unpack(raw)[1]
    return uid


def _conversation(
    connection: socket.socket, request: bytes, progress: Callable[[Mapping[str, Any]], None]
) -> Any:
    try:
        connection.sendall(request)
    except ConnectionError:  # refused before it was read: the answer says why
        pass
    with connection.makefile("rb") as answers:
        while line := answers.readline(MAX_ANSWER):
            answer = _decoded(line)
            if "progress" not in answer:
                return _result(answer)
            progress(answer["progress"])
    raise ConnectionResetError


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise InstanceError(translated("oO’s answer makes no sense. Quit oO and start it again."))
    return answer


def _result(answer: dict[str, Any]) -> Any:
    if answer.get("ok") is True:
        return answer.get("result")
    code = WRONG_USAGE if answer.get("code") == WRONG_USAGE else FAILED
    sentence = str(answer.get("error") or translated("oO could not do it."))
    raise CommandError(sentence, code=code, field=str(answer.get("field") or ""))
