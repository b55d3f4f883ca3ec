"""Keep what goes wrong on purpose: faults, each for some paths and some requests.

Failure is a value: a test says which, where and how often, and the gate plays it.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

EVERYWHERE = "/"


class FaultKind(StrEnum):
    """Names what happens to a request."""

    OFFLINE = "offline"
    """The connection is cut before anything is read."""
    DROP_REQUEST = "drop_request"
    """The same, for some requests: nothing is done."""
    DROP_ANSWER = "drop_answer"
    """The request is carried out, and the connection cut instead of an answer."""
    DELAY = "delay"
    """The request waits first."""
    RATE_LIMIT = "rate_limit"
    """429, with the seconds left in header and body."""
    FAIL = "fail"
    """Answered with a status, nothing is done."""
    GARBAGE = "garbage"
    """Answered with something that is no answer."""


class Garbage(StrEnum):
    """Names answers that are none. The last four are the real answer, spoiled: it is done."""

    HTML = "html"
    """200 and a page, as captive portals do."""
    REDIRECT = "redirect"
    """302 to another host, as they also do."""
    HUGE = "huge"
    """64 MiB of valid JSON."""
    NESTING = "nesting"
    """A hundred thousand opening brackets, and their closing ones."""
    BAD_UTF8 = "bad_utf8"
    EMPTY = "empty"
    NAN = "nan"
    NULL = "null"
    TYPES = "types"
    """JSON, and nothing in it is what it should be."""
    TRUNCATED = "truncated"
    """A whole HTTP answer with half of the body."""
    CUT = "cut"
    """Half of the body, then the connection is closed."""
    STALL = "stall"
    """Half of the body, then nothing, for as long as the fault lasts."""
    NOT_JSON_TYPE = "text"
    """The right bytes, called text/plain."""


SPOILED = frozenset({Garbage.TRUNCATED, Garbage.CUT, Garbage.STALL, Garbage.NOT_JSON_TYPE})


@dataclass(frozen=True, kw_only=True)
class RawAnswer:
    """Holds a whole answer as bytes."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class SandboxFault:
    """Holds one thing that goes wrong.

    path: the beginning of the paths it befalls. method: of which requests there; empty: of all.
    count: how many requests more; None: all.
    until: when it ends by itself (sandbox time).
    """

    kind: FaultKind
    path: str
    method: str = ""
    count: int | None = None
    until: datetime | None = None
    seconds: float = 0
    status: int = 503
    garbage: Garbage = Garbage.HTML
    reason: str = ""
    """What Google gives as the reason; it then decides about the status, too."""


class Faults:
    """Keeps the faults there are now."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._active: list[SandboxFault] = []
        self._released = asyncio.Event()

    @property
    def active(self) -> list[SandboxFault]:
        """Return those that still befall something."""
        now = self._now()
        self._active = [
            fault
            for fault in self._active
            if fault.count != 0 and (fault.until is None or now < fault.until)
        ]
        return self._active

    def add(self, fault: SandboxFault) -> None:
        """Add a fault, in place of one of its kind on the same paths."""
        self._active = [
            other for other in self.active if (other.kind, other.path) != (fault.kind, fault.path)
        ]
        self._active.append(fault)

    def take(self, kind: FaultKind, path: str, method: str = "") -> SandboxFault | None:
        """Return the fault of that kind that befalls such a request, if any, and count it."""
        for fault in self.active:
            if fault.method not in ("", method):
                continue
            if fault.kind is kind and path.startswith(fault.path):
                if fault.count is not None:
                    fault.count -= 1
                return fault
        return None

    def seconds_left(self, fault: SandboxFault) -> float:
        """Return how long a fault with an end still lasts."""
        return (fault.until - self._now()).total_seconds() if fault.until else 0

    def end_after(self, seconds: float) -> datetime:
        """Return the instant `seconds` from now."""
        return self._now() + timedelta(seconds=seconds)

    def clear(self, kind: FaultKind | None = None, path: str = "") -> None:
        """End all faults, those of one kind or below one path; let go of what waits for them."""
        self._active = [
            fault
            for fault in self._active
            if (kind and fault.kind is not kind) or not fault.path.startswith(path)
        ]
        self._released.set()
        self._released = asyncio.Event()

    async def hold(self, seconds: float | None = None) -> None:
        """Wait, until `seconds` are over or the faults are cleared."""
        released = self._released
        try:
            async with asyncio.timeout(seconds):
                await released.wait()
        except TimeoutError:
            return
