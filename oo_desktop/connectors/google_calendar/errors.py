"""Translates Google's refusals into oO's words (developers.google.com/calendar/api/guides/errors).

| answer | reason | becomes |
|---|---|---|
| 403 | rateLimitExceeded, userRateLimitExceeded, … | a pause of the account, as a 429 is |
| 429 | without a time | the same pause: Google counts by the minute |
| 403 | quotaExceeded, dailyLimitExceeded, … | a pause of hours; of a change, for itself alone |
| 403 | insufficientPermissions | `ScopeMissing`: only another consent helps, no other token |
| 403 | accessNotConfigured, SERVICE_DISABLED | `AccountRefused`: a step of the setup is missing |
| 403 | anything else | `NotHere`: this calendar, or this event, and no other |
| 404, 410 | | `NotHere` |

Google's own sentence is never passed on: it may repeat what was sent.
"""

import re
from collections.abc import Awaitable
from typing import TypeVar

import msgspec
from msgspec import Struct

from oo_desktop.errors import Rejected, SourceError, Unavailable
from oo_desktop.http.client import Refused, ServiceClient
from oo_desktop.language import translated, untranslated

T = TypeVar("T")

MINUTE_SECONDS = 60.0
"""Seconds after which a rate limit is over: 600 requests per minute, in a window that slides
(developers.google.com/calendar/api/guides/quota)."""

QUOTA_SECONDS = 2 * 3600.0
"""Seconds. Google does not say how long the longer limits last: "some time"."""

MISSING_SCOPE = untranslated(
    "Google does not let oO see your events. Reconnect this account and leave both boxes ticked."
)
SWITCHED_OFF = untranslated(
    "The Google Calendar API is switched off for your client. Enable it in the Google Cloud"
    " console, under “APIs & Services”. oO then carries on by itself."
)
NO_CALENDAR = untranslated("This Google account has no calendar.")
NOT_SEEN = untranslated("Google does not let oO see this.")
NOT_THERE = untranslated("This is no longer there.")

_LIMIT_REASONS = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "concurrentLimitExceeded", "RATE_LIMIT_EXCEEDED"}
)
_QUOTA_REASONS = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_SCOPE_REASONS = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_SETUP_REASONS = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})


_MAX_REASONS = 10
_REASON = re.compile(r"[A-Za-z][A-Za-z_]{1,63}")


class _GoogleError(Struct, frozen=True):
    errors: object = None
    details: object = None


class _ErrorForm(Struct, frozen=True):
    error: _GoogleError


def reasons_from_json(body: bytes) -> frozenset[str]:
    """Return the reasons in the body of an error; none for a body of any other form.

    They stand in two places, `errors` and `details`, and not all in both. Only what looks like a
    name is taken: a few short words, never a sentence that may repeat what was sent.
    """
    try:
        error = msgspec.json.decode(body, type=_ErrorForm).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return frozenset()
    given = [
        entry.get("reason")
        for entries in (error.errors, error.details)
        if isinstance(entries, list)
        for entry in entries[:_MAX_REASONS]
        if isinstance(entry, dict)
    ]
    return frozenset(
        reason for reason in given if isinstance(reason, str) and _REASON.fullmatch(reason)
    )


class AccountRefused(Rejected):
    """Says that it is the same whatever this account asks for."""


class ScopeMissing(AccountRefused):
    """Says that the consent does not cover this."""


class NotHere(Rejected):
    """Says that this one calendar or event cannot be had, or is gone."""


async def translate_refusals(
    client: ServiceClient, answer: Awaitable[T], *, writing: bool = False
) -> T:
    """Return `answer` of `client`, or raise what went wrong in our words.

    Raises nothing but SourceError.
    """
    failure: SourceError
    try:
        return await answer
    except Refused as error:
        failure = _translated(client, error, writing=writing)
    except Unavailable as error:
        if not error.limited or error.retry_after is not None:
            raise
        failure = client.slow_down(MINUTE_SECONDS)
    raise failure


def _translated(client: ServiceClient, error: Refused, *, writing: bool) -> SourceError:
    status, reasons = error.status, reasons_from_json(error.body)
    if status in (404, 410):
        return NotHere(translated(NOT_THERE), status=status)
    if status != 403:
        return Rejected(error.reason, status=status)
    if reasons & _LIMIT_REASONS:
        return client.slow_down(MINUTE_SECONDS)
    if reasons & _QUOTA_REASONS:
        # It is writes that meet these: what is read must not stand still for them.
        return _write_later() if writing else client.slow_down(QUOTA_SECONDS)
    if reasons & _SCOPE_REASONS:
        return ScopeMissing(translated(MISSING_SCOPE), status=status)
    if reasons & _SETUP_REASONS:
        return AccountRefused(translated(SWITCHED_OFF), status=status)
    if "notACalendarUser" in reasons:
        return AccountRefused(translated(NO_CALENDAR), status=status)
    return NotHere(translated(NOT_SEEN), status=status)


def _write_later() -> Unavailable:
    return Unavailable(
        translated("Google takes no more changes just now. oO sends this later."),
        retry_after=QUOTA_SECONDS,
        limited=True,
        reached=False,
    )
