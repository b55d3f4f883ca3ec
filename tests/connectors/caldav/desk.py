"""What the tests of reading CalDAV stand on: a client, a relay to a real server, and calendars."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from oo_desktop.http.client import Http, ServiceClient
from oo_desktop.http.passwords import Credentials, address_of
from oo_desktop.testing import FakeClock
from oo_desktop.testing.wire import OneToken
from tests.connectors.caldav.servers import PASSWORD, USER, Server
from tests.http.scripted import Asked, Reply, ScriptedService

NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
"""A Sunday."""

PASSED_ON = (
    "accept",
    "authorization",
    "content-type",
    "depth",
    "if-match",
    "if-none-match",
    "prefer",
)

Meddle = Callable[[Asked, Reply], Reply]


def client_at(home: str, http: Http, clock: FakeClock, *, user_name: str = USER) -> ServiceClient:
    """Return the client of an account whose home is at that URL."""
    given = Credentials(server=home, user_name=user_name, password=PASSWORD)
    return ServiceClient(
        http=http,
        address=address_of,
        tokens=OneToken(given.secret),
        clock=clock,
        origin_name="CalDAV",
        noise=lambda: 0.0,
    )


class Relay:
    """Stands between oO and a real server: counts what is asked, and breaks what is answered.

    asked: each request, as its method and path. meddle: changes answers.
    """

    def __init__(self, server: Server, scripted: ScriptedService) -> None:
        self._server = server
        self._scripted = scripted
        self._upstream = server.client()
        self.meddle: Meddle = lambda _asked, reply: reply
        self.asked: list[str] = []
        scripted.answer = self._answer

    @property
    def home(self) -> str:
        """Return the URL of Ada's home, through the relay."""
        return f"http://127.0.0.1:{self._scripted.port}{self._server.home}"

    def taken(self) -> list[str]:
        """Return what was asked since the last time."""
        taken, self.asked = self.asked, []
        return taken

    def _answer(self, asked: Asked) -> Reply:
        self.asked.append(f"{asked.method} {asked.path}")
        headers = {name: asked.headers[name] for name in PASSED_ON if name in asked.headers}
        answer = self._upstream.request(
            asked.method, asked.target, content=asked.body, headers=headers
        )
        passed = {name: answer.headers[name] for name in ("etag", "dav") if name in answer.headers}
        reply = Reply(
            answer.status_code, answer.content, passed, answer.headers.get("content-type")
        )
        return self.meddle(asked, reply)

    def close(self) -> None:
        self._upstream.close()


@asynccontextmanager
async def relay_to(server: Server) -> AsyncIterator[Relay]:
    async with ScriptedService().serving() as scripted:
        relay = Relay(server, scripted)
        try:
            yield relay
        finally:
            relay.close()


def task(uid: str, summary: str, *lines: str) -> str:
    return resource("VTODO", uid, summary, *lines)


def event(uid: str, summary: str, *lines: str) -> str:
    return resource("VEVENT", uid, summary, *lines)


def resource(component: str, uid: str, summary: str, *lines: str) -> str:
    """Return a resource with one component, of these further lines."""
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//oO//tests//EN",
            f"BEGIN:{component}",
            f"UID:{uid}",
            "DTSTAMP:20261101T000000Z",
            f"SUMMARY:{summary}",
            *lines,
            f"END:{component}",
            "END:VCALENDAR",
            "",
        )
    )
