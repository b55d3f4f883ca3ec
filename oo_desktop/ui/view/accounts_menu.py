"""The accounts' own submenu: what each offers, and the ways to connect one more. Pure."""

from collections.abc import Iterator, Sequence

from oo_desktop.model.state import AccountState, AppState, Connecting, Service
from oo_desktop.ui.view.account_view import (
    LONGEST_REASON,
    AccountWords,
    needs_user,
    offered_services,
    sign_in_row,
)
from oo_desktop.ui.view.calendar_view import calendar_rows
from oo_desktop.ui.view.commands import (
    AllowReplies,
    BringClient,
    Connect,
    Disconnect,
    OpenUrl,
    PasteLink,
    PasteToken,
    Reconnect,
)
from oo_desktop.ui.view.rows import Row, RowIcon, command_row, id_of_account, menu_row, separator
from oo_desktop.ui.view.text import counted, elided, plain_text


def connect_rows(state: AppState) -> Iterator[Row]:
    """The ways to connect one more account."""
    waiting = {sign_in.provider: sign_in for sign_in in state.sign_ins}
    for service in offered_services(state):
        if service.id in waiting:
            yield sign_in_row(waiting[service.id], service)
        else:
            another = any(account.key.provider == service.id for account in state.accounts)
            yield from _ways_to_connect(service, another=another)


def _ways_to_connect(service: Service, *, another: bool) -> Iterator[Row]:
    name = service.name
    connect = f"Connect another {name} account…" if another else f"Connect {name}…"
    if service.connecting is Connecting.LINK:
        text = f"Add {'another' if another else 'a'} {name[:1].lower()}{name[1:]}…"
        command = PasteLink(service.id, name, service.where)
        yield command_row(("paste-link", service.id), text, command)
        return
    if service.connecting is Connecting.BROWSER:
        yield command_row(("connect", service.id), connect, Connect(service.id))
        if service.own_client and not another:  # else it stands in each account's submenu
            text = f"Bring a {service.own_client.vendor} client…"
            bring = BringClient(service.id, service.own_client)
            yield command_row(("client", service.id), text, bring)
    if service.connecting is Connecting.TOKEN:
        yield command_row(("connect", service.id), connect, PasteToken(service.id, name))
    elif service.pastes_tokens:
        text = f"Paste a {name} API token…"
        yield command_row(("paste-token", service.id), text, PasteToken(service.id, name))


def accounts_row(state: AppState, words: AccountWords) -> Row:
    """The submenu of all accounts."""
    accounts = tuple(_account_row(account, words) for account in state.accounts)
    between = (separator("accounts"),) if accounts else ()
    rows = (*accounts, *between, *connect_rows(state), *_left_out(state.left_out))
    return menu_row(("accounts",), "Accounts", rows)


def _left_out(sentences: Sequence[str]) -> Iterator[Row]:
    """The plug-ins that do not work, out of the way of what does."""
    if sentences:
        rows = tuple(
            Row(("left-out", str(number)), elided(plain_text(text), LONGEST_REASON))
            for number, text in enumerate(sentences)
        )
        yield separator("left-out")
        yield menu_row(("left-out",), f"{counted(len(rows), 'plug-in', 'plug-ins')} left out", rows)


def _account_row(account: AccountState, words: AccountWords) -> Row:
    service = words.service(account.key.provider)
    label = words.label(account.key)
    rows = [Row(id_of_account("state", account.key), words.state(account))]
    if reason := words.reason(account):
        rows.append(Row(id_of_account("reason", account.key), reason))
    # A consent that left something out is mended so, and another client is taken so.
    if needs_user(account) or service.own_client:
        rows.append(
            command_row(
                id_of_account("reconnect", account.key), "Reconnect…", Reconnect(account.key)
            )
        )
    rows += calendar_rows(account)
    if not account.may_write and not needs_user(account):
        row_id = id_of_account("allow-replies", account.key)
        text = "Allow replies to invitations…"
        rows.append(command_row(row_id, text, AllowReplies(account.key)))
    if service.own_client:
        row_id = id_of_account("client", account.key)
        text = f"Use another {service.own_client.vendor} client…"
        rows.append(command_row(row_id, text, BringClient(service.id, service.own_client)))
    if service.home:
        rows.append(
            command_row(
                id_of_account("open", account.key), f"Open {service.name}", OpenUrl(service.home)
            )
        )
    text = f"{service.name} · {label}"
    command = Disconnect(account.key, text, account.waiting)
    rows.append(command_row(id_of_account("disconnect", account.key), "Disconnect…", command))
    icon = RowIcon.ATTENTION if needs_user(account) else None
    return menu_row(id_of_account("account", account.key), text, tuple(rows), icon=icon)
