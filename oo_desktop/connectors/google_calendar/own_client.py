"""Takes the client that a user made in Google's console, and explains how to make one.

Google registers no client by itself. It calls ours “Desktop app” clients and offers each as a file,
`client_secret_….json`. Where the file says sign-ins go is not looked at: that is what config.toml
is for, and a file from somebody else must not send anybody to another place.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from oo_desktop.errors import SignInError
from oo_desktop.language import translated, untranslated
from oo_desktop.model.state import MAX_CLIENT_FILE, ClientHelp
from oo_desktop.oauth.messages import OAuthClient, OwnClient

NOT_A_CLIENT = untranslated(
    "This is not the file of a client. Download it again from the Google Cloud console, where it "
    "is called client_secret_….json."
)
WEB_CLIENT = untranslated(
    "This client is for web applications, and oO is none. Create one of the type “Desktop app” in "
    "the same place, and bring its file."
)
ONLY_HALF = untranslated(
    "This file has no client secret: Google shows one only when it is made. Add a new secret to "
    "the client, or create a new client, and download the file then."
)

HELP = ClientHelp(
    service="Google Calendar",
    vendor="Google",
    file_name="client_secret_….json",
    why=untranslated(
        "Google lets apps read a calendar only with a client. oO ships none; yours takes five "
        "minutes, costs nothing and is nobody else’s."
    ),
    steps=(
        untranslated(
            '<a href="https://console.cloud.google.com/projectcreate">Create a project</a>; call it'
            " oO, say."
        ),
        untranslated(
            '<a href="https://console.cloud.google.com/apis/library/calendar-json.googleapis.com">'
            "Enable the Google Calendar API</a> in it."
        ),
        untranslated(
            '<a href="https://console.cloud.google.com/auth/overview">Set up the consent screen</a>'
            ": an app name, your e-mail address, audience <b>External</b>."
        ),
        untranslated(
            'Under <a href="https://console.cloud.google.com/auth/audience">Audience</a>, choose'
            " <b>Publish app</b>. While it is in Testing, Google ends your sign-in after 7 days."
            " You need no verification."
        ),
        untranslated(
            '<a href="https://console.cloud.google.com/auth/clients/create">Create a client</a> of'
            " the type <b>Desktop app</b>."
        ),
        untranslated(
            "<b>Download JSON</b> before you close that page (Google shows the secret only then), "
            "and bring the file here."
        ),
    ),
    warning=untranslated(
        "Google will warn that it has not verified this app. The app is the one you just made: "
        "choose Advanced, then go on."
    ),
)

_REMEDIES = {
    "deleted_client": untranslated(
        "it was deleted there, which also happens after six months without use. "
        "Give oO the file of a new one."
    ),
    "unauthorized_client": untranslated(
        "it may not sign in this way. Give oO the file of a client for a “Desktop app”."
    ),
}
_REMEDY = untranslated(
    "its id or secret is not the right one. Give oO the file of the client again, or of a new one."
)


def own_client(client_id: str, client_secret: str) -> OwnClient:
    """Return what oO has to know of such a client, and the one that config.toml names."""
    configured = OAuthClient(client_id=client_id, secret=client_secret or None)
    return OwnClient(
        from_file=client_from_file,
        help=HELP,
        errors=frozenset({"invalid_request"}),  # what Google says where the secret is missing
        remedies=_REMEDIES,
        remedy=_REMEDY,
        configured=configured if client_id else None,
    )


_Text = Annotated[str, Meta(min_length=1, max_length=512, pattern=r"^[!-~]+\Z")]


class _Installed(Struct, frozen=True):
    client_id: _Text
    client_secret: _Text | None = None

    def __repr__(self) -> str:
        return "_Installed(…)"


class _File(Struct, frozen=True):
    installed: _Installed | None = None
    web: object = None

    def __repr__(self) -> str:
        return "_File(…)"


_files = msgspec.json.Decoder(_File)


def client_from_file(text: str) -> OAuthClient:
    """Return the client in a `client_secret_….json`. Raises SignInError: what it is instead."""
    if len(text) > MAX_CLIENT_FILE:
        raise SignInError(translated(NOT_A_CLIENT))
    try:
        file = _files.decode(text.removeprefix("\ufeff"))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise SignInError(translated(NOT_A_CLIENT)) from None  # its own text could quote the file
    if file.installed is None:
        raise SignInError(translated(NOT_A_CLIENT if file.web is None else WEB_CLIENT))
    if file.installed.client_secret is None:
        raise SignInError(translated(ONLY_HALF))
    return OAuthClient(client_id=file.installed.client_id, secret=file.installed.client_secret)
