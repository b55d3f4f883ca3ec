"""Databases with clicks in them, and what may become of their pages."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from oo_desktop.model.integrations import Integration
from oo_desktop.model.reminders import Told
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    ProviderId,
    SignalId,
    SignalKey,
    Task,
    UserId,
)
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.oauth_clients import OAuthClientStore, RegisteredClient
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.testing import FakeClock

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = AccountKey(ProviderId("todoist"), UserId("1"))
ACCOUNT = {"provider": KEY.provider, "user_id": KEY.user_id}
PAGE = 4096
ASIDE = "oo.db.set-aside-20261122T120000Z"


def task(number: int) -> Task:
    return Task(
        id=SignalId(f"task-{number}"),
        source=KEY.provider,
        user_id=KEY.user_id,
        title=f"Task {number} " + "with a long title " * 10,
        actions=(ActionKind.DONE,),
    )


def fill(path: Path, *, clicks: int = 120, signals: int = 0) -> None:
    with closing(Database(path)) as database:
        IntegrationStore(database).save(
            Integration(key=KEY, label="ada@example.com", connected_at=NOW, updated_at=NOW)
        )
        OAuthClientStore(database).save(
            RegisteredClient(
                provider=KEY.provider,
                client_id="tdd_1",
                register_url="https://example.com/register",
                redirect_uris=("http://localhost:1/",),
                registered_at=NOW,
            )
        )
        outbox = OutboxStore(database)
        for number in range(1, clicks + 1):
            outbox.add(
                ActionKind.DONE,
                f"uuid-{number}",
                task(number),
                clicked_at=NOW + timedelta(seconds=number),
                send_at=NOW,
            )
        with database.transaction() as connection:
            connection.execute(
                "INSERT INTO snapshots (provider, user_id, fetched_at) VALUES (?, ?, 0)", KEY
            )
            for number in range(signals):
                body = msgspec.json.encode(task(number)).decode()
                connection.execute(
                    "INSERT INTO signals VALUES (?, ?, ?, ?, ?)",
                    (*KEY, f"task-{number}", number, body),
                )


@contextmanager
def opened(path: Path) -> Iterator[tuple[Database, str | None]]:
    database, notice = open_database(path, clock=FakeClock(NOW))
    with closing(database):
        yield database, notice


def clicked(database: Database) -> list[str]:
    return [item.uuid for item in OutboxStore(database).all()]


def pages_of(path: Path, table: str) -> list[int]:
    """The leaf pages of a table: found by what is written on them."""
    content = path.read_bytes()
    marker = {"outbox": b"uuid-", "signals": b'"title"'}[table]
    leaves = []
    for page in range(len(content) // PAGE):
        part = content[page * PAGE : (page + 1) * PAGE]
        if part[0] == 0x0D and marker in part and (table == "outbox") == (b"uuid-" in part):
            leaves.append(page)
    return leaves


def damage(path: Path, page: int, *, with_: bytes = b"\xff") -> bytes:
    content = bytearray(path.read_bytes())
    content[page * PAGE : (page + 1) * PAGE] = (with_ * PAGE)[:PAGE]
    path.write_bytes(content)
    return bytes(content)


def names(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


def told(number: int) -> Told:
    return Told(
        key=SignalKey(KEY, SignalId(f"event-{number}")),
        start=NOW + timedelta(minutes=number),
        minutes=10,
        ends=NOW + timedelta(hours=1),
        told_at=NOW,
        twin="meeting",
        snoozed_until=NOW + timedelta(minutes=5) if number == 1 else None,
    )
