"""Connect, reconnect and disconnect accounts, and give each its HTTP client."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, assert_never

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.clock import Clock
from oo_desktop.connectors.base import (
    EVERYTHING,
    ApiToken,
    BrowserPassword,
    Connector,
    OAuthSignIn,
    OnThisComputer,
    Password,
    PastedTokens,
    SecretLink,
)
from oo_desktop.errors import AuthRequired, SignInError, Unavailable, VaultError, VaultState
from oo_desktop.events import (
    EventBus,
    IntegrationsChanged,
    SignInChanged,
    TokenExpired,
    TokenRestored,
)
from oo_desktop.http.client import Http, ServiceClient
from oo_desktop.http.passwords import (
    Credentials,
    credentials_from_text,
    server_and_user_name,
    typed_credentials,
)
from oo_desktop.http.secret_link import LinkClient, check_link
from oo_desktop.integrations.oauth_clients import OAuthClients
from oo_desktop.integrations.sign_in import (
    BrowserSignIn,
    NewAccount,
    ServerSignIn,
    ShownSignIn,
    client_of,
    end_password,
    revoke_url_of,
)
from oo_desktop.integrations.tokens import (
    PASSWORD_REFUSED,
    SIGN_IN_ENDED,
    AccountTokens,
    SendRefresh,
)
from oo_desktop.integrations.vault import Tokens, TokenVault
from oo_desktop.language import translated, untranslated
from oo_desktop.model.integrations import Integration
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import SignInState, TokenStatus
from oo_desktop.model.text import elided, plain_text
from oo_desktop.oauth import messages as oauth
from oo_desktop.oauth.messages import OAuthClient, OAuthService, TokenAnswer
from oo_desktop.store.oauth_clients import OAuthClientStore

log = logging.getLogger(__name__)

REVOCATION_SECONDS = 10.0
"""How long a service has for ending oO's access; it is forgotten here in any case."""

DELETE_AGAIN = {
    VaultState.LOCKED: untranslated(
        "Unlock it, or say yes when it asks you, and disconnect again."
    ),
    VaultState.SILENT: untranslated(
        "It does not answer: if it asks you for something, answer that, and disconnect again."
    ),
    VaultState.ABSENT: untranslated("It is not there: start it, and disconnect again."),
    VaultState.INSECURE: untranslated(
        "Use the keyring that the token is in, and disconnect again."
    ),
    VaultState.FAILED: untranslated(
        "It failed: restart it, or log out and in again, and disconnect again."
    ),
}
"""What to do about a token that could not be deleted."""

MAX_REASON_CHARACTERS = 500
"""Of a sentence that is kept: a connector may come from anywhere."""


class Disconnected(Struct, frozen=True, kw_only=True):
    """Says what a disconnect did, and where the rest can be done.

    dropped: clicks that were waiting and will never be sent.
    revoke_url: the page where a person ends oO's access; empty when there is none left to end.
    revoked: whether the service ended it; None: it was not asked, for a public client cannot.
    note: a sentence on that, where the service was asked.
    """

    key: AccountKey
    label: str
    dropped: int
    revoke_url: str
    revoked: bool | None = None
    note: str = ""


class RunningSignIn:
    """Holds a sign-in under way, for everyone who waits for it."""

    def __init__(self, sign_in: ShownSignIn, task: "asyncio.Task[Integration]") -> None:
        self.sign_in = sign_in
        self.task = task

    async def url(self) -> str:
        """Return the address to open, as soon as there is one.

        Raises what ended the sign-in before that: SignInError or SourceError.
        """
        shown = self.sign_in.shown
        either: list[asyncio.Future[Any]] = [shown, self.task]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not shown.done():
            await self.result()
            raise SignInError(translated("The sign-in ended before it began."))
        return shown.result()

    async def result(self) -> Integration:
        """Wait for the account and return it; to stop waiting does not stop the sign-in.

        Raises SignInError or SourceError.
        """
        try:
            return await asyncio.shield(self.task)
        except asyncio.CancelledError:
            if self.task.cancelled():
                raise SignInError(translated("The sign-in was cancelled.")) from None
            raise


class Accounts:
    """Manages all integrations. Used from the loop's thread.

    What reads or changes an account may raise StoreError.

    oauth_clients: those the user made, for the services that take one.
    registered: those that oO registered itself.
    revoking: seconds a service has for ending oO's access when an account is disconnected.
    forget: called with an account that is disconnected; deletes what is cached and waiting for
        it, and returns how many clicks were dropped.
    """

    def __init__(
        self,
        *,
        connectors: Iterable[Connector],
        vault: TokenVault,
        oauth_clients: OAuthClients,
        registered: OAuthClientStore,
        http: Http,
        bus: EventBus,
        clock: Clock,
        lock_folder: Path,
        revoking: float = REVOCATION_SECONDS,
        forget: Callable[[AccountKey], int] = lambda _key: 0,
    ) -> None:
        self.connectors = {connector.id: connector for connector in connectors}
        self._vault = vault
        self._oauth_clients = oauth_clients
        self._registered = registered
        self._http = http
        self._bus = bus
        self._clock = clock
        self._lock_folder = lock_folder
        self._revoking = revoking
        self._forget = forget
        self._clients: dict[AccountKey, ServiceClient] = {}
        self._links: dict[AccountKey, LinkClient] = {}
        self._tokens: dict[AccountKey, AccountTokens] = {}
        self._running: dict[ProviderId, RunningSignIn] = {}
        self._pasted: dict[asyncio.Task[Integration], NewAccount] = {}

    def replace_connector(self, connector: Connector) -> None:
        """Use `connector` from now on, in place of the one of the same id."""
        before = self.connectors[connector.id]
        self.connectors[connector.id] = connector
        if connector.sign_in != before.sign_in:  # another address, or another client
            for key in {*self._clients, *self._links}:
                if key.provider == connector.id:
                    self._drop_client(key)

    # What there is

    def all(self) -> tuple[Integration, ...]:
        """Return every account, in the order they were first connected."""
        return self._vault.integrations()

    def active(self) -> tuple[AccountKey, ...]:
        """Return the accounts that can be asked: connected, and not waiting for a reconnect."""
        return tuple(
            integration.key
            for integration in self.all()
            if integration.token_status is TokenStatus.ACTIVE
            and integration.key.provider in self.connectors
        )

    def sign_ins(self) -> tuple[SignInState, ...]:
        """Return the sign-ins that wait for the browser or the keyring now; of a service, one."""
        waiting = (*self._pasted.values(), *(each.sign_in for each in self._running.values()))
        states = {each.connector.id: each.state for each in waiting if each.state is not None}
        return tuple(states.values())

    def may_write(self, key: AccountKey) -> bool:
        """Return whether the account's owner lets oO change things at the service."""
        integration = self._vault.integration(key)
        return integration is not None and self.lets_write(integration)

    def lets_write(self, integration: Integration) -> bool:
        """Return what `may_write` does, of an account that was read already."""
        connector = self.connectors.get(integration.key.provider)
        if connector is None:
            return False
        match connector.sign_in:
            case OAuthSignIn(rules=rules):
                return rules.may_write(integration.granted)
            case _:
                return True

    def lack(self, integration: Integration) -> str | None:
        """Say what an account cannot do for want of its owner's consent or a connector, if so."""
        connector = self.connectors.get(integration.key.provider)
        if connector is None:
            return translated(
                "oO does not know this service any more. Is its plug-in still installed?"
            )
        match connector.sign_in:
            case OAuthSignIn(rules=rules):
                return rules.lack(integration.granted)
            case _:
                return None

    def signs_in_at(self, provider: ProviderId, server: str) -> bool:
        """Return whether a person can sign in at `server` with the browser."""
        browser = _browser_of(self.connectors.get(provider))
        return browser is not None and browser.is_at(server)

    def client(self, provider: ProviderId, user_id: UserId) -> ServiceClient:
        """Return the one HTTP client that speaks for this account, in reading and in writing."""
        key = AccountKey(provider, user_id)
        if key not in self._clients:
            connector = self.connectors[provider]
            self._clients[key] = client_of(
                connector,
                http=self._http,
                tokens=self._account_tokens(key, connector),
                clock=self._clock,
            )
        return self._clients[key]

    def link(self, provider: ProviderId, user_id: UserId) -> LinkClient:
        """Return the HTTP client of an account that is a link."""
        key = AccountKey(provider, user_id)
        if key not in self._links:
            tokens = self._account_tokens(key, self.connectors[provider])
            self._links[key] = LinkClient(http=self._http, secret=tokens.access_token)
        return self._links[key]

    def require_reconnect(self, key: AccountKey, reason: str) -> None:
        """Mark the account as to be reconnected, and publish that once.

        reason: why its service no longer accepts its sign-in; kept up to `MAX_REASON_CHARACTERS`.
        """
        reason = reason[:MAX_REASON_CHARACTERS]
        if self._vault.set_status(key, TokenStatus.NEEDS_RECONNECT, reason=reason):
            log.info("%s/%s needs a reconnect: %s", key.provider, key.user_id, reason)
            self._bus.publish(TokenExpired(key))
            self._bus.publish(IntegrationsChanged())

    # Connect and reconnect

    def connect(
        self,
        provider: ProviderId,
        *,
        expected: AccountKey | None = None,
        write: bool = False,
        server: str = "",
    ) -> RunningSignIn:
        """Begin a sign-in, or return the one that already waits.

        One that waits is cancelled where this asks for somebody else, or for more. Raises
        SignInError where the service is not connected in this way.

        expected: on a reconnect, the account that must come back.
        write: ask for the wider consent to change things at the service.
        server: where to sign in, as the person names it, where a service has many servers.
        """
        running = self._running.get(provider)
        if running is not None and not running.task.done():  # `_ended` comes a little later
            waiting = running.sign_in
            same = not server or server == waiting.address
            if same and expected in (None, waiting.expected) and (waiting.write or not write):
                return running
            running.task.cancel()
        connector = self._connector(provider)
        command = f"oo-desktop connect {provider}"
        match connector.sign_in:
            case OAuthSignIn() as oauth_sign_in:
                make: Callable[..., ShownSignIn] = partial(
                    BrowserSignIn,
                    how=oauth_sign_in,
                    oauth_clients=self._oauth_clients,
                    registered=self._registered,
                    write=write,
                )
            case SecretLink():
                raise SignInError(
                    translated(
                        "Copy the calendar’s current link and paste it in oO’s menu, under "
                        "Accounts, or give it to: {command}",
                        command=command,
                    )
                )
            case ApiToken():
                with_token = f"{command} --token"
                raise SignInError(
                    translated(
                        "{service} is connected with a token of yours. Paste it in the menu, or "
                        "run: {command}",
                        service=translated(connector.name),
                        command=with_token,
                    )
                )
            case Password(browser=BrowserPassword() as browser) as password if server:
                make = partial(ServerSignIn, how=password, browser=browser, address=server)
            case Password():
                raise SignInError(
                    translated(
                        "{service} is connected with a user name and an app password. Type them "
                        "in oO’s menu, under Accounts, or give them to: {command}",
                        service=translated(connector.name),
                        command=command,
                    )
                )
            case OnThisComputer():
                raise SignInError(
                    translated(
                        "{service}: nobody signs in there. Connect in oO’s menu, under Accounts, "
                        "or run: {command}",
                        service=translated(connector.name),
                        command=command,
                    )
                )
            case other:
                assert_never(other)
        sign_in = make(
            changed=lambda: self._bus.publish(SignInChanged(provider)),
            connector=connector,
            http=self._http,
            vault=self._vault,
            clock=self._clock,
            expected=expected,
        )
        task = asyncio.get_running_loop().create_task(self._run(sign_in.run))
        running = RunningSignIn(sign_in, task)
        self._running[provider] = running
        task.add_done_callback(lambda _task: self._ended(provider, running))
        return running

    async def bring_client(self, provider: ProviderId, text: str) -> None:
        """Sign in with the client of this file; `text` is what it holds. Kept once it is accepted.

        A sign-in that waits is given up: it has the old client, which may be why it waits.

        Raises SignInError for what is no such file, VaultError.
        """
        await self._oauth_clients.bring(provider, self.read_client(provider, text))
        running = self._running.get(provider)
        if running is not None:
            running.task.cancel()
            await asyncio.wait({running.task})

    def read_client(self, provider: ProviderId, text: str) -> OAuthClient:
        """Return the client in the file that holds `text`. Raises SignInError for any other."""
        connector = self._connector(provider)
        match connector.sign_in:
            case OAuthSignIn(service=service) if service.own_client is not None:
                return service.own_client.from_file(text)
            case _:
                raise SignInError(
                    translated(
                        "{service} needs no client: just connect.",
                        service=translated(connector.signs_in_with),
                    )
                )

    def cancel(self, provider: ProviderId) -> None:
        """Stop what waits for the browser or the keyring, if anything; no account changes."""
        running = self._running.get(provider)
        if running is not None:
            running.task.cancel()
        for task, account in self._pasted.items():
            if account.connector.id == provider:
                task.cancel()

    async def connect_with_token(
        self, provider: ProviderId, token: str, *, expected: AccountKey | None = None
    ) -> Integration:
        """Connect with what a person pasted: an API token, a calendar's link, `Credentials`.

        A sign-in that waits for the browser is given up, but for one at a server of its own and
        one that is to bring another account back: a token is pasted where no browser can be had.

        Returns the account, which is stored and published by then. Raises SignInError, SourceError.
        """
        account = self._new_account(provider, expected)
        store = _store_of(account, token.strip())
        task = asyncio.get_running_loop().create_task(self._run(store))
        self._pasted[task] = account
        task.add_done_callback(self._pasted_ended)
        try:
            connected = await task
        except asyncio.CancelledError:
            asker = asyncio.current_task()
            if asker is not None and asker.cancelling():
                raise
            raise SignInError(translated("The sign-in was cancelled.")) from None
        running = self._running.get(provider)
        if running is not None:
            waiting = running.sign_in
            if not waiting.address and waiting.expected in (None, connected.key):
                running.task.cancel()
        return connected

    async def connect_here(
        self, provider: ProviderId, *, expected: AccountKey | None = None
    ) -> Integration:
        """Connect what is on this computer: asks nobody for anything, and needs no keyring.

        Returns the account, which is stored and published by then. Raises SignInError where it is
        not there, in a sentence that says why.
        """
        account = self._new_account(provider, expected)
        match account.connector.sign_in:
            case OnThisComputer() as how:
                return await self._run(partial(account.store_of_this_computer, how))
            case _:
                raise SignInError(
                    translated(
                        "{service} is not on this computer.",
                        service=translated(account.connector.name),
                    )
                )

    async def disconnect(self, key: AccountKey) -> Disconnected:
        """Forget the account here, then ask the service to end oO's access, where it can be asked.

        Deletes its keyring entry, its row, its cached signals and its waiting clicks. Raises
        SignInError when it is not connected, VaultError while the keyring is locked (nothing is
        deleted then: a secret must not be left behind unseen; the sentence says so), StoreError.
        """
        integration = self._vault.integration(key)
        if integration is None:
            raise SignInError(translated("This account is not connected."))
        connector = self.connectors.get(key.provider)
        service, browser = _revocable(connector), _browser_of(connector)
        tokens = await self._last_tokens(key) if service or browser else None
        if connector is not None and isinstance(connector.sign_in, OnThisComputer):
            self._vault.disconnect_without_tokens(key)
        else:
            await self._delete_tokens(integration)
        self._drop_client(key)
        dropped = self._forget(key)
        self._bus.publish(TokenRestored(key))
        self._bus.publish(IntegrationsChanged())
        gone = Disconnected(
            key=key,
            label=integration.label,
            dropped=dropped,
            revoke_url=revoke_url_of(connector.sign_in) if connector else "",
        )
        if service is not None:
            return await self._revoked(gone, service, tokens)
        if browser is not None and (made := _made(tokens)) is not None:
            return await self._password_ended(gone, browser, made)
        return gone

    async def delete_clients(self, client_ids: Iterable[tuple[ProviderId, str]]) -> None:
        """Forget every client that a person brought, with its secret.

        client_ids: those that accounts were connected with, whose secrets may be there as well.

        Raises VaultError, StoreError.
        """
        for connector in self.connectors.values():
            match connector.sign_in:
                case OAuthSignIn(service=service) if service.own_client is not None:
                    used = {each for provider, each in client_ids if provider == connector.id}
                    await self._oauth_clients.delete(connector.id, used - {""})

    async def aclose(self) -> None:
        """End every sign-in, and wait for token work that must not be cut short."""
        tasks = [*(running.task for running in self._running.values()), *self._pasted]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(tokens.aclose() for tokens in self._tokens.values()))

    # Within

    def _new_account(self, provider: ProviderId, expected: AccountKey | None) -> NewAccount:
        return NewAccount(
            connector=self._connector(provider),
            http=self._http,
            vault=self._vault,
            clock=self._clock,
            expected=expected,
            changed=lambda: self._bus.publish(SignInChanged(provider)),
        )

    def _connector(self, provider: ProviderId) -> Connector:
        connector = self.connectors.get(provider)
        if connector is None:
            known = ", ".join(self.connectors)
            name = elided(plain_text(provider), 40)
            raise SignInError(
                translated(
                    "oO does not know a service called {name}, only {names}.",
                    name=name,
                    names=known,
                )
            )
        return connector

    async def _delete_tokens(self, integration: Integration) -> None:
        try:
            await self._vault.disconnect(integration.key)
        except VaultError as error:
            not_deleted = translated(
                "{account} is still connected, for your keyring did not let oO delete its token.",
                account=integration.label,
            )
            raise VaultError(
                " ".join((not_deleted, translated(DELETE_AGAIN[error.state]))),
                state=error.state,
            ) from None

    async def _last_tokens(self, key: AccountKey) -> Tokens | None:
        try:
            return await self._vault.tokens(key)
        except VaultError:
            return None

    async def _revoked(
        self, gone: Disconnected, service: OAuthService, tokens: Tokens | None
    ) -> Disconnected:
        """`gone`, and what became of oO's access at the service."""
        revoked = False
        if tokens is not None:
            with suppress(Unavailable, TimeoutError):
                async with asyncio.timeout(self._revoking):
                    revoked = await oauth.revoke(
                        self._http, service, token=tokens.refresh or tokens.access
                    )
        if revoked:
            note = translated(
                "{service} has ended oO’s access, and with it that of oO on your other computers "
                "with the same client.",
                service=service.name,
            )
            return replace(gone, revoke_url="", revoked=True, note=note)
        log.info("%s: the access could not be ended at the service", gone.key.provider)
        note = translated(
            "oO could not end its access at {service}. You can do it at {page}",
            service=service.name,
            page=gone.revoke_url,
        )
        return replace(gone, revoked=False, note=note)

    async def _password_ended(
        self, gone: Disconnected, browser: BrowserPassword, made: Credentials
    ) -> Disconnected:
        """`gone`, and what became of the password that the server had made for oO."""
        if await end_password(self._http, browser, made, seconds=self._revoking):
            note = translated("{service} has ended oO’s access.", service=browser.name)
            return replace(gone, revoke_url="", revoked=True, note=note)
        log.info("%s: the access could not be ended at the server", gone.key.provider)
        page = browser.page_of(made)
        note = translated(
            "oO could not end its access at {service}. You can do it at {page}",
            service=browser.name,
            page=page,
        )
        return replace(gone, revoke_url=page, revoked=False, note=note)

    async def _run(self, store: Callable[[], Awaitable[Integration]]) -> Integration:
        integration = await store()
        self._drop_client(integration.key)
        log.info("connected %s/%s", integration.key.provider, integration.key.user_id)
        self._bus.publish(TokenRestored(integration.key))
        self._bus.publish(IntegrationsChanged())
        return integration

    def _ended(self, provider: ProviderId, running: RunningSignIn) -> None:
        if self._running.get(provider) is running:
            del self._running[provider]
        if not running.task.cancelled():
            running.task.exception()  # whoever waits raises it; nobody has to
        self._bus.publish(SignInChanged(provider))

    def _pasted_ended(self, task: "asyncio.Task[Integration]") -> None:
        account = self._pasted.pop(task)
        if account.state is not None:
            self._bus.publish(SignInChanged(account.connector.id))

    def _drop_client(self, key: AccountKey) -> None:
        """A new token means a new client: no pause, no cached token of the old one survives."""
        self._clients.pop(key, None)
        self._links.pop(key, None)
        self._tokens.pop(key, None)

    def _account_tokens(self, key: AccountKey, connector: Connector) -> AccountTokens:
        refresh: SendRefresh = _never_refreshed
        rotates, rules, lasting = False, EVERYTHING, SIGN_IN_ENDED
        match connector.sign_in:
            case OAuthSignIn(service=service, rotates=rotates, rules=rules):
                refresh = self._refresh(connector.id, service)
            case Password():
                lasting = PASSWORD_REFUSED
            case ApiToken() | SecretLink() | OnThisComputer():
                pass
            case other:
                assert_never(other)
        self._tokens[key] = AccountTokens(
            key=key,
            vault=self._vault,
            refresh=refresh,
            lock_folder=self._lock_folder,
            clock=self._clock,
            rotates=rotates,
            ended=rules.ended,
            lasting=lasting,
        )
        return self._tokens[key]

    def _refresh(self, provider: ProviderId, service: OAuthService) -> SendRefresh:
        async def refresh(client_id: str, refresh_token: str) -> TokenAnswer:
            ask = partial(
                oauth.refresh, self._http, service, client_id=client_id, refresh_token=refresh_token
            )
            if service.own_client is None:
                return await ask()
            return await self._oauth_clients.refresh(provider, client_id, ask)

        return refresh


def _store_of(account: NewAccount, secret: str) -> Callable[[], Awaitable[Integration]]:
    """What keeps `account`, once it is known whose `secret` is. Raises SignInError."""
    connector = account.connector
    match connector.sign_in:
        case Password() as how:
            given = _credentials(secret, account.expected)
            return partial(account.store_credentials, how, given)
        case SecretLink():
            secret = check_link(secret)
        case ApiToken(pasted=pasted) | OAuthSignIn(pasted=PastedTokens() as pasted):
            if not pasted.fits(secret):
                raise SignInError(
                    translated(
                        "This does not look like an API token. Copy all of it and try again."
                    )
                )
        case OAuthSignIn():
            raise SignInError(
                translated(
                    "{service} has no tokens to paste. Connect with your browser.",
                    service=translated(connector.signs_in_with),
                )
            )
        case OnThisComputer():
            raise SignInError(
                translated(
                    "{service} needs no token: just connect.", service=translated(connector.name)
                )
            )
        case other:
            assert_never(other)
    answer = TokenAnswer(access_token=secret, refresh_token=None, expires_in=None, scope=None)
    return partial(account.store, answer, client_id="")


def _credentials(text: str, expected: AccountKey | None) -> Credentials:
    """What a person typed; on a reconnect the server and the user name stand already."""
    given = credentials_from_text(text)
    if expected is not None:
        server, user_name = server_and_user_name(expected.user_id)
        given = replace(
            given, server=given.server or server, user_name=given.user_name or user_name
        )
    return typed_credentials(given)


async def _never_refreshed(_client_id: str, _refresh_token: str) -> TokenAnswer:
    """For kinds of sign-in without refresh tokens, should one be left from another kind."""
    raise AuthRequired(translated(SIGN_IN_ENDED))


def _revocable(connector: Connector | None) -> OAuthService | None:
    """The service, where it ends oO's access when it is asked to."""
    if connector is None or not isinstance(connector.sign_in, OAuthSignIn):
        return None
    service = connector.sign_in.service
    return service if service.revocation_url is not None else None


def _browser_of(connector: Connector | None) -> BrowserPassword | None:
    """How a server makes passwords for oO, and ends them, where some do."""
    if connector is None or not isinstance(connector.sign_in, Password):
        return None
    return connector.sign_in.browser


def _made(tokens: Tokens | None) -> Credentials | None:
    """The password that a server made for oO; None where a person did, or it is not there."""
    if tokens is None:
        return None
    try:
        made = credentials_from_text(tokens.access)
    except SignInError:  # an entry that oO cannot have written
        return None
    return made if made.made_for_us else None
