"""The contract holds a connector of every kind of sign-in; the others are in `tests/connectors`.

That it finds out those that break it is in `tests/plugins/test_contract_bites.py`.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from oo_desktop.testing import ConnectorContract, OneToken, Stage
from tests.connectors.password_server import JobVault, connector, credentials


class TestPasswords(ConnectorContract):
    def stage(self) -> AbstractAsyncContextManager[Stage]:
        return self._with_password()

    @asynccontextmanager
    async def _with_password(self) -> AsyncIterator[Stage]:
        tokens = OneToken(credentials())
        yield Stage(connector=connector(), service=JobVault(), tokens=tokens)
