"""Finds and makes the folders oO keeps its files in.

It stands apart from the settings, because every command of the command line asks for the folders
and only the tray reads settings. So this module imports nothing that takes time.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from oo_desktop.errors import ConfigError
from oo_desktop.language import translated

NAME = "oo-desktop"
"""Of its folders."""


class WrittenFile(NamedTuple):
    """Says of a file that oO writes which it is.

    folder: the field of `Folders` it is under.
    names: a pattern for its name, and that of what belongs to it (fnmatch).
    holds: what is in it, as a person is told.
    """

    folder: Literal["config", "data", "runtime"]
    names: str
    holds: str


WRITTEN = (
    WrittenFile("config", "config.toml", "your settings"),
    WrittenFile(
        "data", "oo.db*", "accounts, the last lists, clicks on their way; copies of a damaged one"
    ),
    WrittenFile("data", "oo.log*", "the log, at most 1.5 MB, without titles and secrets"),
    WrittenFile("data", "window.json", "size and place of the window"),
    WrittenFile("data", "report-*.txt", "where a bug ended oO, without texts"),
    WrittenFile("runtime", "oo-desktop.sock", "what the command line talks to"),
    WrittenFile("runtime", "oo-desktop.lock", "keeps a second oO from starting"),
    WrittenFile("runtime", "renewal-*.lock", "keeps two processes from renewing one token"),
)
"""All that oO writes into its folders; `tests/watching.py` holds it to that."""


class Folders(NamedTuple):
    """Holds where oO keeps its files.

    config: the settings.
    data: the database.
    runtime: the socket and locks of a session.
    """

    config: Path
    data: Path
    runtime: Path

    @property
    def config_file(self) -> Path:
        """Return the path of the settings, which need not exist."""
        return self.config / "config.toml"

    @property
    def database(self) -> Path:
        """Return the path of the database, which need not exist."""
        return self.data / "oo.db"

    @property
    def log_file(self) -> Path:
        """Return the path of the log, which need not exist."""
        return self.data / "oo.log"

    @property
    def plug_ins(self) -> Path:
        """Return the folder of the plug-ins that a person added; it need not exist."""
        return self.data / "plugins"

    def create(self) -> None:
        """Make the folders, readable by this user only. Raises ConfigError."""
        for folder in self:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise ConfigError(
                    translated(
                        "oO cannot make its folder {folder}: {reason}.",
                        folder=folder,
                        reason=error.strerror,
                    )
                ) from error


def folders_from_environment(environment: Mapping[str, str] = os.environ) -> Folders:
    """Return the folder `OO_DESKTOP_HOME` names for everything, or else the platform's own places.

    Under `OO_DESKTOP_HOME` the socket gets a folder of its own, because that one must be closed to
    other users and the home a person made with `mkdir` is not.

    Raises ConfigError where `OO_DESKTOP_HOME` is relative to a folder that is gone.
    """
    home = environment.get("OO_DESKTOP_HOME")
    if home:
        folder = _absolute(home)
        return Folders(folder, folder, folder / "run")
    if sys.platform == "linux":
        return _xdg_folders(environment, user=os.getuid())
    from platformdirs import PlatformDirs

    dirs = PlatformDirs(NAME, appauthor=False)
    return Folders(dirs.user_config_path, dirs.user_data_path, dirs.user_runtime_path)


def _xdg_folders(environment: Mapping[str, str], *, user: int) -> Folders:
    """Those of the XDG Base Directory Specification 0.8; what is empty or relative does not count.

    Not platformdirs': its releases differ in what they make of a relative value, and of a runtime
    folder that is a link. Two of them, one in a package and one that pip has installed, would have
    one person run two.
    """

    def named(variable: str, default: Path) -> Path:
        value = Path(environment.get(variable, ""))
        return (value if value.is_absolute() else default) / NAME

    own = Path.home()
    return Folders(
        named("XDG_CONFIG_HOME", own / ".config"),
        named("XDG_DATA_HOME", own / ".local" / "share"),
        named("XDG_RUNTIME_DIR", _runtime_folder(user)),
    )


def _runtime_folder(user: int) -> Path:
    """Where a session without the variable meets one that has it; a private one where none has."""
    usual = Path(f"/run/user/{user}")
    if os.access(usual, os.W_OK | os.X_OK):
        return usual
    import tempfile

    return Path(tempfile.gettempdir()) / f"runtime-{user}"


def resource(name: str) -> Path:
    """Return where a file of `resources/` is: in the package when installed, else beside it."""
    package = Path(__file__).resolve().parent
    installed = package / "resources" / name
    return installed if installed.exists() else package.parent / "resources" / name


def _absolute(path: str) -> Path:
    try:
        return Path(path).absolute()
    except OSError as error:  # a relative path, in a working directory that was deleted
        raise ConfigError(
            translated("OO_DESKTOP_HOME is relative to a folder that is gone.")
        ) from error
