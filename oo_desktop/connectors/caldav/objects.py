"""Read the resources of a calendar collection, and make signals of what is due or happening."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from msgspec import Struct

from oo_desktop.connectors.icalendar.calendar import IcalCalendar
from oo_desktop.connectors.icalendar.events import Window
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.model.signals import AnySignal, Container, UserId


class CalendarObject(Struct, frozen=True, kw_only=True):
    """Holds what is kept of one resource. It can be lost; then the resource is read again.

    href: its path, as the server wrote it. etag: as the server gave it.
    events: its events, where it holds any that are not over.
    unread: 1 where it holds something that cannot be read, and is missing.
    """

    href: str
    etag: str | None
    events: IcalCalendar | None = None
    unread: int = 0


class Found(NamedTuple):
    """Holds the signals of a collection, and how many are missing because they cannot be read."""

    signals: tuple[AnySignal, ...]
    unread: int


def object_from_body(
    href: str, etag: str | None, body: bytes, *, since: date, owner: frozenset[str], pacer: Pacer
) -> CalendarObject:
    """Read a resource: all of it that can still matter.

    since: events that were over before that day are dropped. Tasks are kept while they are open.
    owner: what names the account's owner among the guests, in small letters: `mailto:…`, paths.

    What cannot be read is counted, and never raised. Raises TooMuchWork.
    """
    del body, since, owner
    pacer.step()
    return CalendarObject(href=href, etag=etag)


def signals_from_objects(
    objects: Iterable[CalendarObject],
    window: Window,
    *,
    user_id: UserId,
    container: Container,
    may_write: bool,
    may_reply: bool,
    pacer: Pacer,
) -> Found:
    """Return what the resources of one collection show in `window`, tasks first.

    window: `first` is today, `zone` the machine's. may_write: tasks can be changed.
    may_reply: invitations can be answered.

    Raises TooManyEvents and TooMuchWork.
    """
    del window, user_id, container, may_write, may_reply
    unread = 0
    for each in objects:
        unread += each.unread
        pacer.step()
    return Found((), unread)
