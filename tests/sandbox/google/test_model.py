"""The roles of calendars."""

from oo_desktop.sandbox.google.model import ROLES
from tests.sandbox.google.schema import DOCUMENT


def test_the_roles_are_googles() -> None:
    parameters = DOCUMENT["resources"]["calendarList"]["methods"]["list"]["parameters"]
    assert set(parameters["minAccessRole"]["enum"]) == set(ROLES)
