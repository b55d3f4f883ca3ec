"""Keep the OAuth clients of this installation (`oauth_clients`), one for each service."""

import logging
from datetime import datetime

from msgspec import Struct

from oo_desktop.model.signals import ProviderId
from oo_desktop.store import sql
from oo_desktop.store.columns import instant
from oo_desktop.store.database import Database

log = logging.getLogger(__name__)


class RegisteredClient(Struct, frozen=True, kw_only=True):
    """Says as what this installation signs in at a service.

    register_url: where oO registered it (RFC 7591); empty: the user made and brought it.
    redirect_uris: what it was registered with; empty as well then.
    """

    provider: ProviderId
    client_id: str
    register_url: str
    redirect_uris: tuple[str, ...]
    registered_at: datetime


class OAuthClientStore:
    """Reads and writes registered clients. Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, provider: ProviderId) -> RegisteredClient | None:
        """Return the client of a service; None where there is none, or none to be read."""
        with self._database.reading() as connection:
            row = connection.execute(sql.OAUTH_CLIENT, {"provider": provider}).fetchone()
        if row is None:
            return None
        try:
            return RegisteredClient(
                provider=ProviderId(row["provider"]),
                client_id=row["client_id"],
                register_url=row["register_url"],
                redirect_uris=tuple(row["redirect_uris"].split()),
                registered_at=instant(row["registered_at"]),
            )
        except ValueError:
            log.info("the client of %s cannot be read", provider)
            return None

    def save(self, client: RegisteredClient) -> None:
        """Insert or replace the client of its service."""
        row = {
            "provider": client.provider,
            "client_id": client.client_id,
            "register_url": client.register_url,
            "redirect_uris": " ".join(client.redirect_uris),
            "registered_at": client.registered_at.timestamp(),
        }
        with self._database.transaction() as connection:
            connection.execute(sql.REPLACE_OAUTH_CLIENT, row)

    def delete(self, provider: ProviderId) -> None:
        """Forget the client of a service, if there is one."""
        with self._database.transaction() as connection:
            connection.execute(sql.DELETE_OAUTH_CLIENT, {"provider": provider})
