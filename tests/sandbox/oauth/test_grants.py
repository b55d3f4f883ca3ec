"""What holds for the grants of either service, whatever its policy says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.oauth.grants import SandboxGrants
from oo_desktop.sandbox.oauth.policy import OAuthRefused, SandboxClient
from oo_desktop.sandbox.world import World

NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
CALLBACK = "http://localhost/callback"


@pytest.fixture(params=["todoist", "google"])
def grants(request: pytest.FixtureRequest) -> SandboxGrants:
    world = World(clock=SandboxClock(base=lambda: NOON))
    found: SandboxGrants = getattr(world, request.param).grants
    return found


@pytest.fixture
def client(grants: SandboxGrants) -> SandboxClient:
    client = SandboxClient(id="mine", name="Mine", redirect_uris=(CALLBACK,), project="mine")
    grants.clients[client.id] = client
    return client


def signed_in(grants: SandboxGrants, client: SandboxClient, user_id: str = "ada") -> dict[str, Any]:
    code = grants.consent(client=client, user_id=user_id, scope=("read",), redirect_uri=CALLBACK)
    return grants.exchange(client, code=code, redirect_uri=CALLBACK)


def test_a_code_works_once_and_a_second_use_ends_what_it_gave(
    grants: SandboxGrants, client: SandboxClient
) -> None:
    code = grants.consent(client=client, user_id="ada", scope=("read",), redirect_uri=CALLBACK)
    said = grants.exchange(client, code=code, redirect_uri=CALLBACK)
    assert grants.token(said["access_token"]) is not None
    with pytest.raises(OAuthRefused):
        grants.exchange(client, code=code, redirect_uri=CALLBACK)
    assert grants.token(said["access_token"]) is None
    assert grants.live_refresh(client) == []


def test_a_code_is_good_for_its_client_and_its_address_alone(
    grants: SandboxGrants, client: SandboxClient
) -> None:
    code = grants.consent(client=client, user_id="ada", scope=("read",), redirect_uri=CALLBACK)
    other = SandboxClient(id="other", name="Other")
    for who, where in ((other, CALLBACK), (client, "http://localhost/elsewhere")):
        with pytest.raises(OAuthRefused):
            grants.exchange(who, code=code, redirect_uri=where)
    assert grants.exchange(client, code=code, redirect_uri=CALLBACK)["access_token"]


def test_a_refresh_can_narrow_the_scope_and_not_widen_it(
    grants: SandboxGrants, client: SandboxClient
) -> None:
    token = signed_in(grants, client)["refresh_token"]
    with pytest.raises(OAuthRefused):
        grants.refresh(client, token, "read write")
    assert grants.refresh(client, token, "read")["scope"] == "read"
    assert grants.refreshes == 1


def test_one_persons_grants_can_be_revoked(grants: SandboxGrants, client: SandboxClient) -> None:
    adas, graces = signed_in(grants, client), signed_in(grants, client, "grace")
    assert grants.revoke(user_id="ada") == 1
    assert grants.token(adas["access_token"]) is None
    assert grants.token(graces["access_token"]) is not None
    assert (grants.knows(client, "ada"), grants.knows(client, "grace")) == (False, True)


def test_either_token_revokes_all_of_its_person_and_project(
    grants: SandboxGrants, client: SandboxClient
) -> None:
    first, second = signed_in(grants, client), signed_in(grants, client)
    assert grants.revoke_token(second["refresh_token"])
    assert grants.token(first["access_token"]) is None
    assert not grants.revoke_token(second["access_token"]), "it is over"
    assert not grants.revoke_token("nonsense")


def test_what_is_forgotten_leaves_the_clients(grants: SandboxGrants, client: SandboxClient) -> None:
    signed_in(grants, client)
    grants.age(timedelta(days=1))
    assert grants.expire_access() == 1
    grants.forget()
    assert (grants.grants, grants.access, grants.refreshes) == ([], {}, 0)
    assert grants.clients["mine"] is client
