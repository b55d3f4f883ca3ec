"""Do to the calendars by link what their owners and servers can. `name` says which (basic)."""

import secrets

from oo_desktop.sandbox.control.table import UNSET, BadParameter, Unset, action
from oo_desktop.sandbox.ical import BASIC
from oo_desktop.sandbox.world import World


@action()
def ics_path(world: World, *, name: str = BASIC) -> object:
    """Answer with the path of the calendar `name`: its secret. One that is not there is made."""
    return {"path": world.ics.link(name).path}


@action()
def set_ics(
    world: World,
    *,
    name: str = BASIC,
    body: str | Unset | None = UNSET,
    content_type: str | Unset = UNSET,
    status: int | Unset = UNSET,
    retry_after: int | Unset | None = UNSET,
    redirect: str | Unset | None = UNSET,
    validators: str | Unset = UNSET,
    heeds: bool | Unset = UNSET,
    hangs: float | Unset = UNSET,
) -> object:
    """Change the calendar `name`; only what is given changes.

    `body` (null: events around now), `content_type`, `status`, `retry_after`, `redirect` (null:
    none), `validators` ("etag modified"), `heeds` (304), `hangs` (seconds).
    """
    if status is not UNSET and not 200 <= status < 600:
        raise BadParameter("status must be one of HTTP")
    link = world.ics.link(name)
    if body is not UNSET:
        link.body = None if body is None else body.encode()
        link.changed = world.clock.now()
    given = {
        "content_type": content_type,
        "status": status,
        "retry_after": retry_after,
        "redirect": redirect,
        "validators": validators,
        "heeds": heeds,
        "hangs": hangs,
    }
    for key, value in given.items():
        if value is not UNSET:
            setattr(link, key, value)
    return {}


@action()
def take_ics_back(world: World, *, name: str = BASIC) -> object:
    """Reset the secret address of the calendar `name`, as its owner can: the old one is gone."""
    link = world.ics.link(name)
    link.secret = secrets.token_hex(16)
    return {"path": link.path}


ICS_ACTIONS = (ics_path, set_ics, take_ics_back)
