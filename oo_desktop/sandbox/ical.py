"""Serve calendars to subscribe to: `GET /ics/<secret>/<name>.ics`.

Of real servers they have: a link that is the only key, ETag and Last-Modified (or not), 304, moved
addresses, pages to sign in, links that were taken back, and answers that never come.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.faults import Faults

BASIC = "basic"
"""The calendar that is there from the start."""

ICS_PATH = "/ics/"

LOGIN = b"<!doctype html><title>Sign in</title><h1>Sign in to see this calendar</h1>"


@dataclass(kw_only=True)
class IcsLink:
    """Holds a calendar by link.

    body: None: events around now, in `zone`.
    status: what is answered; other than 200 with a short page. redirect: where to, instead.
    validators: which are sent: "etag", "modified", both or none.
    heeds: whether it answers 304. hangs: seconds before anything is answered.
    asked, not_modified: how many requests came, and how many of them were answered with 304.
    """

    name: str
    zone: str
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    body: bytes | None = None
    content_type: str = "text/calendar; charset=utf-8"
    status: int = 200
    redirect: str | None = None
    retry_after: int | None = None
    validators: str = "etag modified"
    heeds: bool = True
    hangs: float = 0
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))
    asked: int = 0
    not_modified: int = 0

    @property
    def path(self) -> str:
        return f"{ICS_PATH}{self.secret}/{self.name}.ics"


def without_secret(path: str) -> str:
    """Return `path` as it may be told."""
    if not path.startswith(ICS_PATH):
        return path
    return f"{ICS_PATH}…/{path.rpartition('/')[2]}"


class IcsLinks:
    """Serves the calendars by link of one sandbox; `basic` is there from the start."""

    def __init__(self, *, clock: SandboxClock, zone: str, faults: Faults) -> None:
        self._clock = clock
        self._zone = zone
        self._faults = faults
        self.links: dict[str, IcsLink] = {}
        self.reset()

    def reset(self) -> None:
        """Make them as at the start; secrets stay."""
        kept = self.links.get(BASIC)
        self.links = {BASIC: self._new(BASIC)}
        if kept is not None:
            self.links[BASIC].secret = kept.secret

    def link(self, name: str) -> IcsLink:
        """Return the calendar of that name; it is made where there is none."""
        if name not in self.links:
            self.links[name] = self._new(name)
        return self.links[name]

    def _new(self, name: str) -> IcsLink:
        return IcsLink(name=name, zone=self._zone, changed=self._clock.now())

    def routes(self) -> list[Route]:
        """Return the routes, at the root."""
        return [Route(f"{ICS_PATH}{{secret}}/{{name}}.ics", self.answer, methods=["GET"])]

    async def answer(self, request: Request) -> Response:
        """Answer with a calendar, or what stands for it."""
        link = self.links.get(request.path_params["name"])
        if link is None or link.secret != request.path_params["secret"]:
            return Response("Not found", 404, media_type="text/plain")
        link.asked += 1
        if link.hangs:
            await self._faults.hold(link.hangs)
        if link.redirect is not None:
            return Response(status_code=302, headers={"Location": link.redirect})
        if link.status != 200:
            headers = {} if link.retry_after is None else {"Retry-After": str(link.retry_after)}
            return Response(LOGIN, link.status, headers, media_type="text/html")
        return self._calendar(link, request.headers)

    def _calendar(self, link: IcsLink, asked: Mapping[str, str]) -> Response:
        body = link.body
        if body is None:
            body = sample(self._clock.now(), zone=link.zone, name=link.name)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        modified = format_datetime(link.changed.replace(microsecond=0), usegmt=True)
        headers = {}
        if "etag" in link.validators:
            headers["ETag"] = etag
        if "modified" in link.validators:
            headers["Last-Modified"] = modified
        same = asked.get("if-none-match", asked.get("if-modified-since")) in headers.values()
        if link.heeds and same:
            link.not_modified += 1
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=link.content_type)


def sample(now: datetime, *, zone: str, name: str = BASIC) -> bytes:
    """Return a calendar around `now`: a meeting, a daily one, and whole days."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    soon, after = hour + timedelta(hours=1), hour + timedelta(hours=2)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//oO//sandbox//EN",
        f"X-WR-CALNAME:Team calendar{'' if name == BASIC else f' ({name})'}",
        f"X-WR-TIMEZONE:{zone}",
        *_event(
            f"UID:soon@{name}",
            f"DTSTART:{soon:%Y%m%dT%H%M%SZ}",
            f"DTEND:{after:%Y%m%dT%H%M%SZ}",
            "SUMMARY:Design review",
            "LOCATION:https://meet.jit.si/DesignReview",
        ),
        *_event(
            f"UID:standup@{name}",
            f"DTSTART:{hour - timedelta(days=21):%Y%m%d}T091500Z",
            "DURATION:PT15M",
            "RRULE:FREQ=DAILY",
            "SUMMARY:Standup",
        ),
        *_event(
            f"UID:fair@{name}",
            f"DTSTART;VALUE=DATE:{hour:%Y%m%d}",
            f"DTEND;VALUE=DATE:{hour + timedelta(days=2):%Y%m%d}",
            "SUMMARY:Book fair",
        ),
        "END:VCALENDAR",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def _event(*lines: str) -> Iterable[str]:
    return ("BEGIN:VEVENT", "DTSTAMP:20261122T000000Z", *lines, "END:VEVENT")
