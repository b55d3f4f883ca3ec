"""Every service oO can be connected to: how one signs in there, and what reads it.

A connector itself is blind (`model/source.py` states its contract): it gets an HTTP client per
account and knows nothing of tokens, settings or this registry. What is said of it here is all that
has to be said to add one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from oo_desktop.config import GoogleCalendarSettings, Settings, TodoistSettings
from oo_desktop.connectors.google_calendar import schedule as google_pace
from oo_desktop.connectors.google_calendar import source as google_calendar
from oo_desktop.connectors.google_calendar.sign_in import google_provider
from oo_desktop.connectors.google_calendar.source import GoogleCalendarSource
from oo_desktop.connectors.ical import source as ics
from oo_desktop.connectors.ical.source import IcsSource
from oo_desktop.connectors.sign_in import Provider, link_provider
from oo_desktop.connectors.todoist import source as todoist
from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.http.client import ServiceClient
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.model.signals import ProviderId, UserId
from oo_desktop.model.source import SignalSource, Snapshot
from oo_desktop.model.state import Connecting, Service
from oo_desktop.oauth.messages import OAuthService, issuers

__all__ = [
    "Connector",
    "OAuthService",
    "Provider",
    "Surroundings",
    "built_in_connectors",
]

Clients = Callable[[UserId], ServiceClient]
"""The one client that speaks for an account of the connector's service."""

TODOIST_ISSUER = "https://todoist.com"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a connector is given, of which it takes what it needs.

    clients: the one client that speaks for an account of its service.
    may_write: whether an account's owner lets oO change things there.
    calendars: which of an account's calendars its owner chose to see, or not, by their ids.
    links: what asks for the calendar behind an account that is a secret link.
    has_list: whether something of an account is shown already, from before the start or since.
    """

    clients: Clients
    may_write: Callable[[UserId], bool]
    calendars: Callable[[UserId], Mapping[str, bool]]
    links: Callable[[UserId], LinkClient]
    has_list: Callable[[UserId], bool]


@dataclass(frozen=True, kw_only=True)
class Connector:
    """One service.

    provider: how an account of it is connected.
    source: makes what reads it, and writes to it where it can, for all its accounts.
    name: what the screen calls it; None: as its sign-in is called.
    home: its address on the web, or None.
    pastes_tokens: whether a personal API token does instead of a sign-in.
    poll_after: where a list says when it is worth asking again.
    """

    provider: Provider
    source: Callable[[Surroundings], SignalSource]
    name: str | None = None
    home: str | None = None
    pastes_tokens: bool = False
    poll_after: Callable[[Snapshot, datetime], float] | None = None

    @property
    def id(self) -> ProviderId:
        return self.provider.service.provider

    @property
    def shown(self) -> Service:
        """What the screen knows of it."""
        return Service(
            id=self.id,
            name=self.name or self.provider.service.name,
            home=self.home,
            connecting=self._connecting,
            pastes_tokens=self.pastes_tokens,
            own_client=self.provider.service.own_client,
        )

    @property
    def _connecting(self) -> Connecting:
        if self.provider.link_identity is not None:
            return Connecting.LINK
        return Connecting.BROWSER if self.provider.has_sign_in else Connecting.TOKEN


def built_in_connectors(settings: Settings) -> tuple[Connector, ...]:
    """Those that come with oO, set up as `settings` say."""
    google = settings.google_calendar
    return (_todoist(settings.todoist), _google_calendar(google), _calendar_links(google))


def _todoist(settings: TodoistSettings) -> Connector:
    provider = Provider(
        service=OAuthService(
            provider=TodoistSource.id,
            name="Todoist",
            authorize_url=settings.authorize_url,
            token_url=settings.token_url,
            register_url=settings.register_url,
            scope="data:read_write",
            issuers=issuers(
                TODOIST_ISSUER,
                authorize_url=settings.authorize_url,
                own_page=TodoistSettings().authorize_url,
            ),
        ),
        api_url=settings.api_url,
        client_id=settings.client_id,
        callback_ports=settings.callback_ports,
        identity=todoist.identity,
        revoke_url="https://app.todoist.com/app/settings/integrations",
        rotates=True,
    )
    return Connector(
        provider=provider,
        source=lambda given: TodoistSource(client=given.clients, query=settings.filter),
        home="https://app.todoist.com/app/today",
        pastes_tokens=True,
    )


def _google_calendar(settings: GoogleCalendarSettings) -> Connector:
    return Connector(
        provider=google_provider(settings, identity=google_calendar.identity),
        source=lambda given: GoogleCalendarSource(
            client=given.clients,
            days_ahead=settings.days_ahead,
            chosen=given.calendars,
            may_write=given.may_write,
            has_list=given.has_list,
        ),
        name="Google Calendar",
        home="https://calendar.google.com",
        poll_after=google_pace.poll_after,
    )


def _calendar_links(settings: GoogleCalendarSettings) -> Connector:
    """As far ahead as the other calendar: they are one list."""
    return Connector(
        provider=link_provider(provider=IcsSource.id, name="Calendar link", identity=ics.identity),
        source=lambda given: IcsSource(link=given.links, days_ahead=settings.days_ahead),
        poll_after=ics.poll_after,
    )
