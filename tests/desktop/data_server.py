"""Run the real Evolution Data Server on a session's own bus, and see it as another program does.

Its daemons are started by the bus when they are asked, and outlive whoever asked: the session ends
them, by the mark in their environment. Sources are files in the home's `evolution/sources`, which
the registry reads when it starts, or is given while it runs.
"""

import os
import re
import shutil
import signal
from collections.abc import Sequence
from typing import Any

from tests.desktop.bus import BusError
from tests.desktop.programs import wait_until
from tests.desktop.session import Session

PREFIX = "org.gnome.evolution.dataserver."
SOURCES = f"{PREFIX}Sources5"
CALENDAR = f"{PREFIX}Calendar8"
ADDRESS_BOOKS = f"{PREFIX}AddressBook10"
MANAGER_PATH = "/org/gnome/evolution/dataserver/SourceManager"
FACTORY_PATH = "/org/gnome/evolution/dataserver/CalendarFactory"

SERVICES = {
    f"{SOURCES}.service": "evolution-data-server",
    f"{CALENDAR}.service": "evolution-data-server",
    f"{ADDRESS_BOOKS}.service": "evolution-data-server",
}
"""What the bus starts: the registry, the factory, and the address book that birthdays are from."""

CALENDAR_LIST, TASK_LIST = "Calendar", "Task List"
_NOT_FOUND = "g_2dio_2derror_2dquark.Code1"
"""How GDBus tells G_IO_ERROR_NOT_FOUND."""

_OPEN = {CALENDAR_LIST: "OpenCalendar", TASK_LIST: "OpenTaskList"}

READ_SECONDS = 100.0


def caldav_source(
    name: str, kind: str, *, port: int, path: str, user: str, minutes: int = 60
) -> str:
    """Return the key file of a list on a CalDAV server, whose password is in the keyring."""
    return (
        f"[Data Source]\nDisplayName={name}\nEnabled=true\nParent=caldav-stub\n\n"
        f"[{kind}]\nBackendName=caldav\nColor=#ff8800\nSelected=true\n\n"
        f"[Authentication]\nHost=127.0.0.1\nPort={port}\nMethod=plain/password\nUser={user}\n"
        "ProxyUid=system-proxy\nRememberPassword=true\n\n"
        f"[WebDAV Backend]\nResourcePath={path}\n\n"
        f"[Refresh]\nEnabled=true\nIntervalMinutes={minutes}\n\n"
        "[Offline]\nStaySynchronized=true\n\n[Security]\nMethod=none\n"
    )


def local_source(name: str, kind: str, *, selected: bool = True) -> str:
    """Return the key file of a list of this computer alone."""
    return (
        f"[Data Source]\nDisplayName={name}\nEnabled=true\nParent=local-stub\n\n"
        f"[{kind}]\nBackendName=local\nColor=#becedd\nSelected={str(selected).lower()}\n"
    )


class DataServer:
    """Is Evolution Data Server in a session, as another program uses it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._opened: dict[str, tuple[str, str]] = {}
        self.install()

    # Its life

    def install(self) -> None:
        """Let the bus start it."""
        self._session.install(SERVICES)

    @property
    def factory_pid(self) -> int:
        return self._pid(CALENDAR)

    def kill_factory(self) -> None:
        """End it as a crash does."""
        self._kill(CALENDAR)

    def kill_registry(self) -> None:
        self._kill(SOURCES)

    def remove(self) -> None:
        """Take it away: what runs is ended, and the bus starts it no more."""
        self._session.uninstall(SERVICES)
        for name in (CALENDAR, SOURCES, ADDRESS_BOOKS):
            if self._session.bus.owner(name) is not None:
                self._kill(name)

    def forget(self) -> None:
        """Delete what it keeps in the session's home; it does not run."""
        for folder in (".config", ".local/share", ".cache"):
            shutil.rmtree(self._session.home / folder / "evolution", ignore_errors=True)

    def _pid(self, name: str) -> int:
        pid = self._session.bus.pid_of(name)
        assert pid is not None, f"{name} does not run"
        return pid

    def _kill(self, name: str) -> None:
        bus, owner = self._session.bus, self._session.bus.owner(name)
        os.kill(self._pid(name), signal.SIGKILL)
        # Whoever needs it has it started anew at once.
        wait_until(lambda: bus.owner(name) != owner, f"{name} to end")
        self._opened.clear()

    # Its lists

    def add_source(self, uid: str, text: str) -> None:
        """Make a list."""
        self._call(SOURCES, MANAGER_PATH, "SourceManager", "CreateSources", "a{ss}", {uid: text})
        wait_until(lambda: uid in self.sources(), f"the source {uid}")

    def remove_source(self, uid: str) -> None:
        path = self._paths()[uid]
        self._call(SOURCES, path, "Source.Removable", "Remove")
        wait_until(lambda: uid not in self.sources(), f"{uid} to go")

    def write_source(self, uid: str, text: str) -> None:
        """Give a list another key file."""
        self._call(SOURCES, self._paths()[uid], "Source.Writable", "Write", "s", text)

    def sources(self) -> dict[str, str]:
        """Return the key file of every source, by its UID."""
        return {uid: data for uid, (_, data) in self._objects().items()}

    def status(self, uid: str) -> str:
        """Return how the connection of a list is."""
        path = self._paths()[uid]
        return str(self._session.bus.get(SOURCES, path, f"{PREFIX}Source", "ConnectionStatus"))

    def _paths(self) -> dict[str, str]:
        return {uid: path for uid, (path, _) in self._objects().items()}

    def _objects(self) -> dict[str, tuple[str, str]]:
        (objects,) = self._session.bus.call(
            SOURCES,
            MANAGER_PATH,
            "org.freedesktop.DBus.ObjectManager",
            "GetManagedObjects",
            timeout=20,
        )
        found = {}
        for path, interfaces in objects.items():
            source = interfaces[f"{PREFIX}Source"]
            found[source["UID"][1]] = (path, source["Data"][1])
        return found

    # What is in them

    def create(self, uid: str, *components: str, kind: str = TASK_LIST) -> list[str]:
        """Put components into a list; return their UIDs."""
        (uids,) = self._of_list(uid, kind, "CreateObjects", "asu", list(components), 0)
        return list(uids)

    def modify(self, uid: str, component: str, *, kind: str = TASK_LIST) -> None:
        """Change a component as another program does."""
        self._of_list(uid, kind, "ModifyObjects", "assu", [component], "this", 1)

    def remove_object(self, uid: str, of: str, *, kind: str = TASK_LIST) -> None:
        self._of_list(uid, kind, "RemoveObjects", "a(ss)su", [(of, "")], "all", 1)

    def components(self, uid: str, of: str, *, kind: str = TASK_LIST) -> list[str]:
        """Return all components of one UID."""
        (found,) = self._of_list(uid, kind, "GetObjectList", "s", f'(uid? "{of}")')
        return list(found)

    def everything(self, uid: str, *, kind: str = TASK_LIST) -> list[str]:
        (found,) = self._of_list(uid, kind, "GetObjectList", "s", "#t")
        return list(found)

    def refresh(self, uid: str, *, kind: str = TASK_LIST) -> None:
        """Have the server of a list looked at."""
        self._of_list(uid, kind, "Refresh")

    def _of_list(
        self, uid: str, kind: str, member: str, signature: str = "", *body: object
    ) -> Sequence[Any]:
        for attempt in (1, 2):
            name, path = self._open(uid, kind)
            try:
                return self._call(name, path, "Calendar", member, signature, *body)
            except BusError as error:
                gone = error.name.rpartition(".")[2] in {"UnknownMethod", "NoReply"}
                if attempt == 2 or not gone:
                    raise
                del self._opened[uid]
        raise AssertionError

    def _open(self, uid: str, kind: str) -> tuple[str, str]:
        if uid not in self._opened:
            wait_until(lambda: self._knows(uid, kind), f"the factory to know {uid}")
        return self._opened[uid]

    def _knows(self, uid: str, kind: str) -> bool:
        """Whether the factory gives the list: it hears of a new one later than others do."""
        try:
            path, name = self._call(
                CALENDAR, FACTORY_PATH, "CalendarFactory", _OPEN[kind], "s", uid
            )
        except BusError as error:
            if not error.name.endswith(_NOT_FOUND):
                raise
            return False
        self._call(name, path, "Calendar", "Open")
        self._opened[uid] = name, path
        return True

    def _call(
        self, name: str, path: str, interface: str, member: str, signature: str = "", *body: object
    ) -> Sequence[Any]:
        return self._session.bus.call(
            name, path, f"{PREFIX}{interface}", member, signature, *body, timeout=READ_SECONDS
        )

    def store_password(self, uid: str, password: str) -> None:
        """Put the password of a list into the keyring, as GNOME's programs do."""
        self._session.keyring.store(
            f"Evolution Data Source “{uid}”",
            {
                "e-source-uid": uid,
                "eds-origin": "evolution-data-server",
                "xdg:schema": "org.gnome.Evolution.Data.Source",
            },
            password,
        )


def value(component: str, name: str) -> str:
    """Return the value of a component's property; empty where there is none."""
    unfolded = re.sub(r"\r?\n[ \t]", "", component)
    found = re.search(rf"(?m)^{name}(?:;[^:\r\n]*)?:(.*?)\r?$", unfolded)
    return found[1] if found else ""


def todo(uid: str, *lines: str) -> str:
    """Return a bare VTODO."""
    return "\r\n".join(["BEGIN:VTODO", f"UID:{uid}", *lines, "END:VTODO", ""])


def event(uid: str, *lines: str) -> str:
    """Return a bare VEVENT."""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT", ""])
