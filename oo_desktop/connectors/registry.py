"""The services there are: those that come with oO, and those that plug-ins bring.

A plug-in is any installed package with an entry point in the group `oo_desktop.connectors`:

    [project.entry-points."oo_desktop.connectors"]
    weather = "oo_weather:connector"

The entry point's name is the connector's id and the name of its section in config.toml. What it
leads to is called with that section and returns a `Connector` (all that one may use is in
`oo_desktop.connector`). Whatever is wrong with a plug-in, it is named and left out, and everything
else goes on: it is code of somebody else's, and no reason for oO not to start.
"""

import asyncio
import logging
import math
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import metadata
from typing import Protocol

import msgspec

from oo_desktop.config import (
    MAXIMUM_POLL_INTERVAL,
    MINIMUM_POLL_INTERVAL,
    OWN_KEYS,
    Settings,
    check_url,
)
from oo_desktop.connectors.builtin import Connector, Surroundings, built_in_connectors
from oo_desktop.connectors.sign_in import EVERYTHING, Provider
from oo_desktop.errors import ConfigError, OoError, Rejected
from oo_desktop.http.client import ServiceClient
from oo_desktop.model.faults import fault_report
from oo_desktop.model.signals import ProviderId
from oo_desktop.model.source import Identity, SignalSource, Snapshot
from oo_desktop.model.state import Service
from oo_desktop.oauth.messages import OAuthService

log = logging.getLogger(__name__)

GROUP = "oo_desktop.connectors"
"""The entry point group that plug-ins are found in."""

PATIENCE = 5.0
"""Seconds a plug-in has to be imported and to make its connector."""

MAX_LABEL = 512
"""Characters of an account's id and name."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")


class EntryPoint(Protocol):
    """What is needed of `importlib.metadata.EntryPoint`."""

    @property
    def name(self) -> str: ...

    def load(self) -> object: ...


class Unusable(Exception):
    """A plug-in is left out; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """What can be connected.

    connectors: in the order they are offered.
    plug_ins: the ids of those that did not come with oO.
    problems: who was left out and why, a sentence each.
    """

    connectors: tuple[Connector, ...]
    plug_ins: frozenset[ProviderId] = frozenset()
    problems: tuple[str, ...] = ()

    @property
    def services(self) -> tuple[Service, ...]:
        """What the screen knows of them."""
        return tuple(each.shown for each in self.connectors)

    def with_sources(
        self, surroundings: Callable[[ProviderId], Surroundings]
    ) -> tuple["Registry", Mapping[ProviderId, SignalSource]]:
        """What reads each service, and the registry without the plug-ins that have nothing."""
        sources: dict[ProviderId, SignalSource] = {}
        problems = list(self.problems)
        for each in self.connectors:
            given = surroundings(each.id)
            if each.id not in self.plug_ins:
                sources[each.id] = each.source(given)
                continue
            try:
                sources[each.id] = _made_source(each, given)
            except Unusable as error:
                problems.append(_named(each.id, error))
        kept = tuple(each for each in self.connectors if each.id in sources)
        return replace(self, connectors=kept, problems=tuple(problems)), sources


def installed_plug_ins() -> Sequence[EntryPoint]:
    """In an order that does not depend on where they are installed."""
    found = metadata.entry_points(group=GROUP)
    return sorted(found, key=lambda point: (point.name, point.value))


def built_in_registry(settings: Settings) -> Registry:
    """Without any plug-ins."""
    return Registry(connectors=built_in_connectors(settings))


async def full_registry(
    settings: Settings,
    *,
    entry_points: Callable[[], Iterable[EntryPoint]] = installed_plug_ins,
    patience: float = PATIENCE,
) -> Registry:
    """Everything there is. Plug-ins are imported in threads, one after the other.

    patience: seconds each has; one that takes longer is left to itself.
    """
    connectors = {each.id: each for each in built_in_connectors(settings)}
    plug_ins: set[ProviderId] = set()
    problems: list[str] = []
    points = list(await asyncio.to_thread(entry_points))
    for point in points:
        try:
            if point.name in connectors:
                raise Unusable("there is a connector of that name already.")
            found = await _in_time(point, settings, patience)
        except Unusable as error:
            problems.append(_named(point.name, error))
        else:
            connectors[found.id] = found
            plug_ins.add(found.id)
    for section in settings.plug_ins.keys() - {point.name for point in points}:
        log.warning("config.toml: unknown setting %r is ignored", section)
    return Registry(
        connectors=tuple(connectors.values()),
        plug_ins=frozenset(plug_ins),
        problems=tuple(problems),
    )


def _named(name: str, error: Unusable) -> str:
    """The sentence for a plug-in that is left out, which is logged this once."""
    sentence = f"The plug-in “{' '.join(name.split())[:40]}” is left out: {error}"
    log.warning("%s", sentence)
    return sentence


async def _in_time(point: EntryPoint, settings: Settings, patience: float) -> Connector:
    try:
        async with asyncio.timeout(patience):
            return await asyncio.to_thread(_loaded, point, settings)
    except TimeoutError:
        raise Unusable(f"it did not load within {patience:g} seconds.") from None


def _loaded(point: EntryPoint, settings: Settings) -> Connector:
    """Raises Unusable, whatever happens: in a thread that belongs to nobody else."""
    if not _ID.fullmatch(point.name) or point.name in OWN_KEYS:
        raise Unusable(
            "a connector’s id is up to 32 small letters, digits and “_”, and no "
            "setting of oO’s own."
        )
    section = dict(settings.plug_ins.get(point.name, {}))
    try:
        make = point.load()
        made = make(section) if callable(make) else make
        return _checked(made, point.name)
    except Unusable:
        raise
    except (ConfigError, msgspec.ValidationError) as error:  # it says what it cannot use
        words = " ".join(str(error).split())[:200]
        raise Unusable(f"its settings in [{point.name}] are of no use: {words}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # somebody else's code: `sys.exit()` included
        raise _failed("load", point.name, error) from None


def _made_source(connector: Connector, given: Surroundings) -> SignalSource:
    """Raises Unusable."""
    try:
        source: object = connector.source(given)
        if isinstance(source, SignalSource) and source.id == connector.id:
            return source
    except (Exception, SystemExit) as error:  # noqa: BLE001  # somebody else's code
        raise _failed("start", connector.id, error) from None
    raise Unusable("its source is none, or has another id.")


def _failed(what: str, name: str, error: BaseException) -> Unusable:
    log.info("plug-in %s: %s", name, fault_report(error))
    return Unusable(f"it fails to {what} ({type(error).__name__}).")


def _checked(made: object, name: str) -> Connector:
    """`made` if it is a connector oO can rely on. Raises Unusable, ConfigError, anything."""
    if not isinstance(made, Connector):
        raise Unusable(f"it makes a {type(made).__name__}, not a Connector.")
    provider = made.provider
    _check_types(made)
    if made.id != name:
        raise Unusable("its connector has another id than its entry point.")
    service = provider.service
    built_in_only = provider.link_identity is not None or service.own_client
    if provider.rules is not EVERYTHING or built_in_only:
        raise Unusable("it wants what only built-in connectors have.")
    check_url(provider.api_url, "api_url")
    if provider.has_sign_in:
        check_url(service.authorize_url, "authorize_url")
        check_url(service.token_url, "token_url")
    elif service.token_url or service.register_url:
        raise Unusable("it has no authorize_url.")
    return _guarded(made)


def _check_types(connector: Connector) -> None:
    """Whether its parts are what they are declared to be. Raises Unusable."""
    provider: object = connector.provider
    if not isinstance(provider, Provider):
        raise Unusable("its provider is none.")
    service: object = provider.service
    if not isinstance(service, OAuthService):
        raise Unusable("its service is none.")
    try:
        msgspec.convert(msgspec.to_builtins(service), OAuthService)
        msgspec.convert(msgspec.to_builtins(connector.shown), Service)
        msgspec.convert([provider.api_url, provider.revoke_url, provider.client_id], list[str])
        msgspec.convert(provider.callback_ports, tuple[int, ...])
    except (msgspec.ValidationError, TypeError):
        raise Unusable("its description has values of wrong types.") from None
    called: tuple[object, ...] = (provider.identity, connector.source)
    if not all(map(callable, called)):
        raise Unusable("its identity or its source cannot be called.")


def _guarded(connector: Connector) -> Connector:
    """`connector`, of which no call can fail in a way that ends oO.

    What reads and writes is guarded where it is called, with every other connector.
    """
    provider = replace(connector.provider, identity=_guarded_identity(connector))
    pace = connector.poll_after
    return replace(
        connector, provider=provider, poll_after=pace and _guarded_pace(connector.id, pace)
    )


def _guarded_identity(connector: Connector) -> Callable[[ServiceClient], Awaitable[Identity]]:
    asked = connector.provider.identity

    async def identity(client: ServiceClient) -> Identity:
        try:
            found = msgspec.convert(msgspec.to_builtins(await asked(client)), Identity)
        except OoError:
            raise
        except Exception as error:  # noqa: BLE001  # as around every call of a connector
            log.warning("connector %s: %s", connector.id, fault_report(error))
        else:
            if all(0 < len(text) <= MAX_LABEL for text in (found.user_id, found.label)):
                return found
        raise Rejected("Its plug-in does not work.")

    return identity


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
        return min(max(seconds, MINIMUM_POLL_INTERVAL), MAXIMUM_POLL_INTERVAL)

    return guarded
