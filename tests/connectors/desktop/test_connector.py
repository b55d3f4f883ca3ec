"""The connector of this computer: whether it is offered, whose account it is, and what reads it."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from oo_desktop.connectors.base import Connector, ConnectorContext, OnThisComputer
from oo_desktop.connectors.desktop.connector import connector
from oo_desktop.connectors.desktop.source import NOT_INSTALLED, OTHER_VERSION
from oo_desktop.connectors.desktop.wire import CALENDAR_NAME, SOURCES_NAME
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import ServiceClient
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.model.signals import UserId
from oo_desktop.model.source import ActingSource, Identity, TellingSource
from oo_desktop.model.state import Connecting
from tests.connectors.desktop.conftest import OwnBus
from tests.connectors.desktop.lists import todo
from tests.connectors.desktop.service import EdsStandIn, key_file

ME = UserId("this-computer")


async def identity_of(made: Connector) -> Identity:
    assert isinstance(made.sign_in, OnThisComputer)
    return await made.sign_in.identity()


async def is_offered(made: Connector) -> bool:
    assert made.offered is not None
    return await made.offered()


def context(chosen: dict[str, bool]) -> ConnectorContext:
    return ConnectorContext(
        clients=lambda _: cast("ServiceClient", None),
        may_write=lambda _: True,
        calendars=lambda _: chosen,
        links=lambda _: cast("LinkClient", None),
        has_list=lambda _: False,
    )


def test_nothing_is_asked_to_connect_it() -> None:
    shown = connector({}).shown
    assert (shown.id, shown.name) == ("desktop", "Calendars of this computer")
    assert shown.connecting is Connecting.NOTHING


async def test_it_is_offered_where_its_service_is_and_to_find_that_out_no_list_is_touched(
    own_bus: OwnBus, eds: EdsStandIn
) -> None:
    made = connector({}, address=own_bus.address)
    assert await is_offered(made)
    assert await identity_of(made) == Identity(ME, "This computer")
    assert eds.calls == []


async def test_where_it_is_not_installed_it_is_not_offered_and_says_so(own_bus: OwnBus) -> None:
    made = connector({}, address=own_bus.address)
    assert not await is_offered(made)
    with pytest.raises(Rejected) as raised:
        await identity_of(made)
    assert str(raised.value) == NOT_INSTALLED


@pytest.mark.parametrize(
    ("registry", "factory", "sentence"),
    [
        (SOURCES_NAME[:-1] + "6", CALENDAR_NAME, OTHER_VERSION),
        (SOURCES_NAME, CALENDAR_NAME[:-1] + "7", OTHER_VERSION),
        ("com.example.Sources5", CALENDAR_NAME, NOT_INSTALLED),
    ],
)
async def test_another_version_is_not_offered_and_says_so(
    own_bus: OwnBus, registry: str, factory: str, sentence: str
) -> None:
    eds = EdsStandIn(own_bus.address)
    await eds.start_registry(registry)
    await eds.start_factory(factory)
    made = connector({}, address=own_bus.address)
    assert not await is_offered(made)
    with pytest.raises(Rejected) as raised:
        await identity_of(made)
    assert str(raised.value) == sentence
    await eds.stop()


async def test_without_a_bus_it_cannot_be_connected(tmp_path: Path) -> None:
    made = connector({}, address=f"unix:path={tmp_path}/none")
    with pytest.raises(Unavailable):
        await identity_of(made)


async def test_its_source_reads_and_tells_from_when_it_is_asked(
    own_bus: OwnBus, eds: EdsStandIn
) -> None:
    due = "DUE;VALUE=DATE:20261122"
    tasks = eds.add("tasks", key_file("Tasks"), todo(due, "SUMMARY:Feed the cat"))
    eds.add("hidden", key_file("Hidden"), todo(due, "SUMMARY:Not this"))
    source = connector({}, address=own_bus.address).source(context({"hidden": False}))
    assert isinstance(source, TellingSource)
    assert isinstance(source, ActingSource)
    assert source.id == "desktop"
    told = asyncio.Event()
    watch = asyncio.ensure_future(source.watch(ME, told.set))
    async with asyncio.timeout(5):
        await told.wait()
        found = await source.fetch_signals(ME)
        assert [each.title for each in found.signals] == ["Feed the cat"]
        shown = {each.name: each.shown for each in found.calendars}
        assert shown == {"Tasks": True, "Hidden": False}
        told.clear()
        eds.change(tasks, todo(due, "SUMMARY:Feed the dog"))
        await told.wait()
    assert [each.title for each in (await source.fetch_signals(ME)).signals] == ["Feed the dog"]
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
