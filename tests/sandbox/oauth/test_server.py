"""What holds for the sign-in of either service."""

import pytest

from tests.sandbox.guest import Guest


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/oauth/access_token", 401, "invalid_client"),
        ("/google/token", 400, "invalid_request"),
    ],
)
@pytest.mark.parametrize("credentials", ["nonsense!", "//8="], ids=["no base64", "no text"])
async def test_credentials_that_cannot_be_read_are_nobodys(
    guest: Guest, path: str, status: int, error: str, credentials: str
) -> None:
    answer = await guest.http.post(
        path, data={"client_id": "x"}, headers={"Authorization": f"Basic {credentials}"}
    )
    assert (answer.status_code, answer.json()["error"]) == (status, error)
