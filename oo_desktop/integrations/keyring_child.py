"""Answers in the keyring's own process what oO asks over a pipe, a line of JSON each.

    → {"call": "get", "service": "oo-desktop:todoist:1", "username": "1"}
    ← {"value": "…", "backend": "keyring.backends.SecretService.Keyring", "holds_consent": false}
    ← {"hindrance": "locked", "about": "", …}

`set` has a `value`, `choose` has nothing but its name, and each may say `may_start_kwallet`.

It ends when its standard input does, in the middle of a call too: whoever asked is gone. What a
back end prints goes to standard error, for standard output belongs to the answers.
"""

import json
import os
import signal
import sys
import threading
from queue import SimpleQueue
from typing import Any, BinaryIO

from oo_desktop.integrations.keyring_backends import (
    KeyringBackend,
    SecretServiceKeyring,
    backend_name,
    choose_backend,
    hindrance_of,
    lock_of,
    start_kwallet,
)


class Answers:
    """Answers requests, with one keyring for as long as nobody asks for another choice."""

    def __init__(self) -> None:
        self._backend: KeyringBackend | None = None
        self._started_kwallet = False

    def answer(self, request: dict[str, Any]) -> dict[str, object]:
        """Return the answer to one request; raises nothing."""
        self._started_kwallet = False
        try:
            said = self._said(request)
        except BaseException as error:  # noqa: BLE001  # a plug-in raises what it likes
            hindered = hindrance_of(error)
            said = {"hindrance": hindered.hindrance, "about": hindered.about}
        return {
            **said,
            "backend": "" if self._backend is None else backend_name(self._backend),
            "started_kwallet": self._started_kwallet,
            "holds_consent": isinstance(self._backend, SecretServiceKeyring)
            and self._backend.holds_consent,
        }

    def _said(self, request: dict[str, Any]) -> dict[str, object]:
        call = request["call"]
        may_start = request["may_start_kwallet"]
        if self._backend is None or call == "choose":
            self._backend = None
            self._backend = choose_backend(self._start_kwallet if may_start else lambda: False)
        if call == "choose":
            return {}
        entry = request["service"], request["username"]
        match call:
            case "get":
                return {"value": self._backend.get_password(*entry)}
            case "set":
                self._backend.set_password(*entry, request["value"])
            case "delete":
                self._backend.delete_password(*entry)
            case "lock":
                lock = lock_of(self._backend, *entry)
                return {} if lock is None else {"lock": lock}
        return {}

    def _start_kwallet(self) -> bool:
        self._started_kwallet = True
        return start_kwallet()


def serve_parent() -> int:
    """Answer until there is nobody to answer; returns the exit code, or ends the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for oO, which then ends this
    requests, answers = _own_pipes()
    lines: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(requests, lines), daemon=True).start()
    own = Answers()
    while True:
        answer = own.answer(json.loads(lines.get()))
        try:
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()
        except OSError:
            return 0


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output, out of the reach of back ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, answers


def _receive(requests: BinaryIO, lines: "SimpleQueue[bytes]") -> None:
    for line in requests:
        lines.put(line)
    os._exit(0)
