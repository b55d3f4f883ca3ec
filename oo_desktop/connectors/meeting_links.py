"""Find where to take part in a meeting: the one link of an event that is worth a button.

The order is from what Google itself knows to what somebody typed:

1. the `video` entry point of the conference data, whoever runs the conference,
2. `hangoutLink`,
3. the first address in the location that is a meeting at one of the services below,
4. the first such address in the description, which may be HTML.

Where that one lacks the passcode and another link to the same meeting has it, it is that one: the
first is often what a person reads aloud, and asks for what the other brings along.

Only `https`, and of what was typed only services that are known: any sender of an invitation
writes there what they like, and a button labelled "Join" lends it weight. So a name that merely
contains a known one (`zoom.us.example.com`) is none, nor is a page of such a service that is no
meeting (`zoom.us/download`). Addresses that a mail filter or Google has wrapped are unwrapped,
also several times, and judged as if they had stood there themselves. Those of which only the filter
knows where they lead (Mimecast) stay out.

Somebody with several Google accounts is shown Google's pages as the first of them, unless the
address says which: `authuser` does.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import TypeVar
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

T = TypeVar("T")

MAX_URL = 2000
"""Characters. Those of meetings have some 300 at most."""

_MAX_DESCRIPTION = 16_384
"""Characters of a description that are looked through; Google keeps 8,192."""

_MAX_TRIED = 20
"""Addresses at known services that are looked at in one text: a mail filter wraps all there are."""

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

_PASSCODES = {
    "zoom.us": ("pwd", "tk"),
    "zoomgov.com": ("pwd", "tk"),
    "zoom.com": ("pwd", "tk"),
    "teams.microsoft.com": ("p",),
    "teams.microsoft.us": ("p",),
    "teams.cloud.microsoft": ("p",),
    "teams.live.com": ("p",),
    "meetings.ringcentral.com": ("pw", "pwd"),
    "v.ringcentral.com": ("pw", "pwd"),
    "meet.jit.si": ("jwt",),
    "8x8.vc": ("jwt",),
    "whereby.com": ("roomKey",),
    "webex.com": ("password", "pw"),
}
"""The parameters that let somebody in without asking for more, by service."""

_ZOOM = re.compile(r"/(?:j|s|w|wc(?:/join)?)/(\d+)")
"""The number of a meeting at Zoom: it is the same one at every company's subdomain."""

_MAX_WRAPPERS = 5
"""Around one address; a forwarded invitation has two or three."""

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


@lru_cache(maxsize=64)  # each address is asked about a few times in a row
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
    """Return the first address in `text` that is a meeting at a known service, or None.

    Of several to that meeting, it is the first that has the passcode.
    """
    return first_meeting((text,))


def first_meeting(texts: Iterable[str | None]) -> str | None:
    """Return of all `texts` what `meeting_in` returns of one; takes no more than are needed."""
    texts = iter(texts)
    for text in texts:
        found = _meetings_in(text)
        if (first := next(found, None)) is not None:
            return _with_passcode(first, chain(found, *map(_meetings_in, texts)))
    return None


def with_passcode(url: str, texts: Iterable[str | None]) -> str:
    """Return `url`, or the link in `texts` to the same meeting that has the passcode it lacks."""
    if not _is_meeting(url):
        return url
    return _with_passcode(url, chain.from_iterable(map(_meetings_in, texts)))


def _with_passcode(url: str, others: Iterable[str]) -> str:
    names = _known(_host(url) or "", _PASSCODES)
    if names is None or _has_one_of(url, names):
        return url
    meeting = _meeting_of(url, names)
    same = (other for other in others if _has_one_of(other, names))
    return next((other for other in same if _meeting_of(other, names) == meeting), url)


def _has_one_of(url: str, names: Collection[str]) -> bool:
    return any(name in names for name, _ in parse_qsl(urlsplit(url).query))


def _meeting_of(url: str, passcodes: Collection[str]) -> object:
    """What links to one meeting have in common, whatever else they say."""
    parts = urlsplit(url)
    domain = ".".join((parts.hostname or "").split(".")[-2:])
    if (number := _ZOOM.match(parts.path)) and domain.startswith("zoom"):
        return domain, number[1]
    said = [each for each in parse_qsl(parts.query) if each[0] not in passcodes]
    if parts.path.startswith(("/meet/", "/v2/meet/")):  # the rest is where they were clicked
        said = []
    return parts.hostname, parts.path.rstrip("/"), sorted(said)


def _meetings_in(text: str | None) -> Iterator[str]:
    if not text or "https:" not in text[:_MAX_DESCRIPTION]:
        return
    tried = 0
    from html import unescape  # brings 2,231 names of characters: not for who has no events

    for found in _HTTPS_ADDRESS.finditer(unescape(text[:_MAX_DESCRIPTION])):
        host = found[1].lower()
        if _known(host, _MEETINGS) is None and _known(host, _WRAPPERS) is None:
            continue  # nearly all of them: what follows takes twenty times as long
        if (tried := tried + 1) > _MAX_TRIED:
            return
        url = _unwrapped(found[0].rstrip(_AFTER))
        if url is not None and _is_meeting(url):
            yield url


def _is_meeting(url: str) -> bool:
    form = _known(_host(url) or "", _MEETINGS)
    return form is not None and form.fullmatch(urlsplit(url).path) is not None


# Addresses in other addresses


def _unwrapped(url: str) -> str | None:
    """What wrappers lead to; any other address as it is. None where that could do harm.

    What comes out of a wrapper has said nothing for itself yet: it is looked at like any other.
    """
    found = safe_url(url)
    for _ in range(_MAX_WRAPPERS):
        unwrap = None if found is None else _known(_host(found) or "", _WRAPPERS)
        if found is None or unwrap is None:
            return found
        inner = unwrap(urlsplit(found))
        # Some wrap what stands in HTML, where an ampersand is written in five letters.
        found = None if inner is None else safe_url(inner.replace("&amp;", "&"))
    return None


def _out_of_google(parts: SplitResult) -> str | None:
    if parts.path != "/url":
        return None
    return _parameter(parts, "q") or _parameter(parts, "url")


def _out_of_safe_links(parts: SplitResult) -> str | None:
    """Safe Links have named a tenant in the path since 2024: `/ap/t-…/?url=`."""
    return _parameter(parts, "url")


def _parameter(parts: SplitResult, name: str) -> str | None:
    return next((value for each, value in parse_qsl(parts.query) if each == name), None)


_PROOFPOINT_1 = re.compile(r"u=(.+?)&k=")
_PROOFPOINT_2 = re.compile(r"(?:^|&)u=([^&]+)")
_PROOFPOINT_3 = re.compile(r"/v3/__(.+?)__;([A-Za-z0-9_-]*)=*!")
_STAND_INS = re.compile(r"\*(?:\*(.))?")
_RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _out_of_proofpoint(parts: SplitResult) -> str | None:
    """As Proofpoint's own decoder does (help.proofpoint.com, "URL Decoder"), versions 1 to 3."""
    if parts.path == "/v1/url" and (found := _PROOFPOINT_1.search(parts.query)):
        return unquote(found[1])
    if parts.path == "/v2/url" and (found := _PROOFPOINT_2.search(parts.query)):
        return unquote(found[1].translate({ord("-"): "%", ord("_"): "/"}))
    if found := _PROOFPOINT_3.match(parts._replace(scheme="", netloc="").geturl()):
        return _proofpoint_3(unquote(found[1]), found[2])
    return None


def _proofpoint_3(url: str, stood_there: str) -> str | None:
    """`*` stands for the next of the characters that stood there, `**A` for the next two, and
    `**B` for three."""
    try:
        left = iter(urlsafe_b64decode(stood_there + "==").decode())
    except ValueError:
        return None

    def put_back(stand_in: re.Match[str]) -> str:
        count = 1 if stand_in[1] is None else _RUNS.find(stand_in[1]) + 2
        return "".join(islice(left, count))

    whole = _STAND_INS.sub(put_back, url)
    # Some servers on the way make one slash of two.
    return re.sub(r"^(https?:/)(?=[^/])", r"\1/", whole)


_WRAPPERS: Mapping[str, Callable[[SplitResult], str | None]] = {
    "www.google.com": _out_of_google,
    "safelinks.protection.outlook.com": _out_of_safe_links,
    "safelinks.protection.office365.us": _out_of_safe_links,
    "urldefense.com": _out_of_proofpoint,
    "urldefense.us": _out_of_proofpoint,
    "urldefense.proofpoint.com": _out_of_proofpoint,
}
"""What takes the address out of another, by host; None where none is in it."""


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
