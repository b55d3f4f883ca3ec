"""What is said of a service: its kind of sign-in decides what the screen offers."""

import pytest

from oo_desktop.connectors.base import (
    EVERYTHING,
    ApiToken,
    ClientAt,
    Connector,
    OAuthSignIn,
    OnThisComputer,
    Password,
    PastedTokens,
    SecretLink,
    SignIn,
)
from oo_desktop.connectors.google_calendar.own_client import HELP, own_client
from oo_desktop.http.client import ServiceClient
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.model.signals import ProviderId, UserId
from oo_desktop.model.source import Identity
from oo_desktop.model.state import Connecting, Preset, Service
from oo_desktop.oauth.messages import OAuthService
from oo_desktop.testing import ScriptedSource
from tests.connectors.password_server import Granting

URL = "https://jotter.example/"
SERVICE = OAuthService(name="Jot", authorize_url=URL, token_url=URL, scope="read")


async def of_client(_client: ServiceClient) -> Identity:
    return Identity(UserId("ada"), "Ada")


async def of_link(_client: LinkClient) -> Identity:
    return Identity(UserId("ada"), "Ada")


async def here() -> Identity:
    return Identity(UserId("this-computer"), "This computer")


async def nowhere(_typed: str, _user_name: str, _client_at: ClientAt) -> str:
    return URL


def connector(sign_in: SignIn) -> Connector:
    return Connector(
        id=ProviderId("jotter"),
        name="Jotter",
        sign_in=sign_in,
        source=lambda _given: ScriptedSource("jotter"),
    )


def oauth(**more: object) -> OAuthSignIn:
    return OAuthSignIn(service=SERVICE, api_url=URL, identity=of_client, **more)  # type: ignore[arg-type]  # each test passes what it has


@pytest.mark.parametrize(
    ("sign_in", "connecting", "pastes"),
    [
        (oauth(), Connecting.BROWSER, False),
        (oauth(pasted=PastedTokens()), Connecting.BROWSER, True),
        (ApiToken(api_url=URL, identity=of_client), Connecting.TOKEN, False),
        (SecretLink(identity=of_link), Connecting.LINK, False),
        (Password(find_server=nowhere), Connecting.PASSWORD, False),
        (OnThisComputer(identity=here), Connecting.NOTHING, False),
    ],
)
def test_the_kind_of_sign_in_decides_what_the_screen_offers(
    sign_in: SignIn, connecting: Connecting, pastes: bool
) -> None:
    assert connector(sign_in).shown == Service(
        id=ProviderId("jotter"), name="Jotter", connecting=connecting, pastes_tokens=pastes
    )


def test_the_screen_knows_the_servers_that_can_be_chosen_and_those_with_a_page_to_sign_in() -> None:
    presets = (Preset(id="jot", name="Jot", server=URL),)
    sign_in = Password(find_server=nowhere, presets=presets, browser=Granting().browser)
    shown = connector(sign_in).shown
    assert (shown.presets, shown.browser) == (presets, "Job Cloud")


def test_who_has_to_make_a_client_is_told_how() -> None:
    service = OAuthService(
        name="Jot", authorize_url=URL, token_url=URL, scope="read", own_client=own_client("", "")
    )
    how = OAuthSignIn(service=service, api_url=URL, identity=of_client)
    assert connector(how).shown.own_client == HELP


def test_in_sentences_a_service_is_called_as_whom_one_signs_in_with() -> None:
    assert connector(oauth()).signs_in_with == "Jot"
    assert connector(SecretLink(identity=of_link)).signs_in_with == "Jotter"


def test_the_usual_rules_take_every_consent_for_all_there_is() -> None:
    assert EVERYTHING.scope(SERVICE, write=True) == "read"
    assert EVERYTHING.may_write(frozenset())
    assert EVERYTHING.lack(frozenset()) is None
