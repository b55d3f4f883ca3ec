"""Hold people, their calendars and what is in them."""

import copy
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oo_desktop.sandbox.google.errors import GoogleApiError
from oo_desktop.sandbox.google.times import EventTime, instant_of

_ID_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
ROLES = ("freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
"""From the least to the most."""


@dataclass(kw_only=True)
class SandboxEvent:
    """Holds an event, a series, or an exception of a series.

    content: what the resource holds beside the fields here. zone: its own, where it has one.
    series and original: the id of the series an exception belongs to, and when it would have been.
    spoiled: laid over every answer, for events that are not what they should be.
    """

    id: str
    start: EventTime
    end: EventTime
    zone: str | None
    content: dict[str, Any]
    created: datetime
    updated: datetime
    revision: int
    status: str = "confirmed"
    series: str | None = None
    original: EventTime | None = None
    spoiled: dict[str, Any] = field(default_factory=dict)

    @property
    def cancelled(self) -> bool:
        return self.status == "cancelled"

    @property
    def length(self) -> timedelta:
        """Return how long it is; for whole days, their number."""
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            return self.end - self.start
        return timedelta(days=self.end.toordinal() - self.start.toordinal())

    @property
    def recurrence(self) -> list[str]:
        """Return its RRULE, EXDATE and RDATE lines; none for what happens once."""
        lines: list[str] = self.content.get("recurrence", [])
        return lines

    @property
    def etag(self) -> str:
        """Return what changes with every change: no two states of an event share one."""
        return f'"{self.revision:016d}"'

    @property
    def uid(self) -> str:
        """Return the same for every calendar the meeting is on, and every instance of a series."""
        uid: str = self.content["iCalUID"]
        return uid

    @property
    def attendees(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.content.get("attendees", [])
        return found

    def attendee(self, email: str) -> dict[str, Any] | None:
        """Return that guest's entry."""
        return next((a for a in self.attendees if a.get("email") == email), None)


@dataclass(kw_only=True)
class SandboxCalendar:
    """Holds a calendar. `trouble`: what every request for its events is told, if anything."""

    id: str
    summary: str
    zone: str
    description: str | None = None
    data_owner: str | None = None
    events: dict[str, SandboxEvent] = field(default_factory=dict)
    trouble: Callable[[], GoogleApiError] | None = None

    @property
    def zoneinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def has_between(
        self, event: SandboxEvent, after: datetime | None, before: datetime | None
    ) -> bool:
        """Return whether the event ends after `after` and starts before `before`."""
        late_enough = after is None or instant_of(event.end, self.zoneinfo) > after
        return late_enough and (before is None or instant_of(event.start, self.zoneinfo) < before)

    def exceptions(self, series: SandboxEvent) -> Iterator[SandboxEvent]:
        """Yield what is different about single instances of a series."""
        return (event for event in self.events.values() if event.series == series.id)


@dataclass(kw_only=True)
class CalendarEntry:
    """Holds a calendar in somebody's list; `look` is what they set: colours, reminders."""

    calendar: SandboxCalendar
    role: str
    look: dict[str, Any]
    revision: int
    primary: bool = False
    selected: bool = True
    hidden: bool = False
    deleted: bool = False

    def allows(self, role: str) -> bool:
        """Return whether this is at least `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(kw_only=True)
class Person:
    """Holds a Google account. `id` is what Google calls `sub`."""

    id: str
    email: str
    name: str
    zone: str
    entries: dict[str, CalendarEntry] = field(default_factory=dict)

    def entry(self, calendar_id: str) -> CalendarEntry | None:
        """Return the entry of a calendar in this person's list; `primary` is their own."""
        return self.entries.get(self.email if calendar_id == "primary" else calendar_id)


@dataclass(frozen=True, kw_only=True)
class RecordedPatch:
    """Records that somebody changed an event through the API."""

    at: datetime
    email: str
    calendar: str
    event: str
    send_updates: str
    response: str | None


class GoogleState:
    """Holds everybody and everything; `revision` counts every change to any of it.

    oldest_sync: sync tokens from before that revision are over.
    """

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self.now = now
        self.people: dict[str, Person] = {}
        self.calendars: dict[str, SandboxCalendar] = {}
        self.history: list[RecordedPatch] = []
        self.revision = 1
        self.oldest_sync = 0

    def next_revision(self) -> int:
        """Return the revision of something that changes now."""
        self.revision += 1
        return self.revision

    def person(self, email: str) -> Person | None:
        """Return whose address that is."""
        return next((p for p in self.people.values() if p.email == email), None)

    def add(
        self,
        calendar: SandboxCalendar,
        *,
        start: EventTime,
        end: EventTime,
        zone: str | None = None,
        id_: str | None = None,
        status: str = "confirmed",
        **content: Any,
    ) -> SandboxEvent:
        """Add an event; `content` as in the API's resource."""
        now = self.now()
        id_ = id_ or "".join(secrets.choice(_ID_ALPHABET) for _ in range(26))
        owner = {"email": calendar.data_owner or calendar.id}
        if owner["email"] != calendar.id:
            organizer = {"email": calendar.id, "displayName": calendar.summary}
        else:
            organizer = dict(owner)
        event = SandboxEvent(
            id=id_,
            start=start,
            end=end,
            zone=zone or (calendar.zone if isinstance(start, datetime) else None),
            content={
                "iCalUID": f"{id_}@google.com",
                "sequence": 0,
                "creator": owner,
                "organizer": organizer,
                "reminders": {"useDefault": True},
                "eventType": "default",
                **copy.deepcopy(content),
            },
            created=now,
            updated=now,
            revision=self.next_revision(),
            status=status,
        )
        calendar.events[event.id] = event
        return event

    def touch(self, event: SandboxEvent) -> None:
        """Note a change: another etag, another time of change."""
        event.revision = self.next_revision()
        event.updated = self.now()

    def exception(self, calendar: SandboxCalendar, instance: SandboxEvent) -> SandboxEvent:
        """Store an instance of a series from now on, or return what is stored."""
        stored = calendar.events.get(instance.id)
        if stored is not None:
            return stored
        event = replace(instance, content=copy.deepcopy(instance.content), spoiled={})
        calendar.events[event.id] = event
        self.touch(event)
        return event

    def cancel(self, calendar: SandboxCalendar, event: SandboxEvent) -> None:
        """Delete it, and with a series all of it: it stays to be told about."""
        for one in (event, *calendar.exceptions(event)):
            one.status = "cancelled"
            self.touch(one)

    def answer(
        self, event: SandboxEvent, email: str, response: str, *, comment: str | None = None
    ) -> None:
        """Give a guest's answer to every copy of the meeting."""
        for calendar in self.calendars.values():
            for copy_ in calendar.events.values():
                same = copy_.uid == event.uid and copy_.original == event.original
                guest = copy_.attendee(email) if same else None
                if guest is None:
                    continue
                guest["responseStatus"] = response
                if comment is not None:
                    guest["comment"] = comment
                self.touch(copy_)
