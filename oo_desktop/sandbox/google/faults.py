"""Answer where a fault befalls a request to Google: in its own words."""

import json

from oo_desktop.sandbox.faults import RawAnswer
from oo_desktop.sandbox.google import GOOGLE_API, GOOGLE_TOKEN
from oo_desktop.sandbox.google.errors import (
    API_REASONS,
    error_answer,
    known_error,
    page_refusal,
)
from oo_desktop.sandbox.google.oauth import TOKEN_REFUSALS
from oo_desktop.sandbox.oauth.policy import OAuthRefusal

_BY_STATUS = {401: "authError", 403: "forbidden", 404: "notFound", 429: "rateLimitExceeded"}


def refused(*, path: str, status: int, reason: str = "", retry_after: int = 0) -> RawAnswer:
    """Return an answer with `reason`, or else `status`. retry_after: seconds; 0: no such header.

    Without a reason 5xx is a page of HTML, as what stands before the API answers.
    """
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    if reason in API_REASONS:
        return error_answer(known_error(reason))
    if reason in TOKEN_REFUSALS:
        return _oauth(TOKEN_REFUSALS[reason])
    if path.startswith(GOOGLE_API) and status in _BY_STATUS:
        return error_answer(known_error(_BY_STATUS[status], status), headers)
    if status == 429:
        return _exhausted(headers)
    return page_refusal(status, headers=headers)


def path_of(reason: str) -> str:
    """Return the path where somebody would hear that reason."""
    return GOOGLE_TOKEN if reason in TOKEN_REFUSALS else GOOGLE_API


def known_reasons() -> list[str]:
    """Return every reason there is."""
    return sorted({*API_REASONS, *TOKEN_REFUSALS})


def _oauth(refusal: OAuthRefusal) -> RawAnswer:
    return RawAnswer(
        status=refusal.status,
        content_type="application/json; charset=utf-8",
        body=json.dumps(refusal.body()).encode(),
    )


def _exhausted(headers: dict[str, str]) -> RawAnswer:
    """429 of the front end: `error` is an object here, where OAuth has a text."""
    error = {
        "code": 429,
        "message": "Resource has been exhausted (e.g. check quota).",
        "status": "RESOURCE_EXHAUSTED",
    }
    return RawAnswer(
        status=429,
        content_type="application/json; charset=UTF-8",
        body=json.dumps({"error": error}).encode(),
        headers=headers,
    )
