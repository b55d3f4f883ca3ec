"""A guest of the stand-in CalDAV server: plain HTTP to it, and oO's reader of its answers."""

from collections.abc import Iterable

import httpx

from oo_desktop.connectors.caldav.xml import MultiStatus, multistatus_from_body, propfind
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.sandbox.caldav.model import DavAccount
from oo_desktop.sandbox.world import World
from tests.sandbox.guest import SandboxGuest

ADA = "ada@example.com"
HOME = "/remote.php/dav/calendars/ada/"
PERSONAL = f"{HOME}personal/"
TEAM = f"{HOME}team_shared_by_grace/"
CALDAV = "caldav"


class DavGuest(SandboxGuest):
    """Signs in as Ada with the app password of the control page."""

    def __init__(self, http: httpx.AsyncClient, world: World) -> None:
        super().__init__(http, world)
        self.ada: DavAccount = world.caldav.state.accounts["ada"]
        self.password = self.ada.password

    async def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        auth = ("ada", self.password)
        return await self.http.request(method, path, content=body, headers=sent, auth=auth)

    async def found(
        self, path: str, names: Iterable[str], depth: int = 0, *, method: str = "PROPFIND"
    ) -> MultiStatus:
        answer = await self.ask(method, path, propfind(names), Depth=str(depth))
        return self.read(answer)

    def read(self, answer: httpx.Response) -> MultiStatus:
        assert answer.status_code == 207, answer.text
        return multistatus_from_body(answer.content, str(answer.url), Pacer())

    async def put(self, path: str, text: str, **headers: str) -> httpx.Response:
        return await self.ask("PUT", path, text.encode(), **headers)


def task(uid: str = "new", *lines: str) -> str:
    """A calendar object with one task."""
    every = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//a guest//EN",
        "BEGIN:VTODO",
        f"UID:{uid}",
        "DTSTAMP:20261122T100000Z",
        *(lines or ("SUMMARY:Buy oil",)),
        "END:VTODO",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(every)
