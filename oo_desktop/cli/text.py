"""Answers of the running oO as calm text: one line per thing, aligned, nothing told by colour.

Titles and labels come from services. Whatever in them would steer a terminal (escape sequences,
control characters, text direction overrides) is made visible instead.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from oo_desktop.ui.text import date_words, day_words, is_blank

_JOINERS = "\u200c\u200d"
"""Invisible, harmless, and needed inside many emoji and scripts."""

_NEAR = {"Yesterday", "Today", "Tomorrow"}

_ANSWERED = {"accept": "Accepted", "maybe": "Answered “maybe”", "decline": "Declined"}

TAKE_BACK = "Take it back with: oo-desktop undo"

_CONNECTIONS = {
    "ok": "connected",
    "unknown": "not asked yet",
    "offline": "offline",
    "rate_limited": "asked to slow down",
    "waiting_for_keyring": "waiting for your keyring",
    "failing": "failing",
    "refused": "needs reconnect",
}


def plain(text: object) -> str:
    """`text` on one line, with nothing in it that a terminal would act on."""
    return "".join(_visible(char) for char in str(text))


def _visible(char: str) -> str:
    if char.isprintable() or char in _JOINERS:
        return char
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) == "Cf" else "\ufffd"


def _title(answer: Mapping[str, Any]) -> str:
    title = plain(answer.get("title") or "")
    return "(no title)" if is_blank(title) else title


def width(text: str) -> int:
    """Columns `text` takes in a terminal."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or char in _JOINERS:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def table(rows: Sequence[Sequence[str]]) -> str:
    """`rows` in columns two spaces apart; empty columns are left out."""
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    widths = [max(width(cell) for cell in column) for column in columns]
    return "\n".join(
        "  ".join(
            cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)
        ).rstrip()
        for row in zip(*columns, strict=True)
    )


def signals(answer: Any, now: datetime) -> str:
    """What the tray shows: when, how urgent, what, where, and the id that `done` takes.

    now: aware. A time is told in the zone it comes with, which also decides whether that is today.
    A whole day comes without its account's zone, so it is a plain date: in which zone it would be
    "today" is not this machine's to say. What has passed is marked by who knows the zone.
    """
    if not answer:
        return "Nothing needs you now."
    return table([_signal_row(signal, now) for signal in answer])


def _signal_row(signal: Mapping[str, Any], now: datetime) -> list[str]:
    priority = signal.get("priority")
    return [
        "overdue" if signal.get("overdue") else "",
        _span(signal, now),
        f"p{priority}" if priority else "",
        _title(signal),
        plain(signal.get("container") or ""),
        "maybe" if signal.get("tentative") else "",
        _way(signal),
        plain(signal.get("id", "")),
    ]


def _way(signal: Mapping[str, Any]) -> str:
    """What has become of a click on it, as the tray says it."""
    if signal.get("unconfirmed"):
        return "not confirmed yet"
    return "on its way" if signal.get("pending") else ""


def _span(signal: Mapping[str, Any], now: datetime) -> str:
    if signal.get("kind") == "event":
        start = _moment(signal.get("start"), now)
        end = str(signal.get("end") or "")
        return f"{start}–{end[11:16]}" if "T" in end else f"{start}{_until(signal, now)}"
    return _moment(signal.get("due"), now)


def _until(signal: Mapping[str, Any], now: datetime) -> str:
    """The last of several whole days; an end is exclusive."""
    try:
        first = date.fromisoformat(str(signal.get("start")))
        last = date.fromisoformat(str(signal.get("end"))) - timedelta(days=1)
    except (ValueError, OverflowError):
        return ""
    return f"–{date_words(last, now.year)}" if last > first else ""


def _moment(value: object, now: datetime) -> str:
    """A day or an instant of an answer in few words; as it came when it is neither."""
    text = plain(value or "")
    try:
        if "T" in text:
            at = datetime.fromisoformat(text)
            words = day_words(at.date(), now.astimezone(at.tzinfo).date())
            return f"{words.lower() if words in _NEAR else words} {at:%H:%M}"
        return date_words(date.fromisoformat(text), now.year)
    except ValueError:
        return text


def status(answer: Mapping[str, Any], now: datetime) -> str:
    """How oO is doing, account by account."""
    lines = [f"oO {plain(answer.get('version', ''))} is running."]
    if problem := answer.get("problem"):
        lines.append(plain(problem))
    lines += [plain(sentence) for sentence in answer.get("left_out") or ()]
    return "\n".join([*lines, "", accounts(answer.get("accounts") or (), now)])


def accounts(answer: Iterable[Mapping[str, Any]], now: datetime) -> str:
    """The accounts, and what each needs."""
    found = list(answer)
    if not found:
        return "No account is connected. Connect one with: oo-desktop connect todoist"
    lines = [table([_account_row(account, now) for account in found])]
    lines += [
        f"{plain(account.get('label', ''))}: {plain(account['reason'])}"
        for account in found
        if account.get("reason")
    ]
    lines += [
        f"Reconnect with: oo-desktop connect {provider}"
        for provider in dict.fromkeys(
            plain(account["provider"]) for account in found if _needs_reconnect(account)
        )
    ]
    return "\n".join(lines)


def _needs_reconnect(account: Mapping[str, Any]) -> bool:
    return account.get("token_status") == "needs_reconnect"


def _account_row(account: Mapping[str, Any], now: datetime) -> list[str]:
    connection = str(account.get("connection", ""))
    waiting = account.get("pending") or 0
    last, following = account.get("last_success"), account.get("next_poll")
    return [
        plain(account.get("provider", "")),
        plain(account.get("label", "")),
        plain(account.get("user_id", "")),
        "needs reconnect"
        if _needs_reconnect(account)
        else _CONNECTIONS.get(connection, plain(connection)),
        f"updated {_distance(last, now)}" if last else "never updated",
        f"next {_distance(following, now)}" if following else "",
        f"{waiting} on {'its' if waiting == 1 else 'their'} way" if waiting else "",
    ]


def _distance(value: object, now: datetime) -> str:
    """How far an instant is from `now`, in whole minutes, hours or days."""
    try:
        seconds = (datetime.fromisoformat(str(value)) - now).total_seconds()
    except (ValueError, TypeError):
        return plain(value)
    amount = _amount(abs(seconds))
    if amount is None:
        return "just now" if seconds <= 0 else "in a moment"
    return f"in {amount}" if seconds > 0 else f"{amount} ago"


def _amount(seconds: float) -> str | None:
    for unit, length in (("day", 86400), ("hour", 3600), ("min", 60)):
        if count := int(seconds // length):
            return f"{count} {unit}{'s' if count > 1 and unit != 'min' else ''}"
    return None


def done(answer: Mapping[str, Any], _now: datetime) -> str:
    return f"Done: {_title(answer)}\n{TAKE_BACK}"


def act(answer: Mapping[str, Any], now: datetime) -> str:
    """What was done with a task or an event, and how to take that back."""
    match answer.get("action"):
        case "done":
            return done(answer, now)
        case "reopen":
            return undo(answer, now)
    if answered := _ANSWERED.get(str(answer.get("action"))):
        return f"{answered}: {_title(answer)}\n{TAKE_BACK}"
    what = f"Moved to {_moment(due, now)}" if (due := answer.get("due")) else "Date removed"
    return f"{what}: {_title(answer)}\n{TAKE_BACK}"


def undo(answer: Any, now: datetime) -> str:
    """What was taken back; for `--list`, what can be."""
    if not isinstance(answer, list):
        return f"Taken back: {_title(answer)}"
    if not answer:
        return "There is nothing to undo."
    return table([[*_click(click, now), plain(click.get("id", ""))] for click in answer])


def outbox(answer: Any, now: datetime) -> str:
    """Every click that is on its way or was refused: what, since when, how far, and its id."""
    if not answer:
        return "Nothing is on its way."
    return table(
        [[*_click(click, now), _progress(click), plain(click.get("id", ""))] for click in answer]
    )


def _click(click: Mapping[str, Any], now: datetime) -> list[str]:
    action = plain(click.get("action") or "").replace("_", " ")
    return [
        action,
        _title(click),
        f"to {_moment(due, now)}" if (due := click.get("due")) else "",
        f"clicked {_distance(click.get('clicked_at'), now)}",
    ]


def _progress(click: Mapping[str, Any]) -> str:
    reason = plain(click.get("reason") or "")
    match click.get("state"):
        case "queued":
            return f"waiting: {reason}" if reason else "waiting to be sent"
        case "sent":
            return "not confirmed yet" if click.get("unconfirmed") else "sent"
        case "refused":
            return f"refused: {reason}" if reason else "refused"
        case state:
            return plain(state or "")


def retry(answer: Any, _now: datetime) -> str:
    if not answer:
        return "Nothing was refused."
    return "\n".join(f"Trying again: {_title(click)}" for click in answer)


def discard(answer: Mapping[str, Any], _now: datetime) -> str:
    return f"Forgotten: {_title(answer)}"


def joined(answer: Mapping[str, Any], _now: datetime) -> str:
    return f"Opened in your browser: {_title(answer)}"


def refresh(answer: Mapping[str, Any], now: datetime) -> str:
    return accounts(answer.get("accounts") or (), now)


def connected(answer: Mapping[str, Any], _now: datetime) -> str:
    how = "Reconnected" if answer.get("reconnected") is True else "Connected"
    return f"{how} as {plain(answer.get('label') or answer.get('user_id', ''))}."


def disconnected(answer: Mapping[str, Any], _now: datetime) -> str:
    """What went, and what oO cannot take back."""
    lines = [f"Disconnected {plain(answer.get('label') or answer.get('user_id', ''))}."]
    if dropped := answer.get("dropped"):
        what = "1 click was" if dropped == 1 else f"{dropped} clicks were"
        lines.append(f"{what} still waiting to be sent and will not be carried out.")
    if note := answer.get("note"):
        lines.append(plain(note))
    elif url := answer.get("revoke_url"):
        lines.append(f"The service may still list oO’s access. End it there: {plain(url)}")
    return "\n".join(lines)


def ended(_answer: object, _now: datetime) -> str:
    return "oO has quit."
