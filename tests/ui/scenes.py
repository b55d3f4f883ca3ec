"""States of the window, made up: what pictures are taken of, and tests look at."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import structs

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.signals import (
    REPLIES,
    RESCHEDULES,
    AccountKey,
    ActionKind,
    Adding,
    AnySignal,
    Container,
    Day,
    Due,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.model.state import AccountState, AppState, Connection, SignInState, TokenStatus
from oo_desktop.ui.view.window import (
    WindowLists,
    WindowView,
    as_looked_at,
    starting_window,
    window_view,
)
from tests.fixtures.services import SERVICES
from tests.ui.view.views import BERLIN

NOW = datetime(2026, 11, 25, 8, 50, tzinfo=UTC)
"""A Wednesday, at 9:50 in Berlin."""

TODAY = date(2026, 11, 25)
TODOIST, GOOGLE = ProviderId("todoist"), ProviderId("google_calendar")
ADA = AccountKey(TODOIST, UserId("7"))
BOB = AccountKey(TODOIST, UserId("8"))
CAL = AccountKey(GOOGLE, UserId("ada@example.com"))
COLORS = {"Work": "#246fe0", "Home": "#299438", "Engine": "#8e24aa", "Family": "#e67c73"}


def account(key: AccountKey, label: str, **more: Any) -> AccountState:
    return AccountState(
        key=key,
        label=label,
        **{
            "connection": Connection.OK,
            "last_success": NOW - timedelta(minutes=2),
            "zone": "Europe/Berlin",
            **more,
        },
    )


def task(
    title: str,
    due: Due | None = None,
    *,
    priority: int = 4,
    project: str | None = None,
    key: AccountKey = ADA,
    **more: Any,
) -> Task:
    return Task(
        id=SignalId(more.pop("id", title)),
        source=key.provider,
        user_id=key.user_id,
        title=title,
        url="https://app.todoist.com/app/task/1",
        due=due,
        priority=priority,
        container=Container(project, COLORS.get(project)) if project else None,
        actions=more.pop("actions", (ActionKind.DONE, *RESCHEDULES)),
        **more,
    )


def day(ahead: int) -> Day:
    return Day(TODAY + timedelta(days=ahead))


def at(hour: int, minute: int = 0, ahead: int = 0) -> Floating:
    moment = datetime(TODAY.year, TODAY.month, TODAY.day, hour, minute)  # noqa: DTZ001  # floating
    return Floating(moment + timedelta(days=ahead))


def meeting(title: str, minutes: int, lasts: int = 30, **more: Any) -> Event:
    start = NOW + timedelta(minutes=minutes)
    calendar = more.pop("calendar", None)
    end = start + timedelta(minutes=lasts)
    return Event(
        id=SignalId(title),
        source=GOOGLE,
        user_id=CAL.user_id,
        title=title,
        url="https://calendar.google.com/event?eid=1",
        start=Fixed(start, "Europe/Berlin"),
        end=Fixed(end, "Europe/Berlin"),
        container=Container(calendar, COLORS.get(calendar)) if calendar else None,
        **more,
    )


def holiday(title: str, ahead: int, days: int = 1) -> Event:
    first = TODAY + timedelta(days=ahead)
    return Event(
        id=SignalId(title),
        source=GOOGLE,
        user_id=CAL.user_id,
        title=title,
        start=Day(first),
        end=Day(first + timedelta(days=days)),
        container=Container("Family", COLORS["Family"]),
    )


MEET = "https://meet.google.com/abc-defg-hij"

TASKS = (
    task("Pay the electricity bill", day(-1), priority=1, project="Home"),
    task("Answer Ines about the offer", day(-5), priority=3, project="Work"),
    task("Call Ana", at(11, 30), priority=2, project="Work"),
    task("Review <b>oO</b> & rename the settings", day(0), project="Work"),
    task(
        "Prepare the quarterly report for the board, section on growth, with the figures of all "
        "regions and the outlook for next year",
        day(0),
        priority=1,
        project="Work",
    ),
    task("Water the plants", day(0), project="Home", recurring=True),
    task("* Errands on the way home", day(0), actions=()),
    task("קנה חלב וביצים", at(18), project="Home"),
    task("Book flights", day(1), priority=2),
    task("Renew the passport", day(9), project="Home"),
    task("Read the book of Ada Lovelace", None, project="Home"),
)
EVENTS: tuple[AnySignal, ...] = (
    meeting("Breakfast with Ben", -20, 45, where="Café Central"),
    meeting("Stand-up", 8, 15, calendar="Engine", join_url=MEET),
    meeting(
        "Design review",
        250,
        60,
        calendar="Engine",
        join_url=MEET,
        unanswered=True,
        actions=REPLIES,
    ),
    meeting("Parents’ evening", 560, 90, calendar="Family", tentative=True),
    holiday("Autumn fair", -1, 3),
    meeting("Flight to London", 24 * 60, 95),
    holiday("Mia’s birthday", 6),
)


def state(
    *accounts: AccountState, signals: Mapping[AccountKey, tuple[AnySignal, ...]], **more: Any
) -> AppState:
    return AppState(accounts=accounts, signals=signals, services=SERVICES, **more)


def click(number: int, signal: AnySignal, kind: ActionKind = ActionKind.DONE, **more: Any) -> Any:
    return OutboxItem(
        number=number,
        uuid=str(number),
        signal=signal,
        kind=kind,
        **{
            "state": OutboxState.QUEUED,
            "clicked_at": NOW,
            "send_at": NOW + timedelta(seconds=5),
            **more,
        },
    )


def full_day(**more: Any) -> AppState:
    return state(
        account(ADA, "ada@example.com"),
        account(CAL, "ada@example.com"),
        signals={ADA: TASKS, CAL: EVENTS},
        **more,
    )


def taking_tasks() -> AppState:
    """The same, where tasks can be added."""
    taking = account(ADA, "ada@example.com", adding=Adding())
    return state(taking, account(CAL, "ada@example.com"), signals={ADA: TASKS, CAL: EVENTS})


def held_day() -> AppState:
    done = click(1, TASKS[2])
    moved = click(2, TASKS[3], ActionKind.TOMORROW, due=day(1))
    return full_day(outbox=(done, moved), undoable=(moved, done))


def troubled_day() -> AppState:
    refused = click(
        3,
        TASKS[5],
        state=OutboxState.REJECTED,
        reason="Somebody has moved it meanwhile. Try again to complete it on its new date.",
    )
    first = account(
        ADA,
        "ada@example.com",
        token_status=TokenStatus.NEEDS_RECONNECT,
        connection=Connection.NEEDS_RECONNECT,
        last_success=NOW - timedelta(minutes=70),
    )
    offline = account(
        CAL, "ada@example.com", connection=Connection.OFFLINE, unread=3,
        last_success=NOW - timedelta(minutes=10),
    )  # fmt: skip
    return state(first, offline, signals={ADA: TASKS, CAL: EVENTS}, outbox=(refused,))


def two_accounts() -> AppState:
    mine = (*TASKS[:4], task("Buy a present", day(0), project="Home"))
    hers = tuple(
        structs.replace(each, user_id=BOB.user_id) for each in (*TASKS[2:3], TASKS[5], TASKS[8])
    )
    return state(
        account(ADA, "ada@example.com"),
        account(BOB, "bob.longname@example.com", last_success=NOW - timedelta(seconds=20)),
        signals={ADA: mine, BOB: hers},
    )


def locked() -> AppState:
    reason = "oO is waiting for your keyring. Unlock it and oO carries on by itself."
    kept = account(
        ADA,
        "ada@example.com",
        connection=Connection.KEYRING,
        reason=reason,
        last_success=NOW - timedelta(hours=9),
    )
    return state(kept, signals={ADA: TASKS})


def many(count: int) -> AppState:
    titles = ("Write to", "Call", "Prepare the figures for", "Look after", "Send the papers to")
    tasks = tuple(
        task(
            f"{titles[number % 5]} number {number}",
            day(number % 40 - 4),
            priority=number % 4 + 1,
            project=("Work", "Home", None)[number % 3],
            id=str(number),
        )
        for number in range(count)
    )
    return state(account(ADA, "ada@example.com"), signals={ADA: tasks})


NOBODY = state(signals={})
NEW = account(ADA, "ada@example.com", connection=Connection.UNKNOWN, last_success=None)

SCENES: dict[str, AppState | None] = {
    "starting": None,
    "welcome": NOBODY,
    "welcome-browser": structs.replace(
        NOBODY,
        sign_ins=(SignInState(provider=TODOIST, url="https://x", ends_at=NOW),),
    ),
    "loading": state(NEW, signals={ADA: ()}),
    "unreached": state(structs.replace(NEW, connection=Connection.OFFLINE), signals={ADA: ()}),
    "empty": state(account(ADA, "ada@example.com"), signals={ADA: ()}),
    "day": full_day(),
    "held": held_day(),
    "trouble": troubled_day(),
    "two-accounts": two_accounts(),
    "keyring": locked(),
    "problem": full_day(problem="oO cannot write to its database: the disk is full."),
    "hidden": full_day(hide_titles=True),
}
"""By name; None: before anything is known."""


def view_of(
    shown: AppState | None,
    lists: WindowLists | None = None,
    now: datetime = NOW,
    *,
    tray: bool = True,
    agenda: Agenda | None = None,
) -> WindowView:
    lists, agenda = lists or WindowLists(), agenda or Agenda()
    if shown is None:
        return starting_window(agenda.select(AppState(), now, local_zone=BERLIN), lists)
    selection = agenda.select(as_looked_at(shown, now), now, local_zone=BERLIN)
    return window_view(shown, selection, lists, tray=tray)
