"""What scripts are told."""

# ruff: noqa: DTZ001  # floating times are naive: that is what they are

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.commands.json import (
    Json,
    calendar_json,
    integrations_json,
    signals_json,
    status_json,
)
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.signals import (
    ActionKind,
    Calendar,
    Container,
    Day,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    Task,
)
from oo_desktop.model.state import AccountState, AppState, Connection, Service, SignInState
from oo_desktop.model.zones import machine_zone, zone_named

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def signals(state: AppState, zone: ZoneInfo | None = BERLIN) -> list[Json]:
    return signals_json(state, Agenda().select(state, NOW, local_zone=zone))


MakeTask = Callable[..., Task]
MakeAccount = Callable[..., AccountState]


def test_a_task_has_every_promised_key(make_task: MakeTask, make_account: MakeAccount) -> None:
    account = make_account()
    task = make_task("Buy milk", Day(date(2026, 11, 21)), project="Shopping", priority=2)
    state = AppState(accounts=(account,), signals={account.key: (task,)})
    assert signals(state) == [
        {
            "id": "1",
            "source": "todoist",
            "user_id": "7",
            "kind": "task",
            "title": "Buy milk",
            "due": "2026-11-21",
            "all_day": True,
            "labels": [],
            "parent": None,
            "reminders": None,
            "overdue": True,
            "priority": 2,
            "container": "Shopping",
            "url": "https://app.todoist.com/app/task/1",
            "join_url": None,
            "actions": ["done"],
            "pending": False,
            "unconfirmed": False,
        }
    ]


def test_a_task_tells_its_labels_its_parent_and_its_reminders(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    account = make_account()
    task = replace(
        make_task("Buy milk", Day(date(2026, 11, 21))),
        labels=("Home", "Shop"),
        parent=SignalId("0"),
        reminders=(15,),
    )
    (told,) = signals(AppState(accounts=(account,), signals={account.key: (task,)}))
    assert (told["labels"], told["parent"], told["reminders"]) == (["Home", "Shop"], "0", [15])


def test_a_calendar_tells_whether_it_can_only_be_read(make_account: MakeAccount) -> None:
    for read_only in (False, True):
        calendar = Calendar(id="c", name="Holidays", read_only=read_only)
        assert calendar_json(make_account().key, calendar)["read_only"] is read_only


def test_a_calendar_tells_its_group(make_account: MakeAccount) -> None:
    for group in (None, "Google"):
        calendar = Calendar(id="c", name="Holidays", group=group)
        assert calendar_json(make_account().key, calendar)["group"] == group


def test_times_have_the_offset_of_the_accounts_zone(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    account = make_account(zone="Asia/Kathmandu")
    tasks = (
        make_task("Floating", Floating(datetime(2026, 11, 22, 20)), id="1"),
        make_task("Fixed", Fixed(datetime(2026, 11, 22, 15, tzinfo=UTC), "UTC"), id="2"),
    )
    state = AppState(accounts=(account,), signals={account.key: tasks})
    assert [each["due"] for each in signals(state, None)] == [
        "2026-11-22T20:00:00+05:45",
        "2026-11-22T20:45:00+05:45",
    ]


def test_an_event_has_a_start_and_an_end(make_account: MakeAccount) -> None:
    account = make_account()
    event = Event(
        id=SignalId("e"),
        source=account.key.provider,
        user_id=account.key.user_id,
        title="Holiday",
        container=Container("Private"),
        start=Day(date(2026, 11, 22)),
        end=Day(date(2026, 11, 23)),
        join_url="https://example.org/join",
    )
    state = AppState(accounts=(account,), signals={account.key: (event,)})
    (told,) = signals(state)
    assert (told["start"], told["end"], told["all_day"]) == ("2026-11-22", "2026-11-23", True)
    assert (told["kind"], told["join_url"], told["priority"]) == (
        "event",
        "https://example.org/join",
        None,
    )
    assert "due" not in told


def test_what_was_clicked_away_is_gone_and_what_was_undone_is_pending(
    make_task: MakeTask, make_account: MakeAccount, make_click: Callable[..., OutboxItem]
) -> None:
    account, gone, back = make_account(), make_task("Gone", id="1"), make_task("Back", id="2")
    state = AppState(
        accounts=(account,),
        signals={account.key: (gone, back)},
        outbox=(
            make_click(gone, 1),
            make_click(back, 2),
            make_click(back, 3, kind=ActionKind.REOPEN),
        ),
    )
    told = signals(state)
    assert [(each["id"], each["pending"]) for each in told] == [("2", True)]


def test_what_is_shown_again_unconfirmed_is_pending_and_says_so(
    make_task: MakeTask, make_account: MakeAccount, make_click: Callable[..., OutboxItem]
) -> None:
    account, listed, other = make_account(), make_task("Listed", id="1"), make_task("Other", id="2")
    click = make_click(listed, state=OutboxState.SENT, unconfirmed=True, sent_at=NOW)
    state = AppState(accounts=(account,), signals={account.key: (listed, other)}, outbox=(click,))
    told = signals(state)
    assert [(each["id"], each["pending"], each["unconfirmed"]) for each in told] == [
        ("1", True, True),
        ("2", False, False),
    ]


def test_accounts_and_status_can_be_written_as_json(make_account: MakeAccount) -> None:
    account = make_account(connection=Connection.OFFLINE, reason="No network.", pending=2)
    sign_in = SignInState(
        provider=account.key.provider,
        url="https://example.org",
        ends_at=NOW,
        note="It is locked.",
    )
    state = AppState(accounts=(account,), sign_ins=(sign_in,))
    (told,) = integrations_json(state)
    assert told == {
        "provider": "todoist",
        "user_id": "7",
        "label": "ana@example.org",
        "token_status": "active",
        "connection": "offline",
        "last_success": "2026-11-22T11:58:00+00:00",
        "pending": 2,
    }
    status = json.loads(json.dumps(status_json(state, "1.2.3")))
    assert status["version"] == "1.2.3"
    more = {"next_poll": None, "reason": "No network.", "unread": 0, "told": False, "lists": None}
    assert status["accounts"] == [{**told, **more}]
    assert [each["note"] for each in status["sign_ins"]] == ["It is locked."]
    assert "https://example.org" not in json.dumps(status)


def test_the_status_names_what_can_be_connected_here() -> None:
    here = Service(id=ProviderId("here"), name="Here")
    elsewhere = Service(id=ProviderId("elsewhere"), name="Elsewhere", offered=False)
    state = AppState(services=(here, elsewhere))
    assert status_json(state, "1")["services"] == ["here"]


def test_the_machines_zone_is_found_and_a_wrong_name_is_none() -> None:
    assert NOW.astimezone(machine_zone()).utcoffset() == NOW.astimezone().utcoffset()
    assert zone_named("../../etc/passwd") is None
    assert zone_named("No/Such") is None
