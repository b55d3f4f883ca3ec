"""Connect one account, whichever kind of sign-in its service has.

What a person pasted is stored as soon as it is known whose it is: `NewAccount`. A sign-in in the
system browser (RFC 8252 with PKCE) is the longer way there: `BrowserSignIn`.

    register a client (once) → open the loopback receiver → browser → callback → exchange
    → who is it? → the right person? → keyring → row

With a user name and a password it is the server that has to be found. Some servers make the
password themselves once a person agrees in the browser: `ServerSignIn`. What is on this computer
is asked for nothing, and kept without a keyring.

A sign-in ends in exactly one of two ways: with an `Integration`, or with an OoError whose sentence
says why. Nothing that existed before it is touched unless it succeeds.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, assert_never
from urllib.parse import urlsplit

from msgspec.structs import replace

from oo_desktop.clock import Clock
from oo_desktop.connectors.base import (
    ApiToken,
    BrowserPassword,
    ClientAt,
    Connector,
    IdentityOfClient,
    IdentityOfLink,
    LoginPage,
    OAuthSignIn,
    OnThisComputer,
    Password,
    SecretLink,
    SignIn,
)
from oo_desktop.errors import AuthRequired, SignInError, SourceError, Unavailable, VaultError
from oo_desktop.http.client import BearerTokens, Http, NotSent, ServiceClient, bearer_at
from oo_desktop.http.passwords import (
    Credentials,
    CredentialsError,
    CredentialsField,
    address_of,
    checked_credentials,
    label_of,
    server_and_user_name,
    typed_credentials,
    user_id_of,
)
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.integrations.oauth_clients import OAuthClients
from oo_desktop.integrations.vault import Tokens, TokenVault
from oo_desktop.language import translated, untranslated
from oo_desktop.model.integrations import Integration
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.source import Identity
from oo_desktop.model.state import ClientHelp, SignInState, TokenStatus
from oo_desktop.oauth import messages as oauth
from oo_desktop.oauth.messages import ClientRefused, OAuthClient, TokenAnswer
from oo_desktop.store.oauth_clients import OAuthClientStore, RegisteredClient

if TYPE_CHECKING:
    from oo_desktop.integrations.loopback import Callback, LoopbackReceiver

log = logging.getLogger(__name__)

SIGN_IN_SECONDS = 300.0
"""How long a sign-in waits for the person in the browser, and then for the keyring."""

IDENTITY_PAUSES_SECONDS = (1.0, 3.0, 9.0)
"""After each attempt to learn who signed in, before the next."""

MAX_IDENTITY_PAUSE_SECONDS = 30.0
"""However much patience the service asks for, a person is waiting."""

KEYRING_PAUSE_SECONDS = 2.0
"""Between attempts to store a new account while the keyring is locked."""


AGREEING_SECONDS = 1200.0
"""How long a server that makes a password waits for the person in the browser."""

POLL_SECONDS = 2.0
"""Between questions to such a server whether they have agreed."""

CLEANING_SECONDS = 3.0
"""How long such a server has to end a password that no account came of."""

_THEN_AGAIN = untranslated("Then sign in again.")
UNFINISHED = untranslated(
    "The sign-in was not finished in the browser. Try again when you have a minute."
)


class ClientNeeded(SignInError):
    """Says that the service takes only clients that its users made, and there is none yet.

    help: what to tell about making one.
    """

    def __init__(self, message: str, *, help: ClientHelp) -> None:  # noqa: A002  # as in OwnClient
        super().__init__(message)
        self.help = help


class FreshPassword:
    """Holds the credentials of somebody who is just signing in, for `client_of`."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def access_token(self) -> str:
        """Return all of them as one text."""
        return self._credentials.secret

    async def renewed(self, refused: str) -> str:  # noqa: ARG002  # BearerTokens' signature
        """Raise AuthRequired: there is no other."""
        raise AuthRequired(translated("The server does not accept this user name and password."))


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


def client_of(
    connector: Connector,
    *,
    http: Http,
    tokens: BearerTokens,
    clock: Clock,
    noise: Callable[[], float] = random.random,
) -> ServiceClient:
    """Return the client that speaks for the account whose token `tokens` gives.

    noise: as for `ServiceClient`. Raises TypeError for a kind of sign-in that has none.
    """
    match connector.sign_in:
        case OAuthSignIn(api_url=api_url) | ApiToken(api_url=api_url):
            address = bearer_at(api_url)
        case Password():
            address = address_of
        case SecretLink():
            raise TypeError("a link is asked by a LinkClient")
        case OnThisComputer():
            raise TypeError("what is on this computer is not asked over HTTP")
        case other:
            assert_never(other)
    return ServiceClient(
        http=http,
        address=address,
        tokens=tokens,
        clock=clock,
        origin_name=connector.signs_in_with,
        wait_of_error=connector.wait_of_error,
        noise=noise,
    )


def clients_at(connector: Connector, given: Credentials, *, http: Http, clock: Clock) -> ClientAt:
    """Return what a `FindServer` is given to try addresses with, as the person who gave `given`."""

    def client_at(base_url: str) -> ServiceClient:
        tried = checked_credentials(replace(given, server=base_url))
        return client_of(connector, http=http, tokens=FreshPassword(tried), clock=clock)

    return client_at


def revoke_url_of(sign_in: SignIn) -> str:
    """Return the page where a person ends oO's access; empty where there is none."""
    match sign_in:
        case SecretLink() | OnThisComputer():
            return ""
        case OAuthSignIn() | ApiToken() | Password():
            return sign_in.revoke_url
        case other:
            assert_never(other)


def callback_path(provider: ProviderId) -> str:
    """Return where in this program the browser is led back to."""
    return f"/api/integrations/{provider}/callback"


class NewAccount:
    """Finds out whose a token is, and keeps the account. `state` is what can be shown meanwhile.

    expected: on a reconnect, the account that must come back.
    patience: seconds to wait for a keyring that is locked.
    changed: called whenever `state` changed.
    """

    def __init__(
        self,
        *,
        connector: Connector,
        http: Http,
        vault: TokenVault,
        clock: Clock,
        expected: AccountKey | None = None,
        patience: float = SIGN_IN_SECONDS,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.connector = connector
        self.expected = expected
        self.state: SignInState | None = None
        self._changed = changed
        self._http = http
        self._vault = vault
        self._clock = clock
        self._patience = patience

    async def store(self, answer: TokenAnswer, *, client_id: str) -> Integration:
        """Ask who the token belongs to, keep the account and return it.

        Waits for a keyring that is locked, for up to `patience`. Raises SignInError where it stays
        so, where it is somebody else's than expected, or where the service does not say whose it
        is; SourceError, StoreError.

        client_id: the OAuth client the token was given to; empty: it was pasted.
        """
        identity = await self._identity(answer.access_token, pasted=not client_id)
        return await self._store(identity, answer, client_id=client_id)

    async def store_credentials(self, how: Password, given: Credentials) -> Integration:
        """Find the server, keep the account and return it. Waits and raises as `store` does.

        Nothing is kept that the server did not accept. Raises CredentialsError for what a person
        has to type in another way.

        given: see `typed_credentials`.
        """
        kept = checked_credentials(replace(given, server=await self._server(how, given)))
        identity = Identity(self._same_user_id(kept), label_of(kept))
        answer = TokenAnswer(
            access_token=kept.secret, refresh_token=None, expires_in=None, scope=None
        )
        return await self._store(identity, answer, client_id="")

    async def store_of_this_computer(self, how: OnThisComputer) -> Integration:
        """Keep the account and return it; no keyring is asked. Raises SignInError, StoreError."""
        try:
            identity = await how.identity()
        except Unavailable as error:
            raise SignInError(error.fact) from error
        except SourceError as error:
            raise SignInError(str(error)) from error
        key, now = self._key_of(identity), self._clock.now()
        integration = Integration(key=key, label=identity.label, connected_at=now, updated_at=now)
        self._vault.connect_without_tokens(integration)
        return integration

    async def _store(
        self, identity: Identity, answer: TokenAnswer, *, client_id: str
    ) -> Integration:
        key, now = self._key_of(identity), self._clock.now()
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
            granted_at=now if self._age_tells() else None,
        )
        await self._keep(integration, tokens)
        return integration

    def _key_of(self, identity: Identity) -> AccountKey:
        """Raises SignInError where it is not the account that must come back."""
        key = AccountKey(self.connector.id, identity.user_id)
        if self.expected is not None and key != self.expected:
            known = self._vault.integration(self.expected)
            label = known.label if known else self.expected.user_id
            raise SignInError(
                translated(
                    "You signed in as {other}, not as {account}. {account} is unchanged; to add "
                    "{other}, choose Connect.",
                    other=identity.label,
                    account=label,
                )
            )
        return key

    async def _identity(self, secret: str, *, pasted: bool) -> Identity:
        """Whose secret it is."""
        name = self.connector.signs_in_with
        match self.connector.sign_in:
            case SecretLink(identity=identity):
                return self._same_calendar(await self._calendar(identity, secret))
            case Password():
                raise TypeError("whose credentials they are follows from the server")
            case OnThisComputer():
                raise TypeError("there is no secret")
            case OAuthSignIn(identity=identity) | ApiToken(identity=identity):
                problem = (
                    translated(
                        "{service} does not accept this token. Check it and try again.",
                        service=name,
                    )
                    if pasted
                    else translated(
                        "{service} does not accept what it has just given out. Try again.",
                        service=name,
                    )
                )
            case other:
                assert_never(other)
        return await self._asked(identity, FreshToken(secret, problem=problem))

    async def _asked(self, identity: IdentityOfClient, token: FreshToken) -> Identity:
        """Asked a few times, for nobody should have to agree twice."""
        name = self.connector.signs_in_with
        for pause in IDENTITY_PAUSES_SECONDS:
            client = client_of(self.connector, http=self._http, tokens=token, clock=self._clock)
            try:
                return await identity(client)
            except Unavailable as error:
                wait = max(pause, min(error.retry_after or 0, MAX_IDENTITY_PAUSE_SECONDS))
                await self._clock.sleep(wait)
            except SourceError as error:
                raise SignInError(
                    translated(
                        "{service} did not say whose account this is: {reason}",
                        service=name,
                        reason=error,
                    )
                ) from error
        raise SignInError(
            translated(
                "{service} did not say whose account this is. Try again later.", service=name
            )
        )

    async def _calendar(self, named: IdentityOfLink, link: str) -> Identity:
        """The calendar behind a link. Asked once: nobody has agreed to anything, and whoever
        pasted the link waits to hear what is wrong with it."""

        async def secret() -> str:
            return link

        try:
            return await named(LinkClient(http=self._http, secret=secret))
        except NotSent as error:
            raise SignInError(
                translated("This calendar cannot be reached. Check the link and your connection.")
            ) from error
        except Unavailable as error:
            # What oO does by itself with an account it has, it does not do here.
            again = translated("Try again later.") if error.outlook else ""
            raise SignInError(f"{error.fact} {again}".rstrip()) from error
        except SourceError as error:
            raise SignInError(str(error)) from error

    async def _server(self, how: Password, given: Credentials) -> str:
        """The base URL of the account's API. Looked for once, as in `_calendar`."""
        name = self.connector.signs_in_with
        presets = {preset.id: preset for preset in how.presets}
        typed, preset = given.server, presets.get(given.server.lower())
        if preset is not None:
            typed = preset.server
            if not typed and "@" not in given.user_name:
                raise CredentialsError(
                    translated(
                        "The address of the server is needed, or an e-mail address as the user "
                        "name."
                    ),
                    field=CredentialsField.SERVER,
                )
        client_at = clients_at(self.connector, given, http=self._http, clock=self._clock)
        try:
            return await how.find_server(typed, given.user_name, client_at)
        except AuthRequired as error:
            raise CredentialsError(
                translated(
                    "{service} does not accept this user name and password. Check both.",
                    service=name,
                ),
                field=CredentialsField.PASSWORD,
            ) from error
        except NotSent as error:
            raise CredentialsError(
                translated("This server cannot be reached. Check its address and your connection."),
                field=CredentialsField.SERVER,
            ) from error
        except Unavailable as error:
            again = translated("Try again later.") if error.outlook else ""
            raise SignInError(f"{error.fact} {again}".rstrip()) from error
        except SourceError as error:
            raise SignInError(str(error)) from error

    def _same_user_id(self, kept: Credentials) -> UserId:
        """The id of the account that `kept` opens; on a reconnect that of the account it renews,
        where a server has moved the same user to another of its folders."""
        user_id = user_id_of(kept)
        if self.expected is None:
            return user_id
        server, user_name = server_and_user_name(self.expected.user_id)
        found = server_and_user_name(user_id)[0]
        is_same = (
            found == server
            if kept.made_for_us  # for whom, it may call by another name: the e-mail address
            else (urlsplit(found).netloc, kept.user_name) == (urlsplit(server).netloc, user_name)
        )
        return self.expected.user_id if is_same else user_id

    def _same_calendar(self, identity: Identity) -> Identity:
        """`identity` as the account it renews: a calendar whose link changed is the same calendar.

        Its owner says so, or it has the name of the one calendar that waits for a new link.
        """
        if self.expected is not None:
            return Identity(self.expected.user_id, identity.label, identity.zone)
        links = [
            known for known in self._vault.integrations() if known.key.provider == self.connector.id
        ]
        dead = [link for link in links if link.token_status is TokenStatus.NEEDS_RECONNECT]
        is_known = any(link.key.user_id == identity.user_id for link in links)
        if is_known or len(dead) != 1 or dead[0].label != identity.label:
            return identity
        return Identity(dead[0].key.user_id, identity.label, identity.zone)

    def _granted(self, answer: TokenAnswer) -> str:
        """The scopes of the account. A pasted token does not say: it is for all there is."""
        match self.connector.sign_in:
            case OAuthSignIn(service=service):
                return answer.scope or service.scope
            case ApiToken() | SecretLink() | Password() | OnThisComputer():
                return answer.scope or ""
            case other:
                assert_never(other)

    def _age_tells(self) -> bool:
        """Whether the age of a consent may say why it ended."""
        return False

    async def _keep(self, integration: Integration, tokens: Tokens) -> None:
        """Store the account, for as long as the keyring takes: the code is spent already."""
        end = self._clock.monotonic() + self._patience
        while True:
            try:
                await self._keep_client()
                await self._vault.connect(integration, tokens)
            except VaultError as error:
                if self._clock.monotonic() >= end:
                    raise SignInError(f"{error} {translated(_THEN_AGAIN)}") from error
                self._note(str(error), timedelta(seconds=end - self._clock.monotonic()))
                await self._clock.sleep(KEYRING_PAUSE_SECONDS)
            else:
                return

    async def _keep_client(self) -> None:
        """Keep what the account was got with, before it."""

    def _note(self, note: str, left: timedelta) -> None:
        """Let `state` say why the account waits to be stored, for as long as is `left` to it."""
        if self.state is not None and self.state.note == note:
            return
        log.info("a new account waits to be stored: %s", note)
        self.state = SignInState(
            provider=self.connector.id,
            url=self.state.url if self.state is not None else "",
            ends_at=self._clock.now() + left,
            note=note,
        )
        self._changed()


class ShownSignIn(NewAccount):
    """Signs in where a person has to open an address. `run` does it all.

    shown: done with the address to open, as soon as there is one.
    write: the user wants to change things at the service, where that takes a wider consent.
    address: where the person says the server is, where a service has many.
    """

    write = False
    address = ""

    def __init__(
        self,
        *,
        changed: Callable[[], None] = lambda: None,
        connector: Connector,
        http: Http,
        vault: TokenVault,
        clock: Clock,
        expected: AccountKey | None = None,
        patience: float = SIGN_IN_SECONDS,
    ) -> None:
        super().__init__(
            connector=connector,
            http=http,
            vault=vault,
            clock=clock,
            expected=expected,
            patience=patience,
            changed=changed,
        )
        self.shown: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def run(self) -> Integration:
        """Wait for the browser, then store the account and return it.

        Ends with the first of: the account, the person's No, a refusal of the service, or the end
        of patience. Raises SignInError, SourceError or StoreError.
        """
        raise NotImplementedError

    def _show(self, url: str, seconds: float) -> None:
        """Let it be opened; `seconds`: how long it is waited for."""
        now = self._clock.now()
        self.state = SignInState(
            provider=self.connector.id,
            url=url,
            ends_at=now + timedelta(seconds=seconds),
        )
        self.shown.set_result(url)
        self._changed()


class BrowserSignIn(ShownSignIn):
    """Signs in with the browser (OAuth).

    how: the kind of sign-in of the connector.
    write: the user wants to change things at the service, where that takes a wider consent.
    """

    def __init__(
        self,
        *,
        how: OAuthSignIn,
        oauth_clients: OAuthClients,
        registered: OAuthClientStore,
        write: bool = False,
        changed: Callable[[], None] = lambda: None,
        connector: Connector,
        http: Http,
        vault: TokenVault,
        clock: Clock,
        expected: AccountKey | None = None,
        patience: float = SIGN_IN_SECONDS,
    ) -> None:
        super().__init__(
            connector=connector,
            http=http,
            vault=vault,
            clock=clock,
            expected=expected,
            patience=patience,
            changed=changed,
        )
        self.write = write
        self._how = how
        self._service = how.service
        self._oauth_clients = oauth_clients
        self._registered = registered
        self._accepted: OAuthClient | None = None

    async def run(self) -> Integration:
        """See `ShownSignIn`: `patience` is the browser's, too."""
        # Not before somebody signs in: it brings h11, which takes 4 ms.
        await asyncio.to_thread(import_module, "oo_desktop.integrations.loopback")
        from oo_desktop.integrations.loopback import LoopbackReceiver

        attempt = oauth.new_attempt()
        async with LoopbackReceiver(
            path=callback_path(self.connector.id),
            state=attempt.state,
            ports=self._how.callback_ports,
            advertise=self._how.callback_host,
            issuers=self._service.issuers,
        ) as receiver:
            client, reused = await self._client(receiver.redirect_uri)
            self._show(
                oauth.authorize_url(
                    self._service,
                    client_id=client.client_id,
                    redirect_uri=receiver.redirect_uri,
                    attempt=attempt,
                    scope=self._scope(),
                    hint=self.expected.user_id if self.expected else None,
                ),
                self._patience,
            )
            try:
                callback = await self._wait(receiver)
            except (SignInError, asyncio.CancelledError):
                # A client the service has forgotten shows its error in the browser, never here.
                if reused:
                    self._registered.delete(self.connector.id)
                raise
            redirect_uri = receiver.redirect_uri
        if callback.code is None:
            raise SignInError(oauth.denied_reason(callback.error or ""))
        answer = await self._exchange(client, callback.code, redirect_uri, attempt.verifier)
        self._accepted = client
        with suppress(VaultError):  # it is tried again for as long as the account's tokens are
            await self._keep_client()
        refusal = self._how.rules.refusal(answer, frozenset(self._granted(answer).split()))
        if refusal is not None:
            raise SignInError(refusal)
        return await self.store(answer, client_id=client.client_id)

    def _scope(self) -> str:
        """What to ask for: a reconnect must not lose what the account was allowed before."""
        rules = self._how.rules
        known = self._vault.integration(self.expected) if self.expected else None
        writes = known is not None and rules.may_write(known.granted)
        return rules.scope(self._service, write=self.write or writes)

    def _granted(self, answer: TokenAnswer) -> str:
        """A service that does not say grants what was asked for (RFC 6749, 5.1)."""
        return answer.scope or self._scope()

    def _age_tells(self) -> bool:
        return self._service.own_client is not None

    async def _client(self, redirect_uri: str) -> tuple[OAuthClient, bool]:
        """The client to sign in with, and whether it was registered earlier."""
        service, provider = self._service, self.connector.id
        if service.own_client is not None:
            return await self._own_client(service.own_client.help), False
        if self._how.client_id:
            return OAuthClient(client_id=self._how.client_id), False
        if service.register_url is None:
            raise SignInError(
                translated(
                    "Signing in to {service} needs a client id in config.toml.",
                    service=service.name,
                )
            )
        known = self._registered.get(provider)
        if (
            known is not None
            and known.register_url == service.register_url
            and redirect_uri in known.redirect_uris
        ):
            return OAuthClient(client_id=known.client_id), True
        uris = tuple(
            f"http://{self._how.callback_host}:{port}{callback_path(provider)}"
            for port in self._how.callback_ports
        )
        client_id = await oauth.register(self._http, service, redirect_uris=uris)
        self._registered.save(
            RegisteredClient(
                provider=provider,
                client_id=client_id,
                register_url=service.register_url,
                redirect_uris=uris,
                registered_at=self._clock.now(),
            )
        )
        return OAuthClient(client_id=client_id), False

    async def _own_client(self, how: ClientHelp) -> OAuthClient:
        provider = self.connector.id
        try:
            client = await self._oauth_clients.current(provider)
        except VaultError as error:
            raise SignInError(f"{error} {translated(_THEN_AGAIN)}") from error
        if client is None:
            command = f"oo-desktop connect {provider} --client FILE"
            raise ClientNeeded(
                translated(
                    "{service} needs a client of your own; the README shows how to make one in "
                    "five minutes. Then bring its file: {command}",
                    service=self._service.name,
                    command=command,
                ),
                help=how,
            )
        return client

    async def _wait(self, receiver: "LoopbackReceiver") -> "Callback":
        try:
            async with asyncio.timeout(self._patience):
                return await receiver.receive()
        except TimeoutError:
            raise SignInError(translated(UNFINISHED)) from None

    async def _exchange(
        self, client: OAuthClient, code: str, redirect_uri: str, verifier: str
    ) -> TokenAnswer:
        try:
            return await oauth.exchange(
                self._http,
                self._service,
                client_id=client.client_id,
                client_secret=client.secret,
                code=code,
                redirect_uri=redirect_uri,
                verifier=verifier,
            )
        except ClientRefused:
            if self._service.own_client is not None:
                self._oauth_clients.drop_candidate(self.connector.id, client)
            else:
                self._registered.delete(self.connector.id)
            raise

    async def _keep_client(self) -> None:
        if self._accepted is not None:
            await self._oauth_clients.keep_candidate(self.connector.id, self._accepted)


class ServerSignIn(ShownSignIn):
    """Signs in at a server that makes an app password once a person agrees in the browser.

    how: the kind of sign-in of the connector.
    browser: what the server is asked with.
    address: where the person says it is.
    """

    def __init__(
        self,
        *,
        how: Password,
        browser: BrowserPassword,
        address: str,
        changed: Callable[[], None] = lambda: None,
        connector: Connector,
        http: Http,
        vault: TokenVault,
        clock: Clock,
        expected: AccountKey | None = None,
        patience: float = SIGN_IN_SECONDS,
    ) -> None:
        super().__init__(
            connector=connector,
            http=http,
            vault=vault,
            clock=clock,
            expected=expected,
            patience=patience,
            changed=changed,
        )
        self.address = address
        self._how = how
        self._browser = browser

    async def run(self) -> Integration:
        """See `ShownSignIn`: the browser is waited for `AGREEING_SECONDS`."""
        try:
            page = await self._browser.begin(self._http, self.address)
        except SourceError as error:
            raise SignInError(str(error)) from error
        self._show(page.login, AGREEING_SECONDS)
        made = await self._made(page)
        try:
            return await self.store_credentials(self._how, typed_credentials(made))
        except BaseException:
            await end_password(self._http, self._browser, made, seconds=CLEANING_SECONDS)
            raise

    async def _made(self, page: LoginPage) -> Credentials:
        """What the person agreed to. A question that gets lost is asked again."""
        end = self._clock.monotonic() + AGREEING_SECONDS
        while self._clock.monotonic() < end:
            await self._clock.sleep(POLL_SECONDS)
            try:
                made = await self._browser.poll(self._http, page)
            except Unavailable as error:
                await self._clock.sleep(min(error.retry_after or 0, MAX_IDENTITY_PAUSE_SECONDS))
            except SourceError as error:
                raise SignInError(str(error)) from error
            else:
                if made is not None:
                    return replace(made, made_for_us=True)
        raise SignInError(translated(UNFINISHED))


async def end_password(
    http: Http, browser: BrowserPassword, made: Credentials, *, seconds: float
) -> bool:
    """Have the server end an app password that it made, within `seconds`; return whether it did."""
    try:
        async with asyncio.timeout(seconds):
            return await browser.revoke(http, made)
    except (SourceError, TimeoutError):
        return False
