"""What everything shown starts from, and the words that others rely on."""

from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import AccountState, Connection, TokenStatus


def test_the_words_that_the_database_and_the_command_line_know_stay() -> None:
    assert {status.value for status in TokenStatus} == {"active", "needs_reconnect"}
    assert {connection.value for connection in Connection} == {
        "unknown",
        "ok",
        "offline",
        "rate_limited",
        "waiting_for_keyring",
        "failing",
        "refused",
    }


def test_an_account_nobody_has_asked_yet_is_neither_well_nor_broken() -> None:
    account = AccountState(key=AccountKey(ProviderId("todoist"), UserId("ada")), label="Ada")
    assert (account.token_status, account.connection) == (TokenStatus.ACTIVE, Connection.UNKNOWN)
    assert (account.reason, account.last_success, account.pending) == (None, None, 0)
