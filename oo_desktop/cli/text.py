"""Says answers of the running oO as calm text: a line per thing, aligned, nothing by colour.

Titles and labels come from services. Whatever in them would steer a terminal (escape sequences,
control characters, text direction overrides) is made visible instead.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from oo_desktop.cli.table import table
from oo_desktop.model.text import (
    JOINERS,
    NO_TITLE,
    date_words,
    day_words,
    is_blank,
    moment_words,
    place_of_zone,
    unread_words,
)

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


class Reader(NamedTuple):
    """Describes who reads an answer.

    now: aware. columns: of their terminal, where there is one.
    zone: what the clock on their wall shows; None: this machine's.
    """

    now: datetime
    columns: int | None = None
    zone: tzinfo | None = None


def plain(text: object) -> str:
    """Return `text` on one line, with nothing in it that a terminal would act on."""
    return "".join(_visible(char) for char in str(text))


def _visible(char: str) -> str:
    if char.isprintable() or char in JOINERS:
        return char
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) == "Cf" else "\ufffd"


def _title(answer: Mapping[str, Any]) -> str:
    title = plain(answer.get("title") or "")
    return NO_TITLE if is_blank(title) else title


def signals(answer: Any, reader: Reader) -> str:
    """Say what the tray shows: when, how urgent, what, where, and the id of what one can act on.

    A time is told in the zone it comes with, which also decides whether that is today. Where the
    clock on the wall shows another time then, that of an event is named, as in the menu.
    A whole day comes without its account's zone, so it is a plain date: in which zone it would be
    "today" is not this machine's to say. What has passed is marked by who knows the zone.
    """
    if isinstance(answer, Mapping):  # how oO is doing: the list is empty, and not all was read
        return "\n".join(["Nothing to show.", *_unread(answer.get("accounts") or ())])
    if not answer:
        return "Nothing needs you now."
    rows = [_signal_row(signal, reader) for signal in answer]
    return table(rows, room=reader.columns, shrinking=((_WHERE, 0), (_WHAT, 20)))


_WHAT, _WHERE = 3, 4
"""The columns of a signal that a narrow terminal cuts."""


def _signal_row(signal: Mapping[str, Any], reader: Reader) -> list[str]:
    priority = signal.get("priority")
    return [
        "overdue" if signal.get("overdue") else "",
        _span(signal, reader),
        f"p{priority}" if priority in {1, 2, 3} else "",  # as the tray says it
        _title(signal),
        _where(signal),
        _certainty(signal),
        _way(signal),
        plain(signal.get("id", "")) if signal.get("actions") or signal.get("pending") else "",
    ]


def _where(signal: Mapping[str, Any]) -> str:
    """Its project or calendar; a main calendar, which is named as its account is, goes without."""
    name = signal.get("container") or ""
    return "" if name == signal.get("user_id") else plain(name)


def _certainty(signal: Mapping[str, Any]) -> str:
    """How certain an event is, as the tray says it."""
    if signal.get("unanswered"):
        return "not answered"
    return "maybe" if signal.get("tentative") else ""


def _way(signal: Mapping[str, Any]) -> str:
    """What has become of a click on it, as the tray says it."""
    if signal.get("unconfirmed"):
        return "not confirmed yet"
    return "on its way" if signal.get("pending") else ""


def _span(signal: Mapping[str, Any], reader: Reader) -> str:
    now = reader.now
    if signal.get("kind") != "event":
        return _moment(signal.get("due"), now)
    start = _moment(signal.get("start"), now)
    end = str(signal.get("end") or "")
    when = f"{start}–{end[11:16]}" if "T" in end else f"{start}{_until(signal, now)}"
    place = _other_clock(signal, reader)
    return f"{when} ({place})" if place else when


def _other_clock(signal: Mapping[str, Any], reader: Reader) -> str:
    """Where its times are told, if the clock on the reader's wall shows another then."""
    name = plain(place_of_zone(str(signal.get("zone") or "")))
    try:
        start = datetime.fromisoformat(str(signal.get("start")))
        same = start.utcoffset() in (None, start.astimezone(reader.zone).utcoffset())
    except (ValueError, OverflowError, OSError):
        return ""
    return "" if same else name


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


def status(answer: Mapping[str, Any], reader: Reader) -> str:
    """Say how oO is doing, account by account."""
    lines = [f"oO {plain(answer.get('version', ''))} is running."]
    if problem := answer.get("problem"):
        lines.append(plain(problem))
    if answer.get("paused_until") is not None:
        lines.append(paused(answer, reader))
    lines += [plain(sentence) for sentence in answer.get("left_out") or ()]
    lines += [plain(sentence) for sentence in answer.get("mistakes") or ()]
    return "\n".join([*lines, "", integrations(answer, reader)])


def integrations(answer: Mapping[str, Any], reader: Reader) -> str:
    """List the accounts, and what waits to become one."""
    found = answer.get("accounts") or ()
    waiting = [_waiting_sign_in(sign_in) for sign_in in answer.get("sign_ins") or ()]
    if waiting and not found:
        listed = "No account is connected yet."
    else:
        listed = accounts(found, reader, services=answer.get("services") or ())
    return "\n".join([listed, *waiting])


def _waiting_sign_in(sign_in: Mapping[str, Any]) -> str:
    why = plain(sign_in.get("note") or "It waits for you to agree in the browser.")
    return f"Connecting {plain(sign_in.get('provider', ''))}: {why}"


def accounts(
    answer: Iterable[Mapping[str, Any]], reader: Reader, *, services: Sequence[object] = ()
) -> str:
    """List the accounts, and what each needs.

    services: what can be connected, what is offered first before all others.
    """
    found = list(answer)
    if not found:
        first = plain(services[0]) if services else "todoist"
        return f"No account is connected. Connect one with: oo-desktop connect {first}"
    providers = [account.get("provider") for account in found]
    several = {provider for provider in providers if providers.count(provider) > 1}
    rows = [_account_row(account, reader.now, several) for account in found]
    lines = [table(rows, room=reader.columns, shrinking=((1, 12),))]
    lines += [
        f"{plain(account.get('label', ''))}: {plain(account['reason'])}"
        for account in found
        if account.get("reason")
    ]
    lines += _unread(found)
    lines += [_reconnect(account) for account in found if _needs_reconnect(account)]
    return "\n".join(lines)


def _unread(accounts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for account in accounts:
        if is_lacking(account):
            words = unread_words(account["unread"], account.get("lists"))
            yield f"{plain(account.get('label', ''))}: {words}."


def is_lacking(account: Mapping[str, Any]) -> bool:
    """Return whether something of the account could not be read, and is missing."""
    unread = account.get("unread")
    return isinstance(unread, int) and unread > 0


def _reconnect(account: Mapping[str, Any]) -> str:
    """With the account's id: what it was allowed before is asked for again, of nobody else."""
    from shlex import join  # not at every start

    words = ("oo-desktop", "connect", plain(account.get("provider", "")))
    return f"Reconnect with: {join([*words, '--user', plain(account.get('user_id', ''))])}"


def _needs_reconnect(account: Mapping[str, Any]) -> bool:
    return account.get("token_status") == "needs_reconnect"


def _account_row(
    account: Mapping[str, Any], now: datetime, several: Collection[object]
) -> list[str]:
    """several: the providers with more than one account, where `--user` takes an id."""
    connection = str(account.get("connection", ""))
    waiting = account.get("pending") or 0
    last, following = account.get("last_success"), account.get("next_poll")
    return [
        plain(account.get("provider", "")),
        plain(account.get("label", "")),
        plain(account.get("user_id", "")) if account.get("provider") in several else "",
        "needs reconnect"
        if _needs_reconnect(account)
        else _CONNECTIONS.get(connection, plain(connection)),
        _age(last, now) if not account.get("told") else "up to date",
        f"next {_distance(following, now)}" if following and not account.get("told") else "",
        f"{waiting} on {'its' if waiting == 1 else 'their'} way" if waiting else "",
    ]


def _age(last: object, now: datetime) -> str:
    return f"updated {_distance(last, now)}" if last else "never updated"


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


def done(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say what was done, and how to take that back."""
    return f"Done: {_title(answer)}\n{TAKE_BACK}"


def act(answer: Mapping[str, Any], reader: Reader) -> str:
    """Say what was done with a task or an event, and how to take that back."""
    match answer.get("action"):
        case "done":
            return done(answer, reader)
        case "reopen":
            return undo(answer, reader)
    if answered := _ANSWERED.get(str(answer.get("action"))):
        return f"{answered}: {_title(answer)}\n{TAKE_BACK}"
    what = f"Moved to {_moment(due, reader.now)}" if (due := answer.get("due")) else "Date removed"
    return f"{what}: {_title(answer)}\n{TAKE_BACK}"


def added(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say what was added, where it goes, whether it waits, and how to take that back."""
    service, account = plain(answer.get("service") or ""), plain(answer.get("account") or "")
    lines = [f"Added: {_title(answer)}"]
    if said := plain(answer.get("understood") or ""):
        lines.append(f"{said}.")
    lines.append(f"Account: {account} ({service}).")
    waits = _KEPT_UNTIL.get(str(answer.get("connection")))
    if waits is not None:
        lines.append(waits.format(service=service))
    return "\n".join([*lines, TAKE_BACK])


_KEPT_UNTIL = {
    "offline": "It is kept, and sent when {service} can be reached.",
    "rate_limited": "It is kept, and sent when {service} takes requests again.",
    "waiting_for_keyring": "It is kept, and sent when the keyring can be read.",
    "refused": "It is kept, and sent when you reconnect this account.",
}


def undo(answer: Any, reader: Reader) -> str:
    """Say what was taken back; for `--list`, what can be."""
    if not isinstance(answer, list):
        return f"Taken back: {_title(answer)}"
    if not answer:
        return "There is nothing to undo."
    rows = [[*_click(click, reader.now), plain(click.get("id", ""))] for click in answer]
    return table(rows, room=reader.columns, shrinking=_CLICKED)


def outbox(answer: Any, reader: Reader) -> str:
    """List every click that is on its way or was refused: what, since when, how far, and its id;
    and below, why."""
    if not answer:
        return "Nothing is on its way."
    rows = [
        [*_click(click, reader.now), _progress(click), plain(click.get("id", ""))]
        for click in answer
    ]
    lines = [table(rows, room=reader.columns, shrinking=_CLICKED)]
    lines += [
        f"{_title(click)}: {plain(click['reason'])}" for click in answer if click.get("reason")
    ]
    return "\n".join(lines)


_CLICKED = ((1, 20),)
"""Of a click, a narrow terminal cuts the title."""


def _click(click: Mapping[str, Any], now: datetime) -> list[str]:
    action = plain(click.get("action") or "").replace("_", " ")
    return [
        action,
        _title(click),
        f"to {_moment(due, now)}" if (due := click.get("due")) else "",
        _distance(click.get("clicked_at"), now),
    ]


def _progress(click: Mapping[str, Any]) -> str:
    match click.get("state"):
        case "queued":
            return "waiting"
        case "sent":
            return "not confirmed yet" if click.get("unconfirmed") else "sent"
        case state:
            return plain(state or "")


def retry(answer: Any, _reader: Reader) -> str:
    """Say what is sent again."""
    if not answer:
        return "Nothing was refused."
    return "\n".join(f"Trying again: {_title(click)}" for click in answer)


def discard(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say what was forgotten."""
    return f"Forgotten: {_title(answer)}"


def joined(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say which meeting was opened."""
    return f"Opened in your browser: {_title(answer)}"


def paused(answer: Mapping[str, Any], reader: Reader) -> str:
    """Say until when notifications are held back, or that they are not."""
    if (until := answer.get("paused_until")) is None:
        return "Notifications are not paused."
    return f"Notifications are paused until {_pause_end(until, reader)}."


def _pause_end(until: str, reader: Reader) -> str:
    end = datetime.fromisoformat(until).astimezone(reader.zone)
    return moment_words(end, reader.now, end.tzinfo or UTC)


def refresh(answer: Mapping[str, Any], reader: Reader) -> str:
    """List the accounts after a round; why some were not reached, `not_refreshed` says."""
    failed = {_key(account) for account in answer.get("failed") or ()}
    found = answer.get("accounts") or ()
    told = [{**each, "reason": None} if _key(each) in failed else each for each in found]
    return accounts(told, reader)


def not_refreshed(answer: Mapping[str, Any]) -> Iterable[str]:
    """Yield a sentence for each account whose list is as old as before, on why."""
    for account in answer.get("failed") or ():
        connection = str(account.get("connection", ""))
        why = account.get("reason") or f"{_CONNECTIONS.get(connection, connection)}.".capitalize()
        label, provider = plain(account.get("label", "")), plain(account.get("provider", ""))
        yield f"Not refreshed: {label} ({provider}). {plain(why)}"


def _key(account: Mapping[str, Any]) -> tuple[object, object]:
    return account.get("provider"), account.get("user_id")


def calendars(answer: Any, reader: Reader) -> str:
    """List the calendars, by account where there are several; or say what became of one."""
    if not isinstance(answer, list):
        chosen = "Shown" if answer.get("shown") else "Hidden"
        return "\n".join([f"{chosen}: {plain(answer.get('name') or '')}", *_problems([answer])])
    if not answer:
        return "There are no calendars to choose from."
    several = len({(one.get("provider"), one.get("user_id")) for one in answer}) > 1
    rows = [
        [
            ("shown" if one.get("shown") else "hidden")
            + (", read-only" if one.get("read_only") else ""),
            plain(one.get("name") or ""),
            plain(one.get("group") or ""),
            plain(one.get("user_id") or "") if several else "",
            plain(one.get("id") or ""),
        ]
        for one in answer
    ]
    listed = table(rows, room=reader.columns, shrinking=((1, 12), (2, 8)))
    return "\n".join([listed, *_problems(answer)])


def _problems(calendars: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for one in calendars:
        if one.get("problem"):
            yield f"{plain(one.get('name') or '')}: {plain(one['problem'])}"


def connected(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say which account was connected, or was again."""
    how = "Reconnected" if answer.get("reconnected") is True else "Connected"
    return f"{how} as {plain(answer.get('label') or answer.get('user_id', ''))}."


def disconnected(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say what went, and what oO cannot take back."""
    lines = [f"Disconnected {plain(answer.get('label') or answer.get('user_id', ''))}."]
    if dropped := answer.get("dropped"):
        what = "1 click was" if dropped == 1 else f"{dropped} clicks were"
        lines.append(f"{what} still waiting to be sent and will not be carried out.")
    if note := answer.get("note"):
        lines.append(plain(note))
    elif url := answer.get("revoke_url"):
        lines.append(f"The service may still list oO’s access. End it there: {plain(url)}")
    return "\n".join(lines)


def settings(answer: Iterable[Mapping[str, Any]], _reader: Reader) -> str:
    """List the settings: name and value, and below it what it means and its default."""
    lines = []
    for one in answer:
        meaning, default = plain(one.get("meaning", "")), _setting_words(one.get("default"))
        lines += [_setting(one), f"    {meaning} (default: {default})"]
    return "\n".join(lines)


def changed(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say what a setting is now."""
    return _setting(answer)


def _setting(one: Mapping[str, Any]) -> str:
    return f"{plain(one.get('name', ''))} = {_setting_words(one.get('value'))}"


def _setting_words(value: object) -> str:
    from oo_desktop.model.settings import Value, words_from_value  # not at every start

    return plain(words_from_value(value)) if isinstance(value, Value) and value != "" else "nothing"


def autostart(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say whether oO starts with the session."""
    if answer.get("on") is True:
        return "oO starts when you log in."
    return "oO does not start when you log in. Turn it on with: oo-desktop autostart on"


def ended(_answer: object, _reader: Reader) -> str:
    """Say that oO has ended."""
    return "oO has quit."


def shown(_answer: object, _reader: Reader) -> str:
    """Say that the window is there to be seen."""
    return "oO’s window is open."
