"""Accounts in the tray: how each is, why, since when, and what can be done about it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from oo_desktop.commands.commands import (
    AskToDisconnect,
    CancelSignIn,
    Connect,
    CopyLink,
    OpenUrl,
    PasteToken,
    Reconnect,
    Refresh,
)
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import AppState, Connection, SignInState, TokenStatus
from oo_desktop.ui.view.accounts import MAX_MENU_REASON, AccountWords
from oo_desktop.ui.view.icon import Mark
from oo_desktop.ui.view.outbox import UNDO_SHOWN
from oo_desktop.ui.view.tray import tray_lines
from tests.counted_calls import calls_of
from tests.fixtures.services import SERVICES
from tests.ui.view.happenings import ADA as GOOGLE_ADA
from tests.ui.view.happenings import calendars
from tests.ui.view.views import (
    NOW,
    TODAY,
    TODOIST,
    MakeAccount,
    MakeTask,
    changes_at,
    row,
    rows_of,
    shown,
    state_of,
    texts,
)


@pytest.mark.parametrize(
    ("connection", "line"),
    [
        (Connection.OK, "Updated 2 min ago"),
        (Connection.UNKNOWN, "Updated 2 min ago"),
        (Connection.OFFLINE, "Todoist: offline since 12:58, showing saved tasks"),
        (Connection.LIMITED, "Todoist asked oO to slow down until 14:05"),
        (Connection.KEYRING, "Todoist: waiting for your keyring, list saved 2 min ago"),
        (Connection.FAILING, "Todoist does not answer as it should, list saved 2 min ago"),
        (Connection.NEEDS_RECONNECT, "Todoist needs you to sign in again, list saved 2 min ago"),
    ],
)
def test_the_state_of_an_account_in_plain_words(
    connection: Connection, line: str, make_account: MakeAccount
) -> None:
    account = make_account(
        connection=connection, next_poll=datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
    )
    assert line in texts(shown(state_of(account)))


@pytest.mark.parametrize(
    "connection",
    [Connection.OFFLINE, Connection.KEYRING, Connection.FAILING, Connection.NEEDS_RECONNECT],
)
def test_the_reason_stands_below_what_it_explains(
    connection: Connection, make_account: MakeAccount
) -> None:
    account = make_account(connection=connection, reason="It is\nnot for\u202e you", waiting=1)
    view = shown(state_of(account))
    lines = [each.text for each in view.rows if each.id[0] == "status"]
    assert lines[1:] == ["It is not for you.", "1 click waits to be sent to Todoist"]
    state_row, reason_row = row(view, "accounts").rows[0].rows[:2]
    assert "2 min ago" in state_row.text or "since 12:58" in state_row.text
    assert reason_row.text == "It is not for you."
    assert not any("ago" in line for line in view.tooltip)  # nobody draws a tooltip anew


def test_being_asked_to_slow_down_needs_no_second_line(make_account: MakeAccount) -> None:
    account = make_account(connection=Connection.LIMITED, reason="Todoist asked oO to slow down.")
    view = shown(state_of(account))
    assert [each.text for each in view.rows if each.id[0] == "status"] == [
        "Todoist asked oO to slow down for a while"
    ]


def test_a_reason_two_accounts_share_or_that_stands_on_top_is_said_once(
    make_account: MakeAccount,
) -> None:
    reason = "Todoist cannot be reached. oO keeps trying."
    accounts = tuple(
        make_account(user, connection=Connection.OFFLINE, reason=reason) for user in ("7", "8")
    )
    assert texts(shown(AppState(accounts=accounts))).count(reason) == 1
    on_top = shown(AppState(accounts=accounts, problem=reason))
    assert [each.id[0] for each in on_top.rows if each.text == reason] == ["problem"]


def test_a_long_reason_is_cut_in_the_menu_and_whole_one_step_away(
    make_account: MakeAccount,
) -> None:
    reason = "x" * 140
    view = shown(state_of(make_account(connection=Connection.KEYRING, reason=reason)))
    assert row(view, "status", "1").text == "x" * (MAX_MENU_REASON - 1) + "…"
    assert row(view, "accounts").rows[0].rows[1].text == f"{reason}."


def test_a_list_that_was_cut_off_says_so(make_account: MakeAccount) -> None:
    cut = make_account(reason="Only the first 2,000 of 10,000 are shown.")
    assert tray_lines(shown(state_of(cut)))[-2:] == [
        "Only the first 2,000 of 10,000 are shown.",
        "Updated 2 min ago",
    ]
    two = AppState(accounts=(cut, make_account("8", "work@example.org")))
    assert "Todoist (ana): Only the first 2,000 of 10,000 are shown." in texts(shown(two))
    assert shown(two).icon.mark is Mark.FINE


@pytest.mark.parametrize(
    ("connection", "mark"),
    [
        (Connection.OK, Mark.FINE),
        (Connection.UNKNOWN, Mark.FINE),
        (Connection.LIMITED, Mark.FINE),
        (Connection.OFFLINE, Mark.OFFLINE),
        (Connection.KEYRING, Mark.OFFLINE),
        (Connection.FAILING, Mark.OFFLINE),
        (Connection.NEEDS_RECONNECT, Mark.ATTENTION),
    ],
)
def test_the_mark_on_the_icon(
    connection: Connection, mark: Mark, make_account: MakeAccount
) -> None:
    assert shown(state_of(make_account(connection=connection))).icon.mark is mark


def test_an_account_that_needs_the_user_is_one_click_from_mended(
    make_account: MakeAccount,
) -> None:
    account = make_account(token_status=TokenStatus.NEEDS_RECONNECT, pending=4, waiting=2)
    view = shown(state_of(account))
    assert (view.rows[0].text, view.rows[0].command) == (
        "Reconnect Todoist…",
        Reconnect(account.key),
    )
    assert "2 clicks wait to be sent to Todoist" in texts(view)


def test_clicks_the_service_has_are_not_said_to_wait_for_it(make_account: MakeAccount) -> None:
    account = make_account(connection=Connection.OFFLINE, pending=2)
    view = shown(state_of(account))
    assert not [line for line in texts(view) if "to be sent" in line]
    assert row(view, "accounts").rows[0].rows[-1].command == AskToDisconnect(
        account.key, "Todoist · ana@example.org", 0
    )


def test_a_link_that_is_no_longer_valid_asks_for_the_current_one_and_for_no_sign_in(
    make_account: MakeAccount,
) -> None:
    key = AccountKey(ProviderId("ics"), UserId("0123456789abcdef"))
    account = structs.replace(make_account(token_status=TokenStatus.NEEDS_RECONNECT), key=key)
    view = shown(state_of(account))
    assert "Calendar link is no longer valid: paste the current one" in view.tooltip
    assert "Calendar link is no longer valid, list saved 2 min ago" in texts(view)
    assert row(view, "accounts").rows[0].rows[0].text == (
        "This link is no longer valid, list saved 2 min ago. Paste the current one."
    )


def test_two_accounts_of_a_service_are_told_apart(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    one = make_account("7", "ana@example.org")
    two = make_account("8", "work@example.org", connection=Connection.OFFLINE)
    state = AppState(
        accounts=(one, two),
        signals={
            one.key: (make_task("Mine", TODAY),),
            two.key: (make_task("Theirs", TODAY, id="2", user="8"),),
        },
    )
    assert texts(shown(state))[:5] == [
        "Today (2)",
        "Mine · ana",
        "Theirs · work",
        "Todoist (work): offline since 12:58, showing saved tasks",
        "Todoist (ana): updated 2 min ago",
    ]


def test_being_offline_is_said_once_for_all_services(make_account: MakeAccount) -> None:
    one = make_account("7", "ana@example.org", connection=Connection.OFFLINE, pending=3, waiting=2)
    two = calendars(connection=Connection.OFFLINE, reason="No answer.", last_success=None)
    view = shown(AppState(accounts=(one, two)))
    lines = [
        "Offline since 12:58, showing what is saved",
        "2 clicks wait to be sent to Todoist",
    ]
    assert texts(view)[1:3] == lines
    assert list(view.tooltip[1:]) == lines
    never = [structs.replace(each, last_success=None) for each in (one, two)]
    assert "Offline, nothing fetched yet" in texts(shown(AppState(accounts=tuple(never))))


def test_the_oldest_list_speaks_for_all_that_are_well(make_account: MakeAccount) -> None:
    offline = make_account("7", "ana@example.org", connection=Connection.OFFLINE)
    well = [make_account(user, f"{user}@example.org") for user in ("8", "9")]
    assert texts(shown(AppState(accounts=(offline, *well))))[-7:-5] == [
        "Todoist (ana): offline since 12:58, showing saved tasks",
        "All others: updated 2 min ago",
    ]


def test_the_accounts_menu_offers_what_can_be_done(make_account: MakeAccount) -> None:
    account = make_account(connection=Connection.NEEDS_RECONNECT, pending=4, waiting=3)
    accounts = row(shown(state_of(account, services=SERVICES[:1])), "accounts")
    first = accounts.rows[0]
    assert first.text == "Todoist · ana@example.org"
    assert [each.command for each in first.rows] == [
        None,
        Reconnect(account.key),
        OpenUrl(SERVICES[0].home or ""),
        AskToDisconnect(account.key, "Todoist · ana@example.org", 3),
    ]
    assert [each.command for each in accounts.rows[2:]] == [
        Connect(TODOIST),
        PasteToken(TODOIST, "Todoist"),
    ]


def test_a_waiting_sign_in_can_be_seen_copied_and_cancelled() -> None:
    sign_in = SignInState(provider=TODOIST, url="https://example.org", ends_at=NOW + UNDO_SHOWN)
    view = shown(AppState(sign_ins=(sign_in,), services=SERVICES[:1]))
    assert view.rows[0].text == "Waiting for the browser to connect Todoist…"
    assert [each.command for each in view.rows[0].rows] == [
        CopyLink(TODOIST),
        CancelSignIn(TODOIST),
    ]
    assert not any(isinstance(each.command, Connect) for each in rows_of(view.rows))


def test_an_account_that_waits_for_the_keyring_stands_in_the_place_of_its_connect() -> None:
    sign_in = SignInState(
        provider=TODOIST,
        url="",
        ends_at=NOW + UNDO_SHOWN,
        note="oO found no keyring. Start one.",
    )
    view = shown(AppState(sign_ins=(sign_in,), services=SERVICES[:1]))
    assert view.rows[0].text == "Waiting for your keyring to connect Todoist…"
    assert [each.text for each in view.rows[0].rows] == [
        "oO found no keyring. Start one.",
        "Cancel",
    ]
    assert view.rows[0].rows[1].command == CancelSignIn(TODOIST)
    assert "oO found no keyring. Start one." in texts(view)
    assert not any(isinstance(each.command, Connect) for each in rows_of(view.rows))


def test_without_an_account_the_menu_says_what_to_do() -> None:
    view = shown(AppState(services=SERVICES[:1]))
    assert texts(view) == [
        "Connect an account to see what is due",
        "Connect Todoist…",
        "Open oO",
        "Accounts",
        "More",
        "Quit oO",
    ]
    assert view.summary == "Not connected"
    assert changes_at(AppState()) is None


def test_before_the_first_answer_nothing_is_promised(make_account: MakeAccount) -> None:
    view = shown(state_of(make_account(last_success=None, connection=Connection.UNKNOWN)))
    assert texts(view)[:2] == ["Your list will be here soon", "Fetching for the first time…"]
    assert view.tooltip == ("Fetching…",)


@pytest.mark.parametrize(
    "connection",
    [each for each in Connection if each not in (Connection.OK, Connection.UNKNOWN)],
)
def test_what_was_never_fetched_is_not_called_empty(
    connection: Connection, make_account: MakeAccount
) -> None:
    view = shown(state_of(make_account(last_success=None, connection=connection)))
    assert view.summary == "Not fetched yet"
    assert "Nothing fetched yet" in texts(view)
    assert not any("Nothing due" in each for each in (*view.tooltip, *tray_lines(view)))


def test_one_account_that_was_fetched_is_enough_to_say_that_nothing_is_due(
    make_account: MakeAccount,
) -> None:
    accounts = (make_account(), make_account("8", last_success=None))
    assert shown(AppState(accounts=accounts)).summary == "Nothing due"


def test_refresh_says_that_it_is_under_way(make_account: MakeAccount) -> None:
    idle, busy = (shown(state_of(make_account(), refreshing=each)) for each in (False, True))
    assert (row(idle, "refresh").text, row(idle, "refresh").command) == ("Refresh", Refresh())
    assert (row(busy, "refresh").text, row(busy, "refresh").enabled) == ("Refreshing…", False)


def test_a_problem_that_concerns_everything_is_on_top(make_account: MakeAccount) -> None:
    view = shown(state_of(make_account(), problem="The disk is full."))
    assert view.rows[0].text == "The disk is full."
    assert view.icon.mark is Mark.ATTENTION


# What could not be read


@pytest.mark.parametrize(
    ("unread", "words"), [(1, "1 event could not be read"), (3, "3 events could not be read")]
)
def test_an_empty_list_from_which_something_is_missing_is_not_called_nothing(
    unread: int, words: str
) -> None:
    account = structs.replace(calendars(GOOGLE_ADA), unread=unread, last_success=NOW)
    view = shown(state_of(account))
    assert view.summary == view.tooltip[0] == words
    assert f"Nothing to show: {words}" in texts(view)
    assert not any("Nothing due" in line for line in (*texts(view), *view.tooltip))
    assert words in [each.text for each in view.rows if each.id[0] == "status"]
    assert words in [each.text for each in row(view, "accounts").rows[0].rows]


def test_of_several_accounts_it_is_said_whose_list_lacks_something(
    make_account: MakeAccount,
) -> None:
    tasks, fine = make_account(unread=2), make_account("8", "work@example.org")
    events = structs.replace(calendars(GOOGLE_ADA), unread=1, last_success=NOW)
    view = shown(AppState(accounts=(tasks, fine, events), services=SERVICES))
    assert "Todoist (ana): 2 tasks could not be read" in texts(view)
    assert view.summary == "3 entries could not be read"


def test_without_anything_missing_nothing_due_is_said(make_account: MakeAccount) -> None:
    view = shown(state_of(make_account()))
    assert view.summary == "Nothing due"
    assert "could not be read" not in " ".join(texts(view))


def test_what_a_row_says_of_its_account_takes_no_longer_where_there_are_many(
    make_account: MakeAccount,
) -> None:
    def asked(number: int) -> int:
        accounts = [make_account(str(n), f"person-{n}@example.org") for n in range(number)]
        words = AccountWords(accounts, NOW, ZoneInfo("UTC"))
        assert words.name(accounts[0].key) == "Todoist (person-0)"
        return calls_of(lambda: words.name(accounts[0].key))

    assert asked(50) == asked(2)
