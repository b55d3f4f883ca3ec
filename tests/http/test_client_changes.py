"""Changes on condition, and the errors of services that say things as Google does."""

import pytest

from oo_desktop.connectors.google_calendar.errors import reasons_from_json
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import Refused, ServiceClient
from oo_desktop.testing import FakeClock
from tests.http.scripted import TOKEN, Reply, ScriptedService, ScriptedTokens

SECRET = "what was sent"


def error(*reasons: object, details: object = None) -> dict[str, object]:
    entries = [{"domain": "global", "reason": reason, "message": SECRET} for reason in reasons]
    return {"error": {"code": 403, "message": SECRET, "errors": entries, "details": details}}


async def patched(client: ServiceClient, etag: str = '"1"') -> bytes:
    return await client.patch("a/b", params={"x": "y z"}, json={"k": 1}, if_match=etag)


async def test_a_change_goes_out_on_condition(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.body = {"ok": True}
    assert await patched(client) == b'{"ok": true}'
    (asked,) = service.asked
    assert (asked.method, asked.path, asked.query) == ("PATCH", "/api/v1/a/b", {"x": "y z"})
    assert asked.headers["if-match"] == '"1"'
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.body in (b'{"k":1}', b'{"k": 1}')


async def test_a_change_is_repeated_after_a_401_and_keeps_its_condition(
    client: ServiceClient, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    service.replies = [Reply(401)]
    await patched(client)
    assert [asked.headers["if-match"] for asked in service.asked] == ['"1"', '"1"']
    assert tokens.refused == [TOKEN]


async def test_reading_has_no_condition(client: ServiceClient, service: ScriptedService) -> None:
    await client.get("a")
    assert "if-match" not in service.asked[0].headers


@pytest.mark.parametrize("etag", ['"1"\r\nX: y', "“1”", '"\x00"'])
async def test_a_version_that_no_header_can_carry_is_never_sent(
    etag: str, client: ServiceClient, service: ScriptedService
) -> None:
    with pytest.raises(Rejected):
        await patched(client, etag)
    assert service.asked == []


async def test_what_has_changed_since_is_refused_with_its_status(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [Reply(412, error("conditionNotMet"))]
    with pytest.raises(Refused) as caught:
        await patched(client)
    assert caught.value.status == 412
    assert reasons_from_json(caught.value.body) == {"conditionNotMet"}


async def test_a_refusal_carries_reasons_and_no_sentence(
    client: ServiceClient, service: ScriptedService
) -> None:
    details = [{"@type": "x", "reason": "SERVICE_DISABLED", "metadata": {"a": SECRET}}]
    service.replies = [Reply(403, error("forbidden", SECRET, details=details))]
    with pytest.raises(Refused) as caught:
        await client.get("a")
    assert reasons_from_json(caught.value.body) == {"forbidden", "SERVICE_DISABLED"}
    assert SECRET not in repr(vars(caught.value))


async def test_a_connector_can_have_its_account_wait_as_after_a_429(
    client: ServiceClient, service: ScriptedService, clock: FakeClock
) -> None:
    limited = client.slow_down(60)
    assert (limited.limited, limited.reached) == (True, False)
    assert limited.retry_after == pytest.approx(63)  # half of the noise of a tenth
    for ask in (client.get("a"), patched(client), client.post("b")):
        with pytest.raises(Unavailable):
            await ask
    assert service.asked == []
    await clock.advance(64)
    await client.get("a")
