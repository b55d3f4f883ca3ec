from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.model.signals import AccountKey, ProviderId, SignalId, Task, UserId
from oo_desktop.store import sql
from oo_desktop.store.columns import (
    decode_signal,
    encode_json,
    instant,
    instant_or_none,
    of_account,
    timestamp_or_none,
)
from oo_desktop.store.database import Database


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001  # hypothesis wants naive ones
def test_an_instant_is_read_as_it_was_written(naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC)
    assert instant(at.timestamp()) - at <= timedelta(microseconds=1)
    assert instant_or_none(timestamp_or_none(at)) == instant(at.timestamp())


def test_no_instant_is_none_both_ways() -> None:
    assert (timestamp_or_none(None), instant_or_none(None)) == (None, None)


@pytest.mark.parametrize("timestamp", [1e300, -1e300, 1e15, float("nan"), float("inf")])
def test_seconds_that_are_no_instant_are_a_value_error(timestamp: float) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        instant(timestamp)


def test_a_signal_is_read_as_it_was_written() -> None:
    task = Task(id=SignalId("1"), source=ProviderId("todoist"), user_id=UserId("1"), title="☃")
    assert decode_signal(encode_json(task)) == task


def test_text_that_is_no_signal_is_a_decode_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_signal("{}")


def test_only_rows_of_the_account_are_meant(database: Database) -> None:
    keys = [
        AccountKey(ProviderId(provider), UserId(user_id))
        for provider in ("todoist", "google_calendar")
        for user_id in ("1", "2")
    ]
    with database.transaction() as connection:
        for key in keys:
            row = of_account(key, id="1", position=1, body="; ".join(key))
            connection.execute(sql.REPLACE_SIGNAL, row)
        for key in keys:
            found = connection.execute(sql.SIGNALS_OF_ACCOUNT, of_account(key)).fetchall()
            assert [row["body"] for row in found] == ["; ".join(key)]
