import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from oo_desktop.app.database_opener import AGAIN_AFTER, Opening
from oo_desktop.errors import StoreError
from oo_desktop.store.database import Database
from oo_desktop.store.recovery.rescue import Opened
from oo_desktop.testing import FakeClock


class Opener:
    """Whoever wants the database, and what came of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock()
        self.begun: list[Opened] = []
        self.reasons: list[str] = []
        self.refusal: StoreError | None = None
        self.opening = Opening(
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
def opener(tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(tmp_path / "oo.db")
    yield opener
    for opened in opener.begun:
        opened.database.close()


@contextmanager
def made_unusable(path: Path) -> Iterator[None]:
    path.mkdir()
    yield
    path.rmdir()


async def test_a_database_that_can_be_opened_is(opener: Opener) -> None:
    await opener.opening.attempt()
    assert [opened.notice for opened in opener.begun] == [None]
    assert opener.reasons == []


async def test_once_it_is_open_nothing_is_tried(opener: Opener) -> None:
    await opener.opening.attempt()
    await opener.opening.attempt()
    await opener.clock.advance(AGAIN_AFTER * 3)
    assert len(opener.begun) == 1


async def test_what_stood_in_the_way_is_told_and_tried_again_by_itself(opener: Opener) -> None:
    with made_unusable(opener.path):
        await opener.opening.attempt()
        assert ["cannot be opened" in reason for reason in opener.reasons] == [True]
        await opener.clock.advance(AGAIN_AFTER)
        await opener.until(2)
        assert len(opener.reasons) == 2
    await opener.clock.advance(AGAIN_AFTER - 1)
    assert not opener.begun
    await opener.clock.advance(1)
    await opener.until(3)
    assert len(opener.begun) == 1


async def test_whoever_asks_need_not_wait_for_the_next_time(opener: Opener) -> None:
    with made_unusable(opener.path):
        await opener.opening.attempt()
    await opener.opening.attempt()
    assert len(opener.begun) == 1
    await opener.clock.advance(AGAIN_AFTER * 2)
    assert (len(opener.begun), len(opener.reasons)) == (1, 1)


async def test_two_who_ask_at_once_make_one_attempt(opener: Opener) -> None:
    await asyncio.gather(opener.opening.attempt(), opener.opening.attempt())
    assert len(opener.begun) == 1


async def test_a_beginning_that_fails_closes_what_was_opened(opener: Opener) -> None:
    opener.refusal = StoreError("The outbox cannot be read.")
    await opener.opening.attempt()
    assert opener.reasons == ["The outbox cannot be read."]
    with pytest.raises(StoreError, match="closed"), opener.begun[0].database.reading():
        pass
    opener.refusal = None
    await opener.opening.attempt()
    assert len(opener.begun) == 2
    with opener.begun[1].database.reading():
        pass


async def test_a_file_in_use_is_waited_for_beside_the_loop(opener: Opener) -> None:
    Database(opener.path).close()
    with closing(sqlite3.connect(opener.path)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(opener.opening.attempt())
        await asyncio.sleep(0.1)  # the loop runs meanwhile
        assert not waiting.done()
        other.execute("ROLLBACK")
        await waiting
    assert len(opener.begun) == 1


async def test_after_the_end_nothing_is_tried(opener: Opener) -> None:
    with made_unusable(opener.path):
        await opener.opening.attempt()
        await opener.opening.aclose()
    await opener.clock.advance(AGAIN_AFTER * 2)
    await opener.opening.attempt()
    assert (opener.begun, len(opener.reasons)) == ([], 1)
