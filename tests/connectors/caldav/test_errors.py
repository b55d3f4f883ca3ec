"""What a failure is about: the account, one collection, or one resource of it."""

import pytest

from oo_desktop.connectors.caldav.errors import (
    NotHere,
    is_of_account,
    is_of_content,
    of_collection,
)
from oo_desktop.errors import AuthRequired, Rejected, SourceError, Unavailable
from oo_desktop.http.client import Answer, AnswerLost, AnswerUnusable, NotSent, Refused, WebPage


@pytest.mark.parametrize(
    ("error", "of_account", "of_content"),
    [
        (AuthRequired("Reconnect."), True, False),
        (NotSent("No network."), True, False),
        (WebPage("A page.", status=200), True, False),
        (Unavailable("Slow down.", limited=True), True, False),
        (AnswerLost("No answer."), False, False),
        (AnswerUnusable("Too large."), False, True),
        (Unavailable("A problem of its own (500)."), False, True),
        (Unavailable("No XML."), False, True),
        (Rejected("Never."), False, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_failure_is_of_the_account_of_a_collection_or_of_what_is_in_it(
    error: SourceError, of_account: bool, of_content: bool
) -> None:
    assert (is_of_account(error), is_of_content(error)) == (of_account, of_content)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (403, "The server does not let oO see this calendar."),
        (404, "This calendar is no longer there."),
        (410, "This calendar is no longer there."),
    ],
)
def test_a_calendar_that_is_not_to_be_seen_says_so(status: int, sentence: str) -> None:
    found = of_collection(Refused("It is not.", answer=Answer(status, "", b"")))
    assert isinstance(found, NotHere)
    assert (str(found), found.status) == (sentence, status)


@pytest.mark.parametrize(
    "error", [Refused("No (418).", answer=Answer(418, "", b"")), Unavailable("Not now.")]
)
def test_any_other_failure_has_a_sentence_of_its_own(error: Rejected | Unavailable) -> None:
    assert of_collection(error) is error
