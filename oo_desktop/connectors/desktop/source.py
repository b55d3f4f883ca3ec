"""Shows the calendars and task lists of this computer, and hears when they change.

Each list that is shown is opened, and what it has is asked for: all lists at once, each in a task
of its own. `LIST_SECONDS` later the snapshot is made of what has come. A list that has not answered
by then shows what it showed before and says so; its question goes on (the service gives up after 60
to 90 s), and when it ends, whoever watches is told. No list is asked twice at the same time.

While somebody watches, each list has a view at the service, which tells of changes and of nothing
else; a change makes the list doubtful, and the fetch that follows asks the doubtful ones alone. Any
other fetch asks all, and has their servers looked at anew.

| what happens | what becomes of it |
|---|---|
| an object changes | its list is asked again |
| a list is added, removed, renamed, ticked in GNOME; waits for its password, or no longer | the \
registry is asked again |
| a day ends, the machine's zone changes, a list is chosen or no longer | views are made anew, or \
ended |
| the factory or the registry goes away | all is opened anew, once a minute at most: then whoever \
watches is told that it cannot be, and comes back later and later |
| the bus goes away | whoever watches is told that |

A look at the servers is not asked of lists that wait for their password: GNOME would ask for it
each time.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from oo_desktop.connectors.desktop.bus import (
    BUS_INTERFACE,
    BUS_NAME,
    BUS_PATH,
    DesktopBus,
    EdsCode,
    EdsError,
    Listening,
    MatchRule,
    code_from_error_name,
)
from oo_desktop.connectors.desktop.reading import (
    Components,
    TooManyComponents,
    components_from_texts,
    objects_from_components,
    query_to_read,
    query_to_watch,
    signals_from_list,
)
from oo_desktop.connectors.desktop.sources import (
    ConnectionStatus,
    List,
    ListKind,
    lists_from_objects,
)
from oo_desktop.connectors.desktop.wire import (
    CALENDAR_INTERFACE,
    CALENDAR_NAME,
    DESKTOP_ID,
    FACTORY_INTERFACE,
    FACTORY_PATH,
    MANAGER_PATH,
    OBJECT_MANAGER_INTERFACE,
    PROPERTIES_INTERFACE,
    SOURCE_INTERFACE,
    SOURCES_NAME,
    VIEW_INTERFACE,
    uids_query,
)
from oo_desktop.connectors.icalendar.events import TooManyEvents, Window
from oo_desktop.connectors.icalendar.objects import CalendarObject, Found, put_together
from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.errors import KEEPS_TRYING, Unavailable
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import Calendar, UserId
from oo_desktop.model.source import Snapshot
from oo_desktop.model.zones import machine_zone

log = logging.getLogger(__name__)

LIST_SECONDS = 8.0
"""What a list may take before the others are shown without it."""

PATIENCE_SECONDS = 100.0
"""What a call of a list may take at all. The service itself gives up after 90 s at most."""

WRITE_SECONDS = 95.0

RESTART_SECONDS = 60.0
"""A service that goes away twice within this time is left alone for a while."""

RECHECK_SECONDS = 300.0
"""After which a list that failed is asked again, while somebody watches. Those that hang tell when
they have answered, and those that cannot reach their server tell when they can."""

UIDS_AT_ONCE = 100
"""In one query."""

LOCAL_BACKEND = "local"
"""What keeps lists in files of this computer."""

MAX_OWNER = 320
"""Characters of an e-mail address (RFC 5321, section 4.5.3.1)."""

NOT_INSTALLED = untranslated(
    "Evolution Data Server, which keeps the calendars of this computer, is not installed."
)
OTHER_VERSION = untranslated(
    "This computer’s Evolution Data Server is a version that oO does not know."
)
REGISTRY_SILENT = untranslated("The calendars of this computer do not answer at the moment.")
NOT_ALLOWED = untranslated("oO is not allowed to see the calendars of this computer.")
WENT_AWAY = untranslated("Evolution Data Server has stopped.")
BUS_LOST = untranslated("The connection to this session’s D-Bus was lost.")

SILENT = untranslated("It does not answer at the moment.")
AS_BEFORE = untranslated("It is shown as it was before.")
UNSIGNED = untranslated(
    "It waits for its password: open GNOME Settings (Online Accounts) or Calendar, "
    "which asks for it."
)
UNREACHABLE = untranslated("Its server cannot be reached.")
NOT_TRUSTED = untranslated(
    "The certificate of its server is not accepted: GNOME’s Calendar asks what to do."
)
SIGN_IN = untranslated("Its server refuses the sign-in: see Online Accounts in GNOME Settings.")
GONE = untranslated("It is no longer there.")
NOT_SEEN = untranslated("Evolution Data Server does not let oO see it.")
TOO_MUCH = untranslated("It is more than oO can show.")
FAILED = untranslated("Evolution Data Server could not read it.")

_PROBLEMS = {
    EdsCode.SIGN_IN: SIGN_IN,
    EdsCode.DENIED: NOT_SEEN,
    EdsCode.NO_SOURCE: GONE,
    EdsCode.WRONG_KIND: GONE,
    EdsCode.TIMED_OUT: SILENT,
    EdsCode.NO_REPLY: SILENT,
    EdsCode.REFUSED_CONNECTION: SILENT,
    EdsCode.OFFLINE: SILENT,
}

_NO_REGISTRY = {EdsCode.NO_SERVICE: NOT_INSTALLED, EdsCode.DENIED: NOT_ALLOWED}

_UNREACHABLE = frozenset({EdsCode.REFUSED_CONNECTION, EdsCode.TIMED_OUT, EdsCode.OFFLINE})


class _Trouble(StrEnum):
    """Names what keeps a list from its server. Until that is over it looks healthy, and is empty or
    as it was."""

    UNSIGNED = "unsigned"
    NOT_TRUSTED = "not_trusted"
    UNREACHABLE = "unreachable"


_OF_STATUS = {
    ConnectionStatus.AWAITING_CREDENTIALS: _Trouble.UNSIGNED,
    ConnectionStatus.SSL_FAILED: _Trouble.NOT_TRUSTED,
}

_OF_TROUBLE = {
    _Trouble.UNSIGNED: UNSIGNED,
    _Trouble.NOT_TRUSTED: NOT_TRUSTED,
    _Trouble.UNREACHABLE: UNREACHABLE,
}

_IS_CLOSED = frozenset({EdsCode.NO_OBJECT, EdsCode.NO_REPLY, EdsCode.NO_SERVICE})
"""What is said of a list that is not open any more."""

_OPEN = {ListKind.CALENDAR: "OpenCalendar", ListKind.TASKS: "OpenTaskList"}

_FAMILY = "org.gnome.evolution.dataserver.Sources"


def lack(names: frozenset[str]) -> str | None:
    """Say why there are no calendars of this computer, of the names on its bus; None: there are.

    Within Flatpak the names that oO may not talk to are hidden: then it is as if not installed.
    """
    if {SOURCES_NAME, CALENDAR_NAME} <= names:
        return None
    return OTHER_VERSION if any(each.startswith(_FAMILY) for each in names) else NOT_INSTALLED


def user_language() -> str:
    """Return the language of messages, as the environment has it (locale(7))."""
    values = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in values if value), "")


class OpenedList:
    """Is a list that the service has open for us. Its methods raise EdsError, and Unavailable
    where there is no bus.

    one: which list. writable: its objects can be changed. capabilities: as the service has them.
    owner: what names its owner among the guests of an event.
    """

    def __init__(self, bus: DesktopBus, one: List, path: str, name: str) -> None:
        self._bus = bus
        self._path = path
        self._name = name
        self._connection = bus.connection
        self._closed = False
        self._zones: dict[str, str | None] = {}
        self.one = one
        self.writable = False
        self.capabilities: frozenset[str] = frozenset()
        self.owner: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        """Return whether it was still open when it was last asked."""
        return not self._closed and self._connection == self._bus.connection

    async def query(self, text: str, *, within: float = PATIENCE_SECONDS) -> Sequence[str]:
        """Return the components that a query finds, each without a VCALENDAR."""
        (found,) = await self._call("GetObjectList", "s", text, within=within, answer="as")
        return list(found)

    async def modify(self, component: str) -> None:
        """Write a component that is there, unless its server has another by now."""
        body = [component], "this", 1
        await self._call("ModifyObjects", "assu", *body, within=WRITE_SECONDS)

    async def remove(self, uid: str, recurrence: str) -> None:
        """Take out the component of one occurrence, unless its server has another by now."""
        body = [[uid, recurrence]], "only-this", 1
        await self._call("RemoveObjects", "a(ss)su", *body, within=WRITE_SECONDS)

    async def refresh(self) -> None:
        """Have its server looked at; what comes of it is told later."""
        await self._call("Refresh")

    def refresh_soon(self) -> None:
        """Do the same, and never hear whether that was possible."""
        self._bus.tell(self._name, self._path, CALENDAR_INTERFACE, "Refresh")

    async def zone(self, zone_id: str) -> str | None:
        """Return the VTIMEZONE of that name; None where the list knows none."""
        if zone_id not in self._zones:
            try:
                (text,) = await self._call("GetTimezone", "s", zone_id, answer="s")
            except EdsError as error:
                if error.code in _IS_CLOSED or error.code is EdsCode.TIMED_OUT:
                    raise
                text = None
            self._zones[zone_id] = text
        return self._zones[zone_id]

    async def open(self) -> None:
        """Open it, and learn what can be done with it. It may wait for a server."""
        await self._call("Open")
        await self.look()

    async def look(self) -> None:
        """Learn again what can be done with it: that changes when its server is first reached.

        A list in a file of this computer can be written to, whatever is said of it. Where several
        programs open it while the service starts, as after a log-in, versions 3.46 and 3.56 say by
        chance that it cannot, until the service ends, and carry writes out nevertheless
        (findings/read-only-lists-of-evolution.sh).
        """
        (properties,) = await self._call(
            "GetAll", "s", CALENDAR_INTERFACE, of=PROPERTIES_INTERFACE, answer="a{sv}"
        )
        values = {name: variant.value for name, variant in properties.items()}
        self.writable = values.get("Writable") is True or self.one.backend == LOCAL_BACKEND
        capabilities = values.get("Capabilities")
        if isinstance(capabilities, list):
            self.capabilities = frozenset(each for each in capabilities if isinstance(each, str))
        owner = values.get("CalEmailAddress")
        if isinstance(owner, str) and 0 < len(owner) <= MAX_OWNER:
            self.owner = frozenset({f"mailto:{owner.lower()}"})

    async def view(self, query: str, told: Callable[[], None]) -> "_View":
        """Have `told` called when something changes that the query finds, or found."""
        (path,) = await self._call("GetView", "s", query, answer="o")
        try:
            rule = MatchRule(self._name, VIEW_INTERFACE, path=path)
        except ValueError:
            rule = None
        if rule is None:  # by such a name nothing can be heard
            raise EdsError(EdsCode.OTHER)

        def heard(_path: str, member: str, _body: Sequence[Any]) -> None:
            if member in ("ObjectsAdded", "ObjectsModified", "ObjectsRemoved"):
                told()

        view = _View(self._bus, self._name, path, await self._bus.listen(rule, heard), query)
        try:
            await view.start()
        except BaseException:
            view.end()
            raise
        return view

    def close(self) -> None:
        """Let go of it; at once, and without waiting for the service."""
        if self.is_open:
            self._closed = True
            self._bus.tell(self._name, self._path, CALENDAR_INTERFACE, "Close")

    def forget(self) -> None:
        """Know that it is not open any more."""
        self._closed = True

    async def _call(
        self,
        member: str,
        signature: str = "",
        *body: object,
        of: str = CALENDAR_INTERFACE,
        within: float = PATIENCE_SECONDS,
        answer: str | None = None,
    ) -> Sequence[Any]:
        try:
            return await self._bus.call(
                self._name,
                self._path,
                of,
                member,
                signature,
                *body,
                within=within,
                answer=answer,
            )
        except EdsError as error:
            if error.code in _IS_CLOSED:
                self._closed = True
            raise


class _View(NamedTuple):
    """What tells of changes in one list. query: of what."""

    bus: DesktopBus
    name: str
    path: str
    listening: Listening
    query: str

    async def start(self) -> None:
        """Without what is there already: no flag."""
        where = self.name, self.path, VIEW_INTERFACE
        await self.bus.call(*where, "SetFlags", "u", 0)
        await self.bus.call(*where, "Start")

    def end(self) -> None:
        self.listening.end()
        self.bus.tell(self.name, self.path, VIEW_INTERFACE, "Dispose")


class _Answer(Struct, frozen=True):
    """What a list has answered. unread: how many components make no sense."""

    objects: tuple[CalendarObject, ...]
    unread: int


class _MadeOf(Struct, frozen=True):
    """What the signals of a list depend on, beside what it answered."""

    one: List
    window: Window
    may_write: bool


class _ShownList:
    """What is known of a list that is shown. All of it can be lost; then it is asked for again.

    answer: the last; None: none yet. problem: what became of the last question. failed: it may
    become something else another time.
    doubtful: it has changed since it was last asked. late: its answer came after the snapshot that
    wanted it. asking: the question that goes on.
    """

    def __init__(self, one: List) -> None:
        self.one = one
        self.opened: OpenedList | None = None
        self.opening = asyncio.Lock()
        self.view: _View | None = None
        self.answer: _Answer | None = None
        self.problem: str | None = None
        self.failed = False
        self.doubtful = True
        self.late = False
        self.asking: asyncio.Task[None] | None = None
        self.made: tuple[_Answer, _MadeOf] | None = None
        self.found: Found | None = None

    def end_view(self) -> None:
        if self.view is not None:
            self.view.end()
            self.view = None

    def close(self) -> None:
        """Let go of all that the service or the loop holds for it."""
        if self.asking is not None:
            self.asking.cancel()
            self.problem = SILENT
        self.end_view()
        if self.opened is not None:
            self.opened.close()
            self.opened = None
        self.doubtful = True


class DesktopSource:
    """Serves the lists of this computer as a TellingSource and a ComparingSource.

    bus: the session bus.
    days_ahead: whole days shown after today.
    chosen: what the user chose of the lists, by their UIDs; all others are as GNOME shows them.
    may_write: whether the account lets oO change things.
    now: the wall clock, aware. here: the machine's zone. language: that of the lists' names.
    list_seconds, recheck_seconds: see LIST_SECONDS, RECHECK_SECONDS.
    """

    id = DESKTOP_ID

    def __init__(
        self,
        *,
        bus: DesktopBus | None = None,
        days_ahead: int = 1,
        chosen: Callable[[UserId], Mapping[str, bool]] = lambda _: {},
        may_write: Callable[[UserId], bool] = lambda _: True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        here: Callable[[], ZoneInfo] = machine_zone,
        language: Callable[[], str] = user_language,
        list_seconds: float = LIST_SECONDS,
        recheck_seconds: float = RECHECK_SECONDS,
    ) -> None:
        self._bus = bus or DesktopBus()
        self._days_ahead = days_ahead
        self._chosen = chosen
        self._may_write = may_write
        self._now = now
        self._here = here
        self._language = language
        self._list_seconds = list_seconds
        self._recheck_seconds = recheck_seconds
        self._lists: tuple[List, ...] | None = None
        self._statuses: dict[str, ConnectionStatus] = {}
        self._troubles: dict[str, _Trouble] = {}
        self._shown: dict[str, _ShownList] = {}
        self._unread = 0
        # What watches, and what it waits for.
        self._changed: Callable[[], None] | None = None
        self._told = False
        self._lost: asyncio.Future[None] | None = None
        self._lost_at: dict[str, float] = {}
        self._recheck: asyncio.TimerHandle | None = None

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        """Return what the lists that are shown have to show.

        Raises Unavailable where there is no service.
        """
        return await self.fetch_again(user_id, Snapshot(signals=()))

    async def fetch_again(self, user_id: UserId, known: Snapshot) -> Snapshot:
        """Return the same; the signals of `known` where no list shows anything else."""
        told, self._told = self._told, False
        lists = await self._listed(anew=not told)
        chosen = self._chosen(user_id)
        shown = [self._shown_list(one) for one in lists if chosen.get(one.uid, one.selected)]
        self._forget_others({each.one.uid for each in shown})
        zone = self._here()
        window = Window(zone, self._now().astimezone(zone).date(), self._days_ahead + 1)
        await self._ask(shown, window, told=told)
        self._plan_recheck()
        may_write = self._may_write(user_id)
        parts = [await self._found(each, user_id, window, may_write) for each in shown]
        found = await put_together(parts, zone, known)
        self._note_unread(found.unread)
        return structs.replace(found, calendars=tuple(self._calendar(one) for one in lists))

    async def opened(self, uid: str) -> OpenedList:
        """Return a list, opened, as it is now.

        Raises EdsError (NO_SOURCE for one that is not there), and Unavailable where there is no
        service.
        """
        for one in await self._listed(anew=False):
            if one.uid == uid:
                return await self._open(self._shown_list(one))
        raise EdsError(EdsCode.NO_SOURCE)

    async def watch(self, user_id: UserId, changed: Callable[[], None]) -> None:  # noqa: ARG002  # there is one
        """Call `changed` whenever a list that is shown may have changed, or the lists have.

        Raises Unavailable where that cannot be heard any more.
        """
        self._changed = changed
        self._lost = asyncio.get_running_loop().create_future()
        try:
            await self._listen()
            self._tell_anew()
            ended = asyncio.ensure_future(self._bus.lost())
            await asyncio.wait({ended, self._lost}, return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            fact = WENT_AWAY if self._lost.done() else BUS_LOST
        finally:
            self._changed = None
            if self._recheck is not None:
                self._recheck.cancel()
            for each in self._shown.values():
                each.close()
            await self._bus.aclose()
        raise Unavailable(translated(fact), outlook=KEEPS_TRYING)

    # The lists

    async def _listed(self, *, anew: bool) -> tuple[List, ...]:
        if self._lists is not None and not anew and self._changed is not None:
            return self._lists
        problem = None
        try:
            problem = lack(await self._bus.names())
            if problem is None:
                (objects,) = await self._bus.call(
                    SOURCES_NAME,
                    MANAGER_PATH,
                    OBJECT_MANAGER_INTERFACE,
                    "GetManagedObjects",
                    answer="a{oa{sa{sv}}}",
                )
        except EdsError as error:
            problem = _NO_REGISTRY.get(error.code, REGISTRY_SILENT)
        if problem is not None:
            raise Unavailable(translated(problem), outlook=KEEPS_TRYING, reached=False)
        plain = {path: _without_variants(interfaces) for path, interfaces in objects.items()}
        self._statuses = {path: _status(interfaces) for path, interfaces in plain.items()}
        language = self._language()
        lists = await run_paced(lambda _: lists_from_objects(plain, language))
        paths = {
            interfaces[SOURCE_INTERFACE].get("UID"): path for path, interfaces in plain.items()
        }
        self._troubles = {
            one.uid: await self._trouble(trouble, paths[one.uid])
            for one in lists
            if (trouble := _OF_STATUS.get(one.status)) is not None
        }
        self._lists = lists
        return lists

    async def _trouble(self, trouble: _Trouble, path: str) -> _Trouble:
        """What a status means: version 3.46 also waits for a password where the server is down."""
        if trouble is not _Trouble.UNSIGNED:
            return trouble
        try:
            (_, _, _, error, _) = await self._bus.call(
                SOURCES_NAME,
                path,
                SOURCE_INTERFACE,
                "GetLastCredentialsRequiredArguments",
                answer="sssss",
            )
        except EdsError:
            return trouble
        return _Trouble.UNREACHABLE if code_from_error_name(error) in _UNREACHABLE else trouble

    def _shown_list(self, one: List) -> _ShownList:
        shown = self._shown.setdefault(one.uid, _ShownList(one))
        shown.one = one
        return shown

    def _forget_others(self, uids: set[str]) -> None:
        for uid in self._shown.keys() - uids:
            self._shown.pop(uid).close()

    def _calendar(self, one: List) -> Calendar:
        shown = self._shown.get(one.uid)
        problem = None
        if shown is not None:
            trouble = self._troubles.get(one.uid)
            problem = shown.problem if trouble is None else _OF_TROUBLE[trouble]
            problem = None if problem is None else translated(problem)
            if problem is not None and shown.found is not None and shown.found.signals:
                problem = f"{problem} {translated(AS_BEFORE)}"
        return Calendar(
            id=one.uid,
            name=one.name,
            color=one.color,
            group=one.group,
            shown=shown is not None,
            problem=problem,
            read_only=bool(shown and shown.opened and not shown.opened.writable),
        )

    # What is in them

    async def _ask(self, shown: Sequence[_ShownList], window: Window, *, told: bool) -> None:
        """Ask the lists that need it, and wait for them as long as anybody may wait."""
        for each in shown:
            if each.asking is not None:
                continue
            is_to_be_asked = self._is_to_be_asked(each, window, told=told)
            each.late = False
            if is_to_be_asked:
                waits = self._troubles.get(each.one.uid) is _Trouble.UNSIGNED
                if not told and each.opened is not None and not waits:
                    each.opened.refresh_soon()
                each.doubtful = False
                each.asking = asyncio.ensure_future(self._asked(each, window))
        # Nobody waits for one list a second time.
        asking = {each.asking for each in shown if each.asking is not None and not each.late}
        if asking:
            done, _ = await asyncio.wait(asking, timeout=self._list_seconds)
            for task in done:
                if not task.cancelled():
                    task.result()  # raises what nobody could foresee
        for each in shown:
            if each.asking is not None:
                each.late = True
                each.problem = SILENT

    def _plan_recheck(self) -> None:
        """Have the lists that failed asked again, if somebody watches: no view tells when it may
        be time to."""
        if self._recheck is not None:
            self._recheck.cancel()
            self._recheck = None
        failed = [each for each in self._shown.values() if each.failed and each.asking is None]

        def recheck() -> None:
            for each in failed:
                each.doubtful = True
            self._tell()

        if failed and self._changed is not None:
            loop = asyncio.get_running_loop()
            self._recheck = loop.call_later(self._recheck_seconds, recheck)

    def _is_to_be_asked(self, each: _ShownList, window: Window, *, told: bool) -> bool:
        if each.doubtful or (not told and not each.late):
            return True
        if each.opened is None or not each.opened.is_open:
            return True
        watched = each.view is not None and each.view.query == query_to_watch(each.one.kind, window)
        return self._changed is not None and not watched

    async def _asked(self, each: _ShownList, window: Window) -> None:
        """Ask a list, and keep what it answers. Raises nothing that can be foreseen."""
        problem: str | None = FAILED
        too_much = False
        try:
            for _ in range(2):  # the service may have been started anew
                try:
                    each.answer = await self._answer(each, window)
                    problem = None
                except EdsError as error:
                    problem = _PROBLEMS.get(error.code, FAILED)
                    if error.code in _IS_CLOSED and self._bus.is_connected:
                        continue
                break
        except Unavailable as error:
            problem = error.fact
        except (TooManyComponents, TooMuchWork):
            problem, each.answer, too_much = TOO_MUCH, None, True
        finally:
            each.asking = None
        each.problem = problem
        each.failed = problem is not None and not too_much
        if each.late:
            self._tell()

    async def _answer(self, each: _ShownList, window: Window) -> _Answer:
        opened = await self._open(each)
        await self._see_to_view(each, opened, window)
        one, owner = each.one, opened.owner
        texts = await opened.query(query_to_read(one.kind, window))
        read = await run_paced(lambda pacer: components_from_texts(texts, one, owner, pacer))
        if one.kind is ListKind.CALENDAR and read.series:
            whole: list[str] = []
            for start in range(0, len(read.series), UIDS_AT_ONCE):
                whole += await opened.query(uids_query(read.series[start : start + UIDS_AT_ONCE]))
            read = await run_paced(lambda pacer: _with_series(read, whole, one, owner, pacer))
        zones = {zone_id: await opened.zone(zone_id) for zone_id in read.zone_ids}
        known = {zone_id: text for zone_id, text in zones.items() if text is not None}
        objects = await run_paced(
            lambda pacer: objects_from_components(
                read, known, first=window.first, owner=owner, pacer=pacer
            )
        )
        return _Answer(objects, read.unread)

    async def _open(self, each: _ShownList) -> OpenedList:
        async with each.opening:
            if each.opened is not None and each.opened.is_open:
                await each.opened.look()
                return each.opened
            each.end_view()
            path, name = await self._bus.call(
                CALENDAR_NAME,
                FACTORY_PATH,
                FACTORY_INTERFACE,
                _OPEN[each.one.kind],
                "s",
                each.one.uid,
                within=PATIENCE_SECONDS,
                answer="ss",
            )
            opened = OpenedList(self._bus, each.one, path, name)
            await opened.open()
            each.opened = opened
            return opened

    async def _see_to_view(self, each: _ShownList, opened: OpenedList, window: Window) -> None:
        """Have a view of what can change what is shown, before it is read, if anybody watches."""
        query = query_to_watch(each.one.kind, window)
        if self._changed is None or (each.view is not None and each.view.query == query):
            return

        def told() -> None:
            each.doubtful = True
            self._tell()

        before, each.view = each.view, await opened.view(query, told)
        if before is not None:
            before.end()

    async def _found(
        self, each: _ShownList, user_id: UserId, window: Window, may_write: bool
    ) -> Found:
        """What a list shows of what it last answered, as of today."""
        if each.answer is None:
            return Found((), 0)
        answer = each.answer
        may_write = may_write and each.opened is not None and each.opened.writable
        made_of = _MadeOf(each.one, window, may_write)
        if each.found is None or each.made != (answer, made_of):
            try:
                found = await run_paced(
                    lambda pacer: signals_from_list(
                        made_of.one,
                        answer.objects,
                        window,
                        user_id=user_id,
                        may_write=may_write,
                        pacer=pacer,
                    )
                )
                each.found = Found(found.signals, found.unread + answer.unread)
            except (TooManyEvents, TooMuchWork):
                each.found = Found((), 0)
                each.problem = TOO_MUCH
            each.made = (answer, made_of)
        return each.found

    def _note_unread(self, unread: int) -> None:
        if unread and self._unread != unread:
            log.warning(
                "Lists of this computer have entries that make no sense; left out: %d", unread
            )
        self._unread = unread

    # What is heard

    async def _listen(self) -> None:
        """Hear of changes of the registry, and of services that go away."""
        for rule, handler in (
            (
                MatchRule(SOURCES_NAME, OBJECT_MANAGER_INTERFACE, path=MANAGER_PATH),
                self._sources_changed,
            ),
            (
                MatchRule(
                    SOURCES_NAME,
                    PROPERTIES_INTERFACE,
                    member="PropertiesChanged",
                    arg0=SOURCE_INTERFACE,
                ),
                self._source_changed,
            ),
            *(
                (
                    MatchRule(
                        BUS_NAME, BUS_INTERFACE, BUS_PATH, member="NameOwnerChanged", arg0=name
                    ),
                    self._owner_changed,
                )
                for name in (SOURCES_NAME, CALENDAR_NAME)
            ),
        ):
            await self._bus.listen(rule, handler)

    def _sources_changed(self, _path: str, _member: str, _body: Sequence[Any]) -> None:
        self._lists = None
        self._tell()

    def _source_changed(self, path: str, _member: str, body: Sequence[Any]) -> None:
        """A list that connects and disconnects all the time is no news; one that cannot is."""
        changed = body[1] if len(body) > 1 and isinstance(body[1], dict) else {}
        status = changed.get("ConnectionStatus")
        if "Data" in changed:
            self._sources_changed(path, "", ())
        elif status is not None:
            said = getattr(status, "value", None)
            new = _status({SOURCE_INTERFACE: {"ConnectionStatus": said}})
            before, self._statuses[path] = self._statuses.get(path), new
            if _OF_STATUS.get(new) != (None if before is None else _OF_STATUS.get(before)):
                self._sources_changed(path, "", ())

    def _owner_changed(self, _path: str, _member: str, body: Sequence[Any]) -> None:
        """A service went away, if it was there: what it had opened is gone."""
        if len(body) != 3 or not body[1]:
            return
        self._lists = None
        for each in self._shown.values() if body[0] == CALENDAR_NAME else ():
            if each.opened is not None:
                each.opened.forget()
            each.doubtful = True
        now, before = asyncio.get_running_loop().time(), self._lost_at.get(body[0])
        self._lost_at[body[0]] = now
        if before is None or now - before > RESTART_SECONDS:
            self._tell()
        elif self._lost is not None and not self._lost.done():
            self._lost.set_result(None)

    def _tell_anew(self) -> None:
        """Nobody has heard what changed before this."""
        self._lists = None
        for each in self._shown.values():
            each.doubtful = True
        self._tell()

    def _tell(self) -> None:
        if self._changed is not None:
            self._told = True
            self._changed()


def _without_variants(interfaces: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = interfaces.get(SOURCE_INTERFACE, {})
    return {SOURCE_INTERFACE: {name: variant.value for name, variant in found.items()}}


def _status(interfaces: Mapping[str, Mapping[str, Any]]) -> ConnectionStatus:
    try:
        return ConnectionStatus(str(interfaces[SOURCE_INTERFACE].get("ConnectionStatus")))
    except ValueError:
        return ConnectionStatus.UNKNOWN


def _with_series(
    read: Components, texts: Sequence[str], one: List, owner: frozenset[str], pacer: Pacer
) -> Components:
    """What was read, with all there is of its series."""
    whole = components_from_texts(texts, one, owner, pacer)
    return Components(
        {**read.by_uid, **whole.by_uid},
        read.series,
        tuple(dict.fromkeys((*read.zone_ids, *whole.zone_ids))),
        read.unread + whole.unread,
    )
