"""Say no as Google does: the Calendar API's envelope, and a table of everything it may say.

developers.google.com/calendar/api/guides/errors; the bodies of a missing scope and of a disabled
API are those of Google's shared front end, which has `status` and `details` besides.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oo_desktop.sandbox.faults import RawAnswer
from oo_desktop.sandbox.google import CLIENT_PROJECT

REALM = 'Bearer realm="https://accounts.google.com/"'


@dataclass(frozen=True)
class Location:
    """Says which parameter or header an error is about."""

    name: str
    kind: str = "parameter"


@dataclass(frozen=True)
class Refusal:
    """Holds what the Calendar API says where it refuses. `more` goes beside `errors`."""

    status: int
    message: str
    domain: str = "global"
    location: Location | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class GoogleApiError(Exception):
    """Says that the Calendar API refuses, for that reason and in those words."""

    def __init__(self, reason: str, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.reason = reason
        self.refusal = refusal

    def envelope(self) -> dict[str, Any]:
        """Return the JSON body."""
        said = self.refusal
        entry = {"message": said.message, "domain": said.domain, "reason": self.reason}
        if said.location is not None:
            entry |= {"location": said.location.name, "locationType": said.location.kind}
        return {
            "error": {
                "code": said.status,
                "message": said.message,
                "errors": [entry],
                **said.more,
            }
        }


def error_answer(error: GoogleApiError, headers: Mapping[str, str] | None = None) -> RawAnswer:
    """Return an API error as it goes over the wire. headers: beside its own."""
    return RawAnswer(
        status=error.refusal.status,
        content_type="application/json; charset=UTF-8",
        body=json.dumps(error.envelope(), indent=1).encode(),
        headers={**error.refusal.headers, **(headers or {})},
    )


def page_refusal(status: int, *, headers: Mapping[str, str] | None = None) -> RawAnswer:
    """Return the page of HTML with which what stands before the API answers."""
    body = (
        f"<!DOCTYPE html><html lang=en><title>Error {status}!!1</title>"
        f"<p><b>{status}.</b> <ins>That’s an error.</ins></p></html>"
    )
    return RawAnswer(
        status=status,
        content_type="text/html; charset=UTF-8",
        body=body.encode(),
        headers=dict(headers or {}),
    )


# What a request can be told


_AUTHORIZATION = Location("Authorization", "header")
_REFUSALS = {
    "timeRangeEmpty": Refusal(
        400, "The specified time range is empty.", "calendar", Location("timeMax")
    ),
    # No token was sent.
    "required": Refusal(
        401, "Login Required.", location=_AUTHORIZATION, headers={"WWW-Authenticate": REALM}
    ),
    # The token is none, or over.
    "authError": Refusal(
        401,
        "Invalid Credentials",
        location=_AUTHORIZATION,
        more={"status": "UNAUTHENTICATED"},
        headers={"WWW-Authenticate": f"{REALM}, error=invalid_token"},
    ),
    # Too many requests in a short while; Calendar sends no Retry-After with it.
    "rateLimitExceeded": Refusal(403, "Rate Limit Exceeded", "usageLimits"),
    "userRateLimitExceeded": Refusal(403, "User Rate Limit Exceeded", "usageLimits"),
    # Too much in a long while.
    "quotaExceeded": Refusal(403, "Calendar usage limits exceeded.", "usageLimits"),
    # This calendar is not theirs to see.
    "forbidden": Refusal(403, "Forbidden"),
    # This calendar is theirs to see, and not to change.
    "requiredAccessLevel": Refusal(
        403, "You need to have writer access to this calendar.", "calendar"
    ),
    # A guest may change their own answer, and nothing that all guests share.
    "forbiddenForNonOrganizer": Refusal(
        403, "Shared properties can only be changed by the organizer of the event.", "calendar"
    ),
    # No such calendar or event, or none that this person knows of.
    "notFound": Refusal(404, "Not Found"),
    "deleted": Refusal(410, "Resource has been deleted"),
    # Read everything anew.
    "fullSyncRequired": Refusal(
        410, "Sync token is no longer valid, a full sync is required.", "calendar"
    ),
    # `updatedMin` lies before what is remembered.
    "updatedMinTooLongAgo": Refusal(
        410,
        "The requested minimum modification time lies too far in the past.",
        "calendar",
        Location("updatedMin"),
    ),
    # If-Match names another version than the current one.
    "conditionNotMet": Refusal(412, "Precondition Failed", location=Location("If-Match", "header")),
    # In the API's own envelope; what stands before it answers 5xx with a page.
    "backendError": Refusal(500, "Backend Error"),
}


def known_error(reason: str, status: int | None = None) -> GoogleApiError:
    """Return the error of that reason. status: another than its usual one."""
    if reason == "accessNotConfigured":
        return not_configured()
    if reason == "insufficientPermissions":
        return missing_scope()
    known = _REFUSALS[reason]
    return GoogleApiError(reason, replace(known, status=status or known.status))


API_REASONS = frozenset({*_REFUSALS, "accessNotConfigured", "insufficientPermissions"})
"""Everything the API can be told to say."""


def bad_request(message: str = "Bad Request", parameter: str | None = None) -> GoogleApiError:
    """Return 400 of the older kind: something about the request cannot be."""
    location = None if parameter is None else Location(parameter)
    return GoogleApiError("badRequest", Refusal(400, message, location=location))


def invalid(parameter: str, message: str = "Invalid Value") -> GoogleApiError:
    """Return 400: a value that cannot be used."""
    return GoogleApiError("invalid", Refusal(400, message, location=Location(parameter)))


def bad_selection(name: str) -> GoogleApiError:
    """Return 400: `fields` names something that does not exist."""
    said = Refusal(400, f"Invalid field selection {name}", location=Location("fields"))
    return GoogleApiError("invalidParameter", said)


def missing_scope(accepted: frozenset[str] = frozenset()) -> GoogleApiError:
    """Return 403: a good token that was not given for this."""
    challenge = f'{REALM}, error="insufficient_scope", scope="{" ".join(sorted(accepted))}"'
    said = Refusal(
        403,
        "Request had insufficient authentication scopes.",
        more=_denied("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        headers={"WWW-Authenticate": challenge},
    )
    return GoogleApiError("insufficientPermissions", said)


def not_configured(project: str = CLIENT_PROJECT) -> GoogleApiError:
    """Return 403: the project the client belongs to has the API switched off."""
    where = "https://console.developers.google.com/apis/api/calendar-json.googleapis.com/overview"
    message = (
        f"Google Calendar API has not been used in project {project} before or it is disabled. "
        f"Enable it by visiting {where}?project={project} then retry. If you enabled this API "
        "recently, wait a few minutes for the action to propagate to our systems and retry."
    )
    more = _denied("SERVICE_DISABLED", consumer=f"projects/{project}")
    return GoogleApiError("accessNotConfigured", Refusal(403, message, "usageLimits", more=more))


def _denied(reason: str, **metadata: str) -> dict[str, Any]:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "calendar-json.googleapis.com", **metadata},
    }
    return {"status": "PERMISSION_DENIED", "details": [info]}
