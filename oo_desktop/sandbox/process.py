"""Run a sandbox as a child process: for the demo, and for tests that need one to kill.

Standard library only, and blocking: call it from a thread where a loop must go on. The child ends
with its parent, because its standard input does.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET

COMMAND = (sys.executable, "-m", "oo_desktop.sandbox")
_ROOT = Path(__file__).resolve().parents[2]
_without_proxy = build_opener(ProxyHandler({}))


class SandboxError(Exception):
    """Says that the sandbox did not start, or refused what it was asked."""


class SandboxProcess:
    """Runs one child process. Use it as a context manager, or call `start` and `stop`.

    zone: where its people live (IANA; None: the machine's). port: 0 for any free one.
    """

    def __init__(
        self, *, zone: str | None = None, port: int = 0, command: Sequence[str] = COMMAND
    ) -> None:
        self._command = [*command, "--until-stdin-closes", "--port", str(port)]
        if zone is not None:
            self._command += ["--zone", zone]
        self._process: subprocess.Popen[str] | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """Return where it listens, without a slash at the end; empty before `start`."""
        return self._url

    @property
    def page(self) -> str:
        """Return the control page's address, for a person."""
        return f"{self._url}/sandbox"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise SandboxError("The sandbox was not started.")
        return self._process.pid

    def start(self, *, deadline: float = 30) -> str:
        """Start it and wait, at most `deadline` seconds, until it listens. Raises SandboxError."""
        self._process = subprocess.Popen(  # noqa: S603  # our own module
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=_ROOT,
        )
        line = self._first_line(deadline)
        try:
            self._url = json.loads(line)["url"]
        except (ValueError, KeyError, TypeError) as error:
            self.kill()
            raise SandboxError("The sandbox did not start.") from error
        return self._url

    def _first_line(self, deadline: float) -> str:
        lines: list[str] = []
        output = self._process.stdout if self._process else None

        def read() -> None:
            if output is not None:
                lines.append(output.readline())

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        reader.join(deadline)
        return lines[0] if lines else ""

    def state(self) -> dict[str, Any]:
        """Return everything it knows: tasks, history, apps, requests. Raises SandboxError."""
        answer: dict[str, Any] = self._ask(Request(f"{self._url}/sandbox/api/state"))  # noqa: S310  # our own URL
        return answer

    def control(self, action: str, **parameters: object) -> Any:
        """Do one of the control page's actions. Raises SandboxError."""
        request = Request(  # noqa: S310  # our own URL
            f"{self._url}/sandbox/api/{action}",
            data=json.dumps(parameters).encode(),
            headers={"Content-Type": "application/json"},
        )
        return self._ask(request)

    def _ask(self, request: Request) -> Any:
        try:
            with _without_proxy.open(request, timeout=10) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise SandboxError(error.read().decode()) from error
        except (URLError, OSError, ValueError) as error:
            raise SandboxError(f"The sandbox does not answer: {error}.") from error

    def stop(self, *, deadline: float = 5) -> None:
        """Let it end, and make it end after `deadline` seconds. Stopping twice is harmless."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(deadline)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._collect()

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._collect()

    def _collect(self) -> None:
        if self._process is None:
            return
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def __enter__(self) -> "SandboxProcess":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def config_toml(url: str, *, google: bool = False, google_client: bool = False) -> str:
    """Return what of a config.toml points oO at the sandbox at `url`: the section `[todoist]`.

    google: `[google_calendar]` as well. google_client: the same, with the client that is there
    from the start, as if somebody had made one in the Cloud console.
    """
    todoist = {
        "api_url": f"{url}/api/v1/",
        "authorize_url": f"{url}/oauth/authorize",
        "token_url": f"{url}/oauth/access_token",
        "register_url": f"{url}/oauth/register",
    }
    calendar = {
        "api_url": f"{url}/google/calendar/v3/",
        "authorize_url": f"{url}/google/o/oauth2/v2/auth",
        "token_url": f"{url}/google/token",
        "revoke_url": f"{url}/google/revoke",
    }
    if google_client:
        calendar |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    sections = _section("todoist", todoist)
    return sections + _section("google_calendar", calendar) if google or google_client else sections


def _section(name: str, values: Mapping[str, str]) -> str:
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])
