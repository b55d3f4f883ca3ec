"""A token endpoint that answers whatever a test says, and what the tests of OAuth ask of it."""

import json
from collections.abc import Mapping

from oo_desktop.errors import Unavailable
from oo_desktop.http.client import Answer, AnswerLost, NotSent, Untrusted
from oo_desktop.oauth import messages as oauth
from oo_desktop.oauth.messages import OAuthService, TokenAnswer

SERVICE = OAuthService(
    name="Todoist",
    authorize_url="https://app.todoist.example/oauth/authorize",
    token_url="https://api.todoist.example/oauth/access_token",
    register_url="https://api.todoist.example/oauth/register",
    scope="data:read_write",
    issuers=frozenset({"https://todoist.example"}),
)
REDIRECT = "http://localhost:8771/api/integrations/todoist/callback"
GOOD: dict[str, object] = {
    "access_token": "planted-access",
    "token_type": "Bearer",
    "expires_in": 3600,
    "refresh_token": "planted-refresh",
    "scope": "data:read_write",
}
SECRETS = ("planted", "the-code", "the-verifier", "the-state")


class Endpoint:
    """Stands in for `Http`: answers, or fails, as told, and remembers what was asked."""

    def __init__(self, answer: Answer | Unavailable) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, Mapping[str, str] | None, object]] = []

    async def request(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
    ) -> Answer:
        self.asked.append((method, url, form, json))
        if isinstance(self.answer, Unavailable):
            raise self.answer
        return self.answer


def answering(
    body: object,
    *,
    status: int = 200,
    content_type: str = "application/json",
    retry_after: float | None = None,
) -> Endpoint:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Endpoint(Answer(status, content_type, raw, retry_after))


async def exchange(endpoint: Endpoint) -> TokenAnswer:
    return await oauth.exchange(
        endpoint,
        SERVICE,
        client_id="tdd_1",
        code="the-code",
        redirect_uri=REDIRECT,
        verifier="the-verifier",
    )


async def refresh(endpoint: Endpoint) -> TokenAnswer:
    return await oauth.refresh(
        endpoint, SERVICE, client_id="tdd_1", refresh_token="planted-refresh-0"
    )


async def register(endpoint: Endpoint) -> str:
    return await oauth.register(endpoint, SERVICE, redirect_uris=(REDIRECT,))


FAILURES: list[Answer | Unavailable] = [
    NotSent("x"),
    Untrusted("Check the clock."),
    AnswerLost("x"),
    Answer(200, "text/html", b"<html>Welcome to the hotel</html>"),
    Answer(200, "application/json", b'{"access_token": "planted'),
    Answer(302, "", b""),
    Answer(403, "text/html", b"<html>"),
    Answer(408, "", b""),
    Answer(429, "application/json", b'{"error": "planted"}', 30),
    Answer(500, "application/json", b'{"error": "invalid_grant"}'),
    Answer(503, "text/plain", b"invalid_grant"),
]
