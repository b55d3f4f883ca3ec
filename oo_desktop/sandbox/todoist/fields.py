"""Check what clients write into tasks: the REST parameters and the /sync arguments.

They differ in how dates are said. REST: `due_string`, `due_date` or `due_datetime`, each replacing
the due date with its recurrence, `{"due_string": "no date"}` clearing it. /sync: a whole `due`
object, null clearing it. Raises TodoistApiError (400, code 20) for values of the wrong kind.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from oo_desktop.sandbox.todoist.due import (
    NotADate,
    SandboxDue,
    due_from_text,
    local_from_due,
    recurrence_from_text,
)
from oo_desktop.sandbox.todoist.errors import invalid_argument, missing_argument
from oo_desktop.sandbox.todoist.state import SandboxTask, TodoistAccount

_DUES = ("due_string", "due_date", "due_datetime")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_content(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= 500


def _is_id_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_priority(value: object) -> bool:
    return _is_number(value) and value in (1, 2, 3, 4)


def _is_labels(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(label, str) for label in value)


_CHECKS: dict[str, Callable[[object], bool]] = {
    "content": _is_content,
    "description": _is_text,
    "labels": _is_labels,
    "priority": _is_priority,
    "child_order": _is_number,
    "day_order": _is_number,
    "is_collapsed": lambda value: isinstance(value, bool),
    "responsible_uid": _is_id_or_none,
}


def _plain_changes(fields: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, check in _CHECKS.items():
        if name in fields:
            if not check(fields[name]):
                raise invalid_argument(name, "The value is not of the expected kind")
            changes[name] = fields[name]
    return changes


# /sync


def due_from_sync(value: object, *, account: TodoistAccount, now: datetime) -> SandboxDue | None:
    """Read a `due` object: its parts, or its `string` where that is all. None stays None."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise invalid_argument("due", "An object is expected")
    string = value.get("string") or ""
    lang = value.get("lang") or "en"
    try:
        if not value.get("date"):
            return due_from_text(string, lang=lang, now=now, zone=account.zoneinfo)
        due = SandboxDue(
            date=value["date"],
            timezone=value.get("timezone"),
            string=string or str(value["date"]),
            lang=lang,
            is_recurring=bool(value.get("is_recurring", recurrence_from_text(string) is not None)),
        )
        local_from_due(due, account.zoneinfo)
    except (NotADate, TypeError, AttributeError) as error:
        raise invalid_argument("due", "Date is invalid") from error
    return due


def changes_from_sync(
    args: Mapping[str, Any], *, account: TodoistAccount, now: datetime
) -> dict[str, Any]:
    """Return the task fields an `item_update` sets."""
    changes = _plain_changes(args)
    if "due" in args:
        changes["due"] = due_from_sync(args["due"], account=account, now=now)
    if "deadline" in args:
        deadline = args["deadline"]
        given = deadline.get("date") if isinstance(deadline, dict) else deadline
        changes["deadline"] = _day(given, "deadline")
    if "duration" in args:
        changes["duration"] = _duration(args["duration"])
    return changes


def new_task_from_sync(
    args: Mapping[str, Any], *, account: TodoistAccount, now: datetime
) -> SandboxTask:
    """Return the task an `item_add` adds."""
    if "content" not in args:
        raise missing_argument("content")
    changes = changes_from_sync(args, account=account, now=now)
    return _new_task(args, changes, account)


# REST


def changes_from_rest(
    fields: Mapping[str, Any], *, account: TodoistAccount, now: datetime
) -> dict[str, Any]:
    """Return the task fields a `POST /tasks/{id}` sets."""
    renamed = dict(fields)
    for rest, raw in (("assignee_id", "responsible_uid"), ("order", "child_order")):
        if rest in renamed:
            renamed[raw] = renamed.pop(rest)
    changes = _plain_changes(renamed)
    given = [key for key in _DUES if key in fields]
    if len(given) > 1 and set(given) != {"due_string", "due_date"}:
        raise invalid_argument(given[1], "Only one kind of due date is expected")
    if given:
        changes["due"] = _rest_due(given[0], fields, account, now)
    if "deadline_date" in fields:
        changes["deadline"] = _day(fields["deadline_date"], "deadline_date")
    if "duration" in fields:
        amount = fields["duration"]
        unit = fields.get("duration_unit")
        changes["duration"] = _duration(amount and {"amount": amount, "unit": unit})
    return changes


def new_task_from_rest(
    fields: Mapping[str, Any], *, account: TodoistAccount, now: datetime
) -> SandboxTask:
    """Return the task a `POST /tasks` adds."""
    if "content" not in fields:
        raise missing_argument("content")
    changes = changes_from_rest(fields, account=account, now=now)
    return _new_task(fields, changes, account)


def _rest_due(
    key: str, fields: Mapping[str, Any], account: TodoistAccount, now: datetime
) -> SandboxDue | None:
    text = fields[key]
    if not isinstance(text, str):
        raise invalid_argument(key, "A text is expected")
    lang = fields.get("due_lang") or "en"
    try:
        if key == "due_string":
            return due_from_text(text, lang=lang, now=now, zone=account.zoneinfo)
        if key == "due_date":
            day = date.fromisoformat(text).isoformat()
            return SandboxDue(date=day, string=day, lang=lang)
        zone = account.zone if text.endswith("Z") else None
        due = SandboxDue(date=text, timezone=zone, string=text, lang=lang)
        if local_from_due(due, account.zoneinfo)[1] is None:
            raise NotADate(text)
    except ValueError as error:
        raise invalid_argument(key, "Date is invalid") from error
    return due


def _new_task(
    fields: Mapping[str, Any], changes: dict[str, Any], account: TodoistAccount
) -> SandboxTask:
    parent_id = fields.get("parent_id")
    parent = account.tasks.get(parent_id) if isinstance(parent_id, str) else None
    project_id = parent.project_id if parent else fields.get("project_id") or account.inbox.id
    if fields.get("section_id"):
        raise invalid_argument("section_id", "Section not found")
    return SandboxTask(user_id=account.id, project_id=project_id, parent_id=parent_id, **changes)


def _day(value: object, argument: str) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise invalid_argument(argument, "Date is invalid") from error


def _duration(value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    if (
        not isinstance(value, dict)
        or not _is_number(value.get("amount"))
        or value.get("unit") not in ("minute", "day")
    ):
        raise invalid_argument("duration", "A duration is an amount and a unit")
    return {"amount": value["amount"], "unit": value["unit"]}
