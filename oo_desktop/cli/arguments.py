"""Reads the words of the command line, and explains them (`--help`)."""

import argparse
import gettext
import re
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any, NoReturn

from oo_desktop import __version__
from oo_desktop.folders import resource
from oo_desktop.ipc.protocol import WRONG_USAGE, CommandError
from oo_desktop.language import DOMAIN, translated, untranslated

_USAGE = (
    ("", untranslated("oO: what needs you now, in the system tray.")),
    ("", ""),
    ("  oo-desktop", untranslated("start oO, or show the one that runs")),
    ("  oo-desktop --add", untranslated("the same, at the field for a new task")),
    (
        "  oo-desktop --demo",
        untranslated("try it with made-up tasks and calendars, touching nothing of yours"),
    ),
    ("", ""),
    ("", untranslated("Ask the running oO:")),
    ("", ""),
    ("  show", untranslated("open its window")),
    ("  status", untranslated("how it is doing, account by account")),
    ("  signals", untranslated("what the tray shows")),
    ("  done SIGNAL_ID", untranslated("mark a task as done")),
    (
        "  act SIGNAL_ID ACTION",
        untranslated(
            "or move it: later-today, tomorrow, next-week, no-date; answer an invitation: accept, "
            "maybe, decline"
        ),
    ),
    ("  add TEXT…", untranslated('add a task: oo-desktop add "Buy milk tomorrow 18:00 p1 #Home"')),
    (
        "    --account ACCOUNT",
        untranslated("to this account: todoist, caldav, or PROVIDER:USER_ID"),
    ),
    ("    --list LIST", untranslated("to this list, if the text names none")),
    ("  join", untranslated("open the meeting that is running or comes next")),
    ("  undo [SIGNAL_ID]", untranslated("take the last click back, or the one on that task")),
    ("    --list", untranslated("what can be taken back")),
    ("  outbox", untranslated("clicks on their way, and those that were refused")),
    ("  retry SIGNAL_ID | --all", untranslated("send a refused click again")),
    ("  discard SIGNAL_ID", untranslated("forget a refused click")),
    ("  pause 30m | 1h | tomorrow", untranslated("hold notifications back until then")),
    ("    off", untranslated("no longer; what was held back comes in one")),
    ("  refresh", untranslated("ask every service now")),
    ("  integrations", untranslated("the connected accounts")),
    ("  calendars", untranslated("the calendars of your accounts, and which are shown")),
    ("    --show ID | --hide ID", untranslated("show or hide one")),
    ("    --user ID", untranslated("of this account")),
    (
        "  connect PROVIDER",
        untranslated(
            "sign in with your browser: todoist, google_calendar; or read a calendar link from "
            "standard input: ics; or an app password: caldav; or the calendars of this computer, "
            "nothing asked: desktop"
        ),
    ),
    ("    --user ID", untranslated("reconnect this account")),
    ("    --no-browser", untranslated("print the address instead of opening it")),
    ("    --token", untranslated("read an API token from standard input instead")),
    ("    --client FILE", untranslated("with your own client’s file (client_secret_….json)")),
    ("    --write", untranslated("ask for permission to answer invitations, too")),
    (
        "    --username NAME",
        untranslated("at a server, for caldav; an e-mail address often does alone"),
    ),
    ("    --server URL", untranslated("which server: its address, or icloud, fastmail …")),
    (
        "    --nextcloud",
        untranslated("sign in to that server with your browser: it is a Nextcloud"),
    ),
    ("  disconnect PROVIDER", untranslated("forget an account")),
    ("    --user ID", untranslated("which one, where there are several")),
    ("  settings", untranslated("every setting, its value and its meaning")),
    ("  set NAME VALUE", untranslated("change one, at once: set show.all_day off")),
    ("  autostart [on|off]", untranslated("start oO when you log in")),
    ("  watch", untranslated("what the tray shows, as a line of JSON each time that changes")),
    ("  report", untranslated("how oO is, to find a fault: no names, titles or secrets in it")),
    (
        "  completions SHELL",
        untranslated("what makes bash, zsh or fish complete all this with Tab"),
    ),
    (
        "  reset",
        untranslated("disconnect everything and delete what oO keeps, after asking"),
    ),
    ("    --yes", untranslated("without asking")),
    ("    --settings", untranslated("config.toml, too")),
    ("  quit", untranslated("end oO")),
    ("", ""),
    ("  --json", untranslated("answer in JSON, with any command")),
    ("  --version, --help", ""),
    ("", ""),
    ("", untranslated("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 oO is not running.")),
    ("", ""),
)
"""What `--help` says: words of the command line, and beside them what they do; or a line alone."""

_OF_ARGPARSE = (
    untranslated("usage: "),
    untranslated("options"),
    untranslated("positional arguments"),
    untranslated("argument %(argument_name)s: %(message)s"),
    untranslated("expected one argument"),
    untranslated("expected at least one argument"),
    untranslated("invalid choice: %(value)r (choose from %(choices)s)"),
    untranslated("ignored explicit argument %r"),
    untranslated("not allowed with argument %s"),
    untranslated("the following arguments are required: %s"),
)
"""What argparse says; it looks for it in the standard library's own domain of messages."""

_COLUMN, _WIDTH = 31, 100
"""Where the explanations begin, and where they end."""


def usage() -> str:
    """Return what `--help` says."""
    return "\n".join(_usage_line(words, meaning) for words, meaning in _USAGE).strip()


def _usage_line(words: str, meaning: str) -> str:
    if not meaning or not words:
        return translated(meaning) or words
    first, *more = wrap(translated(meaning), _WIDTH - _COLUMN)
    return "\n".join([f"{words:{_COLUMN - 2}}  {first}", *(" " * _COLUMN + line for line in more)])


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
    """argparse that raises instead of writing and exiting.

    commands: of a parser that has commands, by their names.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, **options)
        self.commands: Mapping[str, argparse.ArgumentParser] = {}

    def error(self, message: str) -> NoReturn:
        message = f"{message[:1].upper()}{message[1:]}"
        said = translated("{problem}. See: {command} --help", problem=message, command=self.prog)
        raise CommandError(said, code=WRONG_USAGE)


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """Return what `words` ask for: `command` (None: the tray), `json`, `demo`, `add`, and its own.

    Raises CommandError for wrong usage, and Wanted when a text is all that is wanted.
    """
    parser = words_parser()
    try:
        options, more = _parsed_by(parser, words)
        if more and options.command == "connect" and options.provider == PASSWORDS:
            raise _wrong(
                translated(
                    "“connect caldav” takes nothing more: the password is read from standard "
                    "input, because everybody can see a command line."
                )
            )
        if more:
            parser.error(translated("unrecognized arguments: {words}", words=" ".join(more)))
        if options.command is None and options.json:
            parser.error(translated("--json needs a command"))
        if options.command is not None and (options.demo or options.add):
            option = "--demo" if options.demo else "--add"
            parser.error(translated("{option} takes no command", option=option))
        _check(options, parser)
    except _NothingRepeated:
        raise
    except CommandError:
        if (clearer := _clearer(words)) is not None:
            raise CommandError(clearer, code=WRONG_USAGE) from None
        raise
    return options


def _clearer(words: Sequence[str]) -> str | None:
    """What to say in place of argparse, which quotes what it did not expect; None: nothing else."""
    if (unknown := _unknown_service(words)) is not None:
        return _no_service(unknown)
    # After --token, what is quoted may be the token.
    if any(word.startswith("--token") for word in words):
        return translated(
            "“connect PROVIDER --token” takes nothing more: the token is read from standard input, "
            "because everybody can see a command line."
        )
    # After the provider, it may be a calendar's secret link.
    if "connect" in words and any(map(_is_link, words)):
        named = {_provider(word) for word in words} & set(PROVIDERS.split(", "))
        if named <= {"ics"}:
            return translated(
                "“connect ics” takes nothing more: the link is read from standard input, because "
                "everybody can see a command line."
            )
        return translated(
            "“connect {service}” takes no address. See: oo-desktop connect --help",
            service=min(named),
        )
    return None


def _parsed_by(
    parser: _ArgumentParser, words: Sequence[str]
) -> tuple[argparse.Namespace, list[str]]:
    """What is understood, and the words that are not. Raises CommandError."""
    commands = [word for word in words if not word.startswith("-")]
    if commands and commands[0] not in parser.commands:
        parser.error(translated("there is no such command"))
    options, more = parser.parse_known_args(words)
    if options.command == "add" and not any(word.startswith("-") for word in more):
        options.text, more = options.text + more, []  # words after an option are its text, too
    return options, more


def _unknown_service(words: Sequence[str]) -> str | None:
    """The service that `connect` or `disconnect` is asked for, where there is none of that name;
    empty where the name may be a secret; None where the trouble is another."""
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
        return ""
    return names[0]


def _no_service(name: str) -> str:
    if not name:
        return translated(
            "There is no such service. There are: {services}, and those of plug-ins.",
            services=PROVIDERS,
        )
    return translated(
        "There is no service “{name}”. There are: {services}, and those of plug-ins.",
        name=name,
        services=PROVIDERS,
    )


def _is_link(word: str) -> bool:
    return "://" in word or word.lower().startswith(("webcal:", "webcals:"))


def _check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """What argparse cannot say of a command's arguments. Raises CommandError."""
    match options.command:
        case "act":
            options.action = _action(options.action)
        case "undo" if options.id is not None and options.list:
            parser.error(translated("--list takes no SIGNAL_ID"))
        case "retry" if (options.id is None) != options.all:
            parser.error(translated("retry takes a SIGNAL_ID or --all"))
        case "connect" if _is_link(options.provider):
            parser.error(translated("that is a link"))
        case "connect" if options.provider == PASSWORDS:
            _check_password_options(options)
        case "connect" if options.provider == NOTHING_ASKED and _how(options):
            raise _NothingRepeated(
                translated("“connect desktop” asks for nothing: it takes no option but --json."),
                code=WRONG_USAGE,
            )
        case "connect" if options.nextcloud or options.server is not None or options.username:
            parser.error(translated("--server, --username and --nextcloud are for caldav alone"))
        case "connect" if options.token and (options.client is not None or options.write):
            parser.error(
                translated("--token needs no browser, and so neither --client nor --write")
            )


def _how(options: argparse.Namespace) -> bool:
    """Whether anything is said of how to connect."""
    flags = options.no_browser or options.token or options.write or options.nextcloud
    values = (options.client, options.username, options.server)
    return flags or any(value is not None for value in values)


def _check_password_options(options: argparse.Namespace) -> None:
    """Whether a server and a user name are given, and nothing beside them. Raises CommandError."""
    if options.token or options.client is not None or options.write:
        raise _wrong(translated("“connect caldav” takes no --token, --client or --write."))
    if options.nextcloud:
        if options.username is not None:
            raise _wrong(
                translated(
                    "“connect caldav” --nextcloud takes no --username: you sign in with your "
                    "browser."
                )
            )
        if options.server is None:
            raise _wrong(
                translated(
                    "“connect caldav” --nextcloud needs --server, the address of your Nextcloud."
                )
            )
    elif options.no_browser:
        raise _wrong(translated("“connect caldav” opens no browser but with --nextcloud."))
    elif options.user is not None:
        if options.server is not None or options.username is not None:
            raise _wrong(
                translated(
                    "“connect caldav” --user takes no --server and no --username: the account has "
                    "them."
                )
            )
    elif options.username is None:
        raise _wrong(
            translated(
                "“connect caldav” needs --username NAME, and --server URL where that is no e-mail "
                "address; the password is read from standard input."
            )
        )
    elif options.server is None and "@" not in options.username:
        raise _wrong(
            translated(
                "“connect caldav” needs --server URL, for this user name is no e-mail address."
            )
        )


def _wrong(why: str) -> _NothingRepeated:
    """why: a whole sentence."""
    said = translated("{why} See: oo-desktop connect --help", why=why)
    return _NothingRepeated(said, code=WRONG_USAGE)


def _action(words: Sequence[str]) -> str:
    """`next-week`, `next week` and `next_week` are the same. Raises CommandError."""
    given = " ".join(words)
    name = "_".join(given.lower().replace("-", " ").replace("_", " ").split())
    if name not in ACTION_WORDS:
        raise CommandError(
            translated(
                "There is no action “{name}”. Possible: {actions}.",
                name=given[:40],
                actions=", ".join(ACTION_WORDS),
            ),
            code=WRONG_USAGE,
        )
    return name


def words_parser() -> _ArgumentParser:
    """Return what reads the words; the manual and the completions are made from it."""
    gettext.bindtextdomain(DOMAIN, str(resource("languages")))
    gettext.textdomain(DOMAIN)
    parser = _ArgumentParser(prog="oo-desktop")
    parser.add_argument(
        "-h", "--help", action=_Show, nargs=0, const=usage(), help=translated("show what there is")
    )
    parser.add_argument(
        "--version",
        action=_Show,
        nargs=0,
        const=f"oo-desktop {__version__}",
        help=translated("show which version this is"),
    )
    start = parser.add_mutually_exclusive_group()
    start.add_argument(
        "--demo", action="store_true", help=translated("try oO with made-up accounts")
    )
    start.add_argument(
        "--add",
        action="store_true",
        help=translated("open the window at the field for a new task"),
    )
    parser.add_argument("--json", action="store_true", help=translated("answer in JSON"))
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", parser_class=_ArgumentParser
    )

    def add(name: str, description: str) -> argparse.ArgumentParser:
        # The help is what completions say beside the word.
        command = commands.add_parser(name, help=description, description=description)
        command.add_argument("-h", "--help", action=_Show, nargs=0, help=translated("show this"))
        # Suppressed, so that it does not undo a --json before the command.
        command.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help=translated("answer in JSON"),
        )
        return command

    add("show", translated("Open oO’s window, or bring it to the front."))
    add("status", translated("How oO is doing, account by account."))
    add("signals", translated("What the tray shows, in its order."))
    add("done", translated("Mark a task as done, as clicking it does.")).add_argument(
        "id",
        metavar="SIGNAL_ID",
        help=translated("as “signals” shows it, or SOURCE:USER_ID:SIGNAL_ID"),
    )
    act = add(
        "act", translated("Do something with a task or an event, as clicking it in the tray does.")
    )
    act.add_argument("id", metavar="SIGNAL_ID", help=translated("as for “done”"))
    act.add_argument("action", metavar="ACTION", nargs="+", help=", ".join(ACTION_WORDS))
    new = add(
        "add", translated("Add a task. Its date, time, priority and #list are read from the text.")
    )
    new.add_argument(
        "text", metavar="TEXT", nargs="+", help=translated("“Buy milk tomorrow 18:00 p1 #Home”")
    )
    new.add_argument(
        "--account",
        metavar="ACCOUNT",
        help=translated("to this account: PROVIDER or PROVIDER:USER_ID"),
    )
    new.add_argument(
        "--list", metavar="LIST", help=translated("to this list, if the text names none")
    )
    undo = add("undo", translated("Take the last click back, or the last on a task."))
    undo.add_argument("id", metavar="SIGNAL_ID", nargs="?", help=translated("as for “done”"))
    undo.add_argument("--list", action="store_true", help=translated("show what can be taken back"))
    add("outbox", translated("Clicks that are on their way, and those that were refused."))
    retry = add("retry", translated("Send a refused click again."))
    retry.add_argument(
        "id", metavar="SIGNAL_ID", nargs="?", help=translated("as “outbox” shows it")
    )
    retry.add_argument("--all", action="store_true", help=translated("send all of them again"))
    discard = add("discard", translated("Forget a refused click; nothing is sent."))
    discard.add_argument("id", metavar="SIGNAL_ID", help=translated("as “outbox” shows it"))
    add(
        "join", translated("Open the link of the meeting that is running or begins within an hour.")
    )
    pause = add(
        "pause", translated("Hold notifications back for a while; what was held comes in one then.")
    )
    pause.add_argument("until", metavar="UNTIL", choices=PAUSES, help=", ".join(PAUSES))
    add("refresh", translated("Ask every service now; returns when all have answered."))
    add("integrations", translated("The connected accounts."))
    calendars = add("calendars", translated("The calendars of your accounts; or show or hide one."))
    choice = calendars.add_mutually_exclusive_group()
    choice.add_argument("--show", metavar="ID", help=translated("show the events of this calendar"))
    choice.add_argument("--hide", metavar="ID", help=translated("hide them"))
    calendars.add_argument("--user", metavar="ID", help=translated("of this account"))
    connect = add(
        "connect", translated("Connect an account, or reconnect it; returns when that is over.")
    )
    connect.add_argument(
        "provider",
        metavar="PROVIDER",
        type=_provider,
        help=translated(
            "{services}; for ics, standard input has the calendar link, for caldav the app "
            "password",
            services=PROVIDERS,
        ),
    )
    how = connect.add_mutually_exclusive_group()
    how.add_argument(
        "--no-browser", action="store_true", help=translated("print the address to open")
    )
    how.add_argument(
        "--token", action="store_true", help=translated("read an API token from standard input")
    )
    connect.add_argument(
        "--client",
        metavar="FILE",
        help=translated("your own client’s file, client_secret_….json (Google)"),
    )
    connect.add_argument(
        "--write", action="store_true", help=translated("ask for permission to answer invitations")
    )
    connect.add_argument(
        "--username", metavar="NAME", help=translated("as whom, at the server (caldav)")
    )
    connect.add_argument(
        "--server",
        metavar="URL",
        help=translated(
            "the server’s address; or icloud, fastmail, mailbox_org, posteo; left out: that of "
            "your e-mail address (caldav)"
        ),
    )
    connect.add_argument(
        "--nextcloud",
        action="store_true",
        help=translated("sign in with your browser, at the Nextcloud that --server names (caldav)"),
    )
    connect.add_argument(
        "--user",
        metavar="ID",
        help=translated("reconnect this account, with the link, token or password given"),
    )
    add("settings", translated("Every setting, its value and its meaning."))
    change = add("set", translated("Change a setting in config.toml; it counts at once."))
    change.add_argument("name", metavar="NAME", help=translated("as “settings” shows it"))
    change.add_argument(
        "value",
        metavar="VALUE",
        help=translated("on, off, a number, a time or a text; “default” takes it out"),
    )
    autostart = add(
        "autostart", translated("Whether oO starts when you log in; or turn that on or off.")
    )
    autostart.add_argument("on", metavar="on|off", nargs="?", choices=("on", "off"))
    disconnect = add("disconnect", translated("Forget an account and everything oO knows of it."))
    disconnect.add_argument("provider", metavar="PROVIDER", type=_provider, help=PROVIDERS)
    disconnect.add_argument(
        "--user", metavar="ID", help=translated("which one, where there are several")
    )
    add(
        "watch",
        translated("What the tray shows, as a line of JSON: at once, and each time that changes."),
    )
    add("report", translated("How oO is and what it runs on; without names, titles or secrets."))
    add(
        "completions", translated("A script that has your shell complete oo-desktop’s words.")
    ).add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    reset = add(
        "reset",
        translated("Disconnect every account and delete what oO keeps, after asking."),
    )
    reset.add_argument("--yes", action="store_true", help=translated("do not ask"))
    reset.add_argument(
        "--settings", action="store_true", help=translated("delete config.toml as well")
    )
    add("quit", translated("End oO."))
    parser.commands = commands.choices
    return parser


def completions(shell: str) -> str:
    """Return a script with which `shell` completes the words of this command line.

    Made from the parser, so that it cannot lack a word; with what is well known of its values. (As
    `choices` of the parser itself they would be all that there is: plug-ins bring more.)
    """
    import shtab

    from oo_desktop.connectors.registry import CONNECTOR_SETTINGS
    from oo_desktop.model.settings import SETTINGS

    parser = words_parser()
    known: dict[str, Sequence[str]] = {
        "PROVIDER": PROVIDERS.split(", "),
        "ACTION": ACTION_WORDS,
        "NAME": [setting.name for setting in (*SETTINGS, *CONNECTOR_SETTINGS)],
    }
    for command in parser.commands.values():
        for argument in command._actions:  # noqa: SLF001  # argparse tells it nowhere else
            if not argument.option_strings and argument.metavar in known:
                argument.choices = known[argument.metavar]
    return str(shtab.complete(parser, shell=shell)).rstrip()


def _provider(word: str) -> str:
    return word.strip().lower().replace("-", "_")
