"""Does what each command says: starts the one running oO, or asks it something.

Exit codes: 0 done, 1 failed (reason on stderr), 2 wrong usage, 3 no instance is running; 130 after
Ctrl-C. With --json, stdout holds the result as one line of JSON and nothing else; `connect
--no-browser --json` writes a line {"url": …} before it.

A command has to answer in the blink of an eye, so nothing that takes time is imported before it is
clear that this process becomes the tray.

Where `connect` knows which of the things that were typed is wrong, it says that with --json as
well, on stdout: {"error": …, "field": "server", "user_name" or "password"}.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from oo_desktop.cli import text
from oo_desktop.cli.terminal import OutputError, ReaderGone, Terminal
from oo_desktop.errors import OoError
from oo_desktop.folders import Folders, folders_from_environment
from oo_desktop.ipc import (
    CommandError,
    InstanceError,
    InstanceLock,
    NotRunning,
    ask,
    running_pid,
    wait_until_gone,
)
from oo_desktop.ipc.protocol import FAILED, WRONG_USAGE

if TYPE_CHECKING:
    from argparse import Namespace

    from oo_desktop.app.demo import Demo

DONE = 0
NOT_RUNNING = 3
INTERRUPTED = 130

STARTING_SECONDS = 15.0
"""How long to wait for an instance that holds the lock and does not answer."""

LINKS = "ics"
"""The provider whose accounts are secret links: those are never arguments."""

MAX_SECRET = 4096
"""Characters; a token is shorter on every service there is."""


class Run(Protocol):
    """Runs the tray until it is quit, as `oo_desktop.app.main.run` does. Returns the exit code."""

    def __call__(
        self,
        *,
        folders: Folders,
        lock: InstanceLock,
        demo: "Demo | None",
    ) -> int: ...


def main(
    argv: Sequence[str] | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    run: Run | None = None,
) -> int:
    """Do what the command line says; returns the exit code.

    run: the tray; by default `oo_desktop.app.main.run`, imported when it is needed.
    """
    terminal = Terminal(sys.stdout, sys.stderr)
    words = sys.argv[1:] if argv is None else argv
    try:
        folders = folders_from_environment(environment)
        # What the desktop does at log-in reads no command line, and need not learn how.
        return (
            _start_tray(folders, terminal, run)
            if not words
            else _run(words, terminal, folders, run)
        )
    except ReaderGone:
        return DONE
    except OoError as error:
        terminal.note(text.plain(error))
        return _exit_code(error)
    except KeyboardInterrupt:
        terminal.note("")
        return INTERRUPTED


def _exit_code(error: OoError) -> int:
    if isinstance(error, NotRunning):
        return NOT_RUNNING
    return error.code if isinstance(error, CommandError) else FAILED


def _say_wanted(wanted: str, terminal: Terminal) -> int:
    try:
        terminal.say(wanted)
    except (ReaderGone, OutputError):
        return DONE
    return DONE


def _run(words: Sequence[str], terminal: Terminal, folders: Folders, run: Run | None) -> int:
    from oo_desktop.cli.arguments import Wanted, parsed

    try:
        options = parsed(words)
    except Wanted as wanted:
        return _say_wanted(str(wanted), terminal)
    if options.demo:
        return _start_demo(run)
    if options.command is None:
        return _start_tray(folders, terminal, run, adding=options.add)
    if options.command == "reset":
        from oo_desktop.cli.reset import reset

        return reset(options, terminal, folders)
    carry_out, show = _COMMANDS[options.command]
    try:
        result = carry_out(options, terminal, folders.runtime)
    except CommandError as error:
        if options.json and error.field:
            terminal.say(json.dumps({"error": str(error), "field": error.field}))
        raise
    if options.json:
        terminal.say(json.dumps(result))
    else:
        reader = text.Reader(datetime.now(UTC).astimezone(), terminal.columns)
        terminal.say(show(result, reader))
    return DONE


# Becoming the tray


def _start_tray(
    folders: Folders, terminal: Terminal, run: Run | None, *, adding: bool = False
) -> int:
    """Become the one running oO, or wake the one that is.

    adding: open its window at the field for a new task, whichever it is.
    """
    folders.create()
    end = time.monotonic() + STARTING_SECONDS
    while (lock := InstanceLock.acquire(folders.runtime)) is None:
        try:
            ask(folders.runtime, "ask_to_add" if adding else "wake")
        except InstanceError:
            # It is just ending, or was only somebody looking at the lock.
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            terminal.say("oO is already running.")
            return DONE

    if adding:
        from threading import Thread

        Thread(target=_ask_oneself, args=(folders.runtime, "ask_to_add"), daemon=True).start()
    with lock:
        return _tray(run)(folders=folders, lock=lock, demo=None)


def _ask_oneself(folder: Path, command: str) -> None:
    """Ask what starts in this process, as soon as it can be asked; it says itself what is wrong."""
    with suppress(InstanceError, CommandError):
        ask(folder, command, starting=STARTING_SECONDS)


def _start_demo(run: Run | None) -> int:
    """An oO beside any other: with folders of its own, there is nobody to wake."""
    from oo_desktop.app.demo import demo

    with demo() as made:
        made.folders.create()
        lock = InstanceLock.acquire(made.folders.runtime)
        if lock is None:
            raise InstanceError("The demo’s own folder is already in use.")
        with lock:
            return _tray(run)(folders=made.folders, lock=lock, demo=made)


def _tray(run: Run | None) -> Run:
    if run is not None:
        return run
    from oo_desktop.app.main import run as tray

    return tray


# Asking the running one


def _ask_simple(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    return ask(folder, options.command)


def _ask_integrations(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    """A person is told what waits to become an account as well, and what can become one."""
    found = ask(folder, "integrations")
    if options.json:
        return found
    return ask(folder, "status") | {"accounts": found}


def _ask_signals(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    """For a person, an empty list from which something is missing comes as the status, which says
    what: that is not nothing."""
    answer = ask(folder, "signals")
    if answer or options.json:
        return answer
    status = ask(folder, "status")
    lacks = any(map(text.is_lacking, status.get("accounts") or ()))
    return status if lacks else answer


def _ask_done(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    return ask(folder, "done", {"id": options.id})


def _ask_act(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    return ask(folder, "act", {"id": options.id, "action": options.action})


def _ask_add(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    args = {"text": " ".join(options.text)}
    for name in ("account", "list"):
        if (value := getattr(options, name)) is not None:
            args[name] = value
    # The first time, the service is asked which lists there are: that has a time-out of its own.
    return ask(folder, "add", args, patience=None)


def _ask_undo(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    if options.list:
        return ask(folder, "undoable")
    return ask(folder, "undo", {} if options.id is None else {"id": options.id})


def _ask_retry(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    return ask(folder, "retry", {"all": True} if options.all else {"id": options.id})


def _ask_discard(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    return ask(folder, "discard", {"id": options.id})


def _ask_pause(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    if options.until == "off":
        return ask(folder, "resume")
    return ask(folder, "pause", {"until": options.until})


def _ask_refresh(options: "Namespace", terminal: Terminal, folder: Path) -> Any:
    """The round is over whoever was reached: no failure, but what is old is said to be."""
    answer = ask(folder, "refresh", patience=None)  # every service has its own time-out
    if not options.json:
        for sentence in text.not_refreshed(answer):
            terminal.note(sentence)
    return answer


def _ask_calendars(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    user = {} if options.user is None else {"user": options.user}
    chosen = options.hide if options.show is None else options.show
    if chosen is None:
        return ask(folder, "calendars", user)
    args = {**user, "calendar": chosen, "shown": options.show is not None}
    return ask(folder, "show_calendar", args, patience=None)  # until its service has answered


def _ask_connect(options: "Namespace", terminal: Terminal, folder: Path) -> Any:
    from oo_desktop.cli.arguments import PASSWORDS

    args: dict[str, object] = {"provider": options.provider}
    if options.token or options.provider == LINKS:
        if running_pid(folder) is None:  # say so before asking a person for a token
            raise NotRunning
        args["token"] = _secret_from(sys.stdin, is_link=options.provider == LINKS)
    elif options.provider == PASSWORDS and not options.nextcloud:
        if running_pid(folder) is None:
            raise NotRunning
        args["token"] = _credentials_from(sys.stdin, options)
    else:
        args["browser"] = not options.no_browser
        if options.write:
            args["write"] = True
        if options.server is not None:
            args["server"] = options.server
        if options.client is not None:
            args["client"] = _client(Path(options.client))
    if options.user is not None:
        args["user"] = options.user
    # However long the person takes: the sign-in has an end of its own.
    return ask(
        folder, "connect", args, progress=_sign_in_progress(options, terminal), patience=None
    )


def _sign_in_progress(
    options: "Namespace", terminal: Terminal
) -> Callable[[Mapping[str, Any]], None]:
    """Shows the address once it is known: alone on stdout for --no-browser, so scripts can read it.

    With a browser it is a note: a browser that was started need not have come up. What the keyring
    makes it wait for is always one.
    """
    told: set[str] = set()

    def show(progress: Mapping[str, Any]) -> None:
        note = text.plain(progress.get("note") or "")
        if note and note not in told:
            told.add(note)
            terminal.note(f"{note} (Ctrl-C cancels.)")
        url = text.plain(progress.get("url") or "")
        if not url or url in told:
            return
        told.add(url)
        if not options.no_browser:
            terminal.note(f"Your browser is asked to open this; if it does not, open it:\n{url}")
            return
        terminal.note("Open this address in a browser, and agree there (Ctrl-C cancels):")
        try:
            terminal.say(json.dumps({"url": url}) if options.json else url)
        except ReaderGone:
            raise OutputError("Nobody reads the address, so the sign-in is given up.") from None

    return show


def _client(path: Path) -> str:
    """What the file of a client holds; whether it is one, the instance knows."""
    from oo_desktop.model.state import MAX_CLIENT_FILE

    try:
        with path.open("rb") as file:
            data = file.read(MAX_CLIENT_FILE + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file has such a name"
        raise CommandError(f"oO cannot read {path}: {why}.") from None
    if len(data) > MAX_CLIENT_FILE:
        raise CommandError(f"{path} is too large to be a client’s file.")
    if not data.strip():
        raise CommandError(f"There is nothing in {path}.")
    return data.decode("utf-8", errors="replace")


def _secret_from(stdin: TextIO | None, *, is_link: bool) -> str:
    """An API token or a link from standard input."""
    name = "calendar link" if is_link else "API token"
    token = _line_from(stdin, name).strip()
    if not token:
        raise CommandError(f"There is no {name} on standard input.", code=WRONG_USAGE)
    good = len(token) <= MAX_SECRET and token.isprintable() and " " not in token
    if not good or not (token.isascii() or is_link):
        raise CommandError(f"What is on standard input is not a valid {name}.", code=WRONG_USAGE)
    return token


def _credentials_from(stdin: TextIO | None, options: "Namespace") -> str:
    """The password from standard input, with the server and the user name, as they travel; both
    are empty on a reconnect, for the account has them."""
    from oo_desktop.http.passwords import Credentials

    password = _line_from(stdin, "password").rstrip("\r\n")
    if not password:
        raise CommandError("There is no password on standard input.", code=WRONG_USAGE)
    if len(password) > MAX_SECRET or not password.isprintable():
        raise CommandError("What is on standard input is not a valid password.", code=WRONG_USAGE)
    server, user_name = options.server or "", options.username or ""
    if not (server + user_name).isprintable():
        raise CommandError(
            "This server or user name has characters that cannot be sent.", code=WRONG_USAGE
        )
    return Credentials(server=server, user_name=user_name, password=password).secret


def _line_from(stdin: TextIO | None, name: str) -> str:
    """A line from standard input; typed unseen where that is a terminal."""
    if stdin is None:
        return ""
    if not stdin.isatty():
        return stdin.buffer.readline(MAX_SECRET + 2).decode(errors="surrogateescape")
    from getpass import getpass

    try:
        return getpass(f"{name[0].upper()}{name[1:]}: ")
    except EOFError:
        return ""


def _ask_disconnect(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    args: dict[str, object] = {"provider": options.provider}
    if options.user is not None:
        args["user"] = options.user
    return ask(folder, "disconnect", args, patience=None)  # a keyring may ask the person first


def _watch(_options: "Namespace", terminal: Terminal, folder: Path) -> Any:
    """Says each list as it comes; returns never, but for what ends it."""

    def show(progress: Mapping[str, Any]) -> None:
        terminal.say(json.dumps(progress.get("signals")))

    return ask(folder, "watch", progress=show, patience=None)


def _completions(options: "Namespace", _terminal: Terminal, _folder: Path) -> Any:
    from oo_desktop.cli.arguments import completions

    return completions(options.shell)


def _report_text(answer: Mapping[str, Any], _reader: text.Reader) -> str:
    from oo_desktop.commands.report import report_text

    return "\n".join(map(text.plain, report_text(answer).split("\n")))


def _ask_quit(_options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    pid = running_pid(folder)
    if pid is None:
        raise NotRunning
    result = ask(folder, "quit")
    wait_until_gone(folder, pid)
    return result


def _ask_set(options: "Namespace", _terminal: Terminal, folder: Path) -> Any:
    return ask(folder, "set", {"name": options.name, "value": options.value})


def _autostart(options: "Namespace", _terminal: Terminal, _folder: Path) -> Any:
    """Needs no running oO: it is between the desktop and the person."""
    from oo_desktop.app.ports import own_autostart

    autostart = own_autostart()
    if options.on is not None:
        autostart.turn(on=options.on == "on")
    return {"on": autostart.is_on()}


_Say = Callable[[Any, text.Reader], str]

_COMMANDS: "Mapping[str, tuple[Callable[[Namespace, Terminal, Path], Any], _Say]]" = {
    "show": (_ask_simple, text.shown),
    "status": (_ask_simple, text.status),
    "signals": (_ask_signals, text.signals),
    "done": (_ask_done, text.done),
    "act": (_ask_act, text.act),
    "add": (_ask_add, text.added),
    "undo": (_ask_undo, text.undo),
    "outbox": (_ask_simple, text.outbox),
    "retry": (_ask_retry, text.retry),
    "discard": (_ask_discard, text.discard),
    "join": (_ask_simple, text.joined),
    "pause": (_ask_pause, text.paused),
    "refresh": (_ask_refresh, text.refresh),
    "integrations": (_ask_integrations, text.integrations),
    "calendars": (_ask_calendars, text.calendars),
    "connect": (_ask_connect, text.connected),
    "disconnect": (_ask_disconnect, text.disconnected),
    "watch": (_watch, lambda _answer, _reader: ""),
    "report": (_ask_simple, _report_text),
    "completions": (_completions, lambda answer, _reader: str(answer)),
    "settings": (_ask_simple, text.settings),
    "set": (_ask_set, text.changed),
    "autostart": (_autostart, text.autostart),
    "quit": (_ask_quit, text.ended),
}
"""What each asks of the running oO, and how the answer is said."""
