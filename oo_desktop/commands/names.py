"""Finds what a person means by a word: a signal, a click, an account, a calendar. Pure.

Each raises Rejected where there is nothing of that name, and CommandError (WRONG_USAGE) where there
are several, in a sentence that lists them.
"""

from collections.abc import Collection, Iterable

from oo_desktop.errors import Rejected
from oo_desktop.ipc.protocol import WRONG_USAGE, CommandError
from oo_desktop.language import translated, untranslated
from oo_desktop.model.clicks import OutboxItem, provisional_id
from oo_desktop.model.signals import AccountKey, Calendar, ProviderId, SignalKey
from oo_desktop.model.state import AppState
from oo_desktop.model.text import elided, plain_text

NOTHING_LISTED = untranslated("Nothing with this id is on the list. See: oo-desktop signals")
NOTHING_REFUSED = untranslated("Nothing was refused for this id. See: oo-desktop outbox")
NOTHING_TO_UNDO = untranslated("There is nothing to undo for this id. See: oo-desktop undo --list")


def signal_named(state: AppState, named: SignalKey | str) -> SignalKey:
    """Return the key of the listed signal with this id."""
    if isinstance(named, SignalKey):
        return named
    found = {
        signal.key
        for signals in state.signals.values()
        for signal in signals
        if named in _names_of(signal.key)
    }
    return _the_one(named, found, NOTHING_LISTED)


def click_named(items: Iterable[OutboxItem], named: SignalKey | str, *, nothing: str) -> OutboxItem:
    """Return the first of `items` on the signal with this id; `nothing`: said where there is none.

    items: those that could be meant, the likeliest first.
    """
    items = tuple(items)
    key = named
    if not isinstance(key, SignalKey):
        key = _the_one(key, {item.key for item in items if named in _names_of_click(item)}, nothing)
    for item in items:
        if item.key == key:
            return item
    raise Rejected(translated(nothing))


def account_named(
    state: AppState, provider: ProviderId, user: AccountKey | str | None
) -> AccountKey:
    """Return the account of `provider`; where it has several, the one of `user`."""
    if isinstance(user, AccountKey):
        return user
    keys = [account.key for account in state.accounts]
    found = [key for key in keys if key.provider == provider and user in (None, key.user_id)]
    if not found:
        known = [service.id for service in state.services]
        if known and provider not in known:
            name = elided(plain_text(provider), 40)
            raise Rejected(
                translated(
                    "oO does not know a service called {name}, only {services}.",
                    name=name,
                    services=", ".join(known),
                )
            )
        raise Rejected(
            translated(
                "There is no such {service} account here. See: oo-desktop integrations",
                service=provider,
            )
        )
    if len(found) > 1:
        users = ", ".join(key.user_id for key in found)
        raise CommandError(
            translated(
                "Which {service} account? Choose with --user: {users}.",
                service=provider,
                users=users,
            ),
            code=WRONG_USAGE,
        )
    return found[0]


def adding_account_named(state: AppState, named: AccountKey | str) -> AccountKey:
    """Return the account that new tasks are to go to: its provider, `provider:user_id`, or its
    user or label."""
    if isinstance(named, AccountKey):
        return named
    found = [
        account
        for account in state.accounts
        if named in (*_ways_to_call(account.key), account.label)
    ]
    found = [account for account in found if account.adding is not None] or found
    if not found:
        raise Rejected(_no_account(named))
    if len(found) > 1:
        names = ", ".join(":".join(account.key) for account in found)
        raise CommandError(
            translated(
                "Several accounts are called {name}. Choose one with --account: {accounts}.",
                name=named,
                accounts=names,
            ),
            code=WRONG_USAGE,
        )
    return found[0].key


def _no_account(name: str) -> str:
    return translated("There is no account {name} here.", name=elided(plain_text(name), 100))


def _ways_to_call(key: AccountKey) -> tuple[str, ...]:
    return key.provider, ":".join(key), key.user_id


def calendars_named(
    state: AppState, user: AccountKey | str | None
) -> list[tuple[AccountKey, Calendar]]:
    """Return the calendars of one user, or of all, by account."""
    found = [each for each in state.accounts if user in (None, each.key, each.key.user_id)]
    if user is not None and not found:
        name = user.user_id if isinstance(user, AccountKey) else user
        raise Rejected(_no_account(name))
    return [(each.key, calendar) for each in found for calendar in each.calendars]


def calendar_named(
    state: AppState, named: str, user: AccountKey | str | None
) -> tuple[AccountKey, Calendar]:
    """Return the calendar with this id and, where several accounts have it, of `user`."""
    found = [each for each in calendars_named(state, user) if each[1].id == named]
    if not found:
        raise Rejected(
            translated("There is no calendar with this id here. See: oo-desktop calendars")
        )
    if len(found) > 1:
        users = ", ".join(key.user_id for key, _ in found)
        raise CommandError(
            translated(
                "Several accounts have this calendar. Choose with --user: {users}.", users=users
            ),
            code=WRONG_USAGE,
        )
    return found[0]


def _the_one(named: str, found: Collection[SignalKey], nothing: str) -> SignalKey:
    if len(found) > 1:
        names = ", ".join(sorted(_names_of(key)[1] for key in found))
        raise CommandError(
            translated("Several accounts have {id}. Choose one: {ids}.", id=named, ids=names),
            code=WRONG_USAGE,
        )
    for key in found:
        return key
    raise Rejected(translated(nothing))


def _names_of_click(item: OutboxItem) -> tuple[str, ...]:
    """Of a task that was added, the name that it had at first, too: that is what was told then."""
    first = () if item.added is None else (provisional_id(item.added.uuid),)
    return (*_names_of(item.key), *first)


def _names_of(key: SignalKey) -> tuple[str, str]:
    return key.id, ":".join((*key.account, key.id))
