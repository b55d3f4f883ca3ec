"""Says what is asked over HTTP, what an answer is, and how a request can fail: without a library.

A request that failed has either certainly not reached the service (`NotSent`) or may have
(`AnswerLost`). The difference decides whether a refresh token may be sent a second time, and
whether a click can still be taken back without a trace.
"""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from oo_desktop.errors import Unavailable
from oo_desktop.language import untranslated

MAX_RETRY_AFTER_SECONDS = 3600.0
"""A longer Retry-After is cut to this: oO looks again at least once an hour."""

ABSURD_RETRY_AFTER_SECONDS = 86_400.0
"""A Retry-After beyond this is a mistake and ignored."""


class NotSent(Unavailable):
    """Reports a request that never reached the service: DNS, refused, TLS, time-out connecting."""

    def __init__(self, fact: str, *, outlook: str = "") -> None:
        super().__init__(fact, outlook=outlook, reached=False)


class HostUnknown(NotSent):
    """Reports that this machine finds no host of that name."""


class Untrusted(NotSent):
    """Reports that something answered whose certificate is not the service's."""


class AnswerLost(Unavailable):
    """Reports a request that was sent, or may have been, and had no whole answer."""


class AnswerUnusable(AnswerLost):
    """Reports an answer that is too large, or packed in a way nobody asked for."""


class Asked(NamedTuple):
    """Says who is asked, by the sentences there are of what goes wrong, in English.

    name: of a service, which is `{service}` in them; empty where they name none.
    untrusted: its certificate is not. silent: it has not answered.
    """

    name: str = ""
    unusable: str = untranslated("{service} sent an answer that oO cannot use.")
    untrusted: str = untranslated(
        "{service}’s certificate is not trusted. Check this computer’s clock, and whether the"
        " network intercepts connections."
    )
    unreachable: str = untranslated("{service} cannot be reached.")
    silent: str = untranslated("{service} did not answer.")


THE_SERVICE = Asked(
    unusable=untranslated("The service sent an answer that oO cannot use."),
    untrusted=untranslated(
        "The service’s certificate is not trusted. Check this computer’s clock, and whether the"
        " network intercepts connections."
    ),
    unreachable=untranslated("The service cannot be reached."),
    silent=untranslated("The service did not answer."),
)


class Answer(Struct, frozen=True):
    """Holds a whole answer of any status.

    content_type: lower case, without parameters; empty when there was none.
    retry_after: seconds, from 0 to MAX_RETRY_AFTER_SECONDS, or None.
    etag, last_modified: as they were sent, to ask again with; None for what no header can say.
    location: where a redirect leads, as it was sent.
    charset: what the body is said to be written in, lower case; None where nothing says so.
    asks_password: it asks to sign in (RFC 9110, section 11.6.1), as only a 401 of a service does.
    dav: what a WebDAV server says that it can (RFC 4918, section 10.1), lower case.
    """

    status: int
    content_type: str
    body: bytes
    retry_after: float | None = None
    etag: str | None = None
    last_modified: str | None = None
    location: str | None = None
    charset: str | None = None
    asks_password: bool = False
    dav: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Answer({self.status})"

    @property
    def is_page(self) -> bool:
        """Return whether it is a web page: a captive portal's or a proxy's, never a service's."""
        return "html" in self.content_type or self.body[:64].lstrip().startswith(b"<")


class Request(Struct, frozen=True, kw_only=True):
    """Holds what is sent to `url`: at most one of `form`, `json` and `content`.

    max_bytes: the largest body taken, after decompression.
    asked: who is asked, for the sentence of what goes wrong.
    """

    method: str
    url: str
    params: Mapping[str, str] | None
    form: Mapping[str, str] | None
    json: object
    content: bytes | None
    headers: Mapping[str, str] | None
    max_bytes: int
    asked: Asked

    def __repr__(self) -> str:
        return f"Request({self.method})"


def bounded_wait(seconds: float) -> float | None:
    """Return the seconds a service asks us to wait, bounded; None for what makes no sense."""
    if not 0 <= seconds <= ABSURD_RETRY_AFTER_SECONDS:
        return None
    return min(seconds, MAX_RETRY_AFTER_SECONDS)
