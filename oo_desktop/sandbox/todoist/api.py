"""The routes of Todoist's API v1 (developer.todoist.com/api/v1): who may call, and what comes back.

Old paths (REST v2, Sync v9) are gone: 410 with text/plain, as from the real ones.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from oo_desktop.sandbox.todoist.errors import (
    ApiError,
    insufficient_scope,
    invalid_argument,
    limits_reached,
    missing_argument,
    not_found,
    unauthorized,
)
from oo_desktop.sandbox.todoist.fields import changes_from_rest, new_task_from_rest
from oo_desktop.sandbox.todoist.filter import View, predicate_from_query
from oo_desktop.sandbox.todoist.grants import AccessToken
from oo_desktop.sandbox.todoist.paging import page
from oo_desktop.sandbox.todoist.state import Account, Task
from oo_desktop.sandbox.todoist.sync import Sync
from oo_desktop.sandbox.world import World

MOST_BODY_BYTES = 1024 * 1024
READ = "data:read"
WRITE = "data:read_write"
ADD = "task:add"
DELETE = "data:delete"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request that was let in."""

    account: Account
    token: AccessToken
    query: Mapping[str, str]
    body: Mapping[str, Any]
    id: str


Handler = Callable[[Call], object]


class TodoistApi:
    """Everything under /api/v1."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._state = world.todoist

    def routes(self) -> list[Mount | Route]:
        """The routes, to be mounted at the root."""
        read, write = self._reads, self._writes
        api = [
            read("/tasks/filter", self.filtered),
            read("/tasks", self.tasks),
            write("/tasks", self.add, ADD),
            read("/tasks/{id}", self.one),
            write("/tasks/{id}", self.update),
            Route("/tasks/{id}", self._endpoint(self.delete, DELETE), methods=["DELETE"]),
            write("/tasks/{id}/close", self.close),
            write("/tasks/{id}/reopen", self.reopen),
            write("/tasks/{id}/move", self.move),
            read("/projects", self.projects),
            read("/projects/{id}", self.project),
            read("/labels", self.labels),
            read("/user", self.user),
            write("/sync", self.sync, READ),
        ]
        gone = [Mount(path, app=_gone) for path in ("/rest/v2", "/sync/v9", "/rest/v1")]
        return [Mount("/api/v1", routes=api, app=None), *gone]

    def _reads(self, path: str, handler: Handler) -> Route:
        return Route(path, self._endpoint(handler, READ), methods=["GET"])

    def _writes(self, path: str, handler: Handler, scope: str = WRITE) -> Route:
        return Route(path, self._endpoint(handler, scope), methods=["POST"])

    def _endpoint(self, handler: Handler, scope: str) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                token = self._let_in(request, scope)
                call = Call(
                    account=self._world.todoist.accounts[token.user_id],
                    token=token,
                    query=request.query_params,
                    body=await _body(request),
                    id=str(request.path_params.get("id", "")),
                )
                return JSONResponse(handler(call))
            except ApiError as error:
                return _refusal(request, error)

        return endpoint

    def _let_in(self, request: Request, scope: str) -> AccessToken:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        token = self._world.grants.token(value) if kind.lower() == "bearer" else None
        if token is None or token.user_id not in self._world.todoist.accounts:
            raise unauthorized()
        if scope not in _effective(token.scope):
            raise insufficient_scope(scope)
        if wait := self._world.reads.wait_for(token.user_id):
            raise limits_reached(wait)
        return token

    # Reading

    def filtered(self, call: Call) -> object:
        query = call.query.get("query")
        if query is None:
            raise missing_argument("query")
        if not 1 <= len(query) <= 1024:
            raise invalid_argument("query", "1 to 1024 characters are expected")
        matches = predicate_from_query(query)
        view = View(call.account, self._world.clock.now())
        found = [task for task in self._active(call.account) if matches(task, view)]
        return self._tasks_page(call, found)

    def tasks(self, call: Call) -> object:
        found = self._active(call.account)
        for key in ("project_id", "section_id", "parent_id"):
            if wanted := call.query.get(key):
                found = [task for task in found if getattr(task, key) == wanted]
        if label := call.query.get("label"):
            found = [task for task in found if label in task.labels]
        if ids := call.query.get("ids"):
            found = [task for task in found if task.id in ids.split(",")]
        return self._tasks_page(call, found)

    def _active(self, account: Account) -> list[Task]:
        return [task for task in account.tasks.values() if task.active]

    def _tasks_page(self, call: Call, tasks: list[Task]) -> object:
        shown = [task.as_json(sparse=self._world.sparse) for task in tasks]
        return page(shown, call.query, call.account, self._world.paging)

    def one(self, call: Call) -> object:
        return self._state.task(call.account, call.id).as_json(sparse=self._world.sparse)

    def projects(self, call: Call) -> object:
        shown = [p.as_json() for p in call.account.projects.values() if not p.is_deleted]
        return page(shown, call.query, call.account, self._world.paging)

    def project(self, call: Call) -> object:
        return self._state.project(call.account, call.id).as_json()

    def labels(self, call: Call) -> object:
        return page(call.account.labels, call.query, call.account, self._world.paging)

    def user(self, call: Call) -> object:
        return user_json(call.account, self._world)

    # Writing

    def add(self, call: Call) -> object:
        now = self._world.clock.now()
        task = new_task_from_rest(call.body, account=call.account, now=now)
        return self._state.add(call.account, task).as_json()

    def update(self, call: Call) -> object:
        now = self._world.clock.now()
        task = self._state.task(call.account, call.id)
        changes = changes_from_rest(call.body, account=call.account, now=now)
        self._state.update(call.account, task, changes)
        return task.as_json()

    def close(self, call: Call) -> object:
        self._state.close(call.account, self._state.task(call.account, call.id))
        return None

    def reopen(self, call: Call) -> object:
        task = self._state.task(call.account, call.id, active=False)
        self._state.uncomplete(call.account, task)
        siblings = [t for t in call.account.tasks.values() if t.project_id == task.project_id]
        task.child_order = 1 + max(sibling.child_order for sibling in siblings)
        return None

    def move(self, call: Call) -> object:
        task = self._state.task(call.account, call.id)
        self._state.move(call.account, task, dict(call.body))
        return task.as_json()

    def delete(self, call: Call) -> object:
        self._state.delete(call.account, self._state.task(call.account, call.id, active=False))
        return None

    def sync(self, call: Call) -> object:
        full = call.body.get("resource_types") and call.body.get("sync_token", "*") == "*"
        if full and (wait := self._world.full_syncs.wait_for(call.account.id)):
            raise limits_reached(wait)
        sync = Sync(self._state, call.account, _effective(call.token.scope))
        return sync.answer(call.body, user_json(call.account, self._world))


def user_json(account: Account, world: World) -> dict[str, Any]:
    """`GET /user`; with the personal token and the websocket's, which no client should keep."""
    now = world.clock.now().astimezone(account.zoneinfo)
    offset = now.strftime("%z")
    return {
        "id": account.id,
        "email": account.email,
        "full_name": account.full_name,
        "avatar_big": None,
        "avatar_medium": None,
        "avatar_s640": None,
        "avatar_small": None,
        "lang": "en",
        "tz_info": {
            "timezone": account.zone,
            "gmt_string": f"{offset[:3]}:{offset[3:]}",
            "hours": int(offset[:3]),
            "minutes": int(offset[0] + offset[3:]),
            "is_dst": 1 if now.dst() else 0,
        },
        "inbox_project_id": account.inbox.id,
        "start_day": 1,
        "next_week": 1,
        "weekend_start_day": 6,
        "date_format": 0,
        "time_format": 0,
        "daily_goal": 5,
        "completed_today": 0,
        "is_premium": False,
        "premium_status": "not_premium",
        "token": account.personal_token,
        "websocket_url": f"wss://ws.todoist.example/ws?token={account.personal_token}",
    }


def _effective(scope: frozenset[str]) -> frozenset[str]:
    return scope | {READ, ADD} if WRITE in scope else scope


async def _body(request: Request) -> Mapping[str, Any]:
    """The JSON object or form that was sent; nothing at all counts as empty."""
    raw = await request.body()
    if len(raw) > MOST_BODY_BYTES:
        raise ApiError(413, 413, "REQUEST_TOO_LARGE", "The request is too large")
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


def _refusal(request: Request, error: ApiError) -> Response:
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


def nothing_here() -> JSONResponse:
    """What a path answers that is none."""
    return JSONResponse(not_found("Endpoint").envelope(), status_code=404)


_gone = PlainTextResponse("This endpoint is deprecated. Please use /api/v1.", status_code=410)
