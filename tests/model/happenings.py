"""Events, and what there is to see of them, made in a few words."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oo_desktop.model.clicks import OutboxItem
from oo_desktop.model.preferences import Show
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    AnySignal,
    Due,
    Event,
    Fixed,
    ProviderId,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.model.state import AccountState, AppState

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""When a `FakeClock` begins."""

ADA = AccountKey(ProviderId("calendar"), UserId("ada"))
BOB = AccountKey(ProviderId("calendar"), UserId("bob"))


def meeting(
    id_: str,
    starts: datetime | timedelta = timedelta(hours=1),
    *,
    lasts: timedelta = timedelta(minutes=30),
    account: AccountKey = ADA,
    **more: Any,
) -> Event:
    """An event that begins at `starts`, or so long after noon; half an hour, unless told else."""
    start = starts if isinstance(starts, datetime) else NOON + starts
    details: dict[str, Any] = {
        "id": SignalId(id_),
        "source": account.provider,
        "user_id": account.user_id,
        "title": id_,
        "start": Fixed(start, "Etc/UTC"),
        "end": Fixed(start + lasts, "Etc/UTC"),
    }
    return Event(**details | more)


def errand(
    id_: str, due: Due | datetime | timedelta | None = timedelta(hours=1), **more: Any
) -> Task:
    """A task that is due then, or so long after noon."""
    if isinstance(due, timedelta):
        due = NOON + due
    details: dict[str, Any] = {
        "id": SignalId(id_),
        "source": ADA.provider,
        "user_id": ADA.user_id,
        "title": id_,
        "due": Fixed(due, "Etc/UTC") if isinstance(due, datetime) else due,
        "actions": (ActionKind.DONE,),
    }
    return Task(**details | more)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


class Calendars:
    """What the screen would show: per account a list of events, and the account's zone."""

    def __init__(self) -> None:
        self.lists: dict[AccountKey, tuple[AnySignal, ...]] = {ADA: ()}
        self.zones: dict[AccountKey, str] = {}
        self.outbox: tuple[OutboxItem, ...] = ()
        self.failure: Exception | None = None
        self.show = Show()

    def hold(self, *signals: AnySignal, account: AccountKey = ADA) -> None:
        self.lists[account] = signals

    def state(self) -> AppState:
        if self.failure:
            raise self.failure
        return AppState(
            accounts=tuple(
                AccountState(
                    key=key,
                    label=key.user_id,
                    last_success=NOON,
                    zone=self.zones.get(key, "Etc/UTC"),
                )
                for key in self.lists
            ),
            signals=dict(self.lists),
            outbox=self.outbox,
            show=self.show,
        )

    @property
    def events(self) -> Iterable[Event]:
        listed = (signal for signals in self.lists.values() for signal in signals)
        return [event for event in listed if isinstance(event, Event)]


def in_zone(name: str) -> Callable[[AccountKey], ZoneInfo]:
    """All accounts count their days in that zone."""
    return lambda _key: ZoneInfo(name)
