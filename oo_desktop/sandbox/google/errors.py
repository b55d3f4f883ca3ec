"""How Google says no: the Calendar API's envelope, and a table of everything it may say.

developers.google.com/calendar/api/guides/errors; the bodies of a missing scope and of a disabled
API are those of Google's shared front end, which has `status` and `details` besides.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oo_desktop.sandbox.faults import RawAnswer

REALM = 'Bearer realm="https://accounts.google.com/"'


@dataclass(frozen=True, kw_only=True)
class Location:
    """Which parameter or header an error is about."""

    name: str
    kind: str = "parameter"


class GoogleApiError(Exception):
    """An answer of the Calendar API that is an error. `more` goes beside `errors`."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: Location | None = None,
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = dict(headers or {})
        self._domain = domain
        self._location = location
        self._more = dict(more or {})

    def envelope(self) -> dict[str, Any]:
        """The JSON body."""
        entry = {"message": self.message, "domain": self._domain, "reason": self.reason}
        if self._location is not None:
            entry |= {"location": self._location.name, "locationType": self._location.kind}
        error = {"code": self.status, "message": self.message, "errors": [entry], **self._more}
        return {"error": error}


def refusal(error: GoogleApiError) -> RawAnswer:
    """An API error as it goes over the wire."""
    return RawAnswer(
        status=error.status,
        content_type="application/json; charset=UTF-8",
        body=json.dumps(error.envelope(), indent=1).encode(),
        headers=error.headers,
    )


def page_refusal(status: int, *, headers: Mapping[str, str] | None = None) -> RawAnswer:
    """What stands before the API answers with a page of HTML."""
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


def bad_request(message: str = "Bad Request", parameter: str | None = None) -> GoogleApiError:
    """400 of the older kind: something about the request cannot be."""
    location = None if parameter is None else Location(name=parameter)
    return GoogleApiError(400, "badRequest", message, location=location)


def invalid(parameter: str, message: str = "Invalid Value") -> GoogleApiError:
    """400: a value that cannot be used."""
    return GoogleApiError(400, "invalid", message, location=Location(name=parameter))


def bad_selection(name: str) -> GoogleApiError:
    """400: `fields` names something that does not exist."""
    message = f"Invalid field selection {name}"
    return GoogleApiError(400, "invalidParameter", message, location=Location(name="fields"))


def empty_range() -> GoogleApiError:
    """400: timeMax is not after timeMin."""
    message = "The specified time range is empty."
    return GoogleApiError(
        400, "timeRangeEmpty", message, domain="calendar", location=Location(name="timeMax")
    )


def login_required() -> GoogleApiError:
    """401: no token was sent."""
    return GoogleApiError(
        401,
        "required",
        "Login Required.",
        location=Location(name="Authorization", kind="header"),
        headers={"WWW-Authenticate": REALM},
    )


def invalid_credentials() -> GoogleApiError:
    """401: the token is none, or over."""
    return GoogleApiError(
        401,
        "authError",
        "Invalid Credentials",
        location=Location(name="Authorization", kind="header"),
        more={"status": "UNAUTHENTICATED"},
        headers={"WWW-Authenticate": f"{REALM}, error=invalid_token"},
    )


def missing_scope(accepted: frozenset[str] = frozenset()) -> GoogleApiError:
    """403: a good token that was not given for this."""
    scopes = " ".join(sorted(accepted))
    return GoogleApiError(
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        more={
            "status": "PERMISSION_DENIED",
            "details": [_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT")],
        },
        headers={"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scopes}"'},
    )


def not_configured(project: str = "407408718192") -> GoogleApiError:
    """403: the project the client belongs to has the API switched off."""
    where = "https://console.developers.google.com/apis/api/calendar-json.googleapis.com/overview"
    message = (
        f"Google Calendar API has not been used in project {project} before or it is disabled. "
        f"Enable it by visiting {where}?project={project} then retry. If you enabled this API "
        "recently, wait a few minutes for the action to propagate to our systems and retry."
    )
    return GoogleApiError(
        403,
        "accessNotConfigured",
        message,
        domain="usageLimits",
        more={
            "status": "PERMISSION_DENIED",
            "details": [_info("SERVICE_DISABLED", consumer=f"projects/{project}")],
        },
    )


def _info(reason: str, **metadata: str) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "calendar-json.googleapis.com", **metadata},
    }


def rate_limited(status: int = 403, *, of_user: bool = False) -> GoogleApiError:
    """403 or 429: too many requests in a short while. Calendar sends no Retry-After with it."""
    reason, message = (
        ("userRateLimitExceeded", "User Rate Limit Exceeded")
        if of_user
        else ("rateLimitExceeded", "Rate Limit Exceeded")
    )
    return GoogleApiError(status, reason, message, domain="usageLimits")


def quota_exceeded() -> GoogleApiError:
    """403: too much in a long while."""
    message = "Calendar usage limits exceeded."
    return GoogleApiError(403, "quotaExceeded", message, domain="usageLimits")


def forbidden() -> GoogleApiError:
    """403: this calendar is not theirs to see."""
    return GoogleApiError(403, "forbidden", "Forbidden")


def needs_writer() -> GoogleApiError:
    """403: this calendar is theirs to see, and not to change."""
    message = "You need to have writer access to this calendar."
    return GoogleApiError(403, "requiredAccessLevel", message, domain="calendar")


def not_the_organizer() -> GoogleApiError:
    """403: a guest may change their own answer, and nothing that all guests share."""
    message = "Shared properties can only be changed by the organizer of the event."
    return GoogleApiError(403, "forbiddenForNonOrganizer", message, domain="calendar")


def not_found() -> GoogleApiError:
    """404: no such calendar or event, or none that this person knows of."""
    return GoogleApiError(404, "notFound", "Not Found")


def deleted() -> GoogleApiError:
    """410: an event that is gone."""
    return GoogleApiError(410, "deleted", "Resource has been deleted")


def sync_token_over() -> GoogleApiError:
    """410: read everything anew."""
    message = "Sync token is no longer valid, a full sync is required."
    return GoogleApiError(410, "fullSyncRequired", message, domain="calendar")


def updated_min_too_long_ago() -> GoogleApiError:
    """410: `updatedMin` lies before what is remembered."""
    message = "The requested minimum modification time lies too far in the past."
    return GoogleApiError(
        410,
        "updatedMinTooLongAgo",
        message,
        domain="calendar",
        location=Location(name="updatedMin"),
    )


def changed_meanwhile() -> GoogleApiError:
    """412: If-Match names another version than the current one."""
    return GoogleApiError(
        412,
        "conditionNotMet",
        "Precondition Failed",
        location=Location(name="If-Match", kind="header"),
    )


def backend_error(status: int = 500) -> GoogleApiError:
    """5xx in the API's own envelope."""
    return GoogleApiError(status, "backendError", "Backend Error")


REASONS: dict[str, Callable[[], GoogleApiError]] = {
    "accessNotConfigured": not_configured,
    "authError": invalid_credentials,
    "backendError": backend_error,
    "deleted": deleted,
    "forbidden": forbidden,
    "forbiddenForNonOrganizer": not_the_organizer,
    "fullSyncRequired": sync_token_over,
    "insufficientPermissions": missing_scope,
    "notFound": not_found,
    "quotaExceeded": quota_exceeded,
    "rateLimitExceeded": rate_limited,
    "requiredAccessLevel": needs_writer,
    "timeRangeEmpty": empty_range,
    "userRateLimitExceeded": lambda: rate_limited(of_user=True),
}
"""Everything the API can be told to say, by its reason."""
