"""Which calendars and task lists an account has: on real servers, and on those that differ."""

from collections.abc import AsyncIterator

import pytest

from oo_desktop.connectors.caldav.collections import (
    MAX_COLLECTIONS,
    MAX_MARK,
    Collection,
    collections_of,
    owner_of,
)
from oo_desktop.errors import AuthRequired, Rejected, Unavailable
from oo_desktop.http.client import Http, ServiceClient
from oo_desktop.testing import FakeClock
from oo_desktop.testing.wire import Wire
from tests.connectors.caldav.desk import client_at, relay_to
from tests.connectors.caldav.servers import Server
from tests.connectors.caldav.stand_in import HOME, HOST, DavStandIn, Shelf, found, status


@pytest.fixture
async def real_http(clock: FakeClock) -> AsyncIterator[Http]:
    http = Http(clock=clock)
    yield http
    await http.aclose()


def client_of(stand_in: DavStandIn) -> ServiceClient:
    return client_at(HOST + HOME, Wire(stand_in), FakeClock())


async def listed(stand_in: DavStandIn) -> tuple[Collection, ...]:
    return await collections_of(client_of(stand_in))


async def only(stand_in: DavStandIn) -> Collection:
    (collection,) = await listed(stand_in)
    return collection


# Real servers


async def test_one_question_tells_of_all_collections(
    server: Server, real_http: Http, clock: FakeClock
) -> None:
    server.make_collection("zebra", "An animal")
    server.make_collection("a-list", "Tasks & <b>more</b>", components=("VTODO",))
    async with relay_to(server) as relay:
        found = await collections_of(client_at(relay.home, real_http, clock))
        assert relay.taken() == [f"PROPFIND {server.home}"]
    assert [each.name for each in found] == ["An animal", "Tasks & <b>more</b>"]
    assert [each.path for each in found] == [f"{server.home}zebra/", f"{server.home}a-list/"]
    assert not any(each.read_only for each in found)
    assert all(each.marks and each.marks.ctag and each.token for each in found)


async def test_whatever_changes_in_a_collection_changes_its_marks_and_no_others(
    server: Server, real_http: Http, clock: FakeClock
) -> None:
    work = server.make_collection("work", "Work")
    server.make_collection("home", "Home")
    client = client_at(server.url + server.home, real_http, clock)
    before = {each.path: each.marks for each in await collections_of(client)}
    server.put(
        f"{work}a.ics",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTODO\r\n"
        "UID:a\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:A\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
    )
    after = {each.path: each.marks for each in await collections_of(client)}
    assert [path for path in before if before[path] != after[path]] == [work]


async def test_the_owner_of_an_account_is_told_by_three_questions(
    server: Server, real_http: Http, clock: FakeClock
) -> None:
    async with relay_to(server) as relay:
        owner = await owner_of(client_at(relay.home, real_http, clock))
        assert relay.taken() == [
            f"OPTIONS {server.home}",
            f"PROPFIND {server.home}",
            "PROPFIND /ada/",
        ]
    assert "/ada/" in owner.addresses


# What is left out


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param("<d:collection/>", id="a folder"),
        pytest.param("", id="SOGo’s .ics beside each collection"),
        pytest.param("<d:collection/><c:calendar/><s:subscribed/>", id="a subscription"),
        pytest.param("<d:collection/><c:schedule-inbox/>", id="an inbox"),
        pytest.param("<d:collection/><c:calendar/><c:schedule-outbox/>", id="an outbox"),
        pytest.param("<d:collection/><n:trash-bin/><c:calendar/>", id="a trash bin"),
        pytest.param("<d:collection/><n:deleted-calendar/><c:calendar/>", id="what is in it"),
    ],
)
async def test_what_is_no_calendar_of_the_account_is_left_out(kinds: str) -> None:
    other = found(f"{HOME}other/", f"<d:resourcetype>{kinds}</d:resourcetype>")
    assert (await only(DavStandIn(home_extra=other))).path == f"{HOME}work/"


CALENDAR = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"


@pytest.mark.parametrize(
    "member",
    [
        pytest.param(found("https://elsewhere.example/dav/ada/x/", CALENDAR), id="another host"),
        pytest.param(found("//elsewhere.example/dav/ada/x/", CALENDAR), id="another host, short"),
        pytest.param(found(HOST + HOME.rstrip("/"), CALENDAR), id="the home, without its slash"),
        pytest.param(found(f"{HOME}%77ork", CALENDAR), id="the same once more"),
        pytest.param(f"<d:response><d:href>{HOME}x/</d:href>{status(404)}</d:response>", id="gone"),
    ],
)
async def test_what_lies_elsewhere_or_is_named_twice_is_left_out(member: str) -> None:
    assert (await only(DavStandIn(home_extra=member))).path.rstrip("/") == f"{HOME}work"


@pytest.mark.parametrize(
    ("components", "is_listed"),
    [
        ("", True),
        ('<c:comp name="VTODO"/>', True),
        ('<c:comp name="vevent"/><c:comp name="VFREEBUSY"/>', True),
        ('<c:comp name="VJOURNAL"/>', False),
    ],
)
async def test_what_a_collection_says_it_holds_is_a_hint(components: str, is_listed: bool) -> None:
    stand_in = DavStandIn()
    name = "supported-calendar-component-set"
    stand_in.work.properties = f"<c:{name}>{components}</c:{name}>"
    assert bool(await listed(stand_in)) is is_listed


# What is said of one


@pytest.mark.parametrize(
    ("privileges", "read_only"),
    [
        (None, False),
        ("", True),
        ("<d:privilege><d:read/></d:privilege>", True),
        ("<d:privilege><d:read/></d:privilege><d:privilege><d:write/></d:privilege>", False),
        ("<d:privilege><d:write-content/></d:privilege>", False),
        ("<d:privilege><d:all/></d:privilege>", False),
        ("<d:privilege><d:bind/></d:privilege>", False),
        ("<d:privilege><d:write-acl/></d:privilege>", True),
    ],
)
async def test_a_collection_is_read_only_where_nothing_may_be_written(
    privileges: str | None, read_only: bool
) -> None:
    stand_in = DavStandIn()
    if privileges is not None:
        name = "current-user-privilege-set"
        stand_in.work.properties = f"<d:{name}>{privileges}</d:{name}>"
    assert (await only(stand_in)).read_only is read_only


@pytest.mark.parametrize(
    ("said", "color"),
    [
        ("#12abEF", "#12abEF"),
        ("#AAAAAAFF", "#AAAAAA"),
        ("green", None),
        ("#green", None),
        ("#1234567", None),
        ("#123456\n", "#123456"),
        ("", None),
    ],
)
async def test_a_colour_is_the_first_of_eight_hex_digits_or_none(
    said: str, color: str | None
) -> None:
    stand_in = DavStandIn()
    stand_in.work.properties = f"<i:calendar-color>{said}</i:calendar-color>"
    assert (await only(stand_in)).color == color


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Work", "Work"),
        ("a & b", "a & b"),
        ("a &amp; b", "a & b"),
        ("<b>x</b>", "<b>x</b>"),
        ("two\nlines\u202e", "two lines"),
        ("", "work"),
    ],
    ids=["plain", "escaped once", "escaped twice, as DAViCal does", "markup", "lines", "none"],
)
async def test_a_name_is_one_line_of_plain_text(said: str, name: str) -> None:
    stand_in = DavStandIn()
    stand_in.work.name = said
    assert (await only(stand_in)).name == name


async def test_a_control_character_in_one_name_hides_no_collection() -> None:
    other = found(f"{HOME}x/", f"{CALENDAR}<d:displayname>a\x0bb</d:displayname>")
    assert [each.name for each in await listed(DavStandIn(home_extra=other))] == ["ab", "Work"]


async def test_the_order_is_the_owners_then_by_name() -> None:
    stand_in = DavStandIn()
    stand_in.shelves = {
        "a": Shelf(name="Zoo"),
        "b": Shelf(name="Last", properties="<i:calendar-order>7</i:calendar-order>"),
        "c": Shelf(name="First", properties="<i:calendar-order>1</i:calendar-order>"),
        "d": Shelf(name="apple", properties="<i:calendar-order>many</i:calendar-order>"),
    }
    assert [each.name for each in await listed(stand_in)] == ["First", "Last", "apple", "Zoo"]


@pytest.mark.parametrize(
    ("marks", "has_marks", "has_token"),
    [("both", True, True), ("ctag", True, False), ("none", False, False)],
)
async def test_marks_are_what_the_server_gives(
    marks: str, has_marks: bool, has_token: bool
) -> None:
    collection = await only(DavStandIn(marks=marks))
    assert (collection.marks is not None, collection.token is not None) == (has_marks, has_token)


async def test_an_absurdly_long_mark_is_none() -> None:
    stand_in = DavStandIn(marks="none")
    stand_in.work.properties = f"<s:getctag>{'x' * (MAX_MARK + 1)}</s:getctag>"
    assert (await only(stand_in)).marks is None


async def test_a_collection_is_known_by_one_id_however_its_path_is_written() -> None:
    ids = set()
    for href in ("a%20b%40c%C3%A9", "a%20b@c%c3%a9", "a%20b@cé"):
        stand_in = DavStandIn(home_extra=found(f"{HOME}{href}/", CALENDAR))
        stand_in.shelves = {}
        ids.add((await only(stand_in)).id)
    assert ids == {f"{HOME}a%20b@c%C3%A9/"}


# What fails


@pytest.mark.parametrize("status", [301, 308, 404, 410])
async def test_a_home_that_is_gone_or_has_moved_says_what_to_do(status: int) -> None:
    stand_in = DavStandIn()
    stand_in.status["PROPFIND /dav/ada"] = status
    with pytest.raises(Rejected, match="Connect it again") as caught:
        await listed(stand_in)
    assert caught.value.status == status


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_home_that_leads_elsewhere_for_now_is_asked_again(status: int) -> None:
    stand_in = DavStandIn()
    stand_in.status["PROPFIND /dav/ada"] = status
    with pytest.raises(Unavailable):
        await listed(stand_in)


async def test_a_refused_password_asks_for_a_reconnect() -> None:
    stand_in = DavStandIn()
    stand_in.status["PROPFIND /dav/ada"] = 401
    with pytest.raises(AuthRequired):
        await listed(stand_in)


async def test_a_list_that_does_not_even_name_the_home_is_none() -> None:
    stand_in = DavStandIn()
    stand_in.shelves = {}
    assert await listed(stand_in) == ()

    stand_in.manners.says_nothing = True
    with pytest.raises(Unavailable, match="cannot be read"):
        await listed(stand_in)


async def test_more_collections_than_can_be_shown_are_refused() -> None:
    stand_in = DavStandIn()
    stand_in.shelves = {str(number): Shelf() for number in range(MAX_COLLECTIONS + 1)}
    with pytest.raises(Rejected, match="more calendars than oO can show"):
        await listed(stand_in)


# Whose account it is


async def test_an_owner_is_known_by_addresses_and_paths_in_small_letters() -> None:
    owner = await owner_of(client_of(DavStandIn()))
    assert owner.addresses == {"mailto:ada@example.com", "/principals/ada/"}
    assert owner.may_reply


async def test_a_server_that_delivers_no_answers_is_not_asked_to() -> None:
    stand_in = DavStandIn(dav="1, calendar-access", addresses=())
    owner = await owner_of(client_of(stand_in))
    assert not owner.may_reply
    assert owner.addresses == {"/principals/ada/"}


@pytest.mark.parametrize(
    ("components", "takes"),
    [
        ("", True),
        ('<c:comp name="VTODO"/>', True),
        ('<c:comp name="vevent"/><c:comp name="vtodo"/>', True),
        ('<c:comp name="VEVENT"/>', False),
    ],
)
async def test_a_new_task_goes_where_tasks_are_held(components: str, takes: bool) -> None:
    stand_in = DavStandIn()
    holds = f"<c:supported-calendar-component-set>{components}</c:supported-calendar-component-set>"
    stand_in.work.properties = holds if components else ""
    assert (await only(stand_in)).takes_tasks is takes


async def test_no_new_task_goes_where_nothing_may_be_written() -> None:
    stand_in = DavStandIn()
    stand_in.work.properties = (
        "<d:current-user-privilege-set><d:privilege><d:read/></d:privilege>"
        "</d:current-user-privilege-set>"
    )
    assert not (await only(stand_in)).takes_tasks
