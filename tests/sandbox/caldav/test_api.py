"""WebDAV and CalDAV by their RFCs, seen by oO's reader."""

import httpx
import pytest

from oo_desktop.connectors.caldav.xml import CALDAV as C
from oo_desktop.connectors.caldav.xml import DAV as D
from oo_desktop.connectors.caldav.xml import MultiStatus, multiget, propfind, sync_collection
from tests.sandbox.caldav.guest import CALDAV, HOME, PERSONAL, TEAM, DavGuest, task
from tests.sandbox.guest import Guest

ETAG, DATA, TOKEN = f"{D}getetag", f"{C}calendar-data", f"{D}sync-token"
NEW = f"{PERSONAL}new.ics"


async def sync(dav: DavGuest, token: str) -> MultiStatus:
    return dav.read(await dav.ask("REPORT", PERSONAL, sync_collection(token, [ETAG, DATA])))


@pytest.mark.parametrize("credentials", [None, ("ada", "wrong"), ("eve", "x")])
async def test_without_a_password_that_opens_it_nothing_is_told(
    dav: DavGuest, credentials: tuple[str, str] | None
) -> None:
    answer = await dav.http.request("PROPFIND", HOME, auth=credentials)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert "DAV:" in answer.text


async def test_the_address_where_clients_look_first_leads_to_the_root(guest: Guest) -> None:
    answer = await guest.http.request("PROPFIND", "/.well-known/caldav")
    assert (answer.status_code, answer.headers["location"]) == (301, "/remote.php/dav/")


async def test_a_user_name_may_be_the_mail_address(dav: DavGuest) -> None:
    auth = ("ada@example.com", dav.password)
    answer = await dav.http.request("PROPFIND", HOME, headers={"Depth": "0"}, auth=auth)
    assert answer.status_code == 207


async def test_scheduling_is_told_of_by_options(dav: DavGuest) -> None:
    answer = await dav.ask("OPTIONS", HOME)
    assert "calendar-auto-schedule" in answer.headers["dav"]
    assert (answer.content, answer.headers["content-type"]) == (b"", "text/html; charset=UTF-8")
    await dav.control("set_caldav", schedules=False)
    assert "calendar-auto-schedule" not in (await dav.ask("OPTIONS", HOME)).headers["dav"]


async def test_depth_must_be_told(dav: DavGuest) -> None:
    answer = await dav.ask("PROPFIND", HOME, propfind([ETAG]))
    assert (answer.status_code, "propfind-finite-depth" in answer.text) == (403, True)


async def test_a_body_that_is_no_xml_is_400(dav: DavGuest) -> None:
    assert (await dav.ask("PROPFIND", HOME, b"<a", Depth="0")).status_code == 400


async def test_a_property_that_is_not_there_is_said_to_be_missing(dav: DavGuest) -> None:
    answer = await dav.ask("PROPFIND", PERSONAL, propfind(["{urn:x}y", ETAG]), Depth="0")
    assert "404 Not Found" in answer.text
    assert 'xmlns:x1="urn:x"' in answer.text


async def test_a_resource_is_stored_as_it_came(dav: DavGuest) -> None:
    odd = task("new", "SUMMARY:A very lo", " ng title", "X-ODD;a=b:1,2\\n")
    put = await dav.put(NEW, odd, If_None_Match="*")
    got = await dav.ask("GET", NEW)
    assert (put.status_code, got.text, got.headers["etag"]) == (201, odd, put.headers["etag"])
    same = await dav.ask("GET", NEW, If_None_Match=put.headers["etag"])
    assert same.status_code == 304


async def test_only_what_is_there_can_be_replaced_or_deleted(dav: DavGuest) -> None:
    etag = (await dav.put(NEW, task())).headers["etag"]
    other = task("new", "SUMMARY:Buy more oil")
    assert (await dav.put(NEW, other, If_None_Match="*")).status_code == 412
    assert (await dav.put(NEW, other, If_Match=f"W/{etag}")).status_code == 412
    assert (await dav.ask("DELETE", NEW, If_Match='"x"')).status_code == 412
    answer = await dav.put(NEW, other, If_Match=etag)
    assert (answer.status_code, answer.headers["etag"] != etag) == (204, True)
    assert (await dav.put(f"{PERSONAL}no.ics", task("no"), If_Match=etag)).status_code == 412
    assert (await dav.ask("DELETE", NEW, If_Match=answer.headers["etag"])).status_code == 204
    assert (await dav.ask("GET", NEW)).status_code == 404
    assert (await dav.ask("DELETE", NEW)).status_code == 404


@pytest.mark.parametrize(
    ("path", "text", "status", "condition"),
    [
        (f"{TEAM}new.ics", task(), 403, "need-privileges"),
        (NEW, "Hello", 415, "valid-calendar-data"),
        (NEW, task("", "SUMMARY:x"), 415, "valid-calendar-object-resource"),
        (NEW, task().replace("VTODO", "VJOURNAL"), 403, "supported-calendar-component"),
        (NEW, task("trip@sandbox"), 400, ""),
        (f"{HOME}nowhere/new.ics", task(), 404, ""),
        ("/remote.php/dav/calendars/grace/personal/new.ics", task(), 404, ""),
        (PERSONAL, task(), 405, ""),
        (NEW, task("new", "X-LONG:" + "x" * 10 * 1024 * 1024), 413, "max-resource-size"),
    ],
    ids=["read-only", "no calendar", "no uid", "kind", "uid", "nowhere", "hers", "folder", "large"],
)
async def test_what_cannot_be_stored_is_refused(
    dav: DavGuest, path: str, text: str, status: int, condition: str
) -> None:
    answer = await dav.put(path, text)
    assert (answer.status_code, condition in answer.text) == (status, True)


async def test_what_changed_since_a_token_is_told(dav: DavGuest) -> None:
    everything = await sync(dav, "")
    assert len(everything.members) == 7
    assert all("BEGIN:VCALENDAR" in (each.text(DATA) or "") for each in everything.members)
    assert everything.sync_token is not None
    await dav.put(NEW, task())
    await dav.ask("DELETE", f"{PERSONAL}personal-1.ics")
    changed = await sync(dav, everything.sync_token)
    assert [(each.path, each.status) for each in changed.members] == [
        (NEW, None),
        (f"{PERSONAL}personal-1.ics", 404),
    ]
    assert changed.sync_token is not None
    assert (await sync(dav, changed.sync_token)).members == ()


@pytest.mark.parametrize(
    "token", ["nonsense", "http://sabre.io/ns/sync/zz", "http://sabre.io/ns/sync/1"]
)
async def test_a_token_nobody_was_given_is_refused(dav: DavGuest, token: str) -> None:
    answer = await dav.ask("REPORT", PERSONAL, sync_collection(token, [ETAG]))
    assert (answer.status_code, "valid-sync-token" in answer.text) == (403, True)


async def test_a_token_is_of_no_use_after_a_reset(dav: DavGuest) -> None:
    token = (await sync(dav, "")).sync_token or ""
    await dav.control("reset")
    answer = await dav.ask("REPORT", PERSONAL, sync_collection(token, [ETAG]))
    assert answer.status_code == 403


async def test_what_is_asked_for_by_name_comes_or_is_said_to_be_gone(dav: DavGuest) -> None:
    odd = f"{PERSONAL}a b@cé.ics"
    await dav.put(odd.replace(" ", "%20").replace("é", "%C3%A9"), task("odd"))
    asked = [f"{PERSONAL}a%20b%40c%C3%A9.ics", f"{PERSONAL}gone.ics", PERSONAL]
    found = dav.read(await dav.ask("REPORT", PERSONAL, multiget(asked, [ETAG, DATA])))
    assert [(each.path, each.status) for each in found.members] == [
        (odd, None),
        (f"{PERSONAL}gone.ics", 404),
        (PERSONAL, 404),
    ]
    assert found.members[0].href == f"{PERSONAL}a%20b@c%c3%a9.ics", "as sabre/dav quotes"
    assert found.members[0].text(DATA) == task("odd").replace("\r\n", "\n").strip()


async def test_filters_are_not_to_be_had(dav: DavGuest) -> None:
    query = b'<c:calendar-query xmlns:c="urn:ietf:params:xml:ns:caldav"/>'
    for path, body in ((PERSONAL, query), (HOME, sync_collection("", [ETAG])), (PERSONAL, b"")):
        answer = await dav.ask("REPORT", path, body)
        assert (answer.status_code, "supported-report" in answer.text) == (403, True)


async def test_a_server_may_have_no_sync_collection(dav: DavGuest) -> None:
    await dav.control("set_caldav", syncs=False)
    answer = await dav.ask("REPORT", PERSONAL, sync_collection("", [ETAG]))
    assert answer.status_code == 403
    (found,) = (await dav.found(PERSONAL, [TOKEN])).members
    assert found.text(TOKEN) is None


async def test_faults_speak_as_the_server_does_and_befall_it_alone(dav: DavGuest) -> None:
    await dav.control("fail", service=CALDAV, status=503, retry_after=7)
    answer = await dav.ask("GET", PERSONAL)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert "sabredav.org" in answer.text
    await dav.control("offline", service=CALDAV)
    with pytest.raises(httpx.TransportError):
        await dav.http.get("/.well-known/caldav")
    assert (await dav.http.get("/api/v1/user")).status_code == 401
    await dav.control("online", service=CALDAV)
    assert (await dav.ask("OPTIONS", HOME)).status_code == 200


async def test_a_write_can_be_done_and_its_answer_lost(dav: DavGuest) -> None:
    await dav.control("drop_answer", service=CALDAV, method="PUT")
    assert (await dav.ask("OPTIONS", HOME)).status_code == 200
    with pytest.raises(httpx.TransportError):
        await dav.put(NEW, task())
    assert (await dav.ask("GET", NEW)).text == task()


async def test_requests_are_counted_for_whoever_signs_in(dav: DavGuest) -> None:
    await dav.found(HOME, [ETAG], 1)
    state = await dav.state()
    assert [each["requests"] for each in state["caldav"]["accounts"]] == [1, 0]
    assert [each["account"] for each in state["requests"]] == ["ada@example.com"]
