"""Do to the calendars by link what their owners and servers can. `name` says which (basic)."""

import secrets
from typing import Any

from oo_desktop.sandbox.control.table import BadParameter, action, parameters_of
from oo_desktop.sandbox.ical import BASIC, IcsLink
from oo_desktop.sandbox.world import World


@action()
def ics_path(world: World, name: str = BASIC) -> object:
    """Answer with the path of the calendar `name`: its secret. One that is not there is made."""
    return {"path": world.ics.link(name).path}


@action(
    changes=parameters_of(
        IcsLink,
        *(
            "body",
            "content_type",
            "status",
            "retry_after",
            "redirect",
            "validators",
            "heeds",
            "hangs",
        ),
    )
)
def set_ics(world: World, name: str = BASIC, **changes: Any) -> None:
    """Change the calendar `name`; only what is given changes.

    `body` (null: events around now), `content_type`, `status`, `retry_after`, `redirect` (null:
    none), `validators` ("etag modified"), `heeds` (304), `hangs` (seconds).
    """
    if not 200 <= changes.get("status", 200) < 600:
        raise BadParameter("status must be one of HTTP")
    link = world.ics.link(name)
    if "body" in changes:
        body, link.changed = changes["body"], world.clock.now()
        changes["body"] = None if body is None else str(body).encode()
    for key, value in changes.items():
        setattr(link, key, value)


@action()
def take_ics_back(world: World, name: str = BASIC) -> object:
    """Reset the secret address of the calendar `name`, as its owner can: the old one is gone."""
    link = world.ics.link(name)
    link.secret = secrets.token_hex(16)
    return {"path": link.path}
