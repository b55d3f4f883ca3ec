"""What scripts are told (design, section 8): the same selection and order the tray shows. Pure.

Times are ISO 8601 with an offset, days are `YYYY-MM-DD`. Texts are as the service gave them, for a
program has no use for an elided title. Keys are a promise: new ones may come, none go.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from oo_desktop.signals.model import Day, Due, Event, Fixed, Floating
from oo_desktop.signals.state import AccountState, AppState
from oo_desktop.ui.agenda import Entry, agenda, machine_zone

Json = dict[str, object]


def signals_json(
    state: AppState, now: datetime, *, local_zone: ZoneInfo | None = None
) -> list[Json]:
    """Everything the tray shows, in its order, folded or not."""
    shown = agenda(state, now, local_zone=local_zone or machine_zone())
    return [_signal_json(entry) for entry in shown.entries]


def integrations_json(state: AppState) -> list[Json]:
    """Every connected account."""
    return [_integration_json(account) for account in state.accounts]


def status_json(state: AppState, version: str) -> Json:
    """The program and its accounts, in short."""
    return {
        "version": version,
        "refreshing": state.refreshing,
        "problem": state.problem,
        "pending": len(state.outbox),
        "accounts": [
            {
                **_integration_json(account),
                "next_poll": _instant(account.next_poll),
                "reason": account.reason,
            }
            for account in state.accounts
        ],
        "sign_ins": [
            {"provider": sign_in.provider, "ends_at": _instant(sign_in.ends_at)}
            for sign_in in state.sign_ins
        ],
    }


def _integration_json(account: AccountState) -> Json:
    return {
        "provider": account.key.provider,
        "user_id": account.key.user_id,
        "label": account.label,
        "token_status": account.token_status.value,
        "connection": account.connection.value,
        "last_success": _instant(account.last_success),
        "pending": account.pending,
    }


def _signal_json(entry: Entry) -> Json:
    signal = entry.signal
    if isinstance(signal, Event):
        kind = "event"
        times: Json = {
            "start": _due(signal.start, entry.zone),
            "end": _due(signal.end, entry.zone),
            "all_day": isinstance(signal.start, Day),
        }
    else:
        kind = "task"
        times = {
            "due": _due(signal.due, entry.zone) if signal.due else None,
            "all_day": isinstance(signal.due, Day),
        }
    return {
        "id": signal.id,
        "source": signal.source,
        "user_id": signal.user_id,
        "kind": kind,
        "title": signal.title,
        **times,
        "overdue": entry.overdue,
        "priority": None if isinstance(signal, Event) else signal.priority,
        "container": signal.container.name if signal.container else None,
        "url": signal.url,
        "join_url": signal.join_url if isinstance(signal, Event) else None,
        "actions": [action.value for action in signal.actions],
        "pending": entry.pending,
    }


def _due(due: Due, zone: ZoneInfo) -> str:
    match due:
        case Day(day):
            return day.isoformat()
        case Floating(at):
            return at.replace(tzinfo=zone).isoformat()
        case Fixed(at):
            try:
                return at.astimezone(zone).isoformat()
            except (OverflowError, ValueError):  # the last day of the calendar
                return at.isoformat()


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
