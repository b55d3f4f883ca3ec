"""The connector, and the lists it is told."""

import pytest

from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.http.client import ServiceClient
from oo_desktop.testing import FakeClock
from tests.connectors.todoist.lists import Todoist
from tests.http.scripted import ScriptedService


@pytest.fixture
def todoist(service: ScriptedService) -> Todoist:
    todoist = Todoist()
    service.answer = todoist
    return todoist


@pytest.fixture
def source(client: ServiceClient, clock: FakeClock) -> TodoistSource:
    return TodoistSource(client=lambda _: client, now=clock.monotonic)
