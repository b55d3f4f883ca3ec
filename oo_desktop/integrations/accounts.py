"""Connect, reconnect and disconnect accounts, and give each its HTTP client."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.clock import Clock
from oo_desktop.connectors.sign_in import Provider
from oo_desktop.errors import SignInError, Unavailable, VaultError
from oo_desktop.events import (
    EventBus,
    IntegrationsChanged,
    SignInChanged,
    TokenExpired,
    TokenRestored,
)
from oo_desktop.http.client import Http, ServiceClient
from oo_desktop.http.secret_link import LinkClient, check_link
from oo_desktop.integrations.oauth_clients import OAuthClients
from oo_desktop.integrations.sign_in import SignIn
from oo_desktop.integrations.tokens import AccountTokens
from oo_desktop.integrations.vault import Tokens, TokenVault
from oo_desktop.model.integrations import Integration
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import SignInState, TokenStatus
from oo_desktop.oauth import messages as oauth
from oo_desktop.oauth.messages import TokenAnswer
from oo_desktop.store.oauth_clients import OAuthClientStore

log = logging.getLogger(__name__)

REVOCATION_SECONDS = 10.0
"""How long a service has for ending oO's access; it is forgotten here in any case."""

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

    def __init__(self, sign_in: SignIn, task: "asyncio.Task[Integration]") -> None:
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
            raise SignInError("The sign-in ended before it began.")
        return shown.result()

    async def result(self) -> Integration:
        """Wait for the account and return it; to stop waiting does not stop the sign-in.

        Raises SignInError or SourceError.
        """
        try:
            return await asyncio.shield(self.task)
        except asyncio.CancelledError:
            if self.task.cancelled():
                raise SignInError("The sign-in was cancelled.") from None
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
        providers: Iterable[Provider],
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
        self.providers = {provider.service.provider: provider for provider in providers}
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
            and integration.key.provider in self.providers
        )

    def sign_ins(self) -> tuple[SignInState, ...]:
        """Return the sign-ins that wait for the browser now."""
        states = (running.sign_in.state for running in self._running.values())
        return tuple(state for state in states if state is not None)

    def may_write(self, key: AccountKey) -> bool:
        """Return whether the account's owner lets oO change things at the service."""
        integration = self._vault.integration(key)
        provider = self.providers.get(key.provider)
        if integration is None or provider is None:
            return False
        return provider.rules.may_write(integration.granted)

    def lack(self, integration: Integration) -> str | None:
        """Say what an account cannot do for want of its owner's consent or a connector, if so."""
        provider = self.providers.get(integration.key.provider)
        if provider is None:
            return "oO does not know this service any more. Is its plug-in still installed?"
        return provider.rules.lack(integration.granted)

    def client(self, provider: ProviderId, user_id: UserId) -> ServiceClient:
        """Return the one HTTP client that speaks for this account, in reading and in writing."""
        key = AccountKey(provider, user_id)
        if key not in self._clients:
            setup = self.providers[provider]
            self._clients[key] = ServiceClient(
                http=self._http,
                base_url=setup.api_url,
                tokens=self._account_tokens(key, setup),
                clock=self._clock,
                origin_name=setup.service.name,
            )
        return self._clients[key]

    def link(self, provider: ProviderId, user_id: UserId) -> LinkClient:
        """Return the HTTP client of an account that is a link."""
        key = AccountKey(provider, user_id)
        if key not in self._links:
            tokens = self._account_tokens(key, self.providers[provider])
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
        self, provider: ProviderId, *, expected: AccountKey | None = None, write: bool = False
    ) -> RunningSignIn:
        """Begin a sign-in, or return the one that already waits.

        One that waits is cancelled where this asks for somebody else, or for more. Raises
        SignInError where the service is not connected in this way.

        expected: on a reconnect, the account that must come back.
        write: ask for the wider consent to change things at the service.
        """
        running = self._running.get(provider)
        if running is not None and not running.task.done():  # `_ended` comes a little later
            waiting = running.sign_in
            if expected in (None, waiting.expected) and (waiting.write or not write):
                return running
            running.task.cancel()
        setup = self._provider(provider)
        if setup.link_identity is not None:
            raise SignInError(
                "Copy the calendar’s current link and paste it in oO’s menu, under Accounts, or "
                f"give it to: oo-desktop connect {provider}"
            )
        if not setup.has_sign_in:
            raise SignInError(
                f"{setup.service.name} is connected with a token of yours. Paste it in the menu, "
                f"or run: oo-desktop connect {provider} --token"
            )
        sign_in = self._sign_in(provider, expected, write=write)
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
        service = self._provider(provider).service
        if not service.own_client:
            raise SignInError(f"{service.name} needs no client: just connect.")
        await self._oauth_clients.bring(provider, text)
        running = self._running.get(provider)
        if running is not None:
            running.task.cancel()
            await asyncio.wait({running.task})

    def cancel(self, provider: ProviderId) -> None:
        """Stop a sign-in that waits for the browser, if there is one; no account changes."""
        running = self._running.get(provider)
        if running is not None:
            running.task.cancel()

    async def connect_with_token(
        self, provider: ProviderId, token: str, *, expected: AccountKey | None = None
    ) -> Integration:
        """Connect with a personal API token, or a calendar's link, that was pasted.

        Returns the account, which is stored and published by then. Raises SignInError, SourceError.
        """
        setup = self._provider(provider)
        service = setup.service
        if service.own_client:
            raise SignInError(f"{service.name} has no tokens to paste. Connect with your browser.")
        token = token.strip()
        if setup.link_identity is not None:
            token = check_link(token)
        elif not setup.pasted.fits(token):
            raise SignInError("This does not look like an API token. Copy all of it and try again.")
        answer = TokenAnswer(access_token=token, refresh_token=None, expires_in=None, scope=None)
        sign_in = self._sign_in(provider, expected)
        return await self._run(partial(sign_in.store, answer, client_id=""))

    async def disconnect(self, key: AccountKey) -> Disconnected:
        """Forget the account here, then ask the service to end oO's access, where it can be asked.

        Deletes its keyring entry, its row, its cached signals and its waiting clicks. Raises
        SignInError when it is not connected, VaultError while the keyring is locked (nothing is
        deleted then: a secret must not be left behind unseen), StoreError.
        """
        integration = self._vault.integration(key)
        if integration is None:
            raise SignInError("This account is not connected.")
        provider = self.providers.get(key.provider)
        revocable = provider is not None and provider.service.revocation_url is not None
        tokens = await self._last_tokens(key) if revocable else None
        await self._vault.disconnect(key)
        self._drop_client(key)
        dropped = self._forget(key)
        self._bus.publish(TokenRestored(key))
        self._bus.publish(IntegrationsChanged())
        gone = Disconnected(
            key=key,
            label=integration.label,
            dropped=dropped,
            revoke_url=provider.revoke_url if provider else "",
        )
        if provider is None or not revocable:
            return gone
        return await self._revoked(gone, provider, tokens)

    async def aclose(self) -> None:
        """End every sign-in, and wait for token work that must not be cut short."""
        tasks = [running.task for running in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(tokens.aclose() for tokens in self._tokens.values()))

    # Within

    def _provider(self, provider: ProviderId) -> Provider:
        setup = self.providers.get(provider)
        if setup is None:
            known = ", ".join(self.providers)
            raise SignInError(f"oO does not know a service called {provider}, only {known}.")
        return setup

    async def _last_tokens(self, key: AccountKey) -> Tokens | None:
        try:
            return await self._vault.tokens(key)
        except VaultError:
            return None

    async def _revoked(
        self, gone: Disconnected, provider: Provider, tokens: Tokens | None
    ) -> Disconnected:
        """`gone`, and what became of oO's access at the service."""
        service = provider.service
        revoked = False
        if tokens is not None:
            with suppress(Unavailable, TimeoutError):
                async with asyncio.timeout(self._revoking):
                    revoked = await oauth.revoke(
                        self._http, service, token=tokens.refresh or tokens.access
                    )
        if revoked:
            note = (
                f"{service.name} has ended oO’s access, and with it that of oO on your other "
                "computers with the same client."
            )
            return replace(gone, revoke_url="", revoked=True, note=note)
        log.info("%s: the access could not be ended at the service", gone.key.provider)
        note = f"oO could not end its access at {service.name}. You can do it at {gone.revoke_url}"
        return replace(gone, revoked=False, note=note)

    def _sign_in(
        self, provider: ProviderId, expected: AccountKey | None, *, write: bool = False
    ) -> SignIn:
        return SignIn(
            provider=self._provider(provider),
            http=self._http,
            vault=self._vault,
            oauth_clients=self._oauth_clients,
            registered=self._registered,
            clock=self._clock,
            expected=expected,
            write=write,
            changed=lambda: self._bus.publish(SignInChanged(provider)),
        )

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

    def _drop_client(self, key: AccountKey) -> None:
        """A new token means a new client: no pause, no cached token of the old one survives."""
        self._clients.pop(key, None)
        self._links.pop(key, None)
        self._tokens.pop(key, None)

    def _account_tokens(self, key: AccountKey, provider: Provider) -> AccountTokens:
        service = provider.service

        async def refresh(client_id: str, refresh_token: str) -> TokenAnswer:
            ask = partial(
                oauth.refresh, self._http, service, client_id=client_id, refresh_token=refresh_token
            )
            if not service.own_client:
                return await ask()
            return await self._oauth_clients.refresh(service.provider, client_id, ask)

        self._tokens[key] = AccountTokens(
            key=key,
            vault=self._vault,
            refresh=refresh,
            lock_folder=self._lock_folder,
            clock=self._clock,
            rotates=provider.rotates,
            ended=provider.rules.ended,
        )
        return self._tokens[key]
