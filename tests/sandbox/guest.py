"""A guest of the sandbox: plain HTTP to it, nothing of oO."""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from oo_desktop.sandbox.world import World

DUE = "(today | overdue) & (assigned to: me | !assigned)"
CALLBACK = "http://localhost:8771/callback"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Attempt:
    """A sign-in somebody began."""

    client_id: str
    verifier: str
    challenge: str


def new_verifier() -> tuple[str, str]:
    """A PKCE verifier and its S256 challenge, by the letter of RFC 7636, section 4.2."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return verifier, base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


class SandboxGuest:
    """Talks to one sandbox; `world` is that sandbox from inside, `token` what opens the API."""

    def __init__(self, http: httpx.AsyncClient, world: World) -> None:
        self.http = http
        self.world = world
        self.token = ""

    def bearer(self, token: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {token or self.token}"}

    async def control(self, action: str, **given: Any) -> Any:
        answer = await self.http.post(f"/sandbox/api/{action}", json=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def state(self) -> dict[str, Any]:
        state: dict[str, Any] = (await self.http.get("/sandbox/api/state")).json()
        return state


class Guest(SandboxGuest):
    """Is Ada, at the stand-in Todoist."""

    def __init__(self, http: httpx.AsyncClient, world: World) -> None:
        super().__init__(http, world)
        self.ada = next(iter(world.todoist.state.accounts.values()))
        self.token = self.ada.personal_token

    async def get(self, path: str, *, token: str | None = None, **query: Any) -> httpx.Response:
        return await self.http.get(f"/api/v1{path}", params=query, headers=self.bearer(token))

    async def post(
        self, path: str, body: Any = None, *, token: str | None = None
    ) -> httpx.Response:
        content = None if body is None else json.dumps(body)
        return await self.http.post(
            f"/api/v1{path}",
            content=content,
            headers={**self.bearer(token), "Content-Type": "application/json"},
        )

    async def sync(self, *commands: dict[str, Any]) -> dict[str, Any]:
        answer = await self.http.post(
            "/api/v1/sync", data={"commands": json.dumps(commands)}, headers=self.bearer()
        )
        assert answer.status_code == 200
        body: dict[str, Any] = answer.json()
        return body

    async def titles(self, query: str) -> list[str]:
        answer = await self.get("/tasks/filter", query=query, limit=200)
        assert answer.status_code == 200, answer.text
        return [task["content"] for task in answer.json()["results"]]

    async def add(self, content: str = "A task", **fields: Any) -> str:
        added: str = (await self.control("add_task", content=content, **fields))["id"]
        return added

    async def task(self, id_: str) -> dict[str, Any]:
        answer = await self.get(f"/tasks/{id_}")
        assert answer.status_code == 200, answer.text
        task: dict[str, Any] = answer.json()
        return task

    # Signing in

    async def register(self, **changes: Any) -> httpx.Response:
        metadata = {
            "client_name": "A guest",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "scope": "data:read_write",
            **changes,
        }
        return await self.http.post("/oauth/register", json=metadata)

    async def begin(self, **metadata: Any) -> Attempt:
        client_id = (await self.register(**metadata)).json()["client_id"]
        return Attempt(client_id, *new_verifier())

    async def authorize(self, attempt: Attempt, **changes: str | None) -> httpx.Response:
        query = {
            "client_id": attempt.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "data:read_write",
            "state": "a-state",
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        given = {key: value for key, value in query.items() if value is not None}
        return await self.http.get("/oauth/authorize", params=given)

    async def decide(self, page: httpx.Response, decision: str = "allow") -> dict[str, str]:
        """Click on the consent page; what the callback is given."""
        fields = dict(re.findall(r'name="(ticket|account)" value="([^"]+)"', page.text))
        answer = await self.http.post("/oauth/authorize", data={**fields, "decision": decision})
        assert answer.status_code == 302, answer.text
        assert answer.headers["location"].startswith(CALLBACK)
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        return {key: values[0] for key, values in query.items()}

    async def exchange(self, attempt: Attempt, given: str, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": attempt.client_id,
            "code": given,
            "redirect_uri": CALLBACK,
            "code_verifier": attempt.verifier,
            **changes,
        }
        return await self.http.post("/oauth/access_token", data=form)

    async def refresh(self, client_id: str, refresh_token: str, **more: str) -> httpx.Response:
        form = {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "refresh_token": refresh_token,
            **more,
        }
        return await self.http.post("/oauth/access_token", data=form)

    async def connect(self, **metadata: Any) -> tuple[str, dict[str, Any]]:
        """A whole sign-in: client id and token answer."""
        attempt = await self.begin(**metadata)
        scope = metadata.get("scope", "data:read_write")
        callback = await self.decide(await self.authorize(attempt, scope=scope))
        answer = await self.exchange(attempt, callback["code"])
        assert answer.status_code == 200, answer.text
        return attempt.client_id, answer.json()


def command(type_: str, uuid: str | None = None, **args: Any) -> dict[str, Any]:
    """One /sync command."""
    return {"type": type_, "uuid": uuid or secrets.token_hex(16), "args": args}
