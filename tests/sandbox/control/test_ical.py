"""What the owner of a calendar by link, and its server, can do."""

from tests.sandbox.guest import Guest


async def test_a_link_is_the_only_key_and_can_be_taken_back(guest: Guest) -> None:
    old = guest.world.ics.link("basic").path
    new = (await guest.control("take_ics_back"))["path"]
    assert (await guest.http.get(old)).status_code == 404
    assert (await guest.http.get(new)).status_code == 200


async def test_its_answers_can_be_chosen(guest: Guest) -> None:
    path = (await guest.control("ics_path", name="team"))["path"]
    await guest.control("set_ics", name="team", body="BEGIN:VCALENDAR")
    assert (await guest.http.get(path)).text == "BEGIN:VCALENDAR"
    await guest.control("set_ics", name="team", status=429, retry_after=7)
    answer = await guest.http.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
