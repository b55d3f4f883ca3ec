"""Translates between the values oO works with and what columns hold, alike for every table."""

from datetime import UTC, datetime

import msgspec
from sqlalchemy import ColumnElement, Table, and_

from oo_desktop.model.signals import AccountKey, AnySignal

_encoder = msgspec.json.Encoder()
_signal_decoder = msgspec.json.Decoder(AnySignal)


def of_account(table: Table, key: AccountKey) -> ColumnElement[bool]:
    """Build the condition that a row of `table` belongs to the account."""
    return and_(table.c.provider == key.provider, table.c.user_id == key.user_id)


def instant(timestamp: float) -> datetime:
    """Return the instant of Unix seconds. Raises ValueError where there is none."""
    try:
        return datetime.fromtimestamp(timestamp, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{timestamp} is no instant") from error


def instant_or_none(timestamp: float | None) -> datetime | None:
    """Return the instant of Unix seconds; None stays None. Raises ValueError."""
    return None if timestamp is None else instant(timestamp)


def timestamp_or_none(at: datetime | None) -> float | None:
    """Return the Unix seconds of an instant; None stays None."""
    return None if at is None else at.timestamp()


def encode_json(value: object) -> str:
    """Return a signal, or part of one, as JSON."""
    return _encoder.encode(value).decode()


def decode_signal(text: str) -> AnySignal:
    """Return the signal that `encode_json` wrote. Raises msgspec.DecodeError where it is none."""
    signal: AnySignal = _signal_decoder.decode(text)
    return signal
