"""Announces accounts that need a reconnect, and withdraws that once they are mended.

Each is announced once, with a button that mends it: not at every poll, not at every start, at most
once a day while it stays refused.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from oo_desktop.clock import Clock
from oo_desktop.commands.commands import Execute, Reconnect
from oo_desktop.language import translated
from oo_desktop.model.signals import AccountKey, ProviderId
from oo_desktop.model.state import AccountState, Connecting, Service
from oo_desktop.notifications.notifier import Notifier, WithoutButtons
from oo_desktop.ui.view.accounts import label_of

MIN_BETWEEN = timedelta(days=1)
"""Between two notifications about one account."""


class ReconnectNotices:
    """Shows one notification per account that needs a reconnect.

    last_notified, set_notified: when the user was last told of an account; kept across starts.
    execute: does what the button says.
    service: says what the screen knows of a service.
    """

    def __init__(
        self,
        *,
        notifier: Notifier,
        clock: Clock,
        last_notified: Callable[[AccountKey], datetime | None],
        set_notified: Callable[[AccountKey, datetime | None], None],
        execute: Execute,
        service: Callable[[ProviderId], Service],
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._last_notified = last_notified
        self._set_notified = set_notified
        self._execute = execute
        self._service = service

    async def refused(self, account: AccountState) -> None:
        """Tell the user that `account` needs them, unless they were told within a day.

        Raises StoreError where it cannot be written down that they were.
        """
        key = account.key
        if self.told_of(key):
            return
        # Written down first: a crash must cost a notification, not bring a second one.
        self._set_notified(key, self._clock.now())
        title, body = _reconnect_words(account, self._service(key.provider))
        # Translators: a button: signs in again, or asks for the password again
        button = translated("Reconnect")
        instead = translated("Choose Reconnect in oO’s menu.")
        await self._notifier.show(
            _reconnect_id(key),
            title=title,
            body=body,
            buttons={button: partial(self._execute, Reconnect(key))},
            without_buttons=WithoutButtons(f"{label_of(account)}\n{instead}", click=button),
            standing=True,
        )

    def told_of(self, key: AccountKey) -> bool:
        """Return whether the user was told of that account within a day. Raises StoreError."""
        last = self._last_notified(key)
        return last is not None and timedelta(0) <= self._clock.now() - last < MIN_BETWEEN

    def told_elsewhere(self, account: AccountState) -> str:
        """Take the user for told of `account`, and return what to say in a line.

        Raises StoreError where that cannot be written down.
        """
        self._set_notified(account.key, self._clock.now())
        return _reconnect_words(account, self._service(account.key.provider))[0]

    async def mended(self, key: AccountKey) -> None:
        """Say nothing more: the account works again, or is gone. Raises StoreError."""
        self._set_notified(key, None)
        await self._notifier.withdraw(_reconnect_id(key))


def _reconnect_words(account: AccountState, service: Service) -> tuple[str, str]:
    """The title and body about a refused account. A link has no sign-in, and no clicks."""
    label = label_of(account)
    if service.connecting is Connecting.LINK:
        return (
            translated("The calendar link of {account} is no longer valid", account=label),
            translated("Paste the current one. Your list stays as it is."),
        )
    if service.connecting is Connecting.PASSWORD:
        title = translated("{service} needs your password again", service=service.name)
        body = translated(
            "The one it has is no longer accepted. Your list stays as it is. Clicks are kept and "
            "sent afterwards."
        )
    else:
        title = translated("{service} needs you to sign in again", service=service.name)
        body = translated("Your list stays as it is. Clicks are kept and sent afterwards.")
    return title, f"{label}\n{body}"


def _reconnect_id(key: AccountKey) -> str:
    return f"reconnect:{key.provider}:{key.user_id}"
