"""A report can be sent to anybody: it helps to find a fault, and names nobody and nothing."""

import json
from datetime import UTC, datetime

from oo_desktop.commands.report import report_json, report_text
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    Calendar,
    Container,
    ProviderId,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.model.state import AccountState, AppState, Connection, SignInState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADA = AccountKey(ProviderId("todoist"), UserId("ada-7"))
SECRET = "Planted"

TASK = Task(
    id=SignalId(f"{SECRET}-id"),
    source=ADA.provider,
    user_id=ADA.user_id,
    title=f"{SECRET} title",
    url=f"https://{SECRET}.example",
    container=Container(f"{SECRET} project"),
    undo=SECRET,
)

STATE = AppState(
    accounts=(
        AccountState(
            key=ADA,
            label=f"{SECRET}@example.com",
            connection=Connection.OFFLINE,
            reason=f"{SECRET} reason",
            last_success=NOW,
            last_error="Unavailable",
            calendars=(Calendar(id=SECRET, name=SECRET, problem=f"{SECRET} problem"),),
            unread=2,
            pending=1,
        ),
    ),
    signals={ADA: (TASK,)},
    outbox=(
        OutboxItem(
            number=1,
            kind=ActionKind.DONE,
            uuid=SECRET,
            signal=TASK,
            state=OutboxState.QUEUED,
            clicked_at=NOW,
            send_at=NOW,
            reason=SECRET,
        ),
    ),
    sign_ins=(
        SignInState(provider=ADA.provider, url=f"https://{SECRET}", ends_at=NOW, note=SECRET),
    ),
    problem=f"{SECRET} problem",
    left_out=(SECRET,),
)


def test_each_account_is_told_by_how_it_is() -> None:
    report = report_json(STATE, {"version": "1.2"})
    assert report["version"] == "1.2"
    assert report["accounts"] == [
        {
            "provider": "todoist",
            "token_status": "active",
            "connection": "offline",
            "last_error": "Unavailable",
            "last_success": "2026-11-22T12:00:00+00:00",
            "next_poll": None,
            "signals": 1,
            "unread": 2,
            "calendars": 1,
            "calendars_with_problems": 1,
            "pending": 1,
        }
    ]
    assert (report["problem"], report["left_out"], report["clicks"]) == (True, 1, {"queued": 1})


def test_nothing_that_names_anybody_or_anything_is_in_it() -> None:
    report = report_json(STATE, {})
    for said in (json.dumps(report), report_text(report)):
        assert SECRET not in said
        assert "ada-7" not in said


def test_as_text_it_is_a_line_for_each_thing() -> None:
    report = report_json(STATE, {"version": "1.2", "keyring": "", "packages": {"httpx": "1"}})
    assert report_text(report).splitlines() == [
        "version: 1.2",
        "keyring: –",
        "packages: httpx 1",
        "problem: yes",
        "left out: 1",
        "sign ins: todoist",
        "clicks: queued 1",
        "",
        "account 1",
        "  provider: todoist",
        "  token status: active",
        "  connection: offline",
        "  last error: Unavailable",
        "  last success: 2026-11-22T12:00:00+00:00",
        "  next poll: –",
        "  signals: 1",
        "  unread: 2",
        "  calendars: 1",
        "  calendars with problems: 1",
        "  pending: 1",
    ]
