"""Names the files that oO writes, and makes the folders they are in; `places.py` finds those."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from oo_desktop.errors import ConfigError
from oo_desktop.language import translated
from oo_desktop.places import Places, place_of_resource, places_from_environment


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
    """Return the folders that `places_from_environment` finds. Raises ConfigError."""
    return folders_at(places_from_environment(environment))


def folders_at(places: Places) -> Folders:
    """Return the folders at these places."""
    return Folders(Path(places.config), Path(places.data), Path(places.runtime))


def resource(name: str) -> Path:
    """Return where a file of `resources/` is."""
    return Path(place_of_resource(name))
