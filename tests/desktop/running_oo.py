"""Run oO itself in the desktop session against a sandbox, as its user does."""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from oo_desktop.sandbox.process import SandboxProcess, config_toml
from oo_desktop.sandbox.visitor import visit
from tests.answering import answers
from tests.desktop.programs import Program
from tests.desktop.session import DisplaySession
from tests.desktop.tray import Menu, TrayItem

COMMAND = (str(Path(sys.executable).with_name("oo-desktop")),)


class RunningOo:
    """Is one oO with a home of its own; started, stopped and started again by a test.

    settings: lines of config.toml before its tables.
    google: whether it has a client for the stand-in Google.
    first: whether it was never started before: then its window opens by itself.
    command: what runs it; another build than this one, maybe.
    """

    def __init__(
        self,
        desktop: DisplaySession,
        sandbox: SandboxProcess,
        *,
        name: str = "oo",
        settings: str = "poll_interval = 5\nundo_seconds = 0\n",
        google: bool = False,
        first: bool = False,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.command = command
        self._desktop = desktop
        self._sandbox = sandbox
        self.home = desktop.home / name
        self.home.mkdir(mode=0o700)
        tables = config_toml(sandbox.url, google=True, google_client=google)
        (self.home / "config.toml").write_text(settings + tables)
        if not first:
            (self.home / "window.json").write_text("{}")
        self.env = {"OO_DESKTOP_HOME": str(self.home)}
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        assert self._program is not None, "oO was not started"
        return self._program

    def launch(self) -> Program:
        """Start it, and return before its icon is there."""
        self._program = self._desktop.spawn(*self.command, env=self.env)
        return self._program

    def start(self) -> TrayItem:
        """Start it and wait for its icon."""
        self.launch()
        return self.item

    def stop(self) -> int:
        """End it as a log-out does; its exit code."""
        return self.program.stop(patience=10)

    @property
    def item(self) -> TrayItem:
        return self._desktop.tray_item(self.program)

    @property
    def menu(self) -> Menu:
        return self.item.menu

    def say(self, *words: str, stdin: str | None = None, within: float = 30) -> Program:
        """Run `oo-desktop WORDS` to its end; the ended program, whatever its exit code."""
        given = None if stdin is None else stdin.encode()
        command = self._desktop.spawn(*self.command, *words, env=self.env, stdin=given)
        command.ended(within=within)
        return command

    def ask(self, *words: str, stdin: str | None = None) -> Any:
        """Return what `oo-desktop WORDS --json` answers; it must succeed."""
        command = self.say(*words, "--json", stdin=stdin)
        code = command.ended()
        assert code == 0, f"oo-desktop {' '.join(words)} ended with {code}: {command.printed}"
        return json.loads(command.printed)

    def connect_google(self, account: str, *, write: bool = False) -> None:
        """Sign in to the stand-in Google with a browser that nobody sees."""
        words = ("connect", "google_calendar", "--no-browser", *(["--write"] if write else []))
        command = self._desktop.spawn(*self.command, *words, env=self.env)
        url = command.wait("the address", lambda: re.search(r"http\S+/auth\S+", command.printed))
        visit(url.group(), account=account)
        assert command.ended(within=30) == 0, command.printed

    def await_ready(self) -> None:
        """Wait until it answers what the command line asks."""
        self.program.wait("its first answer", lambda: answers(self.home), within=20)

    def complaints(self) -> list[str]:
        """Return the warnings and worse that it logged."""
        loud = re.compile(r" (WARNING|ERROR|CRITICAL) |^Traceback", re.MULTILINE)
        return [line for line in self.program.printed.splitlines() if loud.search(line)]

    def end_well(self) -> None:
        """End it as a log-out does: it ends well, and it never complained."""
        print(self.program.printed)  # shown by pytest where the test failed
        assert self.stop() == 0
        assert self.complaints() == []

    def start_connected(self) -> None:
        """Start it and connect Todoist with a personal token: quicker than the browser."""
        self.start()
        self.await_ready()
        token = self._sandbox.control("personal_token")["token"]
        self.ask("connect", "todoist", "--token", stdin=f"{token}\n")

    def written(self) -> dict[Path, bytes]:
        """Return every file of the session's user, with its bytes; what it printed is one."""
        folders = (self._desktop.home, self._desktop.logs, self._desktop.runtime)
        files = (file for folder in folders for file in folder.rglob("*"))
        return {file: file.read_bytes() for file in files if file.is_file()}
