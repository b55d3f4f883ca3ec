"""Notes down whom a Python process connects to and what it starts: python imports it by itself.

One line of JSON for each event of `sys.audit`, in the file that WATCHED names
(https://docs.python.org/3/library/audit_events.html). No code of oO can do these without it.
"""

import json
import os
import sys
from typing import Any

EVENTS = {
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.bind",
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "os.system",
}


def begin(file: str) -> None:
    """Note from now on, at the end of `file`."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event in EVENTS:
            told = [each if isinstance(each, str | int) else repr(each) for each in arguments]
            line = json.dumps({"pid": os.getpid(), "event": event, "arguments": told})
            os.write(descriptor, f"{line}\n".encode())

    sys.addaudithook(note)


if "WATCHED" in os.environ:
    begin(os.environ["WATCHED"])
