"""What oO says in notifications, and how seldom.

A refused account is announced once, with a button that mends it, and withdrawn when it is mended:
not at every poll, not at every start, at most once a day while it stays refused.

Clicks have three notifications, however many there are of them: what was just clicked, with Undo;
what a service said no to; and that what had waited for long has gone out. Each is one place on the
screen, replaced in place. To change what it says makes a desktop show it anew, so that is done only
for news; what is merely out of date is taken away.
"""

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from oo_desktop.clock import Clock
from oo_desktop.model.signals import RESCHEDULES, AccountKey, ProviderId
from oo_desktop.model.state import AccountState, Connecting, OutboxItem, Service
from oo_desktop.notifications.notifier import Notifier, Urgency
from oo_desktop.ui.view.account_view import label_of
from oo_desktop.ui.view.outbox_view import not_happened, reason_of, refused_words, title_of
from oo_desktop.ui.view.text import counted

AT_MOST_EVERY = timedelta(days=1)

CLICKED_SECONDS = 8
"""How long a click is shown; another within this time of the last joins its notification."""

LONGEST_TITLE = 60
MOST_NAMED = 5
"""Titles listed in one notification; daemons cut off what is longer."""

REFUSED_APART = 5.0
"""Seconds between two notifications about refusals. Each further one waits twice as long as the
one before, for a thousand refusals in a row are still one thing to know."""
REFUSED_APART_AT_MOST = 600.0

SENT_TOGETHER = 60.0
"""Seconds within which several accounts share one notification that all has gone out."""


class ReconnectNotices:
    """One notification per refused integration.

    last_notified, set_notified: when the user was last told of an account; kept across starts.
    reconnect: what the button does.
    service: what the screen knows of a service.
    """

    def __init__(
        self,
        *,
        notifier: Notifier,
        clock: Clock,
        last_notified: Callable[[AccountKey], datetime | None],
        set_notified: Callable[[AccountKey, datetime | None], None],
        reconnect: Callable[[AccountKey], object],
        service: Callable[[ProviderId], Service],
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._last_notified = last_notified
        self._set_notified = set_notified
        self._reconnect = reconnect
        self._service = service

    async def refused(self, account: AccountState) -> None:
        """Tell the user that `account` needs them, unless they were told within a day."""
        key = account.key
        now = self._clock.now()
        last = self._last_notified(key)
        if last is not None and timedelta(0) <= now - last < AT_MOST_EVERY:
            return
        # Written down first: a crash must cost a notification, not bring a second one.
        self._set_notified(key, now)
        title, body = _reconnect_words(account, self._service(key.provider))
        await self._notifier.show(
            _reconnect_id(key),
            title=title,
            body=body,
            buttons={"Reconnect": lambda: self._reconnect(key)},
            without_buttons="Choose Reconnect in oO’s menu.",
        )

    async def mended(self, key: AccountKey) -> None:
        """The account works again, or is gone: nothing is left to say."""
        self._set_notified(key, None)
        await self._notifier.withdraw(_reconnect_id(key))


class ClickedNotice:
    """What was just clicked, with Undo in reach. Clicks in a row share it.

    says: what a click did, in words, such as `Done` or `Moved to tomorrow`.
    """

    def __init__(
        self,
        *,
        notifier: Notifier,
        clock: Clock,
        undo: Callable[[int], object],
        says: Callable[[OutboxItem], str],
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._undo = undo
        self._says = says
        self._burst: dict[int, _Line] = {}
        self._last_click = 0.0

    async def clicked(self, item: OutboxItem, *, undoable: Collection[int]) -> None:
        """One quiet notification. `undoable`: the clicks whose undo is offered now."""
        now = self._clock.monotonic()
        if now - self._last_click > CLICKED_SECONDS:
            self._burst.clear()
        self._last_click = now
        self._burst.pop(item.number, None)  # clicked again: now it is the newest
        moved = item.kind in RESCHEDULES
        self._burst[item.number] = _Line(self._says(item), title_of(item, LONGEST_TITLE), moved)
        await self._show(undoable)

    async def over(self, numbers: Collection[int], *, undoable: Collection[int]) -> None:
        """Clicks were taken back, refused, or can no longer be undone."""
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
        """The clicks it speaks of."""
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
            return {"Undo": lambda: self._undo(newest)}
        buttons: dict[str, Callable[[], object]] = {"Undo the last": lambda: self._undo(newest)}
        if len(offered) > 1:
            every = len(offered) == len(self._burst)
            label = "Undo all" if every else f"Undo the last {len(offered)}"
            buttons[label] = lambda: [self._undo(number) for number in offered]
        return buttons


class _Line(NamedTuple):
    """A click as it is named: `Moved to tomorrow`, `Call Ana`."""

    what: str
    title: str
    moved: bool


def _title_of_all(lines: Sequence[_Line]) -> str:
    first, count = lines[0], len(lines)
    if count == 1:
        return f"{first.what}: {first.title}"
    if not any(line.moved for line in lines):
        return f"{count} tasks done"
    if not all(line.moved for line in lines):
        return f"{count} changes"
    return f"{count} tasks moved"


def _body_of_all(lines: Sequence[_Line]) -> str:
    """The newest, named, and where each went."""
    if len(lines) == 1:
        return ""
    moved = any(line.moved for line in lines)
    named = [f"{line.what}: {line.title}" if moved else line.title for line in lines[-MOST_NAMED:]]
    if len(lines) > MOST_NAMED:
        named.append(f"and {len(lines) - MOST_NAMED} more")
    return "\n".join(named)


class RefusedNotice:
    """What a service said no to: one refusal with its reason, several as a count.

    retry: sends the click with that number again; retry_all: all that were refused.
    """

    def __init__(
        self,
        *,
        notifier: Notifier,
        clock: Clock,
        retry: Callable[[int], object],
        retry_all: Callable[[], object],
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._retry = retry
        self._retry_all = retry_all
        self._refused: dict[int, OutboxItem] = {}
        self._untold = False
        self._told_at: float | None = None
        self._apart = 0.0

    def refused(self, items: Iterable[OutboxItem]) -> None:
        """More was refused; `tell` says so, in its time."""
        for item in items:
            self._refused[item.number] = item
            self._untold = True

    async def settled(self, numbers: Collection[int]) -> None:
        """Refused clicks were tried again or forgotten: whoever did that needs no notification."""
        gone = self._refused.keys() & numbers
        for number in gone:
            del self._refused[number]
        self._untold = self._untold and bool(self._refused)
        if gone and not self._untold:
            self._refused.clear()
            await self._notifier.withdraw("refused")

    async def tell(self) -> float | None:
        """Say what is new. Returns the seconds until it is time to be called again, or None."""
        if not self._untold:
            return None
        now = self._clock.monotonic()
        since = math.inf if self._told_at is None else now - self._told_at
        if since < self._apart:
            return self._apart - since
        apart = REFUSED_APART if since > REFUSED_APART_AT_MOST else 2 * self._apart
        self._apart = min(apart, REFUSED_APART_AT_MOST)
        self._told_at = now
        self._untold = False
        await self._show()
        return None

    async def _show(self) -> None:
        items = tuple(self._refused.values())
        if len(items) == 1:
            number = items[0].number
            await self._notifier.show(
                "refused",
                title=f"{not_happened(items[0])}: {title_of(items[0], LONGEST_TITLE)}",
                body=reason_of(items[0]),
                buttons={"Try again": lambda: self._retry(number)},
                without_buttons="oO’s menu offers to try again.",
            )
            return
        reasons = {reason_of(item) for item in items}
        common = f"{reasons.pop()}\n" if len(reasons) == 1 else ""
        await self._notifier.show(
            "refused",
            title=refused_words(len(items)),
            body=f"{common}The menu of oO says which, and why.",
            buttons={"Try again": self._retry_all},
        )


class SentNotice:
    """That what had waited for long has gone out: once, and calmly."""

    def __init__(self, *, notifier: Notifier, clock: Clock) -> None:
        self._notifier = notifier
        self._clock = clock
        self._counts: dict[str, int] = {}
        self._told_at = -math.inf

    async def sent(self, count: int, service: str) -> None:
        """`count` changes have reached `service`; accounts that follow at once join in."""
        now = self._clock.monotonic()
        if now - self._told_at > SENT_TOGETHER:
            self._counts.clear()
        self._told_at = now
        self._counts[service] = self._counts.get(service, 0) + count
        where = f" to {service}" if len(self._counts) == 1 else ""
        total = counted(sum(self._counts.values()), "change was", "changes were")
        await self._notifier.show(
            "sent",
            title=f"{total} sent{where}",
            body="All that was waiting has gone out.",
            urgency=Urgency.LOW,
        )


def _reconnect_words(account: AccountState, service: Service) -> tuple[str, str]:
    """The title and body about a refused account. A link has no sign-in, and no clicks."""
    label = label_of(account)
    if service.connecting is Connecting.LINK:
        return (
            f"The calendar link of {label} is no longer valid",
            "Paste the current one. Your list stays as it is.",
        )
    return (
        f"{service.name} needs you to sign in again",
        f"{label}\nYour list stays as it is. Clicks are kept and sent afterwards.",
    )


def _reconnect_id(key: AccountKey) -> str:
    return f"reconnect:{key.provider}:{key.user_id}"
