"""Start, await and end the programs of a desktop session, each known by its pid.

Nothing here skips or guesses: a program that is not installed, does not come up or does not end is
an error that says which, and what it printed.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

MARK = "OO_DESKTOP_TEST_SESSION"
"""In the environment of everything a session starts, so that what outlives its parent is found."""

PACKAGES = {
    "Xvfb": "xvfb",
    "chromium": "chromium",
    "dbus-daemon": "dbus-daemon",
    "display": "imagemagick",
    "dunst": "dunst",
    "gnome-keyring-daemon": "gnome-keyring",
    "import": "imagemagick",
    "openbox": "openbox",
    "sway": "sway",
    "tint2": "tint2",
    "waybar": "waybar",
    "xdotool": "xdotool",
    "xfce4-panel": "xfce4-panel",
}
"""Which Debian package carries which program."""


class MissingProgram(AssertionError):
    """Says that a program the desktop tests need is not installed."""


class NotInTime(AssertionError):
    """Says that something did not happen in the time it was given."""


def require(program: str) -> str:
    """Return the path of `program`; raises MissingProgram that says what to install."""
    path = shutil.which(program)
    if path is None:
        raise MissingProgram(
            f"{program} is not installed: sudo apt-get install {PACKAGES.get(program, program)}"
        )
    return path


def wait_until(
    probe: Callable[[], T | None], what: str, *, within: float = 10, every: float = 0.01
) -> T:
    """Return the first true answer of `probe`.

    Raises NotInTime, naming `what`, after `within` seconds."""
    end = time.monotonic() + within
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > end:
            raise NotInTime(f"waited {within:g} s for {what}")
        time.sleep(every)


class Program:
    """Is one running program, with all it prints in a file.

    Ended by its own pid: first asked (SIGTERM), after `patience` seconds killed. It outlives no
    tests that were killed: a browser that nobody ends keeps a processor busy for hours.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        stdin: bytes | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = Path(command[0]).name
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", require(command[0]), *command[1:]],
                env=dict(env),
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(pass_fds),
                start_new_session=True,
            )
        if stdin is not None and self._process.stdin is not None:
            with self._process.stdin as pipe:
                pipe.write(stdin)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait(self, what: str, probe: Callable[[], T | None], *, within: float = 10) -> T:
        """`wait_until`, cut short when the program ends before `probe` comes true."""

        def alive_probe() -> T | None:
            answer = probe()
            if not answer and not self.running:
                raise NotInTime(f"{self.name} ended while waiting for {what}:\n{self.printed}")
            return answer

        try:
            return wait_until(alive_probe, what, within=within)
        except NotInTime as error:
            raise NotInTime(f"{error}; {self.name} printed:\n{self.printed}") from error

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ended(self, *, within: float = 10) -> int:
        """Wait for the program to end by itself; its exit code."""
        try:
            return self._wait(within)
        except subprocess.TimeoutExpired:
            raise NotInTime(f"{self.name} did not end in {within:g} s:\n{self.printed}") from None

    def stop(self, *, patience: float = 3) -> int:
        """End it, if it still runs; its exit code."""
        if self.running:
            self._process.terminate()
            try:
                self._wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
        return self._wait(patience)

    def _wait(self, seconds: float) -> int:
        """Its exit code, at once when it ends: Popen looks less and less often, every 50 ms in the
        end. Raises TimeoutExpired."""
        if self._process.poll() is None:
            gone = os.pidfd_open(self.pid)
            waiting = select.poll()
            waiting.register(gone, select.POLLIN)
            waiting.poll(seconds * 1000)
            os.close(gone)
        return self._process.wait(0.1)


def marked_pids(mark: str, variable: str = MARK) -> list[int]:
    """Return every process whose environment carries `mark`, whoever its parent is by now."""
    wanted = f"{variable}={mark}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):  # it ended meanwhile, or is not ours to see
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def end_marked(mark: str, *, within: float = 5) -> None:
    """End what a session's programs started and left behind (bus services, a browser)."""
    started = time.monotonic()
    while pids := marked_pids(mark):
        elapsed = time.monotonic() - started
        if elapsed > within:
            raise NotInTime(f"processes {pids} would not end")
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM if elapsed < within / 3 else signal.SIGKILL)
        time.sleep(0.05)
