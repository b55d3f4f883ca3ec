"""Keep the connected accounts without their tokens (`integration_tokens`)."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from oo_desktop.model.integrations import Integration, SentRefresh
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import TokenStatus
from oo_desktop.store import sql
from oo_desktop.store.columns import (
    Row,
    encode_json,
    instant,
    instant_or_none,
    of_account,
    timestamp_or_none,
)
from oo_desktop.store.database import Database

log = logging.getLogger(__name__)

TEXTS = ("label", "scopes", "client_id", "keyring")
"""Columns in which a text stands, and nothing else."""


class IntegrationStore:
    """Reads and writes integrations, for the vault. Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Integration, ...]:
        """Return every account, in the order they were first connected."""
        with self._database.reading() as connection:
            return tuple(map(_read, connection.execute(sql.INTEGRATIONS)))

    def get(self, key: AccountKey) -> Integration | None:
        """Return the account; None where it is not connected."""
        row = self._row(key)
        return _read(row) if row else None

    def save(self, integration: Integration) -> None:
        """Insert or replace what a sign-in found; keeps the date of the first connection."""
        self._write(
            sql.SAVE_INTEGRATION,
            integration.key,
            token_status=integration.token_status.value,
            label=integration.label,
            scopes=integration.scopes,
            client_id=integration.client_id,
            keyring=integration.keyring,
            expires_at=timestamp_or_none(integration.expires_at),
            connected_at=integration.connected_at.timestamp(),
            updated_at=integration.updated_at.timestamp(),
            refresh_generation=None,
            refresh_sent_at=None,
            notified_at=None,
            reason=integration.reason,
        )

    def set_status(
        self, key: AccountKey, status: TokenStatus, *, now: datetime, reason: str | None = None
    ) -> bool:
        """Set the status and return whether that changed anything.

        The reason of what was so already stays.
        """
        changed = self._write(
            sql.SET_STATUS, key, status=status.value, reason=reason, updated_at=now.timestamp()
        )
        return changed > 0

    def calendars(self, key: AccountKey) -> Mapping[str, bool]:
        """Return which calendars the user chose to see (True) or not to see, by their ids."""
        row = self._row(key)
        text = row["calendars"] if row else "{}"
        try:
            return msgspec.json.decode(text, type=dict[str, bool])
        except msgspec.DecodeError:  # not written by oO; the service's own choice serves
            return {}

    def show_calendar(self, key: AccountKey, calendar: str, *, shown: bool) -> None:
        """Remember the user's choice; a reconnect keeps it."""
        chosen = {**self.calendars(key), calendar: shown}
        self._write(sql.SET_CALENDARS, key, calendars=encode_json(chosen))

    def refresh_sent(self, key: AccountKey) -> SentRefresh | None:
        """Return the renewal that was sent and never answered, if there is one."""
        row = self._row(key)
        if row is None or row["refresh_generation"] is None or row["refresh_sent_at"] is None:
            return None
        return SentRefresh(row["refresh_generation"], _instant(row["refresh_sent_at"]))

    def set_refresh_sent(self, key: AccountKey, sent: SentRefresh | None) -> None:
        """Note a renewal before it is sent; None when it was certainly not performed."""
        self._write(
            sql.SET_REFRESH_SENT,
            key,
            refresh_generation=sent.generation if sent else None,
            refresh_sent_at=sent.sent_at.timestamp() if sent else None,
        )

    def set_renewed(
        self, key: AccountKey, *, expires_at: datetime | None, keyring: str, now: datetime
    ) -> None:
        """Note that renewed tokens are stored: where, until when, and that none is on its way."""
        self._write(
            sql.SET_RENEWED,
            key,
            expires_at=timestamp_or_none(expires_at),
            keyring=keyring,
            updated_at=now.timestamp(),
            refresh_generation=None,
            refresh_sent_at=None,
        )

    def notified_at(self, key: AccountKey) -> datetime | None:
        """Return when the user was last asked to reconnect this account."""
        row = self._row(key)
        at = row["notified_at"] if row else None
        return None if at is None else _instant(at)

    def set_notified(self, key: AccountKey, at: datetime | None) -> None:
        """Note when the user was asked to reconnect this account; None: it works again."""
        self._write(sql.SET_NOTIFIED, key, notified_at=timestamp_or_none(at))

    def delete(self, key: AccountKey) -> None:
        """Forget the account; one that is not there is as good as deleted."""
        self._write(sql.DELETE_INTEGRATION, key)

    def _row(self, key: AccountKey) -> Row | None:
        """The account's row; None where there is none."""
        with self._database.reading() as connection:
            row: Row | None = connection.execute(sql.INTEGRATION, of_account(key)).fetchone()
            return row

    def _write(self, statement: str, key: AccountKey, **values: object) -> int:
        """Returns how many rows it has changed."""
        with self._database.transaction() as connection:
            return connection.execute(statement, of_account(key, **values)).rowcount


def integration_from_row(row: Row) -> Integration:
    """Return the account of a row of the table. Raises ValueError where it makes no sense."""
    texts: dict[str, str] = {name: row[name] for name in TEXTS}
    if not all(isinstance(each, str) for each in texts.values()):
        raise ValueError("a text is none")
    return Integration(
        key=AccountKey(ProviderId(row["provider"]), UserId(row["user_id"])),
        token_status=TokenStatus(row["token_status"]),
        reason=row["reason"] if isinstance(row["reason"], str) else None,
        **texts,
        expires_at=instant_or_none(row["expires_at"]),
        connected_at=instant(row["connected_at"]),
        updated_at=instant(row["updated_at"]),
    )


def _read(row: Row) -> Integration:
    """The account, with what can be read of its row: without it nobody would find its token.

    What its service thinks of the token, the next poll tells.
    """
    try:
        return integration_from_row(row)
    except ValueError:
        log.info("the account %s/%s cannot be read in full", row["provider"], row["user_id"])
    known = {each.value for each in TokenStatus}
    status = row["token_status"] if row["token_status"] in known else TokenStatus.ACTIVE.value
    times = ("expires_at", "connected_at", "updated_at")
    readable = {
        name: None if row[name] is None else _instant(row[name]).timestamp() for name in times
    }
    texts = {name: row[name] if isinstance(row[name], str) else "" for name in TEXTS}
    return integration_from_row({**dict(row), **readable, **texts, "token_status": status})


def _instant(timestamp: float) -> datetime:
    """Long ago, where the column has none: what it is of is over."""
    try:
        return instant(timestamp)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
