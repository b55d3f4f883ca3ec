"""Holds all that a connector may use: what is here stays as it is, or is announced.

A plug-in's package names a function in the entry point group `oo_desktop.connectors`; the function
is given the plug-in's section of config.toml and returns a `Connector`. `SignalSource` states what
a source owes, and `oo_desktop.testing.ConnectorContract` holds it to that. CONTRIBUTING.md has
a whole example, "Write a connector".

`Provider`, `token_provider`, `Surroundings` and what `Connector` takes with them (`provider`,
`pastes_tokens`) are how a sign-in was given before there were kinds of it. They go on working.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from oo_desktop.connectors import base
from oo_desktop.connectors.base import (
    ANY_MARKS,
    ApiToken,
    ConnectorContext,
    IdentityOfClient,
    OAuthSignIn,
    Offered,
    OnThisComputer,
    PastedTokens,
    SignIn,
)
from oo_desktop.errors import (
    AuthRequired,
    ConfigError,
    Rejected,
    SourceError,
    Unavailable,
    VaultError,
)
from oo_desktop.http import client
from oo_desktop.http.addresses import check_url
from oo_desktop.http.client import AnswerLost, Refused, ServiceClient, WaitOfError
from oo_desktop.language import untranslated
from oo_desktop.model.signals import (
    ActionKind,
    Calendar,
    Container,
    Day,
    Due,
    Event,
    Fixed,
    Floating,
    NewTask,
    ProviderId,
    SignalId,
    Task,
    TaskList,
    UserId,
)
from oo_desktop.model.source import (
    ActingSource,
    Action,
    Added,
    AddingSource,
    Asked,
    BatchSource,
    ComparingSource,
    Identity,
    SignalSource,
    Snapshot,
    TellingSource,
)
from oo_desktop.model.state import Listed
from oo_desktop.oauth import messages

__all__ = [
    "ActingSource",
    "Action",
    "ActionKind",
    "Added",
    "AddingSource",
    "AnswerLost",
    "ApiToken",
    "Asked",
    "AuthRequired",
    "BatchSource",
    "Calendar",
    "ComparingSource",
    "ConfigError",
    "Connector",
    "ConnectorContext",
    "Container",
    "Day",
    "Due",
    "Event",
    "Fixed",
    "Floating",
    "Identity",
    "Listed",
    "NewTask",
    "OAuthService",
    "OAuthSignIn",
    "OnThisComputer",
    "PastedTokens",
    "Provider",
    "ProviderId",
    "Refused",
    "Rejected",
    "ServiceClient",
    "SignalId",
    "SignalSource",
    "Snapshot",
    "SourceError",
    "Surroundings",
    "Task",
    "TaskList",
    "TellingSource",
    "Unavailable",
    "UserId",
    "VaultError",
    "check_url",
    "decoded",
    "token_provider",
]

T = TypeVar("T")

Surroundings = ConnectorContext


class OAuthService(messages.OAuthService, frozen=True, kw_only=True):
    """Says where and as what to sign in. provider: the connector's id, for `Provider`."""

    provider: ProviderId = ProviderId("")


class Provider:
    """Holds a sign-in, and whose it is, as `Connector(provider=…)` takes it."""

    def __init__(
        self,
        *,
        service: OAuthService,
        api_url: str,
        identity: IdentityOfClient,
        revoke_url: str = "",
        pasted: PastedTokens = PastedTokens(),  # noqa: B008  # it is frozen
        **more: Any,
    ) -> None:
        self.id, self.name, self.pasted = service.provider, service.name, pasted
        self.sign_in: SignIn
        service = msgspec.structs.replace(service, own_client=service.own_client or None)  # False
        if service.authorize_url:
            self.sign_in = OAuthSignIn(
                service=service, api_url=api_url, identity=identity, revoke_url=revoke_url, **more
            )
        else:
            self.sign_in = ApiToken(
                api_url=api_url, identity=identity, revoke_url=revoke_url, pasted=pasted
            )


def token_provider(
    *,
    id: str,  # noqa: A002  # what the rest of oO calls it
    name: str,
    api_url: str,
    identity: IdentityOfClient,
    revoke_url: str = "",
    pasted: PastedTokens = ANY_MARKS,
) -> Provider:
    """Return a service whose users paste a token they made there: an `ApiToken`."""
    service = OAuthService(
        provider=ProviderId(id), name=name, authorize_url="", token_url="", scope=""
    )
    return Provider(
        service=service, api_url=api_url, identity=identity, revoke_url=revoke_url, pasted=pasted
    )


class Connector(base.Connector):
    """Describes one service: see `connectors.base.Connector`.

    provider: whose sign-in it is, in place of `id`, `name` and `sign_in`.
    pastes_tokens: whether a token does in place of signing in there with the browser.
    """

    def __init__(
        self,
        *,
        source: Callable[[ConnectorContext], SignalSource],
        id: ProviderId | None = None,  # noqa: A002  # what the rest of oO calls it
        name: str | None = None,
        sign_in: SignIn | None = None,
        provider: Provider | None = None,
        home: str | None = None,
        pastes_tokens: bool = False,
        poll_after: Callable[[Snapshot, datetime], float] | None = None,
        wait_of_error: WaitOfError | None = None,
        saved: str | None = None,
        lists: Listed = Listed.EVENTS,
        offered: Offered | None = None,
        connect: str = "",
        connect_another: str = "",
    ) -> None:
        if provider is not None:
            id, name, sign_in = provider.id, name or provider.name, provider.sign_in  # noqa: A001
            if pastes_tokens and isinstance(sign_in, OAuthSignIn):
                sign_in = replace(sign_in, pasted=provider.pasted)
        if id is None or name is None or sign_in is None:
            raise TypeError("a connector needs an id, a name and a sign-in")
        super().__init__(
            id=id,
            name=name,
            sign_in=sign_in,
            source=source,
            home=home,
            poll_after=poll_after,
            wait_of_error=wait_of_error,
            saved=saved,
            lists=lists,
            offered=offered,
            connect=connect,
            connect_another=connect_another,
        )


def decoded(body: bytes, form: type[T]) -> T:
    """Return the JSON in `body` as `form`: a msgspec Struct, a list of them, any type it knows.

    Raises Unavailable for what is no JSON, Rejected for JSON of another form; neither repeats any
    of it.
    """
    return client.decoded(
        body,
        form,
        not_understood=untranslated("The service’s answer is not what this connector understands."),
        unreadable=untranslated("The service’s answer cannot be read."),
    )
