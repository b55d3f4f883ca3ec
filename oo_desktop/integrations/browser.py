"""Open the system browser: never by a shell, never waiting for it, never claiming it opened.

`webbrowser` runs in the caller's thread, knows no WSL
(https://github.com/python/cpython/issues/89752), and takes a text browser that cannot run;
`QDesktopServices` ignores BROWSER. Neither tells reliably whether anything came up, and nothing
can: the caller always shows the link too.

What is started gets its own session, so that it outlives us, and nothing on its standard streams.
A daemon thread waits for it: `asyncio.create_subprocess_exec` needs a child watcher, which not
every loop has, and a thread of an executor would hold up our exit.
"""

import asyncio
import logging
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from oo_desktop.http.addresses import is_loopback

log = logging.getLogger(__name__)

MAX_START_SECONDS = 3.0
"""After which a command that still runs counts as a browser that stayed."""

TEXT_BROWSERS = {"www-browser", "links2", "elinks", "links", "lynx", "w3m"}
"""Those xdg-open takes where there is no display. Without a terminal they end at once, and well."""

_SECRET = re.compile(r"TOKEN|SECRET|PASSW|API_?KEY|CREDENTIAL", re.IGNORECASE)
_NOT_SECRET = {"XDG_ACTIVATION_TOKEN"}
"""Lets the browser's window come to the front under Wayland."""


async def open_browser(
    url: str,
    *,
    environment: Mapping[str, str] | None = None,
    platform: str = sys.platform,
    patience: float = MAX_START_SECONDS,
) -> bool:
    """Ask the system to show `url`; return whether something took it.

    Returns within `patience` or so, for each command that is tried.

    url: https, or http on this machine. Any other is not opened.
    environment: decides what is started, and is what it gets, without secrets; None: ours.
    patience: seconds after which a command that still runs counts as a browser that stayed.
    """
    environment = os.environ if environment is None else environment
    commands = commands_for(url, environment, platform) if is_safe(url) else []
    if not commands:
        return False
    child = child_environment(environment)
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[bool] = loop.create_future()

    def report(is_open: bool) -> None:
        def settle() -> None:
            if not opened.done():
                opened.set_result(is_open)

        with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
            loop.call_soon_threadsafe(settle)

    def run() -> None:
        process = _first_that_takes(commands, child, patience)
        report(process is not None)
        if process is not None:
            process.wait()  # or it would stay a zombie

    threading.Thread(target=run, name="browser", daemon=True).start()
    return await opened


def is_safe(url: str) -> bool:
    """Return whether a command may get `url`: printable, and https, or http on this machine."""
    if not re.fullmatch("[!-~]+", url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host or ""))
    )


def commands_for(url: str, environment: Mapping[str, str], platform: str) -> list[list[str]]:
    """Return what to try, in order. Empty where there is nothing a browser could appear on."""
    if platform == "darwin":
        return [["/usr/bin/open", url]]
    if platform == "win32":
        return [["rundll32.exe", "url.dll,FileProtocolHandler", url]]
    has_display = bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
    commands = _chosen(url, environment.get("BROWSER", ""))
    if has_display:
        commands = [words for words in commands if Path(words[0]).name not in TEXT_BROWSERS]
    if environment.get("WSL_DISTRO_NAME") or environment.get("WSL_INTEROP"):
        commands += [["wslview", url], ["rundll32.exe", "url.dll,FileProtocolHandler", url]]
    if has_display:
        # Debian's browsers do not bring xdg-open along.
        commands += [["xdg-open", url], ["gio", "open", url], ["x-www-browser", url]]
    return commands


def _chosen(url: str, browser: str) -> list[list[str]]:
    """The commands of BROWSER: separated by colons, the URL where `%s` stands or at the end.

    `%%` is a percent sign. An `&` at the end is for a shell, and dropped as `webbrowser` does.
    """
    meanings = {"%%": "%", "%s": url}
    commands = []
    for command in browser.split(":"):
        try:
            words = shlex.split(re.sub(r"(?<!\\)&\s*$", "", command))
        except ValueError:  # an open quote
            continue
        if not words:
            continue
        if not any("%s" in re.findall("%[%s]", word) for word in words):
            words.append("%s")
        commands.append([re.sub("%[%s]", lambda m: meanings[m[0]], word) for word in words])
    return commands


def child_environment(
    environment: Mapping[str, str], *, is_frozen: bool = hasattr(sys, "frozen")
) -> dict[str, str]:
    """Return what a browser gets of `environment`: no secret, no library of ours.

    A frozen program puts its own libraries on LD_LIBRARY_PATH, and the user's value, if there was
    one, under another name; a browser started with ours may not start at all. (PyInstaller:
    https://pyinstaller.org/en/stable/runtime-information.html#ld-library-path-libpath-considerations)
    """
    child = {
        name: value
        for name, value in environment.items()
        if name in _NOT_SECRET or not _SECRET.search(name)
    }
    if is_frozen:
        child.pop("LD_LIBRARY_PATH", None)
        if "LD_LIBRARY_PATH_ORIG" in child:
            child["LD_LIBRARY_PATH"] = child.pop("LD_LIBRARY_PATH_ORIG")
    return child


def _first_that_takes(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str], patience: float
) -> "subprocess.Popen[bytes] | None":
    """The first process that ended well or still runs after `patience` seconds."""
    for command in commands:
        try:
            process = subprocess.Popen(  # noqa: S603  # no shell; the user's own choice of command
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            continue
        try:
            if process.wait(patience) == 0:
                return process
        except subprocess.TimeoutExpired:
            return process
    log.info("no browser could be started")
    return None
