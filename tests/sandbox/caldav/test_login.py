"""Nextcloud's sign-in in the browser."""

import asyncio

import httpx

from oo_desktop.sandbox.visitor import visit
from tests.sandbox.caldav.guest import HOME, DavGuest

BEGIN = "/index.php/login/v2"
END = "/ocs/v2.php/core/apppassword"


async def begun(dav: DavGuest) -> tuple[str, dict[str, str]]:
    """Begin; return the person's page, and what the app asks with."""
    answer = await dav.http.post(BEGIN, headers={"User-Agent": "A <guest>"})
    assert answer.status_code == 200
    body = answer.json()
    return body["login"], body["poll"]


async def polled(dav: DavGuest, poll: dict[str, str]) -> httpx.Response:
    return await dav.http.post(poll["endpoint"], data={"token": poll["token"]})


async def granted(dav: DavGuest, account: str | None = None) -> dict[str, str]:
    page, poll = await begun(dav)
    await asyncio.to_thread(visit, page, account=account)
    answer = await polled(dav, poll)
    assert answer.status_code == 200
    given: dict[str, str] = answer.json()
    return given


async def test_nothing_is_given_before_the_person_grants(dav: DavGuest) -> None:
    page, poll = await begun(dav)
    assert (await polled(dav, poll)).status_code == 404
    shown = await dav.http.get(page)
    assert "A &lt;guest&gt;" in shown.text
    assert (await polled(dav, poll)).status_code == 404


async def test_a_grant_gives_an_app_password_once(dav: DavGuest) -> None:
    page, poll = await begun(dav)
    seen = await asyncio.to_thread(visit, page)
    assert "Account connected" in seen.page
    given = (await polled(dav, poll)).json()
    assert given["server"] == str(dav.http.base_url).rstrip("/")
    assert (given["loginName"], len(given["appPassword"])) == ("ada", 72)
    dav.password = given["appPassword"]
    assert (await dav.ask("OPTIONS", HOME)).status_code == 200
    assert (await polled(dav, poll)).status_code == 404
    assert (await dav.http.get(page)).status_code == 403


async def test_the_person_chooses_whose_account_it_is(dav: DavGuest) -> None:
    assert (await granted(dav, "grace@example.com"))["loginName"] == "grace"


async def test_who_does_not_click_grants_nothing(dav: DavGuest) -> None:
    page, poll = await begun(dav)
    answer = await dav.http.post(page, data={"account": "ada", "decision": "deny"})
    assert (answer.status_code, (await polled(dav, poll)).status_code) == (403, 404)


async def test_a_sign_in_waits_for_twenty_minutes(dav: DavGuest) -> None:
    page, poll = await begun(dav)
    await asyncio.to_thread(visit, page)
    await dav.control("advance_clock", seconds=20 * 60)
    assert (await polled(dav, poll)).status_code == 404


async def test_an_app_password_can_be_ended_with_itself(dav: DavGuest) -> None:
    auth = ("ada", (await granted(dav))["appPassword"])
    assert (await dav.http.delete(END, auth=auth)).status_code == 412
    ocs = {"OCS-APIRequest": "true"}
    assert (await dav.http.delete(END, auth=auth, headers=ocs)).status_code == 200
    assert (await dav.http.delete(END, auth=auth, headers=ocs)).status_code == 401
    assert (await dav.ask("OPTIONS", HOME)).status_code == 200, "another one still opens it"


async def test_the_control_page_always_has_one_that_opens_the_account(dav: DavGuest) -> None:
    ocs = {"OCS-APIRequest": "true"}
    assert (await dav.http.delete(END, auth=("ada", dav.password), headers=ocs)).status_code == 200
    dav.password = (await dav.control("caldav_account"))["password"]
    assert (await dav.ask("OPTIONS", HOME)).status_code == 200


async def test_no_secret_of_a_sign_in_is_told(dav: DavGuest) -> None:
    page, poll = await begun(dav)
    await dav.http.get(page)
    await asyncio.to_thread(visit, page)
    given = (await polled(dav, poll)).json()
    told = str(await dav.state())
    for secret in (page.rpartition("/")[2], poll["token"], given["appPassword"], dav.password):
        assert secret not in told
    assert "python-httpx" not in told
