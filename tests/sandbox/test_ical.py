"""The stand-in for calendars by link."""

import pytest

from tests.sandbox.guest import Guest


async def test_its_calendar_has_events_around_now(guest: Guest) -> None:
    answer = await guest.http.get(guest.world.ics.link("basic").path)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "DTSTART:20261122T120000Z\r\n" in answer.text


@pytest.mark.parametrize(
    ("mine", "theirs"), [("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")]
)
async def test_what_has_not_changed_is_not_sent_again(guest: Guest, mine: str, theirs: str) -> None:
    link = guest.world.ics.link("basic")
    known = (await guest.http.get(link.path)).headers[mine]
    answer = await guest.http.get(link.path, headers={theirs: known})
    assert (answer.status_code, answer.content) == (304, b"")
    assert link.not_modified == 1
