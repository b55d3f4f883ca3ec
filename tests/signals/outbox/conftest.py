from collections.abc import AsyncIterator, Callable

import pytest

from oo_desktop.model.signals import AccountKey
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.store.database import Database
from oo_desktop.testing import FakeAccounts, FakeClock, ScriptedSource
from tests.signals.outbox.desk import Desk


@pytest.fixture
async def desk(
    build_outbox: Callable[..., Outbox],
    source: ScriptedSource,
    accounts: FakeAccounts,
    database: Database,
    clock: FakeClock,
    polls_wanted: list[AccountKey],
) -> AsyncIterator[Desk]:
    """An outbox that runs."""
    desk = Desk(
        build_outbox,
        source=source,
        accounts=accounts,
        database=database,
        clock=clock,
        polls_wanted=polls_wanted,
    )
    await desk.start()
    yield desk
    await desk.stop()
