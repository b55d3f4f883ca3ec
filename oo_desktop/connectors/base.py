"""Describes services: how an account of one is connected, and what reads it.

A connector itself is blind (`model/source.py` states its contract): it gets an HTTP client per
account and knows nothing of tokens or of the registry. What is said of it here is all that has to
be said to add one.

There are five kinds of sign-in, and no sixth: whoever handles them matches on the kind. Most of a
kind is values; where a service needs judgement (which of the scopes it granted are enough, why it
ended a sign-in) it brings `GrantRules` of its own.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, assert_never

from msgspec import Struct

from oo_desktop.http.client import Http, ServiceClient, WaitOfError
from oo_desktop.http.passwords import Credentials
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.model.signals import ProviderId, UserId
from oo_desktop.model.source import Identity, SignalSource, Snapshot
from oo_desktop.model.state import Connecting, Listed, Preset, Service
from oo_desktop.oauth.messages import OAuthService, TokenAnswer

IdentityOfClient = Callable[[ServiceClient], Awaitable[Identity]]
"""Asks the service whose account the client speaks for. Raises SourceError."""

IdentityOfLink = Callable[[LinkClient], Awaitable[Identity]]
"""Asks what the link leads to whose account it is. Raises SourceError."""

IdentityHere = Callable[[], Awaitable[Identity]]
"""Asks what is on this computer whose account it is. Raises SourceError where it is not there."""

Offered = Callable[[], Awaitable[bool]]
"""Returns whether a service can be had here. Takes a moment at most, and touches nothing."""

ClientAt = Callable[[str], ServiceClient]
"""Returns a client that signs in at a base URL, as the person who is signing in. Raises
CredentialsError for an address that nothing is sent to."""

FindServer = Callable[[str, str, ClientAt], Awaitable[str]]
"""Returns the base URL of the account's API, from what a person typed as the server and as the user
name. The first may be an URL, a host, an e-mail address, or empty. Raises CredentialsError, with
the field that is wrong, or SourceError."""


class GrantRules:
    """Judges what a consent is worth. These rules take every consent for all there is.

    `scopes` are those granted, as a set: their order and number say nothing (RFC 6749, 3.3).
    """

    def scope(self, service: OAuthService, *, write: bool) -> str:  # noqa: ARG002  # see below
        """Return what to ask for. write: the user wants to change things at the service, too."""
        return service.scope

    def refusal(self, answer: TokenAnswer, scopes: frozenset[str]) -> str | None:  # noqa: ARG002  # for services that have one
        """Say why an account could not be kept with this, and what to do; else None."""
        return None

    def lack(self, scopes: frozenset[str]) -> str | None:  # noqa: ARG002  # as above
        """Say what an account that works cannot do for want of a scope; else None."""
        return None

    def may_write(self, scopes: frozenset[str]) -> bool:  # noqa: ARG002  # as above
        """Return whether oO may change things at the service."""
        return True

    def ended(self, age: timedelta) -> str | None:  # noqa: ARG002  # as above
        """Say why the service ends a sign-in of that age, where that tells; else None."""
        return None


EVERYTHING = GrantRules()


class PastedTokens(Struct, frozen=True, kw_only=True):
    """Describes a token that a person pastes, so that half of one is noticed.

    length: how many characters it may have.
    marks: what it may hold besides ASCII letters and digits.
    """

    length: range = range(20, 257)
    marks: str = ""

    def fits(self, token: str) -> bool:
        """Return whether `token` can be one."""
        plain = token.translate(dict.fromkeys(map(ord, self.marks), "x"))
        return len(token) in self.length and plain.isascii() and plain.isalnum()


ANY_MARKS = PastedTokens(length=range(8, 513), marks="!#$%&'*+-./:=?@^_`|~")
"""For services of which nothing is known."""


class OAuthSignIn(Struct, frozen=True, kw_only=True):
    """Signs in with the browser (RFC 8252, with PKCE).

    service: where and as what to sign in; its name is whom a person signs in with.
    api_url: base URL of the API.
    identity: asks the service who owns the token it is given.
    client_id: configured by the user; empty: register one (RFC 7591), or use the user's own.
    callback_ports: tried in order; the service knows them all. 0: any that is free.
    callback_host: `localhost`, or the literal address the service wants to lead back to.
    revoke_url: the page where a person ends oO's access; empty: none that is known.
    rotates: whether each refresh replaces the refresh token.
    rules: what a consent is worth.
    pasted: what its personal tokens look like, where one does instead of a sign-in; else None.
    """

    service: OAuthService
    api_url: str
    identity: IdentityOfClient
    client_id: str = ""
    callback_ports: tuple[int, ...] = (0,)
    callback_host: str = "localhost"
    revoke_url: str = ""
    rotates: bool = True
    rules: GrantRules = EVERYTHING
    pasted: PastedTokens | None = None


class ApiToken(Struct, frozen=True, kw_only=True):
    """Connects with a personal token that the user makes at the service and pastes.

    api_url: base URL of the API.
    identity: asks the service who owns the token it is given.
    revoke_url: the page where a person ends it; empty: none that is known.
    pasted: what such a token looks like.
    """

    api_url: str
    identity: IdentityOfClient
    revoke_url: str = ""
    pasted: PastedTokens = ANY_MARKS


class SecretLink(Struct, frozen=True, kw_only=True):
    """Connects with a link: whoever has it needs nothing else.

    identity: asks what the link leads to who it is.
    where: sentences on where a person finds such a link.
    """

    identity: IdentityOfLink
    where: str = ""


class LoginPage(Protocol):
    """Holds what a server made for one sign-in with the browser."""

    @property
    def login(self) -> str:
        """Return the page where the person agrees."""
        ...


class BrowserPassword(Struct, frozen=True, kw_only=True):
    """Describes servers that make an app password themselves, once a person agrees in the browser.

    name: what the screen calls such a server.
    begin: asks the server at the address that a person typed for a page to open. Raises
        CredentialsError or SourceError.
    poll: returns what the person agreed to; None: nothing yet. Is given what `begin` returned.
        Raises SignInError or SourceError.
    revoke: has the server end the password; returns whether it is of no use now. Raises
        SourceError.
    page_of: returns the page where a person ends it.
    is_at: returns whether an account's API at this URL is on such a server.
    """

    name: str
    begin: Callable[[Http, str], Awaitable[LoginPage]]
    poll: Callable[[Http, Any], Awaitable[Credentials | None]]
    revoke: Callable[[Http, Credentials], Awaitable[bool]]
    page_of: Callable[[Credentials], str]
    is_at: Callable[[str], bool]


class Password(Struct, frozen=True, kw_only=True):
    """Connects with a user name and an app password, at a server that the person names.

    What the person gives travels as a pasted token does, as `http.passwords.Credentials` in JSON.
    Whose account it is follows from the server that is found and the user name.

    find_server: finds the account's server, with clients that sign in as the person does.
    presets: servers that many people have; may be named by their ids.
    revoke_url: the page where a person ends an app password; empty: none that is known.
    browser: how some servers make the password themselves; None: none does.
    """

    find_server: FindServer
    presets: tuple[Preset, ...] = ()
    revoke_url: str = ""
    browser: BrowserPassword | None = None


class OnThisComputer(Struct, frozen=True, kw_only=True):
    """Connects what is on this computer already: nothing is asked, and no secret is kept.

    identity: asks whose account it is.
    """

    identity: IdentityHere


SignIn = OAuthSignIn | ApiToken | SecretLink | Password | OnThisComputer


class ConnectorContext(Struct, frozen=True, kw_only=True):
    """Holds what a connector is given, of which it takes what it needs.

    clients: the one client that speaks for an account of its service.
    may_write: whether an account's owner lets oO change things there.
    calendars: which of an account's calendars its owner chose to see, or not, by their ids.
    links: what asks for the calendar behind an account that is a secret link.
    has_list: whether something of an account is shown already, from before the start or since.
    """

    clients: Callable[[UserId], ServiceClient]
    may_write: Callable[[UserId], bool]
    calendars: Callable[[UserId], Mapping[str, bool]]
    links: Callable[[UserId], LinkClient]
    has_list: Callable[[UserId], bool]


@dataclass(frozen=True, kw_only=True)
class Connector:
    """Describes one service.

    id: names it in the store, in config.toml and on the command line.
    name: what the screen calls it.
    sign_in: how an account of it is connected.
    source: makes what reads it, and writes to it where it can, for all its accounts.
    home: its address on the web, or None.
    poll_after: where a list says when it is worth asking again: after how many seconds.
    wait_of_error: where the body of an error says how many seconds to wait: reads them; else None.
    lists: what it mostly lists.
    saved: what stays on the screen while the service cannot be reached: “saved tasks”.
    offered: whether it can be had here; None: it always can.
    connect, connect_another: what offers to connect it, where “Connect NAME” says it badly.
    """

    id: ProviderId
    name: str
    sign_in: SignIn
    source: Callable[[ConnectorContext], SignalSource]
    home: str | None = None
    poll_after: Callable[[Snapshot, datetime], float] | None = None
    wait_of_error: WaitOfError | None = None
    saved: str | None = None
    lists: Listed = Listed.EVENTS
    offered: Offered | None = None
    connect: str = ""
    connect_another: str = ""

    @property
    def signs_in_with(self) -> str:
        """Return the name in sentences about signing in and the service's answers."""
        match self.sign_in:
            case OAuthSignIn(service=service):
                return service.name
            case _:
                return self.name

    @property
    def shown(self) -> Service:
        """Return what the screen knows of it."""
        connecting, pastes_tokens, own_client, where = Connecting.BROWSER, False, None, ""
        presets: tuple[Preset, ...] = ()
        browser = ""
        match self.sign_in:
            case OAuthSignIn(service=service, pasted=pasted):
                pastes_tokens = pasted is not None
                own_client = service.own_client.help if service.own_client else None
            case ApiToken():
                connecting = Connecting.TOKEN
            case SecretLink(where=where):
                connecting = Connecting.LINK
            case Password(presets=presets, browser=signs_in):
                connecting = Connecting.PASSWORD
                browser = signs_in.name if signs_in else ""
            case OnThisComputer():
                connecting = Connecting.NOTHING
            case other:
                assert_never(other)
        return Service(
            id=self.id,
            name=self.name,
            home=self.home,
            connecting=connecting,
            pastes_tokens=pastes_tokens,
            own_client=own_client,
            saved=self.saved,
            lists=self.lists,
            where=where,
            presets=presets,
            browser=browser,
            connect=self.connect,
            connect_another=self.connect_another,
        )
