"""What connecting an account of a service takes: where to sign in, and what a consent is worth.

Services differ in both. Most of it is values; where a service needs judgement (which of the scopes
it granted are enough, why it ended a sign-in) it brings `GrantRules` of its own.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from oo_desktop.errors import SignInError
from oo_desktop.http.client import ServiceClient
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.model.signals import ProviderId
from oo_desktop.model.source import Identity
from oo_desktop.oauth.messages import OAuthService, TokenAnswer


class GrantRules:
    """What a consent is worth. These rules take every consent for all there is.

    `scopes` are those granted, as a set: their order and number say nothing (RFC 6749, 3.3).
    """

    def scope(self, service: OAuthService, *, write: bool) -> str:  # noqa: ARG002  # see below
        """What to ask for. write: the user wants to change things at the service, too."""
        return service.scope

    def refusal(self, answer: TokenAnswer, scopes: frozenset[str]) -> str | None:  # noqa: ARG002  # for services that have one
        """Why an account could not be kept with this, in words that say what to do; else None."""
        return None

    def lack(self, scopes: frozenset[str]) -> str | None:  # noqa: ARG002  # as above
        """What an account that works all the same cannot do for want of a scope; else None."""
        return None

    def may_write(self, scopes: frozenset[str]) -> bool:  # noqa: ARG002  # as above
        """Whether oO may change things at the service."""
        return True

    def ended(self, age: timedelta) -> str | None:  # noqa: ARG002  # as above
        """Why the service ends a sign-in of that age, where that tells; else None."""
        return None


EVERYTHING = GrantRules()


@dataclass(frozen=True, kw_only=True)
class PastedTokens:
    """What a token that a person pastes looks like, so that half of one is noticed.

    length: how many characters it may have.
    marks: what it may hold besides ASCII letters and digits.
    """

    length: range = range(20, 257)
    marks: str = ""

    def fits(self, token: str) -> bool:
        plain = token.translate(dict.fromkeys(map(ord, self.marks), "x"))
        return len(token) in self.length and plain.isascii() and plain.isalnum()


ANY_MARKS = PastedTokens(length=range(8, 513), marks="!#$%&'*+-./:=?@^_`|~")
"""For services of which nothing is known."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What signing in to one provider takes.

    api_url: base URL of the API, for asking who signed in.
    client_id: configured by the user; empty: register one (RFC 7591), or use the user's own.
    callback_ports: tried in order; the service knows them all. 0: any that is free.
    callback_host: `localhost`, or the literal address the service wants to lead back to.
    identity: asks the service who owns the token it is given.
    link_identity: where an account is a secret link: what it leads to. Then nothing else is asked.
    revoke_url: the page where a person ends oO's access.
    rotates: whether each refresh replaces the refresh token.
    rules: what a consent is worth.
    pasted: what its personal tokens look like; Todoist's have 40 letters and digits.
    """

    service: OAuthService
    api_url: str
    client_id: str = ""
    callback_ports: tuple[int, ...] = (0,)
    callback_host: str = "localhost"
    identity: Callable[[ServiceClient], Awaitable[Identity]]
    revoke_url: str
    rotates: bool = True
    rules: GrantRules = EVERYTHING
    pasted: PastedTokens = PastedTokens()
    link_identity: Callable[[LinkClient], Awaitable[Identity]] | None = None

    @property
    def has_sign_in(self) -> bool:
        """Whether there is a page to sign in at; otherwise a pasted token is the only way."""
        return bool(self.service.authorize_url)

    @property
    def callback_path(self) -> str:
        return f"/api/integrations/{self.service.provider}/callback"

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """For a client that is registered with them."""
        return tuple(
            f"http://{self.callback_host}:{port}{self.callback_path}"
            for port in self.callback_ports
        )


def token_provider(
    *,
    id: str,  # noqa: A002  # what the rest of oO calls it
    name: str,
    api_url: str,
    identity: Callable[[ServiceClient], Awaitable[Identity]],
    revoke_url: str = "",
    pasted: PastedTokens = ANY_MARKS,
) -> Provider:
    """A service without a sign-in of its own: its users paste a token they made there.

    revoke_url: the page where they end it; empty: none that is known.
    """
    service = OAuthService(
        provider=ProviderId(id), name=name, authorize_url="", token_url="", scope=""
    )
    return Provider(
        service=service,
        api_url=api_url,
        identity=identity,
        revoke_url=revoke_url,
        rotates=False,
        pasted=pasted,
    )


def link_provider(
    *, provider: ProviderId, name: str, identity: Callable[[LinkClient], Awaitable[Identity]]
) -> Provider:
    """What is reached by a secret link: whoever has that needs nothing else."""

    async def nobody(_client: ServiceClient) -> Identity:
        raise SignInError(f"{name} is connected with a link.")

    return Provider(
        service=OAuthService(
            provider=provider, name=name, authorize_url="", token_url="", scope=""
        ),
        api_url="",
        identity=nobody,
        link_identity=identity,
        revoke_url="",
        rotates=False,
    )
