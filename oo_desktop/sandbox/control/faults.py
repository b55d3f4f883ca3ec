"""Make something go wrong: for one service, one path, or all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from oo_desktop.sandbox.caldav import CALDAV_PATHS, DAV
from oo_desktop.sandbox.control.table import Button, ButtonGroup, action, one_of
from oo_desktop.sandbox.faults import EVERYWHERE, FaultKind, Garbage, SandboxFault
from oo_desktop.sandbox.google import GOOGLE, GOOGLE_API
from oo_desktop.sandbox.google.faults import known_reasons, path_of
from oo_desktop.sandbox.google.listing import MAX_EVENTS_PER_PAGE
from oo_desktop.sandbox.limits import PageCuts
from oo_desktop.sandbox.todoist import TODOIST_API, TODOIST_SIGN_IN
from oo_desktop.sandbox.todoist.service import MAX_TASKS_PER_PAGE
from oo_desktop.sandbox.world import World


class SandboxService(StrEnum):
    """Names a service; an action without one is about all of them."""

    TODOIST = "todoist"
    GOOGLE_CALENDAR = "google_calendar"
    CALDAV = "caldav"


_APIS = {
    SandboxService.TODOIST: TODOIST_API,
    SandboxService.GOOGLE_CALENDAR: GOOGLE_API,
    SandboxService.CALDAV: DAV,
}
_PATHS_BY_SERVICE = {
    None: (EVERYWHERE,),
    SandboxService.TODOIST: (TODOIST_API, TODOIST_SIGN_IN),
    SandboxService.GOOGLE_CALENDAR: (GOOGLE,),
    SandboxService.CALDAV: CALDAV_PATHS,
}


@dataclass(frozen=True)
class Where:
    """Says what is meant: the paths that begin with `path`, those of a `service`, or all."""

    path: str | None = None
    service: SandboxService | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the beginnings of all paths that are meant."""
        return _PATHS_BY_SERVICE[self.service] if self.path is None else (self.path,)

    @property
    def api(self) -> str:
        """Return `path`, or the beginning of the API's paths of the service (Todoist)."""
        return _APIS[self.service or SandboxService.TODOIST] if self.path is None else self.path


def _active(kind: FaultKind) -> Callable[[World], bool]:
    return lambda world: any(fault.kind is kind for fault in world.faults.active)


_offline = _active(FaultKind.OFFLINE)


@action(Button("Go offline", ButtonGroup.CONNECTION, shown=lambda world: not _offline(world)))
def offline(world: World, where: Where) -> None:
    """Cut every connection but to the control page, or those of one `service`, until `online`."""
    for path in where.paths:
        world.faults.add(SandboxFault(kind=FaultKind.OFFLINE, path=path))


@action(Button("Go online", ButtonGroup.CONNECTION, shown=_offline, pressed=_offline))
def online(world: World, where: Where) -> None:
    """Come back from `offline`; one `service`, or all."""
    for path in where.paths:
        world.faults.clear(FaultKind.OFFLINE, path)


@action(
    Button(
        "Slow down by 5 s", ButtonGroup.CONNECTION, {"seconds": 5}, pressed=_active(FaultKind.DELAY)
    )
)
def delay(world: World, where: Where, seconds: float = 5, count: int | None = None) -> None:
    """Let requests to `path` (everything) wait `seconds` first; 0: no more."""
    for path in where.paths:
        world.faults.clear(FaultKind.DELAY, path) if seconds <= 0 else world.faults.add(
            SandboxFault(kind=FaultKind.DELAY, path=path, seconds=seconds, count=count)
        )


@action(
    Button(
        "Rate-limit for 60 s",
        ButtonGroup.CONNECTION,
        {"seconds": 60},
        pressed=_active(FaultKind.RATE_LIMIT),
    )
)
def rate_limit(world: World, where: Where, seconds: float = 60) -> None:
    """Answer 429 on `path` (the API) for `seconds`."""
    until = world.faults.end_after(seconds)
    world.faults.add(SandboxFault(kind=FaultKind.RATE_LIMIT, path=where.api, until=until))


@action(
    Button(
        "Fail 5 times",
        ButtonGroup.CONNECTION,
        {"status": 500, "count": 5},
        pressed=_active(FaultKind.FAIL),
    )
)
def fail(
    world: World,
    where: Where,
    status: int = 500,
    count: int | None = 1,
    retry_after: float = 0,
    reason: str = "",
) -> None:
    """Answer `count` requests to `path` (the API) with `status`, and `retry_after` seconds.

    `reason`: one of Google's, as `invalid_grant` or `quotaExceeded`; it brings its own status, and
    goes to the token endpoint or the API, whichever says such a thing.
    """
    one_of("reason", reason, ["", *known_reasons()])
    fault = SandboxFault(
        kind=FaultKind.FAIL,
        path=path_of(reason) if reason and where.path is None else where.api,
        status=status,
        count=count,
        seconds=retry_after,
        reason=reason,
    )
    world.faults.add(fault)


@action(Button("Answer garbage", ButtonGroup.CONNECTION, pressed=_active(FaultKind.GARBAGE)))
def garbage(
    world: World, where: Where, kind: Garbage = Garbage.HTML, count: int | None = None
) -> None:
    """Answer requests to `path` (the API) with a `kind` of garbage, `count` times or for good."""
    fault = SandboxFault(kind=FaultKind.GARBAGE, path=where.api, garbage=kind, count=count)
    world.faults.add(fault)


@action(
    Button(
        "All well again",
        ButtonGroup.CONNECTION,
        style="primary",
        shown=lambda world: bool(world.faults.active),
    )
)
def clear_faults(world: World, where: Where) -> None:
    """Let nothing go wrong any more, or not with one `service`; what waits goes on."""
    for path in where.paths:
        world.faults.clear(path=path)


@action()
def drop_answer(world: World, where: Where, count: int | None = 1, method: str = "") -> None:
    """Carry out `count` requests to `path` (the API), then cut the connection.

    `method`: only such requests.
    """
    world.faults.add(
        SandboxFault(kind=FaultKind.DROP_ANSWER, path=where.api, method=method, count=count)
    )


@action()
def drop_request(world: World, where: Where, count: int | None = 1, method: str = "") -> None:
    """Cut the connection of `count` requests to `path` (the API) and do nothing.

    `method`: only such requests.
    """
    world.faults.add(
        SandboxFault(kind=FaultKind.DROP_REQUEST, path=where.api, method=method, count=count)
    )


@action()
def limits(
    world: World,
    service: SandboxService = SandboxService.TODOIST,
    requests: int | None = None,
    registrations: int | None = None,
    window: float | None = None,
) -> None:
    """Change the real limits: `requests` per `window` seconds (900), `registrations` likewise.

    Google's are `requests` per `window` (60 s), person and project.
    """
    google, todoist = world.google, world.todoist
    changes = [(todoist.reads, requests, 900.0), (todoist.registrations, registrations, 900.0)]
    if service is SandboxService.GOOGLE_CALENDAR:
        changes = [(google.limit, requests, 60.0)]
    for limit, most, usual in changes:
        limit.most = limit.most if most is None else most
        limit.window = timedelta(seconds=usual if window is None else window)


@action()
def paging(
    world: World,
    service: SandboxService = SandboxService.TODOIST,
    limit: int | None = None,
    repeat: int = 0,
    empty: bool = False,
) -> None:
    """Cut pages of at most `limit`, repeating `repeat` items, `empty`: beginning with an empty one.

    Google repeats none.
    """
    if service is SandboxService.GOOGLE_CALENDAR:
        world.google.cuts = PageCuts(most=limit or MAX_EVENTS_PER_PAGE, empty_first=empty)
    else:
        most = limit or MAX_TASKS_PER_PAGE
        world.todoist.cuts = PageCuts(most=most, repeat=repeat, empty_first=empty)
