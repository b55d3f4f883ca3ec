"""The control page: what it shows, and its buttons and forms."""

from tests.sandbox.google.guest import (
    ADA,
    GoogleGuest,
)
from tests.sandbox.guest import FORM, Guest


async def test_the_page_shows_tasks_as_plain_text(guest: Guest) -> None:
    page = (await guest.http.get("/sandbox")).text
    assert "Sandbox — not the real Todoist" in page
    assert "Review &lt;b&gt;oO&lt;/b&gt; &amp; rename snake_case_names" in page
    assert "<b>oO" not in page


async def test_a_button_leads_back_to_the_page(guest: Guest) -> None:
    answer = await guest.http.post("/sandbox/api/offline", headers=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sandbox")
    page = (await guest.http.get("/sandbox")).text
    assert "Now offline" in page
    assert "Go online" in page


async def test_the_form_adds_a_task_with_its_texts(guest: Guest) -> None:
    form = {"content": "From the page", "due_string": "today", "priority": "4", "project": "Work"}
    await guest.http.post("/sandbox/api/add_task", data=form)
    assert "From the page" in await guest.titles("today & p1 & #Work")


async def page(google: GoogleGuest) -> str:
    return (await google.http.get("/sandbox")).text


async def test_the_page_shows_what_is_planned_and_can_change_it(google: GoogleGuest) -> None:
    await google.add("<b>Tea</b>", in_minutes=12, minutes=20)
    shown = await page(google)
    assert "&lt;b&gt;Tea&lt;/b&gt;" in shown
    assert "Today 12:12 to 12:32" in shown
    assert "Rehearsal" not in shown, "it is cancelled"
    form = {"id": google.find("Dentist").id, "calendar": ADA, "by": "15"}
    answer = await google.http.post("/sandbox/api/move_event", data=form)
    assert answer.status_code == 303
    assert "Today 16:45 to 17:30" in await page(google)
    await google.http.post("/sandbox/api/cancel_event", data=form)
    assert "Dentist" not in await page(google)


async def test_the_page_plans_something_from_its_form(google: GoogleGuest) -> None:
    form = {"summary": "Walk", "in_minutes": "5", "minutes": "30"}
    await google.http.post("/sandbox/api/add_event", data=form)
    assert "Today 12:05 to 12:35" in await page(google)
    await google.control("clear_events")
    assert "Nothing planned." in await page(google)


async def test_the_page_says_how_google_sees_the_app(google: GoogleGuest) -> None:
    assert "oO desktop, at Google</span>" in await page(google)
    assert ">connected<" in await page(google)
    await google.control("expire")
    assert ">can refresh<" in await page(google)
    await google.control("google_client", testing="true")
    assert "Publish the app" in await page(google)
    await google.control("age_grants")
    assert ">not connected<" in await page(google)
    await google.control("reset", apps=True)
    assert "None yet." in await page(google)
