"""Does what each command says: most ask the running oO something (`start.py` starts it).

With --json, stdout holds the result as one line of JSON and nothing else; `connect
--no-browser --json` writes a line {"url": …} before it.

Where `connect` knows which of the things that were typed is wrong, it says that with --json as
well, on stdout: {"error": …, "field": "server", "user_name" or "password"}.
"""

from __future__ import annotations

import gc
import json
import sys
from datetime import UTC, datetime

from oo_desktop.cli import text
from oo_desktop.cli.plain_words import plainly_parsed
from oo_desktop.cli.terminal import OutputError, ReaderGone, Terminal
from oo_desktop.ipc.client import ask, running_pid, wait_until_gone
from oo_desktop.ipc.instance import NotRunning
from oo_desktop.ipc.protocol import WRONG_USAGE, CommandError
from oo_desktop.language import translated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TextIO, TypeAlias

    from oo_desktop.places import Places

    Say: TypeAlias = Callable[[Any, text.Reader], str]

DONE = 0

LINKS = "ics"
"""The provider whose accounts are secret links: those are never arguments."""

MAX_SECRET = 4096
"""Characters; a token is shorter on every service there is."""


def _say_wanted(wanted: str, terminal: Terminal) -> int:
    try:
        terminal.say(wanted)
    except (ReaderGone, OutputError):
        return DONE
    return DONE


def carry_out(
    words: Sequence[str],
    terminal: Terminal,
    places: Places,
    *,
    start: Callable[[bool], int],
    start_demo: Callable[[], int],
) -> int:
    """Do what the words say; returns the exit code. Raises OoError and ReaderGone.

    start, start_demo: become the tray, where the words ask for that; the first is told whether a
        task is to be added then.
    """
    options = plainly_parsed(words)
    if options is None:
        from oo_desktop.cli.arguments import Wanted, parsed

        try:
            options = parsed(words)
        except Wanted as wanted:
            return _say_wanted(str(wanted), terminal)
    if options.demo:
        return start_demo()
    if options.command is None:
        return start(options.add)
    if options.command == "reset":
        from oo_desktop.cli.reset import reset
        from oo_desktop.folders import folders_at

        return reset(options, terminal, folders_at(places))
    asked, show = _COMMANDS[options.command]
    try:
        result = asked(options, terminal, places.runtime)
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


# Asking the running one


def _ask_simple(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    return ask(folder, options.command)


def _ask_integrations(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    """A person is told what waits to become an account as well, and what can become one."""
    found = ask(folder, "integrations")
    if options.json:
        return found
    return ask(folder, "status") | {"accounts": found}


def _ask_signals(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    """For a person, an empty list from which something is missing comes as the status, which says
    what: that is not nothing."""
    answer = ask(folder, "signals")
    if answer or options.json:
        return answer
    status = ask(folder, "status")
    lacks = any(map(text.is_lacking, status.get("accounts") or ()))
    return status if lacks else answer


def _ask_done(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    return ask(folder, "done", {"id": options.id})


def _ask_act(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    return ask(folder, "act", {"id": options.id, "action": options.action})


def _ask_add(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    args = {"text": " ".join(options.text)}
    for name in ("account", "list"):
        if (value := getattr(options, name)) is not None:
            args[name] = value
    # The first time, the service is asked which lists there are: that has a time-out of its own.
    return ask(folder, "add", args, patience=None)


def _ask_undo(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    if options.list:
        return ask(folder, "undoable")
    return ask(folder, "undo", {} if options.id is None else {"id": options.id})


def _ask_retry(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    return ask(folder, "retry", {"all": True} if options.all else {"id": options.id})


def _ask_discard(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    return ask(folder, "discard", {"id": options.id})


def _ask_pause(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    if options.until == "off":
        return ask(folder, "resume")
    return ask(folder, "pause", {"until": options.until})


def _ask_refresh(options: Namespace, terminal: Terminal, folder: str) -> Any:
    """The round is over whoever was reached: no failure, but what is old is said to be."""
    answer = ask(folder, "refresh", patience=None)  # every service has its own time-out
    if not options.json:
        for sentence in text.not_refreshed(answer):
            terminal.note(sentence)
    return answer


def _ask_calendars(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    user = {} if options.user is None else {"user": options.user}
    chosen = options.hide if options.show is None else options.show
    if chosen is None:
        return ask(folder, "calendars", user)
    args = {**user, "calendar": chosen, "shown": options.show is not None}
    return ask(folder, "show_calendar", args, patience=None)  # until its service has answered


def _ask_connect(options: Namespace, terminal: Terminal, folder: str) -> Any:
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
            args["client"] = _client(options.client)
    if options.user is not None:
        args["user"] = options.user
    # However long the person takes: the sign-in has an end of its own.
    return ask(
        folder, "connect", args, progress=_sign_in_progress(options, terminal), patience=None
    )


def _sign_in_progress(
    options: Namespace, terminal: Terminal
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
            terminal.note(translated("{note} (Ctrl-C cancels.)", note=note))
        url = text.plain(progress.get("url") or "")
        if not url or url in told:
            return
        told.add(url)
        if not options.no_browser:
            terminal.note(
                translated(
                    "Your browser is asked to open this; if it does not, open it:\n{url}", url=url
                )
            )
            return
        terminal.note(
            translated("Open this address in a browser, and agree there (Ctrl-C cancels):")
        )
        try:
            terminal.say(json.dumps({"url": url}) if options.json else url)
        except ReaderGone:
            raise OutputError(
                translated("Nobody reads the address, so the sign-in is given up.")
            ) from None

    return show


def _client(path: str) -> str:
    """What the file of a client holds; whether it is one, the instance knows."""
    from oo_desktop.model.state import MAX_CLIENT_FILE

    try:
        with open(path, "rb") as file:
            data = file.read(MAX_CLIENT_FILE + 1)
    except (OSError, ValueError) as error:
        if not isinstance(error, OSError):
            raise CommandError(
                translated("oO cannot read {path}: no file has such a name.", path=path)
            ) from None
        raise CommandError(
            translated("oO cannot read {path}: {why}.", path=path, why=error.strerror)
        ) from None
    if len(data) > MAX_CLIENT_FILE:
        raise CommandError(translated("{path} is too large to be a client’s file.", path=path))
    if not data.strip():
        raise CommandError(translated("There is nothing in {path}.", path=path))
    return data.decode("utf-8", errors="replace")


def _secret_from(stdin: TextIO | None, *, is_link: bool) -> str:
    """An API token or a link from standard input."""
    # Translators: asks a person to type it
    prompt = translated("Calendar link:") if is_link else translated("API token:")
    token = _line_from(stdin, prompt).strip()
    if not token:
        raise CommandError(
            translated("There is no calendar link on standard input.")
            if is_link
            else translated("There is no API token on standard input."),
            code=WRONG_USAGE,
        )
    good = len(token) <= MAX_SECRET and token.isprintable() and " " not in token
    if not good or not (token.isascii() or is_link):
        raise CommandError(
            translated("What is on standard input is not a valid calendar link.")
            if is_link
            else translated("What is on standard input is not a valid API token."),
            code=WRONG_USAGE,
        )
    return token


def _credentials_from(stdin: TextIO | None, options: Namespace) -> str:
    """The password from standard input, with the server and the user name, as they travel; both
    are empty on a reconnect, for the account has them."""
    from oo_desktop.http.passwords import Credentials

    password = _line_from(stdin, translated("Password:")).rstrip("\r\n")
    if not password:
        raise CommandError(translated("There is no password on standard input."), code=WRONG_USAGE)
    if len(password) > MAX_SECRET or not password.isprintable():
        raise CommandError(
            translated("What is on standard input is not a valid password."), code=WRONG_USAGE
        )
    server, user_name = options.server or "", options.username or ""
    if not (server + user_name).isprintable():
        raise CommandError(
            translated("This server or user name has characters that cannot be sent."),
            code=WRONG_USAGE,
        )
    return Credentials(server=server, user_name=user_name, password=password).secret


def _line_from(stdin: TextIO | None, prompt: str) -> str:
    """A line from standard input; typed unseen where that is a terminal."""
    if stdin is None:
        return ""
    if not stdin.isatty():
        return stdin.buffer.readline(MAX_SECRET + 2).decode(errors="surrogateescape")
    from getpass import getpass

    try:
        return getpass(f"{prompt} ")
    except EOFError:
        return ""


def _ask_disconnect(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    args: dict[str, object] = {"provider": options.provider}
    if options.user is not None:
        args["user"] = options.user
    return ask(folder, "disconnect", args, patience=None)  # a keyring may ask the person first


def _watch(_options: Namespace, terminal: Terminal, folder: str) -> Any:
    """Says each list as it comes; returns never, but for what ends it."""
    gc.enable()  # see `__main__.py`

    def show(progress: Mapping[str, Any]) -> None:
        terminal.say(json.dumps(progress.get("signals")))

    return ask(folder, "watch", progress=show, patience=None)


def _completions(options: Namespace, _terminal: Terminal, _folder: str) -> Any:
    from oo_desktop.cli.arguments import completions

    return completions(options.shell)


def _report_text(answer: Mapping[str, Any], _reader: text.Reader) -> str:
    from oo_desktop.commands.report import report_text

    return "\n".join(map(text.plain, report_text(answer).split("\n")))


def _ask_quit(_options: Namespace, _terminal: Terminal, folder: str) -> Any:
    pid = running_pid(folder)
    if pid is None:
        raise NotRunning
    result = ask(folder, "quit")
    wait_until_gone(folder, pid)
    return result


def _ask_set(options: Namespace, _terminal: Terminal, folder: str) -> Any:
    return ask(folder, "set", {"name": options.name, "value": options.value})


def _autostart(options: Namespace, _terminal: Terminal, _folder: str) -> Any:
    """Needs no running oO: it is between the desktop and the person."""
    from oo_desktop.app.ports import own_autostart

    autostart = own_autostart()
    if options.on is not None:
        autostart.turn(on=options.on == "on")
    return {"on": autostart.is_on()}


_COMMANDS: Mapping[str, tuple[Callable[[Namespace, Terminal, str], Any], Say]] = {
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
