"""Keep the connected accounts without their tokens (`integration_tokens`)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from oo_desktop.model.integrations import Integration, SentRefresh
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import TokenStatus
from oo_desktop.store.columns import instant, instant_or_none, of_account, timestamp_or_none
from oo_desktop.store.database import Database
from oo_desktop.store.schema import integration_tokens as table


class IntegrationStore:
    """Reads and writes integrations, for the vault. Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Integration, ...]:
        """Return every account, in the order they were first connected."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(table).order_by(table.c.connected_at, table.c.provider, table.c.user_id)
            )
            return tuple(integration_from_row(row) for row in rows)

    def get(self, key: AccountKey) -> Integration | None:
        """Return the account; None where it is not connected."""
        row = self._row(key, table)
        return integration_from_row(row) if row else None

    def save(self, integration: Integration) -> None:
        """Insert or replace what a sign-in found; keeps the date of the first connection."""
        values = {
            "token_status": integration.token_status.value,
            "label": integration.label,
            "scopes": integration.scopes,
            "client_id": integration.client_id,
            "keyring": integration.keyring,
            "expires_at": timestamp_or_none(integration.expires_at),
            "updated_at": integration.updated_at.timestamp(),
            "refresh_generation": None,
            "refresh_sent_at": None,
            "notified_at": None,
            "reason": integration.reason,
        }
        statement = insert(table).values(
            provider=integration.key.provider,
            user_id=integration.key.user_id,
            connected_at=integration.connected_at.timestamp(),
            **values,
        )
        with self._database.transaction() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["provider", "user_id"], set_=values)
            )

    def set_status(
        self, key: AccountKey, status: TokenStatus, *, now: datetime, reason: str | None = None
    ) -> bool:
        """Set the status and return whether that changed anything.

        The reason of what was so already stays.
        """
        with self._database.transaction() as connection:
            result = connection.execute(
                update(table)
                .where(of_account(table, key), table.c.token_status != status.value)
                .values(token_status=status.value, reason=reason, updated_at=now.timestamp())
            )
            return result.rowcount > 0

    def calendars(self, key: AccountKey) -> Mapping[str, bool]:
        """Return which calendars the user chose to see (True) or not to see, by their ids."""
        row = self._row(key, table.c.calendars)
        try:
            return msgspec.json.decode((row and row.calendars) or "{}", type=dict[str, bool])
        except msgspec.DecodeError:  # not written by oO; the service's own choice serves
            return {}

    def show_calendar(self, key: AccountKey, calendar: str, *, shown: bool) -> None:
        """Remember the user's choice; a reconnect keeps it."""
        chosen = {**self.calendars(key), calendar: shown}
        self._set(key, calendars=msgspec.json.encode(chosen).decode())

    def refresh_sent(self, key: AccountKey) -> SentRefresh | None:
        """Return the renewal that was sent and never answered, if there is one."""
        row = self._row(key, table.c.refresh_generation, table.c.refresh_sent_at)
        if row is None or row.refresh_generation is None or row.refresh_sent_at is None:
            return None
        return SentRefresh(row.refresh_generation, instant(row.refresh_sent_at))

    def set_refresh_sent(self, key: AccountKey, sent: SentRefresh | None) -> None:
        """Note a renewal before it is sent; None when it was certainly not performed."""
        self._set(
            key,
            refresh_generation=sent.generation if sent else None,
            refresh_sent_at=sent.sent_at.timestamp() if sent else None,
        )

    def set_renewed(
        self, key: AccountKey, *, expires_at: datetime | None, keyring: str, now: datetime
    ) -> None:
        """Note that renewed tokens are stored: where, until when, and that none is on its way."""
        self._set(
            key,
            expires_at=timestamp_or_none(expires_at),
            keyring=keyring,
            updated_at=now.timestamp(),
            refresh_generation=None,
            refresh_sent_at=None,
        )

    def notified_at(self, key: AccountKey) -> datetime | None:
        """Return when the user was last asked to reconnect this account."""
        row = self._row(key, table.c.notified_at)
        return instant_or_none(row.notified_at) if row else None

    def set_notified(self, key: AccountKey, at: datetime | None) -> None:
        """Note when the user was asked to reconnect this account; None: it works again."""
        self._set(key, notified_at=timestamp_or_none(at))

    def delete(self, key: AccountKey) -> None:
        """Forget the account; one that is not there is as good as deleted."""
        with self._database.transaction() as connection:
            connection.execute(delete(table).where(of_account(table, key)))

    def _row(self, key: AccountKey, *columns: Any) -> Any:
        """What the account's row has in `columns`; None where there is no row."""
        with self._database.reading() as connection:
            return connection.execute(select(*columns).where(of_account(table, key))).one_or_none()

    def _set(self, key: AccountKey, **values: object) -> None:
        with self._database.transaction() as connection:
            connection.execute(update(table).where(of_account(table, key)).values(**values))


def integration_from_row(row: Any) -> Integration:
    """Return the account of a row of the table. Raises ValueError where it makes no sense.

    row: has the columns as attributes.
    """
    return Integration(
        key=AccountKey(ProviderId(row.provider), UserId(row.user_id)),
        label=row.label,
        token_status=TokenStatus(row.token_status),
        scopes=row.scopes,
        client_id=row.client_id,
        keyring=row.keyring,
        reason=row.reason,
        expires_at=instant_or_none(row.expires_at),
        connected_at=instant(row.connected_at),
        updated_at=instant(row.updated_at),
    )
