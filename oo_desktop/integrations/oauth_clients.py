"""Keep the OAuth clients a user made in a service's console, where it registers none by itself.

The console gives each as a file, which its connector can read. Such a file is brought by the window
or the command line, or its two values stand in config.toml. Which client is used next is whichever
was brought last; an account goes on with the one it was connected with, for its refresh token is of
no use to any other.

A client that was brought is a candidate, in memory only, until the service has accepted its id and
secret: a console may show a secret just once, so the one that works must not make room for a wrong
one.

The id is in the store (`oauth_clients`), the secret in the keyring: `oo-desktop:client:<provider>:
<client id>`, an entry for each client. A secret in config.toml is moved there as soon as the
keyring lets it; until then it is used from where it is. It is no great secret (RFC 8252, 8.5), but
it is the user's, and whoever has it can spend the quota of their project.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Protocol

from oo_desktop.clock import Clock
from oo_desktop.connectors.base import Connector, OAuthSignIn
from oo_desktop.errors import StoreError, VaultError
from oo_desktop.integrations.vault import TokenVault
from oo_desktop.model.signals import ProviderId
from oo_desktop.oauth.messages import (
    Misconfigured,
    OAuthClient,
    OAuthService,
    OwnClient,
    TokenAnswer,
)
from oo_desktop.store.oauth_clients import OAuthClientStore, RegisteredClient

log = logging.getLogger(__name__)

MOVE_PAUSE_SECONDS = 60.0
"""Between attempts to move a secret into a keyring that cannot be used yet."""


class SendWithSecret(Protocol):
    """Sends a refresh that lacks but the secret; raises as `oauth.refresh` does."""

    async def __call__(self, *, client_secret: str | None) -> TokenAnswer: ...


class OAuthClients:
    """Manages the users' own clients, one for a provider. Used from the loop's thread.

    configured: what config.toml says.
    forget: called in a thread once a configured secret is in the keyring, to take it out of there.
    """

    def __init__(
        self,
        *,
        store: OAuthClientStore,
        vault: TokenVault,
        clock: Clock,
        configured: Mapping[ProviderId, OAuthClient] | None = None,
        forget: Callable[[ProviderId, str], object] = lambda _provider, _secret: None,
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._configured = dict(configured or {})
        self._forget = forget
        self._candidates: dict[ProviderId, OAuthClient] = {}
        self._moving: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def start(self) -> None:
        """Begin to move secrets from config.toml into the keyring."""
        if any(client.secret for client in self._configured.values()):
            self._moving = asyncio.get_running_loop().create_task(self._move_all())

    def configure(self, provider: ProviderId, client: OAuthClient | None) -> None:
        """Take in what config.toml says now; None: nothing. Needs a running loop."""
        if client is None:
            self._configured.pop(provider, None)
            return
        self._configured[provider] = client
        if self._moving is None or self._moving.done():
            self.start()

    async def aclose(self) -> None:
        """Stop moving secrets."""
        if self._moving is not None:
            self._moving.cancel()
            await asyncio.wait({self._moving})

    async def current(self, provider: ProviderId) -> OAuthClient | None:
        """Return the client to sign in with next, None where there is none.

        Raises VaultError, StoreError.
        """
        candidate = self._candidates.get(provider)
        if candidate is not None:
            return candidate
        configured = self._configured.get(provider)
        if configured is not None and configured.secret:
            return configured
        brought = self._store.get(provider)
        if brought is None and configured is None:
            return None
        client_id = brought.client_id if brought is not None else configured.client_id  # type: ignore[union-attr]  # one of them is there
        return OAuthClient(client_id=client_id, secret=await self.secret(provider, client_id))

    async def secret(self, provider: ProviderId, client_id: str) -> str | None:
        """Return the secret of a client, for an account that was connected with it.

        Raises VaultError.
        """
        configured = self._configured.get(provider)
        if configured is not None and configured.client_id == client_id and configured.secret:
            return configured.secret
        return await self._vault.oauth_client_secret(provider, client_id)

    async def bring(self, provider: ProviderId, client: OAuthClient) -> None:
        """Sign in with `client` from now on.

        It is kept once the service accepted it; until then what is kept stays as it is.

        Raises VaultError while the keyring cannot be used, for nobody should sign in with what
        cannot be kept then.
        """
        await self._vault.oauth_client_secret(provider, client.client_id, fresh=True)
        self._candidates[provider] = client

    async def keep_candidate(self, provider: ProviderId, client: OAuthClient) -> None:
        """Keep id and secret, if this is the candidate: the service has accepted them.

        Raises VaultError or StoreError where they cannot be kept; it stays the candidate then.
        """
        async with self._turn:
            if self._candidates.get(provider) is not client:
                return
            configured = self._configured.get(provider)
            if configured is not None and configured.client_id != client.client_id:
                await self._keep_secret(provider, configured)  # for accounts that have it already
            await self._keep_secret(provider, client)
            self._use(provider, client)
            if self._candidates.get(provider) is client:  # else another was brought meanwhile
                del self._candidates[provider]
        if configured is not None and configured.secret:  # else it would be the newer one again
            await self._forget_configured(provider, configured.secret)

    def drop_candidate(self, provider: ProviderId, client: OAuthClient) -> None:
        """Forget it, if this is the candidate: the service did not accept it.

        What was there before serves again.
        """
        if self._candidates.get(provider) is client:
            del self._candidates[provider]
            log.info("%s: the client that was brought is not accepted", provider)

    async def delete(self, provider: ProviderId, client_ids: Iterable[str]) -> None:
        """Forget the client of a service: its secret, and those of `client_ids`, and its row.

        A secret in config.toml stays there. Raises VaultError, StoreError.
        """
        async with self._turn:
            self._candidates.pop(provider, None)
            kept = self._store.get(provider)
            configured = self._configured.get(provider)
            known = {each.client_id for each in (kept, configured) if each is not None}
            for client_id in sorted(known.union(client_ids)):
                await self._vault.delete_oauth_client_secret(provider, client_id)
            self._store.delete(provider)

    async def refresh(
        self, provider: ProviderId, client_id: str, send: SendWithSecret
    ) -> TokenAnswer:
        """Return new tokens for an account, got with the secret of the client it has.

        A secret that was changed at the service is mended by the one brought since: what it
        refreshes, it is good for. Raises VaultError, and what `send` raises.
        """
        try:
            return await send(client_secret=await self.secret(provider, client_id))
        except Misconfigured:
            candidate = self._candidates.get(provider)
            if candidate is None or candidate.client_id != client_id:
                raise
        answer = await send(client_secret=candidate.secret)
        with suppress(VaultError, StoreError):  # the tokens must not be lost over it
            await self.keep_candidate(provider, candidate)
        return answer

    async def _keep_secret(self, provider: ProviderId, client: OAuthClient) -> None:
        if client.secret is not None:
            await self._vault.store_oauth_client_secret(provider, client.client_id, client.secret)

    def _use(self, provider: ProviderId, client: OAuthClient) -> None:
        """Sign in with it from now on. Its secret is kept: without, the service would refuse it."""
        self._store.save(
            RegisteredClient(
                provider=provider,
                client_id=client.client_id,
                register_url="",
                redirect_uris=(),
                registered_at=self._clock.now(),
            )
        )
        configured = self._configured.get(provider)
        if configured is not None:
            self._configured[provider] = OAuthClient(client_id=configured.client_id)
        log.info("%s: signing in with another client from now on", provider)

    async def _forget_configured(self, provider: ProviderId, secret: str) -> None:
        await asyncio.to_thread(self._forget, provider, secret)

    async def _move_all(self) -> None:
        while True:
            waiting = [provider for provider, each in self._configured.items() if each.secret]
            if not waiting:
                return
            for provider in waiting:
                with suppress(VaultError, StoreError):  # until then it works from config.toml
                    await self._move(provider)
            if any(each.secret for each in self._configured.values()):
                await self._clock.sleep(MOVE_PAUSE_SECONDS)

    async def _move(self, provider: ProviderId) -> None:
        async with self._turn:
            client = self._configured.get(provider)
            if client is None or client.secret is None:  # another was brought meanwhile
                return
            await self._keep_secret(provider, client)
            self._use(provider, client)
        await self._forget_configured(provider, client.secret)


def configured_clients(connectors: Iterable[Connector]) -> Mapping[ProviderId, OAuthClient]:
    """Return the clients of the user's own that config.toml names."""
    found: dict[ProviderId, OAuthClient] = {}
    for connector in connectors:
        match connector.sign_in:
            case OAuthSignIn(service=OAuthService(own_client=OwnClient(configured=named))) if named:
                found[connector.id] = named
            case _:
                pass
    return found
