"""Todoist as far as the connector reads it, saying what it is told to."""

from typing import Any

from oo_desktop.model.signals import UserId
from oo_desktop.model.source import Snapshot
from tests.http.scripted import TOKEN, Asked, Reply

ADA = UserId("1234567")
USER = {
    "id": "1234567",
    "email": "ada@example.com",
    "full_name": "Ada Example",
    "tz_info": {"timezone": "Europe/Madrid", "is_dst": 0},
    "token": TOKEN,
    "websocket_url": f"wss://example.com/?token={TOKEN}",
}
HOME = {"id": "p1", "name": "Home", "color": "green"}


def task(id_: str, **changes: Any) -> dict[str, Any]:
    due = {"date": "2026-11-22", "timezone": None, "is_recurring": False}
    return {"id": id_, "content": f"Task {id_}", "project_id": "p1", "due": due, **changes}


def page(*items: dict[str, Any], cursor: str | None = None) -> Reply:
    return Reply(200, {"results": list(items), "next_cursor": cursor})


class Todoist:
    """Three lists and a user. Each can be replaced by any reply."""

    def __init__(self) -> None:
        self.tasks: list[Reply] = [page(task("a"))]
        self.projects: Reply = page(HOME)
        self.user: Reply = Reply(200, USER)

    def __call__(self, asked: Asked) -> Reply | None:
        match asked.path.removeprefix("/api/v1/"):
            case "tasks/filter":
                return self.tasks.pop(0) if len(self.tasks) > 1 else self.tasks[0]
            case "projects":
                return self.projects
            case "user":
                return self.user
        return None


def ids(snapshot: Snapshot) -> list[str]:
    return [str(signal.id) for signal in snapshot.signals]
