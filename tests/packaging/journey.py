"""Drives an installed oO through its command line, as a person would, against its own sandbox.

    xvfb-run dbus-run-session python3 journey.py [COMMAND…]

COMMAND starts oO; `oo-desktop` where none is given. Standard library only: it runs where nothing
but oO is installed. Ends with 1, and says at what, where something is not as it should be.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

DEADLINE_SECONDS = 60.0
NOT_RUNNING = 3


class Journey:
    """Holds what is driven. command: what starts oO. environment: that it is started in."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.command = list(command)
        self.environment = dict(environment)

    def said(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        return subprocess.run(
            [*self.command, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )

    def ask(self, *words: str, code: int = 0) -> str:
        """Return what a command says; end where it exits otherwise than with `code`."""
        done = self.said(*words)
        check(done.returncode == code, f"{words} exits with {done.returncode}: {done.stderr}")
        check("Traceback" not in done.stderr, f"{words}: {done.stderr}")
        return done.stdout

    def signals(self) -> list[dict[str, Any]]:
        """Return what the tray shows."""
        shown: list[dict[str, Any]] = json.loads(self.ask("signals", "--json"))
        return shown


def check(holds: object, what: str) -> None:
    """End where something does not hold."""
    if not holds:
        sys.exit(f"journey: {what}")


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds; end where it never does."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        check(time.monotonic() < end, what)
        time.sleep(0.1)


def main(command: Sequence[str]) -> None:
    """Go through a day with the demo."""
    runtime = tempfile.mkdtemp()
    # A browser that shows nothing: the demo's CalDAV account needs none.
    environment = {**os.environ, "XDG_RUNTIME_DIR": runtime, "BROWSER": "true"}
    oo = Journey(command, environment)
    version = oo.ask("--version").strip()
    check(re.fullmatch(r"oo-desktop \d+\.\d+\S*", version), version)
    check("done SIGNAL_ID" in oo.ask("--help"), "no help")
    oo.ask("status", code=NOT_RUNNING)
    for shell in ("bash", "zsh", "fish"):
        check("oo-desktop" in oo.ask("completions", shell), f"no completions for {shell}")

    log = Path(runtime, "oo.log")
    began = time.monotonic()
    with log.open("w") as output:
        oo_process = subprocess.Popen(
            [*command, "--demo"], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        home = r"OO_DESKTOP_HOME=(\S+)"
        until(lambda: re.search(home, log.read_text()), "the demo says nothing")
        named = re.search(home, log.read_text())
        oo.environment["OO_DESKTOP_HOME"] = named[1] if named else ""
        typed = re.search(r"OO_DESKTOP_HOME=\S+ (.+) signals", log.read_text())
        check(typed and os.access(typed[1], os.X_OK), f"nobody can type {typed and typed[1]}")
        until(Path(oo.environment["OO_DESKTOP_HOME"], "run").exists, "no socket")
        until(lambda: oo.said("status").returncode == 0, "it does not run")
        seconds = time.monotonic() - began
        until(lambda: tasks(oo), "no tasks")
        day(oo)
        check(oo_process.poll() is None, f"it ended: {log.read_text()}")
        memory = re.search(r"VmRSS:\s*(\d+)", Path(f"/proc/{oo_process.pid}/status").read_text())
        oo.ask("quit")
        check(oo_process.wait(DEADLINE_SECONDS) == 0, f"it ends with {oo_process.returncode}")
    finally:
        oo_process.kill()
        oo_process.wait()
    check("Traceback" not in log.read_text(), log.read_text())
    told = f"{version}: started in {seconds:.1f} s"
    sys.stdout.write(f"{told}, {int(memory[1]) / 1024:.0f} MB\n" if memory else f"{told}\n")


def day(oo: Journey) -> None:
    """Do a task, take it back, do it again; add one; look at everything."""
    # One that does not repeat: of another, the next occurrence would be shown.
    task = next(each for each in tasks(oo) if "#" not in each["id"])
    title = task["title"]
    check("Done" in oo.ask("done", task["id"]), "not done")
    check("Taken back" in oo.ask("undo"), "not taken back")
    until(lambda: title in titles(oo), "what was taken back does not come back")
    oo.ask("done", task["id"])
    until(lambda: title not in titles(oo), "a task that is done is still shown")
    until(lambda: json.loads(oo.ask("outbox", "--json")) == [], "the click never arrives")
    oo.ask("refresh")
    check(title not in titles(oo), "the service did not hear of it")
    check("Added" in oo.ask("add", "Buy milk today p1"), "not added")
    until(lambda: "Buy milk" in titles(oo), "what was added is not shown")
    check("qt: " in oo.ask("report"), "the report does not tell of Qt")
    check("window is open" in oo.ask("show"), "no window")
    check("undo_seconds" in oo.ask("settings"), "no settings")
    watch = subprocess.Popen(
        [*oo.command, "watch"], env=oo.environment, stdout=subprocess.PIPE, text=True
    )
    try:
        line = watch.stdout.readline() if watch.stdout else ""
        check("Buy milk" in line, "watch says nothing")
    finally:
        watch.terminate()
        watch.wait()
        if watch.stdout:
            watch.stdout.close()


def tasks(oo: Journey) -> list[dict[str, Any]]:
    """Return the tasks that are shown."""
    return [each for each in oo.signals() if each["kind"] == "task"]


def titles(oo: Journey) -> list[str]:
    """Return the titles of what is shown."""
    return [each["title"] for each in oo.signals()]


if __name__ == "__main__":
    main(sys.argv[1:] or ["oo-desktop"])
