"""Say what a service's sign-in does in its own way: values, words, and a few decisions."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from starlette.responses import Response


@dataclass(frozen=True)
class OAuthRefusal:
    """Holds an OAuth error as it goes over the wire."""

    error: str
    description: str = ""
    status: int = 400
    subtype: str = ""

    def body(self) -> dict[str, str]:
        """Return the JSON body; what is empty is left out."""
        more = {"error_description": self.description, "error_subtype": self.subtype}
        return {"error": self.error} | {key: text for key, text in more.items() if text}


class OAuthRefused(Exception):
    """Says that a request is refused, and how."""

    def __init__(self, refusal: OAuthRefusal) -> None:
        super().__init__(refusal.error)
        self.refusal = refusal


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """Holds how a service says each no that both services know.

    unknown_app: on the way to the consent page; unknown_client: at the token endpoint. over: the
    grant of a refresh token has ended.
    """

    unknown_app: OAuthRefusal
    no_client_id: OAuthRefusal
    unknown_client: OAuthRefusal
    wrong_secret: OAuthRefusal
    unknown_code: OAuthRefusal
    spent_code: OAuthRefusal
    other_redirect: OAuthRefusal
    no_verifier: OAuthRefusal
    wrong_verifier: OAuthRefusal
    unknown_refresh_token: OAuthRefusal
    over: OAuthRefusal
    wider_scope: OAuthRefusal


@dataclass(frozen=True, kw_only=True)
class Consenter:
    """Holds somebody who can answer a consent page."""

    id: str
    email: str
    name: str


class TokenKind(Enum):
    """Names what is given out; each has a form of its own at each service."""

    CODE = auto()
    ACCESS = auto()
    REFRESH = auto()


@dataclass(kw_only=True, eq=False)
class SandboxClient:
    """Holds an app that may ask people for access. `secret`: None for a public one.

    redirect_uris, grant_types, auth_method, scope: what it registered (Todoist). project, testing,
    verified, deleted, api_enabled: what the Cloud console keeps of it (Google).
    """

    id: str
    name: str
    secret: str | None = field(default=None, repr=False)
    redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")
    auth_method: str = "client_secret_post"
    scope: frozenset[str] = frozenset()
    project: str = ""
    testing: bool = False
    verified: bool = True
    deleted: bool = False
    api_enabled: bool = True

    @property
    def sole_redirect(self) -> str | None:
        """Return the redirect address where exactly one is registered."""
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """Holds the PKCE challenge of a sign-in (RFC 7636)."""

    value: str
    method: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """Holds a sign-in that waits for a person; `query` is all that was asked."""

    client: SandboxClient
    redirect_uri: str
    state: str | None
    scope: tuple[str, ...]
    challenge: Challenge | None
    query: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ConsentWords:
    """Holds what the consent page says.

    heading: with `{}` for the app's name. choices: for no and for yes. unverified: of such an app.
    over, over_title: of a question that was answered before, or never asked.
    """

    service: str
    title: str
    heading: str
    choices: tuple[str, str]
    unverified: str = ""
    over: str
    over_title: str


class OAuthPolicy(ABC):
    """Says what one service's sign-in does in its own way.

    register_path, revoke_path: empty where there is none. headers: go with every answer.
    tells_app: mistakes in a question go to the redirect address, once that is known to be right;
    else they stay in the browser. takes_json: at the token endpoint, beside a form. knows_prompt:
    `none` is answered without a page (OpenID Connect). unused_lifetime: after how long a grant ends
    that was not used; testing_lifetime: after how long it ends where its client is in testing.
    max_refresh_tokens: of one person and client; the oldest end silently. rotates: a refresh brings
    a new refresh token. grace: for how long the old one is forgiven; after that it is a replay and
    ends all of that person and client. None: it is simply unknown. time_limit: how long new grants
    last, where the person says so. send_iss: the `iss` of the callback (RFC 9207).
    """

    authorize_path: str
    token_path: str
    register_path = ""
    revoke_path = ""
    words: ConsentWords
    headers: Mapping[str, str]
    refusals: Refusals
    tells_app: bool
    takes_json = False
    knows_prompt = False
    challenge_methods: frozenset[str]
    scope_separator: str
    code_lifetime = timedelta(minutes=10)
    unused_lifetime: timedelta | None = None
    testing_lifetime: timedelta | None = None
    max_refresh_tokens: int | None = None
    rotates: bool
    grace: timedelta | None = None
    time_limit: timedelta | None = None
    send_iss: str | None = None

    # Registration

    def refused_registration(self, _address: str) -> Response | None:
        """Return the refusal of one registration too many from an address."""
        return None

    def client_from_metadata(self, _metadata: object) -> SandboxClient:
        """Read an app's metadata (RFC 7591). Raises OAuthRefused."""
        raise NotImplementedError

    # The question

    def check_app(self, _client: SandboxClient) -> None:
        """Let a client ask. Raises OAuthRefused where it may not."""
        return

    @abstractmethod
    def checked_redirect(self, client: SandboxClient, given: str | None) -> str:
        """Return the redirect address to use. Raises OAuthRefused."""

    def checked_state(self, given: str | None) -> str | None:
        """Return the `state` to give back. Raises OAuthRefused."""
        return given

    @abstractmethod
    def checked_scope(self, client: SandboxClient, text: str) -> tuple[str, ...]:
        """Return the scopes that are asked for. Raises OAuthRefused."""

    def needs_challenge(self, _client: SandboxClient) -> bool:
        """Return whether PKCE is mandatory."""
        return False

    # The browser

    @abstractmethod
    def people(self) -> Sequence[Consenter]:
        """Return who can answer."""

    @abstractmethod
    def may(self, scope: tuple[str, ...]) -> list[str]:
        """Return what the page says of the scopes: HTML, a line each."""

    @abstractmethod
    def shown_refusal(self, refusal: OAuthRefusal) -> Response:
        """Return what the browser shows where the app must not hear of it."""

    def given_scope(self, question: Question, _ticked: Iterable[str]) -> tuple[str, ...]:
        """Return what a person agreed to, by the boxes of the page. Nothing is a no."""
        return question.scope

    def callback(
        self, _question: Question, _person: Consenter, _scope: tuple[str, ...], _first: bool
    ) -> dict[str, str]:
        """Return what goes to the app beside the code. first: no other grant of theirs lives."""
        return {}

    # The tokens

    @abstractmethod
    def new_value(self, kind: TokenKind) -> str:
        """Return a fresh code or token."""

    @abstractmethod
    def access_lifetime(self, client: SandboxClient) -> timedelta:
        """Return how long an access token of that client lives."""

    @abstractmethod
    def wants_refresh(self, question: Question, first: bool) -> bool:
        """Return whether a refresh token comes with the access token."""

    @abstractmethod
    def check_client(self, client: SandboxClient, secret: str | None) -> None:
        """Check a client at the token endpoint. Raises OAuthRefused."""

    def unsupported_grant(self, _grant_type: str) -> OAuthRefusal:
        """Return how a grant type is refused that the client may not use, or nobody knows."""
        return OAuthRefusal("unsupported_grant_type")

    def identity(
        self, _client: SandboxClient, _user_id: str, _scope: tuple[str, ...], _nonce: str | None
    ) -> dict[str, Any]:
        """Return what the token answer tells of the person (OpenID Connect)."""
        return {}
