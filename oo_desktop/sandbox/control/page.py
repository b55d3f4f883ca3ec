"""The control page: the tasks, who is connected, what was asked, and the buttons."""

from collections.abc import Iterable
from datetime import date
from html import escape
from itertools import islice

from oo_desktop.sandbox.consent_pages import document
from oo_desktop.sandbox.control import google_page
from oo_desktop.sandbox.faults import Fault, FaultKind
from oo_desktop.sandbox.todoist.due import NotADate, local_from_due
from oo_desktop.sandbox.todoist.filter import View
from oo_desktop.sandbox.todoist.state import Task
from oo_desktop.sandbox.world import RequestSeen, World

_REQUESTS_SHOWN = 14
_DONE_SHOWN = 8
_FAULT_WORDS = {
    FaultKind.OFFLINE: "offline",
    FaultKind.DELAY: "slow",
    FaultKind.RATE_LIMIT: "rate-limited",
    FaultKind.FAIL: "failing",
    FaultKind.GARBAGE: "answering garbage",
    FaultKind.DROP_ANSWER: "swallowing answers",
    FaultKind.DROP_REQUEST: "dropping requests",
}


def control(world: World) -> str:
    """The whole page."""
    body = f"""<main class="control">
<header id="head" data-live>{_head(world)}</header>
<div class="columns">
<div>
<section class="card tasks" id="tasks" data-live>{_tasks(world)}</section>
<section class="card tasks" id="planned" data-live>{_planned(world)}</section>
</div>
<div>
<section class="card" id="buttons" data-live>{_buttons(world)}</section>
<section class="card" id="apps" data-live>{_apps(world)}</section>
<section class="card"><h2>Add a task</h2>{_add_form(world)}</section>
<section class="card"><h2>Plan something</h2>{google_page.add_form()}</section>
<section class="card" id="requests" data-live><h2>Last requests</h2>{_requests(world)}</section>
</div>
</div>
<footer class="soft small">
<p>Everything here lives in memory and is gone when the sandbox ends.</p>
{_button("reset", "Start anew", kind="alarm")}
</footer>
</main>"""
    return document("Sandbox", body, script=True, service="Todoist, nor the real Google")


def _head(world: World) -> str:
    faults = world.faults.active
    words = ", ".join(dict.fromkeys(_fault_words(fault) for fault in faults))
    pill = (
        f'<span class="pill trouble">Now {escape(words)}</span>'
        if faults
        else '<span class="pill">All well</span>'
    )
    accounts = list(world.todoist.accounts.values())
    people = ", ".join(account.full_name for account in accounts)
    now = world.clock.now().astimezone(accounts[0].zoneinfo)
    moved = ", by a clock that was moved" if world.clock.offset else ""
    clock = f"{now:%A %H:%M} in {accounts[0].zone}{moved}"
    return f'<h1>{escape(people)}</h1>{pill}<span class="soft small">{escape(clock)}</span>'


def _fault_words(fault: Fault) -> str:
    words = _FAULT_WORDS[fault.kind]
    if fault.kind is FaultKind.FAIL:
        words = f"failing with {fault.status}"
    return words if fault.count is None else f"{words} ({fault.count} more)"


# Tasks


def _tasks(world: World) -> str:
    groups: dict[str, list[str]] = {"Overdue": [], "Today": [], "Later": [], "Done": []}
    for account in world.todoist.accounts.values():
        view = View(account, world.clock.now())
        for task in account.tasks.values():
            if not task.is_deleted:
                groups[_group(task, view)].append(_task(task, view))
    del groups["Done"][_DONE_SHOWN:]
    return (
        "".join(
            f"<h2>{name} · {len(rows)}</h2><ul>{''.join(rows)}</ul>"
            for name, rows in groups.items()
            if rows
        )
        or '<p class="soft">No tasks at all.</p>'
    )


def _group(task: Task, view: View) -> str:
    if task.checked:
        return "Done"
    day = view.day(task)
    if day is None or day > view.today:
        return "Later"
    return "Overdue" if day < view.today else "Today"


def _task(task: Task, view: View) -> str:
    title_class = ' class="done"' if task.checked else ""
    return (
        f'<li class="task p{task.priority}">{_tick(task)}<div class="what">'
        f"<div{title_class}>{escape(task.content)}</div>"
        f'<div class="meta">{"".join(_meta(task, view))}</div></div></li>'
    )


def _tick(task: Task) -> str:
    if task.content.startswith("* "):
        return '<span class="tick none" title="Cannot be completed"></span>'
    action, words = ("reopen_task", "Reopen") if task.checked else ("complete_task", "Complete")
    checked = " checked" if task.checked else ""
    return (
        f'<form method="post" action="/sandbox/api/{action}">'
        f'<input type="hidden" name="id" value="{escape(task.id)}">'
        f'<button class="tick{checked}" title="{words} elsewhere" '
        f'aria-label="{words} {escape(task.content)}">✓</button></form>'
    )


def _meta(task: Task, view: View) -> Iterable[str]:
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


def _due_words(task: Task, day: date, view: View) -> str:
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


def _planned(world: World) -> str:
    return google_page.planned(world.google, _button) or '<p class="soft">Nothing planned.</p>'


# The rest


def _button(
    action: str, words: str, *, kind: str = "", name: str | None = None, **fields: object
) -> str:
    """A form of one button. kind: its class; `on` marks what is the case now. name: its id."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items()
    )
    pressed = ' aria-pressed="true"' if kind == "on" else ""
    return (
        f'<form method="post" action="/sandbox/api/{action}">{hidden}'
        f'<button class="{kind}" id="{name or action}"{pressed}>{words}</button></form>'
    )


def _buttons(world: World) -> str:
    now = {fault.kind for fault in world.faults.active}

    def fault(action: str, words: str, **fields: int) -> str:
        return _button(
            action, words, kind="on" if FaultKind(action) in now else "", name=action, **fields
        )

    connection = [
        _button("online", "Go online", kind="on")
        if FaultKind.OFFLINE in now
        else _button("offline", "Go offline"),
        fault("delay", "Slow down by 5 s", seconds=5),
        fault("rate_limit", "Rate-limit for 60 s", seconds=60),
        fault("fail", "Fail 5 times", status=500, count=5),
        fault("garbage", "Answer garbage"),
    ]
    if now:
        connection.append(_button("clear_faults", "All well again", kind="primary"))
    sign_in = [
        _button("expire", "Expire access tokens", service="todoist"),
        _button("revoke", "Revoke everything", kind="alarm", service="todoist"),
    ]
    return (
        _group_of("Connection", connection)
        + _group_of("Sign-in at Todoist", sign_in)
        + _group_of("Sign-in at Google", google_page.buttons(world.google, _button))
    )


def _group_of(name: str, buttons: list[str]) -> str:
    return f'<h2>{name}</h2><div class="buttons">{"".join(buttons)}</div>'


def _apps(world: World) -> str:
    rows: list[str] = []
    for client in world.grants.clients.values():
        live = sum(token.client_id == client.id for token in world.grants.of_apps())
        can_refresh = any(
            token.client_id == client.id and not token.revoked and token.consumed_at is None
            for token in world.grants.refresh_tokens.values()
        )
        words = "connected" if live else "can refresh" if can_refresh else "not connected"
        kind = "soft" if live or can_refresh else "bad"
        rows.append(
            f'<li><span>{escape(client.name)}</span><span class="{kind}">{words}</span></li>'
        )
    rows += google_page.apps(world.google)
    shown = f'<ul class="apps">{"".join(rows)}</ul>' if rows else '<p class="soft">None yet.</p>'
    return f"<h2>Connected apps</h2>{shown}"


def _add_form(world: World) -> str:
    account = next(iter(world.todoist.accounts.values()))
    names = [project.name for project in account.projects.values()]
    options = "".join(f"<option>{escape(name)}</option>" for name in names)
    return f"""<form class="add" method="post" action="/sandbox/api/add_task">
<input class="wide" name="content" required placeholder="What is to be done" aria-label="Title">
<input name="due_string" value="today" aria-label="Due, such as “every day at 9:00”">
<select name="priority" aria-label="Priority"><option value="1">No priority</option>
<option value="2">Priority 3</option><option value="3">Priority 2</option>
<option value="4">Priority 1</option></select>
<select name="project" aria-label="Project">{options}</select>
<button class="primary">Add</button></form>"""


def _requests(world: World) -> str:
    last = list(islice(reversed(world.requests), _REQUESTS_SHOWN))
    if not last:
        return '<p class="soft">Nobody has asked for anything.</p>'
    return f'<table class="requests">{"".join(_request(seen) for seen in last)}</table>'


def _request(seen: RequestSeen) -> str:
    kind = "" if seen.status and seen.status < 400 else ' class="bad"'
    return (
        f'<tr><td class="soft">{seen.at:%H:%M:%S}</td><td>{escape(seen.method)}</td>'
        f'<td class="path">{escape(seen.path)}</td><td{kind}>{seen.status or "cut"}</td></tr>'
    )
