"""Real servers for the tests of CalDAV: a process each for all of them, a home each."""

from collections.abc import Iterator

import pytest

from tests.connectors.caldav.servers import SERVERS, Server


@pytest.fixture(scope="session", params=sorted(SERVERS))
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Run each of the servers in turn, as long as the tests last."""
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """Return a server on which Ada has no collections: those of other tests are deleted."""
    for path in running.collections():
        running.delete(path)
    return running
