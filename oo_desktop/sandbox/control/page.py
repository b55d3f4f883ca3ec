"""Draw the control page: tasks, plans, who is connected, what was asked; buttons from the table."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from html import escape
from itertools import islice

from oo_desktop.sandbox.caldav.model import DavCollection, component_of, line_of
from oo_desktop.sandbox.control.actions import ACTIONS
from oo_desktop.sandbox.control.table import Button, ButtonGroup, ControlAction, Input
from oo_desktop.sandbox.faults import FaultKind, SandboxFault
from oo_desktop.sandbox.google.model import CalendarEntry, Person, SandboxCalendar, SandboxEvent
from oo_desktop.sandbox.google.recurrence import occurrences
from oo_desktop.sandbox.google.times import instant_of
from oo_desktop.sandbox.oauth.grants import SandboxGrants
from oo_desktop.sandbox.pages import document
from oo_desktop.sandbox.todoist.due import NotADate, local_from_due
from oo_desktop.sandbox.todoist.filter import FilterView
from oo_desktop.sandbox.todoist.state import SandboxTask
from oo_desktop.sandbox.world import RequestSeen, World

_MAX_REQUESTS_SHOWN = 14
_MAX_DONE_SHOWN = 8
_PLANNED_AHEAD = timedelta(days=2)
_FAULT_WORDS = {
    FaultKind.OFFLINE: "offline",
    FaultKind.DELAY: "slow",
    FaultKind.RATE_LIMIT: "rate-limited",
    FaultKind.FAIL: "failing",
    FaultKind.GARBAGE: "answering garbage",
    FaultKind.DROP_ANSWER: "swallowing answers",
    FaultKind.DROP_REQUEST: "dropping requests",
}


def control_page(world: World) -> str:
    """Return the whole page."""
    groups = [group for group in ButtonGroup if group is not ButtonGroup.FOOTER]
    body = f"""<main class="control">
<header id="head" data-live>{_head(world)}</header>
<div class="columns">
<div>
<section class="card tasks" id="tasks" data-live>{_tasks(world)}</section>
<section class="card tasks" id="caldav" data-live>{"".join(_caldav(world))}</section>
<section class="card tasks" id="planned" data-live>{_planned(world)}</section>
</div>
<div>
<section class="card" id="buttons" data-live>{"".join(_group(world, g) for g in groups)}</section>
<section class="card" id="passwords" data-live>{_passwords(world)}</section>
<section class="card" id="apps" data-live>{_apps(world)}</section>
{"".join(_form(world, action) for action in ACTIONS.values() if action.form)}
<section class="card" id="requests" data-live><h2>Last requests</h2>{_requests(world)}</section>
</div>
</div>
<footer class="soft small">
<p>Everything here lives in memory and is gone when the sandbox ends.</p>
{"".join(_buttons(world, ButtonGroup.FOOTER))}
</footer>
</main>"""
    return document("Control page", body, script=True, service="Todoist, nor the real Google")


def _head(world: World) -> str:
    faults = world.faults.active
    words = ", ".join(dict.fromkeys(_fault_words(fault) for fault in faults))
    pill = (
        f'<span class="pill trouble">Now {escape(words)}</span>'
        if faults
        else '<span class="pill">All well</span>'
    )
    accounts = list(world.todoist.state.accounts.values())
    people = ", ".join(account.full_name for account in accounts)
    now = world.clock.now().astimezone(accounts[0].zoneinfo)
    moved = ", by a clock that was moved" if world.clock.offset else ""
    clock = f"{now:%A %H:%M} in {accounts[0].zone}{moved}"
    return f'<h1>{escape(people)}</h1>{pill}<span class="soft small">{escape(clock)}</span>'


def _fault_words(fault: SandboxFault) -> str:
    words = _FAULT_WORDS[fault.kind]
    if fault.kind is FaultKind.FAIL:
        words = f"failing with {fault.status}"
    return words if fault.count is None else f"{words} ({fault.count} more)"


# Buttons and forms


def _group(world: World, group: ButtonGroup) -> str:
    buttons = "".join(_buttons(world, group))
    return f'<h2>{group}</h2><div class="buttons">{buttons}</div>'


def _buttons(world: World, group: ButtonGroup) -> Iterable[str]:
    for action in ACTIONS.values():
        for button in action.buttons:
            if button.group is group and button.shown(world):
                yield _button(action, button, pressed=button.pressed(world))


def _button(action: ControlAction, button: Button, *, pressed: bool) -> str:
    style = "on" if pressed else button.style
    content = (
        f'<button class="{style}"{_PRESSED if pressed else ""}>{escape(button.label)}</button>'
    )
    return _posting(action.name, content, **button.fields)


_PRESSED = ' aria-pressed="true"'
_DONE = ' class="done"'


def _posting(action: str, content: str, **fields: object) -> str:
    """A form that does `action`; `content` is HTML, and holds its button."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(value))}">'
        for name, value in fields.items()
    )
    return f'<form method="post" action="/sandbox/api/{action}">{hidden}{content}</form>'


def _form(world: World, action: ControlAction) -> str:
    if action.form is None:
        return ""
    needed = {each.name for each in action.parameters if each.required}
    inputs = "".join(_input(world, each, each.name in needed) for each in action.form.inputs)
    hint = f'<span class="soft small">{escape(action.form.hint)}</span>' if action.form.hint else ""
    return f"""<section class="card"><h2>{escape(action.form.heading)}</h2>
<form class="add" method="post" action="/sandbox/api/{action.name}">{inputs}{hint}
<button class="primary">Add</button></form>{action.form.after}</section>"""


def _input(world: World, field: Input, required: bool) -> str:
    label = f'name="{field.name}" aria-label="{escape(field.label)}"'
    if field.choices is not None:
        options = "".join(
            f'<option value="{escape(value)}">{escape(words)}</option>'
            for value, words in field.choices(world)
        )
        return f"<select {label}>{options}</select>"
    wide = ' class="wide"' if field.wide else ""
    must = " required" if required else ""
    return (
        f'<input {label}{wide}{must} value="{escape(field.value)}" '
        f'placeholder="{escape(field.placeholder)}">'
    )


# Tasks


def _tasks(world: World) -> str:
    groups: dict[str, list[str]] = {"Overdue": [], "Today": [], "Later": [], "Done": []}
    for account in world.todoist.state.accounts.values():
        view = FilterView(account, world.clock.now())
        for task in account.tasks.values():
            if not task.is_deleted:
                groups[_when_due(task, view)].append(_task(task, view))
    del groups["Done"][_MAX_DONE_SHOWN:]
    return (
        "".join(
            f"<h2>{name} · {len(rows)}</h2><ul>{''.join(rows)}</ul>"
            for name, rows in groups.items()
            if rows
        )
        or '<p class="soft">No tasks at all.</p>'
    )


def _when_due(task: SandboxTask, view: FilterView) -> str:
    if task.checked:
        return "Done"
    day = view.day(task)
    if day is None or day > view.today:
        return "Later"
    return "Overdue" if day < view.today else "Today"


def _task(task: SandboxTask, view: FilterView) -> str:
    title_class = _DONE if task.checked else ""
    return (
        f'<li class="task p{task.priority}">{_tick(task)}<div class="what">'
        f"<div{title_class}>{escape(task.content)}</div>"
        f'<div class="meta">{"".join(_meta(task, view))}</div></div></li>'
    )


def _tick(task: SandboxTask) -> str:
    if task.content.startswith("* "):
        return '<span class="tick none" title="Cannot be completed"></span>'
    action, words = ("reopen_task", "Reopen") if task.checked else ("complete_task", "Complete")
    checked = " checked" if task.checked else ""
    button = (
        f'<button class="tick{checked}" title="{words} elsewhere" '
        f'aria-label="{words} {escape(task.content)}">✓</button>'
    )
    return _posting(action, button, id=task.id)


def _meta(task: SandboxTask, view: FilterView) -> Iterable[str]:
    project = view.account.projects[task.project_id]
    yield f'<span class="project {escape(project.color)}">{escape(project.name)}</span>'
    day = view.day(task)
    late = " late" if day is not None and day < view.today and not task.checked else ""
    if day is not None:
        yield f'<span class="due{late}">{escape(_due_words(task, day, view))}</span>'
    if task.due and task.due.is_recurring:
        yield f"<span>↻ {escape(task.due.string)}</span>"
    if task.completions > 0 and not task.checked:
        yield f"<span>done {task.completions}×</span>"
    if task.responsible_uid and task.responsible_uid != view.account.id:
        yield "<span>somebody else’s</span>"


def _due_words(task: SandboxTask, day: date, view: FilterView) -> str:
    if task.due is None:
        return f"Deadline {_day_words(day, view.today).lower()}"
    words = _day_words(day, view.today)
    try:
        _, at = local_from_due(task.due, view.account.zoneinfo)
    except NotADate:
        return words
    if at is None:
        return words
    place = f" {task.due.timezone.rpartition('/')[2]}" if task.due.timezone else ""
    return f"{words} {at:%H:%M}{place}"


def _day_words(day: date, today: date) -> str:
    ahead = (day - today).days
    near = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}
    if ahead in near:
        return near[ahead]
    return f"{-ahead} days ago" if ahead < 0 else f"in {ahead} days"


# Plans


def _planned(world: World) -> str:
    """What each person has today and tomorrow."""
    now = world.clock.now()
    return (
        "".join(
            f"<h2>{escape(person.name)} · {escape(person.zone)}</h2><ul>{rows}</ul>"
            for person in world.google.state.people.values()
            if (rows := "".join(_plans(person, now)))
        )
        or '<p class="soft">Nothing planned.</p>'
    )


def _plans(person: Person, now: datetime) -> Iterable[str]:
    found: list[tuple[datetime, SandboxCalendar, SandboxEvent]] = []
    for entry in person.entries.values():
        if entry.role in ("owner", "writer") and not entry.deleted:
            found += _coming(entry, now)
    for _, calendar, event in sorted(found, key=lambda row: row[0]):
        yield _plan(calendar, event, now)


def _coming(
    entry: CalendarEntry, now: datetime
) -> Iterable[tuple[datetime, SandboxCalendar, SandboxEvent]]:
    calendar, zone = entry.calendar, entry.calendar.zoneinfo
    window = {"after": now, "before": now + _PLANNED_AHEAD}
    for event in list(calendar.events.values()):
        if event.recurrence:
            instances = list(occurrences(calendar, event, **window))
        elif event.series in calendar.events:
            continue  # It comes with its series.
        else:
            instances = [event] if calendar.has_between(event, **window) else []
        for one in instances:
            if not one.cancelled:
                yield instant_of(one.start, zone), calendar, one


def _plan(calendar: SandboxCalendar, event: SandboxEvent, now: datetime) -> str:
    fields = {"id": event.id, "calendar": calendar.id}
    title = escape(str(event.content.get("summary", "No title")))
    move = (
        _posting("move_event", "<button>+15 min</button>", **fields, by=15)
        if isinstance(event.start, datetime)
        else ""
    )
    cancel = _posting("cancel_event", "<button>Cancel</button>", **fields)
    return (
        f'<li class="task"><div class="what"><div>{title}</div>'
        f'<div class="meta"><span>{_when_planned(calendar, event, now)}</span>'
        f"<span>{escape(calendar.summary)}</span></div></div>{move}{cancel}</li>"
    )


def _when_planned(calendar: SandboxCalendar, event: SandboxEvent, now: datetime) -> str:
    zone = calendar.zoneinfo
    start, today = instant_of(event.start, zone).astimezone(zone), now.astimezone(zone).date()
    day = {0: "Today", 1: "Tomorrow"}.get((start.date() - today).days, f"{start:%A}")
    if not isinstance(event.start, datetime):
        return f"{day}, all day"
    end = instant_of(event.end, zone).astimezone(zone)
    return f"{day} {start:%H:%M} to {end:%H:%M}"


# The calendar server


def _caldav(world: World) -> Iterable[str]:
    """What each person has."""
    for account in world.caldav.state.accounts.values():
        yield f"<h2>{escape(account.name)} · calendar server</h2><ul>"
        for collection in account.collections.values():
            for name, body in collection.resources.items():
                yield _resource(collection, account.path_of(collection, name), body)
        yield "</ul>"


def _passwords(world: World) -> str:
    """What to type in order to connect."""
    rows = "".join(
        f"<li><span>{escape(account.id)}</span><code>{escape(account.password)}</code></li>"
        for account in world.caldav.state.accounts.values()
    )
    return (
        '<h2>User names and app passwords at the calendar server</h2><p class="soft small">Its '
        f'address is this page’s, without /sandbox</p><ul class="apps">{rows}</ul>'
    )


def _resource(collection: DavCollection, path: str, body: bytes) -> str:
    done = line_of(body, "STATUS") == "COMPLETED"
    title = escape(re.sub(r"\\(.)", r"\1", line_of(body, "SUMMARY") or "No title"))
    when = escape(line_of(body, "DUE") or line_of(body, "DTSTART") or "")
    complete = _posting("complete_resource", "<button>Complete</button>", path=path)
    delete = _posting("delete_resource", "<button>Delete</button>", path=path)
    is_open = component_of(body) == "VTODO" and not done
    return (
        f'<li class="task"><div class="what"><div{_DONE if done else ""}>{title}</div>'
        f'<div class="meta"><span>{when}</span><span>{escape(collection.name)}</span></div></div>'
        f"{complete if is_open else ''}{delete}</li>"
    )


# Apps and requests


def _apps(world: World) -> str:
    rows = [
        *_connected(world.todoist.grants, "", everyone=True),
        *_connected(world.google.grants, ", at Google", everyone=False),
        *_app_passwords(world),
    ]
    shown = f'<ul class="apps">{"".join(rows)}</ul>' if rows else '<p class="soft">None yet.</p>'
    return f"<h2>Connected apps</h2>{shown}"


def _app_passwords(world: World) -> Iterable[str]:
    """A row for each app that was given one in the browser."""
    for account in world.caldav.state.accounts.values():
        for password, app in account.app_passwords.items():
            if password != account.password:
                yield (
                    f"<li><span>{escape(app)}, at the calendar server</span>"
                    '<span class="soft">connected</span></li>'
                )


def _connected(grants: SandboxGrants, where: str, *, everyone: bool) -> Iterable[str]:
    """A row for each client; unless `everyone`, for those that somebody let in."""
    for client in grants.clients.values():
        if not everyone and not any(grant.client is client for grant in grants.grants):
            continue
        live, lasting = grants.live_access(client), grants.live_refresh(client)
        words = "connected" if live else "can refresh" if lasting else "not connected"
        style = "soft" if live or lasting else "bad"
        yield (
            f"<li><span>{escape(client.name)}{where}</span>"
            f'<span class="{style}">{words}</span></li>'
        )


def _requests(world: World) -> str:
    last = list(islice(reversed(world.requests), _MAX_REQUESTS_SHOWN))
    if not last:
        return '<p class="soft">Nobody has asked for anything.</p>'
    return f'<table class="requests">{"".join(_request(seen) for seen in last)}</table>'


def _request(seen: RequestSeen) -> str:
    style = "" if seen.status and seen.status < 400 else ' class="bad"'
    return (
        f'<tr><td class="soft">{seen.at:%H:%M:%S}</td><td>{escape(seen.method)}</td>'
        f'<td class="path">{escape(seen.path)}</td><td{style}>{seen.status or "cut"}</td></tr>'
    )
