"""Finds the services there are: those that come with oO, and those that plug-ins bring.

All come through one door. Each is a function that is given its section of config.toml and returns
a `Connector`, which is checked. For those that come with oO the functions stand in `BUILT_IN`; a
plug-in is any installed package with an entry point in the group `oo_desktop.connectors`:

    [project.entry-points."oo_desktop.connectors"]
    weather = "oo_weather:connector"

Beside the environment oO is installed in, packages are looked for in a folder of the person's own
(`Folders.plug_ins`): that of a system package belongs to root.

The entry point's name is the connector's id and the name of its section in config.toml. (All that
a plug-in may use is in `oo_desktop.connector`.) Whatever is wrong with a plug-in, it is named and
left out, and everything else goes on: it is code of somebody else's, and no reason for oO not to
start. Of a section of a built-in one, what cannot be used is named, and what counted before goes on
counting (`usable_settings`).
"""

import asyncio
import dataclasses
import logging
import math
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, ParamSpec, Protocol, assert_never

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.config import (
    MAX_POLL_SECONDS,
    MIN_POLL_SECONDS,
    OWN_KEYS,
    Mistake,
    Reading,
    Settings,
    with_value,
)
from oo_desktop.connectors.base import (
    EVERYTHING,
    ApiToken,
    Connector,
    ConnectorContext,
    OAuthSignIn,
    Offered,
    OnThisComputer,
    Password,
    PastedTokens,
    SecretLink,
    SignIn,
)
from oo_desktop.connectors.caldav import settings as caldav_settings
from oo_desktop.connectors.caldav.connector import connector as caldav
from oo_desktop.connectors.calendar_link import settings as link_settings
from oo_desktop.connectors.calendar_link.connector import connector as calendar_link
from oo_desktop.connectors.desktop import settings as desktop_settings
from oo_desktop.connectors.desktop.connector import connector as desktop
from oo_desktop.connectors.google_calendar import settings as google_settings
from oo_desktop.connectors.google_calendar.connector import connector as google_calendar
from oo_desktop.connectors.todoist import settings as todoist_settings
from oo_desktop.connectors.todoist.connector import connector as todoist
from oo_desktop.errors import ConfigError, OoError, Rejected
from oo_desktop.http.addresses import check_url
from oo_desktop.language import translated, untranslated
from oo_desktop.model.faults import fault_report
from oo_desktop.model.settings import Setting
from oo_desktop.model.signals import ProviderId
from oo_desktop.model.source import Identity, SignalSource, Snapshot
from oo_desktop.model.state import Service
from oo_desktop.oauth.messages import OAuthService, OwnClient

log = logging.getLogger(__name__)

P = ParamSpec("P")

GROUP = "oo_desktop.connectors"
"""The entry point group that plug-ins are found in."""

LOADING_SECONDS = 5.0
"""How long a plug-in has to be imported and to make its connector."""

MAX_IDENTITY_TEXT = 512
"""Characters of an account's id and name."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")


class EntryPoint(Protocol):
    """Names what is needed of `importlib.metadata.EntryPoint`."""

    @property
    def name(self) -> str: ...

    def load(self) -> object: ...


class BuiltIn(NamedTuple):
    """Is to a connector that comes with oO what an entry point is to a plug-in.

    settings: those that a person changes by the window or the command line.
    shared: a key that its section takes from another's where its own has none; else None.
    """

    name: str
    make: Callable[[Mapping[str, object]], Connector]
    settings: tuple[Setting, ...]
    shared: tuple[str, str] | None = None

    def load(self) -> object:
        """Return what makes the connector."""
        return self.make


BUILT_IN = (
    # First, for it is one click; as far ahead as the other calendars: they are one list.
    BuiltIn(
        "desktop", desktop, desktop_settings.SETTINGS, shared=("google_calendar", "days_ahead")
    ),
    BuiltIn("todoist", todoist, todoist_settings.SETTINGS),
    BuiltIn("google_calendar", google_calendar, google_settings.SETTINGS),
    BuiltIn("caldav", caldav, caldav_settings.SETTINGS, shared=("google_calendar", "days_ahead")),
    BuiltIn("ics", calendar_link, link_settings.SETTINGS, shared=("google_calendar", "days_ahead")),
)
"""Those that come with oO, in the order they are offered."""


def _owners_first() -> tuple[BuiltIn, ...]:
    """Whose key it is, before those that share it, before all others."""
    owners = {point.shared[0] for point in BUILT_IN if point.shared is not None}

    def place(point: BuiltIn) -> int:
        return 0 if point.name in owners else 1 if point.shared is not None else 2

    return tuple(sorted(BUILT_IN, key=place))


CONNECTOR_SETTINGS = tuple(setting for point in _owners_first() for setting in point.settings)
"""What a person changes of all of them: “the same for …” stands below what it is the same as."""


class PlugInLeftOut(Exception):
    """Says why a plug-in is left out.

    reason: a sentence that begins in lower case, marked by `untranslated`. values: what fills it.
    """

    def __init__(self, reason: str, /, **values: object) -> None:
        super().__init__(reason.format_map(values))
        self.reason = reason
        self.values = values


class Registry(Struct, frozen=True, kw_only=True):
    """Lists what can be connected.

    connectors: in the order they are offered.
    plug_ins: the ids of those that did not come with oO.
    problems: who was left out and why, a sentence each.
    """

    connectors: tuple[Connector, ...]
    plug_ins: frozenset[ProviderId] = frozenset()
    problems: tuple[str, ...] = ()

    @property
    def services(self) -> tuple[Service, ...]:
        """Return what the screen knows of them."""
        return tuple(each.shown for each in self.connectors)

    def with_sources(
        self, contexts: Callable[[ProviderId], ConnectorContext]
    ) -> tuple["Registry", Mapping[ProviderId, SignalSource]]:
        """Return the sources, and the registry without the plug-ins that make none."""
        sources: dict[ProviderId, SignalSource] = {}
        problems = list(self.problems)
        for each in self.connectors:
            given = contexts(each.id)
            if each.id not in self.plug_ins:
                sources[each.id] = each.source(given)
                continue
            try:
                sources[each.id] = _made_source(each, given)
            except PlugInLeftOut as error:
                problems.append(_named(each.id, error))
        kept = tuple(each for each in self.connectors if each.id in sources)
        return replace(self, connectors=kept, problems=tuple(problems)), sources


def installed_plug_ins(folder: Path | None = None) -> Sequence[EntryPoint]:
    """Return the plug-ins, in an order that does not depend on where they are installed.

    folder: where packages may be, too. It becomes the last place that modules are looked for, so
    nothing in it takes the place of what oO brings.
    """
    if folder is not None and folder.is_dir() and (place := folder.as_posix()) not in sys.path:
        sys.path.append(place)
    if not any(map(_may_bring_some, sys.path)):
        return ()
    from importlib import metadata

    found = metadata.entry_points(group=GROUP)
    return sorted(found, key=lambda point: (point.name, point.value))


def _may_bring_some(place: str) -> bool:
    """Whether a package at a place of the module search path may name a plug-in.

    Most people have none, and `importlib.metadata`, which knows, stays with half a megabyte.
    (packaging.python.org, "Entry points specification", "File format")
    """
    path = Path(place)
    if path.is_file():
        return True  # an archive, which is left to it
    named = path.glob("*-[Ii][Nn][Ff][Oo]/entry_points.txt")  # of an egg it is EGG-INFO
    try:
        return any(GROUP in file.read_text(encoding="utf-8", errors="replace") for file in named)
    except OSError:
        return True


def built_in_registry(settings: Settings) -> Registry:
    """Return those that come with oO. Raises ConfigError."""
    return Registry(connectors=tuple(_built_in(each, settings) for each in BUILT_IN))


def usable_settings(settings: Settings, *, before: Settings) -> Reading:
    """Return `settings` with which every connector that comes with oO can be made.

    before: settings that are usable; what they say counts in place of what is not.
    """
    mistakes: dict[str, Mistake] = {}
    for point in _owners_first():
        while (error := _fault_of(point, settings)) is not None:
            key = error.key or point.name
            # A value that is wrong a second time is wrong beside another; then the section is.
            other = point.name if key in mistakes else key
            sections = with_value(settings.sections, other, before.sections)
            if sections == settings.sections:
                raise error  # `before` is none that is usable
            settings = replace(settings, sections=sections)
            mistakes.setdefault(key, Mistake(key=key, why=str(error)))
    return Reading(settings, tuple(mistakes.values()))


def changed_connectors(settings: Settings, *, before: Settings) -> tuple[Connector, ...]:
    """Return those that come with oO and that `settings` make otherwise than `before` did.

    Raises ConfigError.
    """
    return tuple(
        _built_in(point, settings)
        for point in BUILT_IN
        if _given(point, settings) != _given(point, before)
    )


def _fault_of(point: BuiltIn, settings: Settings) -> ConfigError | None:
    try:
        _made(point, _given(point, settings))
    except ConfigError as error:
        return error
    return None


def _built_in(point: BuiltIn, settings: Settings) -> Connector:
    try:
        return _made(point, _given(point, settings))
    except ConfigError as error:
        raise ConfigError(f"{settings.origin}: {error}", key=error.key) from None


def given_section(name: str, settings: Settings) -> Mapping[str, object]:
    """Return what the connector `name`, which comes with oO, is given. Raises ConfigError."""
    return _given(next(point for point in BUILT_IN if point.name == name), settings)


def _given(point: BuiltIn, settings: Settings) -> Mapping[str, object]:
    """Raises ConfigError."""
    section = _section(point.name, settings)
    if point.shared is None:
        return section
    name, key = point.shared
    shared = _section(name, settings)
    return {key: shared[key], **section} if key in shared else section


def _section(name: str, settings: Settings) -> dict[str, object]:
    """Raises ConfigError."""
    section = settings.sections.get(name, {})
    if not isinstance(section, dict):
        raise ConfigError(translated("{name} must be a section, [{name}].", name=name), key=name)
    return dict(section)


async def full_registry(
    settings: Settings,
    *,
    entry_points: Callable[[], Iterable[EntryPoint]] = installed_plug_ins,
    of_this_computer: bool = True,
    patience: float = LOADING_SECONDS,
) -> Registry:
    """Return everything there is. Plug-ins are imported in threads, one after the other.

    of_this_computer: whether what is on this computer may be connected, too.
    patience: seconds each has; one that takes longer is left to itself.
    Raises ConfigError for what a connector that comes with oO cannot use.
    """
    connectors = {each.id: each for each in built_in_registry(settings).connectors}
    plug_ins: set[ProviderId] = set()
    problems: list[str] = []
    points = list(await asyncio.to_thread(entry_points))
    for point in points:
        try:
            if point.name in connectors:
                raise PlugInLeftOut(untranslated("there is a connector of that name already."))
            found = await _in_time(point, settings, patience)
        except PlugInLeftOut as error:
            problems.append(_named(point.name, error))
        else:
            connectors[found.id] = found
            plug_ins.add(found.id)
    known = {*connectors, *(point.name for point in points)}
    for key in settings.sections:
        if key not in known:
            log.warning("%s: unknown setting %r is ignored", settings.origin, key)
    kept = (
        each
        for each in connectors.values()
        if of_this_computer or not isinstance(each.sign_in, OnThisComputer)
    )
    return Registry(
        connectors=tuple(kept),
        plug_ins=frozenset(plug_ins),
        problems=tuple(problems),
    )


def _named(name: str, error: PlugInLeftOut) -> str:
    """The sentence for a plug-in that is left out, which is logged this once."""
    shown = " ".join(name.split())[:40]
    log.warning("The plug-in “%s” is left out: %s", shown, error)
    # Translators: {reason} is a sentence that begins in lower case: “it fails to start (KeyError).”
    return translated(
        "The plug-in “{name}” is left out: {reason}",
        name=shown,
        reason=translated(error.reason, **error.values),
    )


async def _in_time(point: EntryPoint, settings: Settings, patience: float) -> Connector:
    try:
        async with asyncio.timeout(patience):
            return await asyncio.to_thread(_loaded, point, settings)
    except TimeoutError:
        raise PlugInLeftOut(
            untranslated("it did not load within {seconds} seconds."), seconds=f"{patience:g}"
        ) from None


def _loaded(point: EntryPoint, settings: Settings) -> Connector:
    """Raises PlugInLeftOut, whatever happens: in a thread that belongs to nobody else."""
    if not _ID.fullmatch(point.name) or point.name in OWN_KEYS:
        raise PlugInLeftOut(
            untranslated(
                "a connector’s id has up to 32 lower-case letters, digits and “_”, and is not the "
                "name of a setting of oO’s own."
            )
        )
    try:
        made = _made(point, _section(point.name, settings))
        _check_is_for_plug_ins(made.sign_in)
        return _guarded(made)
    except PlugInLeftOut:
        raise
    except (ConfigError, msgspec.ValidationError) as error:  # it says what it cannot use
        words = " ".join(str(error).split())[:200]
        raise PlugInLeftOut(
            untranslated("its settings in [{section}] cannot be used: {reason}"),
            section=point.name,
            reason=words,
        ) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # somebody else's code: `sys.exit()` included
        raise _failed(untranslated("it fails to load ({error})."), point.name, error) from None


def _made_source(connector: Connector, given: ConnectorContext) -> SignalSource:
    """Raises PlugInLeftOut."""
    try:
        source: object = connector.source(given)
        if isinstance(source, SignalSource) and source.id == connector.id:
            return source
    except (Exception, SystemExit) as error:  # noqa: BLE001  # somebody else's code
        raise _failed(untranslated("it fails to start ({error})."), connector.id, error) from None
    raise PlugInLeftOut(untranslated("its source is not a SignalSource, or has another id."))


def _failed(what: str, name: str, error: BaseException) -> PlugInLeftOut:
    log.info("plug-in %s: %s", name, fault_report(error))
    return PlugInLeftOut(what, error=type(error).__name__)


def _made(point: EntryPoint, section: Mapping[str, object]) -> Connector:
    """The connector `point` leads to, if it is one oO can rely on.

    Raises PlugInLeftOut, ConfigError, and whatever the connector's own code raises.
    """
    make = point.load()
    made = make(section) if callable(make) else make
    if not isinstance(made, Connector):
        raise PlugInLeftOut(
            untranslated("it makes a {type}, not a Connector."), type=type(made).__name__
        )
    _check_types(made)
    if made.id != point.name:
        raise PlugInLeftOut(untranslated("its connector has another id than its entry point."))
    match made.sign_in:
        case OAuthSignIn(service=service, api_url=api_url):
            check_url(api_url, "api_url")
            check_url(service.authorize_url, "authorize_url")
            check_url(service.token_url, "token_url")
        case ApiToken(api_url=api_url):
            check_url(api_url, "api_url")
        case SecretLink() | Password() | OnThisComputer():
            pass
        case other:
            assert_never(other)
    return made


def _check_is_for_plug_ins(sign_in: SignIn) -> None:
    """Raises PlugInLeftOut."""
    match sign_in:
        case ApiToken() | OnThisComputer():
            return
        case OAuthSignIn(service=service, rules=rules):
            if rules is EVERYTHING and service.own_client is None:
                return
        case SecretLink() | Password():
            pass
        case other:
            assert_never(other)
    raise PlugInLeftOut(untranslated("it wants what only built-in connectors have."))


def _check_types(connector: Connector) -> None:
    """Whether its parts are what they are declared to be. Raises PlugInLeftOut."""
    sign_in: object = connector.sign_in
    if not isinstance(sign_in, SignIn):
        raise PlugInLeftOut(untranslated("its sign-in is of no kind that oO knows."))
    texts: list[object] = []
    try:
        match sign_in:
            case OAuthSignIn():
                _check_service(sign_in.service)
                texts = [sign_in.api_url, sign_in.revoke_url, sign_in.client_id]
                msgspec.convert(sign_in.callback_ports, tuple[int, ...])
                if not isinstance(sign_in.pasted, PastedTokens | None):
                    raise TypeError
            case ApiToken():
                texts = [sign_in.api_url, sign_in.revoke_url]
                if not isinstance(sign_in.pasted, PastedTokens):
                    raise TypeError
            case Password():
                texts = [sign_in.revoke_url]
        msgspec.convert(texts, list[str])
        msgspec.convert(msgspec.to_builtins(connector.shown), Service)
    except (msgspec.ValidationError, TypeError):
        raise PlugInLeftOut(untranslated("its description has values of wrong types.")) from None
    asks = sign_in.find_server if isinstance(sign_in, Password) else sign_in.identity
    if not all(map(callable, (asks, connector.source))):
        raise PlugInLeftOut(untranslated("its identity or its source cannot be called."))
    if connector.offered is not None and not callable(connector.offered):
        raise PlugInLeftOut(untranslated("what says whether it is offered cannot be called."))


def _check_service(service: object) -> None:
    """Raises PlugInLeftOut, ValidationError, TypeError."""
    if not isinstance(service, OAuthService):
        raise PlugInLeftOut(untranslated("its service is not an OAuthService."))
    if not isinstance(service.own_client, OwnClient | None):
        raise TypeError
    plain = replace(service, own_client=None)
    msgspec.convert(msgspec.to_builtins(plain), type(plain))


def _guarded(connector: Connector) -> Connector:
    """`connector`, of which no call can fail in a way that ends oO.

    What reads and writes is guarded where it is called, with every other connector.
    """
    sign_in, pace, offered = connector.sign_in, connector.poll_after, connector.offered
    match sign_in:  # a plug-in has no other
        case OAuthSignIn() | ApiToken():
            sign_in = replace(sign_in, identity=_guarded_identity(connector.id, sign_in.identity))
        case OnThisComputer():
            sign_in = replace(sign_in, identity=_guarded_identity(connector.id, sign_in.identity))
    return dataclasses.replace(
        connector,
        sign_in=sign_in,
        poll_after=pace and _guarded_pace(connector.id, pace),
        offered=offered and _guarded_offered(connector.id, offered),
    )


def _guarded_identity(
    id_: ProviderId, asked: Callable[P, Awaitable[Identity]]
) -> Callable[P, Awaitable[Identity]]:
    async def identity(*args: P.args, **kwargs: P.kwargs) -> Identity:
        try:
            told = await asked(*args, **kwargs)
            found = msgspec.convert(msgspec.to_builtins(told), Identity)
        except OoError:
            raise
        except Exception as error:  # noqa: BLE001  # as around every call of a connector
            log.warning("connector %s: %s", id_, fault_report(error))
        else:
            if all(0 < len(text) <= MAX_IDENTITY_TEXT for text in (found.user_id, found.label)):
                return found
        raise Rejected(translated("Its plug-in does not work."))

    return identity


def _guarded_offered(id_: ProviderId, asked: Offered) -> Offered:
    async def offered() -> bool:
        try:
            return await asked() is True
        except OoError:
            return False
        except Exception as error:  # noqa: BLE001  # as above
            log.warning("connector %s: %s", id_, fault_report(error))
            return False

    return offered


def _guarded_pace(
    id_: ProviderId, pace: Callable[[Snapshot, datetime], float]
) -> Callable[[Snapshot, datetime], float]:
    def guarded(snapshot: Snapshot, now: datetime) -> float:
        try:
            seconds = float(pace(snapshot, now))
        except Exception as error:  # noqa: BLE001  # as above
            log.warning("connector %s: %s", id_, fault_report(error))
            seconds = math.nan
        if math.isnan(seconds):
            return Settings().poll_interval
        return min(max(seconds, MIN_POLL_SECONDS), MAX_POLL_SECONDS)

    return guarded
