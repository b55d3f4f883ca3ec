"""Translates between the values oO works with and what columns hold, alike for every table."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from oo_desktop.model.signals import AccountKey, AnySignal

Row = sqlite3.Row | Mapping[str, Any]
"""A row of a table, by the names of its columns: as SQLite gave it, or as it was salvaged."""

_encoder = msgspec.json.Encoder()
_signal_decoder = msgspec.json.Decoder(AnySignal)


def of_account(key: AccountKey, **others: object) -> dict[str, object]:
    """Return what a statement is given to concern rows of the account, and `others` beside it."""
    return {"provider": key.provider, "user_id": key.user_id, **others}


def instant(timestamp: float) -> datetime:
    """Return the instant of Unix seconds. Raises ValueError where there is none."""
    try:
        return datetime.fromtimestamp(timestamp, UTC)
    except (OverflowError, OSError, TypeError) as error:  # a column may hold a text all the same
        raise ValueError("this is no instant") from error


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
