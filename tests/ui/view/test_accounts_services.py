"""What can be connected, and what an account of calendars offers in its own menu."""

from datetime import timedelta

import pytest
from msgspec import structs

from oo_desktop.commands.commands import (
    BringClient,
    Connect,
    NameServer,
    OpenUrl,
    PasteLink,
    PasteToken,
    Reconnect,
    ShowCalendar,
    TypePassword,
)
from oo_desktop.connectors.google_calendar.own_client import HELP
from oo_desktop.model.signals import AccountKey, Calendar, ProviderId, UserId
from oo_desktop.model.state import (
    AccountState,
    AppState,
    Connecting,
    Connection,
    Service,
    SignInState,
    TokenStatus,
)
from oo_desktop.ui.view.accounts import MAX_CALENDAR_ROWS, service_of
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.rows import Row, RowKind
from tests.fixtures.services import SERVICES
from tests.ui.view.happenings import ADA, GOOGLE, calendars, meeting
from tests.ui.view.views import NOW, TODOIST, row, shown, texts

TASKS = Service(id=TODOIST, name="Todoist", pastes_tokens=True)
PLANS = Service(id=GOOGLE, name="Google Calendar", home="https://calendar.google.com")
HERE = Service(
    id=ProviderId("here"),
    name="Calendars of this computer",
    connecting=Connecting.NOTHING,
    connect="Connect calendars of this computer",
)
LINKS = Service(
    id=ProviderId("ics"),
    name="Calendar link",
    connecting=Connecting.LINK,
    connect="Add a calendar link…",
    connect_another="Add another calendar link…",
)
DAV = Service(id=ProviderId("dav"), name="Dav", connecting=Connecting.PASSWORD, browser="Dav Cloud")
NOTES = Service(id=ProviderId("jotter"), name="Jotter & Sons", home="https://jotter.example")


def offered(state: AppState) -> list[tuple[str, object]]:
    return [
        (each.text, each.command)
        for each in row(shown(state), "accounts").rows
        if isinstance(each.command, Connect | PasteToken | PasteLink | TypePassword | NameServer)
    ]


def menu_of(account: AccountState) -> tuple[Row, ...]:
    return row(shown(AppState(accounts=(account,))), "accounts").rows[0].rows


def test_every_service_there_is_can_be_connected_in_the_way_it_takes() -> None:
    assert offered(AppState(services=(TASKS, PLANS, LINKS, NOTES))) == [
        ("Connect Todoist…", Connect(TODOIST)),
        ("Paste a Todoist API token…", PasteToken(TODOIST, "Todoist")),
        ("Connect Google Calendar…", Connect(GOOGLE)),
        ("Add a calendar link…", PasteLink(LINKS.id, "Calendar link")),
        ("Connect Jotter & Sons…", Connect(NOTES.id)),
    ]


def test_a_service_with_passwords_asks_for_one_or_for_a_server_with_a_page_to_sign_in() -> None:
    assert offered(AppState(services=(DAV, structs.replace(DAV, browser="")))) == [
        ("Connect Dav…", TypePassword(DAV.id)),
        ("Connect Dav Cloud…", NameServer(DAV.id)),
        ("Connect Dav…", TypePassword(DAV.id)),
    ]


def test_signing_in_at_a_server_is_offered_in_the_first_menu_too() -> None:
    lines = texts(shown(AppState(services=(DAV,))))
    assert "Connect Dav…" in lines
    assert "Connect Dav Cloud…" in lines


def test_a_password_that_is_no_longer_accepted_is_said_and_can_be_mended() -> None:
    ada = structs.replace(
        calendars(AccountKey(DAV.id, UserId("a")), token_status=TokenStatus.NEEDS_RECONNECT),
        label="ada@dav.example",
    )
    view = shown(AppState(accounts=(ada,), services=(DAV,)))
    mend = row(view, "reconnect", *ada.key)
    assert (mend.text, mend.command) == ("Reconnect Dav…", Reconnect(ada.key))
    told = row(view, "accounts").rows[0].rows[0].text
    assert told.startswith("This password is no longer accepted, ")
    assert any("Dav needs your password again" in line for line in view.tooltip)


def test_what_is_on_this_computer_is_one_click_away_from_the_first_menu_on() -> None:
    view = shown(AppState(services=(HERE, TASKS)))
    connect = next(each for each in view.rows if each.id[0] == "connect")
    assert (connect.text, connect.command) == (
        "Connect calendars of this computer",
        Connect(HERE.id),
    )


def test_what_is_not_to_be_had_here_is_not_offered() -> None:
    state = AppState(services=(structs.replace(HERE, offered=False), TASKS))
    assert [command for _, command in offered(state)] == [
        Connect(TODOIST),
        PasteToken(TODOIST, "Todoist"),
    ]
    assert "Connect calendars of this computer" not in texts(shown(state))


def test_of_this_computer_there_is_one_account_which_has_its_name_though_it_is_not_offered() -> (
    None
):
    ours = calendars(AccountKey(HERE.id, UserId("this-computer")))
    for service in (HERE, structs.replace(HERE, offered=False)):
        state = AppState(accounts=(ours,), services=(service, LINKS))
        assert [text for text, _ in offered(state)] == ["Add a calendar link…"]
        assert row(shown(state), "accounts").rows[0].text.startswith("Calendars of this computer")


@pytest.mark.parametrize("connection", [Connection.OFFLINE, Connection.FAILING])
def test_what_is_on_this_computer_is_not_offline_but_cannot_be_read(
    connection: Connection,
) -> None:
    key = AccountKey(HERE.id, UserId("this-computer"))
    ours = calendars(key, connection=connection, reason="It does not answer")
    away = calendars(connection=Connection.OFFLINE)
    view = shown(AppState(accounts=(ours,), services=(HERE,)))
    assert any(
        each.startswith("Calendars of this computer cannot be read at the moment, ")
        for each in texts(view)
    )
    told = [each.text for each in row(view, "accounts").rows[0].rows[:2]]
    assert told[0].startswith("Cannot be read at the moment, ")
    assert told[1] == "It does not answer."
    both = texts(shown(AppState(accounts=(ours, away), services=(HERE, PLANS))))
    assert any(each.startswith("Google Calendar: offline") for each in both)


def test_what_is_told_of_its_changes_is_up_to_date_and_does_not_age_the_others() -> None:
    key = AccountKey(HERE.id, UserId("this-computer"))
    ours = calendars(key, told=True, last_success=NOW - timedelta(hours=2))
    other = calendars(last_success=NOW - timedelta(minutes=5))
    services = (HERE, PLANS)
    assert "Up to date" in texts(shown(AppState(accounts=(ours,), services=services)))
    assert any(
        "5 min" in line
        for line in texts(shown(AppState(accounts=(ours, other), services=services)))
    )


def test_a_second_account_of_a_service_is_called_another() -> None:
    state = AppState(accounts=(calendars(),), services=(PLANS, LINKS))
    assert [text for text, _ in offered(state)] == [
        "Connect another Google Calendar account…",
        "Add a calendar link…",
    ]


def test_the_calendar_of_a_link_is_named_beside_its_events() -> None:
    """Beside a Google account whose main calendar goes unnamed, nothing else would tell them."""
    team = structs.replace(calendars(AccountKey(LINKS.id, UserId("l1"))), label="Team")
    other = structs.replace(calendars(AccountKey(LINKS.id, UserId("l2"))), label="Fair")
    later = NOW + timedelta(hours=2)
    event = meeting("Review", later, account=team.key, calendar="Team")

    def line(*accounts: AccountState) -> str:
        state = AppState(accounts=accounts, signals={team.key: (event,)}, services=(PLANS, LINKS))
        return row(shown(state), "event", *team.key, "Review", "open").text

    assert line(team) == line(calendars(), team) == "15:00–15:30  Review · Team"
    assert line(team, other) == "15:00–15:30  Review · Team", "said once"


def test_a_link_that_is_no_longer_valid_asks_for_the_current_one() -> None:
    link = structs.replace(
        calendars(AccountKey(LINKS.id, UserId("l1")), token_status=TokenStatus.NEEDS_RECONNECT),
        label="Team",
    )
    state = AppState(accounts=(link,), services=(PLANS, LINKS))
    assert row(shown(state), "reconnect", *link.key).text == "Paste the current link of Team…"


def test_without_an_account_the_menu_offers_every_way_to_begin() -> None:
    view = shown(AppState(services=(TASKS, PLANS, LINKS)))
    assert texts(view)[:4] == [
        "Connect an account to see what is due",
        "Connect Todoist…",
        "Connect Google Calendar…",
        "Add a calendar link…",
    ]


def test_a_waiting_sign_in_names_its_service() -> None:
    sign_in = SignInState(provider=NOTES.id, url="", ends_at=NOW)
    view = shown(AppState(services=(NOTES,), sign_ins=(sign_in,)))
    assert view.rows[0].text == "Waiting for the browser to connect Jotter & Sons…"


def test_a_service_that_is_not_offered_any_more_still_has_a_name() -> None:
    assert service_of(GOOGLE, ()).name == "Google Calendar"
    assert service_of(ProviderId("ics"), SERVICES).name == "Calendar link"
    assert service_of(ProviderId("my_notes"), SERVICES).name == "My Notes"
    assert service_of(NOTES.id, (NOTES,)).home == "https://jotter.example"
    assert service_of(ProviderId("x"), (Service(id=ProviderId("x"), name="\u200b"),)).name == "X"


def test_saved_events_are_called_events() -> None:
    view = shown(AppState(accounts=(calendars(connection=Connection.OFFLINE),)))
    assert any("showing saved events" in line for line in texts(view))


# Calendars


def test_each_calendar_is_a_click_away_from_being_shown_or_not() -> None:
    account = calendars(
        calendars=(
            Calendar(id="ada@example.org", name="Ada"),
            Calendar(id="holidays#1", name="Holi\ndays", shown=False),
        )
    )
    submenu = menu_of(account)[1]
    assert submenu.text == "Calendars"
    assert [(each.text, each.icon, each.command) for each in submenu.rows] == [
        ("Ada · shown", RowIcon.SHOWN, ShowCalendar("ada@example.org", ADA)),
        ("Holi days · not shown", RowIcon.HIDDEN, ShowCalendar("holidays#1", ADA, shown=True)),
    ]


def test_a_calendar_that_can_only_be_looked_at_says_so() -> None:
    account = calendars(
        calendars=(
            Calendar(id="1", name="Team", read_only=True),
            Calendar(id="2", name="Fair", shown=False, read_only=True),
        )
    )
    assert [each.text for each in menu_of(account)[1].rows] == [
        "Team · shown, read-only",
        "Fair · not shown, read-only",
    ]


def test_a_calendar_that_cannot_be_read_says_why() -> None:
    account = calendars(
        calendars=(
            Calendar(id="1", name="Ada"),
            Calendar(id="2", name="Team", problem="It is not shared with you any more"),
            Calendar(id="3", name="", problem=""),
        )
    )
    submenu = menu_of(account)[1]
    assert (submenu.text, submenu.icon) == ("Calendars · 2 cannot be shown", RowIcon.ATTENTION)
    assert [each.text for each in submenu.rows[1:]] == [
        "Team · cannot be shown: It is not shared with you any more.",
        "(no name) · cannot be shown",
    ]


def test_calendars_stand_under_the_name_of_their_group_those_of_none_first() -> None:
    account = calendars(
        calendars=(
            Calendar(id="1", name="Work", group="ada@cloud\x07"),
            Calendar(id="2", name="Personal"),
            Calendar(id="3", name="Team", group="Google"),
            Calendar(id="4", name="Home", group="ada@cloud"),
        )
    )
    rows = menu_of(account)[1].rows
    assert [(each.text.partition(" · ")[0], each.kind) for each in rows] == [
        ("Personal", RowKind.COMMAND),
        ("ada@cloud", RowKind.TEXT),
        ("Work", RowKind.COMMAND),
        ("Home", RowKind.COMMAND),
        ("Google", RowKind.TEXT),
        ("Team", RowKind.COMMAND),
    ]
    assert len({each.id for each in rows}) == len(rows)


def test_hundreds_of_calendars_do_not_fill_the_screen() -> None:
    many = tuple(
        Calendar(id=str(number), name=str(number)) for number in range(MAX_CALENDAR_ROWS + 7)
    )
    rows = menu_of(calendars(calendars=many))[1].rows
    assert (len(rows), rows[-1].text) == (MAX_CALENDAR_ROWS + 1, "and 7 more")


# Replies


def test_replies_are_allowed_from_the_accounts_menu_where_they_are_not() -> None:
    allowed = [each.command for each in menu_of(calendars())]
    assert not any(isinstance(command, Connect) and command.write for command in allowed)
    found = [each for each in menu_of(calendars(may_write=False)) if each.id[0] == "allow-replies"]
    assert [(each.text, each.command) for each in found] == [
        ("Allow replies to invitations…", Connect(GOOGLE, ADA, write=True))
    ]


def test_an_account_that_needs_a_reconnect_is_not_asked_for_more() -> None:
    account = calendars(may_write=False, token_status=TokenStatus.NEEDS_RECONNECT)
    assert not any(each.id[0] == "allow-replies" for each in menu_of(account))


def test_a_calendars_account_leads_to_its_service() -> None:
    assert OpenUrl("https://calendar.google.com") in [each.command for each in menu_of(calendars())]


def test_another_client_can_be_brought_where_a_service_takes_those_its_users_made() -> None:
    service = Service(id=GOOGLE, name="Google Calendar", own_client=HELP)
    none_yet = row(shown(AppState(services=(service,))), "accounts").rows
    assert ("Bring a Google client…", BringClient(GOOGLE, HELP)) in [
        (r.text, r.command) for r in none_yet
    ]
    account, *others = row(
        shown(AppState(accounts=(calendars(),), services=(service,))), "accounts"
    ).rows
    assert BringClient(GOOGLE, HELP) not in [each.command for each in others]
    assert ("Use another Google client…", BringClient(GOOGLE, HELP)) in [
        (each.text, each.command) for each in account.rows
    ]


def test_a_consent_of_parts_and_another_client_can_be_mended_without_a_sign_out() -> None:
    """What the account lacks is said to be mended by a reconnect: there it is."""
    service = Service(id=GOOGLE, name="Google Calendar", own_client=HELP)
    for others, reconnects in (((service,), True), ((PLANS,), False)):
        state = AppState(accounts=(calendars(),), services=others)
        account = row(shown(state), "accounts").rows[0]
        assert (Reconnect(ADA) in [each.command for each in account.rows]) == reconnects


def test_a_service_that_registers_oo_by_itself_takes_no_client() -> None:
    rows = row(shown(AppState(accounts=(calendars(),), services=(PLANS,))), "accounts").rows
    assert not any(isinstance(each.command, BringClient) for each in (*rows, *rows[0].rows))
