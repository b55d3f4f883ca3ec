"""What can be done to the calendars by link from outside."""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from oo_desktop.sandbox.control.parameters import BadParameter, Given, number, switch
from oo_desktop.sandbox.ical import IcsLink

if TYPE_CHECKING:
    from oo_desktop.sandbox.world import World


def _link(world: "World", given: Given) -> IcsLink:
    return world.ics.link(str(given.get("name", "basic")))


def ics_path(world: "World", given: Given) -> object:
    """The path of the calendar `name` (basic): its secret. One that is not there is made."""
    return {"path": _link(world, given).path}


def set_ics(world: "World", given: Given) -> object:
    """Change the calendar `name` (basic): `body` (null: events around now), `content_type`,
    `status`, `retry_after`, `redirect` (null: none), `validators` ("etag modified"), `heeds` (304),
    `hangs` (seconds). Only what is given changes."""
    link = _link(world, given)
    if "body" in given:
        body = given["body"]
        link.body = None if body is None else str(body).encode()
        link.changed = world.clock.now()
    for key in ("content_type", "validators"):
        if key in given:
            setattr(link, key, str(given[key]))
    if "redirect" in given:
        link.redirect = None if given["redirect"] is None else str(given["redirect"])
    if "status" in given:
        link.status = int(number(given, "status", 200))
    if "retry_after" in given:
        wait = given["retry_after"]
        link.retry_after = None if wait is None else int(number(given, "retry_after", 0))
    link.heeds = switch(given, "heeds", default=link.heeds)
    link.hangs = number(given, "hangs", link.hangs)
    if not 200 <= link.status < 600:
        link.status = 200
        raise BadParameter("status must be one of HTTP")
    return {}


def take_ics_back(world: "World", given: Given) -> object:
    """Reset the secret address of the calendar `name`, as its owner can: the old one is gone."""
    link = _link(world, given)
    link.secret = secrets.token_hex(16)
    return {"path": link.path}


ICS_ACTIONS: tuple[Callable[["World", Given], object], ...] = (ics_path, set_ics, take_ics_back)
