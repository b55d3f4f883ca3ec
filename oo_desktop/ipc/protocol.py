"""Define what is said over the socket: its limits, and the values both ends share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from oo_desktop.errors import OoError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

PROTOCOL = 1
"""Rises when an old command line could misunderstand a new instance, or the other way round."""

MAX_REQUEST = 64 * 1024
"""Bytes of a request line."""

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer line: a hundred thousand signals fit."""

FAILED = 1
"""The command was understood and could not be done."""

WRONG_USAGE = 2
"""The command makes no sense as given; asking differently would help."""

GIVES_WAY = "gives_way"
"""True in the answer of an oO that ends for the one that was started now."""

MAX_UNREAD = 1024 * 1024
"""Bytes that a peer may leave unread of what it is told before the end; then it is hung up on."""

ENDS_WITH_PEER = frozenset({"connect", "watch"})
"""Commands that are given up when the one who asked goes away: Ctrl-C in the terminal cancels the
sign-in it started, and ends a `watch`. The others are short, and half a `done` or `disconnect` is
worse than either."""


class CommandError(OoError):
    """Says that a command was not carried out. code: FAILED or WRONG_USAGE, also the exit code.

    A handler raises it for WRONG_USAGE; any other OoError it raises counts as FAILED.

    field: which of the things a person typed is wrong; empty where that is not known.
    """

    def __init__(self, message: str, *, code: int = FAILED, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class Request:
    """Asks for a command. An argument may be a token, so `repr` shows only the names of them."""

    def __init__(self, command: str, args: Mapping[str, object]) -> None:
        self.command = command
        self.args = args

    def __repr__(self) -> str:
        return f"Request({self.command!r}, {sorted(self.args)})"


Progress: TypeAlias = Callable[[Mapping[str, object]], None]
"""Tells the one who asked something before the end; never fails, never waits."""

RequestHandler: TypeAlias = Callable[[Request, Progress], Awaitable[object]]
"""Executes a request and returns what JSON can say. Raises OoError; anything else is a bug."""
