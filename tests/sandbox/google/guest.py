"""A guest of the stand-in Google: plain HTTP to it, nothing of oO."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET
from oo_desktop.sandbox.google.model import SandboxEvent
from oo_desktop.sandbox.google.service import Google
from tests.sandbox.guest import SandboxGuest, new_verifier

ADA = "ada@example.com"
GRACE = "grace@example.com"
CALLBACK = "http://127.0.0.1:51234/"
AUTHORIZE = "/google/o/oauth2/v2/auth"
TOKEN = "/google/token"
API = "/google/calendar/v3"
LIST = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
READ = "https://www.googleapis.com/auth/calendar.events.readonly"
WRITE = "https://www.googleapis.com/auth/calendar.events"
BOTH = f"{LIST} {READ}"
GOOGLE = "google_calendar"
PRIMARY = "calendars/primary/events"


@dataclass
class Attempt:
    """A sign-in somebody began; `page` is what the browser shows."""

    page: httpx.Response
    verifier: str = field(repr=False)


class GoogleGuest(SandboxGuest):
    """Is whoever signed in at the stand-in Google; `token` opens that person's calendars."""

    @property
    def google(self) -> Google:
        return self.world.google

    # Signing in

    async def authorize(self, **changes: str | None) -> Attempt:
        verifier, challenge = new_verifier()
        query = {
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": BOTH,
            "state": "a-state",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
            **changes,
        }
        given = {key: value for key, value in query.items() if value is not None}
        return Attempt(await self.http.get(AUTHORIZE, params=given), verifier)

    async def decide(
        self,
        attempt: Attempt,
        *,
        email: str = ADA,
        decision: str = "allow",
        untick: tuple[str, ...] = (),
    ) -> dict[str, str]:
        """Click on the consent page; what the callback is given."""
        assert attempt.page.status_code == 200, attempt.page.text
        ticket = re.findall(r'name="ticket" value="([^"]+)"', attempt.page.text)[0]
        boxes = re.findall(r'name="scope" value="([^"]+)" checked', attempt.page.text)
        person = self.google.state.person(email)
        assert person is not None
        form = {
            "ticket": ticket,
            "account": person.id,
            "decision": decision,
            "scope": [box for box in boxes if box not in untick],
        }
        answer = await self.http.post(AUTHORIZE, data=form)
        assert answer.status_code == 302, answer.text
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        return {key: values[0] for key, values in query.items()}

    async def exchange(
        self, attempt: Attempt, code: str, /, **changes: str | None
    ) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": attempt.verifier,
            **changes,
        }
        given = {key: value for key, value in form.items() if value is not None}
        return await self.http.post(TOKEN, data=given)

    async def refresh(self, refresh_token: str | None, **changes: str | None) -> httpx.Response:
        form = {
            "grant_type": "refresh_token",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": refresh_token,
            **changes,
        }
        given = {key: value for key, value in form.items() if value is not None}
        return await self.http.post(TOKEN, data=given)

    async def connect(self, *, email: str = ADA, **changes: str | None) -> dict[str, Any]:
        """A whole sign-in: the token answer. What is asked for next comes with its token."""
        attempt = await self.authorize(**changes)
        callback = await self.decide(attempt, email=email)
        answer = await self.exchange(attempt, callback["code"])
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        self.token = tokens["access_token"]
        return tokens

    # The API

    async def get(self, path: str, *, headers: Any = None, **query: Any) -> httpx.Response:
        every = {**self.bearer(), **(headers or {})}
        return await self.http.get(f"{API}/{path}", params=query, headers=every)

    async def read(self, path: str, **query: Any) -> Any:
        answer = await self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def events(self, calendar: str = "primary", **query: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.read(events_of(calendar), **query)
        return answer

    async def titles(self, calendar: str = "primary", **query: Any) -> list[str | None]:
        return [item.get("summary") for item in (await self.events(calendar, **query))["items"]]

    async def patch(
        self, calendar: str, event: str, body: Any, *, headers: Any = None, **query: Any
    ) -> httpx.Response:
        url = f"{API}/{events_of(calendar)}/{quote(event, safe='')}"
        every = {**self.bearer(), **(headers or {})}
        return await self.http.patch(url, json=body, params=query, headers=every)

    def find(self, summary: str, calendar: str = ADA) -> SandboxEvent:
        """A stored event, from inside."""
        events = self.google.state.calendars[calendar].events.values()
        return next(event for event in events if event.content.get("summary") == summary)

    async def add(self, summary: str, **given: Any) -> str:
        added: str = (await self.control("add_event", summary=summary, **given))["id"]
        return added


def events_of(calendar: str) -> str:
    """The path of a calendar's events, every character of its id encoded."""
    return f"calendars/{quote(calendar, safe='')}/events"


def reason(answer: httpx.Response) -> str:
    """Why the API refused."""
    found: str = answer.json()["error"]["errors"][0]["reason"]
    return found
