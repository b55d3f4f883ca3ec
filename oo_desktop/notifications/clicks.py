"""Says what became of clicks, and how seldom.

Clicks have three notifications, however many there are of them: what was just clicked, with Undo;
what a service said no to; and that what had waited for long has gone out. Each is one place on the
screen, replaced in place. To change what it says makes a desktop show it anew, so that is done only
for news; what is merely out of date is taken away.
"""

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from oo_desktop.clock import Clock
from oo_desktop.commands.commands import Execute, Retry, Undo
from oo_desktop.language import plural, translated
from oo_desktop.model.clicks import OutboxItem
from oo_desktop.model.signals import RESCHEDULES
from oo_desktop.model.text import elided
from oo_desktop.notifications.notifier import (
    MAX_NAMED,
    MAX_TITLE,
    Notifier,
    Urgency,
    WithoutButtons,
)
from oo_desktop.ui.view.outbox import click_title, reason_of, refusal, refused_words

CLICKED_SECONDS = 8
"""How long a click is shown; another within this time of the last joins its notification."""

MIN_APART_SECONDS = 5.0
"""Between two notifications about refusals. Each further one waits twice as long as the
one before, for a thousand refusals in a row are still one thing to know."""
MAX_APART_SECONDS = 600.0

SENT_TOGETHER_SECONDS = 60.0
"""Within which several accounts share one notification that all has gone out."""


class ClickedNotice:
    """Shows what was just clicked, with Undo in reach. Clicks in a row share it.

    says: what a click did, in words, such as `Done` or `Moved to tomorrow`.
    """

    def __init__(
        self,
        *,
        notifier: Notifier,
        clock: Clock,
        execute: Execute,
        says: Callable[[OutboxItem], str],
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._execute = execute
        self._says = says
        self._burst: dict[int, _NamedClick] = {}
        self._last_click = 0.0

    async def clicked(self, item: OutboxItem, *, undoable: Collection[int]) -> None:
        """Show one quiet notification. `undoable`: the clicks whose undo is offered now."""
        now = self._clock.monotonic()
        if now - self._last_click > CLICKED_SECONDS:
            self._burst.clear()
        self._last_click = now
        self._burst.pop(item.number, None)  # clicked again: now it is the newest
        moved = item.kind in RESCHEDULES
        self._burst[item.number] = _NamedClick(
            self._says(item), click_title(item, MAX_TITLE), moved
        )
        await self._show(undoable)

    async def over(self, numbers: Collection[int], *, undoable: Collection[int]) -> None:
        """Speak no more of clicks that were taken back, refused, or cannot be undone any more."""
        gone = self._burst.keys() & numbers
        for number in gone:
            del self._burst[number]
        if not gone:
            return
        on_screen = self._clock.monotonic() - self._last_click <= CLICKED_SECONDS
        if self._burst and on_screen:
            await self._show(undoable)
        else:
            self._burst.clear()
            await self._notifier.withdraw("clicked")

    @property
    def numbers(self) -> frozenset[int]:
        """Return the clicks it speaks of."""
        return frozenset(self._burst)

    async def _show(self, undoable: Collection[int]) -> None:
        offered = tuple(number for number in reversed(self._burst) if number in undoable)
        lines = tuple(self._burst.values())
        await self._notifier.show(
            "clicked",
            title=_title_of_all(lines),
            body=_body_of_all(lines),
            buttons=self._buttons(offered),
            urgency=Urgency.LOW,
            seconds=CLICKED_SECONDS,
        )

    def _buttons(self, offered: tuple[int, ...]) -> dict[str, Callable[[], object]]:
        if not offered:
            return {}
        newest = offered[0]
        if len(self._burst) == 1:
            return {translated("Undo"): partial(self._execute, Undo(newest))}
        buttons: dict[str, Callable[[], object]] = {
            translated("Undo the last"): partial(self._execute, Undo(newest))
        }
        if len(offered) > 1:
            every = len(offered) == len(self._burst)
            label = (
                translated("Undo all")
                if every
                else plural("Undo the last {count}", "Undo the last {count}", len(offered))
            )
            buttons[label] = lambda: [self._execute(Undo(number)) for number in offered]
        return buttons


class _NamedClick(NamedTuple):
    """A click as it is named: `Moved to tomorrow`, `Call Ana`."""

    what: str
    title: str
    moved: bool


def _title_of_all(lines: Sequence[_NamedClick]) -> str:
    first, count = lines[0], len(lines)
    if count == 1:
        return _line(first)
    if not any(line.moved for line in lines):
        return plural("{count} task done", "{count} tasks done", count)
    if not all(line.moved for line in lines):
        return plural("{count} change", "{count} changes", count)
    return plural("{count} task moved", "{count} tasks moved", count)


def _line(click: _NamedClick) -> str:
    # Translators: what a click did, and the title of what was clicked: “Done: Call Ana”
    return translated("{what}: {title}", what=click.what, title=click.title)


def _body_of_all(lines: Sequence[_NamedClick]) -> str:
    """The newest, named, and where each went."""
    if len(lines) == 1:
        return ""
    moved = any(line.moved for line in lines)
    named = [_line(line) if moved else line.title for line in lines[-MAX_NAMED:]]
    if len(lines) > MAX_NAMED:
        named.append(plural("and {count} more", "and {count} more", len(lines) - MAX_NAMED))
    return "\n".join(named)


class RejectedNotice:
    """Shows what a service said no to: one refusal with its reason, several as a count."""

    def __init__(
        self,
        *,
        notifier: Notifier,
        clock: Clock,
        execute: Execute,
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._execute = execute
        self._refused: dict[int, OutboxItem] = {}
        self._untold = False
        self._told_at: float | None = None
        self._apart = 0.0

    def refused(self, items: Iterable[OutboxItem]) -> None:
        """Hear that more was refused; `tell` says so, in its time."""
        for item in items:
            self._refused[item.number] = item
            self._untold = True

    async def settled(self, numbers: Collection[int]) -> None:
        """Forget refused clicks that were tried again or given up: whoever did that knows."""
        gone = self._refused.keys() & numbers
        for number in gone:
            del self._refused[number]
        self._untold = self._untold and bool(self._refused)
        if gone and not self._untold:
            self._refused.clear()
            await self._notifier.withdraw("refused")

    @property
    def untold(self) -> bool:
        """Return whether there is something new to say."""
        return self._untold

    def told_elsewhere(self) -> str:
        """Take what is new for told, and return what to say of it in a line."""
        self._untold = False
        items = tuple(self._refused.values())
        if len(items) == 1:
            return refusal(items[0], MAX_TITLE)
        return refused_words(len(items))

    async def tell(self) -> float | None:
        """Say what is new. Returns the seconds until it is time to be called again, or None."""
        if not self._untold:
            return None
        now = self._clock.monotonic()
        since = math.inf if self._told_at is None else now - self._told_at
        if since < self._apart:
            return self._apart - since
        apart = MIN_APART_SECONDS if since > MAX_APART_SECONDS else 2 * self._apart
        self._apart = min(apart, MAX_APART_SECONDS)
        self._told_at = now
        self._untold = False
        await self._show()
        return None

    async def _show(self) -> None:
        items = tuple(self._refused.values())
        if len(items) == 1:
            number, reason = items[0].number, reason_of(items[0])
            await self._notifier.show(
                "refused",
                title=refusal(items[0], MAX_TITLE),
                body=reason,
                buttons={translated("Try again"): partial(self._execute, Retry(number))},
                without_buttons=WithoutButtons(
                    "\n".join(
                        (elided(reason, MAX_TITLE), translated("oO’s menu offers to try again."))
                    )
                ),
            )
            return
        reasons = {reason_of(item) for item in items}
        common = [reasons.pop()] if len(reasons) == 1 else []
        await self._notifier.show(
            "refused",
            title=refused_words(len(items)),
            body="\n".join((*common, translated("The menu of oO says which, and why."))),
            buttons={translated("Try again"): partial(self._execute, Retry(every=True))},
        )


class SentNotice:
    """Shows that what had waited for long has gone out: once, and calmly."""

    def __init__(self, *, notifier: Notifier, clock: Clock) -> None:
        self._notifier = notifier
        self._clock = clock
        self._counts: dict[str, int] = {}
        self._told_at = -math.inf

    async def sent(self, count: int, service: str) -> None:
        """Say that `count` changes have reached `service`; accounts that follow at once join in."""
        now = self._clock.monotonic()
        if now - self._told_at > SENT_TOGETHER_SECONDS:
            self._counts.clear()
        self._told_at = now
        self._counts[service] = self._counts.get(service, 0) + count
        total = sum(self._counts.values())
        if len(self._counts) == 1:
            title = plural(
                "{count} change was sent to {service}",
                "{count} changes were sent to {service}",
                total,
                service=service,
            )
        else:
            title = plural("{count} change was sent", "{count} changes were sent", total)
        await self._notifier.show(
            "sent",
            title=title,
            body=translated("All that was waiting has gone out."),
            urgency=Urgency.LOW,
        )
