"""All that a connector may use, in one place: what is here stays as it is, or is announced.

A plug-in's package names a function in the entry point group `oo_desktop.connectors`; the function
is given the plug-in's section of config.toml and returns a `Connector`. `SignalSource` states what
a source owes, and `oo_desktop.testing.ConnectorContract` holds it to that. The README has a whole
example, "Write a connector".
"""

from typing import TypeVar

import msgspec

from oo_desktop.config import check_url
from oo_desktop.connectors.builtin import Connector, Surroundings
from oo_desktop.connectors.sign_in import PastedTokens, Provider, token_provider
from oo_desktop.errors import (
    AuthRequired,
    ConfigError,
    Rejected,
    SourceError,
    Unavailable,
    VaultError,
)
from oo_desktop.http.client import AnswerLost, Refused, ServiceClient
from oo_desktop.http.json import UNREADABLE, json_as
from oo_desktop.model.signals import (
    ActionKind,
    Calendar,
    Container,
    Day,
    Due,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.model.source import (
    ActingSource,
    Action,
    Asked,
    BatchSource,
    Identity,
    SignalSource,
    Snapshot,
)
from oo_desktop.oauth.messages import OAuthService

__all__ = [
    "ActingSource",
    "Action",
    "ActionKind",
    "AnswerLost",
    "Asked",
    "AuthRequired",
    "BatchSource",
    "Calendar",
    "ConfigError",
    "Connector",
    "Container",
    "Day",
    "Due",
    "Event",
    "Fixed",
    "Floating",
    "Identity",
    "OAuthService",
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
    "Unavailable",
    "UserId",
    "VaultError",
    "check_url",
    "decoded",
    "token_provider",
]

T = TypeVar("T")


def decoded(body: bytes, form: type[T]) -> T:
    """The JSON in `body` as `form`: a msgspec Struct, a list of them, any type msgspec knows.

    Raises Unavailable for what is no JSON, Rejected for JSON of another form; neither repeats any
    of it.
    """
    try:
        return json_as(body, form)
    except msgspec.ValidationError:
        error: Exception = Rejected("The service’s answer is not what this connector understands.")
    except UNREADABLE:
        error = Unavailable("The service’s answer cannot be read. oO keeps trying.")
    raise error
