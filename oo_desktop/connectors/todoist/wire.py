"""Reads what Todoist says, and makes signals of it: pure conversions, private to the connector.

Facts: developer.todoist.com/api/v1, sections "Tasks", "Due dates", "Projects", "Colors", "User" and
"Errors". Only the keys that are needed are decoded. (GET /user also carries the account's personal
token and a socket address with another one: they never become objects here.) Keys may be missing,
null, or unknown; one task that makes no sense costs only itself.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from oo_desktop.connectors.plain_text import clean, without_markdown
from oo_desktop.connectors.todoist.errors import envelope_from_json
from oo_desktop.http import client
from oo_desktop.http.paging import Page, Paging
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import (
    RESCHEDULES,
    YEARS,
    ActionKind,
    Container,
    Day,
    Due,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    Task,
    TaskList,
    UserId,
    day_from_text,
    sort_key,
)
from oo_desktop.model.text import NO_TITLE
from oo_desktop.model.zones import zone_named

TODOIST = ProviderId("todoist")

UNCOMPLETABLE = "* "
"""A task whose content begins so is a heading: there is nothing to complete."""

TODOIST_NOT_UNDERSTOOD = untranslated(
    "Todoist answered in a way this oO does not understand. Please update oO."
)

MAX_TASK_ID = 200
"""Characters; ids have 16 today and are opaque."""

MAX_UNDO = 600
"""Characters; the text of a due date has a hundred. At up to twelve bytes each, on their way, a
hundred of them still fit into one request."""

T = TypeVar("T")


class DueWire(Struct, frozen=True, gc=False):
    """Holds a due date: `date` in all three forms; the rest is what the recurrence is made of."""

    date: str
    timezone: str | None = None
    string: str | None = None
    lang: str | None = None
    is_recurring: bool | None = False


class DeadlineWire(Struct, frozen=True, gc=False):
    date: str


class TaskWire(Struct, frozen=True, gc=False):
    """Holds a task.

    priority: 4 is the most urgent, 1 is none. day_order: -1 where it was not set by hand.
    """

    id: str
    content: str | None = None
    project_id: str | None = None
    priority: int | None = None
    due: DueWire | None = None
    deadline: DeadlineWire | None = None
    checked: bool | None = False
    is_deleted: bool | None = False
    day_order: int | None = None
    added_at: str | None = None


class ProjectWire(Struct, frozen=True):
    """Holds a project. inbox_project: for the Inbox alone, whose name each client translates."""

    id: str
    name: str | None = None
    color: str | None = None
    inbox_project: bool | None = False
    is_archived: bool | None = False
    is_deleted: bool | None = False


class ZoneWire(Struct, frozen=True):
    timezone: str | None = None


class UserWire(Struct, frozen=True):
    id: str
    email: str | None = None
    full_name: str | None = None
    tz_info: ZoneWire | None = None


class TodoistPageWire(Struct, frozen=True):
    """Holds one page of any list. What is in it is decoded one by one."""

    results: list[msgspec.Raw]
    next_cursor: str | None = None


class UndoWire(Struct, frozen=True, gc=False):
    """Holds what a task's signal carries as `undo`: its due date when it was clicked."""

    due: DueWire


class SyncWire(Struct, frozen=True):
    """Holds what became of each command, by its uuid: the text `ok`, or an error.

    temp_id_mapping: the ids of what was made, by what the command called it.
    """

    sync_status: dict[str, msgspec.Raw] | None = None
    temp_id_mapping: dict[str, msgspec.Raw] | None = None


_COLORS = {
    "berry_red": "#B8255F",
    "red": "#DC4C3E",
    "orange": "#C77100",
    "yellow": "#B29104",
    "olive_green": "#949C31",
    "lime_green": "#65A33A",
    "green": "#369307",
    "mint_green": "#42A393",
    "teal": "#148FAD",
    "sky_blue": "#319DC0",
    "light_blue": "#6988A4",
    "blue": "#4180FF",
    "grape": "#692EC2",
    "violet": "#CA3FEE",
    "lavender": "#A4698C",
    "magenta": "#E05095",
    "salmon": "#C9766F",
    "charcoal": "#808080",
    "grey": "#999999",
    "taupe": "#8F7A69",
}


def decoded(body: bytes, form: type[T]) -> T:
    """Return `body` as `form`. Raises as `http.client.decoded` does."""
    return client.decoded(
        body,
        form,
        not_understood=TODOIST_NOT_UNDERSTOOD,
        unreadable=untranslated("Todoist sent an answer that oO cannot read."),
    )


MAX_TODOIST_PAGE = 200
"""Tasks of a page: the most there may be (developer.todoist.com/api/v1, "Pagination")."""


def _page(body: bytes) -> Page:
    page = decoded(body, TodoistPageWire)
    return Page(page.results, page.next_cursor)


TODOIST_LISTS = Paging(
    service="Todoist",
    size={"limit": str(MAX_TODOIST_PAGE)},
    cursor="cursor",
    read=_page,
    is_forgotten=lambda error: envelope_from_json(error.body).argument == "cursor",
    slice=50,
    too_much=untranslated(
        "This is more than oO can show. Please narrow the filter in the settings."
    ),
    not_understood=TODOIST_NOT_UNDERSTOOD,
)


_DUE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def due_from_wire(text: str, timezone: str | None = None) -> Due | None:
    """Return a due date in one of its three forms; None for a text that is none of them.

    A time without `Z` is floating, unless a zone is given with it: then it is a time in that zone.
    """
    if (day := day_from_text(text)) is not None:
        return day
    found = _DUE_TIME.fullmatch(text)
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(text).replace(microsecond=0)
    except ValueError:
        return None
    if at.year not in YEARS:
        return None
    zone = zone_named(timezone)
    if found["offset"]:
        return Fixed(at.astimezone(UTC), zone.key if zone else "UTC")
    if zone is not None:
        return Fixed(at.replace(tzinfo=zone).astimezone(UTC), zone.key)
    return Floating(at)


def due_of(due: DueWire | None) -> Due | None:
    """Return what a due date of a task means; None for none, and for one that makes no sense."""
    return due_from_wire(due.date, due.timezone) if due else None


def is_same_due(one: DueWire | None, other: DueWire | None) -> bool:
    """Return whether both mean the same date, however it is written."""
    if one is None or other is None:
        return one is other
    meaning = due_of(one)
    if meaning is None:
        return (one.date, one.timezone) == (other.date, other.timezone)
    return meaning == due_of(other)


def means(due: DueWire | None, meaning: Due | None) -> bool:
    """Return whether `due` says `meaning`."""
    return (due is None) == (meaning is None) and due_of(due) == meaning


def is_same_rule(one: DueWire | None, other: DueWire | None) -> bool:
    """Return whether both recur alike. What does not recur has a text too, which says no more."""
    return _rule(one) == _rule(other)


def _rule(due: DueWire | None) -> str | None:
    return " ".join((due.string or "").split()).lower() if due and due.is_recurring else None


def wire_from_due(due: Due | None, *, like: DueWire | None) -> DueWire | dict[str, str] | None:
    """Return `due` as a command sets it; what it recurs by, and its zone, are those of `like`.

    A recurring date is given whole, or it would recur no more; of others the date is enough.
    """
    match due:
        case None:
            return None
        case Day(day):
            text, zone = day.isoformat(), None
        case Floating(at):
            text, zone = at.isoformat(timespec="seconds"), None
        case Fixed(at, zone):
            text = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    zone = like.timezone if like else zone
    if like and like.is_recurring:
        return msgspec.structs.replace(like, date=text, timezone=zone)
    return {"date": text, "timezone": zone} if zone else {"date": text}


def task_from_wire(
    task: TaskWire, *, user_id: UserId, containers: Mapping[str, Container]
) -> Task | None:
    """Return the signal of a task; None for one that is completed or deleted.

    A task without a usable due date is shown by its deadline.
    """
    if task.checked or task.is_deleted or not 0 < len(task.id) <= MAX_TASK_ID:
        return None
    content = task.content or ""
    completable = not content.startswith(UNCOMPLETABLE)
    due = due_of(task.due)
    undo = _undo(task.due) if task.due else None
    deadline = due_from_wire(task.deadline.date) if task.deadline else None
    recurring = task.due is not None and bool(task.due.is_recurring)
    return Task(
        id=SignalId(task.id),
        source=TODOIST,
        user_id=user_id,
        title=without_markdown(content if completable else content[len(UNCOMPLETABLE) :])
        or NO_TITLE,
        url=f"https://app.todoist.com/app/task/{quote(task.id, safe='')}",
        container=containers.get(task.project_id or ""),
        actions=_actions(task.due, undo) if completable else (),
        undo=undo,
        due=due or deadline,
        by_deadline=due is None and deadline is not None,
        recurring=recurring,
        priority=5 - min(max(task.priority or 1, 1), 4),
    )


def _actions(due: DueWire | None, undo: str | None) -> tuple[ActionKind, ...]:
    if due is None:
        return _ALL
    if undo is None:
        return _ALL[:1]
    # To take its date away would end the recurrence: that is for the user to do, in Todoist.
    return _MOVING if due.is_recurring else _ALL


_ALL = (ActionKind.DONE, *RESCHEDULES)
_MOVING = tuple(kind for kind in _ALL if kind is not ActionKind.NO_DATE)


def _undo(due: DueWire) -> str | None:
    """The way back from closing a recurring task, which moves its date on, and from a reschedule;
    and what tells, later, whether it was changed elsewhere."""
    undo = msgspec.json.encode(UndoWire(due)).decode()
    return undo if len(undo) <= MAX_UNDO else None


def containers_from_wire(projects: Iterable[ProjectWire]) -> dict[str, Container]:
    """Return the projects by id, without those that are archived or deleted."""
    return {
        project.id: Container(
            # Translators: as Todoist calls the project of tasks that are in no other.
            name=translated("Inbox")
            if project.inbox_project
            else clean(project.name or "") or translated("(no name)"),
            color=_COLORS.get(project.color or "", _COLORS["charcoal"]),
        )
        for project in projects
        if not (project.is_archived or project.is_deleted)
    }


def lists_from_wire(projects: Iterable[ProjectWire]) -> tuple[TaskList, ...]:
    """Return the projects as lists that a new task can go to, the Inbox first."""
    projects = sorted(projects, key=lambda project: not project.inbox_project)
    named = containers_from_wire(projects)
    return tuple(TaskList(id=id_, name=one.name, color=one.color) for id_, one in named.items())


Order = tuple[tuple[object, ...], date, int, str]


def order(task: Task, wire: TaskWire, zone: ZoneInfo) -> Order:
    """Sort like Todoist's own Today: date, whole days, time, priority, deadline, set by hand, age.

    The zone decides on which day a fixed time falls.
    """
    deadline = due_from_wire(wire.deadline.date) if wire.deadline else None
    return (
        sort_key(task, zone),
        deadline.day if isinstance(deadline, Day) else date.max,
        -1 if wire.day_order is None else wire.day_order,
        # With or without a fraction of a second, these texts sort once the Z is off.
        (wire.added_at or "").removesuffix("Z"),
    )
