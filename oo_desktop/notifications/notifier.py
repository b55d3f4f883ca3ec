"""States what notifications ask of a desktop: one small port.

A notification is a courtesy: everything it says is in the tray as well.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

MAX_TITLE = 60
"""Characters of a title that a notification names."""

MAX_NAMED = 5
"""Titles listed in one notification; daemons cut off what is longer."""


class Urgency(StrEnum):
    """Says how much a notification may disturb."""

    LOW = "low"
    NORMAL = "normal"

    @property
    def level(self) -> int:
        """Return it as the hint `urgency` counts."""
        return 0 if self is Urgency.LOW else 1


class WithoutButtons(NamedTuple):
    """Says what stands in for buttons that a desktop does not draw.

    body: in place of the body. Short: mako cuts off what is below five lines.
    click: the button that a click on the notification presses there, if it is clear which.
    """

    body: str
    click: str | None = None


class Notifier(Protocol):
    """Shows short texts outside of our own windows. Never raises, whatever the desktop lacks."""

    async def show(
        self,
        identifier: str,
        *,
        title: str,
        body: str = "",
        buttons: Mapping[str, Callable[[], object]] = {},
        without_buttons: WithoutButtons | None = None,
        urgency: Urgency = Urgency.NORMAL,
        seconds: int | None = None,
        click: Callable[[], object] | None = None,
        standing: bool = False,
    ) -> None:
        """Show a notification, in place of the one with the same `identifier`.

        title, body: plain text; nothing in them is markup.
        buttons: what each does, called on the loop. One that was pressed ends the notification,
        and so does a click: most daemons end it themselves, and some leave that to us.
        without_buttons: what is shown where the desktop draws no buttons; None: the body alone.
        seconds: how long it is shown; None: as long as the desktop likes.
        click: what a click on the notification itself does, called on the loop.
        standing: it is shown once more, calmly, by the next daemon if its own went away while it
        stood, or if there was none.
        """
        ...

    async def withdraw(self, identifier: str) -> None:
        """Take the notification away; one that is not there does no harm."""
        ...

    async def aclose(self) -> None:
        """Let go of the desktop. Only what nobody need answer stays on the screen."""
        ...
