import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from oo_desktop.app.database_opener import AGAIN_AFTER_SECONDS, DatabaseOpener
from oo_desktop.errors import StoreError
from oo_desktop.store.database import Database
from oo_desktop.store.recovery.rescue import Opened
from oo_desktop.testing import FakeClock


class Desk:
    """Whoever wants the database, and what came of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock()
        self.begun: list[Opened] = []
        self.reasons: list[str] = []
        self.refusal: StoreError | None = None
        self.opener = DatabaseOpener(
            path=path, clock=self.clock, begin=self.begin, failed=self.reasons.append
        )

    async def begin(self, opened: Opened) -> None:
        self.begun.append(opened)
        if self.refusal:
            raise self.refusal

    async def until(self, count: int) -> None:
        """Wait for the thread that opens."""
        async with asyncio.timeout(20):
            while len(self.begun) + len(self.reasons) < count:  # noqa: ASYNC110  # a thread's work
                await asyncio.sleep(0.01)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "oo.db")
    yield desk
    for opened in desk.begun:
        opened.database.close()


@contextmanager
def made_unusable(path: Path) -> Iterator[None]:
    path.mkdir()
    yield
    path.rmdir()


async def test_a_database_that_can_be_opened_is(desk: Desk) -> None:
    await desk.opener.attempt()
    assert [opened.notice for opened in desk.begun] == [None]
    assert desk.reasons == []


async def test_once_it_is_open_nothing_is_tried(desk: Desk) -> None:
    await desk.opener.attempt()
    await desk.opener.attempt()
    await desk.clock.advance(AGAIN_AFTER_SECONDS * 3)
    assert len(desk.begun) == 1


async def test_what_stood_in_the_way_is_told_and_tried_again_by_itself(desk: Desk) -> None:
    with made_unusable(desk.path):
        await desk.opener.attempt()
        assert ["cannot be opened" in reason for reason in desk.reasons] == [True]
        await desk.clock.advance(AGAIN_AFTER_SECONDS)
        await desk.until(2)
        assert len(desk.reasons) == 2
    await desk.clock.advance(AGAIN_AFTER_SECONDS - 1)
    assert not desk.begun
    await desk.clock.advance(1)
    await desk.until(3)
    assert len(desk.begun) == 1


async def test_whoever_asks_need_not_wait_for_the_next_time(desk: Desk) -> None:
    with made_unusable(desk.path):
        await desk.opener.attempt()
    await desk.opener.attempt()
    assert len(desk.begun) == 1
    await desk.clock.advance(AGAIN_AFTER_SECONDS * 2)
    assert (len(desk.begun), len(desk.reasons)) == (1, 1)


async def test_two_who_ask_at_once_make_one_attempt(desk: Desk) -> None:
    await asyncio.gather(desk.opener.attempt(), desk.opener.attempt())
    assert len(desk.begun) == 1


async def test_a_beginning_that_fails_closes_what_was_opened(desk: Desk) -> None:
    desk.refusal = StoreError("The outbox cannot be read.")
    await desk.opener.attempt()
    assert desk.reasons == ["The outbox cannot be read."]
    with pytest.raises(StoreError, match="closed"), desk.begun[0].database.reading():
        pass
    desk.refusal = None
    await desk.opener.attempt()
    assert len(desk.begun) == 2
    with desk.begun[1].database.reading():
        pass


async def test_a_file_in_use_is_waited_for_beside_the_loop(desk: Desk) -> None:
    Database(desk.path).close()
    with closing(sqlite3.connect(desk.path)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(desk.opener.attempt())
        await asyncio.sleep(0.1)  # the loop runs meanwhile
        assert not waiting.done()
        other.execute("ROLLBACK")
        await waiting
    assert len(desk.begun) == 1


async def test_after_the_end_nothing_is_tried(desk: Desk) -> None:
    with made_unusable(desk.path):
        await desk.opener.attempt()
        await desk.opener.aclose()
    await desk.clock.advance(AGAIN_AFTER_SECONDS * 2)
    await desk.opener.attempt()
    assert (desk.begun, len(desk.reasons)) == ([], 1)
