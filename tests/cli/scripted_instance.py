"""A running oO with a script for a mind: the real lock, socket and start, and no Qt.

Run as a program with the words of the command line. What happens to it is written to files in its
data folder, where tests look.
"""

import asyncio
import json
import sys
from pathlib import Path

from oo_desktop.app.demo import Demo
from oo_desktop.cli import main
from oo_desktop.errors import Rejected, SignInError
from oo_desktop.folders import Folders
from oo_desktop.ipc.instance import InstanceLock
from oo_desktop.ipc.protocol import GIVES_WAY, CommandError, Progress, Request
from oo_desktop.ipc.server import InstanceServer

ACCOUNT = {
    "provider": "todoist",
    "user_id": "1",
    "label": "ada@example.com",
    "token_status": "active",
    "connection": "ok",
    "last_success": "2026-11-22T11:58:00+00:00",
    "next_poll": "2026-11-22T12:00:00+00:00",
    "pending": 0,
    "reason": None,
}
SIGNALS = [
    {
        "id": "8Jx2",
        "source": "todoist",
        "user_id": "1",
        "kind": "task",
        "title": "Pay\x1b[31m rent – ☕",
        "due": "2026-11-21",
        "overdue": True,
        "priority": 1,
        "container": "Home",
        "actions": ["done"],
        "pending": False,
    }
]
CLICK = {
    "number": 3,
    "id": "8Jx2",
    "source": "todoist",
    "user_id": "1",
    "action": "tomorrow",
    "title": "Pay\x1b[31m rent – ☕",
    "due": "2026-11-23",
    "state": "refused",
    "clicked_at": "2026-11-22T11:58:00+00:00",
    "send_at": "2026-11-22T11:58:05+00:00",
    "sent_at": None,
    "attempts": 1,
    "unconfirmed": False,
    "reason": "It is read-only.",
}
ADDED = {
    **SIGNALS[0],
    "title": "Buy\x1b[31m milk",
    "pending": True,
    "undo": 4,
    "understood": "Due tomorrow, priority 1, in Home",
    "account": "ada@example.com",
    "service": "Todoist",
    "connection": "offline",
}
CALENDAR = {
    "provider": "google_calendar",
    "user_id": "ada@example.com",
    "id": "a/b#c",
    "name": "Team",
    "color": None,
    "shown": True,
    "problem": None,
}
OFFLINE = {**ACCOUNT, "connection": "offline", "reason": "Todoist cannot be reached."}
STANDING: dict[str, object] = {
    "status": {"version": "9.9", "accounts": [ACCOUNT], "problem": None},
    "signals": SIGNALS,
    "integrations": [ACCOUNT],
    "refresh": {"accounts": [ACCOUNT], "failed": []},
    "outbox": [CLICK],
    "undoable": [CLICK],
    "calendars": [CALENDAR],
    "discard": CLICK,
    "report": {"version": "9.9", "keyring": "\x1b[31mKWallet", "accounts": [{"signals": 3}]},
}
NOTE = "oO is waiting for your keyring."
URL = "https://todoist.example/authorize?state=abc"


class Script:
    """Answers as the app would."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.quit = asyncio.Event()

    def note(self, name: str, text: str = "") -> None:
        (self._folder / name).write_text(text)

    async def __call__(self, request: Request, progress: Progress) -> object:  # noqa: C901  # a table
        args = dict(request.args)
        match request.command:
            case "wake" if args.get("screen") and (self._folder / "headless").exists():
                self.quit.set()
                return {GIVES_WAY: True}
            case "wake":
                self.note("woken")
            case "ask_to_add":
                self.note("adding")
            case "undo":
                return self._undo(args)
            case "add" | "act" as command:
                return {"add": {**ADDED, "asked": args}, "act": {**CLICK, **args, "undo": 3}}[
                    command
                ]
            case "show_calendar":
                return {**CALENDAR, "shown": args["shown"], "asked": args}
            case "retry":
                return [CLICK, CLICK] if args == {"all": True} else [{**CLICK, **args}]
            case "done":
                return self._done(args)
            case "connect":
                return await self._connect(args, progress)
            case "disconnect":
                return self._disconnect(args)
            case "watch":
                return await self._watch(progress)
            case "quit":
                self.quit.set()
        return self._standing(request.command)

    async def _watch(self, progress: Progress) -> object:
        progress({"signals": SIGNALS})
        while True:
            progress({"signals": []})
            await asyncio.sleep(0.1)

    def _standing(self, command: str) -> object:
        if command == "refresh" and (self._folder / "offline").exists():
            return {"accounts": [OFFLINE], "failed": [OFFLINE]}
        return STANDING.get(command, {})

    def _undo(self, args: dict[str, object]) -> object:
        if args != {"id": "8Jx2"}:
            raise Rejected("There is nothing to undo.")
        return CLICK

    def _done(self, args: dict[str, object]) -> object:
        if args["id"] != "8Jx2":
            raise Rejected("No task with this id is on the list.")
        return {"id": "8Jx2", "title": "Pay rent", "undo": 1}

    async def _connect(self, args: dict[str, object], progress: Progress) -> object:
        if args["provider"] not in ("todoist", "ics", "caldav"):
            raise SignInError("oO knows no “\x1b[2Jnotion”.")
        if "token" in args:
            self.note("token", str(args["token"]))
            self.note("user", str(args.get("user")))
            if "wrong" in str(args["token"]):
                raise CommandError("The password is not accepted.", field="password")
            if args["token"] == "waits":
                progress({"note": NOTE})
                progress({"note": NOTE})
        else:
            self.note("asked", json.dumps(args))
            self.note("browser", str(args["browser"]))
            progress({"url": URL})
            progress({"url": URL})
            await self._agreement()
        return {
            "provider": "todoist",
            "user_id": "1",
            "label": "ada@example.com",
            "reconnected": "user" in args,
        }

    async def _agreement(self) -> None:
        try:
            while not (self._folder / "agreed").exists():  # noqa: ASYNC110  # a test says so
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            self.note("cancelled")
            raise

    def _disconnect(self, args: dict[str, object]) -> object:
        if "user" not in args:
            raise CommandError("Two Todoist accounts: 1 (ada), 2 (bob).", code=2)
        return {
            "provider": "todoist",
            "user_id": args["user"],
            "label": "ada@example.com",
            "dropped": 2,
            "revoke_url": "https://todoist.example/apps",
        }


def run(
    *,
    folders: Folders,
    lock: InstanceLock,
    demo: Demo | None,
) -> int:
    """In place of the tray."""

    async def live() -> None:
        script = Script(folders.data)
        server = InstanceServer(lock=lock, handle=script)
        await server.start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await script.quit.wait()
        await server.stop()
        await asyncio.sleep(0.3)  # ending takes a while, with the lock still held
        script.note("ended")

    asyncio.run(live())
    return 0


if __name__ == "__main__":
    sys.exit(main(run=run))
