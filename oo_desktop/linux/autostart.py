"""Starts oO with the session: what the desktop is told about that, and what it says.

On Linux that is a file in `~/.config/autostart` (freedesktop.org, Desktop Application Autostart
Specification 0.5). The file is the only truth: desktops have switches of their own that change it
(`Hidden`, GNOME's `X-GNOME-Autostart-enabled`), and whatever they say counts. `TryExec` names the
program: once oO is removed, nothing is started, and nothing fails at each log-in.

systemd, by which Plasma starts what is in that folder, starts no program with a quotation mark or
`%` in its path (`systemd-xdg-autostart-generator`, 252 and 257; GLib, and so GNOME, none with `%`),
and takes both in an argument: so `env` starts it there. With a dollar sign, a grave accent or a
backslash in the path there is no way.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from oo_desktop.errors import ConfigError
from oo_desktop.files import content_of, replace_file
from oo_desktop.folders import resource
from oo_desktop.language import translated

NAME = "oo-desktop.desktop"

MAX_ENTRY = 64 * 1024
"""Bytes of a desktop entry that is read."""

_RESERVED = re.compile(r"""[\s"'\\><~|&;$*?#()`]""")
_ESCAPED = re.compile(r'(["`$\\])')
_UNFIT_FOR_SYSTEMD = re.compile(r"""['"%]""")


class XdgAutostart:
    """Is an `Autostart` (`app/ports.py`) by a desktop entry.

    command: what starts oO.
    """

    def __init__(
        self,
        *,
        environment: Mapping[str, str] = os.environ,
        command: Sequence[str] | None = None,
    ) -> None:
        self._environment = environment
        self._command = command or own_command(environment)

    @property
    def file(self) -> Path:
        """Return the user's own entry, which need not exist."""
        return self._user_folder() / "autostart" / NAME

    def is_on(self) -> bool:
        """Return whether the entry that counts lets oO start: the user's, or else the system's."""
        for path in (self.file, *self._system_files()):
            entry = _entry_at(path)
            if entry is not None:
                return _starts(entry)
        return False

    def turn(self, *, on: bool) -> None:
        """Write the entry, or take it away; hide the system's, where there is one."""
        hides = any(_entry_at(path) is not None for path in self._system_files())
        try:
            if on or hides:
                text = _entry(self._command, hidden=not on)
                self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_file(self.file, text.encode(), before=content_of(self.file))
            else:
                self.file.unlink(missing_ok=True)
        except OSError as error:
            raise ConfigError(
                translated(
                    "oO cannot write {file}: {reason}.", file=self.file, reason=error.strerror
                )
            ) from error

    def _user_folder(self) -> Path:
        """Relative paths do not count (XDG Base Directory Specification)."""
        named = Path(self._environment.get("XDG_CONFIG_HOME", ""))
        return named if named.is_absolute() else Path.home() / ".config"

    def _system_files(self) -> Iterator[Path]:
        named = self._environment.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        for folder in named.split(":"):
            if Path(folder).is_absolute():
                yield Path(folder) / "autostart" / NAME


def own_command(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return what starts the oO that is running, as it is installed here."""
    if flatpak := environment.get("FLATPAK_ID"):
        return ["flatpak", "run", flatpak]  # the desktop is outside, and sees no path of in here
    started = Path(sys.argv[0])
    command = [sys.executable, "-m", "oo_desktop"]
    if started.name == "oo-desktop" and started.is_file():
        command = [str(started.absolute())]
    home = environment.get("OO_DESKTOP_HOME")
    return ["env", f"OO_DESKTOP_HOME={Path(home).absolute()}", *command] if home else command


def exec_line(command: Sequence[str]) -> str:
    r"""Return the value of `Exec` for `command` (Desktop Entry Specification 1.5, "The Exec key").

    An argument is quoted where it has to be, `%` is doubled, and as in every value `\` is, too.
    Raises ConfigError for what no entry can say.
    """
    if any("\n" in word or "\r" in word for word in command):
        raise ConfigError(translated("oO is in a folder whose name has a line break in it."))
    return " ".join(map(_quoted, command)).replace("%", "%%").replace("\\", "\\\\")


def _quoted(word: str) -> str:
    if word and not _RESERVED.search(word):
        return word
    escaped = _ESCAPED.sub(r"\\\1", word)
    return f'"{escaped}"'


def _entry(command: Sequence[str], *, hidden: bool) -> str:
    comment = translated("What needs you now, in the tray")
    program = _program(command)
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Name=oO",
        f"Comment={_escaped(comment)}",
        *([f"TryExec={_escaped(program)}"] if program else []),
        f"Exec={exec_line(_startable(command))}",
        f"Icon={_escaped(str(resource('icons/oo-desktop.svg')))}",
        "Terminal=false",
        "StartupNotify=false",
        *(["Hidden=true"] if hidden else []),
    ]
    return "\n".join([*lines, ""])


def _startable(command: Sequence[str]) -> Sequence[str]:
    """`command`, by way of `env` where systemd would not start its program."""
    program = command[0]
    is_variable = "=" in program  # for `env`
    return ["env", *command] if _UNFIT_FOR_SYSTEMD.search(program) and not is_variable else command


def _program(command: Sequence[str]) -> str:
    """What has to be there; `env` always is. Empty where that cannot be told: in a Flatpak."""
    match command:
        case ["flatpak", *_]:
            return ""
        case ["env", _, program, *_]:
            return program
        case _:
            return command[0]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n")


def _plain(value: str) -> str:
    """A value as it was before it was escaped, as far as `_escaped` does."""
    return re.sub(r"\\([\\n])", lambda found: "\n" if found[1] == "n" else "\\", value)


def _entry_at(path: Path) -> dict[str, str] | None:
    """The keys of the first group, which is the entry's; None where there is no such file."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_ENTRY).decode("utf-8", errors="replace")
    except OSError:
        return None
    found: dict[str, str] = {}
    groups = 0
    for line in text.splitlines():
        groups += line.startswith("[")
        key, equals, value = line.partition("=")
        if groups == 1 and equals and not line.startswith("#"):
            found[key.strip()] = value.strip()
    return found


def _starts(entry: Mapping[str, str]) -> bool:
    hidden = entry.get("Hidden", "false") == "true"
    enabled = entry.get("X-GNOME-Autostart-enabled", "true") != "false"
    program = _plain(entry.get("TryExec", ""))
    gone = bool(program) and shutil.which(program) is None
    return enabled and not hidden and not gone and bool(entry.get("Exec"))
