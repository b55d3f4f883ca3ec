"""Adds a task to a collection: a new resource, named after the task's uuid, once.

`PUT` with `If-None-Match: *` creates it or changes nothing (RFC 4791, section 5.3.2). Its name and
UID are the uuid, so whatever is there under that name is this very task:

| the server | ADD |
|---|---|
| 201, 204, any other 2xx | added |
| 412 | looked at: added before, if it is there; else refused, for something else has its UID |
| 404, 409 (RFC 4918, section 9.7.1), 410 | refused: the collection is gone |
| 403, 405, 413, 507, 423, 207 | as for any write (`actions`) |
| no answer | waits; it is looked at before it is sent again |

It is looked at first then because SOGo 5.8 overwrites what is there whatever the header says, and
somebody may have completed it in between.

The date is a DATE, or a time in UTC: no TZID that a server or another program would have to know,
and no floating time, which Cyrus and sabre/dav take for UTC. STATUS is given, for tasks without one
match no filter for open tasks (RFC 4791, section 7.8.9). Three priorities are written as 1, 5 and 9
(RFC 5545, section 3.8.1.9), and none as none.

REMOVE deletes it, whatever it says by now, in the version that was seen (`If-Match`). What is gone
is gone. A request to add that comes later than that, which a network may keep for that long, would
bring it back: no header guards against it.
"""

from datetime import UTC
from zoneinfo import ZoneInfo

from oo_desktop.connectors.caldav.actions import (
    CALENDAR_TYPE,
    KEEPS_CHANGING,
    MAX_ATTEMPTS,
    MAX_WORK_SECONDS,
    NOT_TAKEN,
    Seen,
    failure_of_write,
    read_resource,
    strong_etag,
)
from oo_desktop.connectors.caldav.wire import signal_id
from oo_desktop.connectors.icalendar.edit import folded
from oo_desktop.connectors.icalendar.lines import components
from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.connectors.icalendar.todo_clicks import utc_text
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import Refused, ServiceClient
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import Day, Fixed, Floating, NewTask
from oo_desktop.model.source import Added

NO_COLLECTION = untranslated(
    "This list no longer exists on the server. Forget this, and add it to another one."
)
TAKEN = untranslated("The server has something else under this name. oO leaves it as it is.")
NO_LIST = untranslated("oO does not know which list this goes to.")

_PRIORITIES = {1: 1, 2: 5, 3: 9}
_WANTED = frozenset({"UID"})


def href_of(task: NewTask) -> str:
    """Return the path of the resource of a new task. Raises Rejected where it has no list."""
    if task.list is None:
        raise Rejected(translated(NO_LIST))
    return f"{task.list.rstrip('/')}/{task.uuid}.ics"


async def add(client: ServiceClient, task: NewTask, *, may_be_added: bool, zone: ZoneInfo) -> Added:
    """Add a task as `AddingSource.add` says. zone: the machine's, for a time without one."""
    href = href_of(task)
    added = Added(id=signal_id(href))
    if may_be_added and await _is_ours(await read_resource(client, href), task):
        return added
    body = body_of(task, zone)
    try:
        answer = await client.dav(
            "PUT", href, body=body, content_type=CALENDAR_TYPE, if_none_match=True
        )
    except Refused as error:
        refused = error
    else:
        if answer.status != 207:
            return added
        raise Rejected(translated(NOT_TAKEN), status=207)
    if refused.status == 412:
        seen = await read_resource(client, href)
        if await _is_ours(seen, task):
            return added
        raise Rejected(translated(NOT_TAKEN if seen is None else TAKEN), status=412)
    if refused.status in (404, 409, 410):
        raise Rejected(translated(NO_COLLECTION), status=refused.status)
    raise failure_of_write(refused)


async def remove(client: ServiceClient, task: NewTask) -> None:
    """Take back a task as `AddingSource.remove` says."""
    href = href_of(task)
    for _ in range(MAX_ATTEMPTS):
        seen = await read_resource(client, href)
        if seen is None:
            return
        if not await _is_ours(seen, task):
            raise Rejected(translated(TAKEN))
        etag = seen.etag or await strong_etag(client, href, seen.body)
        if etag is not None and await _deleted(client, href, etag):
            return
    raise Unavailable(translated(KEEPS_CHANGING), reached=False)


async def _deleted(client: ServiceClient, href: str, etag: str) -> bool:
    """Whether it is gone; False where it has changed since."""
    try:
        await client.dav("DELETE", href, if_match=etag)
    except Refused as error:
        if error.status in (404, 410):
            return True
        if error.status == 412:
            return False
        failure = failure_of_write(error)
    else:
        return True
    raise failure


async def _is_ours(seen: Seen | None, task: NewTask) -> bool:
    if seen is None:
        return False

    def has_uid(pacer: Pacer) -> bool:
        found = components(seen.body, _WANTED, pacer)
        return any(each.name == "VTODO" and each.value("UID") == task.uuid for each in found)

    try:
        return await run_paced(has_uid, max_seconds=MAX_WORK_SECONDS)
    except TooMuchWork:
        return False


def body_of(task: NewTask, zone: ZoneInfo) -> bytes:
    """Return the resource of a new task. zone: in which a time without a zone is."""
    stamp = utc_text(task.typed_at)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//oO desktop//oO//EN",
        "BEGIN:VTODO",
        f"UID:{task.uuid}",
        f"DTSTAMP:{stamp}",
        f"CREATED:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        f"SUMMARY:{_escaped(task.title)}",
        *_due(task, zone),
        "STATUS:NEEDS-ACTION",
    ]
    if task.priority in _PRIORITIES:
        lines.append(f"PRIORITY:{_PRIORITIES[task.priority]}")
    if task.labels:
        lines.append(f"CATEGORIES:{','.join(map(_escaped, task.labels))}")
    if task.description:
        lines.append(f"DESCRIPTION:{_escaped(task.description)}")
    lines += ["END:VTODO", "END:VCALENDAR"]
    return b"".join(folded(line, b"\r\n") for line in lines)


def _due(task: NewTask, zone: ZoneInfo) -> list[str]:
    match task.due:
        case None:
            return []
        case Day(day):
            return [f"DUE;VALUE=DATE:{day:%Y%m%d}"]
        case Floating(at):
            return [f"DUE:{utc_text(at.replace(tzinfo=zone).astimezone(UTC))}"]
        case Fixed(at):
            return [f"DUE:{utc_text(at)}"]


def _escaped(text: str) -> str:
    """As a TEXT (RFC 5545, section 3.3.11)."""
    for char in "\\;,":
        text = text.replace(char, f"\\{char}")
    return text.replace("\n", "\\n")
