"""What a plug-in may use: new names, and those it was written with before there were kinds."""

import dataclasses

from msgspec.structs import replace

from oo_desktop import connector as oo
from oo_desktop.config import Settings
from oo_desktop.connectors.registry import full_registry
from oo_desktop.model.state import Connecting
from oo_desktop.testing import ScriptedSource

JOTTER = oo.ProviderId("jotter")
SERVICE = oo.OAuthService(
    provider=JOTTER,
    name="Jotter",
    authorize_url="https://jotter.example/authorize",
    token_url="https://jotter.example/token",
    scope="read",
)


async def identity(_client: oo.ServiceClient) -> oo.Identity:
    return oo.Identity(oo.UserId("ada"), "Ada")


def source(_given: oo.Surroundings) -> oo.SignalSource:
    return ScriptedSource("jotter")


def browser(*, pastes_tokens: bool = False) -> oo.Connector:
    provider = oo.Provider(
        service=SERVICE,
        api_url="https://jotter.example/",
        identity=identity,
        revoke_url="https://jotter.example/apps",
        client_id="an-id",
        rotates=False,
    )
    return oo.Connector(
        provider=provider,
        source=source,
        home="https://jotter.example",
        pastes_tokens=pastes_tokens,
    )


def token() -> oo.Connector:
    provider = oo.token_provider(
        id="jotter", name="Jotter", api_url="https://jotter.example/", identity=identity
    )
    return oo.Connector(provider=provider, source=source)


def test_a_token_provider_is_an_api_token() -> None:
    given = oo.Connector(
        id=JOTTER,
        name="Jotter",
        sign_in=oo.ApiToken(api_url="https://jotter.example/", identity=identity),
        source=source,
    )
    assert token() == given
    assert given.shown.connecting is Connecting.TOKEN


def test_a_provider_with_a_page_to_sign_in_at_is_an_oauth_sign_in() -> None:
    made = browser()
    assert (made.id, made.name, made.home) == ("jotter", "Jotter", "https://jotter.example")
    assert made.sign_in == oo.OAuthSignIn(
        service=SERVICE,
        api_url="https://jotter.example/",
        identity=identity,
        revoke_url="https://jotter.example/apps",
        client_id="an-id",
        rotates=False,
    )
    assert not made.shown.pastes_tokens


def test_one_that_pastes_tokens_does_so_beside_its_sign_in() -> None:
    shown = browser(pastes_tokens=True).shown
    assert (shown.connecting, shown.pastes_tokens) == (Connecting.BROWSER, True)


async def test_what_is_on_this_computer_needs_no_provider() -> None:
    async def here() -> oo.Identity:
        return oo.Identity(oo.UserId("this-computer"), "This computer")

    async def offered() -> bool:
        return False

    made = oo.Connector(
        id=JOTTER,
        name="Jotter",
        sign_in=oo.OnThisComputer(identity=here),
        source=source,
        offered=offered,
    )
    assert made.shown.connecting is Connecting.NOTHING
    assert dataclasses.replace(made, name="Notes").offered is offered


def test_a_connector_can_have_another_name_than_its_sign_in() -> None:
    provider = oo.Provider(service=SERVICE, api_url="https://jotter.example/", identity=identity)
    made = oo.Connector(provider=provider, source=source, name="Jotter Notes")
    assert (made.name, made.signs_in_with) == ("Jotter Notes", "Jotter")
    assert dataclasses.replace(made, name="Notes").name == "Notes"


def test_a_service_may_say_that_no_client_is_the_users_own_as_it_was_said_before() -> None:
    service = replace(SERVICE, own_client=False)
    provider = oo.Provider(service=service, api_url="https://jotter.example/", identity=identity)
    made = oo.Connector(provider=provider, source=source)
    assert isinstance(made.sign_in, oo.OAuthSignIn)
    assert made.sign_in.service.own_client is None


async def test_both_ways_of_saying_it_pass_the_registrys_door() -> None:
    class Point:
        name = "jotter"

        def __init__(self, made: oo.Connector) -> None:
            self._made = made

        def load(self) -> object:
            return lambda _section: self._made

    for made in (token(), browser(), browser(pastes_tokens=True)):
        points = [Point(made)]
        found = await full_registry(Settings(), entry_points=points.copy)
        assert found.problems == ()
        assert found.connectors[-1].shown == made.shown


def test_everything_that_is_offered_is_there() -> None:
    assert all(hasattr(oo, name) for name in oo.__all__)
