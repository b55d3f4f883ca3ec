"""Puts accounts in words: how each is, how old its data is, and what can be done about it. Pure.

What each offers, its calendars and the ways to connect one more are one submenu.

Nothing here is alarming that is not alarming: without a network the list is still there, a locked
keyring is waited for, and only a refused token asks the user for anything.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import structs

from oo_desktop.commands.commands import (
    AskToDisconnect,
    BringClient,
    CancelSignIn,
    Connect,
    CopyLink,
    NameServer,
    OpenUrl,
    PasteLink,
    PasteToken,
    Reconnect,
    ShowCalendar,
    TypePassword,
)
from oo_desktop.language import plural, translated, untranslated
from oo_desktop.model.signals import AccountKey, Calendar, ProviderId
from oo_desktop.model.state import (
    AccountState,
    AppState,
    Connecting,
    Connection,
    Service,
    SignInState,
    TokenStatus,
)
from oo_desktop.model.text import (
    age_words,
    elided,
    isolated,
    moment_words,
    plain_text,
    sentence,
    unread_words,
)
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.rows import Row, command_row, id_of_account, menu_row, separator

MAX_LABEL = 32
MAX_MENU_REASON = 100
"""Characters of a reason in the tray's menu, which is as wide as its longest row; all of it stands
in the account's own submenu."""
MAX_ACCOUNT_REASON = 200

MAX_CALENDAR_NAME = 40
MAX_CALENDAR_REASON = 80
MAX_CALENDAR_ROWS = 50
"""Calendars in the submenu; some accounts subscribe to hundreds."""


def service_of(provider: ProviderId, offered: Sequence[Service]) -> Service:
    """Return the service behind `provider`, also one that nobody offers any more.

    offered: what the state tells of services.
    """
    for service in offered:
        if service.id == provider:
            return _shown(service)
    return _shown(Service(id=provider, name=""))


def offered_services(state: AppState) -> Sequence[Service]:
    """Return what can be connected here."""
    return [_shown(service) for service in state.services if service.offered]


def _shown(service: Service) -> Service:
    """With a name that can be shown: a connector may come from anywhere."""
    name = elided(plain_text(translated(service.name)), MAX_LABEL)
    name = name or plain_text(service.id).replace("_", " ").title() or translated("Service")
    return service if name == service.name else structs.replace(service, name=name)


def needs_user(account: AccountState) -> bool:
    """Return whether only the user can mend this account."""
    refused = account.connection is Connection.NEEDS_RECONNECT
    return refused or account.token_status is TokenStatus.NEEDS_RECONNECT


class AccountWords:
    """Puts accounts in words at one moment; tells them apart where there are several."""

    def __init__(
        self,
        accounts: Sequence[AccountState],
        now: datetime,
        zone: ZoneInfo,
        services: Sequence[Service] = (),
    ) -> None:
        self._services = services
        self._now = now
        self._zone = zone
        self._labels = {account.key: label_of(account) for account in accounts}
        # Counted once: each row asks, and there may be 50 accounts.
        self._alike = Counter(map(_before_at, self._labels.values()))
        self._of_provider = Counter(account.key.provider for account in accounts)

    def service(self, provider: ProviderId) -> Service:
        return service_of(provider, self._services)

    def several(self, provider: ProviderId) -> bool:
        return self._of_provider[provider] > 1

    def label(self, key: AccountKey) -> str:
        """Return what the person calls this account: mostly an e-mail address."""
        return self._labels.get(key) or plain_text(key.user_id) or translated("account")

    def unnamed_calendar(self, key: AccountKey) -> str:
        """Return the calendar whose name tells nothing beside an event: the account's main one.

        It is called as the account is. That of a link is all its account has, and tells it from
        the others.
        """
        link = self.service(key.provider).connecting is Connecting.LINK
        return "" if link and not self.several(key.provider) else self.label(key)

    def short_label(self, key: AccountKey) -> str:
        """Return the label up to its `@`, where that is enough to tell it from all others."""
        label = self.label(key)
        short = _before_at(label)
        return short if short and self._alike[short] <= 1 else label

    def name(self, key: AccountKey) -> str:
        """Return `Notes`, or `Notes (ana)` where there are two."""
        name = self.service(key.provider).name
        if not self.several(key.provider):
            return name
        # Translators: one of several accounts: “Todoist (ana)”
        return translated("{service} ({account})", service=name, account=self.short_label(key))

    def state(self, account: AccountState) -> str:
        """Say how this account is, without its name: what its own submenu begins with."""
        if needs_user(account) and self._is_link(account):
            return self._aged(
                account,
                untranslated(
                    "This link is no longer valid, list saved {age}. Paste the current one."
                ),
                untranslated(
                    "This link is no longer valid, nothing fetched yet. Paste the current one."
                ),
            )
        if needs_user(account) and self._has_password(account):
            return self._aged(
                account,
                untranslated(
                    "This password is no longer accepted, list saved {age}. Your clicks are kept."
                ),
                untranslated(
                    "This password is no longer accepted, nothing fetched yet. Your clicks are "
                    "kept."
                ),
            )
        if needs_user(account):
            return self._aged(
                account,
                untranslated("Signed out by the service, list saved {age}. Your clicks are kept."),
                untranslated(
                    "Signed out by the service, nothing fetched yet. Your clicks are kept."
                ),
            )
        match account.connection:
            case Connection.OFFLINE | Connection.FAILING if self._is_here(account):
                return self._aged(
                    account,
                    untranslated("Cannot be read at the moment, list saved {age}"),
                    untranslated("Cannot be read at the moment, nothing fetched yet"),
                )
            case Connection.OFFLINE:
                return self._aged(
                    account,
                    # Translators: {list} is what is shown, such as “saved events”
                    untranslated("Offline since {time}, showing {list}"),
                    untranslated("Offline, nothing fetched yet"),
                )
            case Connection.LIMITED if (until := self._until(account)) is not None:
                return translated("Asked oO to slow down until {time}", time=until)
            case Connection.LIMITED:
                return translated("Asked oO to slow down for a while")
            case Connection.KEYRING:
                return self._aged(
                    account,
                    untranslated("Waiting for your keyring, list saved {age}"),
                    untranslated("Waiting for your keyring, nothing fetched yet"),
                )
            case Connection.FAILING:
                return self._aged(
                    account,
                    untranslated("Does not answer as it should, list saved {age}"),
                    untranslated("Does not answer as it should, nothing fetched yet"),
                )
            case _:
                return self.age(account)

    def reason(self, account: AccountState) -> str:
        """Say why it is so, in the words of who found out; empty where nothing is left to say.

        Being asked to slow down needs no reason: its line says it all.
        """
        if account.connection is Connection.LIMITED and not needs_user(account):
            return ""
        return elided(sentence(plain_text(account.reason or "")), MAX_ACCOUNT_REASON)

    def unread(self, account: AccountState) -> str:
        """Say how much its list lacks because it could not be read; empty where nothing is."""
        service = self.service(account.key.provider)
        return unread_words(account.unread, service.lists) if account.unread else ""

    def all_unread(self, accounts: Sequence[AccountState]) -> str:
        """Say so of all of them together; empty where nothing is missing."""
        lacking = [account for account in accounts if account.unread]
        kinds = {self.service(account.key.provider).lists for account in lacking}
        count = sum(account.unread for account in lacking)
        return unread_words(count, kinds.pop() if len(kinds) == 1 else None) if count else ""

    def remedy(self, account: AccountState) -> str:
        """Say what the user is asked to do about an account that needs them."""
        if self._is_link(account):
            return translated(
                "Paste the current link of {account}…", account=self.label(account.key)
            )
        return translated("Reconnect {account}…", account=self.name(account.key))

    def trouble(self, account: AccountState, *, aged: bool) -> str | None:
        """Say in one line what keeps this account's data from being fresh; None when nothing does.

        aged: with how old the list is, for where the line is drawn anew whenever it is looked at.
        """
        if needs_user(account):
            return self._asks(account, aged=aged)
        match account.connection:
            case Connection.OFFLINE | Connection.FAILING if self._is_here(account):
                return self._aged(
                    account,
                    untranslated("{account} cannot be read at the moment, list saved {age}")
                    if aged
                    else untranslated("{account} cannot be read at the moment, showing {list}"),
                    untranslated("{account} cannot be read at the moment, nothing fetched yet"),
                )
            case Connection.OFFLINE:  # which says since when
                return self._aged(
                    account,
                    untranslated("{account}: offline since {time}, showing {list}"),
                    untranslated("{account}: offline, nothing fetched yet"),
                )
            case Connection.LIMITED:
                name, until = self.name(account.key), self._until(account)
                if until is None:
                    return translated("{account} asked oO to slow down for a while", account=name)
                return translated(
                    "{account} asked oO to slow down until {time}", account=name, time=until
                )
            case Connection.KEYRING:
                return self._aged(
                    account,
                    untranslated("{account}: waiting for your keyring, list saved {age}")
                    if aged
                    else untranslated("{account}: waiting for your keyring, showing {list}"),
                    untranslated("{account}: waiting for your keyring, nothing fetched yet"),
                )
            case Connection.FAILING:
                return self._aged(
                    account,
                    untranslated("{account} does not answer as it should, list saved {age}")
                    if aged
                    else untranslated("{account} does not answer as it should, showing {list}"),
                    untranslated("{account} does not answer as it should, nothing fetched yet"),
                )
            case _:
                return None

    def _asks(self, account: AccountState, *, aged: bool) -> str:
        """Say what the person is needed for."""
        name = self.name(account.key)
        if self._is_link(account):
            if not aged:
                return translated(
                    "{account} is no longer valid: paste the current one", account=name
                )
            return self._aged(
                account,
                untranslated("{account} is no longer valid, list saved {age}"),
                untranslated("{account} is no longer valid, nothing fetched yet"),
            )
        if self._has_password(account):
            if not aged:
                return translated("{account} needs your password again", account=name)
            return self._aged(
                account,
                untranslated("{account} needs your password again, list saved {age}"),
                untranslated("{account} needs your password again, nothing fetched yet"),
            )
        if not aged:
            return translated("{account} needs you to sign in again", account=name)
        return self._aged(
            account,
            untranslated("{account} needs you to sign in again, list saved {age}"),
            untranslated("{account} needs you to sign in again, nothing fetched yet"),
        )

    def offline(self, accounts: Sequence[AccountState]) -> str:
        """Say in one line how accounts are none of which can be reached."""
        reached = [account for account in accounts if account.last_success is not None]
        if not reached:
            return translated("Offline, nothing fetched yet")
        last = max(account.last_success or self._now for account in reached)
        time = moment_words(last, self._now, self._zone)
        return translated("Offline since {time}, showing what is saved", time=time)

    def age(self, account: AccountState) -> str:
        """Say how old what is shown is."""
        if account.last_success is None:
            return translated("Fetching for the first time…")
        if account.told:
            return translated("Up to date")
        # Translators: how old the list is: “Updated 2 min ago”
        return translated("Updated {age}", age=self._age_words(account))

    def age_of(self, account: AccountState) -> str:
        """Say so of one among several: `Notes: updated 2 min ago`. It was fetched before."""
        name = self.name(account.key)
        if account.told:
            return translated("{account}: up to date", account=name)
        return translated("{account}: updated {age}", account=name, age=self._age_words(account))

    def age_of_others(self, oldest: AccountState) -> str:
        """Say so of several together, of which `oldest` is the oldest."""
        if oldest.told:
            return translated("All others: up to date")
        return translated("All others: updated {age}", age=self._age_words(oldest))

    def _age_words(self, account: AccountState) -> str:
        return age_words(account.last_success or self._now, self._now, self._zone)

    def as_of(self, account: AccountState) -> datetime:
        """Return when what is shown of it was so: now, where nothing is known."""
        return self._now if account.told else account.last_success or self._now

    def freshness(self, account: AccountState) -> str:
        """Say in one sentence without its full stop how old its list is, and why where that is
        nobody's fault: `Notes: 2 min ago`, `Notes: offline since 09:40, showing saved notes`."""
        waits = (Connection.OFFLINE, Connection.LIMITED)
        if account.connection in waits and not needs_user(account):
            return self.trouble(account, aged=False) or ""
        name, last = self.name(account.key), account.last_success
        if last is None:
            bad = needs_user(account) or account.connection in (
                Connection.KEYRING,
                Connection.FAILING,
            )
            if bad:
                return translated("{account}: nothing fetched yet", account=name)
            return translated("{account}: fetching…", account=name)
        if account.told:
            return self.age_of(account)
        # Translators: how old the list of an account is: “Todoist: 2 min ago”
        return translated(
            "{account}: {age}", account=name, age=age_words(last, self._now, self._zone)
        )

    def _is_link(self, account: AccountState) -> bool:
        return self.service(account.key.provider).connecting is Connecting.LINK

    def _has_password(self, account: AccountState) -> bool:
        return self.service(account.key.provider).connecting is Connecting.PASSWORD

    def _is_here(self, account: AccountState) -> bool:
        """Whether it is on this computer: then no network is missing."""
        return self.service(account.key.provider).connecting is Connecting.NOTHING

    def _until(self, account: AccountState) -> str | None:
        if account.next_poll is None or account.next_poll <= self._now:
            return None
        return moment_words(account.next_poll, self._now, self._zone)

    def _aged(self, account: AccountState, fetched: str, never: str) -> str:
        """One of two sentences: about an account whose list there is, or was never."""
        name = self.name(account.key)
        if account.last_success is None:
            return translated(never, account=name)
        saved = self.service(account.key.provider).saved
        return translated(
            fetched,
            account=name,
            age=age_words(account.last_success, self._now, self._zone),
            time=moment_words(account.last_success, self._now, self._zone),
            # Translators: what is shown meanwhile: “Offline since 09:40, showing the saved list”
            list=translated(saved) if saved else translated("the saved list"),
        )


def _before_at(label: str) -> str:
    return label.partition("@")[0].rstrip()


def label_of(account: AccountState) -> str:
    return elided(plain_text(account.label), MAX_LABEL)


def can_add(state: AppState) -> bool:
    """Return whether an account takes new tasks."""
    return any(account.adding is not None for account in state.accounts)


def was_fetched(state: AppState) -> bool:
    """Return whether anything is known of what is due: an empty list is good news only then."""
    return any(account.last_success is not None for account in state.accounts)


def is_fetching(state: AppState) -> bool:
    """Return whether an account is on its way to its first list, and nothing in the way so far."""
    sound = (Connection.OK, Connection.UNKNOWN)
    return any(
        account.last_success is None and account.connection in sound and not needs_user(account)
        for account in state.accounts
    )


def trouble_lines(state: AppState, words: AccountWords) -> list[str]:
    """Say what keeps accounts' data from being fresh, and which clicks wait because of it.

    Short and without ages: for the tooltip.
    """
    if _all_offline(state):
        return _offline_lines(state, words)
    lines = []
    for account in state.accounts:
        trouble = words.trouble(account, aged=False)
        if trouble is not None:
            lines += [trouble, *_waiting_lines(account, words)]
    return lines


def status_lines(state: AppState, words: AccountWords) -> list[str]:
    """Say how the accounts are, why, and how old what is shown is: for the menu."""
    if _all_offline(state):
        return _offline_lines(state, words)
    told = {"", sentence(plain_text(state.problem or ""))}  # stands on top of the menu
    troubles, notes = [], []
    for account in state.accounts:
        trouble = words.trouble(account, aged=True)
        reason = words.reason(account)
        why = [] if reason in told else [elided(reason, MAX_MENU_REASON)]
        why += [unread] if (unread := words.unread(account)) else []
        if trouble is not None:
            told.add(reason)
            troubles += [trouble, *why, *_waiting_lines(account, words)]
        elif len(state.accounts) == 1:
            notes += why
        else:
            notes += [about_account(words.name(account.key), line) for line in why]
    return [*troubles, *notes, *age_lines(state, words)]


def about_account(name: str, sentence: str) -> str:
    """Return `sentence` with the `name` of the account that it is about: `Todoist: …`."""
    # Translators: an account, and a sentence about it
    return translated("{account}: {sentence}", account=name, sentence=isolated(sentence))


def _all_offline(state: AppState) -> bool:
    """Whether it is the network, and not one service or another."""
    services = {account.key.provider for account in state.accounts}
    return len(services) > 1 and all(
        account.connection is Connection.OFFLINE
        and not needs_user(account)
        and service_of(account.key.provider, state.services).connecting is not Connecting.NOTHING
        for account in state.accounts
    )


def _offline_lines(state: AppState, words: AccountWords) -> list[str]:
    """Once for all of them."""
    lines = [words.offline(state.accounts)]
    for account in state.accounts:
        lines += _waiting_lines(account, words)
    return [*lines, unread] if (unread := words.all_unread(state.accounts)) else lines


def freshness_line(state: AppState, words: AccountWords) -> str:
    """Say how fresh everything is, service by service, and which clicks wait: for a window."""
    if _all_offline(state):
        sentences = _offline_lines(state, words)
    else:
        sentences = _freshness(state.accounts, words)
        for account in state.accounts:
            sentences += _waiting_lines(account, words)
    return " ".join(map(sentence, sentences))


def _freshness(accounts: Sequence[AccountState], words: AccountWords) -> list[str]:
    """One sentence for all of them where none differs from the others."""
    ages = {words.age(account) for account in accounts}
    troubled = any(words.trouble(account, aged=False) is not None for account in accounts)
    if len(accounts) > 1 and len(ages) == 1 and not troubled:
        return list(ages)
    return [words.freshness(account) for account in accounts]


def _waiting_lines(account: AccountState, words: AccountWords) -> list[str]:
    if not account.waiting:
        return []
    return [
        plural(
            "{count} click waits to be sent to {account}",
            "{count} clicks wait to be sent to {account}",
            account.waiting,
            account=words.name(account.key),
        )
    ]


def age_lines(state: AppState, words: AccountWords) -> list[str]:
    """Say how old the data of the accounts without trouble is: the oldest speaks for them."""
    fresh = [each for each in state.accounts if words.trouble(each, aged=False) is None]
    aged = [(words.as_of(each), each) for each in fresh if each.last_success]
    lines = [translated("Fetching for the first time…")] if len(aged) < len(fresh) else []
    if aged:
        _, oldest = min(aged, key=lambda pair: pair[0])
        if len(state.accounts) == len(aged):
            lines.append(words.age(oldest))
        elif len(aged) == 1:
            lines.append(words.age_of(oldest))
        else:
            lines.append(words.age_of_others(oldest))
    return lines


def attention_rows(state: AppState, words: AccountWords) -> Iterator[Row]:
    """Yield what only the user can mend, each a click away from being mended."""
    for sign_in in state.sign_ins:
        yield sign_in_row(sign_in, words.service(sign_in.provider))
    waiting = {sign_in.provider for sign_in in state.sign_ins}
    for account in state.accounts:
        if needs_user(account) and account.key.provider not in waiting:
            row_id, command = id_of_account("reconnect", account.key), Reconnect(account.key)
            yield command_row(row_id, words.remedy(account), command, icon=RowIcon.ATTENTION)


def sign_in_row(sign_in: SignInState, service: Service) -> Row:
    """Return a sign-in that waits for the browser or the keyring, and every way out of it."""
    provider = sign_in.provider
    cancel = command_row(("cancel", provider), translated("Cancel"), CancelSignIn(provider))
    if sign_in.note is not None:
        why = elided(sentence(plain_text(sign_in.note)), MAX_ACCOUNT_REASON)
        rows = (Row(("sign-in-note", provider), why), cancel)
        text = translated("Waiting for your keyring to connect {service}…", service=service.name)
        return menu_row(("sign-in", provider), text, rows, icon=RowIcon.ATTENTION)
    rows = (
        command_row(("copy-link", provider), translated("Copy the link"), CopyLink(provider)),
        cancel,
    )
    text = translated("Waiting for the browser to connect {service}…", service=service.name)
    return menu_row(("sign-in", provider), text, rows)


def keyring_note(state: AppState) -> str:
    """Say why an account that was signed in to cannot be kept yet; empty where none waits."""
    notes = [plain_text(each.note) for each in state.sign_ins if each.note is not None]
    return elided(notes[0], MAX_MENU_REASON) if notes else ""


# The submenu of all accounts


def connect_rows(state: AppState) -> Iterator[Row]:
    """Yield the ways to connect one more account."""
    waiting = {sign_in.provider: sign_in for sign_in in state.sign_ins}
    for service in offered_services(state):
        if service.id in waiting:
            yield sign_in_row(waiting[service.id], service)
        else:
            another = any(account.key.provider == service.id for account in state.accounts)
            yield from _ways_to_connect(service, another=another)


def _ways_to_connect(service: Service, *, another: bool) -> Iterator[Row]:
    name = service.name
    connect = _connect_words(service, another=another)
    if service.connecting is Connecting.NOTHING:
        if not another:  # there is one
            yield command_row(("connect", service.id), connect, Connect(service.id))
        return
    if service.connecting is Connecting.LINK:
        yield command_row(("paste-link", service.id), connect, PasteLink(service.id, name))
        return
    if service.connecting is Connecting.BROWSER:
        yield command_row(("connect", service.id), connect, Connect(service.id))
        if service.own_client and not another:  # else it stands in each account's submenu
            text = translated("Bring a {vendor} client…", vendor=service.own_client.vendor)
            command = BringClient(service.id, service.own_client)
            yield command_row(("client", service.id), text, command)
    if service.connecting is Connecting.PASSWORD:
        yield command_row(("connect", service.id), connect, TypePassword(service.id))
        if service.browser:
            servers = elided(plain_text(translated(service.browser)), MAX_LABEL)
            text = translated("Connect {service}…", service=servers)
            yield command_row(("connect-server", service.id), text, NameServer(service.id))
        return
    if service.connecting is Connecting.TOKEN:
        yield command_row(("connect", service.id), connect, PasteToken(service.id, name))
    elif service.pastes_tokens:
        text = translated("Paste a {service} API token…", service=name)
        yield command_row(("paste-token", service.id), text, PasteToken(service.id, name))


def _connect_words(service: Service, *, another: bool) -> str:
    own = service.connect_another if another else service.connect
    if own:
        return translated(own)
    if another:
        return translated("Connect another {service} account…", service=service.name)
    return translated("Connect {service}…", service=service.name)


def accounts_row(state: AppState, words: AccountWords) -> Row:
    """Return the submenu of all accounts."""
    accounts = tuple(_account_row(account, words) for account in state.accounts)
    between = (separator("accounts"),) if accounts else ()
    rows = (*accounts, *between, *connect_rows(state), *_left_out(state.left_out))
    return menu_row(("accounts",), translated("Accounts"), rows)


def _left_out(sentences: Sequence[str]) -> Iterator[Row]:
    """The plug-ins that do not work, out of the way of what does."""
    if sentences:
        rows = tuple(
            Row(("left-out", str(number)), elided(plain_text(text), MAX_ACCOUNT_REASON))
            for number, text in enumerate(sentences)
        )
        yield separator("left-out")
        text = plural("{count} plug-in left out", "{count} plug-ins left out", len(rows))
        yield menu_row(("left-out",), text, rows)


def _account_row(account: AccountState, words: AccountWords) -> Row:
    service = words.service(account.key.provider)
    label = words.label(account.key)
    rows = [Row(id_of_account("state", account.key), words.state(account))]
    if reason := words.reason(account):
        rows.append(Row(id_of_account("reason", account.key), reason))
    if unread := words.unread(account):
        rows.append(Row(id_of_account("unread", account.key), unread))
    # A consent that left something out is mended so, and another client is taken so.
    if needs_user(account) or service.own_client:
        rows.append(
            command_row(
                id_of_account("reconnect", account.key),
                translated("Reconnect…"),
                Reconnect(account.key),
            )
        )
    rows += calendar_rows(account)
    if not account.may_write and not needs_user(account):
        row_id = id_of_account("allow-replies", account.key)
        text = translated("Allow replies to invitations…")
        wider = Connect(account.key.provider, account.key, write=True)
        rows.append(command_row(row_id, text, wider))
    if service.own_client:
        row_id = id_of_account("client", account.key)
        text = translated("Use another {vendor} client…", vendor=service.own_client.vendor)
        rows.append(command_row(row_id, text, BringClient(service.id, service.own_client)))
    if service.home:
        rows.append(
            command_row(
                id_of_account("open", account.key),
                translated("Open {service}", service=service.name),
                OpenUrl(service.home),
            )
        )
    text = f"{service.name} · {label}"
    command = AskToDisconnect(account.key, text, account.waiting)
    rows.append(
        command_row(id_of_account("disconnect", account.key), translated("Disconnect…"), command)
    )
    icon = RowIcon.ATTENTION if needs_user(account) else None
    return menu_row(id_of_account("account", account.key), text, tuple(rows), icon=icon)


# The calendars of an account


def calendar_rows(account: AccountState) -> Iterator[Row]:
    """Yield one submenu with a click per calendar; none where there is nothing to choose."""
    if not account.calendars:
        return
    rows = list(_grouped_rows(account, account.calendars[:MAX_CALENDAR_ROWS]))
    if (beyond := len(account.calendars) - MAX_CALENDAR_ROWS) > 0:
        rows.append(
            Row(
                id_of_account("calendars-more", account.key),
                plural("and {count} more", "and {count} more", beyond),
            )
        )
    troubled = sum(each.problem is not None for each in account.calendars)
    text = translated("Calendars")
    if troubled:
        text = plural(
            "Calendars · {count} cannot be shown", "Calendars · {count} cannot be shown", troubled
        )
    icon = RowIcon.ATTENTION if troubled else None
    yield menu_row(id_of_account("calendars", account.key), text, tuple(rows), icon=icon)


def _grouped_rows(account: AccountState, calendars: Sequence[Calendar]) -> Iterator[Row]:
    """Those of no group first, then group by group, each under its name."""
    groups: dict[str, list[Row]] = {"": []}
    for calendar in calendars:
        group = elided(plain_text(calendar.group or ""), MAX_CALENDAR_NAME)
        groups.setdefault(group, []).append(_calendar_row(account, calendar))
    for group, rows in groups.items():
        if group:
            yield Row((*id_of_account("calendar-group", account.key), group), group)
        yield from rows


def _calendar_row(account: AccountState, calendar: Calendar) -> Row:
    """Whether it is shown is said in words as well: a tick is a picture."""
    name = elided(plain_text(calendar.name) or translated("(no name)"), MAX_CALENDAR_NAME)
    icon = RowIcon.SHOWN if calendar.shown else RowIcon.HIDDEN
    # Translators: whether a calendar is
    words = translated("shown") if calendar.shown else translated("not shown")
    if calendar.problem is not None:
        icon = RowIcon.ATTENTION
        reason = elided(sentence(plain_text(calendar.problem)), MAX_CALENDAR_REASON)
        if calendar.shown:
            words = translated("cannot be shown")
        if reason:
            # Translators: how a calendar is, and why: “cannot be shown: It is too large.”
            words = translated("{state}: {reason}", state=words, reason=reason)
    elif calendar.read_only:
        words = (
            translated("shown, read-only") if calendar.shown else translated("not shown, read-only")
        )
    row_id = (*id_of_account("calendar", account.key), calendar.id)
    command = ShowCalendar(calendar.id, account.key, shown=not calendar.shown)
    return command_row(row_id, f"{name} · {words}", command, icon=icon)
