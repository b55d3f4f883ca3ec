"""What oO says in notifications, and how seldom.

A refused account is announced once, with a button that mends it, and withdrawn when it is mended:
not at every poll, not at every start, at most once a day while it stays refused.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from oo_desktop.clock import Clock
from oo_desktop.signals.model import AccountKey, ActionKind
from oo_desktop.signals.state import AccountState, OutboxItem
from oo_desktop.ui.account_view import label_of, service_of
from oo_desktop.ui.notifications import Notifier, Urgency
from oo_desktop.ui.text import elided, plain_text, sentence

AT_MOST_EVERY = timedelta(days=1)

DONE_SECONDS = 8
"""How long “Done” is shown; a click within this time of the last joins its notification."""

LONGEST_TITLE = 60
MOST_NAMED = 5
"""Titles listed in one notification; daemons cut off what is longer."""


class ReconnectNotices:
    """One notification per refused integration.

    last_notified, set_notified: when the user was last told of an account; kept across starts.
    reconnect: what the button does.
    """

    def __init__(
        self,
        *,
        notifier: Notifier,
        clock: Clock,
        last_notified: Callable[[AccountKey], datetime | None],
        set_notified: Callable[[AccountKey, datetime | None], None],
        reconnect: Callable[[AccountKey], object],
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._last_notified = last_notified
        self._set_notified = set_notified
        self._reconnect = reconnect

    async def refused(self, account: AccountState) -> None:
        """Tell the user that `account` needs them, unless they were told within a day."""
        key = account.key
        now = self._clock.now()
        last = self._last_notified(key)
        if last is not None and timedelta(0) <= now - last < AT_MOST_EVERY:
            return
        # Written down first: a crash must cost a notification, not bring a second one.
        self._set_notified(key, now)
        await self._notifier.show(
            _reconnect_id(key),
            title=f"{service_of(key.provider).name} needs you to sign in again",
            body=(
                f"{label_of(account)}\n"
                "Your list stays as it is. Clicks are kept and sent afterwards."
            ),
            buttons={"Reconnect": lambda: self._reconnect(key)},
            without_buttons="Choose Reconnect in oO’s menu.",
        )

    async def mended(self, key: AccountKey) -> None:
        """The account works again, or is gone: nothing is left to say."""
        self._set_notified(key, None)
        await self._notifier.withdraw(_reconnect_id(key))


class ClickNotices:
    """What became of clicks: done, with Undo in reach; or refused, with the reason."""

    def __init__(
        self,
        *,
        notifier: Notifier,
        clock: Clock,
        undo: Callable[[int], object],
        retry: Callable[[int], object],
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._undo = undo
        self._retry = retry
        self._burst: dict[int, str] = {}
        self._last_click = 0.0

    async def done(self, item: OutboxItem) -> None:
        """A task was clicked: one quiet notification, shared by clicks in a row."""
        now = self._clock.monotonic()
        if now - self._last_click > DONE_SECONDS:
            self._burst.clear()
        self._last_click = now
        self._burst[item.number] = _title(item)
        await self._show_burst()

    async def undone(self, number: int) -> None:
        """A click was taken back."""
        if self._burst.pop(number, None) is None:
            return
        if self._burst:
            await self._show_burst()
        else:
            await self._notifier.withdraw("done")

    async def refused(self, item: OutboxItem) -> None:
        """The service said no; the task is back on the list."""
        number = item.number
        what = "Not done" if item.kind is ActionKind.DONE else "Not undone"
        await self._notifier.show(
            f"refused:{number}",
            title=f"{what}: {_title(item)}",
            body=sentence(plain_text(item.reason or "The service said no")),
            buttons={"Try again": lambda: self._retry(number)},
            without_buttons="oO’s menu offers to try again.",
        )

    async def settled(self, number: int) -> None:
        """A refused click was tried again or forgotten."""
        await self._notifier.withdraw(f"refused:{number}")

    async def _show_burst(self) -> None:
        newest = max(self._burst)
        titles = list(self._burst.values())
        one = len(titles) == 1
        rest = [f"and {len(titles) - MOST_NAMED} more"] if len(titles) > MOST_NAMED else []
        await self._notifier.show(
            "done",
            title=f"Done: {titles[0]}" if one else f"{len(titles)} tasks done",
            body="" if one else "\n".join([*titles[-MOST_NAMED:], *rest]),
            buttons={"Undo" if one else "Undo the last": lambda: self._undo(newest)},
            urgency=Urgency.LOW,
            seconds=DONE_SECONDS,
        )


def _title(item: OutboxItem) -> str:
    return elided(plain_text(item.signal.title) or "(no title)", LONGEST_TITLE)


def _reconnect_id(key: AccountKey) -> str:
    return f"reconnect:{key.provider}:{key.user_id}"
