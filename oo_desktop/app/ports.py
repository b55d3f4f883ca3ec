"""Chooses what this system has for the parts that know the desktop.

Their halves for Linux are in `linux/`. What stands in for them elsewhere is here: it keeps oO
running and says what it cannot do. Without a half of its own is what is the same on Linux and
macOS: the lock and the socket (`ipc/`, POSIX; on Windows oO says that it cannot start yet), and
what a library knows of every other system: folders (platformdirs), colours and the tray (Qt). None
of it was ever run on macOS or Windows.
"""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Protocol

from oo_desktop.errors import ConfigError
from oo_desktop.language import translated
from oo_desktop.notifications.notifier import Notifier, Urgency, WithoutButtons


class Autostart(Protocol):
    """Says, and changes, whether oO starts with the session."""

    def is_on(self) -> bool:
        """Return whether it does."""
        ...

    def turn(self, *, on: bool) -> None:
        """Have it start, or no longer. Raises ConfigError."""
        ...


class NoAutostart:
    """Is an `Autostart` where oO knows no way to do it."""

    def is_on(self) -> bool:
        """Return False: whatever the person has set up by hand is theirs."""
        return False

    def turn(self, *, on: bool) -> None:  # noqa: ARG002  # neither can be done
        """Raise ConfigError."""
        raise ConfigError(
            translated("oO cannot do this here yet. Add it to your system’s own list instead.")
        )


class TrayNotifier:
    """Is a `Notifier` by the tray icon's own messages: without buttons, and never taken back.

    show_message: shows a title and a body.
    """

    def __init__(self, show_message: Callable[[str, str], object]) -> None:
        self._show_message = show_message

    async def show(
        self,
        identifier: str,  # noqa: ARG002  # nothing that is shown can be found again
        *,
        title: str,
        body: str = "",
        buttons: Mapping[str, Callable[[], object]] = {},
        without_buttons: WithoutButtons | None = None,
        urgency: Urgency = Urgency.NORMAL,  # noqa: ARG002  # all are alike
        seconds: int | None = None,  # noqa: ARG002  # the system decides
        click: Callable[[], object] | None = None,  # noqa: ARG002  # none is heard
        standing: bool = False,  # noqa: ARG002  # nobody replaces the system
    ) -> None:
        """Show a notification."""
        instead = without_buttons if buttons else None
        self._show_message(title, instead.body if instead else body)

    async def withdraw(self, identifier: str) -> None:
        """Do nothing: what is shown goes by itself."""

    async def aclose(self) -> None:
        """Do nothing."""


def without_system_events(
    *,
    network_back: Callable[[], object],
    woken: Callable[[], object],  # noqa: ARG001  # nobody tells; timers find a clock that jumped
    clock_changed: Callable[[], object],  # noqa: ARG001  # the same
) -> object:
    """Return what calls `network_back` where Qt knows of the network, and never the others."""
    from oo_desktop.ui.qt.reachability import watch_reachability

    return watch_reachability(network_back)


def own_autostart() -> Autostart:
    """Return this system's."""
    if sys.platform == "linux":
        from oo_desktop.linux.autostart import XdgAutostart

        return XdgAutostart()
    return NoAutostart()


def own_notifier(show_message: Callable[[str, str], object]) -> Notifier:
    """Return this system's. show_message: as `TrayNotifier` takes it."""
    if sys.platform == "linux":
        from oo_desktop.linux.notifier import SystemNotifier

        return SystemNotifier()
    return TrayNotifier(show_message)


def own_environment() -> Mapping[str, str]:
    """Return the environment for a program that a person's click opens."""
    if sys.platform == "linux":
        from oo_desktop.linux.activation import with_token

        return with_token()
    return os.environ


def own_system_events(
    *,
    network_back: Callable[[], object],
    woken: Callable[[], object],
    clock_changed: Callable[[], object],
) -> object:
    """Return what calls these when it happens to this system, for as long as it is kept."""
    watch: Callable[..., object] = without_system_events
    if sys.platform == "linux":
        from oo_desktop.app.late_linux import SystemEvents

        watch = SystemEvents
    return watch(network_back=network_back, woken=woken, clock_changed=clock_changed)
