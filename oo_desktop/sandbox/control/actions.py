"""Collect everything that can be done to a sandbox from outside: one table."""

from oo_desktop.sandbox.control.faults import FAULT_ACTIONS, StandIn
from oo_desktop.sandbox.control.google import GOOGLE_ACTIONS, Who
from oo_desktop.sandbox.control.ical import ICS_ACTIONS
from oo_desktop.sandbox.control.table import Action, Button, Group, action
from oo_desktop.sandbox.control.todoist import TODOIST_ACTIONS, Whose
from oo_desktop.sandbox.world import World

_BUTTONS = ((Group.TODOIST, StandIn.TODOIST), (Group.GOOGLE, StandIn.GOOGLE_CALENDAR))


@action(*(Button("Expire access tokens", group, {"service": name}) for group, name in _BUTTONS))
def expire(world: World, service: StandIn | None = None) -> object:
    """End the hour of every access token now. Refreshing goes on working."""
    expired = 0
    if service is not StandIn.GOOGLE_CALENDAR:
        expired += world.todoist.grants.expire_access()
    if service is not StandIn.TODOIST:
        expired += world.google.grants.expire_access()
    return {"expired": expired}


@action(
    *(
        Button("Revoke everything", group, {"service": name}, style="alarm")
        for group, name in _BUTTONS
    )
)
def revoke(
    world: World, whose: Whose, service: StandIn | None = None, personal: bool = False
) -> object:
    """End what people gave apps: one `service`, or all; one person by `email`, or all.

    `user_id` is one of Todoist's. `personal` ends Todoist's personal API token too, and gives the
    account another one.
    """
    ended = 0
    if service is not StandIn.TODOIST and whose.user_id is None:
        one = None if whose.email is None else Who(whose.email).person(world).id
        ended += world.google.grants.revoke(user_id=one)
    if service is not StandIn.GOOGLE_CALENDAR:
        account = whose.account(world)
        ended += world.todoist.grants.revoke(user_id=None if whose == Whose() else account.id)
        if personal:
            account.personal_token = account.personal_token[::-1]
    return {"revoked": ended}


@action()
def advance_clock(world: World, seconds: float = 3600) -> object:
    """Let the sandbox's clock be `seconds` later."""
    world.clock.advance(seconds)
    return {"now": world.clock.now().isoformat()}


@action(Button("Start anew", Group.FOOTER, style="alarm"))
def reset(world: World, apps: bool = False) -> None:
    """Start anew; connected apps stay, unless `apps` is true."""
    world.reset(apps=apps)


ACTIONS: dict[str, Action] = {
    each.name: each
    for each in (
        *FAULT_ACTIONS,
        expire,
        revoke,
        *TODOIST_ACTIONS,
        *GOOGLE_ACTIONS,
        *ICS_ACTIONS,
        advance_clock,
        reset,
    )
}
