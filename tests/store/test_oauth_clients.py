from datetime import UTC, datetime

from msgspec.structs import replace

from oo_desktop.model.signals import ProviderId
from oo_desktop.store.database import Database
from oo_desktop.store.oauth_clients import OAuthClientStore, RegisteredClient

CLIENT = RegisteredClient(
    provider=ProviderId("todoist"),
    client_id="tdd_client",
    register_url="https://api.todoist.com/oauth/register",
    redirect_uris=("http://localhost:8771/a", "http://localhost:8772/a"),
    registered_at=datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC),
)


def test_a_registered_client_is_read_replaced_and_deleted(database: Database) -> None:
    store = OAuthClientStore(database)
    assert store.get(CLIENT.provider) is None
    store.save(CLIENT)
    assert store.get(CLIENT.provider) == CLIENT
    newer = replace(CLIENT, client_id="tdd_newer", redirect_uris=())
    store.save(newer)
    assert store.get(CLIENT.provider) == newer
    store.delete(CLIENT.provider)
    assert store.get(CLIENT.provider) is None


def test_a_client_that_cannot_be_read_is_registered_anew(database: Database) -> None:
    store = OAuthClientStore(database)
    store.save(CLIENT)
    with database.transaction() as connection:
        connection.execute("UPDATE oauth_clients SET registered_at = 'x'")
    assert store.get(CLIENT.provider) is None
