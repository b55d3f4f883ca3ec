"""`calendarList.list` and `.get`: the calendars in somebody's list."""

from typing import Any
from urllib.parse import quote

import pytest

from oo_desktop.sandbox.google.seed import ENGINE, FAMILY, GERMAN_HOLIDAYS, OLD, ROOM
from tests.sandbox.google.guest import ADA, API, GRACE, LIST, READ, GoogleGuest, reason

PATH = "users/me/calendarList"


async def entries(google: GoogleGuest, **query: Any) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in (await google.read(PATH, **query))["items"]}


async def test_the_list_has_what_is_neither_hidden_nor_deleted(google: GoogleGuest) -> None:
    assert list(await entries(google)) == [ADA, ENGINE, FAMILY, GERMAN_HOLIDAYS, GRACE]
    assert ROOM in await entries(google, showHidden="true")
    assert OLD not in await entries(google, showHidden="true")


async def test_a_deleted_entry_is_only_a_trace(google: GoogleGuest) -> None:
    old = (await entries(google, showDeleted="true"))[OLD]
    assert set(old) == {"kind", "etag", "id", "deleted"}


async def test_an_entry_says_how_it_looks_and_what_one_may(google: GoogleGuest) -> None:
    own = (await entries(google))[ADA]
    assert own["primary"] is True
    assert own["selected"] is True
    assert (own["accessRole"], own["timeZone"]) == ("owner", "Europe/Berlin")
    assert own["backgroundColor"] == "#9fe1e7"
    assert own["defaultReminders"] == [{"method": "popup", "minutes": 10}]
    engine = (await entries(google))[ENGINE]
    assert (engine["summary"], engine["summaryOverride"]) == ("Analytical Engine", "Engine")
    assert engine["dataOwner"] == ADA


async def test_what_is_false_is_left_out(google: GoogleGuest) -> None:
    graces = (await entries(google))[GRACE]
    assert {"selected", "primary", "hidden", "deleted"}.isdisjoint(graces)


async def test_less_than_a_role_can_be_left_out(google: GoogleGuest) -> None:
    assert list(await entries(google, minAccessRole="writer")) == [ADA, ENGINE, FAMILY]
    assert reason(await google.get(PATH, minAccessRole="king")) == "invalid"


async def test_pages_lead_to_each_other_and_only_the_last_has_a_sync_token(
    google: GoogleGuest,
) -> None:
    seen, token = [], None
    for _ in range(3):
        more: dict[str, str] = {} if token is None else {"pageToken": token}
        page = await google.read(PATH, maxResults=2, **more)
        seen += [entry["id"] for entry in page["items"]]
        token = page.get("nextPageToken")
        assert ("nextSyncToken" in page) is (token is None)
    assert token is None
    assert seen == list(await entries(google))


async def test_a_page_may_be_empty_though_more_follow(google: GoogleGuest) -> None:
    await google.control("paging", service="google_calendar", empty=True)
    first = await google.read(PATH)
    assert first["items"] == []
    second = await google.read(PATH, pageToken=first["nextPageToken"])
    assert len(second["items"]) == 5


async def test_a_page_token_of_another_question_is_refused(google: GoogleGuest) -> None:
    token = (await google.read(PATH, maxResults=2))["nextPageToken"]
    assert reason(await google.get(PATH, maxResults=3, pageToken=token)) == "invalid"
    assert reason(await google.get(PATH, pageToken="nonsense")) == "invalid"


async def test_a_sync_token_brings_only_what_changed(google: GoogleGuest) -> None:
    token = (await google.read(PATH))["nextSyncToken"]
    assert (await google.read(PATH, syncToken=token))["items"] == []
    await google.control("edit_calendar", calendar=FAMILY, selected=False)
    await google.control("edit_calendar", calendar=GRACE, deleted=True)
    changed = await entries(google, syncToken=token)
    assert set(changed) == {FAMILY, GRACE}
    assert changed[GRACE]["deleted"] is True
    refused = await google.get(PATH, syncToken=token, minAccessRole="owner")
    assert (refused.status_code, reason(refused)) == (400, "badRequest")
    await google.control("expire_sync")
    over = await google.get(PATH, syncToken=token)
    assert (over.status_code, reason(over)) == (410, "fullSyncRequired")


async def test_one_entry_by_its_encoded_id(google: GoogleGuest) -> None:
    entry = await google.read(f"{PATH}/{quote(GERMAN_HOLIDAYS, safe='')}")
    assert entry["id"] == GERMAN_HOLIDAYS
    assert (await google.get(f"{PATH}/{GERMAN_HOLIDAYS}")).status_code == 404, "“#” ends the path"
    assert reason(await google.get(f"{PATH}/nobody%40example.com")) == "notFound"


async def test_the_list_needs_a_scope_of_its_own(google: GoogleGuest) -> None:
    await google.connect(scope=READ)
    refused = await google.get(PATH)
    assert (refused.status_code, reason(refused)) == (403, "insufficientPermissions")
    details = refused.json()["error"]["details"]
    assert details[0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert LIST in refused.headers["www-authenticate"]
    assert (await google.get("calendars/primary/events")).status_code == 200


async def test_grace_has_a_list_of_her_own(google: GoogleGuest) -> None:
    await google.connect(email=GRACE)
    assert len(await entries(google)) == 4
    own = (await entries(google))[GRACE]
    assert (own["primary"], own["timeZone"]) == (True, "America/New_York")


@pytest.mark.parametrize("path", ["", "nothing", "users/me/settings"])
async def test_what_is_not_served_is_a_page_of_googles(google: GoogleGuest, path: str) -> None:
    answer = await google.http.get(f"{API}/{path}", headers=google.bearer())
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=UTF-8"
