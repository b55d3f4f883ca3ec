"""Sign in, from the click to a stored account: RFC 8252 with PKCE, in the system browser.

    register a client (once) → open the loopback receiver → browser → callback → exchange
    → who is it? → the right person? → keyring → row

A sign-in ends in exactly one of two ways: with an `Integration`, or with an OoError whose sentence
says why. Nothing that existed before it is touched unless it succeeds.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from msgspec.structs import replace

from oo_desktop.clock import Clock
from oo_desktop.connectors.sign_in import Provider
from oo_desktop.errors import SignInError, SourceError, Unavailable, VaultError
from oo_desktop.http.client import Http, NotSent, ServiceClient
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.integrations.loopback import Callback, LoopbackReceiver
from oo_desktop.integrations.oauth_clients import OAuthClient, OAuthClients
from oo_desktop.integrations.vault import Tokens, TokenVault
from oo_desktop.model.integrations import Integration
from oo_desktop.model.signals import AccountKey
from oo_desktop.model.source import Identity
from oo_desktop.model.state import SignInState, TokenStatus
from oo_desktop.oauth import messages as oauth
from oo_desktop.oauth.messages import ClientRefused, TokenAnswer
from oo_desktop.store.oauth_clients import OAuthClientStore, RegisteredClient

log = logging.getLogger(__name__)

SIGN_IN_SECONDS = 300.0
"""How long a sign-in waits for the person in the browser."""

IDENTITY_PAUSES_SECONDS = (1.0, 3.0, 9.0)
"""After each attempt to learn who signed in, before the next."""

MAX_IDENTITY_PAUSE_SECONDS = 30.0
"""However much patience the service asks for: a person is waiting."""

KEYRING_PAUSE_SECONDS = 2.0
"""Between attempts to store a new account while the keyring is locked."""


class ClientNeeded(SignInError):
    """Says that the service takes only clients that its users made, and there is none yet."""


class FreshToken:
    """Holds the token of somebody who is just signing in: it is not refreshed, only tried.

    problem: what to say when the service does not accept it.
    """

    def __init__(self, access_token: str, *, problem: str) -> None:
        self._access_token = access_token
        self._problem = problem

    async def access_token(self) -> str:
        """Return the token."""
        return self._access_token

    async def renewed(self, refused: str) -> str:  # noqa: ARG002  # BearerTokens' signature
        """Raise SignInError: there is no other."""
        raise SignInError(self._problem)


class SignIn:
    """Makes one attempt. `run` does it all; `state` is what can be shown meanwhile.

    shown: done with the address to open, as soon as there is one.

    expected: on a reconnect, the account that must come back.
    write: the user wants to change things at the service, where that takes a wider consent.
    changed: called whenever `state` changed.
    """

    def __init__(
        self,
        *,
        provider: Provider,
        http: Http,
        vault: TokenVault,
        oauth_clients: OAuthClients,
        registered: OAuthClientStore,
        clock: Clock,
        expected: AccountKey | None = None,
        write: bool = False,
        changed: Callable[[], None] = lambda: None,
        patience: float = SIGN_IN_SECONDS,
    ) -> None:
        self.provider = provider
        self.expected = expected
        self.write = write
        self.state: SignInState | None = None
        self.shown: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._accepted: OAuthClient | None = None
        self._http = http
        self._vault = vault
        self._oauth_clients = oauth_clients
        self._registered = registered
        self._clock = clock
        self._changed = changed
        self._patience = patience

    async def run(self) -> Integration:
        """Wait for the browser, then store the account and return it.

        Ends with the first of: the account, the person's No, a refusal of the service, or
        `patience`. Raises SignInError, SourceError or StoreError.
        """
        attempt = oauth.new_attempt()
        service = self.provider.service
        async with LoopbackReceiver(
            path=self.provider.callback_path,
            state=attempt.state,
            ports=self.provider.callback_ports,
            advertise=self.provider.callback_host,
            issuers=service.issuers,
        ) as receiver:
            client, reused = await self._client(receiver.redirect_uri)
            self._show(
                oauth.authorize_url(
                    service,
                    client_id=client.client_id,
                    redirect_uri=receiver.redirect_uri,
                    attempt=attempt,
                    scope=self._scope(),
                    hint=self.expected.user_id if self.expected else None,
                )
            )
            try:
                callback = await self._wait(receiver)
            except (SignInError, asyncio.CancelledError):
                # A client the service has forgotten shows its error in the browser, never here.
                if reused:
                    self._registered.delete(service.provider)
                raise
            redirect_uri = receiver.redirect_uri
        if callback.code is None:
            raise SignInError(oauth.denied_reason(callback.error or ""))
        answer = await self._exchange(client, callback.code, redirect_uri, attempt.verifier)
        self._accepted = client
        with suppress(VaultError):  # it is tried again for as long as the account's tokens are
            await self._keep_client()
        refusal = self.provider.rules.refusal(answer, frozenset(self._granted(answer).split()))
        if refusal is not None:
            raise SignInError(refusal)
        return await self.store(answer, client_id=client.client_id)

    async def store(self, answer: TokenAnswer, *, client_id: str) -> Integration:
        """Ask who the token belongs to, keep the account and return it.

        Waits for a keyring that is locked, for up to `patience`. Raises SignInError where it stays
        so, where it is somebody else's than expected, or where the service does not say whose it
        is; SourceError, StoreError.

        client_id: the OAuth client the token was given to; empty: it was pasted.
        """
        identity = await self._identity(answer, pasted=not client_id)
        if self.provider.link_identity is not None:
            identity = self._same_calendar(identity)
        key = AccountKey(self.provider.service.provider, identity.user_id)
        if self.expected is not None and key != self.expected:
            known = self._vault.integration(self.expected)
            label = known.label if known else self.expected.user_id
            raise SignInError(
                f"You signed in as {identity.label}, not as {label}. "
                f"{label} is unchanged; to add {identity.label}, choose Connect."
            )
        now = self._clock.now()
        expires_at = (
            None if answer.expires_in is None else now + timedelta(seconds=answer.expires_in)
        )
        integration = Integration(
            key=key,
            label=identity.label,
            scopes=self._granted(answer),
            client_id=client_id,
            expires_at=expires_at,
            connected_at=now,
            updated_at=now,
        )
        tokens = Tokens(
            access=answer.access_token,
            refresh=answer.refresh_token,
            expires_at=expires_at,
            lifetime=answer.expires_in,
            granted_at=now if self.provider.service.own_client else None,
        )
        await self._keep(integration, tokens)
        return integration

    async def _identity(self, answer: TokenAnswer, *, pasted: bool) -> Identity:
        """Whose token it is. Asked a few times, for nobody should have to agree twice."""
        name = self.provider.service.name
        problem = (
            f"{name} does not accept this token. Check it and try again."
            if pasted
            else f"{name} does not accept what it has just given out. Try again."
        )
        token = FreshToken(answer.access_token, problem=problem)
        if self.provider.link_identity is not None:
            return await self._calendar(self.provider.link_identity, token)
        for pause in IDENTITY_PAUSES_SECONDS:
            try:
                return await self._asked_who(token)
            except Unavailable as error:
                asked_for = min(error.retry_after or 0, MAX_IDENTITY_PAUSE_SECONDS)
                await self._clock.sleep(max(pause, asked_for))
            except SourceError as error:
                raise SignInError(f"{name} did not say whose account this is: {error}") from error
        raise SignInError(f"{name} did not say whose account this is. Try again later.")

    async def _calendar(
        self, named: Callable[[LinkClient], Awaitable[Identity]], token: FreshToken
    ) -> Identity:
        """The calendar behind a link. Asked once: nobody has agreed to anything, and whoever
        pasted the link waits to hear what is wrong with it."""
        try:
            return await named(LinkClient(http=self._http, secret=token.access_token))
        except NotSent as error:
            raise SignInError(
                "This calendar cannot be reached. Check the link and your connection."
            ) from error
        except Unavailable as error:
            # What oO does by itself with an account it has, it does not do here.
            sentence, promise, _ = str(error).partition(". oO ")
            raise SignInError(f"{sentence}. Try again later." if promise else sentence) from error
        except SourceError as error:
            raise SignInError(str(error)) from error

    def _same_calendar(self, identity: Identity) -> Identity:
        """`identity` as the account it renews: a calendar whose link changed is the same calendar.

        Its owner says so, or it has the name of the one calendar that waits for a new link.
        """
        if self.expected is not None:
            return Identity(self.expected.user_id, identity.label, identity.zone)
        links = [
            known
            for known in self._vault.integrations()
            if known.key.provider == self.provider.service.provider
        ]
        dead = [link for link in links if link.token_status is TokenStatus.NEEDS_RECONNECT]
        is_known = any(link.key.user_id == identity.user_id for link in links)
        if is_known or len(dead) != 1 or dead[0].label != identity.label:
            return identity
        return Identity(dead[0].key.user_id, identity.label, identity.zone)

    async def _asked_who(self, token: FreshToken) -> Identity:
        client = ServiceClient(
            http=self._http,
            base_url=self.provider.api_url,
            tokens=token,
            clock=self._clock,
            origin_name=self.provider.service.name,
        )
        return await self.provider.identity(client)

    def _scope(self) -> str:
        """What to ask for: a reconnect must not lose what the account was allowed before."""
        rules = self.provider.rules
        known = self._vault.integration(self.expected) if self.expected else None
        writes = known is not None and rules.may_write(known.granted)
        return rules.scope(self.provider.service, write=self.write or writes)

    def _granted(self, answer: TokenAnswer) -> str:
        """A service that does not say grants what was asked for (RFC 6749, 5.1)."""
        return answer.scope or self._scope()

    async def _client(self, redirect_uri: str) -> tuple[OAuthClient, bool]:
        """The client to sign in with, and whether it was registered earlier."""
        service = self.provider.service
        if service.own_client:
            return await self._own_client(), False
        if self.provider.client_id:
            return OAuthClient(client_id=self.provider.client_id), False
        if service.register_url is None:
            raise SignInError(f"Signing in to {service.name} needs a client id in config.toml.")
        known = self._registered.get(service.provider)
        if (
            known is not None
            and known.register_url == service.register_url
            and redirect_uri in known.redirect_uris
        ):
            return OAuthClient(client_id=known.client_id), True
        uris = self.provider.redirect_uris
        client_id = await oauth.register(self._http, service, redirect_uris=uris)
        self._registered.save(
            RegisteredClient(
                provider=service.provider,
                client_id=client_id,
                register_url=service.register_url,
                redirect_uris=uris,
                registered_at=self._clock.now(),
            )
        )
        return OAuthClient(client_id=client_id), False

    async def _own_client(self) -> OAuthClient:
        service = self.provider.service
        try:
            client = await self._oauth_clients.current(service.provider)
        except VaultError as error:
            raise SignInError(f"{error} Then sign in again.") from error
        if client is None:
            raise ClientNeeded(
                f"{service.name} needs a client of your own; the README shows how to make one in "
                "five minutes. Then bring its file: "
                f"oo-desktop connect {service.provider} --client FILE"
            )
        return client

    async def _wait(self, receiver: LoopbackReceiver) -> Callback:
        try:
            async with asyncio.timeout(self._patience):
                return await receiver.receive()
        except TimeoutError:
            raise SignInError(
                "The sign-in was not finished in the browser. Try again when you have a minute."
            ) from None

    async def _exchange(
        self, client: OAuthClient, code: str, redirect_uri: str, verifier: str
    ) -> TokenAnswer:
        service = self.provider.service
        try:
            return await oauth.exchange(
                self._http,
                service,
                client_id=client.client_id,
                client_secret=client.secret,
                code=code,
                redirect_uri=redirect_uri,
                verifier=verifier,
            )
        except ClientRefused:
            if service.own_client:
                self._oauth_clients.drop_candidate(service.provider, client)
            else:
                self._registered.delete(service.provider)
            raise

    async def _keep(self, integration: Integration, tokens: Tokens) -> None:
        """Store the account, for as long as the keyring takes: the code is spent already."""
        end = self._clock.monotonic() + self._patience
        while True:
            try:
                await self._keep_client()
                await self._vault.connect(integration, tokens)
            except VaultError as error:
                if self._clock.monotonic() >= end:
                    raise SignInError(f"{error} Then sign in again.") from error
                self._note(str(error))
                await self._clock.sleep(KEYRING_PAUSE_SECONDS)
            else:
                return

    async def _keep_client(self) -> None:
        if self._accepted is not None:
            await self._oauth_clients.keep_candidate(self.provider.service.provider, self._accepted)

    def _show(self, url: str) -> None:
        now = self._clock.now()
        self.state = SignInState(
            provider=self.provider.service.provider,
            url=url,
            started_at=now,
            ends_at=now + timedelta(seconds=self._patience),
        )
        self.shown.set_result(url)
        self._changed()

    def _note(self, note: str) -> None:
        log.info("a new account waits to be stored: %s", note)
        if self.state is not None:
            self.state = replace(self.state, note=note)
            self._changed()
