"""Todoist as far as the connector reads it, saying what it is told to."""

from typing import Any

from oo_desktop.http.client import ServiceClient, bearer_at
from oo_desktop.model.signals import UserId
from oo_desktop.model.source import Snapshot
from oo_desktop.testing import FakeClock, Sent, StandIn
from oo_desktop.testing.wire import OneToken
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


class TodoistWithin(StandIn):
    """The same, within the test. pages: what stands on each page of the tasks."""

    at = "api/v1"

    def __init__(self) -> None:
        self.pages: list[list[Any]] = [[]]
        self.projects: list[Any] = [HOME]
        self.zone = "Europe/Madrid"
        self.client = ServiceClient(
            http=self,
            address=bearer_at(f"http://todoist.example/{self.at}/"),
            tokens=OneToken(),
            clock=FakeClock(),
            origin_name="Todoist",
        )

    def answer(self, sent: Sent) -> tuple[int, object]:
        if sent.path == "user":
            return 200, {**USER, "tz_info": {"timezone": self.zone}}
        if sent.path == "projects":
            return 200, {"results": self.projects, "next_cursor": None}
        number = int(sent.params.get("cursor", 0))
        following = str(number + 1) if number + 1 < len(self.pages) else None
        return 200, {"results": self.pages[number], "next_cursor": following}


def ids(snapshot: Snapshot) -> list[str]:
    return [str(signal.id) for signal in snapshot.signals]
