"""What other programs and its owner do to the calendar server, and what is told of it."""

import pytest

from tests.sandbox.caldav.guest import ADA, CALDAV, HOME, PERSONAL, TEAM, DavGuest, task


async def writes(dav: DavGuest) -> list[tuple[str, str, str | None, int]]:
    told = (await dav.state())["caldav"]["writes"]
    return [(w["method"], w["path"], w["account"], w["status"]) for w in told]


async def test_its_account_can_be_signed_in_to(dav: DavGuest) -> None:
    told = await dav.control("caldav_account")
    assert told == {"server": "/", "user_name": "ada", "password": dav.password}
    assert (await dav.control("caldav_account", email="grace@example.com"))["user_name"] == "grace"


async def test_revoking_ends_every_password_and_the_page_has_a_new_one(dav: DavGuest) -> None:
    old = dav.password
    assert (await dav.control("revoke", service=CALDAV, email=ADA))["revoked"] == 1
    assert (await dav.ask("OPTIONS", HOME)).status_code == 401
    dav.password = (await dav.control("caldav_account"))["password"]
    assert dav.password != old
    assert (await dav.ask("OPTIONS", HOME)).status_code == 200
    page = (await dav.http.get("/sandbox")).text
    assert (dav.password in page, old in page) == (True, False)


async def test_every_write_is_told_with_what_was_and_what_is(dav: DavGuest) -> None:
    path = f"{PERSONAL}new.ics"
    await dav.put(path, task())
    await dav.put(path, task("new", "SUMMARY:x"), If_Match='"no"')
    await dav.control("complete_resource", path=path)
    await dav.ask("DELETE", path)
    assert await writes(dav) == [
        ("PUT", path, ADA, 201),
        ("PUT", path, ADA, 412),
        ("PUT", path, None, 204),
        ("DELETE", path, ADA, 204),
    ]
    told = (await dav.state())["caldav"]["writes"]
    assert (told[0]["before"], told[0]["after"]) == (None, task())
    assert told[1]["before"] == told[1]["after"] == task()
    assert "STATUS:COMPLETED" in told[2]["after"]
    assert told[3]["after"] is None


async def test_everything_that_is_stored_is_told(dav: DavGuest) -> None:
    found = (await dav.state())["caldav"]["resources"]
    assert len(found) == 13
    assert {each["collection"] for each in found if each["account"] == ADA} == {
        *("personal", "work", "team_shared_by_grace")
    }
    assert all(each["text"].startswith("BEGIN:VCALENDAR\r\n") for each in found)


async def test_a_task_from_the_form_is_due_when_it_says(dav: DavGuest) -> None:
    form = {"summary": "Buy oil; now", "due": "2026-11-22T17:30", "rule": "FREQ=DAILY"}
    await dav.http.post("/sandbox/api/add_caldav_task", data={**form, "collection": "work"})
    text = (await dav.state())["caldav"]["writes"][-1]["after"]
    for line in ("SUMMARY:Buy oil\\; now", "DUE:20261122T173000", "RRULE:FREQ=DAILY"):
        assert f"\r\n{line}\r\n" in text
    await dav.control("add_caldav_task", summary="Today")
    text = (await dav.state())["caldav"]["writes"][-1]["after"]
    assert "DUE;VALUE=DATE:20261122" in text


async def test_the_page_shows_what_there_is(dav: DavGuest) -> None:
    page = (await dav.http.get("/sandbox")).text
    assert "Review of the engine" in page
    assert "Book the train, second class" in page
    assert '<div class="done">Pay the rent</div>' in page
    await dav.control("clear_resources")
    assert "Review of the engine" not in (await dav.http.get("/sandbox")).text


async def test_a_collection_can_be_made_read_only(dav: DavGuest) -> None:
    await dav.control("set_collection", read_only=True)
    assert (await dav.put(f"{PERSONAL}new.ics", task())).status_code == 403
    await dav.control("set_collection", collection="team_shared_by_grace", read_only=False)
    assert (await dav.put(f"{TEAM}new.ics", task())).status_code == 201


async def test_sync_tokens_can_be_forgotten(dav: DavGuest) -> None:
    before = dav.ada.collections["personal"].sync_token
    await dav.control("forget_sync_tokens")
    assert dav.ada.collections["personal"].changes_since(before) is None


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("caldav_account", {"email": "eve@example.com"}),
        ("put_resource", {"text": "Hello"}),
        ("put_resource", {"text": task(), "collection": "nowhere"}),
        ("add_caldav_task", {"summary": "x", "due": "tomorrow"}),
        ("complete_resource", {"path": f"{PERSONAL}nothing.ics"}),
        ("complete_resource", {"path": f"{PERSONAL}personal-7.ics"}),
        ("delete_resource", {}),
    ],
)
async def test_what_makes_no_sense_is_refused(
    dav: DavGuest, action: str, given: dict[str, str]
) -> None:
    answer = await dav.http.post(f"/sandbox/api/{action}", json=given)
    assert (answer.status_code, await writes(dav)) == (400, [])


async def test_a_reset_brings_everything_back_and_keeps_the_password(dav: DavGuest) -> None:
    await dav.control("clear_resources")
    await dav.control("set_caldav", schedules=False, syncs=False)
    await dav.control("reset")
    told = (await dav.state())["caldav"]
    assert (len(told["resources"]), told["writes"]) == (13, [])
    assert "auto-schedule" in (await dav.ask("OPTIONS", HOME)).headers["dav"]
    await dav.control("reset", apps=True)
    assert (await dav.ask("OPTIONS", HOME)).status_code == 401
