"""Collect everything that can be done to a sandbox from outside: one table."""

from types import ModuleType

from oo_desktop.sandbox.control import caldav, faults, google, ical, todoist
from oo_desktop.sandbox.control.faults import SandboxService
from oo_desktop.sandbox.control.google import Who
from oo_desktop.sandbox.control.table import Button, ButtonGroup, ControlAction, action
from oo_desktop.sandbox.control.todoist import Whose
from oo_desktop.sandbox.world import World

_BUTTONS = (
    (ButtonGroup.TODOIST, SandboxService.TODOIST),
    (ButtonGroup.GOOGLE, SandboxService.GOOGLE_CALENDAR),
)


@action(*(Button("Expire access tokens", group, {"service": name}) for group, name in _BUTTONS))
def expire(world: World, service: SandboxService | None = None) -> object:
    """End the hour of every access token now. Refreshing goes on working."""
    expired = 0
    if service in (None, SandboxService.TODOIST):
        expired += world.todoist.grants.expire_access()
    if service in (None, SandboxService.GOOGLE_CALENDAR):
        expired += world.google.grants.expire_access()
    return {"expired": expired}


@action(
    *(
        Button("Revoke everything", group, {"service": name}, style="alarm")
        for group, name in _BUTTONS
    ),
    Button(
        "Revoke app passwords",
        ButtonGroup.CALDAV,
        {"service": SandboxService.CALDAV},
        style="alarm",
    ),
)
def revoke(
    world: World, whose: Whose, service: SandboxService | None = None, personal: bool = False
) -> object:
    """End what people gave apps: one `service`, or all; one person by `email`, or all.

    `user_id` is one of Todoist's. Of CalDAV it ends app passwords. `personal` ends Todoist's
    personal API token too, and gives the account another one.
    """
    ended = 0
    if service in (None, SandboxService.CALDAV) and whose.user_id is None:
        ended += world.caldav.revoke(whose.email)
    if service in (None, SandboxService.GOOGLE_CALENDAR) and whose.user_id is None:
        one = None if whose.email is None else Who(whose.email).person(world).id
        ended += world.google.grants.revoke(user_id=one)
    if service in (None, SandboxService.TODOIST):
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


@action(Button("Start anew", ButtonGroup.FOOTER, style="alarm"))
def reset(world: World, apps: bool = False) -> None:
    """Start anew; connected apps stay, unless `apps` is true."""
    world.reset(apps=apps)


def _of(module: ModuleType) -> list[ControlAction]:
    return [each for each in vars(module).values() if isinstance(each, ControlAction)]


_ROWS = (
    *_of(faults),
    expire,
    revoke,
    *_of(todoist),
    *_of(google),
    *_of(caldav),
    *_of(ical),
    advance_clock,
    reset,
)
ACTIONS: dict[str, ControlAction] = {each.name: each for each in _ROWS}
