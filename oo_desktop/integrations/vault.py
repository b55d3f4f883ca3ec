"""Keep tokens at rest: the one door to `integration_tokens` and to the OS keyring.

The keyring holds one entry per account, `oo-desktop:<provider>:<user_id>` with the user id as its
user name: a service name of its own for each account, because on Windows an older entry of the same
service is moved aside (https://github.com/jaraco/keyring/blob/main/keyring/backends/Windows.py).
Its value is compact JSON of at most `MAX_ENTRY_CHARACTERS`, since Windows takes no more than 1,280.
The secret of an OAuth client has an entry too, `oo-desktop:client:<provider>:<client id>`. What is
read once is kept in memory, because a look into the keyring costs a D-Bus journey and may ask the
user.

Order of writing. Connecting writes the keyring first and the row after it: a crash in between
leaves a secret without a row, which the next sign-in overwrites; the other way round it would leave
an active account without a token. Disconnecting deletes the keyring entry first: a crash in between
leaves a row that asks for a reconnect or is disconnected again, where the other order would leave a
secret that nobody sees any more.

An account of this computer has no entry: its row is all there is, and no keyring is asked.

A keyring that cannot be used never signs anybody out: that is `VaultError`, and only a keyring that
answers "there is no such entry" makes `tokens` return None.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.clock import Clock
from oo_desktop.errors import StoreError, VaultError
from oo_desktop.language import translated
from oo_desktop.model.integrations import Integration, SentRefresh
from oo_desktop.model.signals import AccountKey, ProviderId
from oo_desktop.model.state import TokenStatus
from oo_desktop.store.integrations import IntegrationStore

log = logging.getLogger(__name__)

MAX_ENTRY_CHARACTERS = 1200
"""Of a keyring entry. Windows allows 2,560 bytes of UTF-16 (CRED_MAX_CREDENTIAL_BLOB_SIZE), and
`keyring` passes on whatever it is given: https://github.com/jaraco/keyring/issues/540"""


class Keyring(Protocol):
    """Keeps secrets; `keyring.KeyringPort` is the real one. Every method may raise VaultError."""

    @property
    def name(self) -> str:
        """Return which keyring answered last; empty before the first answer."""
        ...

    async def get(self, service: str, username: str) -> str | None:
        """Return the entry; None where the keyring can be read and has none."""
        ...

    async def set(self, service: str, username: str, value: str) -> None:
        """Write the entry, replacing what it was."""
        ...

    async def delete(self, service: str, username: str) -> None:
        """Delete the entry; one that is not there is as good as deleted."""
        ...


class Tokens(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Opens an account. This is also what the keyring entry holds, as JSON.

    access: empty when it was too long for the keyring; the refresh token brings another.
    refresh: None where there is none: a personal API token, or the answer with it was lost.
    expires_at: when `access` does; None: never, or the service did not say.
    lifetime: seconds `access` was given for, or None.
    generation: counts the renewals since the sign-in.
    granted_at: when the person consented, where the age of a consent says why it ended.
    """

    access: str
    refresh: str | None = None
    expires_at: datetime | None = None
    lifetime: float | None = None
    generation: int = 0
    granted_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Tokens(generation={self.generation}, expires_at={self.expires_at}, …)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own would show every field
        return [("generation", self.generation), ("expires_at", self.expires_at)]


_tokens_decoder = msgspec.json.Decoder(Tokens)


class TokenVault:
    """Keeps every connected account and its tokens. Used from the loop's thread.

    Each method may raise StoreError; those that are awaited may raise VaultError too, where the
    keyring cannot be used.
    """

    def __init__(self, *, integrations: IntegrationStore, keyring: Keyring, clock: Clock) -> None:
        self._integrations = integrations
        self._keyring = keyring
        self._clock = clock
        self._cached: dict[AccountKey, Tokens] = {}
        self._secrets: dict[tuple[ProviderId, str], str] = {}
        self._turn = asyncio.Lock()

    # What is known without the keyring

    @property
    def keyring_name(self) -> str:
        """Return which keyring answered last; empty before the first answer."""
        return self._keyring.name

    def integrations(self) -> tuple[Integration, ...]:
        """Return every connected account, in the order they were first connected."""
        return self._integrations.all()

    def integration(self, key: AccountKey) -> Integration | None:
        """Return the account; None where it is not connected."""
        return self._integrations.get(key)

    def set_status(
        self, key: AccountKey, status: TokenStatus, *, reason: str | None = None
    ) -> bool:
        """Set whether the account works; return whether that changed anything.

        reason: why, in a sentence without any secret; that of a status that was so already stays.
        """
        now = self._clock.now()
        return self._integrations.set_status(key, status, now=now, reason=reason)

    def refresh_sent(self, key: AccountKey) -> SentRefresh | None:
        """Return the renewal that was sent and whose answer was never stored, if there is one."""
        return self._integrations.refresh_sent(key)

    def set_refresh_sent(self, key: AccountKey, sent: SentRefresh | None) -> None:
        """Note a renewal before it is sent; None when it was certainly not performed."""
        self._integrations.set_refresh_sent(key, sent)

    def calendars(self, key: AccountKey) -> Mapping[str, bool]:
        """Return which calendars the user chose to see (True) or not to see, by their ids."""
        return self._integrations.calendars(key)

    def show_calendar(self, key: AccountKey, calendar: str, *, shown: bool) -> None:
        """Remember the user's choice; a reconnect keeps it."""
        self._integrations.show_calendar(key, calendar, shown=shown)

    def notified_at(self, key: AccountKey) -> datetime | None:
        """Return when the user was last asked to reconnect this account."""
        return self._integrations.notified_at(key)

    def set_notified(self, key: AccountKey, at: datetime | None) -> None:
        """Note when the user was asked to reconnect this account; None: it works again."""
        self._integrations.set_notified(key, at)

    # Tokens

    async def tokens(self, key: AccountKey, *, fresh: bool = False) -> Tokens | None:
        """Return the account's tokens; None when a readable keyring has none.

        fresh: ask the keyring even if they are in memory: another process may have renewed them.
        """
        if not fresh and key in self._cached:
            return self._cached[key]
        async with self._turn:
            if not fresh and key in self._cached:  # whoever had the turn before has read them
                return self._cached[key]
            return await self._read(key)

    async def store_tokens(
        self, key: AccountKey, tokens: Tokens, *, replaces: Tokens | None = None
    ) -> bool:
        """Keep renewed tokens; once this returns True, they survive a crash.

        replaces: the tokens that were renewed. If the account has others by now (it was connected
            anew meanwhile) or is gone, nothing is written and False is returned.
        """
        async with self._turn:
            integration = self._integrations.get(key)
            cached = self._cached.get(key)
            if integration is None:
                return False
            if cached and replaces and cached.refresh != replaces.refresh:
                return False
            await self._write(key, tokens)
        try:
            self._integrations.set_renewed(
                key, expires_at=tokens.expires_at, keyring=self._keyring.name, now=self._clock.now()
            )
        except StoreError as error:  # the keyring has what counts; a higher generation says so
            log.info("a renewal was stored but not noted: %s", error)
        return True

    async def connect(self, integration: Integration, tokens: Tokens) -> None:
        """Keep a new account, or the new tokens of a known one, as active."""
        key = integration.key
        async with self._turn:
            sent = self._integrations.refresh_sent(key)
            if sent is not None and sent.generation >= tokens.generation:
                # What was sent for the old tokens must never be taken for these.
                tokens = replace(tokens, generation=sent.generation + 1)
            await self._write(key, tokens)
            self._integrations.save(replace(integration, keyring=self._keyring.name))

    def connect_without_tokens(self, integration: Integration) -> None:
        """Keep an account that needs none, as active: the keyring has nothing to do with it."""
        self._integrations.save(integration)

    def disconnect_without_tokens(self, key: AccountKey) -> None:
        """Forget the row of an account that has none."""
        self._integrations.delete(key)

    async def disconnect(self, key: AccountKey) -> None:
        """Forget the account's tokens and its row.

        Raises VaultError while the keyring cannot be used; then nothing is forgotten.
        """
        async with self._turn:
            await self._keyring.delete(_service(key), key.user_id)
            self._cached.pop(key, None)
            self._integrations.delete(key)

    # Secrets of OAuth clients

    async def oauth_client_secret(
        self, provider: ProviderId, client_id: str, *, fresh: bool = False
    ) -> str | None:
        """Return the secret of an OAuth client; None when a readable keyring has none.

        fresh: ask the keyring even if it is in memory.
        """
        known = self._secrets.get((provider, client_id))
        if known is not None and not fresh:
            return known
        found = await self._keyring.get(_oauth_client_service(provider, client_id), client_id)
        if found is not None:
            self._secrets[provider, client_id] = found
        return found

    async def store_oauth_client_secret(
        self, provider: ProviderId, client_id: str, secret: str
    ) -> None:
        """Keep the secret of an OAuth client, replacing what it was."""
        await self._keyring.set(_oauth_client_service(provider, client_id), client_id, secret)
        self._secrets[provider, client_id] = secret

    async def delete_oauth_client_secret(self, provider: ProviderId, client_id: str) -> None:
        """Forget the secret of an OAuth client, if there is one."""
        await self._keyring.delete(_oauth_client_service(provider, client_id), client_id)
        self._secrets.pop((provider, client_id), None)

    # Within

    async def _read(self, key: AccountKey) -> Tokens | None:
        value = await self._keyring.get(_service(key), key.user_id)
        tokens = _tokens_from(value)
        if tokens is None:
            self._check_right_keyring(key)
            self._cached.pop(key, None)
            return None
        cached = self._cached.get(key)
        if cached and not tokens.access and cached.refresh == tokens.refresh:
            return cached  # the same, with the access token that was too long to be kept
        self._cached[key] = tokens
        return tokens

    async def _write(self, key: AccountKey, tokens: Tokens) -> None:
        await self._keyring.set(_service(key), key.user_id, _value_from(tokens))
        self._cached[key] = tokens

    def _check_right_keyring(self, key: AccountKey) -> None:
        """Raises VaultError when the entry is not missing, but in another keyring.

        The desktop's keyring may be late at log-in, and another back end answer in its place.
        """
        integration = self._integrations.get(key)
        if integration and integration.keyring and integration.keyring != self._keyring.name:
            raise VaultError(
                translated(
                    "The sign-in of {account} is kept in {keyring}, but oO was given {other}. Use "
                    "that keyring again, or connect once more.",
                    account=integration.label,
                    keyring=integration.keyring,
                    other=self._keyring.name,
                )
            )


def _service(key: AccountKey) -> str:
    return f"oo-desktop:{key.provider}:{key.user_id}"


def _oauth_client_service(provider: ProviderId, client_id: str) -> str:
    return f"oo-desktop:client:{provider}:{client_id}"


def _value_from(tokens: Tokens) -> str:
    """JSON short enough for every keyring. Raises VaultError where that cannot be done."""
    value = msgspec.json.encode(tokens).decode()
    if len(value) > MAX_ENTRY_CHARACTERS and tokens.refresh is not None:
        value = msgspec.json.encode(replace(tokens, access="")).decode()
    if len(value) > MAX_ENTRY_CHARACTERS:
        raise VaultError(
            translated("The service’s token is too long for a keyring. oO cannot keep it.")
        )
    return value


def _tokens_from(value: str | None) -> Tokens | None:
    """What an entry holds; None for none, and for one that oO cannot have written."""
    if value is None:
        return None
    try:
        return _tokens_decoder.decode(value)
    except msgspec.DecodeError:
        log.info("a keyring entry is not readable")
        return None
