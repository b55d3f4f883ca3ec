"""The control page and its JSON: what they show, what they do, and what they never show."""

import pytest

from tests.sandbox.guest import FORM, Guest


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_other_sites_cannot_push_the_buttons(guest: Guest, origin: str) -> None:
    answer = await guest.http.post("/sandbox/api/offline", headers={"Origin": origin, **FORM})
    assert answer.status_code == 403
    assert (await guest.state())["faults"] == []


async def test_an_unknown_action_names_the_known_ones(guest: Guest) -> None:
    answer = await guest.http.post("/sandbox/api/dance")
    assert answer.status_code == 404
    assert "revoke" in answer.json()["actions"]


async def test_a_body_that_is_no_object_is_400(guest: Guest) -> None:
    answer = await guest.http.post("/sandbox/api/delay", content=b"[1]")
    assert answer.status_code == 400
