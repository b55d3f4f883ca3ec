"""Serve Todoist's API v1 (developer.todoist.com/api/v1): who may call, and what comes back.

Old paths (REST v2, Sync v9) are gone: 410 with text/plain, as from the real ones.
"""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from oo_desktop.sandbox.limits import PageCuts
from oo_desktop.sandbox.todoist import TODOIST_API
from oo_desktop.sandbox.todoist.errors import (
    TodoistApiError,
    insufficient_scope,
    invalid_argument,
    limits_reached,
    missing_argument,
    not_found,
    unauthorized,
)
from oo_desktop.sandbox.todoist.fields import changes_from_rest, new_task_from_rest
from oo_desktop.sandbox.todoist.filter import FilterView, predicate_from_query
from oo_desktop.sandbox.todoist.service import MAX_TASKS_PER_PAGE, Todoist
from oo_desktop.sandbox.todoist.state import SandboxTask, TodoistAccount
from oo_desktop.sandbox.todoist.sync import Sync

MAX_TODOIST_BODY_BYTES = 1024 * 1024
_DEFAULT_TASKS_PER_PAGE = 50
_READ = "data:read"
_WRITE = "data:read_write"
_ADD = "task:add"
_DELETE = "data:delete"


@dataclass(frozen=True, kw_only=True)
class TodoistCall:
    """Holds a request that was let in. `scope`: all it may do."""

    account: TodoistAccount
    scope: frozenset[str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    id: str


TodoistHandler = Callable[[TodoistCall], object]


class TodoistApi:
    """Serves everything under /api/v1."""

    def __init__(self, todoist: Todoist) -> None:
        self._todoist = todoist
        self._state = todoist.state

    def routes(self) -> list[Mount | Route]:
        """Return the routes, at the root."""
        read, write = self._reads, self._writes
        api = [
            read("/tasks/filter", self.filtered),
            read("/tasks", self.tasks),
            write("/tasks", self.add, _ADD),
            read("/tasks/{id}", self.one),
            write("/tasks/{id}", self.update),
            Route("/tasks/{id}", self._endpoint(self.delete, _DELETE), methods=["DELETE"]),
            write("/tasks/{id}/close", self.close),
            write("/tasks/{id}/reopen", self.reopen),
            write("/tasks/{id}/move", self.move),
            read("/projects", self.projects),
            read("/projects/{id}", self.project),
            read("/labels", self.labels),
            read("/user", self.user),
            write("/sync", self.sync, _READ),
        ]
        gone = [Mount(path, app=_gone) for path in ("/rest/v2", "/sync/v9", "/rest/v1")]
        return [Mount(TODOIST_API.rstrip("/"), routes=api, app=None), *gone]

    def _reads(self, path: str, handler: TodoistHandler) -> Route:
        return Route(path, self._endpoint(handler, _READ), methods=["GET"])

    def _writes(self, path: str, handler: TodoistHandler, scope: str = _WRITE) -> Route:
        return Route(path, self._endpoint(handler, scope), methods=["POST"])

    def _endpoint(
        self, handler: TodoistHandler, scope: str
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                account, granted = self._let_in(request, scope)
                call = TodoistCall(
                    account=account,
                    scope=granted,
                    query=request.query_params,
                    body=await _body(request),
                    id=str(request.path_params.get("id", "")),
                )
                return JSONResponse(handler(call))
            except TodoistApiError as error:
                return _refusal(request, error)

        return endpoint

    def _let_in(self, request: Request, scope: str) -> tuple[TodoistAccount, frozenset[str]]:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        caller = self._todoist.caller(value) if kind.lower() == "bearer" else None
        if caller is None:
            raise unauthorized()
        account, granted = caller
        # Who may write may read and add as well.
        effective = granted | {_READ, _ADD} if _WRITE in granted else granted
        if scope not in effective:
            raise insufficient_scope(scope)
        if wait := self._todoist.reads.wait_for(account.id):
            raise limits_reached(wait)
        return account, effective

    # Reading

    def filtered(self, call: TodoistCall) -> object:
        query = call.query.get("query")
        if query is None:
            raise missing_argument("query")
        if not 1 <= len(query) <= 1024:
            raise invalid_argument("query", "1 to 1024 characters are expected")
        matches = predicate_from_query(query)
        view = FilterView(call.account, self._todoist.clock.now())
        found = [task for task in self._active(call.account) if matches(task, view)]
        return self._tasks_page(call, found)

    def tasks(self, call: TodoistCall) -> object:
        found = self._active(call.account)
        for key in ("project_id", "section_id", "parent_id"):
            if wanted := call.query.get(key):
                found = [task for task in found if getattr(task, key) == wanted]
        if label := call.query.get("label"):
            found = [task for task in found if label in task.labels]
        if ids := call.query.get("ids"):
            found = [task for task in found if task.id in ids.split(",")]
        return self._tasks_page(call, found)

    def _active(self, account: TodoistAccount) -> list[SandboxTask]:
        return [task for task in account.tasks.values() if task.active]

    def _tasks_page(self, call: TodoistCall, tasks: list[SandboxTask]) -> object:
        shown = [task.as_json(sparse=self._todoist.sparse) for task in tasks]
        return page(shown, call.query, call.account, self._todoist.cuts)

    def one(self, call: TodoistCall) -> object:
        return self._state.task(call.account, call.id).as_json(sparse=self._todoist.sparse)

    def projects(self, call: TodoistCall) -> object:
        shown = [p.as_json() for p in call.account.projects.values() if not p.is_deleted]
        return page(shown, call.query, call.account, self._todoist.cuts)

    def project(self, call: TodoistCall) -> object:
        return self._state.project(call.account, call.id).as_json()

    def labels(self, call: TodoistCall) -> object:
        return page(call.account.labels, call.query, call.account, self._todoist.cuts)

    def user(self, call: TodoistCall) -> object:
        return self._todoist.user_json(call.account)

    # Writing

    def add(self, call: TodoistCall) -> object:
        now = self._todoist.clock.now()
        task = new_task_from_rest(call.body, account=call.account, now=now)
        return self._state.add(call.account, task).as_json()

    def update(self, call: TodoistCall) -> object:
        now = self._todoist.clock.now()
        task = self._state.task(call.account, call.id)
        changes = changes_from_rest(call.body, account=call.account, now=now)
        self._state.update(call.account, task, changes)
        return task.as_json()

    def close(self, call: TodoistCall) -> object:
        self._state.close(call.account, self._state.task(call.account, call.id))
        return None

    def reopen(self, call: TodoistCall) -> object:
        task = self._state.task(call.account, call.id, active=False)
        self._state.uncomplete(call.account, task)
        siblings = [t for t in call.account.tasks.values() if t.project_id == task.project_id]
        task.child_order = 1 + max(sibling.child_order for sibling in siblings)
        return None

    def move(self, call: TodoistCall) -> object:
        task = self._state.task(call.account, call.id)
        self._state.move(call.account, task, dict(call.body))
        return task.as_json()

    def delete(self, call: TodoistCall) -> object:
        self._state.delete(call.account, self._state.task(call.account, call.id, active=False))
        return None

    def sync(self, call: TodoistCall) -> object:
        full = call.body.get("resource_types") and call.body.get("sync_token", "*") == "*"
        if full and (wait := self._todoist.full_syncs.wait_for(call.account.id)):
            raise limits_reached(wait)
        sync = Sync(self._state, call.account, call.scope)
        return sync.answer(call.body, self._todoist.user_json(call.account))


async def _body(request: Request) -> Mapping[str, Any]:
    """The JSON object or form that was sent; nothing at all counts as empty."""
    raw = await request.body()
    if len(raw) > MAX_TODOIST_BODY_BYTES:
        raise TodoistApiError(413, 413, "REQUEST_TOO_LARGE", "The request is too large")
    if not raw:
        return {}
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = await request.form()
        return {key: value for key, value in form.items() if isinstance(value, str)}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise invalid_argument("body", "JSON is expected") from error
    if not isinstance(body, dict):
        raise invalid_argument("body", "An object is expected")
    return body


def _refusal(request: Request, error: TodoistApiError) -> Response:
    headers: dict[str, str] = {}
    if error.status == 401 and "authorization" in request.headers:
        metadata = f"{request.base_url}.well-known/oauth-protected-resource"
        headers["WWW-Authenticate"] = (
            'Bearer error="invalid_token", error_description="The access token is not valid", '
            f'resource_metadata="{metadata}"'
        )
    if error.status == 429:
        headers["Retry-After"] = str(error.extra["retry_after"])
    return JSONResponse(error.envelope(), status_code=error.status, headers=headers)


def page(
    items: Sequence[dict[str, Any]],
    query: Mapping[str, str],
    account: TodoistAccount,
    cuts: PageCuts,
) -> dict[str, Any]:
    """Return one page of `items` (developer.todoist.com/api/v1, "Pagination").

    A cursor is opaque and good only for the same person asking the same thing. Items may repeat
    while data changes, and an empty page may have a cursor: both can be had on purpose, by `cuts`.
    Raises TodoistApiError (400, code 20).
    """
    limit = min(_limit(query), cuts.most)
    seal = _seal(query, account)
    if cuts.empty_first and "cursor" not in query:
        return {"results": [], "next_cursor": _cursor(0, seal)}
    start = _position(query["cursor"], seal) if "cursor" in query else 0
    end = start + limit
    begin = max(0, start - cuts.repeat)
    # Repeated items come on top of the limit's worth of new ones, or the last would be lost.
    following = _cursor(end, seal) if end < len(items) else None
    return {"results": list(items[begin:end]), "next_cursor": following}


def _limit(query: Mapping[str, str]) -> int:
    try:
        limit = int(query.get("limit", _DEFAULT_TASKS_PER_PAGE))
    except ValueError as error:
        raise invalid_argument("limit", "A number is expected") from error
    if limit < 1:
        raise invalid_argument("limit", "Input should be greater than or equal to 1")
    if limit > MAX_TASKS_PER_PAGE:
        raise invalid_argument(
            "limit", f"Input should be less than or equal to {MAX_TASKS_PER_PAGE}"
        )
    return limit


def _seal(query: Mapping[str, str], account: TodoistAccount) -> str:
    asked = sorted((key, value) for key, value in query.items() if key != "cursor")
    text = json.dumps([account.id, account.personal_token, asked])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _cursor(position: int, seal: str) -> str:
    return base64.urlsafe_b64encode(f"{position}.{seal}".encode()).decode().rstrip("=")


def _position(cursor: str, seal: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        position, _, found = text.partition(".")
        if found == seal:
            return int(position)
    except ValueError as error:
        raise invalid_argument("cursor", "Cursor is not valid") from error
    raise invalid_argument("cursor", "Cursor is not valid")


def nothing_here() -> JSONResponse:
    """Return what a path answers that is none."""
    return JSONResponse(not_found("Endpoint").envelope(), status_code=404)


_gone = PlainTextResponse("This endpoint is deprecated. Please use /api/v1.", status_code=410)
