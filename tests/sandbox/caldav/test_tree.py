"""What is at each path, as a client finds its way."""

from urllib.parse import quote

import pytest

from oo_desktop.connectors.caldav.xml import APPLE_ICAL, CALENDAR_SERVER, Member
from oo_desktop.connectors.caldav.xml import CALDAV as C
from oo_desktop.connectors.caldav.xml import DAV as D
from tests.sandbox.caldav.guest import HOME, PERSONAL, TEAM, DavGuest

PRINCIPAL = "/remote.php/dav/principals/users/ada/"
TYPE, NAME, CTAG = f"{D}resourcetype", f"{D}displayname", f"{CALENDAR_SERVER}getctag"
PRIVILEGES, TOKEN = f"{D}current-user-privilege-set", f"{D}sync-token"
COMPONENTS, COLOR = f"{C}supported-calendar-component-set", f"{APPLE_ICAL}calendar-color"


def hrefs(member: Member, name: str) -> list[str | None]:
    return [each.text for each in member.properties[name].iter(f"{D}href")]


async def test_the_root_leads_to_whoever_asks_and_they_to_their_home(dav: DavGuest) -> None:
    me, home, addresses = (
        f"{D}current-user-principal",
        f"{C}calendar-home-set",
        f"{C}calendar-user-address-set",
    )
    (root,) = (await dav.found("/remote.php/dav", [me, home])).members
    assert (hrefs(root, me), home in root.properties) == ([PRINCIPAL], False)
    (found,) = (await dav.found(PRINCIPAL, [home, addresses])).members
    assert hrefs(found, home) == [HOME]
    assert hrefs(found, addresses) == ["mailto:ada@example.com", PRINCIPAL]


async def test_a_home_tells_all_of_its_collections_in_one_answer(dav: DavGuest) -> None:
    asked = [TYPE, NAME, CTAG, TOKEN, PRIVILEGES, COMPONENTS, COLOR]
    members = (await dav.found(HOME, asked, 1)).members
    kinds = [{each.tag for each in member.properties[TYPE]} for member in members]
    assert [member.path.removeprefix(HOME) for member in members] == [
        *("", "personal/", "work/", "team_shared_by_grace/"),
        *("inbox/", "outbox/"),
    ]
    assert kinds[1] == {f"{C}calendar", f"{D}collection"}
    assert kinds[4] == {f"{C}schedule-inbox", f"{D}collection"}
    personal = members[1]
    assert (personal.text(NAME), personal.text(COLOR)) == ("Personal", "#0082c9")
    assert personal.text(CTAG) == personal.text(TOKEN)
    comps = [each.get("name") for each in personal.properties[COMPONENTS]]
    assert comps == ["VEVENT", "VTODO"]


@pytest.mark.parametrize(("path", "writes"), [(PERSONAL, True), (TEAM, False)])
async def test_privileges_say_what_can_only_be_read(dav: DavGuest, path: str, writes: bool) -> None:
    (found,) = (await dav.found(path, [PRIVILEGES])).members
    privileges = {each.tag for each in found.properties[PRIVILEGES].iter()}
    assert f"{D}read" in privileges
    assert (f"{D}write-content" in privileges) is writes


async def test_the_marks_of_a_collection_change_with_it_alone(dav: DavGuest) -> None:
    before = {each.path: each.text(CTAG) for each in (await dav.found(HOME, [CTAG], 1)).members}
    await dav.control("add_caldav_task", summary="Buy oil")
    after = {each.path: each.text(CTAG) for each in (await dav.found(HOME, [CTAG], 1)).members}
    assert {path for path in after if after[path] != before[path]} == {PERSONAL}


@pytest.mark.parametrize("path", ["calendars/grace/", "calendars/ada/no/", "else/", "calendars/"])
async def test_what_belongs_to_others_is_not_there(dav: DavGuest, path: str) -> None:
    assert (await dav.ask("PROPFIND", f"/remote.php/dav/{path}", Depth="0")).status_code == 404


async def test_all_properties_are_told_where_none_is_named(dav: DavGuest) -> None:
    (found,) = dav.read(await dav.ask("PROPFIND", PERSONAL, Depth="0")).members
    assert {TYPE, NAME, CTAG, COLOR} < set(found.properties)


async def test_a_name_with_marks_is_text(dav: DavGuest) -> None:
    await dav.control("set_collection", name="Work & <Home>\x0b")
    (found,) = (await dav.found(quote(PERSONAL), [NAME])).members
    assert found.text(NAME) == "Work & <Home>"
