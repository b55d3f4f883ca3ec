"""A notifier for one notification at a time."""

from collections.abc import Callable, Mapping

from oo_desktop.notifications.notifier import Urgency


class Screen:
    """A Notifier that keeps what is on it."""

    def __init__(self) -> None:
        self.shown: dict[str, tuple[str, str]] = {}
        self.buttons: dict[str, Callable[[], object]] = {}
        self.count = 0

    async def show(
        self,
        identifier: str,
        *,
        title: str,
        body: str = "",
        buttons: Mapping[str, Callable[[], object]] = {},
        without_buttons: str = "",
        urgency: Urgency = Urgency.NORMAL,
        seconds: int | None = None,
        click: Callable[[], object] | None = None,
    ) -> None:
        self.count += 1
        self.shown[identifier] = (title, body)
        self.buttons = dict(buttons)

    async def aclose(self) -> None: ...

    async def withdraw(self, identifier: str) -> None:
        self.shown.pop(identifier, None)
