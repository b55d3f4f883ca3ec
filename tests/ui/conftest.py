"""Small makers of what the screen is given."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    AnySignal,
    Container,
    Due,
    ProviderId,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.model.state import AccountState, Connection, OutboxItem, OutboxState
from oo_desktop.ui.view.commands import Commands

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def make_task() -> Callable[..., Task]:
    def make(
        title: str = "Buy milk",
        due: Due | None = None,
        *,
        id: str = "1",  # noqa: A002  # it is what the signal calls it
        user: str = "7",
        project: str | None = None,
        **more: Any,
    ) -> Task:
        more.setdefault("actions", (ActionKind.DONE,))
        more.setdefault("url", f"https://app.todoist.com/app/task/{id}")
        return Task(
            id=SignalId(id),
            source=ProviderId("todoist"),
            user_id=UserId(user),
            title=title,
            due=due,
            container=Container(project) if project else None,
            **more,
        )

    return make


@pytest.fixture
def make_account() -> Callable[..., AccountState]:
    def make(user: str = "7", label: str = "ana@example.org", **more: Any) -> AccountState:
        return AccountState(
            key=AccountKey(ProviderId("todoist"), UserId(user)),
            label=label,
            **{
                "connection": Connection.OK,
                "last_success": NOW - timedelta(minutes=2),
                "zone": "Europe/Berlin",
                **more,
            },
        )

    return make


@pytest.fixture
def make_click() -> Callable[..., OutboxItem]:
    def make(signal: AnySignal, number: int = 1, **more: Any) -> OutboxItem:
        return OutboxItem(
            number=number,
            uuid=f"uuid-{number}",
            signal=signal,
            **{
                "kind": ActionKind.DONE,
                "state": OutboxState.QUEUED,
                "clicked_at": NOW,
                "send_at": NOW,
                **more,
            },
        )

    return make


@pytest.fixture
def said() -> list[tuple[object, ...]]:
    """What `commands` was asked to do, in order."""
    return []


@pytest.fixture
def commands(said: list[tuple[object, ...]]) -> Commands:
    def note(name: str) -> Callable[..., None]:
        return lambda *arguments: said.append((name, *arguments))

    return Commands(**{name: note(name) for name in Commands.__dataclass_fields__})


@pytest.fixture
def private_bus(tmp_path: Path) -> Iterator[str]:
    """The address of a message bus of this test's own."""
    address = f"--address=unix:path={tmp_path}/bus"
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", address, "--nofork", "--nopidfile", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert daemon.stdout is not None
    yield daemon.stdout.readline().strip()
    daemon.terminate()
    daemon.wait(timeout=5)
    daemon.stdout.close()
