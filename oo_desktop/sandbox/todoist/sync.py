"""Answer POST /sync: run commands once per uuid, and read what changed since a token.

developer.todoist.com/api/v1, "Sync": the answer is 200 even where commands fail; each has its entry
in `sync_status`. A command whose uuid was carried out before is not carried out again, and answers
as it did. One that failed was not carried out, and may be sent again with its uuid.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from oo_desktop.sandbox.todoist.errors import (
    TodoistApiError,
    bad_temporary_id,
    insufficient_scope,
    invalid_argument,
    missing_argument,
    too_many_items,
)
from oo_desktop.sandbox.todoist.fields import changes_from_sync, due_from_sync, new_task_from_sync
from oo_desktop.sandbox.todoist.state import (
    SandboxTask,
    TodoistAccount,
    TodoistState,
    todoist_timestamp,
)

MAX_SYNC_COMMANDS = 100
_RESOURCES = ("items", "projects", "labels", "user")
_REFERENCES = ("id", "project_id", "parent_id", "section_id")
_CommandHandler = Callable[[dict[str, Any], str], SandboxTask]
_Change = Callable[[TodoistAccount, SandboxTask, str], None]


class Sync:
    """Answers one /sync request of one account."""

    def __init__(self, state: TodoistState, account: TodoistAccount, scope: frozenset[str]) -> None:
        self._state = state
        self._account = account
        self._scope = scope
        self._temporary: dict[str, str] = {}
        self._commands: dict[str, _CommandHandler] = {
            "item_add": self._add,
            "item_update": self._update,
            "item_close": self._done_by(state.close),
            "item_complete": self._done_by(state.complete),
            "item_uncomplete": self._done_by(state.uncomplete, active=False),
            "item_update_date_complete": self._update_date_complete,
            "item_move": self._move,
            "item_delete": self._done_by(state.delete, active=False),
        }

    def answer(self, body: Mapping[str, Any], user: dict[str, Any]) -> dict[str, Any]:
        """Return the whole answer to a body (form fields or JSON). Raises TodoistApiError."""
        commands = _json_list(body, "commands")
        resources = _json_list(body, "resource_types")
        if commands is None and resources is None:
            raise missing_argument("resource_types")
        answer: dict[str, Any] = {}
        if commands is not None:
            answer["sync_status"] = self._run(commands)
            answer["temp_id_mapping"] = self._temporary
        if resources is not None:
            token = body.get("sync_token", "*")
            answer.update(self._read(resources, token, user))
        answer["sync_token"] = token_from_revision(self._account)
        return answer

    # Commands

    def _run(self, commands: list[Any]) -> dict[str, Any]:
        if len(commands) > MAX_SYNC_COMMANDS:
            raise too_many_items(MAX_SYNC_COMMANDS)
        status: dict[str, Any] = {}
        for command in commands:
            if not isinstance(command, dict) or not isinstance(command.get("uuid"), str):
                raise invalid_argument("commands", "Each command needs a type, a uuid and args")
            status[command["uuid"]] = self._run_once(command)
        return status

    def _run_once(self, command: dict[str, Any]) -> object:
        uuid = command["uuid"]
        before = self._account.executed.get(uuid)
        if before is not None:
            self._temporary.update(before)
            return "ok"
        try:
            self._account.executed[uuid] = self._perform(command, uuid)
        except TodoistApiError as error:
            return error.envelope()
        return "ok"

    def _perform(self, command: dict[str, Any], uuid: str) -> dict[str, str]:
        run = self._commands.get(str(command.get("type")))
        if run is None:
            raise invalid_argument("type", "Unknown command")
        needed = "data:delete" if command["type"] == "item_delete" else "data:read_write"
        if needed not in self._scope:
            raise insufficient_scope(needed)
        args = command.get("args", {})
        if not isinstance(args, dict):
            raise invalid_argument("args", "An object is expected")
        task = run(self._resolved(args), uuid)
        temporary = command.get("temp_id")
        introduced = {temporary: task.id} if isinstance(temporary, str) else {}
        self._temporary.update(introduced)
        return introduced

    def _resolved(self, args: dict[str, Any]) -> dict[str, Any]:
        """`args` with temp_ids of this request replaced. A temp_id looks like a uuid."""
        resolved = dict(args)
        for key in _REFERENCES:
            value = resolved.get(key)
            if not isinstance(value, str):
                continue
            resolved[key] = self._temporary.get(value, value)
            if resolved[key] == value and value.count("-") == 4:
                raise bad_temporary_id()
        return resolved

    def _add(self, args: dict[str, Any], uuid: str) -> SandboxTask:
        task = new_task_from_sync(args, account=self._account, now=self._state.now())
        return self._state.add(self._account, task, uuid)

    def _update(self, args: dict[str, Any], uuid: str) -> SandboxTask:
        task = self._target(args)
        changes = changes_from_sync(args, account=self._account, now=self._state.now())
        self._state.update(self._account, task, changes, uuid)
        return task

    def _update_date_complete(self, args: dict[str, Any], uuid: str) -> SandboxTask:
        task = self._target(args)
        due = args.get("due")
        self._state.update_date_complete(
            self._account,
            task,
            due=due_from_sync(due, account=self._account, now=self._state.now()),
            forward=args.get("is_forward", 1) not in (0, False),
            uuid=uuid,
        )
        return task

    def _move(self, args: dict[str, Any], uuid: str) -> SandboxTask:
        task = self._target(args)
        self._state.move(self._account, task, args, uuid)
        return task

    def _done_by(self, change: _Change, *, active: bool = True) -> _CommandHandler:
        """A command that needs nothing but the task's id."""

        def command(args: dict[str, Any], uuid: str) -> SandboxTask:
            task = self._target(args, active=active)
            change(self._account, task, uuid)
            return task

        return command

    def _target(self, args: dict[str, Any], *, active: bool = True) -> SandboxTask:
        if "id" not in args:
            raise missing_argument("id")
        return self._state.task(self._account, args["id"], active=active)

    # Reading

    def _read(self, resources: list[Any], token: object, user: dict[str, Any]) -> dict[str, Any]:
        since = revision_from_token(self._account, token)
        full = since == 0
        wanted = set(_RESOURCES) if "all" in resources else set(resources)
        answer: dict[str, Any] = {"full_sync": full}
        if full:
            answer["full_sync_date_utc"] = todoist_timestamp(self._state.now())
        if "items" in wanted:
            tasks = self._account.tasks.values()
            answer["items"] = [_item(task) for task in tasks if _shown(task, since)]
        if "projects" in wanted:
            projects = self._account.projects.values()
            answer["projects"] = [p.as_json() for p in projects if p.revision > since]
        if "labels" in wanted:
            answer["labels"] = list(self._account.labels) if full else []
        if "user" in wanted and full:
            answer["user"] = user
        return answer


def _shown(task: SandboxTask, since: int) -> bool:
    return task.revision > since and (since > 0 or task.active)


def _item(task: SandboxTask) -> dict[str, Any]:
    """A deleted task is a sparse tombstone."""
    return {"id": task.id, "is_deleted": True} if task.is_deleted else task.as_json()


def _json_list(body: Mapping[str, Any], key: str) -> list[Any] | None:
    """A list from a JSON body, or the JSON text of one from a form."""
    value = body.get(key)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise invalid_argument(key, "JSON is expected") from error
    if value is not None and not isinstance(value, list):
        raise invalid_argument(key, "A list is expected")
    return value


def token_from_revision(account: TodoistAccount) -> str:
    """Return what a client gives back to hear only what is new."""
    return f"{_seal(account, account.revision)}{account.revision:x}"


def revision_from_token(account: TodoistAccount, token: object) -> int:
    """Return the revision of a token, 0 for `*`. Raises TodoistApiError (400) for other texts."""
    if token == "*":
        return 0
    if isinstance(token, str) and len(token) > 32:
        try:
            revision = int(token[32:], 16)
        except ValueError:
            revision = 0
        if revision and token[:32] == _seal(account, revision):
            return revision
    raise invalid_argument("sync_token", "Sync token is not valid")


def _seal(account: TodoistAccount, revision: int) -> str:
    text = f"{account.id} {revision} {account.personal_token}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
