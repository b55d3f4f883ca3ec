"""Says where oO's files are, as text: every command of the command line asks for that.

So it imports nothing that takes time, which `pathlib` does: the tray has its paths of `folders.py`.
"""

from __future__ import annotations

import os
import sys

from oo_desktop.errors import ConfigError
from oo_desktop.language import translated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "oo-desktop"
"""Of oO's folders."""


class Places:
    """Holds where oO keeps its files.

    config: the settings.
    data: the database.
    runtime: the socket and locks of a session.
    """

    def __init__(self, config: str, data: str, runtime: str) -> None:
        self.config = config
        self.data = data
        self.runtime = runtime


def places_from_environment(environment: Mapping[str, str] = os.environ) -> Places:
    """Return the folder `OO_DESKTOP_HOME` names for everything, or else the platform's own places.

    Under `OO_DESKTOP_HOME` the socket gets a folder of its own, because that one must be closed to
    other users and the home a person made with `mkdir` is not.

    Raises ConfigError where `OO_DESKTOP_HOME` is relative to a folder that is gone, and where a
    person has no home folder.
    """
    home = environment.get("OO_DESKTOP_HOME")
    if home:
        folder = _absolute(home)
        return Places(folder, folder, os.path.join(folder, "run"))
    if sys.platform == "linux":
        return _xdg_places(environment, user=os.getuid())
    from platformdirs import PlatformDirs

    dirs = PlatformDirs(NAME, appauthor=False)
    return Places(dirs.user_config_dir, dirs.user_data_dir, dirs.user_runtime_dir)


def _xdg_places(environment: Mapping[str, str], *, user: int) -> Places:
    """Those of the XDG Base Directory Specification 0.8; what is empty or relative does not count.

    Not platformdirs': its releases differ in what they make of a relative value, and of a runtime
    folder that is a link. Two of them, one in a package and one that pip has installed, would have
    one person run two.
    """

    def named(variable: str) -> str | None:
        value = environment.get(variable, "")
        return os.path.join(value, NAME) if os.path.isabs(value) else None

    return Places(
        named("XDG_CONFIG_HOME") or os.path.join(_own_folder(), ".config", NAME),
        named("XDG_DATA_HOME") or os.path.join(_own_folder(), ".local", "share", NAME),
        named("XDG_RUNTIME_DIR") or os.path.join(_runtime_folder(user), NAME),
    )


def _own_folder() -> str:
    own = os.path.expanduser("~")
    if not os.path.isabs(
        own
    ):  # no HOME, and a user whom the system does not know; or a relative one
        raise ConfigError(translated("oO finds no home folder. Set HOME to one, and try again."))
    return own


def _runtime_folder(user: int) -> str:
    """Where a session without the variable meets one that has it; a private one where none has."""
    usual = f"/run/user/{user}"
    if os.access(usual, os.W_OK | os.X_OK):
        return usual
    import tempfile

    return os.path.join(tempfile.gettempdir(), f"runtime-{user}")


def place_of_resource(name: str) -> str:
    """Return where a file of `resources/` is: in the package when installed, else beside it."""
    package = os.path.dirname(os.path.realpath(__file__))
    installed = os.path.join(package, "resources", name)
    beside = os.path.join(os.path.dirname(package), "resources", name)
    return installed if os.path.exists(installed) else beside


def _absolute(path: str) -> str:
    try:
        return path if os.path.isabs(path) else os.path.join(os.getcwd(), path)
    except OSError as error:  # a relative path, in a working directory that was deleted
        raise ConfigError(
            translated("OO_DESKTOP_HOME is relative to a folder that is gone.")
        ) from error
