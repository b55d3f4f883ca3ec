"""Keep what the CalDAV server remembers: accounts, collections, resources, and what was written."""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from oo_desktop.sandbox.caldav import DAV

MAX_WRITES_KEPT = 2000
_SYNC = "http://sabre.io/ns/sync/"
_FOLD = re.compile(rb"\r?\n[ \t]")


@dataclass(kw_only=True)
class DavCollection:
    """Holds a collection of calendar resources.

    slug: the last part of its path. components: which a resource may hold. resources: their bytes
    as they came, by name. changed: at which revision each name was last written or deleted.
    oldest: sync tokens from before that revision are forgotten.
    """

    slug: str
    name: str
    components: tuple[str, ...] = ("VEVENT", "VTODO")
    color: str = "#0082c9"
    read_only: bool = False
    resources: dict[str, bytes] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    revision: int = 0
    oldest: int = 0

    @property
    def sync_token(self) -> str:
        """Return where a client may go on (RFC 6578, section 4); it changes with every write."""
        return f"{_SYNC}{self.revision}"

    def changes_since(self, token: str) -> list[str] | None:
        """Return the names written or deleted since `token` (empty: all there are).

        None for a token nobody was given, or one that is forgotten.
        """
        if not token:
            return list(self.resources)
        number = token.removeprefix(_SYNC)
        if not (token.startswith(_SYNC) and number.isascii() and number.isdecimal()):
            return None
        since = int(number)
        if not self.oldest <= since <= self.revision:
            return None
        return [name for name, revision in self.changed.items() if revision > since]

    def holder_of(self, uid: str) -> str | None:
        """Return the name of the resource with that UID."""
        found = (name for name, body in self.resources.items() if uid_of(body) == uid)
        return next(found, None)


@dataclass(kw_only=True)
class DavAccount:
    """Holds a person. password: an app password that the control page shows.

    app_passwords: what opens the account, and for whom each was made.
    """

    id: str
    email: str
    name: str
    password: str = ""
    app_passwords: dict[str, str] = field(default_factory=dict)
    collections: dict[str, DavCollection] = field(default_factory=dict)

    @property
    def principal(self) -> str:
        """Return the path of who they are."""
        return f"{DAV}principals/users/{self.id}/"

    @property
    def home(self) -> str:
        """Return the path of their collections."""
        return f"{DAV}calendars/{self.id}/"

    def path_of(self, collection: DavCollection, name: str = "") -> str:
        """Return the path of a collection, or of a resource in it."""
        return f"{self.home}{collection.slug}/{name}"

    def renew_password(self) -> int:
        """End every app password, and return how many; the one for the page is a new one."""
        ended = len(self.app_passwords)
        self.app_passwords.clear()
        self._new_password()
        return ended

    def end(self, password: str) -> None:
        """End one app password; of the page's own there is another one then."""
        del self.app_passwords[password]
        if password == self.password:
            self._new_password()

    def _new_password(self) -> None:
        self.password = "-".join(secrets.token_hex(3)[:5].upper() for _ in range(5))
        self.app_passwords[self.password] = "The control page"


@dataclass(frozen=True, kw_only=True)
class RecordedWrite:
    """Holds a PUT or DELETE.

    account: whose sign-in did it, an e-mail address; None: somebody on the control page.
    before, after: what is stored at its path; None: nothing.
    """

    at: datetime
    method: str
    path: str
    account: str | None
    status: int
    before: str | None
    after: str | None


class CalDavState:
    """Holds everybody's collections, and writes down what is written.

    schedules: whether the server says that it sends answers to invitations (RFC 6638). syncs:
    whether it has sync-collection (RFC 6578).
    """

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self.now = now
        self.accounts: dict[str, DavAccount] = {}
        self.writes: list[RecordedWrite] = []
        self.schedules = True
        self.syncs = True
        self._revision = 0

    def next_revision(self) -> int:
        """Return a number that no collection had: a reset makes no old token right again."""
        self._revision += 1
        return self._revision

    def account_by_login(self, login: str) -> DavAccount | None:
        """Return who signs in with that user name or e-mail address, as Nextcloud takes both."""
        every = self.accounts.values()
        return next((each for each in every if login in (each.id, each.email)), None)

    def located(self) -> Iterator[tuple[DavAccount, DavCollection, str, bytes]]:
        """Yield every resource, and where it is."""
        for account in self.accounts.values():
            for collection in account.collections.values():
                for name, body in list(collection.resources.items()):
                    yield account, collection, name, body

    def store(self, collection: DavCollection, name: str, body: bytes | None) -> None:
        """Store a resource, or delete it (None)."""
        if body is None:
            collection.resources.pop(name, None)
        else:
            collection.resources[name] = body
        collection.changed.pop(name, None)  # so that they stand in the order of their changes
        collection.revision = collection.changed[name] = self.next_revision()

    def record(
        self,
        method: str,
        path: str,
        *,
        account: str | None,
        status: int,
        before: bytes | None,
        after: bytes | None,
    ) -> None:
        """Write down a PUT or DELETE, refused or not."""
        done = RecordedWrite(
            at=self.now(),
            method=method,
            path=path,
            account=account,
            status=status,
            before=_shown(before),
            after=_shown(after),
        )
        self.writes.append(done)
        del self.writes[:-MAX_WRITES_KEPT]


def _shown(body: bytes | None) -> str | None:
    return None if body is None else body.decode("utf-8", "replace")


def etag_of(body: bytes) -> str:
    """Return the strong ETag of a resource: the same text has the same one."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def component_of(body: bytes) -> str | None:
    """Return which component a calendar object holds, if it is one (RFC 4791, section 4.1)."""
    unfolded = _FOLD.sub(b"", body)
    if not unfolded.lstrip().upper().startswith(b"BEGIN:VCALENDAR"):
        return None
    found = re.search(rb"^BEGIN:(VTODO|VEVENT|VJOURNAL)\s*$", unfolded, re.MULTILINE)
    return found[1].decode() if found else None


def uid_of(body: bytes) -> str | None:
    """Return the UID of a calendar object."""
    return line_of(body, "UID")


def line_of(body: bytes, name: str) -> str | None:
    """Return the value of the first line of that name in the object's own components."""
    unfolded = _FOLD.sub(b"", body)
    inside = unfolded.partition(b"BEGIN:V")[2].partition(b"BEGIN:V")[2]
    pattern = rb"^" + name.encode() + rb"(?:;[^:\r\n]*)?:([^\r\n]*)"
    found = re.search(pattern, inside, re.MULTILINE)
    return found[1].decode("utf-8", "replace") if found else None
