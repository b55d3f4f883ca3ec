"""What the body of an error of Google's says of itself: hostile, like every answer."""

import json

import pytest

from oo_desktop.connectors.google_calendar.errors import reasons_from_json


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"error": "access_denied"}',
        b'{"error": {"errors": {"reason": "x"}}}',
        b'{"error": {"errors": [null, 7, [], {"reason": 7}, {"reason": null}]}}',
        b'{"error": {"errors": [{"reason": "two words"}]}}',
        b'{"error": {"errors": [{"reason": "\xff"}]}}',
        b"[" * 100_000,
        b'{"error": {"errors": [{"reason": "' + b"x" * 100_000 + b'"}]}}',
    ],
)
def test_a_body_of_any_other_form_has_no_reasons(body: bytes) -> None:
    assert reasons_from_json(body) == frozenset()


def test_reasons_stand_in_two_places() -> None:
    body = {"error": {"errors": [{"reason": "forbidden"}], "details": [{"reason": "OFF"}]}}
    assert reasons_from_json(json.dumps(body).encode()) == {"forbidden", "OFF"}
