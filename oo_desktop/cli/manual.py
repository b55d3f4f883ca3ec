"""Writes the manual page, oo-desktop(1), from the parser: `python -m oo_desktop.cli.manual`.

It is made from what reads the words of the command line, so it cannot lack one; a package calls it
while it is built. The macros are those of man(7), the text is ASCII, and there is no date in it:
the same oO makes the same page.
"""

import argparse
import sys
from collections.abc import Iterator

from oo_desktop import __version__
from oo_desktop.cli.arguments import words_parser
from oo_desktop.folders import WRITTEN

NAME = "tasks and events that need you now, in the system tray"

DESCRIPTION = (
    "oO shows the tasks that are due today or overdue and the planned events of your calendars, in "
    "the system tray and in a window. Without a command it starts, or shows the window of the oO "
    "that runs. Every command below talks to the running oO, but for autostart, completions and "
    "reset, which need none."
)

FOLDERS = {
    "config": "~/.config/oo-desktop",
    "data": "~/.local/share/oo-desktop",
    "runtime": "$XDG_RUNTIME_DIR/oo-desktop",
}
"""Where they are without any variable set."""

AUTOSTART = ("~/.config/autostart/oo-desktop.desktop", "starts oO with the session, once turned on")

ENVIRONMENT = (
    ("OO_DESKTOP_HOME", "One folder for settings, data and socket, in place of those below FILES."),
    ("XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_RUNTIME_DIR", "Where those folders are; absolute."),
    ("BROWSER", "What opens a link, and the page of a sign-in."),
    (
        "PYTHON_KEYRING_BACKEND",
        "Which keyring keeps tokens and passwords, by the class of its back "
        "end. One that does not protect them is turned down.",
    ),
    (
        "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY",
        "The proxies to reach services through; in small letters, too.",
    ),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "Certificates to trust in place of the usual ones."),
    ("TZ", "The time zone, where it is not the machine’s."),
)

EXIT_CODES = (
    ("0", "Done."),
    ("1", "Failed; standard error says why."),
    ("2", "Wrong usage."),
    ("3", "oO is not running."),
    ("70", "A mistake in oO ended it; a report is among its files."),
    ("130", "Interrupted with Ctrl-C."),
)

EXAMPLES = (
    ("oo-desktop add Buy milk tomorrow 18:00 p1 #Home", "adds a task."),
    ("oo-desktop connect ics < link.txt", "connects a calendar by its secret link."),
    ("oo-desktop signals --json | jq length", "counts what the tray shows."),
    ("oo-desktop watch", "follows it, for a bar such as Waybar or Polybar."),
    ("oo-desktop set notifications.quiet_from 22:00", "begins the quiet hours."),
)

_GROFF = str.maketrans(
    {"\\": "\\e", "-": "\\-", "’": "\\(cq", "“": "\\(lq", "”": "\\(rq", "…": "...", "–": "\\(en"}
    | {"'": "\\(aq", "~": "\\(ti", "^": "\\(ha", "`": "\\(ga"}
)


def manual() -> str:
    """Return the page, for man(1)."""
    return "\n".join([*_head(), *_commands(), *_end(), ""])


def _head() -> Iterator[str]:
    yield f'.TH OO\\-DESKTOP 1 "" "oO {__version__}" "User Commands"'
    yield ".SH NAME"
    yield f"oo\\-desktop \\- {_text(NAME)}"
    yield ".SH SYNOPSIS"
    for usage in (
        "[--add|--demo]",
        "COMMAND [ARGUMENTS] [--json]",
        "[COMMAND] --help",
        "--version",
    ):
        yield f".B oo\\-desktop\n{_text(usage)}"
        yield ".br"
    yield ".SH DESCRIPTION"
    yield _text(DESCRIPTION)
    yield ".SH OPTIONS"
    yield from _options(words_parser())


def _commands() -> Iterator[str]:
    yield ".SH COMMANDS"
    for name, command in _subcommands(words_parser()).items():
        words = " ".join(filter(None, (name, *map(_spelled, _positional(command)))))
        yield f".SS {_text(words)}"
        yield _text(command.description or "")
        for argument in _positional(command):
            if argument.help:
                yield from _entry(str(argument.metavar), argument.help)
        yield from _options(command)


def _end() -> Iterator[str]:
    yield ".SH FILES"
    for file in WRITTEN:
        yield from _entry(f"{FOLDERS[file.folder]}/{file.names}", _sentence(file.holds))
    yield from _entry(AUTOSTART[0], _sentence(AUTOSTART[1]))
    yield _text("Tokens and passwords are in your keyring, and in no file.")
    yield ".SH ENVIRONMENT"
    for variable, meaning in ENVIRONMENT:
        yield from _entry(variable, meaning)
    yield ".SH EXIT STATUS"
    for code, meaning in EXIT_CODES:
        yield from _entry(code, meaning)
    yield ".SH EXAMPLES"
    for words, meaning in EXAMPLES:
        yield from _entry(words, meaning)
    yield ".SH SEE ALSO"
    yield ".BR secret\\-tool (1),\n.BR xdg\\-open (1)"


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001  # argparse tells it nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # as above
            return dict(action.choices)
    return {}


def _positional(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in _actions(parser) if not action.option_strings]


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    known = parser._actions  # noqa: SLF001  # as above
    return [each for each in known if not isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001  # as above


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Those that are its own: --help and --json are everybody's."""
    top = parser.description is None
    for option in _actions(parser):
        if not option.option_strings or (not top and option.dest in ("help", "json")):
            continue
        words = ", ".join(option.option_strings)
        value = f" {option.metavar}" if option.metavar and option.nargs != 0 else ""
        yield from _entry(words + value, option.help or "")


def _spelled(argument: argparse.Action) -> str:
    many = "…" if argument.nargs == "+" else ""
    word = f"{argument.metavar}{many}"
    return f"[{word}]" if argument.nargs == "?" else word


def _entry(term: str, meaning: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {_text(term)}"
    yield _text(meaning)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _text(text: str) -> str:
    """`text` as it is to be read: nothing in it is a command of troff."""
    escaped = text.translate(_GROFF)
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


if __name__ == "__main__":
    sys.stdout.write(manual())
