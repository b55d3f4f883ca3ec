"""Tells what a failure is about: the account, one collection, or one resource of it.

The statuses are enough for that: what servers write beside them (RFC 4918, section 16) differs as
much as they do, and SOGo's is in a namespace of its own.
"""

from oo_desktop.errors import AuthRequired, Rejected, SourceError, Unavailable
from oo_desktop.http.client import AnswerLost, AnswerUnusable, NotSent, Refused, WebPage
from oo_desktop.language import translated, untranslated

NO_HOME = untranslated(
    "The calendars of this account are no longer where they were. Connect it again."
)
TOO_MANY = untranslated("This account has more calendars than oO can show.")
TOO_MUCH = untranslated("This calendar is more than oO can show.")
FORBIDDEN = untranslated("The server does not let oO see this calendar.")
GONE = untranslated("This calendar is no longer there.")
UNREADABLE = untranslated("The server’s answer cannot be read.")
AS_BEFORE = untranslated("It is shown as it was before.")


class NotHere(Rejected):
    """Says that a collection is forbidden or gone."""


def is_of_account(error: SourceError) -> bool:
    """Return whether the other collections of the account have met, or will meet, the same."""
    if isinstance(error, Unavailable) and error.limited:
        return True
    return isinstance(error, AuthRequired | NotSent | WebPage)


def is_of_content(error: SourceError) -> bool:
    """Return whether less at a time may do: what was asked for is too much, or part of it broken.

    One bad resource makes some servers fail, or write what is no XML, for all of them.
    """
    if isinstance(error, AnswerUnusable):
        return True
    lost = isinstance(error, AnswerLost) or is_of_account(error)
    return isinstance(error, Unavailable) and not lost


def of_collection(error: Rejected | Unavailable) -> Rejected | Unavailable:
    """Return `error` as a sentence beside a calendar's name."""
    if isinstance(error, Refused) and error.status in (403, 404, 410):
        sentence = FORBIDDEN if error.status == 403 else GONE
        return NotHere(translated(sentence), status=error.status)
    return error
