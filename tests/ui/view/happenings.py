"""Small makers of what happens."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from oo_desktop.model.signals import (
    AccountKey,
    Container,
    Day,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    UserId,
)
from oo_desktop.model.state import AccountState, AppState, Connection

GOOGLE = ProviderId("google_calendar")
ADA = AccountKey(GOOGLE, UserId("ada@example.org"))
BOB = AccountKey(GOOGLE, UserId("bob@example.net"))

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A Wednesday, at 13:00 in Berlin."""


def calendars(
    key: AccountKey = ADA, zone: str | None = "Europe/Berlin", **more: Any
) -> AccountState:
    """An account of calendars that nothing is wrong with."""
    return AccountState(
        key=key,
        label=key.user_id,
        zone=zone,
        **{"connection": Connection.OK, "last_success": NOON, **more},
    )


def meeting(
    title: str, start: datetime, minutes: float = 30, *, account: AccountKey = ADA, **more: Any
) -> Event:
    """An event with times: naive ones float, all others are instants."""
    end = start + timedelta(minutes=minutes)
    floating = start.tzinfo is None
    return _event(
        title,
        start=Floating(start) if floating else Fixed(start.astimezone(UTC), "Europe/Berlin"),
        end=Floating(end) if floating else Fixed(end.astimezone(UTC), "Europe/Berlin"),
        account=account,
        **more,
    )


def whole_days(
    title: str, first: date, days: int = 1, *, account: AccountKey = ADA, **more: Any
) -> Event:
    end = Day(first + timedelta(days=days))
    return _event(title, start=Day(first), end=end, account=account, **more)


def _event(title: str, *, account: AccountKey, calendar: str | None = None, **more: Any) -> Event:
    return Event(
        id=more.pop("id", SignalId(title)),
        source=account.provider,
        user_id=account.user_id,
        title=title,
        url=more.pop("url", f"https://calendar.google.com/event?eid={len(title)}"),
        container=Container(calendar) if calendar else None,
        **more,
    )


def with_events(*events: Event, account: AccountState | None = None) -> AppState:
    account = account or calendars()
    return AppState(accounts=(account,), signals={account.key: events})
