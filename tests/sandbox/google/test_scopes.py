"""What apps may ask Google for, held against its own description."""

import pytest

from oo_desktop.sandbox.google import scopes
from tests.sandbox.google.schema import DOCUMENT


def test_every_scope_is_known_in_googles_words() -> None:
    described = DOCUMENT["auth"]["oauth2"]["scopes"]
    assert {k: v["description"] for k, v in described.items()} == scopes.CALENDAR_SCOPES


@pytest.mark.parametrize(
    ("resource", "method", "accepted"),
    [
        ("calendarList", "list", scopes.SEE_LIST),
        ("calendarList", "get", scopes.SEE_ENTRY),
        ("events", "list", scopes.SEE_EVENTS),
        ("events", "get", scopes.SEE_EVENTS),
        ("events", "patch", scopes.CHANGE_EVENTS),
    ],
)
def test_each_call_takes_the_scopes_google_names(
    resource: str, method: str, accepted: frozenset[str]
) -> None:
    assert set(DOCUMENT["resources"][resource]["methods"][method]["scopes"]) == accepted
