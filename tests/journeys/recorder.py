"""A desktop's notifications, as a list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from oo_desktop.notifications.notifier import Urgency, WithoutButtons

MAX_BUTTONS = 2
"""lxqt-notificationd makes more than a few a list to choose from, and squeezes three."""


@dataclass
class Shown:
    identifier: str
    title: str
    body: str
    buttons: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    click: Callable[[], object] | None = None
    without_buttons: WithoutButtons | None = None
    standing: bool = False


class NotificationRecorder:
    """Keeps what was ever shown, and what is still on the screen."""

    def __init__(self) -> None:
        self.all: list[Shown] = []
        self.visible: dict[str, Shown] = {}

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
        assert len(buttons) <= MAX_BUTTONS
        shown = Shown(identifier, title, body, buttons, click, without_buttons, standing)
        self.all.append(shown)
        self.visible[identifier] = shown

    async def withdraw(self, identifier: str) -> None:
        self.visible.pop(identifier, None)

    async def aclose(self) -> None: ...

    def about_reconnecting(self) -> list[Shown]:
        return [shown for shown in self.all if shown.identifier.startswith("reconnect:")]

    def visible_about_reconnecting(self) -> list[Shown]:
        return [shown for id_, shown in self.visible.items() if id_.startswith("reconnect:")]
