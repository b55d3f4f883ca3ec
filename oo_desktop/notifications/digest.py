"""Says in one notification what was held back, where that is of several kinds."""

from collections.abc import Callable, Mapping
from functools import partial

from oo_desktop.commands.commands import Command, Execute
from oo_desktop.language import plural, translated
from oo_desktop.notifications.notifier import MAX_NAMED, Notifier

IDENTIFIER = "held-back"


class HeldBackNotice:
    """Shows what still matters of what was held back, a line each.

    show: opens the place where all of it stands, by a button; None: there is no such place.
    """

    def __init__(self, *, notifier: Notifier, execute: Execute, show: Command | None) -> None:
        self._notifier = notifier
        self._execute = execute
        self._show = show
        self._lines: dict[object, str] = {}

    async def tell(self, lines: Mapping[object, str]) -> None:
        """Show these lines, by what each is about, in place of what was shown before."""
        self._lines = dict(lines)
        await self._draw()

    async def forget(self, *about: object, wrong: bool = False) -> None:
        """Speak of these no more; `wrong`: what was said of them is not merely old."""
        gone = self._lines.keys() & set(about)
        for each in gone:
            del self._lines[each]
        if gone and not self._lines:
            await self._notifier.withdraw(IDENTIFIER)
        elif gone and wrong:
            await self._draw()

    async def _draw(self) -> None:
        lines = list(self._lines.values())
        named = lines[:MAX_NAMED]
        if len(lines) > MAX_NAMED:
            named.append(plural("and {count} more", "and {count} more", len(lines) - MAX_NAMED))
        show = None if self._show is None else partial(self._execute, self._show)
        buttons: dict[str, Callable[[], object]] = {}
        if show is not None:
            # Translators: opens the list of what is held back
            buttons[translated("Show")] = show
        await self._notifier.show(
            IDENTIFIER,
            title=plural(
                "{count} notification was held back",
                "{count} notifications were held back",
                len(lines),
            ),
            body="\n".join(named),
            buttons=buttons,
            click=show,
        )
