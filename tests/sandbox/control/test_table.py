"""What an action makes of its parameters."""

from typing import Any

import pytest

from oo_desktop.sandbox.control.actions import ACTIONS
from oo_desktop.sandbox.control.page import control_page
from oo_desktop.sandbox.world import World
from tests.sandbox.google.guest import ADA
from tests.sandbox.guest import Guest

SENSELESS: list[tuple[str, dict[str, Any], str]] = [
    ("delay", {"seconds": "long"}, "seconds"),
    ("garbage", {"kind": "nonsense"}, "kind"),
    ("complete_task", {"id": "6Xnobody"}, "id"),
    ("move_task", {"id": "6Xnobody", "project": "Work"}, "id"),
    ("add_task", {}, "content"),
    ("add_task", {"content": "x", "due_string": "whenever"}, "due_string"),
    ("add_task", {"content": "x", "project": "None of them"}, "project"),
    ("add_task", {"content": "x", "priority": 7}, "priority"),
    ("set_zone", {"zone": "Mars/Olympus"}, "zone"),
    ("add_account", {"zone": "Mars/Olympus"}, "zone"),
    ("personal_token", {"user_id": "nobody"}, "user_id"),
    ("add_event", {"calendar": "nowhere"}, "calendar"),
    ("add_event", {"start": "soon"}, "start"),
    ("add_event", {"start": "2026-11-22", "end": "2026-11-22T10:00:00"}, "end"),
    ("add_event", {"zone": "Mars"}, "zone"),
    ("add_event", {"fields": "not json"}, "fields"),
    ("add_event", {"fields": "[]"}, "fields"),
    ("add_event", {"email": "nobody@example.com"}, "email"),
    ("move_event", {"id": "nothing"}, "id"),
    ("respond", {"id": "any", "response": "perhaps"}, "response"),
    ("fail_calendar", {"status": 418}, "status"),
    ("fail_calendar", {"reason": "mood"}, "reason"),
    ("add_google_account", {"email": ADA}, "email"),
    ("add_calendar", {"role": "king"}, "role"),
    ("google_block", {"error": "mood"}, "error"),
    ("set_ics", {"status": 99}, "status"),
]


@pytest.mark.parametrize(
    ("action", "given", "named"),
    SENSELESS,
    ids=[f"{action} refuses {given}" for action, given, _ in SENSELESS],
)
async def test_a_parameter_without_sense_is_400(
    guest: Guest, action: str, given: dict[str, Any], named: str
) -> None:
    answer = await guest.http.post(f"/sandbox/api/{action}", json=given)
    assert answer.status_code == 400, answer.text
    assert named in answer.json()["error"]


def test_every_action_says_what_it_does() -> None:
    assert [name for name, action in ACTIONS.items() if not action.does] == []


def test_every_button_and_field_of_the_page_gives_what_its_action_knows() -> None:
    for action in ACTIONS.values():
        known = {each.name for each in action.parameters}
        for button in action.buttons:
            assert button.fields.keys() <= known
            action(World(), button.fields)
        for field in action.form.inputs if action.form else ():
            assert field.name in known or action.free


def test_the_page_has_a_place_for_every_group_and_every_form() -> None:
    page = control_page(World())
    for words in ("Go offline", "Revoke everything", "Set the app to testing", "Start anew"):
        assert words in page
    for action in ACTIONS.values():
        assert action.form is None or action.form.heading in page
