"""Judges addresses that people write: which of them oO sends anything to."""

import re
from enum import Enum, auto
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlsplit

from oo_desktop.errors import ConfigError
from oo_desktop.language import translated, untranslated

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


class UrlProblem(Enum):
    """Names why oO asks nothing of a URL."""

    NOT_A_URL = auto()
    NOT_PLAIN = auto()
    NOT_ENCRYPTED = auto()


_SAID = {
    UrlProblem.NOT_A_URL: untranslated("{key} is not a URL."),
    UrlProblem.NOT_PLAIN: untranslated(
        "{key} must be a plain https URL, without a name, “?” or “#” in it."
    ),
    UrlProblem.NOT_ENCRYPTED: untranslated(
        "{key} must use https: http is for addresses on this machine only."
    ),
}


def check_url(url: str, key: str) -> None:
    """Raise ConfigError, naming `key`, for what oO asks nothing of."""
    problem = problem_of_url(url)
    if problem is not None:
        raise ConfigError(translated(_SAID[problem], key=key), key=key)


def problem_of_url(url: str) -> UrlProblem | None:
    """Return why oO asks nothing of `url`; None where it does."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return UrlProblem.NOT_A_URL
    # urlsplit() silently drops some of these characters, and other readers of the URL would not.
    odd = any(char.isspace() or not char.isprintable() or char == "\\" for char in url)
    if odd or not host or "@" in parts.netloc or parts.query or parts.fragment:
        return UrlProblem.NOT_PLAIN
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return None
    return UrlProblem.NOT_ENCRYPTED


def is_loopback(host: str) -> bool:
    """Return whether `host` can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def as_folder(url: str) -> str:
    """Return `url` with one slash at its end, so that paths can be put after it."""
    return url.rstrip("/") + "/"


def split_url(url: str) -> SplitResult | None:
    """Return the parts of an http or https URL with a host; None for any other text."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in ("https", "http") and parts.hostname else None


def in_ascii(url: str) -> SplitResult | None:
    """Return `url` as it is sent (RFC 3987, section 3.1); None for what is none.

    What is in ASCII already stands as it is.
    """
    parts = split_url(url)
    if parts is None or url.isascii():
        return parts
    host = parts.netloc if parts.netloc.isascii() else _host_in_ascii(parts.netloc)
    if host is None:
        return None
    return split_url(_NOT_ASCII.sub(_percent_encoded, parts._replace(netloc=host).geturl()))


def _percent_encoded(found: re.Match[str]) -> str:
    return quote(found[0])


def _host_in_ascii(netloc: str) -> str | None:
    """As it is looked up (RFC 3490); None where that is not certain to be what was meant: `ß` was
    `ss` once and is a letter of its own now, which are two servers."""
    try:
        found = netloc.encode("idna")
        return found.decode() if found.decode("idna") == netloc.lower() else None
    except UnicodeError:
        return None
