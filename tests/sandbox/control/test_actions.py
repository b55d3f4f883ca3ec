"""What is done to all services at once."""

from tests.sandbox.google.guest import (
    ADA,
    GOOGLE,
    GRACE,
    GoogleGuest,
)
from tests.sandbox.guest import Guest


async def test_a_reset_keeps_apps_connected_unless_told(guest: Guest) -> None:
    _, tokens = await guest.connect()
    await guest.control("clear_tasks")
    await guest.control("offline")
    await guest.control("reset")
    assert len(await guest.titles("view all")) == 13
    assert (await guest.get("/user", token=tokens["access_token"])).status_code == 200
    await guest.control("reset", apps=True)
    assert (await guest.get("/user", token=tokens["access_token"])).status_code == 401
    assert (await guest.get("/user")).status_code == 200


async def test_expiring_and_revoking_mean_one_service_or_all(
    google: GoogleGuest, guest: Guest
) -> None:
    client_id, tokens = await guest.connect()
    google_tokens = await google.connect()
    assert (await google.control("expire", service=GOOGLE))["expired"] == 2
    assert (await guest.get("/user", token=tokens["access_token"])).status_code == 200
    await google.control("revoke", service=GOOGLE)
    assert (await google.refresh(google_tokens["refresh_token"])).status_code == 400
    assert (await guest.refresh(client_id, tokens["refresh_token"])).status_code == 200
    google_tokens = await google.connect()
    await google.control("revoke")
    assert (await google.refresh(google_tokens["refresh_token"])).status_code == 400


async def test_one_persons_consent_can_be_revoked(google: GoogleGuest) -> None:
    graces = await google.connect(email=GRACE)
    adas = await google.connect()
    await google.control("revoke", service=GOOGLE, email=ADA)
    assert (await google.refresh(adas["refresh_token"])).status_code == 400
    assert (await google.refresh(graces["refresh_token"])).status_code == 200
