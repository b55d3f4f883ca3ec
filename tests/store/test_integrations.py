from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from oo_desktop.model.integrations import Integration, SentRefresh
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import TokenStatus
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore

NOW = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
KEY = AccountKey(ProviderId("todoist"), UserId("1"))
ADA = Integration(
    key=KEY,
    label="ada@example.org",
    scopes="data:read_write",
    client_id="tdd_client",
    keyring="keyring.backends.SecretService.Keyring",
    expires_at=NOW + timedelta(hours=1),
    connected_at=NOW,
    updated_at=NOW,
)


@pytest.fixture
def store(database: Database) -> IntegrationStore:
    return IntegrationStore(database)


def test_an_account_is_read_as_it_was_saved(store: IntegrationStore) -> None:
    store.save(ADA)
    assert store.get(KEY) == ADA
    assert store.all() == (ADA,)


def test_an_account_that_is_not_there_is_none(store: IntegrationStore) -> None:
    assert (store.get(KEY), store.all()) == (None, ())
    assert (store.refresh_sent(KEY), store.notified_at(KEY)) == (None, None)


def test_accounts_come_in_the_order_they_were_connected(store: IntegrationStore) -> None:
    second = replace(
        ADA,
        key=AccountKey(ProviderId("a"), UserId("2")),
        connected_at=NOW + timedelta(seconds=1),
    )
    store.save(second)
    store.save(ADA)
    assert store.all() == (ADA, second)


def test_a_reconnect_keeps_the_first_date_and_forgets_what_was_wrong(
    store: IntegrationStore,
) -> None:
    store.save(ADA)
    store.set_status(KEY, TokenStatus.NEEDS_RECONNECT, now=NOW, reason="It ended.")
    store.set_refresh_sent(KEY, SentRefresh(3, NOW))
    store.set_notified(KEY, NOW)
    later = NOW + timedelta(days=1)
    again = replace(ADA, label="Ada", client_id="tdd_other", connected_at=later, updated_at=later)
    store.save(again)
    assert store.get(KEY) == replace(again, connected_at=NOW)
    assert (store.refresh_sent(KEY), store.notified_at(KEY)) == (None, None)


def test_why_an_account_must_be_reconnected_is_kept(store: IntegrationStore) -> None:
    store.save(ADA)
    store.set_status(KEY, TokenStatus.NEEDS_RECONNECT, now=NOW, reason="It ended.")
    waiting = replace(ADA, token_status=TokenStatus.NEEDS_RECONNECT, reason="It ended.")
    assert store.get(KEY) == waiting


def test_a_status_says_whether_it_changed(store: IntegrationStore) -> None:
    store.save(ADA)
    later = NOW + timedelta(minutes=1)
    assert store.set_status(KEY, TokenStatus.NEEDS_RECONNECT, now=later)
    assert not store.set_status(KEY, TokenStatus.NEEDS_RECONNECT, now=later)
    row = store.get(KEY)
    assert row is not None
    assert (row.token_status, row.updated_at) == (TokenStatus.NEEDS_RECONNECT, later)


def test_a_status_of_nobody_changes_nothing(store: IntegrationStore) -> None:
    assert not store.set_status(KEY, TokenStatus.NEEDS_RECONNECT, now=NOW)


def test_a_sent_renewal_is_remembered_to_the_microsecond(store: IntegrationStore) -> None:
    store.save(ADA)
    store.set_refresh_sent(KEY, SentRefresh(0, NOW))
    assert store.refresh_sent(KEY) == SentRefresh(0, NOW)
    store.set_refresh_sent(KEY, None)
    assert store.refresh_sent(KEY) is None


def test_a_stored_renewal_is_noted_at_once(store: IntegrationStore) -> None:
    store.save(ADA)
    store.set_refresh_sent(KEY, SentRefresh(0, NOW))
    later = NOW + timedelta(hours=1)
    store.set_renewed(KEY, expires_at=None, keyring="another", now=later)
    assert store.get(KEY) == replace(ADA, expires_at=None, keyring="another", updated_at=later)
    assert store.refresh_sent(KEY) is None


def test_when_the_user_was_asked_is_remembered(store: IntegrationStore) -> None:
    store.save(ADA)
    store.set_notified(KEY, NOW)
    assert store.notified_at(KEY) == NOW
    store.set_notified(KEY, None)
    assert store.notified_at(KEY) is None


def test_what_concerns_one_account_leaves_the_others_alone(store: IntegrationStore) -> None:
    other = replace(ADA, key=AccountKey(ProviderId("todoist"), UserId("2")))
    store.save(ADA)
    store.save(other)
    store.set_status(KEY, TokenStatus.NEEDS_RECONNECT, now=NOW)
    store.set_refresh_sent(KEY, SentRefresh(0, NOW))
    store.delete(KEY)
    assert store.all() == (other,)
    assert store.refresh_sent(other.key) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("connected_at", 1e300),
        ("updated_at", "yesterday"),
        ("expires_at", b"\xff"),
        ("token_status", "odd"),
        ("scopes", b"\xff"),
        ("reason", b"\xff"),
    ],
)
def test_of_a_row_that_cannot_be_read_in_full_the_account_stays(
    store: IntegrationStore, database: Database, column: str, value: object
) -> None:
    store.save(ADA)
    with database.transaction() as connection:
        connection.execute(f"UPDATE integration_tokens SET {column} = ?", (value,))
    (read,) = store.all()
    assert store.get(KEY) == read
    assert (read.key, read.label, read.token_status) == (KEY, ADA.label, TokenStatus.ACTIVE)
    assert read.expires_at is not None


def test_an_account_whose_name_cannot_be_read_has_none(
    store: IntegrationStore, database: Database
) -> None:
    store.save(ADA)
    with database.transaction() as connection:
        connection.execute("UPDATE integration_tokens SET label = x'ff'")
    assert store.all() == (replace(ADA, label=""),)


def test_an_instant_that_cannot_be_read_is_long_ago(
    store: IntegrationStore, database: Database
) -> None:
    store.save(ADA)
    store.set_refresh_sent(KEY, SentRefresh(3, NOW))
    store.set_notified(KEY, NOW)
    with database.transaction() as connection:
        connection.execute("UPDATE integration_tokens SET refresh_sent_at = 'x', notified_at = 'x'")
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    assert store.refresh_sent(KEY) == SentRefresh(3, long_ago)
    assert store.notified_at(KEY) == long_ago
