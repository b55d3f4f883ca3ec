"""A notifier for one notification at a time."""

from collections.abc import Callable, Mapping

from oo_desktop.notifications.notifier import Urgency, WithoutButtons
from tests.journeys.recorder import MAX_BUTTONS


class Screen:
    """A Notifier that keeps what is on it."""

    def __init__(self) -> None:
        self.shown: dict[str, tuple[str, str]] = {}
        self.buttons: dict[str, Callable[[], object]] = {}
        self.count = 0
        self.without_buttons: WithoutButtons | None = None
        self.standing = False

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
        self.count += 1
        self.without_buttons = without_buttons
        self.standing = standing
        self.shown[identifier] = (title, body)
        self.buttons = dict(buttons)

    async def aclose(self) -> None: ...

    async def withdraw(self, identifier: str) -> None:
        self.shown.pop(identifier, None)
