"""Reports how oO is, for somebody who is to find a fault. Pure.

It can be sent to anybody: no account is named, and nothing of a list, a setting's value or an
answer of a service is in it; no sentence either, for those may name a calendar. What went wrong is
told by its class.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from oo_desktop.model.state import AccountState, AppState

Json = dict[str, object]


def report_json(state: AppState, surroundings: Mapping[str, object]) -> Json:
    """Return the report.

    surroundings: what the app knows of the machine, and of itself; plain values.
    """
    return {
        **surroundings,
        "problem": state.problem is not None,
        "left_out": len(state.left_out),
        "sign_ins": [sign_in.provider for sign_in in state.sign_ins],
        "clicks": dict(sorted(Counter(item.state.value for item in state.outbox).items())),
        "accounts": [_account_json(account, state) for account in state.accounts],
    }


def _account_json(account: AccountState, state: AppState) -> Json:
    return {
        "provider": account.key.provider,
        "token_status": account.token_status.value,
        "connection": account.connection.value,
        "last_error": account.last_error,
        "last_success": _instant(account.last_success),
        "next_poll": _instant(account.next_poll),
        "signals": len(state.signals.get(account.key, ())),
        "unread": account.unread,
        "calendars": len(account.calendars),
        "calendars_with_problems": sum(each.problem is not None for each in account.calendars),
        "pending": account.pending,
    }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def report_text(report: Mapping[str, object]) -> str:
    """Say a report in lines: `version: 0.1.0`, and below each account what is known of it."""
    return "\n".join(_lines(report))


def _lines(report: Mapping[str, object]) -> Iterator[str]:
    accounts = report.get("accounts")
    for name, value in report.items():
        if name != "accounts":
            yield f"{_words(name)}: {_value(value)}"
    for number, account in enumerate(accounts if isinstance(accounts, list) else (), 1):
        yield ""
        yield f"account {number}"
        for name, value in account.items():
            yield f"  {_words(name)}: {_value(value)}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(value: object) -> str:
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{each} {_value(of)}" for each, of in value.items()) or "–"
        case list() | tuple():
            return ", ".join(map(_value, value)) or "–"
        case _:
            return str(value)
