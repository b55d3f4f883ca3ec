"""The window of the settings shows every setting once, and accounts in the menu's words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import (
    CancelSignIn,
    Connect,
    CopyLink,
    PasteToken,
    Reconnect,
    ShowCalendar,
)
from oo_desktop.connectors.registry import CONNECTOR_SETTINGS
from oo_desktop.model.settings import SETTINGS, CurrentSetting
from oo_desktop.model.signals import AccountKey, Adding, Calendar, ProviderId, TaskList, UserId
from oo_desktop.model.state import (
    AccountState,
    AppState,
    Connection,
    SignInState,
    TokenStatus,
)
from oo_desktop.ui.view.settings import (
    FIRST_ACCOUNT,
    GENERAL,
    MAX_CALENDARS,
    NOTIFICATIONS,
    SHOWN,
    Choice,
    Fact,
    SettingsView,
    groups_of_services,
    is_quiet,
    settings_view,
)
from tests.fixtures.services import SERVICES

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TODOIST = AccountKey(ProviderId("todoist"), UserId("7"))
GOOGLE = AccountKey(ProviderId("google_calendar"), UserId("ada"))
ALL = (*SETTINGS, *CONNECTOR_SETTINGS)
VALUES = tuple(CurrentSetting(setting, setting.default) for setting in ALL)


def account(key: AccountKey, **more: object) -> AccountState:
    given = {"label": "ada@example.com", "connection": Connection.OK, "last_success": NOW, **more}
    return AccountState(key=key, **given)  # type: ignore[arg-type]  # as each test says


def view(*accounts: AccountState, **more: object) -> SettingsView:
    state = AppState(accounts=accounts, services=SERVICES, **more)  # type: ignore[arg-type]  # as each test says
    return settings_view(state, VALUES, now=NOW, zone=ZoneInfo("UTC"))


def test_every_setting_stands_in_the_window_once() -> None:
    shown = [
        name
        for page in (SHOWN, groups_of_services(ALL), NOTIFICATIONS, GENERAL)
        for each in page
        for name in each.names
    ]
    assert sorted(shown) == sorted({each.name for each in ALL})


def test_without_an_account_every_way_to_connect_is_offered() -> None:
    shown = view()
    assert shown.accounts == ()
    assert [button.text for button in shown.connect] == [
        "Connect Todoist…",
        "Paste a Todoist API token…",
        "Connect Google Calendar…",
        "Bring a Google client…",
        "Connect CalDAV…",
        "Connect Nextcloud…",
        "Add a calendar link…",
    ]
    assert [button.command for button in shown.connect[:2]] == [
        Connect(TODOIST.provider),
        PasteToken(TODOIST.provider, "Todoist"),
    ]


def test_an_account_says_how_it_is_and_offers_what_the_menu_does() -> None:
    refused = account(
        TODOIST,
        token_status=TokenStatus.NEEDS_RECONNECT,
        connection=Connection.NEEDS_RECONNECT,
        reason="Todoist no longer accepts it.",
        last_success=NOW - timedelta(hours=3),
    )
    (part,) = view(refused).accounts
    assert part.title == "Todoist · ada@example.com"
    assert part.needs_user
    assert part.lines[1] == "Todoist no longer accepts it."
    assert part.buttons[0].command == Reconnect(TODOIST)
    assert [button.text for button in part.buttons] == ["Reconnect…", "Open Todoist", "Disconnect…"]


def test_a_calendar_is_ticked_where_it_is_shown_and_says_what_is_wrong_with_it() -> None:
    calendars = (
        Calendar(id="1", name="Ada", shown=True),
        Calendar(id="2", name="Team", shown=False, read_only=True),
        Calendar(id="3", name="", problem="It is gone"),
    )
    (part,) = view(account(GOOGLE, calendars=calendars)).accounts
    assert [(tick.text, tick.on, tick.note) for tick in part.calendars] == [
        ("Ada", True, ""),
        ("Team", False, "read-only"),
        ("(no name)", True, "It is gone."),
    ]
    assert part.calendars[1].command == ShowCalendar("2", GOOGLE, shown=True)
    assert part.beyond == ""


def test_calendars_without_end_are_cut_and_it_is_said_where_the_rest_is() -> None:
    calendars = tuple(Calendar(id=str(n), name="x") for n in range(MAX_CALENDARS + 3))
    (part,) = view(account(GOOGLE, calendars=calendars)).accounts
    assert len(part.calendars) == MAX_CALENDARS
    assert part.beyond == "and 3 more: oo-desktop calendars"


def test_a_sign_in_that_waits_can_be_copied_and_cancelled() -> None:
    waiting = SignInState(provider=TODOIST.provider, url="https://a.example", ends_at=NOW)
    shown = view(sign_ins=(waiting,))
    (part,) = shown.accounts
    assert part.title == "Waiting for the browser to connect Todoist…"
    commands = [button.command for button in part.buttons]
    assert commands == [CopyLink(TODOIST.provider), CancelSignIn(TODOIST.provider)]
    assert not any(button.text.startswith("Connect Todoist") for button in shown.connect)


def test_new_tasks_can_go_where_tasks_are_and_where_the_file_says() -> None:
    assert view(account(TODOIST), account(GOOGLE)).accounts_for_tasks == (
        Choice("", FIRST_ACCOUNT),
        Choice("todoist:7", "Todoist · ada@example.com"),
    )
    values = tuple(
        CurrentSetting(each, "caldav")
        if each.name == "quick_add.account"
        else CurrentSetting(each, value)
        for each, value in VALUES
    )
    found = settings_view(AppState(), values, now=NOW, zone=ZoneInfo("UTC")).accounts_for_tasks
    assert found[-1] == Choice("caldav", "caldav")


def test_new_tasks_can_go_to_the_lists_of_the_account_that_is_chosen() -> None:
    adding = Adding(lists=(TaskList(id="1", name="Inbox"), TaskList(id="2", name="Work")))
    found = view(account(GOOGLE), account(TODOIST, adding=adding)).lists_for_tasks
    assert [choice.value for choice in found] == ["", "1", "2"]
    assert [choice.text for choice in found[1:]] == ["Inbox", "Work"]


def test_a_list_that_is_not_there_now_stays_chosen() -> None:
    values = tuple(
        CurrentSetting(each, "gone" if each.name == "quick_add.list" else value)
        for each, value in VALUES
    )
    found = settings_view(AppState(), values, now=NOW, zone=ZoneInfo("UTC")).lists_for_tasks
    assert found[-1] == Choice("gone", "gone")


def test_the_diagnostics_tell_of_oo_and_of_each_account() -> None:
    state = AppState(
        accounts=(account(TODOIST),), services=SERVICES, left_out=("It does not load.",)
    )
    facts = settings_view(
        state, VALUES, now=NOW, zone=ZoneInfo("UTC"), facts=(Fact("oO", "1"),)
    ).facts
    assert facts == (
        Fact("oO", "1"),
        Fact("Todoist · ada@example.com", "Updated just now."),
        Fact("Plug-in", "It does not load."),
    )


def test_hours_that_end_where_they_begin_are_not_quiet() -> None:
    assert not is_quiet({"notifications.quiet_from": "00:00", "notifications.quiet_until": "00:00"})
    assert is_quiet({"notifications.quiet_from": "22:00", "notifications.quiet_until": "07:00"})
