"""Uses an installed oO as a person does, not as a demo: keyring, plug-in, start at login.

A keyring is unlocked, a plug-in of their own connected with a token, a note done; then oO starts
anew, still has the account, and is reset. With the command of another oO, that pip has installed,
both are started in one session, and there is one oO.

    python3 person.py [OTHER]

Standard library only. Ends with 1 where something is not so.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

DEADLINE_SECONDS = 60.0
TOKEN = "pn_0123-4567_89ab"
NOTES = {"n1": "Feed the cat", "n2": "Mend the kite"}


class Notes(BaseHTTPRequestHandler):
    """Answers as the service of the plug-in `tests/plugins/example`."""

    open: ClassVar = dict(NOTES)

    def do_GET(self) -> None:
        """Tell who asks, or the notes."""
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, {})
        elif self.path.endswith("/me"):
            self._answer(200, {"id": "u-7", "email": "ada@example.com"})
        else:
            self._answer(200, [{"id": id_, "text": text, "due": "2026-01-01"}
                               for id_, text in self.open.items()])  # fmt: skip

    def do_POST(self) -> None:
        """Do a note."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.open.pop(self.path.split("/")[-2], None)
        self._answer(200, {})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    """Go through it."""
    environment = {**os.environ, "XDG_RUNTIME_DIR": tempfile.mkdtemp()}
    unlock = ["gnome-keyring-daemon", "--unlock", "--components=secrets"]
    subprocess.run(
        unlock, input=b"a password", env=environment, check=True, stdout=subprocess.DEVNULL
    )
    server = HTTPServer(("127.0.0.1", 0), Notes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = Path.home() / ".config/oo-desktop/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{server.server_port}/api/"
    config.write_text(f'undo_seconds = 0.1\n[plain_notes]\napi_url = "{url}"\n')

    oo = start(environment)
    try:
        ask(environment, "connect", "plain_notes", "--token", given=TOKEN)
        until(lambda: len(titles(environment)) == len(NOTES))
        ask(environment, "done", "n1")
        until(lambda: "n1" not in Notes.open)
        ask(environment, "autostart", "on")
        entry = Path.home() / ".config/autostart/oo-desktop.desktop"
        assert "\nExec=/usr/bin/oo-desktop" in entry.read_text(), entry.read_text()
        ask(environment, "quit")
        assert oo.wait(DEADLINE_SECONDS) == 0
        oo = start(environment)
        ask(environment, "refresh")
        until(lambda: titles(environment) == [NOTES["n2"]])
        used = [line for line in ask(environment, "report").splitlines() if "keyring:" in line]
        assert not [path for path in written() if TOKEN.encode() in path.read_bytes()]
        ask(environment, "autostart", "off")
        assert not entry.exists()
        ask(environment, "autostart", "on")
        ask(environment, "reset", "--yes", "--settings")
        assert oo.wait(DEADLINE_SECONDS) == 0
        assert not entry.exists()
        left = [path for path in written() if "plugins" not in path.parts]
        assert not left, left
        oo = start(environment)  # as new
        assert json.loads(ask(environment, "integrations", "--json")) == []
        ask(environment, "quit")
        assert oo.wait(DEADLINE_SECONDS) == 0
    finally:
        oo.kill()
    print(f"a plug-in’s note done, its token kept; {used[0]}; starts at login; reset")


def beside(other: str) -> None:
    """Start the package's oO and the other one, each of them first."""
    environment = {**os.environ, "XDG_RUNTIME_DIR": tempfile.mkdtemp()}
    for first, second in (("oo-desktop", other), (other, "oo-desktop")):
        oo = start(environment, first)
        try:
            again = subprocess.run([second], env=environment, timeout=DEADLINE_SECONDS, check=False)
            assert again.returncode == 0, again
            assert "is running" in ask(environment, "status", command=second)
            ask(environment, "quit", command=second)
            assert oo.wait(DEADLINE_SECONDS) == 0
        finally:
            oo.kill()
            oo.wait()
    print("one oO, whichever was first: the second wakes it, asks it, and ends it")


def written() -> list[Path]:
    """Return the files that oO has written."""
    folders = (Path.home() / ".local/share/oo-desktop", Path.home() / ".config/oo-desktop")
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def start(environment: Mapping[str, str], command: str = "oo-desktop") -> subprocess.Popen[bytes]:
    """Start oO, and wait until it answers."""
    oo = subprocess.Popen([command], env=dict(environment))
    until(lambda: not said(environment, "status", command=command).returncode)
    return oo


def titles(environment: Mapping[str, str]) -> list[str]:
    """Return what is shown."""
    shown: list[dict[str, str]] = json.loads(ask(environment, "signals", "--json"))
    return sorted(each["title"] for each in shown)


def ask(
    environment: Mapping[str, str], *words: str, given: str = "", command: str = "oo-desktop"
) -> str:
    """Return what a command says; end where it fails."""
    done = said(environment, *words, given=given, command=command)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def said(
    environment: Mapping[str, str], *words: str, given: str = "", command: str = "oo-desktop"
) -> subprocess.CompletedProcess[str]:
    """Run a command."""
    return subprocess.run(
        [command, *words],
        env=dict(environment), input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds; end where it never does."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


if __name__ == "__main__":
    if sys.argv[1:]:
        beside(sys.argv[1])
    else:
        main()
