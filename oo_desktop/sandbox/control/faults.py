"""Make something go wrong: for one service, one path, or all."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from oo_desktop.sandbox.control.table import BadParameter, Button, Group, action
from oo_desktop.sandbox.faults import EVERYWHERE, FaultKind, Garbage, SandboxFault
from oo_desktop.sandbox.google import GOOGLE, GOOGLE_API
from oo_desktop.sandbox.google.faults import known_reasons, path_of
from oo_desktop.sandbox.google.listing import MAX_EVENTS_PER_PAGE
from oo_desktop.sandbox.limits import PageCuts
from oo_desktop.sandbox.todoist import TODOIST_API, TODOIST_SIGN_IN
from oo_desktop.sandbox.todoist.service import MAX_TASKS_PER_PAGE
from oo_desktop.sandbox.world import World


class StandIn(StrEnum):
    """Names a service; an action without one is about all of them."""

    TODOIST = "todoist"
    GOOGLE_CALENDAR = "google_calendar"


_APIS = {StandIn.TODOIST: TODOIST_API, StandIn.GOOGLE_CALENDAR: GOOGLE_API}
_PREFIXES = {
    None: (EVERYWHERE,),
    StandIn.TODOIST: (TODOIST_API, TODOIST_SIGN_IN),
    StandIn.GOOGLE_CALENDAR: (GOOGLE,),
}


def _paths(path: str | None, service: StandIn | None) -> tuple[str, ...]:
    return _PREFIXES[service] if path is None else (path,)


def _api(path: str | None, service: StandIn | None) -> str:
    return _APIS[service or StandIn.TODOIST] if path is None else path


def _active(kind: FaultKind) -> Callable[[World], bool]:
    return lambda world: any(fault.kind is kind for fault in world.faults.active)


def _not_offline(world: World) -> bool:
    return not _active(FaultKind.OFFLINE)(world)


@action(Button(label="Go offline", group=Group.CONNECTION, shown=_not_offline))
def offline(world: World, *, path: str | None = None, service: StandIn | None = None) -> object:
    """Cut every connection but to the control page, or those of one `service`, until `online`."""
    for each in _paths(path, service):
        world.faults.add(SandboxFault(kind=FaultKind.OFFLINE, path=each))
    return {}


_offline = _active(FaultKind.OFFLINE)


@action(Button(label="Go online", group=Group.CONNECTION, shown=_offline, pressed=_offline))
def online(world: World, *, path: str | None = None, service: StandIn | None = None) -> object:
    """Come back from `offline`; one `service`, or all."""
    for each in _paths(path, service):
        world.faults.clear(FaultKind.OFFLINE, each)
    return {}


@action(
    Button(
        label="Slow down by 5 s",
        group=Group.CONNECTION,
        fields={"seconds": 5},
        pressed=_active(FaultKind.DELAY),
    )
)
def delay(
    world: World,
    *,
    path: str | None = None,
    service: StandIn | None = None,
    seconds: float = 5,
    count: int | None = None,
) -> object:
    """Let requests to `path` (everything) wait `seconds` first; 0: no more."""
    for each in _paths(path, service):
        if seconds <= 0:
            world.faults.clear(FaultKind.DELAY, each)
        else:
            world.faults.add(
                SandboxFault(kind=FaultKind.DELAY, path=each, seconds=seconds, count=count)
            )
    return {}


@action(
    Button(
        label="Rate-limit for 60 s",
        group=Group.CONNECTION,
        fields={"seconds": 60},
        pressed=_active(FaultKind.RATE_LIMIT),
    )
)
def rate_limit(
    world: World, *, path: str | None = None, service: StandIn | None = None, seconds: float = 60
) -> object:
    """Answer 429 on `path` (the API) for `seconds`."""
    until = world.faults.end_after(seconds)
    where = _api(path, service)
    world.faults.add(SandboxFault(kind=FaultKind.RATE_LIMIT, path=where, until=until))
    return {}


@action(
    Button(
        label="Fail 5 times",
        group=Group.CONNECTION,
        fields={"status": 500, "count": 5},
        pressed=_active(FaultKind.FAIL),
    )
)
def fail(
    world: World,
    *,
    path: str | None = None,
    service: StandIn | None = None,
    status: int = 500,
    count: int | None = 1,
    retry_after: float = 0,
    reason: str = "",
) -> object:
    """Answer `count` requests to `path` (the API) with `status`, and `retry_after` seconds.

    `reason`: one of Google's, as `invalid_grant` or `quotaExceeded`; it brings its own status, and
    goes to the token endpoint or the API, whichever says such a thing.
    """
    if reason and reason not in known_reasons():
        raise BadParameter("reason must be one of " + ", ".join(known_reasons()))
    where = path_of(reason) if reason and path is None else _api(path, service)
    fault = SandboxFault(
        kind=FaultKind.FAIL,
        path=where,
        status=status,
        count=count,
        seconds=retry_after,
        reason=reason,
    )
    world.faults.add(fault)
    return {}


@action(Button(label="Answer garbage", group=Group.CONNECTION, pressed=_active(FaultKind.GARBAGE)))
def garbage(
    world: World,
    *,
    path: str | None = None,
    service: StandIn | None = None,
    kind: Garbage = Garbage.HTML,
    count: int | None = None,
) -> object:
    """Answer requests to `path` (the API) with a `kind` of garbage, `count` times or for good."""
    where = _api(path, service)
    world.faults.add(SandboxFault(kind=FaultKind.GARBAGE, path=where, garbage=kind, count=count))
    return {}


@action()
def drop_answer(
    world: World,
    *,
    path: str | None = None,
    service: StandIn | None = None,
    count: int | None = 1,
) -> object:
    """Carry out `count` requests to `path` (the API), then cut the connection."""
    where = _api(path, service)
    world.faults.add(SandboxFault(kind=FaultKind.DROP_ANSWER, path=where, count=count))
    return {}


@action()
def drop_request(
    world: World,
    *,
    path: str | None = None,
    service: StandIn | None = None,
    count: int | None = 1,
) -> object:
    """Cut the connection of `count` requests to `path` (the API) and do nothing."""
    where = _api(path, service)
    world.faults.add(SandboxFault(kind=FaultKind.DROP_REQUEST, path=where, count=count))
    return {}


@action(
    Button(
        label="All well again",
        group=Group.CONNECTION,
        style="primary",
        shown=lambda world: bool(world.faults.active),
    )
)
def clear_faults(
    world: World, *, path: str | None = None, service: StandIn | None = None
) -> object:
    """Let nothing go wrong any more, or not with one `service`; what waits goes on."""
    for each in _paths(path, service):
        world.faults.clear(path=each)
    return {}


@action()
def limits(
    world: World,
    *,
    service: StandIn | None = None,
    requests: int | None = None,
    registrations: int | None = None,
    window: float | None = None,
) -> object:
    """Change the real limits: `requests` per `window` seconds (900), `registrations` likewise.

    Google's are `requests` per `window` (60 s), person and project.
    """
    google, todoist = world.google, world.todoist
    if service is StandIn.GOOGLE_CALENDAR:
        changes, seconds = [(google.limit, requests)], 60.0
    else:
        changes = [(todoist.reads, requests), (todoist.registrations, registrations)]
        seconds = 900.0
    for limit, most in changes:
        limit.most = limit.most if most is None else most
        limit.window = timedelta(seconds=seconds if window is None else window)
    return {}


@action()
def paging(
    world: World,
    *,
    service: StandIn | None = None,
    limit: int | None = None,
    repeat: int = 0,
    empty: bool = False,
) -> object:
    """Cut pages of at most `limit`, repeating `repeat` items, `empty`: beginning with an empty one.

    Google repeats none.
    """
    if service is StandIn.GOOGLE_CALENDAR:
        world.google.cuts = PageCuts(most=limit or MAX_EVENTS_PER_PAGE, empty_first=empty)
    else:
        world.todoist.cuts = PageCuts(
            most=limit or MAX_TASKS_PER_PAGE, repeat=repeat, empty_first=empty
        )
    return {}


FAULT_ACTIONS = (
    offline,
    online,
    delay,
    rate_limit,
    fail,
    garbage,
    clear_faults,
    drop_answer,
    drop_request,
    limits,
    paging,
)
