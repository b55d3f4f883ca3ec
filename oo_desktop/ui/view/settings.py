"""Says what the window of the settings shows: accounts, settings and how oO is doing. Pure.

What stands where is said here, what a setting is in `model/settings.py`. Accounts are put in the
same words as in the menu, and offer the same commands.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.commands.commands import Command, ShowCalendar
from oo_desktop.language import plural, translated, untranslated
from oo_desktop.model.settings import CurrentSetting, Setting, Value
from oo_desktop.model.state import AccountState, AppState, Listed
from oo_desktop.model.text import elided, plain_text, sentence
from oo_desktop.ui.view.accounts import (
    MAX_ACCOUNT_REASON,
    MAX_CALENDAR_NAME,
    MAX_CALENDAR_REASON,
    AccountWords,
    accounts_row,
    connect_rows,
)
from oo_desktop.ui.view.rows import Row, RowId, RowKind, id_of_account

MAX_CALENDARS = 200
"""Calendars of one account in the window."""

OWN_CHOICE = untranslated("The service’s own choice")
FIRST_ACCOUNT = untranslated("The first account that takes tasks")


class Page(StrEnum):
    """Names the pages, in their order."""

    ACCOUNTS = "accounts"
    SHOWN = "shown"
    NOTIFICATIONS = "notifications"
    GENERAL = "general"
    DIAGNOSTICS = "diagnostics"


TITLES = {
    Page.ACCOUNTS: untranslated("Accounts"),
    Page.SHOWN: untranslated("What is shown"),
    Page.NOTIFICATIONS: untranslated("Notifications"),
    Page.GENERAL: untranslated("General"),
    Page.DIAGNOSTICS: untranslated("Diagnostics"),
}


class Group(Struct, frozen=True):
    """Names settings that stand together under a heading."""

    heading: str
    names: tuple[str, ...]


SHOWN = (Group(untranslated("Events"), ("show.all_day", "show.tentative", "show.unanswered")),)
NOTIFICATIONS = (
    Group(
        untranslated("Reminders"),
        ("notifications.events", "notifications.tasks", "reminder_minutes"),
    ),
    Group(untranslated("Interruptions"), ("notifications.in_meetings", "notifications.clicks")),
    Group(untranslated("Quiet hours"), ("notifications.quiet_from", "notifications.quiet_until")),
)
GENERAL = (
    Group(untranslated("Screen"), ("hide_titles", "icon", "language")),
    Group(untranslated("Services"), ("poll_interval", "undo_seconds")),
    Group(untranslated("New tasks"), ("quick_add.account", "quick_add.list")),
)
"""The pages of oO's own settings, from top to bottom; those of services follow the first."""


def groups_of_services(settings: Iterable[Setting]) -> tuple[Group, ...]:
    """Return those of `settings` that stand under a heading of their own, by that heading."""
    named: dict[str, list[str]] = {}
    for setting in settings:
        if setting.heading:
            named.setdefault(setting.heading, []).append(setting.name)
    return tuple(Group(heading, tuple(names)) for heading, names in named.items())


class Choice(Struct, frozen=True):
    """Holds a value that can be chosen, and what it is called."""

    value: str
    text: str


class Tick(Struct, frozen=True):
    """Holds something to switch on and off, and the command that does the opposite of what is."""

    id: RowId
    text: str
    on: bool
    command: Command
    note: str = ""


class Button(Struct, frozen=True):
    """Holds a command, and what its button says."""

    id: RowId
    text: str
    command: Command


class AccountPart(Struct, frozen=True, kw_only=True):
    """Holds what is shown of one account, or of a sign-in that waits.

    needs_user: only a person can mend it.
    beyond: what is said of calendars that are not in the window; empty: all are.
    """

    id: RowId
    title: str
    lines: tuple[str, ...] = ()
    needs_user: bool = False
    buttons: tuple[Button, ...] = ()
    calendars: tuple[Tick, ...] = ()
    beyond: str = ""


class Fact(Struct, frozen=True):
    """Holds a line of the diagnostics."""

    name: str
    value: str


class SettingsView(Struct, frozen=True, kw_only=True):
    """Holds everything the window shows at one moment.

    connect: the ways to connect one more account.
    values: every setting's, by its name.
    accounts_for_tasks: where new tasks can go; lists_for_tasks: which lists there are then.
    mistakes: what of config.toml cannot be used.
    starts_at_login: None where that cannot be said.
    """

    accounts: tuple[AccountPart, ...] = ()
    connect: tuple[Button, ...] = ()
    values: dict[str, Value] = {}
    accounts_for_tasks: tuple[Choice, ...] = ()
    lists_for_tasks: tuple[Choice, ...] = ()
    mistakes: tuple[str, ...] = ()
    starts_at_login: bool | None = None
    facts: tuple[Fact, ...] = ()


def settings_view(
    state: AppState,
    values: Iterable[CurrentSetting],
    *,
    now: datetime,
    zone: ZoneInfo,
    starts_at_login: bool | None = None,
    facts: Sequence[Fact] = (),
) -> SettingsView:
    """Return the window for `state`, in which these `values` count.

    now: aware. zone: the machine's. facts: what is known of oO itself, for the diagnostics.
    """
    words = AccountWords(state.accounts, now, zone, state.services)
    current = {setting.name: value for setting, value in values}
    return SettingsView(
        accounts=(*_accounts(state, words), *_sign_ins(state)),
        connect=tuple(_buttons(connect_rows(state))),
        values=current,
        accounts_for_tasks=_accounts_for_tasks(state, words, current.get("quick_add.account", "")),
        lists_for_tasks=_lists_for_tasks(state, current),
        mistakes=tuple(elided(plain_text(each), MAX_ACCOUNT_REASON) for each in state.mistakes),
        starts_at_login=starts_at_login,
        facts=(*facts, *_facts_of_accounts(state, words)),
    )


def _accounts(state: AppState, words: AccountWords) -> Iterable[AccountPart]:
    rows = {row.id: row for row in accounts_row(state, words).rows}
    for account in state.accounts:
        row = rows[id_of_account("account", account.key)]
        beyond = len(account.calendars) - MAX_CALENDARS
        yield AccountPart(
            id=row.id,
            title=row.text,
            lines=tuple(each.text for each in row.rows if each.kind is RowKind.TEXT),
            needs_user=row.icon is not None,
            buttons=tuple(_buttons(row.rows)),
            calendars=tuple(_calendars(account)),
            beyond=_beyond_words(beyond) if beyond > 0 else "",
        )


def _beyond_words(count: int) -> str:
    # Translators: “oo-desktop calendars” is a command that can be typed
    return plural(
        "and {count} more: oo-desktop calendars", "and {count} more: oo-desktop calendars", count
    )


def _sign_ins(state: AppState) -> Iterable[AccountPart]:
    """What waits for the browser or the keyring, with every way out of it."""
    for row in connect_rows(state):
        if row.kind is RowKind.MENU:
            yield AccountPart(
                id=row.id,
                title=row.text,
                lines=tuple(each.text for each in row.rows if each.kind is RowKind.TEXT),
                buttons=tuple(_buttons(row.rows)),
            )


def _buttons(rows: Iterable[Row]) -> Iterable[Button]:
    for row in rows:
        if row.kind is RowKind.COMMAND and row.command is not None:
            yield Button(row.id, row.text, row.command)


def _calendars(account: AccountState) -> Iterable[Tick]:
    for calendar in account.calendars[:MAX_CALENDARS]:
        note = translated("read-only") if calendar.read_only else ""
        if calendar.problem is not None:
            note = elided(sentence(plain_text(calendar.problem)), MAX_CALENDAR_REASON)
        yield Tick(
            (*id_of_account("calendar", account.key), calendar.id),
            elided(plain_text(calendar.name) or translated("(no name)"), MAX_CALENDAR_NAME),
            calendar.shown,
            ShowCalendar(calendar.id, account.key, shown=not calendar.shown),
            note,
        )


def _accounts_for_tasks(state: AppState, words: AccountWords, chosen: Value) -> tuple[Choice, ...]:
    choices = [Choice("", translated(FIRST_ACCOUNT))]
    for account in state.accounts:
        service = words.service(account.key.provider)
        if service.lists is Listed.TASKS:
            value = f"{account.key.provider}:{account.key.user_id}"
            choices.append(Choice(value, f"{service.name} · {words.label(account.key)}"))
    # A provider alone, or an account that is not connected now.
    if chosen not in {choice.value for choice in choices}:
        choices.append(Choice(str(chosen), plain_text(str(chosen))))
    return tuple(choices)


def _lists_for_tasks(state: AppState, values: Mapping[str, Value]) -> tuple[Choice, ...]:
    account, chosen = values.get("quick_add.account", ""), values.get("quick_add.list", "")
    choices = [Choice("", translated(OWN_CHOICE))]
    for each in state.accounts:
        is_it = account in ("", each.key.provider, ":".join(each.key))
        if is_it and each.adding is not None:
            choices += [
                Choice(found.id, elided(plain_text(found.name), MAX_CALENDAR_NAME))
                for found in each.adding.lists[:MAX_CALENDARS]
            ]
            break
    if chosen not in {choice.value for choice in choices}:  # of another account, or not known yet
        choices.append(Choice(str(chosen), plain_text(str(chosen))))
    return tuple(choices)


def _facts_of_accounts(state: AppState, words: AccountWords) -> Iterable[Fact]:
    for account in state.accounts:
        service = words.service(account.key.provider)
        lines = (words.state(account), words.reason(account), words.unread(account))
        yield Fact(
            f"{service.name} · {words.label(account.key)}",
            " ".join(sentence(line) for line in lines if line),
        )
    for why in state.left_out:
        yield Fact(translated("Plug-in"), elided(plain_text(why), MAX_ACCOUNT_REASON))


def is_quiet(values: dict[str, Value]) -> bool:
    """Return whether there are quiet hours."""
    return values.get("notifications.quiet_from") != values.get("notifications.quiet_until")
