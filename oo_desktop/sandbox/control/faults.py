"""The actions that make something go wrong: for one service (`service`), one `path`, or all."""

from datetime import timedelta

from oo_desktop.sandbox.control.parameters import (
    GOOGLE_CALENDAR,
    BadParameter,
    Given,
    all_paths,
    api_path,
    concerns,
    count,
    number,
    service,
    switch,
)
from oo_desktop.sandbox.faults import Fault, FaultKind, Garbage
from oo_desktop.sandbox.google.faults import known_reasons, path_of
from oo_desktop.sandbox.todoist.paging import Paging
from oo_desktop.sandbox.world import World


def _fault(world: World, fault: Fault) -> object:
    world.faults.add(fault)
    return {}


def offline(world: World, given: Given) -> object:
    """Cut every connection but to the control page, or those of one `service`, until `online`."""
    for path in all_paths(given):
        world.faults.add(Fault(kind=FaultKind.OFFLINE, path=path))
    return {}


def online(world: World, given: Given) -> object:
    """Back from `offline`; one `service`, or all."""
    for path in all_paths(given):
        world.faults.clear(FaultKind.OFFLINE, path)
    return {}


def clear_faults(world: World, given: Given) -> object:
    """Nothing goes wrong any more, or not with one `service`; what waits goes on."""
    for path in all_paths(given):
        world.faults.clear(path=path)
    return {}


def rate_limit(world: World, given: Given) -> object:
    """429 on `path` (the API) for `seconds` (60)."""
    until = world.faults.end_after(number(given, "seconds", 60))
    return _fault(world, Fault(kind=FaultKind.RATE_LIMIT, path=api_path(given), until=until))


def limits(world: World, given: Given) -> object:
    """Change the real limits: `requests` per `window` seconds, `registrations` likewise.

    Google's are `requests` (600) per `window` (60 s), person and project.
    """
    if service(given) == GOOGLE_CALENDAR:
        limit = world.google.limit
        limit.most = int(number(given, "requests", limit.most))
        limit.window = timedelta(seconds=number(given, "window", 60))
        return {}
    window = timedelta(seconds=number(given, "window", 900))
    for limit, key in ((world.reads, "requests"), (world.registrations, "registrations")):
        limit.most = int(number(given, key, limit.most))
        limit.window = window
    return {}


def delay(world: World, given: Given) -> object:
    """Let requests to `path` (everything) wait `seconds` first; 0: no more."""
    seconds = number(given, "seconds", 5)
    for path in all_paths(given):
        if seconds <= 0:
            world.faults.clear(FaultKind.DELAY, path)
        else:
            world.faults.add(
                Fault(kind=FaultKind.DELAY, path=path, seconds=seconds, count=count(given, None))
            )
    return {}


def fail(world: World, given: Given) -> object:
    """Answer `count` (1) requests to `path` (the API) with `status` (500), `retry_after` seconds.

    `reason`: one of Google's, as `invalid_grant` or `quotaExceeded`; it brings its own status, and
    goes to the token endpoint or the API, whichever says such a thing.
    """
    reason = str(given.get("reason", ""))
    if reason and reason not in known_reasons():
        raise BadParameter("reason must be one of " + ", ".join(known_reasons()))
    path = path_of(reason) if reason and "path" not in given else api_path(given)
    return _fault(
        world,
        Fault(
            kind=FaultKind.FAIL,
            path=path,
            status=int(number(given, "status", 500)),
            count=count(given, 1),
            seconds=number(given, "retry_after", 0),
            reason=reason,
        ),
    )


def garbage(world: World, given: Given) -> object:
    """Answer requests to `path` (the API) with a `kind` of garbage, `count` times or for good."""
    try:
        kind = Garbage(given.get("kind", "html"))
    except ValueError as error:
        raise BadParameter("kind must be one of " + ", ".join(Garbage)) from error
    fault = Fault(
        kind=FaultKind.GARBAGE, path=api_path(given), garbage=kind, count=count(given, None)
    )
    return _fault(world, fault)


def drop_answer(world: World, given: Given) -> object:
    """Carry out `count` (1) requests to `path` (the API), then cut the connection."""
    return _fault(
        world, Fault(kind=FaultKind.DROP_ANSWER, path=api_path(given), count=count(given, 1))
    )


def drop_request(world: World, given: Given) -> object:
    """Cut the connection of `count` (1) requests to `path` (the API) and do nothing."""
    return _fault(
        world, Fault(kind=FaultKind.DROP_REQUEST, path=api_path(given), count=count(given, 1))
    )


def paging(world: World, given: Given) -> object:
    """Pages of at most `limit`, repeating `repeat` items, `empty`: beginning with an empty one.

    Google repeats none.
    """
    empty = switch(given, "empty", default=False)
    if service(given) == GOOGLE_CALENDAR:
        world.google.paging = Paging(most=int(number(given, "limit", 2500)), empty_pages=empty)
    else:
        world.paging = Paging(
            most=int(number(given, "limit", 200)),
            repeat=int(number(given, "repeat", 0)),
            empty_pages=empty,
        )
    return {}


def expire(world: World, given: Given) -> object:
    """End the hour of every access token now. Refreshing goes on working."""
    expired = 0
    if concerns(given, "todoist"):
        expired += world.grants.expire_access()
    if concerns(given, GOOGLE_CALENDAR):
        expired += world.google.grants.expire_access()
    return {"expired": expired}


FAULT_ACTIONS = (
    clear_faults,
    delay,
    drop_answer,
    drop_request,
    expire,
    fail,
    garbage,
    limits,
    offline,
    online,
    paging,
    rate_limit,
)
