"""Stand in for a person with a browser: read the consent page, click, follow the way back.

For the demo where there is no display, and as a `BROWSER` command for tests:
`python -m oo_desktop.sandbox.visitor URL [--deny] [--account EMAIL] [--untick SCOPE]`. Standard
library only.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPResponse
from ipaddress import ip_address
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener


class VisitFailed(Exception):
    """Says where a visit ended that did not come to its end."""


@dataclass(frozen=True)
class Visit:
    """Holds how a visit ended: what the last page answered."""

    status: int
    page: str = field(repr=False)


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(
        self, _req: Request, _fp: IO[bytes], _code: int, _msg: str, _headers: Any, _newurl: str
    ) -> None:
        """Go nowhere: the answer with its Location is what the visitor reads."""


_opener = build_opener(ProxyHandler({}), _NoRedirects())


class _ConsentForm(HTMLParser):
    """The form on the consent page: where it goes, its hidden fields, whom one may be."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        self.ticked: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        if tag != "input":
            return
        if given.get("type") == "hidden":
            self.fields[given["name"]] = given.get("value", "")
        elif given.get("type") == "checkbox" and "checked" in given:
            self.ticked.append((given["name"], given.get("value", "")))
        elif given.get("type") == "radio":
            self.accounts[given.get("data-email", "")] = given.get("value", "")
            if "checked" in given:
                self.fields[given["name"]] = given.get("value", "")


def visit(
    url: str,
    *,
    allow: bool = True,
    account: str | None = None,
    untick: Sequence[str] = (),
    timeout: float = 30,
) -> Visit:
    """Follow an authorize URL to its end. Blocking. Raises VisitFailed.

    The end is a page of the app that it leads back to, or of the service where it leads nowhere.
    account: whose address to choose where several are offered. untick: how the scopes end that are
    not granted, where there is a choice. timeout: seconds per request.
    """
    form = _ConsentForm()
    consent = _open(Request(_checked(url)), timeout)  # noqa: S310  # checked: http on the loopback
    if consent.status == 200:
        form.feed(consent.page)
        if form.action is None:
            raise VisitFailed("There is no consent form on the page.")
        form.ticked = [box for box in form.ticked if not box[1].endswith(tuple(untick))]
        consent = _decided(urljoin(url, form.action), form, allow, account, timeout)
        if consent.status == 200:
            return Visit(consent.status, consent.page)
    if consent.location is None:
        raise VisitFailed(f"The consent page answered {consent.status} and leads nowhere.")
    back = _open(Request(_checked(consent.location)), timeout)  # noqa: S310  # checked as above
    return Visit(back.status, back.page)


@dataclass(frozen=True)
class _VisitedPage:
    status: int
    page: str
    location: str | None


def _decided(
    action: str, form: _ConsentForm, allow: bool, account: str | None, timeout: float
) -> _VisitedPage:
    fields = {**form.fields, "decision": "allow" if allow else "deny"}
    if account is not None:
        if account not in form.accounts:
            raise VisitFailed("The consent page does not offer that account.")
        fields["account"] = form.accounts[account]
    data = urlencode([*fields.items(), *form.ticked]).encode()
    return _open(Request(_checked(action), data=data), timeout)  # noqa: S310  # checked as above


def _checked(url: str) -> str:
    """Only pages on this machine: a visitor who agrees to everything must not go far."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        near = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        near = False
    if parts.scheme != "http" or not near:
        raise VisitFailed("The visitor only goes to pages on this machine.")
    return url


def _open(request: Request, timeout: float) -> _VisitedPage:
    try:
        with _opener.open(request, timeout=timeout) as answer:
            return _page(answer)
    except HTTPError as error:
        with error:
            return _VisitedPage(error.code, _text(error.read()), error.headers.get("Location"))
    except (URLError, OSError, ValueError) as error:
        # Not the error's own text: it may hold the URL, and the URL a code.
        raise VisitFailed(f"The page did not open ({type(error).__name__}).") from None


def _page(answer: HTTPResponse) -> _VisitedPage:
    return _VisitedPage(answer.status, _text(answer.read()), answer.headers.get("Location"))


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def main(arguments: list[str] | None = None) -> int:
    """Make one visit. Return 0 where the app heard an answer, else 1."""
    parser = argparse.ArgumentParser(prog="python -m oo_desktop.sandbox.visitor")
    parser.add_argument("url", help="the address a browser would open")
    parser.add_argument("--deny", action="store_true", help="click Deny")
    parser.add_argument("--account", help="whose account to choose")
    parser.add_argument("--untick", action="append", default=[], help="a scope not to grant")
    options = parser.parse_args(arguments)
    try:
        seen = visit(
            options.url,
            allow=not options.deny,
            account=options.account,
            untick=options.untick,
        )
    except VisitFailed as error:
        print(error, file=sys.stderr)  # noqa: T201  # a command
        return 1
    return 0 if seen.status < 400 else 1


if __name__ == "__main__":
    sys.exit(main())
