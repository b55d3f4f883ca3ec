"""Small makers and readers of what the tray shows."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from msgspec import structs

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.selection import Selection
from oo_desktop.model.clicks import OutboxItem
from oo_desktop.model.signals import AnySignal, Day, ProviderId, Task
from oo_desktop.model.state import AccountState, AppState
from oo_desktop.ui.view.rows import Row, RowKind, TrayView
from oo_desktop.ui.view.tray import next_change, tray_view
from tests.fixtures.services import SERVICES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = Day(date(2026, 11, 22))
TODOIST = ProviderId("todoist")

MakeTask = Callable[..., Task]
MakeAccount = Callable[..., AccountState]
MakeClick = Callable[..., OutboxItem]


def select(state: AppState, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> Selection:
    """What an agenda says that remembers nothing."""
    return Agenda().select(state, now, local_zone=zone)


def shown(state: AppState, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> TrayView:
    """What is shown of `state`; unless it says else, with the services that come with oO."""
    if not state.services:
        plain = tuple(structs.replace(each, own_client=None) for each in SERVICES)
        state = structs.replace(state, services=plain)
    return tray_view(state, select(state, now, zone))


def changes_at(state: AppState, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> datetime | None:
    return next_change(state, select(state, now, zone))


def state_of(account: AccountState, *signals: AnySignal, **more: object) -> AppState:
    return AppState(accounts=(account,), signals={account.key: signals}, **more)  # type: ignore[arg-type]  # each test passes what AppState has


def texts(view: TrayView) -> list[str]:
    return [row.text for row in view.rows if row.kind is not RowKind.SEPARATOR]


def row(view: TrayView, *row_id: str) -> Row:
    return next(row for row in view.rows if row.id == row_id)


def rows_of(rows: tuple[Row, ...]) -> list[Row]:
    return [each for row in rows for each in (row, *rows_of(row.rows))]
