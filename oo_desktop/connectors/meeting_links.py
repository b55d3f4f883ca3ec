"""Find where to take part in a meeting: the one link of an event that is worth a button.

The order is from what Google itself knows to what somebody typed:

1. the `video` entry point of the conference data, whoever runs the conference,
2. `hangoutLink`,
3. the first address in the location that is a meeting at one of the services below,
4. the first such address in the description, which may be HTML.

Only `https`, and of what was typed only services that are known: any sender of an invitation
writes there what they like, and a button labelled "Join" lends it weight. So a name that merely
contains a known one (`zoom.us.example.com`) is none, nor is a page of such a service that is no
meeting (`zoom.us/download`). Addresses wrapped by Google or Outlook are unwrapped.

Somebody with several Google accounts is shown Google's pages as the first of them, unless the
address says which: `authuser` does.
"""

import html
import re
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

T = TypeVar("T")

MAX_URL = 2000
"""Characters. Those of meetings have some 300 at most."""

_MAX_DESCRIPTION = 16_384
"""Characters of a description that are looked through; Google keeps 8,192."""

_MAX_TRIED = 5
"""Addresses at known services that are looked at in one text."""

_ANY = r"/[^/].*"

MEETING_SERVICES = (
    ("meet.google.com", r"/(?:lookup/.+|[a-z]{3}-[a-z]{4}-[a-z]{3})/?"),
    ("zoom.us", r"/(?:j|my|s|w|wc)/.+"),
    ("zoomgov.com", r"/(?:j|my|s|w|wc)/.+"),
    ("zoom.com", r"/(?:j|my|s|w|wc)/.+"),
    ("teams.microsoft.com", r"/(?:l/meetup-join|meet|v2/meet)/.+"),
    ("teams.microsoft.us", r"/(?:l/meetup-join|meet)/.+"),
    ("teams.cloud.microsoft", r"/(?:l/meetup-join|meet)/.+"),
    ("teams.live.com", r"/meet/.+"),
    ("join.skype.com", _ANY),
    ("webex.com", r"/(?:meet|join|[a-z0-9.-]+/j\.php|wbxmjs|webappng)/?.*"),
    ("meet.goto.com", _ANY),
    ("gotomeet.me", _ANY),
    ("global.gotomeeting.com", r"/join/.+"),
    ("app.goto.com", r"/meeting/.+"),
    ("whereby.com", _ANY),
    ("meet.jit.si", _ANY),
    ("8x8.vc", _ANY),
    ("bluejeans.com", _ANY),
    ("chime.aws", _ANY),
    ("v.ringcentral.com", r"/join/.+"),
    ("meetings.ringcentral.com", r"/j/.+"),
    ("meetings.dialpad.com", _ANY),
    ("call.lifesizecloud.com", _ANY),
    ("meeting.zoho.com", _ANY),
    ("meeting.zoho.eu", _ANY),
    ("meeting.tencent.com", _ANY),
    ("voovmeeting.com", _ANY),
    ("vc.feishu.cn", r"/j/.+"),
    ("vc.larksuite.com", r"/j/.+"),
    ("telemost.yandex.ru", r"/j/.+"),
    ("facetime.apple.com", r"/join.*"),
    ("app.slack.com", r"/huddle/.+"),
)
"""Meeting services by host, its subdomains included, and what the path of a meeting looks like."""

_MEETINGS = {host: re.compile(path) for host, path in MEETING_SERVICES}

_WRAPPERS = {
    "www.google.com": ("/url", ("q", "url")),
    "safelinks.protection.outlook.com": ("/", ("url",)),
}
"""By host: the path, and the parameters that may hold the address that is meant."""

_HTTPS_ADDRESS = re.compile(
    r"https://([A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}))(?=[/:?])[^\s<>\"\\^`{|}]{1,2000}"
)
_AFTER = ".,;:!?'’”»)]*_"
"""What ends a sentence or a bracket around an address, not the address."""

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_VISIBLE_ASCII = re.compile(r"[!-~]+")


def safe_url(url: str | None) -> str | None:
    """Return `url` if it can be opened without harm: https, a plain host, bounded; else None."""
    if url is None or len(url) > MAX_URL or not _VISIBLE_ASCII.fullmatch(url):
        return None
    return url if _host(url) is not None else None


def _host(url: str) -> str | None:
    """The host of an https address without a user name; None for any other."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if (
        not url.startswith("https://")
        or "@" in parts.netloc
        or "\\" in url
        or port not in (None, 443)
    ):
        return None
    return host if _HOST.fullmatch(host) else None


def _known(host: str, services: Mapping[str, T]) -> T | None:
    """What `services` say of the host, or of a domain it belongs to."""
    while host:
        if (found := services.get(host)) is not None:
            return found
        host = host.partition(".")[2]
    return None


def meeting_in(text: str | None) -> str | None:
    """Return the first address in `text` that is a meeting at a known service, or None."""
    if not text or "https:" not in text[:_MAX_DESCRIPTION]:
        return None
    tried = 0
    for found in _HTTPS_ADDRESS.finditer(html.unescape(text[:_MAX_DESCRIPTION])):
        host = found[1].lower()
        if _known(host, _MEETINGS) is None and _known(host, _WRAPPERS) is None:
            continue  # nearly all of them: what follows takes twenty times as long
        if (tried := tried + 1) > _MAX_TRIED:
            break
        url = _unwrapped(found[0].rstrip(_AFTER))
        if url is not None and _is_meeting(url):
            return url
    return None


def _is_meeting(url: str) -> bool:
    form = _known(_host(url) or "", _MEETINGS)
    return form is not None and form.fullmatch(urlsplit(url).path) is not None


def _unwrapped(url: str) -> str | None:
    """What a wrapper leads to; any other address as it is."""
    good = safe_url(url)
    wrapper = _known(_host(url) or "", _WRAPPERS) if good else None
    if good is None or wrapper is None:
        return good
    parts, (path, names) = urlsplit(good), wrapper
    if (parts.path or "/") != path:
        return good
    given = dict(parse_qsl(parts.query))
    return next((safe_url(given[name]) for name in names if name in given), None)


_AUTHUSER = re.compile(r"(?:^|&)authuser=[^&]*")


def as_account(url: str, email: str) -> str:
    """Return `url`, and where it is one of Google's, as the account `email`."""
    host = _host(url) or ""
    is_google = host in ("meet.google.com", "calendar.google.com", "www.google.com")
    if not is_google or "@" not in email:
        return url
    parts = urlsplit(url)
    query = _AUTHUSER.sub("", parts.query).removeprefix("&")
    said = f"authuser={quote(email, safe='')}"
    longer = parts._replace(query=f"{query}&{said}" if query else said).geturl()
    return longer if len(longer) <= MAX_URL else url


_IN_WORDS = re.compile(r"https?://[^\s<>()\[\]]+", re.IGNORECASE)


def without_addresses(location: str | None) -> str:
    """Return a location without the addresses in it: where one meets in the flesh; may be empty."""
    text = (location or "")[:_MAX_DESCRIPTION]
    if "://" not in text:
        return text
    rest = _IN_WORDS.sub(" ", text)
    for empty in ("( )", "< >", "[ ]"):  # what was around them
        rest = rest.replace(empty, " ")
    return rest.strip(" \t\r\n,;:|·–—-")
