"""Tells scripts what the tray shows, in the same selection and order (design, section 8). Pure.

Times are ISO 8601 with an offset, days are `YYYY-MM-DD`. Texts are as the service gave them, for a
program has no use for an elided title. Keys are a promise: new ones may come, none go.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from oo_desktop.agenda.placement import Entry
from oo_desktop.agenda.selection import Selection
from oo_desktop.integrations.accounts import Disconnected
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.integrations import Integration
from oo_desktop.model.reschedule import possible_actions
from oo_desktop.model.settings import CurrentSetting
from oo_desktop.model.signals import (
    RESCHEDULES,
    AccountKey,
    ActionKind,
    AnySignal,
    Calendar,
    Day,
    Due,
    Event,
    Fixed,
    Floating,
    SignalKey,
    Task,
    ends_at,
)
from oo_desktop.model.state import AccountState, AppState, Connection, unconfirmed_keys, zones_of
from oo_desktop.model.zones import machine_zone

Json = dict[str, object]
PossibleNow = Callable[[AnySignal, ZoneInfo], tuple[ActionKind, ...]]


def signals_json(state: AppState, selection: Selection) -> list[Json]:
    """Tell everything the tray shows of `state`, in its order, folded or not."""
    possible, unconfirmed = _possible_at(selection.now), unconfirmed_keys(state)
    entries = (entry for part in selection.sections() for entry in part.entries)
    return [_signal_json(entry, possible, unconfirmed) for entry in entries]


def signal_json(state: AppState, entry: Entry, now: datetime) -> Json:
    """Tell `entry` as `signals_json` does."""
    return _signal_json(entry, _possible_at(now), unconfirmed_keys(state))


def added_json(state: AppState, item: OutboxItem, now: datetime) -> Json:
    """Tell a task that is being added as `signals_json` does, and where it goes.

    undo: the number that takes it back. understood: what its text came to. account, service: what
    they are called. connection: how the last attempt to reach it ended.
    """
    from oo_desktop.model.quick_add import sentence

    signal, local = item.signal, machine_zone()
    zone = zones_of(state, local).get(signal.account, local)
    due = signal.due if isinstance(signal, Task) else None
    overdue = due is not None and ends_at(due, zone) <= now
    accounts = {account.key: account for account in state.accounts}
    account = accounts.get(signal.account)
    names = {service.id: service.name for service in state.services}
    name = signal.container.name if signal.container else ""
    return {
        **signal_json(state, Entry(signal, zone, overdue, pending=True), now),
        "undo": item.number,
        "understood": sentence(item.added, name, now, zone) if item.added else "",
        "account": account.label if account else signal.user_id,
        "service": names.get(signal.source, signal.source),
        "connection": account.connection.value if account else Connection.UNKNOWN.value,
    }


def outbox_json(state: AppState, *, local_zone: ZoneInfo | None = None) -> list[Json]:
    """Tell every click that is on its way or was refused, in the order of the clicks."""
    waiting = (item for item in state.outbox if item.state is not OutboxState.CONFIRMED)
    return clicks_json(state, waiting, local_zone=local_zone)


def clicks_json(
    state: AppState, items: Iterable[OutboxItem], *, local_zone: ZoneInfo | None = None
) -> list[Json]:
    """Tell `items` as `outbox_json` does."""
    local = local_zone or machine_zone()
    zones = zones_of(state, local)
    return [_click_json(item, zones.get(item.signal.account, local)) for item in items]


def _click_json(item: OutboxItem, zone: ZoneInfo) -> Json:
    """`due`: where the click moves its signal, in the signal's own words for days and times; of a
    task that is added, when it is due."""
    due = item.due if item.kind in RESCHEDULES else None
    if item.kind is ActionKind.ADD and isinstance(item.signal, Task):
        due = item.signal.due
    if item.kind is ActionKind.RESTORE and isinstance(item.signal, Task):
        due = item.signal.due
    return {
        "number": item.number,
        "id": item.signal.id,
        "source": item.signal.source,
        "user_id": item.signal.user_id,
        "action": item.kind.value,
        "title": item.signal.title,
        "due": _due_json(due, zone) if due else None,
        "state": item.state.value,
        "clicked_at": instant_json(item.clicked_at),
        "send_at": instant_json(item.send_at),
        "sent_at": instant_json(item.sent_at),
        "attempts": item.attempts,
        "unconfirmed": item.unconfirmed,
        "reason": item.reason,
    }


def integrations_json(state: AppState) -> list[Json]:
    """Tell every connected account."""
    return [_integration_json(account) for account in state.accounts]


def calendar_json(account: AccountKey, calendar: Calendar) -> Json:
    """Tell one calendar of an account."""
    return {
        "provider": account.provider,
        "user_id": account.user_id,
        "id": calendar.id,
        "name": calendar.name,
        "color": calendar.color,
        "shown": calendar.shown,
        "read_only": calendar.read_only,
        "problem": calendar.problem,
        "group": calendar.group,
    }


def setting_json(current: CurrentSetting) -> Json:
    """Tell one setting."""
    setting, value = current
    return {
        "name": setting.name,
        "value": value,
        "default": setting.default,
        "meaning": setting.meaning,
    }


def status_json(state: AppState, version: str) -> Json:
    """Tell how the program and its accounts are, in short.

    services: what can be connected here, in the order it is offered.
    """
    return {
        "version": version,
        "refreshing": state.refreshing,
        "problem": state.problem,
        "paused_until": instant_json(state.paused_until),
        "left_out": list(state.left_out),
        "mistakes": list(state.mistakes),
        "pending": len(state.outbox),
        "accounts": [_account_json(account, state) for account in state.accounts],
        "sign_ins": [
            {
                "provider": sign_in.provider,
                "ends_at": instant_json(sign_in.ends_at),
                "note": sign_in.note,
            }
            for sign_in in state.sign_ins
        ],
        "services": [service.id for service in state.services if service.offered],
    }


def refresh_json(state: AppState) -> Json:
    """Tell how the accounts are after a round, and which brought nothing, and why."""
    return {
        "accounts": [_account_json(account, state) for account in state.accounts],
        "failed": [
            {
                "provider": account.key.provider,
                "user_id": account.key.user_id,
                "label": account.label,
                "connection": account.connection.value,
                "reason": account.reason,
            }
            for account in state.accounts
            if account.connection is not Connection.OK
        ],
    }


def connected_json(integration: Integration, *, again: bool) -> Json:
    """Tell which account was connected; `again`: it was known before."""
    return {
        "provider": integration.key.provider,
        "user_id": integration.key.user_id,
        "label": integration.label,
        "reconnected": again,
    }


def disconnected_json(gone: Disconnected) -> Json:
    """Tell which account went, and what is left to do."""
    return {
        "provider": gone.key.provider,
        "user_id": gone.key.user_id,
        "label": gone.label,
        "dropped": gone.dropped,
        "revoke_url": gone.revoke_url,
        "revoked": gone.revoked,
        "note": gone.note,
    }


def _account_json(account: AccountState, state: AppState) -> Json:
    """unread: how many of what it `lists` could not be read, and are missing.

    told: its changes are told, so that what is shown is as of now.
    """
    services = {service.id: service for service in state.services}
    service = services.get(account.key.provider)
    return {
        **_integration_json(account),
        "next_poll": instant_json(account.next_poll),
        "reason": account.reason,
        "unread": account.unread,
        "told": account.told,
        "lists": service.lists.value if service else None,
    }


def _integration_json(account: AccountState) -> Json:
    return {
        "provider": account.key.provider,
        "user_id": account.key.user_id,
        "label": account.label,
        "token_status": account.token_status.value,
        "connection": account.connection.value,
        "last_success": instant_json(account.last_success),
        "pending": account.pending,
    }


def _possible_at(now: datetime) -> PossibleNow:
    """`possible_actions`, worked out once for all signals that are due alike: there may be
    thousands."""
    found: dict[tuple[object, ...], tuple[ActionKind, ...]] = {}

    def possible(signal: AnySignal, zone: ZoneInfo) -> tuple[ActionKind, ...]:
        if not isinstance(signal, Task):
            return possible_actions(signal, now, zone)
        alike = (signal.actions, signal.due, signal.by_deadline, signal.recurring, zone)
        if alike not in found:
            found[alike] = possible_actions(signal, now, zone)
        return found[alike]

    return possible


def _signal_json(
    entry: Entry, possible: PossibleNow, unconfirmed_ones: Collection[SignalKey]
) -> Json:
    """pending: a click on it waits for its service, or for that service's list to agree.

    zone: in which its times are told, by its IANA name; None where that is not known.
    parent: the id of the task it is a part of, which need not be listed.
    reminders: minutes before it is due; None: as the settings say.
    """
    signal = entry.signal
    unconfirmed = signal.key in unconfirmed_ones
    if isinstance(signal, Event):
        kind = "event"
        times: Json = {
            "start": _due_json(signal.start, entry.zone),
            "end": _due_json(signal.end, entry.zone),
            "zone": entry.zone.key,
            "all_day": isinstance(signal.start, Day),
            "tentative": signal.tentative,
            "unanswered": signal.unanswered,
            "where": signal.where,
        }
    else:
        kind = "task"
        times = {
            "due": _due_json(signal.due, entry.zone) if signal.due else None,
            "all_day": isinstance(signal.due, Day),
            "labels": list(signal.labels),
            "parent": signal.parent,
            "reminders": None if signal.reminders is None else list(signal.reminders),
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
        "actions": [action.value for action in possible(signal, entry.zone)],
        "pending": entry.pending or unconfirmed,
        "unconfirmed": unconfirmed,
    }


def _due_json(due: Due, zone: ZoneInfo) -> str:
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


def instant_json(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
