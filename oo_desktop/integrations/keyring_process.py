"""Keep the keyring in a process of its own, which is there only while it is asked.

`keyring` with the Secret Service takes 12 MB, half of them for the encryption that carries secrets
over the bus; it is needed at the start, for a renewal and for a sign-in. The process also bounds
what hangs or crashes in a back end. A secret crosses a pipe: it is no argument, no variable of the
environment and in no file.

A process serves one call at a time; a call that meets none that is free starts another, as one that
looks past a late one does. A free one waits `KEPT_SECONDS` for the next call: a renewal reads and
writes, and at the start each account reads. One that holds a consent stays: KeePassXC lets it read
an entry that somebody has allowed for this connection, and would ask them again for the next.
"""

import json
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO, cast

from oo_desktop.integrations.keyring_backends import Hindered, Hindrance
from oo_desktop.processes import KEYRING, child_command

KEPT_SECONDS = 5.0
"""How long a process waits for another call."""

HANGING_SECONDS = 3600.0
"""How long a call may take, the keyring's question to the user included, before its process is
ended: a prompt that was lost is never answered."""

ENDING_SECONDS = 1.0
"""How long a process has to end by itself."""

KWALLET_PAUSE_SECONDS = 300.0
"""Between two attempts to start KWallet."""

MAX_ANSWER = 1024 * 1024
"""Bytes of an answer; an entry of oO's has 1,200 characters."""


class ProcessKeyring:
    """Is the keyring that another process has chosen. Used from many threads; each call blocks.

    Every call may raise Hindered.

    kept: seconds that a free process waits. hanging: seconds that a call may take.
    """

    def __init__(self, *, kept: float = KEPT_SECONDS, hanging: float = HANGING_SECONDS) -> None:
        self.name = ""
        """Which back end answered last, as `PYTHON_KEYRING_BACKEND` would name it."""
        self._kept = kept
        self._hanging = hanging
        self._lock = threading.Lock()
        self._free: list[_Process] = []
        self._all: set[_Process] = set()
        self._closed = False
        self._kwallet_at: float | None = None

    def choose(self) -> "ProcessKeyring":
        """Have the keyring chosen anew, among what is there now; return itself."""
        self._ask("choose")
        return self

    def get_password(self, service: str, username: str) -> str | None:
        """Return the entry; None where there is none. May ask the user."""
        value = self._ask("get", service=service, username=username).get("value")
        return value if isinstance(value, str) else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write the entry."""
        self._ask("set", service=service, username=username, value=password)

    def delete_password(self, service: str, username: str) -> None:
        """Delete the entry."""
        self._ask("delete", service=service, username=username)

    def lock_of(self, service: str, username: str) -> Hindrance | None:
        """Say what the user would be asked for to reach an entry, without asking."""
        lock = self._ask("lock", service=service, username=username).get("lock")
        return None if lock is None else Hindrance(lock)

    def close(self) -> None:
        """End every process, also one that hangs; no call works any more."""
        with self._lock:
            self._closed = True
            free, processes = tuple(self._free), tuple(self._all)
            self._free.clear()
        for process in processes:
            process.kill()
        for process in free:
            process.rest.cancel()
            self._end(process)

    def _ask(self, call: str, **words: str) -> dict[str, Any]:
        process = self._taken()
        answer: dict[str, Any] | None = None
        try:
            may_start = self._may_start_kwallet()
            answer = process.ask({"call": call, "may_start_kwallet": may_start, **words})
        finally:
            self._give_back(process, works=answer is not None)
        if answer["started_kwallet"]:
            self._kwallet_at = time.monotonic()
        self.name = str(answer["backend"]) or self.name
        if (hindrance := answer.get("hindrance")) is not None:
            raise Hindered(Hindrance(hindrance), str(answer["about"]))
        return answer

    def _may_start_kwallet(self) -> bool:
        at = self._kwallet_at
        return at is None or time.monotonic() - at > KWALLET_PAUSE_SECONDS

    def _taken(self) -> "_Process":
        with self._lock:
            if self._free:
                process = self._free.pop()
                process.rest.cancel()
                return process
        process = _Process(hanging=self._hanging)
        with self._lock:
            self._all.add(process)
            if self._closed:
                process.kill()
        return process

    def _give_back(self, process: "_Process", *, works: bool) -> None:
        if not works:
            self._end(process)
            return
        with self._lock:
            self._free.append(process)
            if not process.holds_consent:
                process.rest = _timer(self._kept, lambda: self._end_free(process))
            closed = self._closed
        if closed:
            self.close()

    def _end_free(self, process: "_Process") -> None:
        with self._lock:
            if process not in self._free:
                return  # somebody took it at the last moment
            self._free.remove(process)
        self._end(process)

    def _end(self, process: "_Process") -> None:
        process.end()
        with self._lock:
            self._all.discard(process)


class _Process:
    """One process, and the pipe to it. Raises Hindered where it cannot be started.

    holds_consent: whether somebody has allowed it what another process would be asked for.
    rest: ends it, when it is free for long.
    """

    def __init__(self, *, hanging: float) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603  # ourselves
                child_command(KEYRING), stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        except OSError as error:
            raise Hindered(Hindrance.FAILED, type(error).__name__) from None
        self._requests = cast("BinaryIO", self._process.stdin)
        self._answers = cast("BinaryIO", self._process.stdout)
        self._hanging = hanging
        self.holds_consent = False
        self.rest = threading.Timer(0, lambda: None)

    def ask(self, request: dict[str, object]) -> dict[str, Any]:
        """Return the answer. Raises Hindered where it ends instead, hangs, or makes no sense."""
        bound = _timer(self._hanging, self.kill)
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
            answer: dict[str, Any] = json.loads(self._answers.readline(MAX_ANSWER))
            self.holds_consent = answer["holds_consent"] is True
        except (OSError, ValueError, KeyError, TypeError):  # it has ended, or was never ours
            raise Hindered(Hindrance.FAILED, "its process has ended") from None
        finally:
            bound.cancel()
        return answer

    def end(self) -> None:
        """End it, wait until it is gone, and let go of the pipe."""
        with suppress(OSError):
            self._requests.close()
        try:
            self._process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._answers.close()

    def kill(self) -> None:
        """End it in the middle of whatever it does; whoever waits for an answer gets none."""
        self._process.kill()


def _timer(seconds: float, job: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, job)
    timer.daemon = True
    timer.start()
    return timer
