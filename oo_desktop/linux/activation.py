"""Keeps what lets another program's window come to the front: the token of the last click.

Under Wayland a window comes to the front only with a token that the desktop has given for a click
(`XDG_ACTIVATION_TOKEN`, xdg-activation-v1): to a tray icon by `ProvideXdgActivationToken`, of which
Qt 6.11 makes a variable of the process, and with a notification's button by the signal
`ActivationToken` before it (seen of mako and Plasma). Python's own `os.environ` is as the process
began, so what Qt has put into the environment since is not in it.
"""

import os
from collections.abc import Mapping

from PySide6.QtCore import QProcessEnvironment

TOKEN = "XDG_ACTIVATION_TOKEN"  # noqa: S105  # the name of a variable


def keep_token(token: str) -> None:
    """Keep the token of a click for what it opens: a browser, or a window of ours (Qt looks)."""
    os.environ[TOKEN] = token


def with_token() -> Mapping[str, str]:
    """Return the environment for a program that a click opens; a token is good for one of them."""
    token = QProcessEnvironment.systemEnvironment().value(TOKEN)
    os.environ.pop(TOKEN, None)
    os.unsetenv(TOKEN)  # also where only Qt has set it
    return {**os.environ, TOKEN: token} if token else os.environ
