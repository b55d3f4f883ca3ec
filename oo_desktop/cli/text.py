"""Says answers of the running oO as calm text: a line per thing, aligned, nothing by colour.

Titles and labels come from services. Whatever in them would steer a terminal (escape sequences,
control characters, text direction overrides) is made visible instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from oo_desktop.cli.table import table
from oo_desktop.language import plural, translated, untranslated
from oo_desktop.model.text import (
    JOINERS,
    NO_TITLE,
    age_words,
    clock_words,
    date_words,
    is_blank,
    moment_words,
    near_day_words,
    place_of_zone,
    unread_words,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import tzinfo
    from typing import Any

_ANSWERED = {
    "accept": untranslated("Accepted: {title}"),
    "maybe": untranslated("Answered “maybe”: {title}"),
    "decline": untranslated("Declined: {title}"),
}

TAKE_BACK = untranslated("Take it back with: oo-desktop undo")

NEEDS_RECONNECT = untranslated("needs reconnect")

_CONNECTIONS = {
    "ok": untranslated("connected"),
    "unknown": untranslated("not asked yet"),
    "offline": untranslated("offline"),
    "rate_limited": untranslated("asked to slow down"),
    "waiting_for_keyring": untranslated("waiting for your keyring"),
    "failing": untranslated("failing"),
    "refused": NEEDS_RECONNECT,
}


class Reader:
    """Describes who reads an answer.

    now: aware. columns: of their terminal, where there is one.
    zone: what the clock on their wall shows; None: this machine's.
    """

    def __init__(
        self, now: datetime, columns: int | None = None, zone: tzinfo | None = None
    ) -> None:
        self.now = now
        self.columns = columns
        self.zone = zone


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
    return translated(NO_TITLE) if is_blank(title) else title


def signals(answer: Any, reader: Reader) -> str:
    """Say what the tray shows: when, how urgent, what, where, and the id of what one can act on.

    A time is told in the zone it comes with, which also decides whether that is today. Where the
    clock on the wall shows another time then, that of an event is named, as in the menu.
    A whole day comes without its account's zone, so it is a plain date: in which zone it would be
    "today" is not this machine's to say. What has passed is marked by who knows the zone.
    """
    if isinstance(answer, Mapping):  # how oO is doing: the list is empty, and not all was read
        return "\n".join([translated("Nothing to show."), *_unread(answer.get("accounts") or ())])
    if not answer:
        return translated("Nothing needs you now.")
    rows = [_signal_row(signal, reader) for signal in answer]
    return table(rows, room=reader.columns, shrinking=((_WHERE, 0), (_WHAT, 20)))


_WHAT, _WHERE = 3, 4
"""The columns of a signal that a narrow terminal cuts."""


def _signal_row(signal: Mapping[str, Any], reader: Reader) -> list[str]:
    priority = signal.get("priority")
    return [
        translated("overdue") if signal.get("overdue") else "",
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
        return translated("not answered")
    return translated("maybe") if signal.get("tentative") else ""


def _way(signal: Mapping[str, Any]) -> str:
    """What has become of a click on it, as the tray says it."""
    if signal.get("unconfirmed"):
        return translated("not confirmed yet")
    return translated("on its way") if signal.get("pending") else ""


def _span(signal: Mapping[str, Any], reader: Reader) -> str:
    now = reader.now
    if signal.get("kind") != "event":
        return _moment(signal.get("due"), now)
    start = _moment(signal.get("start"), now)
    end = str(signal.get("end") or "")
    when = f"{start}–{_clock(end)}" if "T" in end else f"{start}{_until(signal, now)}"
    place = _other_clock(signal, reader)
    return f"{when} ({place})" if place else when


def _clock(instant: str) -> str:
    try:
        return clock_words(datetime.fromisoformat(instant))
    except ValueError:
        return instant[11:16]


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
            today = now.astimezone(at.tzinfo).date()
            words = near_day_words(at.date(), today) or date_words(at.date(), today.year)
            # Translators: a day and a time, “today 09:40”
            return translated("{day} {time}", day=words, time=clock_words(at))
        return date_words(date.fromisoformat(text), now.year)
    except ValueError:
        return text


def status(answer: Mapping[str, Any], reader: Reader) -> str:
    """Say how oO is doing, account by account."""
    lines = [translated("oO {version} is running.", version=plain(answer.get("version", "")))]
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
        listed = translated("No account is connected yet.")
    else:
        listed = accounts(found, reader, services=answer.get("services") or ())
    return "\n".join([listed, *waiting])


def _waiting_sign_in(sign_in: Mapping[str, Any]) -> str:
    why = plain(sign_in.get("note") or translated("It waits for you to agree in the browser."))
    service = plain(sign_in.get("provider", ""))
    # Translators: why is a whole sentence
    return translated("Connecting {service}: {why}", service=service, why=why)


def accounts(
    answer: Iterable[Mapping[str, Any]], reader: Reader, *, services: Sequence[object] = ()
) -> str:
    """List the accounts, and what each needs.

    services: what can be connected, what is offered first before all others.
    """
    found = list(answer)
    if not found:
        first = plain(services[0]) if services else "todoist"
        return translated(
            "No account is connected. Connect one with: oo-desktop connect {service}", service=first
        )
    providers = [account.get("provider") for account in found]
    several = {provider for provider in providers if providers.count(provider) > 1}
    rows = [_account_row(account, reader, several) for account in found]
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
    command = join([*words, "--user", plain(account.get("user_id", ""))])
    return translated("Reconnect with: {command}", command=command)


def _needs_reconnect(account: Mapping[str, Any]) -> bool:
    return account.get("token_status") == "needs_reconnect"


def _account_row(
    account: Mapping[str, Any], reader: Reader, several: Collection[object]
) -> list[str]:
    """several: the providers with more than one account, where `--user` takes an id."""
    connection = str(account.get("connection", ""))
    waiting = account.get("pending") or 0
    last, following = account.get("last_success"), account.get("next_poll")
    return [
        plain(account.get("provider", "")),
        plain(account.get("label", "")),
        plain(account.get("user_id", "")) if account.get("provider") in several else "",
        translated(NEEDS_RECONNECT) if _needs_reconnect(account) else _connection(connection),
        _updated(last, reader) if not account.get("told") else translated("up to date"),
        _next(following, reader.now) if following and not account.get("told") else "",
        plural("{count} on its way", "{count} on their way", waiting) if waiting else "",
    ]


def _updated(last: object, reader: Reader) -> str:
    # Translators: when is “3 min ago” or “just now”
    said = translated("updated {when}", when=_age(last, reader))
    return said if last else translated("never updated")


def _age(value: object, reader: Reader) -> str:
    """How long ago an instant of an answer is."""
    try:
        at = datetime.fromisoformat(str(value)).astimezone(reader.zone)
    except (ValueError, OverflowError):
        return plain(value)
    return age_words(at, reader.now, at.tzinfo or UTC)


def _next(following: object, now: datetime) -> str:
    # Translators: the next look at a service; when is “in 2 min”
    return translated("next {when}", when=_wait(following, now))


def _connection(name: str) -> str:
    return translated(_CONNECTIONS[name]) if name in _CONNECTIONS else plain(name)


def _wait(value: object, now: datetime) -> str:
    """How long it is until an instant, in whole minutes, hours or days."""
    try:
        seconds = (datetime.fromisoformat(str(value)) - now).total_seconds()
    except (ValueError, TypeError):
        return plain(value)
    minutes = int(seconds // 60)
    if minutes <= 0:
        return translated("in a moment")
    if days := minutes // (24 * 60):
        return plural("in {count} day", "in {count} days", days)
    if hours := minutes // 60:
        return plural("in {count} hour", "in {count} hours", hours)
    return plural("in {count} min", "in {count} min", minutes)


def done(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say what was done, and how to take that back."""
    return _with_undo(translated("Done: {title}", title=_title(answer)))


def act(answer: Mapping[str, Any], reader: Reader) -> str:
    """Say what was done with a task or an event, and how to take that back."""
    match answer.get("action"):
        case "done":
            return done(answer, reader)
        case "reopen":
            return undo(answer, reader)
    title = _title(answer)
    if answered := _ANSWERED.get(str(answer.get("action"))):
        return _with_undo(translated(answered, title=title))
    if due := answer.get("due"):
        when = _moment(due, reader.now)
        return _with_undo(translated("Moved to {when}: {title}", when=when, title=title))
    return _with_undo(translated("Date removed: {title}", title=title))


def _with_undo(said: str) -> str:
    return f"{said}\n{translated(TAKE_BACK)}"


def added(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say what was added, where it goes, whether it waits, and how to take that back."""
    service, account = plain(answer.get("service") or ""), plain(answer.get("account") or "")
    lines = [translated("Added: {title}", title=_title(answer))]
    if said := plain(answer.get("understood") or ""):
        lines.append(f"{said}.")
    lines.append(translated("Account: {account} ({service}).", account=account, service=service))
    waits = _KEPT_UNTIL.get(str(answer.get("connection")))
    if waits is not None:
        lines.append(translated(waits, service=service))
    return _with_undo("\n".join(lines))


_KEPT_UNTIL = {
    "offline": untranslated("It is kept, and sent when {service} can be reached."),
    "rate_limited": untranslated("It is kept, and sent when {service} takes requests again."),
    "waiting_for_keyring": untranslated("It is kept, and sent when the keyring can be read."),
    "refused": untranslated("It is kept, and sent when you reconnect this account."),
}


def undo(answer: Any, reader: Reader) -> str:
    """Say what was taken back; for `--list`, what can be."""
    if not isinstance(answer, list):
        return translated("Taken back: {title}", title=_title(answer))
    if not answer:
        return translated("There is nothing to undo.")
    rows = [[*_click(click, reader), plain(click.get("id", ""))] for click in answer]
    return table(rows, room=reader.columns, shrinking=_CLICKED)


def outbox(answer: Any, reader: Reader) -> str:
    """List every click that is on its way or was refused: what, since when, how far, and its id;
    and below, why."""
    if not answer:
        return translated("Nothing is on its way.")
    rows = [
        [*_click(click, reader), _progress(click), plain(click.get("id", ""))] for click in answer
    ]
    lines = [table(rows, room=reader.columns, shrinking=_CLICKED)]
    lines += [
        f"{_title(click)}: {plain(click['reason'])}" for click in answer if click.get("reason")
    ]
    return "\n".join(lines)


_CLICKED = ((1, 20),)
"""Of a click, a narrow terminal cuts the title."""


def _click(click: Mapping[str, Any], reader: Reader) -> list[str]:
    name = str(click.get("action"))
    action = translated(_ACTIONS[name]) if name in _ACTIONS else plain(name).replace("_", " ")
    return [
        action,
        _title(click),
        _to(due, reader.now) if (due := click.get("due")) else "",
        _age(click.get("clicked_at"), reader),
    ]


_ACTIONS = {
    "done": untranslated("done"),
    "reopen": untranslated("reopen"),
    "today": untranslated("today"),
    "later_today": untranslated("later today"),
    "tomorrow": untranslated("tomorrow"),
    "next_week": untranslated("next week"),
    "on_day": untranslated("on day"),
    "no_date": untranslated("no date"),
    "accept": untranslated("accept"),
    "maybe": untranslated("maybe"),
    "decline": untranslated("decline"),
    "add": untranslated("add"),
    "remove": untranslated("remove"),
}
"""What an action is called beside a click, by its name in an answer."""


def _to(due: object, now: datetime) -> str:
    # Translators: the new date of a task that is moved, “to tomorrow 18:00”
    return translated("to {when}", when=_moment(due, now))


def _progress(click: Mapping[str, Any]) -> str:
    match click.get("state"):
        case "queued":
            return translated("waiting")
        case "sent":
            return (
                translated("not confirmed yet") if click.get("unconfirmed") else translated("sent")
            )
        case state:
            return plain(state or "")


def retry(answer: Any, _reader: Reader) -> str:
    """Say what is sent again."""
    if not answer:
        return translated("Nothing was refused.")
    return "\n".join(translated("Trying again: {title}", title=_title(click)) for click in answer)


def discard(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say what was forgotten."""
    return translated("Forgotten: {title}", title=_title(answer))


def joined(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say which meeting was opened."""
    return translated("Opened in your browser: {title}", title=_title(answer))


def paused(answer: Mapping[str, Any], reader: Reader) -> str:
    """Say until when notifications are held back, or that they are not."""
    if (until := answer.get("paused_until")) is None:
        return translated("Notifications are not paused.")
    return translated("Notifications are paused until {time}.", time=_pause_end(until, reader))


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
        why = plain(account.get("reason") or _connection_sentence(connection))
        label, provider = plain(account.get("label", "")), plain(account.get("provider", ""))
        # Translators: why is a whole sentence
        yield translated(
            "Not refreshed: {account} ({service}). {why}",
            account=label,
            service=provider,
            why=why,
        )


def _connection_sentence(name: str) -> str:
    words = _connection(name)
    return f"{words[:1].upper()}{words[1:]}."


def _key(account: Mapping[str, Any]) -> tuple[object, object]:
    return account.get("provider"), account.get("user_id")


def calendars(answer: Any, reader: Reader) -> str:
    """List the calendars, by account where there are several; or say what became of one."""
    if not isinstance(answer, list):
        name = plain(answer.get("name") or "")
        if answer.get("shown"):
            chosen = translated("Shown: {calendar}", calendar=name)
        else:
            chosen = translated("Hidden: {calendar}", calendar=name)
        return "\n".join([chosen, *_problems([answer])])
    if not answer:
        return translated("There are no calendars to choose from.")
    several = len({(one.get("provider"), one.get("user_id")) for one in answer}) > 1
    rows = [
        [
            _calendar_state(one),
            plain(one.get("name") or ""),
            plain(one.get("group") or ""),
            plain(one.get("user_id") or "") if several else "",
            plain(one.get("id") or ""),
        ]
        for one in answer
    ]
    listed = table(rows, room=reader.columns, shrinking=((1, 12), (2, 8)))
    return "\n".join([listed, *_problems(answer)])


def _calendar_state(calendar: Mapping[str, Any]) -> str:
    match bool(calendar.get("shown")), bool(calendar.get("read_only")):
        case True, True:
            return translated("shown, read-only")
        case True, False:
            return translated("shown")
        case False, True:
            return translated("hidden, read-only")
        case _:
            return translated("hidden")


def _problems(calendars: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for one in calendars:
        if one.get("problem"):
            yield f"{plain(one.get('name') or '')}: {plain(one['problem'])}"


def connected(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say which account was connected, or was again."""
    name = plain(answer.get("label") or answer.get("user_id", ""))
    if answer.get("reconnected") is True:
        return translated("Reconnected as {account}.", account=name)
    return translated("Connected as {account}.", account=name)


def disconnected(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say what went, and what oO cannot take back."""
    name = plain(answer.get("label") or answer.get("user_id", ""))
    lines = [translated("Disconnected {account}.", account=name)]
    if dropped := answer.get("dropped"):
        lines.append(
            plural(
                "{count} click was still waiting to be sent and will not be carried out.",
                "{count} clicks were still waiting to be sent and will not be carried out.",
                dropped,
            )
        )
    if note := answer.get("note"):
        lines.append(plain(note))
    elif url := answer.get("revoke_url"):
        lines.append(
            translated(
                "The service may still list oO’s access. End it there: {url}", url=plain(url)
            )
        )
    return "\n".join(lines)


def settings(answer: Iterable[Mapping[str, Any]], _reader: Reader) -> str:
    """List the settings: name and value, and below it what it means and its default."""
    lines = []
    for one in answer:
        meaning, default = plain(one.get("meaning", "")), _setting_words(one.get("default"))
        said = translated("{meaning} (default: {value})", meaning=meaning, value=default)
        lines += [_setting(one), f"    {said}"]
    return "\n".join(lines)


def changed(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say what a setting is now."""
    return _setting(answer)


def _setting(one: Mapping[str, Any]) -> str:
    return f"{plain(one.get('name', ''))} = {_setting_words(one.get('value'))}"


def _setting_words(value: object) -> str:
    from oo_desktop.model.settings import Value, words_from_value  # not at every start

    if not isinstance(value, Value) or value == "":
        return translated("nothing")
    return plain(words_from_value(value))


def autostart(answer: Mapping[str, Any], _reader: Reader) -> str:
    """Say whether oO starts with the session."""
    if answer.get("on") is True:
        return translated("oO starts when you log in.")
    return translated("oO does not start when you log in. Turn it on with: oo-desktop autostart on")


def ended(_answer: object, _reader: Reader) -> str:
    """Say that oO has ended."""
    return translated("oO has quit.")


def shown(_answer: object, _reader: Reader) -> str:
    """Say that the window is there to be seen."""
    return translated("oO’s window is open.")
