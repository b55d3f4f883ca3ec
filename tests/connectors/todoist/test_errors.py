"""What the body of an error of Todoist's says of itself: hostile, like every answer."""

import pytest

from oo_desktop.connectors.todoist.errors import (
    ErrorEnvelope,
    envelope_from_json,
    error_of_command,
    is_gone,
    reason,
    wait_of_error,
)
from oo_desktop.errors import Rejected, Unavailable


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"oops",
        b"\xff",
        b'{"error":NaN}',
        b"[" * 100_000,
        b'{"error_extra":' + b"[" * 100_000,
        b'{"error":"\\ud800',
    ],
)
def test_an_error_of_any_other_form_says_nothing(body: bytes) -> None:
    assert envelope_from_json(body) == ErrorEnvelope()


def test_odd_parts_of_an_envelope_cost_only_themselves() -> None:
    body = b'{"error_tag":7,"error_code":"x","http_code":true,"error_extra":{"argument":null}}'
    envelope = envelope_from_json(body)
    assert (envelope.tag, envelope.code, envelope.status) == (None, None, None)
    assert (envelope.argument, envelope.wait) == (None, None)
    assert envelope_from_json(b'{"error_tag":"A","error_extra":[]}').tag == "A"


@pytest.mark.parametrize(
    ("body", "wait"),
    [
        (b'{"error_extra":{"retry_after":7}}', 7),
        (b'{"error_extra":{"retry_after":7200}}', 3600),
        (b'{"error_extra":{"retry_after":-1}}', None),
        (b'{"error_extra":{"retry_after":1e9}}', None),
        (b'{"error_extra":{"retry_after":true}}', None),
        (b'{"error_extra":{"retry_after":"7"}}', None),
        (b"<html>", None),
    ],
)
def test_how_long_to_wait_is_read_and_bounded(body: bytes, wait: float | None) -> None:
    assert wait_of_error(body) == wait


def test_a_refusal_is_told_in_our_words_by_its_tag_or_its_code() -> None:
    assert reason(ErrorEnvelope(error_tag="FORBIDDEN")) == "You may not change this in Todoist."
    assert reason(ErrorEnvelope(error_code=20)) == "Todoist does not accept this change."
    assert reason(ErrorEnvelope(error_code=9, error_tag="SOMETHING_NEW")) is None


def test_what_todoist_does_not_have_is_gone() -> None:
    assert is_gone(ErrorEnvelope(http_code=404))
    assert is_gone(ErrorEnvelope(error_code=22))
    assert not is_gone(ErrorEnvelope(http_code=403))


def test_an_error_of_a_command_is_not_now_or_never() -> None:
    limited = error_of_command(ErrorEnvelope(http_code=429, error_extra={"retry_after": 9}))
    assert isinstance(limited, Unavailable)
    assert (limited.limited, limited.reached, limited.retry_after) == (True, False, 9)
    assert isinstance(error_of_command(ErrorEnvelope(http_code=502)), Unavailable)
    assert isinstance(error_of_command(ErrorEnvelope()), Unavailable)
    assert isinstance(error_of_command(ErrorEnvelope(http_code=400)), Rejected)
