"""The stand-in held against a client of somebody else: the `caldav` of PyPI."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from caldav.calendarobjectresource import Todo
from caldav.davclient import DAVClient
from caldav.lib.error import AuthorizationError, ETagMismatchError

from tests.sandbox.caldav.guest import DavGuest, task


@contextmanager
def collections(dav: DavGuest) -> Iterator[dict[str, Any]]:
    """By their names; the library has no types to speak of."""
    url = f"{dav.http.base_url}/remote.php/dav/"
    made: Any = DAVClient(url=url, username="ada", password=dav.password)
    with made as client:
        found = client.principal().calendars()
        yield {str(each.get_display_name()): each for each in found}


async def test_it_finds_the_collections(dav: DavGuest) -> None:
    def find() -> list[str]:
        with collections(dav) as found:
            return list(found)

    names = await asyncio.to_thread(find)
    assert names == ["Personal", "Work", "Team (Grace Example)"]


async def test_it_reads_what_is_there_and_what_changed(dav: DavGuest) -> None:
    def read() -> tuple[list[str], list[str]]:
        with collections(dav) as found:
            personal = found["Personal"]
            known = personal.get_objects_by_sync_token(load_objects=True, disable_fallback=True)
            everything = [str(each.icalendar_component["SUMMARY"]) for each in known]
            personal.save_todo(task("by-caldav"))
            changed = personal.get_objects_by_sync_token(known.sync_token, disable_fallback=True)
            new = personal.multiget([each.url for each in changed])
            return everything, [str(each.icalendar_component["SUMMARY"]) for each in new]

    everything, new = await asyncio.to_thread(read)
    assert len(everything) == 7
    assert "Book the train, second class" in everything
    assert new == ["Buy oil"]


async def test_it_completes_a_task_unless_somebody_was_faster(dav: DavGuest) -> None:
    path = (await dav.control("put_resource", text=task("oil")))["path"]

    def complete() -> None:
        with collections(dav) as found:
            personal = found["Personal"]
            mine, theirs = (Todo(personal.client, url=path, parent=personal) for _ in range(2))
            mine.load()
            theirs.load()
            theirs.complete()
            with pytest.raises(ETagMismatchError):
                mine.complete()

    await asyncio.to_thread(complete)
    writes = (await dav.state())["caldav"]["writes"]
    assert [each["status"] for each in writes if each["path"] == path] == [201, 204, 412]


async def test_it_is_told_when_the_password_is_over(dav: DavGuest) -> None:
    await dav.control("revoke", service="caldav")

    def refused() -> None:
        with pytest.raises(AuthorizationError), collections(dav):
            pass

    await asyncio.to_thread(refused)
