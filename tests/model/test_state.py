"""What everything shown starts from, and the words that others rely on."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from oo_desktop.model.clicks import OutboxItem, OutboxState, is_rejected
from oo_desktop.model.signals import AccountKey, ActionKind, Floating, ProviderId, UserId
from oo_desktop.model.state import (
    AccountState,
    AppState,
    Connection,
    TokenStatus,
    moving_keys,
    unconfirmed_keys,
    zones_of,
)
from oo_desktop.testing import TODAY, task

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TONIGHT = Floating(datetime.combine(TODAY.day, time(20)))


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


def click(
    number: int, kind: ActionKind, state: OutboxState, *, unconfirmed: bool = False
) -> OutboxItem:
    return OutboxItem(
        number=number,
        kind=kind,
        uuid=str(number),
        signal=task(str(number)),
        state=state,
        clicked_at=NOW,
        send_at=NOW,
        due=TONIGHT if kind is ActionKind.LATER_TODAY else None,
        unconfirmed=unconfirmed,
    )


def test_an_account_counts_its_days_in_its_zone_or_else_in_the_machines() -> None:
    named, unknown, none = (task("1", user_id=user).account for user in ("a", "b", "c"))
    zones = {named: "Asia/Tokyo", unknown: "No/Such", none: None}
    state = AppState(
        accounts=tuple(AccountState(key=key, label="", zone=zone) for key, zone in zones.items())
    )
    berlin = ZoneInfo("Europe/Berlin")
    assert zones_of(state, berlin) == {
        named: ZoneInfo("Asia/Tokyo"),
        unknown: berlin,
        none: berlin,
    }


def test_clicks_are_told_apart_by_what_became_of_them() -> None:
    rejected = click(1, ActionKind.DONE, OutboxState.REJECTED)
    unconfirmed = click(2, ActionKind.DONE, OutboxState.SENT, unconfirmed=True)
    moving = click(3, ActionKind.LATER_TODAY, OutboxState.QUEUED)
    outbox = (rejected, unconfirmed, moving)
    assert [is_rejected(each) for each in outbox] == [True, False, False]
    state = AppState(outbox=outbox)
    assert unconfirmed_keys(state) == {unconfirmed.key}
    assert moving_keys(state) == {moving.key}


def test_what_was_rejected_or_is_shown_again_is_not_on_its_way_to_another_hour() -> None:
    kind = ActionKind.LATER_TODAY
    rejected = click(1, kind, OutboxState.REJECTED)
    unconfirmed = click(2, kind, OutboxState.SENT, unconfirmed=True)
    assert moving_keys(AppState(outbox=(rejected, unconfirmed))) == frozenset()
