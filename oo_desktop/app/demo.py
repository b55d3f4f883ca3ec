"""Runs the whole of oO against services of its own (`--demo`), touching nothing of the user's."""

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from oo_desktop.errors import ConfigError
from oo_desktop.folders import Folders
from oo_desktop.language import translated

MAX_LINE = 90
"""Characters of a line on the terminal."""

if TYPE_CHECKING:
    from oo_desktop.http.passwords import Credentials


class Demo(NamedTuple):
    """Names a throw-away folder, whose settings point to a sandbox of its own.

    calendar, account: a calendar link and an account at a CalDAV server there, which are connected
        at the start, so that there is something to see before anybody has agreed to anything.
    """

    folders: Folders
    calendar: str
    account: "Credentials"


@contextmanager
def demo() -> Iterator[Demo]:
    """Run a sandbox while the block lasts. Raises ConfigError where it is not installed."""
    try:
        import starlette  # noqa: F401  # the sandbox runs in a process of its own
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            translated(
                "The demo needs more: {command}.", command="pip install 'oo-desktop[sandbox]'"
            )
        ) from error
    from oo_desktop.http.passwords import Credentials
    from oo_desktop.sandbox.process import SandboxProcess, config_toml

    with tempfile.TemporaryDirectory(prefix="oo-demo-") as name, SandboxProcess() as sandbox:
        home = Path(name)
        folders = Folders(home, home, home / "run")
        settings = "poll_interval = 10\n\n" + config_toml(sandbox.url, google_client=True)
        folders.config_file.write_text(settings, encoding="utf-8")
        _say_hello(home, sandbox.page)
        calendar = sandbox.url + sandbox.control("ics_path")["path"]
        given = sandbox.control("caldav_account")
        account = Credentials(
            server=sandbox.url, user_name=given["user_name"], password=given["password"]
        )
        yield Demo(folders, calendar, account)


async def open_as_visitor(url: str) -> bool:
    """Stand in for a person with a browser: agree on the sandbox's consent page."""
    from oo_desktop.sandbox.visitor import VisitFailed, visit

    def agree() -> None:
        with suppress(VisitFailed):  # the sign-in says itself how it ended
            visit(url)

    threading.Thread(target=agree, name="visitor", daemon=True).start()
    return True


def _say_hello(home: Path, page: str) -> None:
    command = f"OO_DESKTOP_HOME={home} {sys.argv[0]}"
    sentences = (
        translated(
            "Ada’s calendar server is in the tray already. Your browser asks for her Todoist: "
            "allow it, and its tasks join them."
        ),
        translated(
            "Click one there, and it is done. More events: Accounts → Connect Google Calendar…"
        ),
    )
    # Translators: before the address of a page
    looks = translated("what there is, and buttons that break it:")
    # Translators: before commands that can be typed there
    commands = translated("from another terminal:")
    width = max(len(looks), len(commands)) + 1
    lines = [
        translated(
            "oO with made-up services of its own. Ctrl-C ends it, and nothing is left behind."
        ),
        *(line for each in sentences for line in wrap(each, MAX_LINE)),
        f"{looks:{width}} {page}",
        f"{commands:{width}} {command} signals",
        f"{'':{width}} {command} done ID",
    ]
    # The demo speaks to the terminal it was started from.
    print("\n  ".join(lines), end="\n\n", flush=True)  # noqa: T201  # as told above
