"""Serve WebDAV and CalDAV: who may ask, and what comes back."""

import base64
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from oo_desktop.sandbox.caldav import DAV, WELL_KNOWN
from oo_desktop.sandbox.caldav.model import (
    CalDavState,
    DavAccount,
    DavCollection,
    component_of,
    etag_of,
    uid_of,
)
from oo_desktop.sandbox.caldav.tree import Node, Tree
from oo_desktop.sandbox.caldav.xml import (
    CALDAV_NS,
    CALENDAR_DATA,
    DAV_NS,
    NotAsked,
    error,
    gone,
    multistatus,
    names_in,
    question,
    response,
)
from oo_desktop.sandbox.faults import RawAnswer

MAX_DAV_BODY_BYTES = 10 * 1024 * 1024
_XML = "application/xml; charset=utf-8"
_ICALENDAR = "text/calendar; charset=utf-8"
_METHODS = ["OPTIONS", "GET", "PUT", "DELETE", "PROPFIND", "REPORT"]
_CLASSES = "1, 3, access-control, calendar-access"
_SCHEDULES = "calendar-auto-schedule"
_EXCEPTIONS = {
    400: "BadRequest",
    401: "NotAuthenticated",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    412: "PreconditionFailed",
    413: "InsufficientStorage",
    415: "UnsupportedMediaType",
    503: "ServiceUnavailable",
}
_EMPTY = {"Content-Type": "text/html; charset=UTF-8"}
"""What PHP calls an answer that has no body and no type (php.net, `default_mimetype`)."""

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Nextcloud", charset="UTF-8"'}


class DavRefused(Exception):
    """Says that a request is refused. condition: the precondition that failed, as an element."""

    def __init__(self, status: int, message: str, condition: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.condition = condition


class _Target(NamedTuple):
    """Is where somebody writes. name: of the resource, which may not be there yet."""

    account: DavAccount
    collection: DavCollection
    name: str

    @property
    def path(self) -> str:
        return self.account.path_of(self.collection, self.name)

    @property
    def before(self) -> bytes | None:
        return self.collection.resources.get(self.name)


def refused(
    *, status: int, seconds: float = 0, message: str = "", condition: str = ""
) -> RawAnswer:
    """Return an error as sabre/dav writes it. seconds: to wait; 0: nothing is said of that."""
    headers = {"Retry-After": str(round(seconds))} if seconds else {}
    if status == 401:
        headers |= CHALLENGE
    kind = _EXCEPTIONS.get(status, "ServiceUnavailable")
    body = error(kind, message or "The sandbox was told to", condition)
    return RawAnswer(status=status, content_type=_XML, body=body, headers=headers)


class CalDavApi:
    """Serves everything under /remote.php/dav, and the address where clients look first."""

    def __init__(self, state: CalDavState) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        """Return the routes, at the root."""
        return [
            # Nextcloud's administration manual, "Service discovery"; RFC 6764, section 5.
            Route(WELL_KNOWN, self.well_known, methods=_METHODS),
            Route(f"{DAV.rstrip('/')}{{path:path}}", self.answer, methods=_METHODS),
        ]

    async def well_known(self, _request: Request) -> Response:
        """Lead to the root, whoever asks."""
        return RedirectResponse(DAV, 301)

    async def answer(self, request: Request) -> Response:
        """Answer any request."""
        try:
            account = self.let_in(request)
            body = await request.body()
            if len(body) > MAX_DAV_BODY_BYTES:
                raise DavRefused(413, "Too large", "cal:max-resource-size")
            return self._answer(request, account, body)
        except NotAsked:
            no = DavRefused(400, "The body is no XML")
        except DavRefused as refusal:
            no = refusal
        raw = refused(status=no.status, message=no.message, condition=no.condition)
        return Response(raw.body, raw.status, dict(raw.headers), raw.content_type)

    def let_in(self, request: Request) -> DavAccount:
        """Return who asks (RFC 7617). Raises DavRefused."""
        login, password = _basic(request)
        account = self._state.account_by_login(login)
        if account is None or password not in account.app_passwords:
            raise DavRefused(401, "No public access to this resource")
        return account

    def _answer(self, request: Request, account: DavAccount, body: bytes) -> Response:
        path = request.scope["path"]
        tree = Tree(self._state, account)
        node = tree.at(path)
        match request.method:
            case "OPTIONS":
                return self._options()
            case "PUT" | "DELETE":
                return self._write(request, _target(account, path), body)
            case _ if node is None:
                raise DavRefused(404, "There is nothing here")
            case "PROPFIND":
                return self._propfind(request, node, body)
            case "REPORT":
                return self._report(tree, node, body)
            case _:
                return _get(request, node)

    def _options(self) -> Response:
        """Say what can be done (RFC 4791, section 5.1; RFC 6638, section 2)."""
        classes = f"{_CLASSES}, {_SCHEDULES}" if self._state.schedules else _CLASSES
        return Response(headers={"DAV": classes, "Allow": ", ".join(_METHODS), **_EMPTY})

    def _propfind(self, request: Request, node: Node, body: bytes) -> Response:
        """Say what there is (RFC 4918, section 9.1)."""
        depth = request.headers.get("depth", "infinity")
        if depth not in ("0", "1"):
            raise DavRefused(403, "Depth is 0 or 1", "d:propfind-finite-depth")
        names = names_in(question(body))
        nodes = [node, *node.children()] if depth == "1" else [node]
        return _multistatus(_shown(each, names, with_data=False) for each in nodes)

    # Reports

    def _report(self, tree: Tree, node: Node, body: bytes) -> Response:
        asked = question(body)
        if asked is None or node.collection is None or node.name is not None:
            raise DavRefused(403, "No such report here", "d:supported-report")
        names = names_in(asked)
        if asked.tag == f"{{{CALDAV_NS}}}calendar-multiget":
            hrefs = [each.text or "" for each in asked.iter(f"{{{DAV_NS}}}href")]
            return _multistatus(_multiget(tree, hrefs, names))
        if asked.tag == f"{{{DAV_NS}}}sync-collection" and self._state.syncs:
            token = (asked.findtext(f"{{{DAV_NS}}}sync-token") or "").strip()
            return _sync(tree, node.collection, node.path, token, names)
        raise DavRefused(403, "No such report here", "d:supported-report")

    # Writing

    def _write(self, request: Request, target: _Target, body: bytes) -> Response:
        """Carry out a PUT or DELETE, and write it down, refused or not."""
        before = target.before
        refusal = None
        try:
            carry_out = self._put if request.method == "PUT" else self._delete
            answer = carry_out(request, target, body)
            status = answer.status_code
        except DavRefused as no:
            refusal, status = no, no.status
        self._state.record(
            request.method,
            target.path,
            account=target.account.email,
            status=status,
            before=before,
            after=target.before,
        )
        if refusal is not None:
            raise refusal
        return answer

    def _put(self, request: Request, target: _Target, body: bytes) -> Response:
        """Store a resource as it came (RFC 4791, section 5.3.2): 201, or 204 in place of one."""
        _check_write(request, target)
        collection, before = target.collection, target.before
        component = component_of(body)
        if component is None:
            raise DavRefused(415, "This is no calendar object", "cal:valid-calendar-data")
        if component not in collection.components:
            raise DavRefused(403, "Not in here", "cal:supported-calendar-component")
        uid = uid_of(body)
        if not uid:
            raise DavRefused(
                415, "Every component needs a UID", "cal:valid-calendar-object-resource"
            )
        if collection.holder_of(uid) not in (None, target.name):
            raise DavRefused(400, "Calendar object with uid already exists")
        self._state.store(collection, target.name, body)
        headers = {"ETag": etag_of(body)}
        if before is not None:
            return Response(status_code=204, headers=headers)
        return Response(status_code=201, headers={**headers, **_EMPTY})

    def _delete(self, request: Request, target: _Target, _body: bytes) -> Response:
        if target.before is None:
            raise DavRefused(404, "There is nothing here")
        _check_write(request, target)
        self._state.store(target.collection, target.name, None)
        return Response(status_code=204)


def _basic(request: Request) -> tuple[str, str]:
    return login_from_header(request.headers.get("authorization", ""))


def login_from_header(value: str) -> tuple[str, str]:
    """Return user name and password of an Authorization header; empty where it has none."""
    kind, _, pair = value.partition(" ")
    try:
        login, _, password = base64.b64decode(pair, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (login, password) if kind.lower() == "basic" else ("", "")


def _target(account: DavAccount, path: str) -> _Target:
    slug, _, name = path.removeprefix(account.home).partition("/")
    collection = account.collections.get(slug)
    if not path.startswith(account.home) or collection is None:
        raise DavRefused(404, "There is no such collection")
    if not name or "/" in name:
        raise DavRefused(405, "Only calendar objects can be written here")
    return _Target(account, collection, name)


def _check_write(request: Request, target: _Target) -> None:
    """Refuse what nobody may do (RFC 3744, 7.1.1), or not any more (RFC 9110, section 13.1)."""
    if target.collection.read_only:
        raise DavRefused(403, "Only to be read", "d:need-privileges")
    match, none_match = (request.headers.get(name) for name in ("if-match", "if-none-match"))
    etag = None if target.before is None else etag_of(target.before)
    if match is not None and not _matches(match, etag):
        raise DavRefused(412, "An If-Match header was specified, but did not match")
    if none_match is not None and _matches(none_match, etag):
        raise DavRefused(412, "An If-None-Match header was specified, but matched")


def _matches(given: str, etag: str | None) -> bool:
    """Compare strongly: a weak ETag (`W/"…"`) matches nothing (RFC 9110, section 8.8.3.2)."""
    known = [each.strip() for each in given.split(",")]
    return etag is not None and (known == ["*"] or etag in known)


def _get(request: Request, node: Node) -> Response:
    if node.collection is None or node.name is None:
        raise DavRefused(405, "Only calendar objects can be fetched")
    body = node.collection.resources[node.name]
    headers = {"ETag": etag_of(body)}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=_ICALENDAR)


def _multistatus(responses: Iterable[str], sync_token: str = "") -> Response:
    return Response(multistatus(responses, sync_token=sync_token), 207, media_type=_XML)


def _shown(node: Node, names: list[str] | None, *, with_data: bool) -> str:
    """Return a response; the data itself only in a REPORT (RFC 4791, section 9.6)."""
    has = dict(node.properties)
    if not with_data:
        has.pop(CALENDAR_DATA, None)
    return response(node.path, has, names)


def _multiget(tree: Tree, hrefs: Iterable[str], names: list[str] | None) -> Iterable[str]:
    """Return these resources, and which of them are not there (RFC 4791, section 7.9)."""
    for each in hrefs:
        path = unquote(urlsplit(each).path)
        node = tree.at(path)
        known = node is not None and node.name is not None
        yield _shown(node, names, with_data=True) if node and known else gone(path)


def _sync(
    tree: Tree, collection: DavCollection, path: str, token: str, names: list[str] | None
) -> Response:
    """Return what has changed since a token (RFC 6578, sections 3.2 to 3.8)."""
    changed = collection.changes_since(token)
    if changed is None:
        raise DavRefused(403, "Invalid or unknown sync token", "d:valid-sync-token")

    def told(name: str) -> str:
        node = tree.resource(collection, name)
        return gone(path + name) if node is None else _shown(node, names, with_data=True)

    return _multistatus(map(told, changed), collection.sync_token)
