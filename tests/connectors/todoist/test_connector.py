"""Todoist's connector keeps the contract that oO asks of plug-ins."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.model.signals import UserId
from oo_desktop.testing import ConnectorContract, Stage
from tests.connectors.sandboxed import sandbox
from tests.fixtures.http import PersonalToken

# It warns of what makes no sense, and nothing makes sense here.
pytestmark = pytest.mark.logs_warnings


class TestTodoist(ConnectorContract):
    def stage(self) -> AbstractAsyncContextManager[Stage]:
        return self._in_sandbox()

    @asynccontextmanager
    async def _in_sandbox(self) -> AsyncIterator[Stage]:
        async with sandbox(TODOIST) as (world, connector, http, clock):
            ada = next(iter(world.todoist.state.accounts.values()))
            yield Stage(
                connector=connector,
                service=http,
                tokens=PersonalToken(ada.personal_token),
                user_id=UserId(ada.id),
                clock=clock,
            )
