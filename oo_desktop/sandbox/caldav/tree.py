"""Say what is at each path of the CalDAV server, and which properties it has."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from oo_desktop.sandbox.caldav import DAV
from oo_desktop.sandbox.caldav.model import (
    CalDavState,
    DavAccount,
    DavCollection,
    component_of,
    etag_of,
)
from oo_desktop.sandbox.caldav.xml import (
    APPLE_NS,
    CALDAV_NS,
    CALENDAR_DATA,
    CS_NS,
    DAV_NS,
    Properties,
    href,
    text,
)

_READ = ("read", "read-acl", "read-current-user-privilege-set")
_WRITE = ("write", "write-properties", "write-content", "unlock", "bind", "unbind", "write-acl")
_COLLECTION = "<d:collection/>"
_INBOX = "inbox/"
_OUTBOX = "outbox/"


@dataclass(frozen=True, kw_only=True)
class Node:
    """Holds what is at a path. owner, collection, name: None where it is nothing of that kind."""

    path: str
    properties: Properties
    children: Callable[[], Iterator["Node"]] = lambda: iter(())
    owner: DavAccount | None = None
    collection: DavCollection | None = None
    name: str | None = None


class Tree:
    """Shows one person what there is."""

    def __init__(self, state: CalDavState, caller: DavAccount) -> None:
        self._state = state
        self._caller = caller

    def at(self, path: str) -> Node | None:
        """Return what is at `path`, with or without a slash at its end; None: nothing there.

        So is what belongs to others, but for who they are.
        """
        folder = path if path.endswith("/") else f"{path}/"
        if folder == DAV:
            return self._node(DAV, resourcetype=_COLLECTION)
        for account in self._state.accounts.values():
            if folder == account.principal:
                return self._principal(account)
        home = self._caller.home
        if folder == home:
            return self._home()
        if folder in (home + _INBOX, home + _OUTBOX):
            return self._scheduling(folder.removeprefix(home))
        slug, _, name = path.removeprefix(home).partition("/")
        collection = self._caller.collections.get(slug)
        if not path.startswith(home) or collection is None:
            return None
        return self.resource(collection, name) if name else self._collection(collection)

    def resource(self, collection: DavCollection, name: str) -> Node | None:
        """Return a resource of a collection, if it is there."""
        body = collection.resources.get(name)
        if body is None:
            return None
        component = (component_of(body) or "").lower()
        properties = {
            f"{{{DAV_NS}}}resourcetype": "",
            f"{{{DAV_NS}}}getetag": text(etag_of(body)),
            f"{{{DAV_NS}}}getcontenttype": f"text/calendar; charset=utf-8; component={component}",
            f"{{{DAV_NS}}}getcontentlength": str(len(body)),
            CALENDAR_DATA: text(body.decode("utf-8", "replace")),
        }
        return Node(
            path=self._caller.path_of(collection, name),
            properties=properties,
            owner=self._caller,
            collection=collection,
            name=name,
        )

    def _node(self, path: str, **dav: str) -> Node:
        return Node(path=path, properties=self._common(**dav))

    def _common(self, **dav: str) -> dict[str, str]:
        """What everything has: RFC 5397, section 3 (current-user-principal), and `dav`."""
        given = {"current-user-principal": href(self._caller.principal), **dav}
        return {f"{{{DAV_NS}}}{name}": value for name, value in given.items()}

    def _principal(self, account: DavAccount) -> Node:
        """Return who somebody is (RFC 4791, section 6.2.1; RFC 6638, section 2.4.1)."""
        properties = self._common(
            resourcetype="<d:principal/>",
            displayname=text(account.name),
            **{"principal-URL": href(account.principal)},
        )
        if account is self._caller:
            addresses = f"<d:href>mailto:{text(account.email)}</d:href>{href(account.principal)}"
            properties |= {
                f"{{{CALDAV_NS}}}calendar-home-set": href(account.home),
                f"{{{CALDAV_NS}}}calendar-user-address-set": addresses,
                f"{{{CALDAV_NS}}}schedule-inbox-URL": href(account.home + _INBOX),
                f"{{{CALDAV_NS}}}schedule-outbox-URL": href(account.home + _OUTBOX),
            }
        return Node(path=account.principal, properties=properties)

    def _home(self) -> Node:
        properties = self._common(
            resourcetype=_COLLECTION,
            owner=href(self._caller.principal),
            **{"current-user-privilege-set": _privileges(*_READ, *_WRITE)},
        )
        return Node(path=self._caller.home, properties=properties, children=self._in_home)

    def _in_home(self) -> Iterator[Node]:
        for collection in self._caller.collections.values():
            yield self._collection(collection)
        yield self._scheduling(_INBOX)
        yield self._scheduling(_OUTBOX)

    def _scheduling(self, box: str) -> Node:
        """Return what lies beside the collections where a server schedules (RFC 6638, 2.1, 2.2)."""
        kind = f"{_COLLECTION}<cal:schedule-{box.rstrip('/')}/>"
        return self._node(self._caller.home + box, resourcetype=kind)

    def _collection(self, collection: DavCollection) -> Node:
        """Return a collection: RFC 4791, sections 4.2 and 5.2.3, and properties without an RFC.

        `getctag` is Apple's (calendarserver-ctag.txt), `calendar-color` its calendar's.
        """
        kinds = "".join(f'<cal:comp name="{text(each)}"/>' for each in collection.components)
        can = _READ if collection.read_only else (*_READ, *_WRITE)
        properties = self._common(
            resourcetype=f"{_COLLECTION}<cal:calendar/>",
            displayname=text(collection.name),
            owner=href(self._caller.principal),
            **{"current-user-privilege-set": _privileges(*can)},
        )
        properties |= {
            f"{{{CALDAV_NS}}}supported-calendar-component-set": kinds,
            f"{{{CS_NS}}}getctag": text(collection.sync_token),
            f"{{{APPLE_NS}}}calendar-color": text(collection.color),
        }
        reports = ["<cal:calendar-multiget/>"]
        if self._state.syncs:
            properties[f"{{{DAV_NS}}}sync-token"] = text(collection.sync_token)
            reports.append("<d:sync-collection/>")
        properties[f"{{{DAV_NS}}}supported-report-set"] = "".join(
            f"<d:supported-report><d:report>{each}</d:report></d:supported-report>"
            for each in reports
        )
        return Node(
            path=self._caller.path_of(collection),
            properties=properties,
            children=lambda: self._in_collection(collection),
            owner=self._caller,
            collection=collection,
        )

    def _in_collection(self, collection: DavCollection) -> Iterator[Node]:
        for name in list(collection.resources):
            if node := self.resource(collection, name):
                yield node


def _privileges(*names: str) -> str:
    """RFC 3744, section 5.4."""
    return "".join(f"<d:privilege><d:{each}/></d:privilege>" for each in names)
