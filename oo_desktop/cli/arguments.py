"""Reads the words of the command line, and explains them (`--help`)."""

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from oo_desktop import __version__
from oo_desktop.ipc import CommandError
from oo_desktop.ipc.protocol import WRONG_USAGE

USAGE = """\
oO: what needs you now, in the system tray.

  oo-desktop                   start oO, or show the one that runs
  oo-desktop --add             the same, at the field for a new task
  oo-desktop --demo            try it with made-up tasks and calendars, touching nothing of yours

Ask the running oO:

  show                         open its window
  status                       how it is doing, account by account
  signals                      what the tray shows
  done SIGNAL_ID               mark a task as done
  act SIGNAL_ID ACTION         or move it: later-today, tomorrow, next-week, no-date;
                               answer an invitation: accept, maybe, decline
  add TEXT…                    add a task: oo-desktop add "Buy milk tomorrow 18:00 p1 #Home"
    --account ACCOUNT            to this account: todoist, caldav, or PROVIDER:USER_ID
    --list LIST                  to this list, if the text names none
  join                         open the meeting that is running or comes next
  undo [SIGNAL_ID]             take the last click back, or the one on that task
    --list                       what can be taken back
  outbox                       clicks on their way, and those that were refused
  retry SIGNAL_ID | --all      send a refused click again
  discard SIGNAL_ID            forget a refused click
  pause 30m | 1h | tomorrow    hold notifications back until then
    off                          no longer; what was held back comes in one
  refresh                      ask every service now
  integrations                 the connected accounts
  calendars                    the calendars of your accounts, and which are shown
    --show ID | --hide ID        show or hide one
    --user ID                    of this account
  connect PROVIDER             sign in with your browser: todoist, google_calendar;
                               or read a calendar link from standard input: ics;
                               or an app password: caldav;
                               or the calendars of this computer, nothing asked: desktop
    --user ID                    reconnect this account
    --no-browser                 print the address instead of opening it
    --token                      read an API token from standard input instead
    --client FILE                with your own client’s file (client_secret_….json)
    --write                      ask for permission to answer invitations, too
    --username NAME              at a server, for caldav; an e-mail address often does alone
    --server URL                 which server: its address, or icloud, fastmail …
    --nextcloud                  sign in to that server with your browser: it is a Nextcloud
  disconnect PROVIDER          forget an account
    --user ID                    which one, where there are several
  settings                     every setting, its value and its meaning
  set NAME VALUE               change one, at once: set show.all_day off
  autostart [on|off]           start oO when you log in
  watch                        what the tray shows, as a line of JSON each time that changes
  report                       how oO is, to find a fault: no names, titles or secrets in it
  completions SHELL            what makes bash, zsh or fish complete all this with Tab
  reset                        disconnect everything and delete what oO keeps, after asking
    --yes                        without asking
    --settings                   config.toml, too
  quit                         end oO

  --json                       answer in JSON, with any command
  --version, --help

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 oO is not running.
"""


ACTION_WORDS = (
    "done",
    "reopen",
    "later_today",
    "tomorrow",
    "next_week",
    "no_date",
    "accept",
    "maybe",
    "decline",
)
"""What `act` can ask for. The instance has the last word; this one spares it the question."""


PAUSES = ("30m", "1h", "tomorrow", "off")
"""How long `pause` may last; `off` ends one."""


PROVIDERS = "todoist, google_calendar, ics, caldav, desktop"
"""Those that oO brings along. What plug-ins add, the instance knows."""

SHELLS = ("bash", "zsh", "fish")
"""Those that `completions` knows."""

PASSWORDS = "caldav"
"""The provider whose accounts have a user name and a password, which is never an argument."""

NOTHING_ASKED = "desktop"
"""The provider whose account is on this computer already."""

_FLAGS = ("--no-browser", "--token", "--write", "--nextcloud", "--json")
"""Options of `connect` that no value follows."""


class Wanted(Exception):
    """Carries a text that the command line asked for: help or the version."""


class _NothingRepeated(CommandError):
    """Says what is wrong in a sentence that repeats nothing of the command line."""


class _Show(argparse.Action):
    """An option that shows a text and ends there."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        raise Wanted(self.const or parser.format_help().rstrip())


class _ArgumentParser(argparse.ArgumentParser):
    """argparse that raises instead of writing and exiting."""

    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        if message.startswith("argument COMMAND: invalid choice"):
            message = "there is no such command"
        message = f"{message[:1].upper()}{message[1:]}"
        raise CommandError(f"{message}. See: {self.prog} --help", code=WRONG_USAGE)


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """Return what `words` ask for: `command` (None: the tray), `json`, `demo`, `add`, and its own.

    Raises CommandError for wrong usage, and Wanted when a text is all that is wanted.
    """
    parser = words_parser()
    try:
        options, more = _parsed_by(parser, words)
        if more and options.command == "connect" and options.provider == PASSWORDS:
            raise _wrong(
                "takes nothing more: the password is read from standard input, because everybody "
                "can see a command line."
            )
        if more:
            parser.error(f"unrecognized arguments: {' '.join(more)}")
        if options.command is None and options.json:
            parser.error("--json needs a command")
        if options.command is not None and (options.demo or options.add):
            parser.error(f"{'--demo' if options.demo else '--add'} takes no command")
        _check(options, parser)
    except _NothingRepeated:
        raise
    except CommandError:
        if (name := _unknown_service(words)) is not None:
            raise CommandError(
                f"There is no {name}. There are: {PROVIDERS}, and those of plug-ins.",
                code=WRONG_USAGE,
            ) from None
        # argparse quotes what it did not expect, and after --token that may be the token.
        if any(word.startswith("--token") for word in words):
            raise CommandError(
                "“connect PROVIDER --token” takes nothing more: the token is read from standard "
                "input, because everybody can see a command line.",
                code=WRONG_USAGE,
            ) from None
        # So it does with what follows the provider, where that may be a calendar's secret link.
        if "connect" in words and any(map(_is_link, words)):
            named = {_provider(word) for word in words} & set(PROVIDERS.split(", "))
            raise CommandError(
                "“connect ics” takes nothing more: the link is read from standard input, because "
                "everybody can see a command line."
                if named <= {"ics"}
                else f"“connect {min(named)}” takes no address. See: oo-desktop connect --help",
                code=WRONG_USAGE,
            ) from None
        raise
    return options


def _parsed_by(
    parser: argparse.ArgumentParser, words: Sequence[str]
) -> tuple[argparse.Namespace, list[str]]:
    """What is understood, and the words that are not."""
    options, more = parser.parse_known_args(words)
    if options.command == "add" and not any(word.startswith("-") for word in more):
        options.text, more = options.text + more, []  # words after an option are its text, too
    return options, more


def _unknown_service(words: Sequence[str]) -> str | None:
    """What to call the service that `connect` or `disconnect` is asked for, where there is none of
    that name; None where the trouble is another. What may be a secret is not repeated."""
    command, *rest = [*(word for word in words if word != "--json"), ""]
    if command not in ("connect", "disconnect"):
        return None
    names = [
        _provider(word)
        for before, word in zip((command, *rest), rest, strict=False)
        if word and not word.startswith("-") and not _is_link(word)
        if not before.startswith("--") or "=" in before or before in _FLAGS
    ]
    if not names or set(names) & set(PROVIDERS.split(", ")):
        return None
    secret = any(word.startswith("--token") for word in words)
    if secret or not re.fullmatch("[a-z][a-z0-9_]{0,19}", names[0]):
        return "such service"
    return f"service “{names[0]}”"


def _is_link(word: str) -> bool:
    return "://" in word or word.lower().startswith(("webcal:", "webcals:"))


def _check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """What argparse cannot say of a command's arguments. Raises CommandError."""
    match options.command:
        case "act":
            options.action = _action(options.action)
        case "undo" if options.id is not None and options.list:
            parser.error("--list takes no SIGNAL_ID")
        case "retry" if (options.id is None) != options.all:
            parser.error("retry takes a SIGNAL_ID or --all")
        case "connect" if _is_link(options.provider):
            parser.error("that is a link")
        case "connect" if options.provider == PASSWORDS:
            _check_password_options(options)
        case "connect" if options.provider == NOTHING_ASKED and _how(options):
            raise _NothingRepeated(
                f"“connect {NOTHING_ASKED}” asks for nothing: it takes no option but --json.",
                code=WRONG_USAGE,
            )
        case "connect" if options.nextcloud or options.server is not None or options.username:
            parser.error("--server, --username and --nextcloud are for caldav alone")
        case "connect" if options.token and (options.client is not None or options.write):
            parser.error("--token needs no browser, and so neither --client nor --write")


def _how(options: argparse.Namespace) -> bool:
    """Whether anything is said of how to connect."""
    flags = options.no_browser or options.token or options.write or options.nextcloud
    values = (options.client, options.username, options.server)
    return flags or any(value is not None for value in values)


def _check_password_options(options: argparse.Namespace) -> None:
    """Whether a server and a user name are given, and nothing beside them. Raises CommandError."""
    if options.token or options.client is not None or options.write:
        raise _wrong("takes no --token, --client or --write.")
    if options.nextcloud:
        if options.username is not None:
            raise _wrong("--nextcloud takes no --username: you sign in with your browser.")
        if options.server is None:
            raise _wrong("--nextcloud needs --server, the address of your Nextcloud.")
    elif options.no_browser:
        raise _wrong("opens no browser but with --nextcloud.")
    elif options.user is not None:
        if options.server is not None or options.username is not None:
            raise _wrong("--user takes no --server and no --username: the account has them.")
    elif options.username is None:
        raise _wrong(
            "needs --username NAME, and --server URL where that is no e-mail address; the password "
            "is read from standard input."
        )
    elif options.server is None and "@" not in options.username:
        raise _wrong("needs --server URL, for this user name is no e-mail address.")


def _wrong(what: str) -> _NothingRepeated:
    return _NothingRepeated(
        f"“connect {PASSWORDS}” {what} See: oo-desktop connect --help", code=WRONG_USAGE
    )


def _action(words: Sequence[str]) -> str:
    """`next-week`, `next week` and `next_week` are the same. Raises CommandError."""
    given = " ".join(words)
    name = "_".join(given.lower().replace("-", " ").replace("_", " ").split())
    if name not in ACTION_WORDS:
        raise CommandError(
            f"There is no action “{given[:40]}”. Possible: {', '.join(ACTION_WORDS)}.",
            code=WRONG_USAGE,
        )
    return name


def words_parser() -> argparse.ArgumentParser:
    """Return what reads the words; the manual and the completions are made from it."""
    parser = _ArgumentParser(prog="oo-desktop")
    parser.add_argument(
        "-h", "--help", action=_Show, nargs=0, const=USAGE.rstrip(), help="show what there is"
    )
    parser.add_argument(
        "--version",
        action=_Show,
        nargs=0,
        const=f"oo-desktop {__version__}",
        help="show which version this is",
    )
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--demo", action="store_true", help="try oO with made-up accounts")
    start.add_argument(
        "--add", action="store_true", help="open the window at the field for a new task"
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", parser_class=_ArgumentParser
    )

    def add(name: str, description: str) -> argparse.ArgumentParser:
        # The help is what completions say beside the word.
        command = commands.add_parser(name, help=description, description=description)
        command.add_argument("-h", "--help", action=_Show, nargs=0, help="show this")
        # Suppressed, so that it does not undo a --json before the command.
        command.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="answer in JSON"
        )
        return command

    add("show", "Open oO’s window, or bring it to the front.")
    add("status", "How oO is doing, account by account.")
    add("signals", "What the tray shows, in its order.")
    add("done", "Mark a task as done, as clicking it does.").add_argument(
        "id", metavar="SIGNAL_ID", help="as “signals” shows it, or SOURCE:USER_ID:SIGNAL_ID"
    )
    act = add("act", "Do something with a task or an event, as clicking it in the tray does.")
    act.add_argument("id", metavar="SIGNAL_ID", help="as for “done”")
    act.add_argument("action", metavar="ACTION", nargs="+", help=", ".join(ACTION_WORDS))
    new = add("add", "Add a task. Its date, time, priority and #list are read from the text.")
    new.add_argument("text", metavar="TEXT", nargs="+", help="“Buy milk tomorrow 18:00 p1 #Home”")
    new.add_argument(
        "--account", metavar="ACCOUNT", help="to this account: PROVIDER or PROVIDER:USER_ID"
    )
    new.add_argument("--list", metavar="LIST", help="to this list, if the text names none")
    undo = add("undo", "Take the last click back, or the last on a task.")
    undo.add_argument("id", metavar="SIGNAL_ID", nargs="?", help="as for “done”")
    undo.add_argument("--list", action="store_true", help="show what can be taken back")
    add("outbox", "Clicks that are on their way, and those that were refused.")
    retry = add("retry", "Send a refused click again.")
    retry.add_argument("id", metavar="SIGNAL_ID", nargs="?", help="as “outbox” shows it")
    retry.add_argument("--all", action="store_true", help="send all of them again")
    discard = add("discard", "Forget a refused click; nothing is sent.")
    discard.add_argument("id", metavar="SIGNAL_ID", help="as “outbox” shows it")
    add("join", "Open the link of the meeting that is running or begins within an hour.")
    pause = add("pause", "Hold notifications back for a while; what was held comes in one then.")
    pause.add_argument("until", metavar="UNTIL", choices=PAUSES, help=", ".join(PAUSES))
    add("refresh", "Ask every service now; returns when all have answered.")
    add("integrations", "The connected accounts.")
    calendars = add("calendars", "The calendars of your accounts; or show or hide one.")
    choice = calendars.add_mutually_exclusive_group()
    choice.add_argument("--show", metavar="ID", help="show the events of this calendar")
    choice.add_argument("--hide", metavar="ID", help="hide them")
    calendars.add_argument("--user", metavar="ID", help="of this account")
    connect = add("connect", "Connect an account, or reconnect it; returns when that is over.")
    connect.add_argument(
        "provider",
        metavar="PROVIDER",
        type=_provider,
        help=f"{PROVIDERS}; for ics, standard input has the calendar link, for caldav the "
        "app password",
    )
    how = connect.add_mutually_exclusive_group()
    how.add_argument("--no-browser", action="store_true", help="print the address to open")
    how.add_argument("--token", action="store_true", help="read an API token from standard input")
    connect.add_argument(
        "--client", metavar="FILE", help="your own client’s file, client_secret_….json (Google)"
    )
    connect.add_argument(
        "--write", action="store_true", help="ask for permission to answer invitations"
    )
    connect.add_argument("--username", metavar="NAME", help="as whom, at the server (caldav)")
    connect.add_argument(
        "--server",
        metavar="URL",
        help="the server’s address; or icloud, fastmail, mailbox_org, posteo; left out: that of "
        "your e-mail address (caldav)",
    )
    connect.add_argument(
        "--nextcloud",
        action="store_true",
        help="sign in with your browser, at the Nextcloud that --server names (caldav)",
    )
    connect.add_argument(
        "--user",
        metavar="ID",
        help="reconnect this account, with the link, token or password given",
    )
    add("settings", "Every setting, its value and its meaning.")
    change = add("set", "Change a setting in config.toml; it counts at once.")
    change.add_argument("name", metavar="NAME", help="as “settings” shows it")
    change.add_argument(
        "value", metavar="VALUE", help="on, off, a number, a time or a text; “default” takes it out"
    )
    autostart = add("autostart", "Whether oO starts when you log in; or turn that on or off.")
    autostart.add_argument("on", metavar="on|off", nargs="?", choices=("on", "off"))
    disconnect = add("disconnect", "Forget an account and everything oO knows of it.")
    disconnect.add_argument("provider", metavar="PROVIDER", type=_provider, help=PROVIDERS)
    disconnect.add_argument("--user", metavar="ID", help="which one, where there are several")
    add("watch", "What the tray shows, as a line of JSON: at once, and each time that changes.")
    add("report", "How oO is and what it runs on; without names, titles or secrets.")
    add("completions", "A script that has your shell complete oo-desktop’s words.").add_argument(
        "shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS)
    )
    reset = add("reset", "Disconnect every account and delete what oO keeps, after asking.")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.add_argument("--settings", action="store_true", help="delete config.toml as well")
    add("quit", "End oO.")
    return parser


def completions(shell: str) -> str:
    """Return a script with which `shell` completes the words of this command line.

    Made from the parser, so that it cannot lack a word.
    """
    import shtab

    return str(shtab.complete(words_parser(), shell=shell)).rstrip()


def _provider(word: str) -> str:
    return word.strip().lower().replace("-", "_")
