from datetime import UTC, datetime

import pytest

from oo_desktop.model.integrations import Integration
from oo_desktop.model.signals import AccountKey, ProviderId, UserId

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = AccountKey(ProviderId("todoist"), UserId("1"))


@pytest.mark.parametrize(
    ("scopes", "granted"),
    [
        ("", frozenset[str]()),
        ("read", {"read"}),
        ("write read", {"read", "write"}),
        (" read  write\nread ", {"read", "write"}),
    ],
)
def test_granted_scopes_have_no_order(scopes: str, granted: frozenset[str]) -> None:
    account = Integration(
        key=KEY, label="ada@example.org", scopes=scopes, connected_at=NOW, updated_at=NOW
    )
    assert account.granted == granted
