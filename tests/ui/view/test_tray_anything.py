"""The tray, for any state whatsoever."""

# ruff: noqa: DTZ001, DTZ901  # floating times are naive: that is what they are

import re
from datetime import UTC, date, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.signals import (
    REPLIES,
    AccountKey,
    ActionKind,
    AnySignal,
    Calendar,
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
from oo_desktop.model.state import (
    AccountState,
    AppState,
    Connecting,
    Connection,
    Service,
    SignInState,
    TokenStatus,
)
from oo_desktop.model.text import plain_text
from oo_desktop.ui.view.text import MenuChannel, menu_text
from oo_desktop.ui.view.tray import MAX_ROWS, tray_lines
from tests.ui.view.views import NOW, MakeAccount, MakeTask, changes_at, rows_of, shown, state_of

SECTIONS = 7
"""Headings, each of which may show one signal more instead of a fold of one."""

ISOLATED = re.compile("\u200e\u2068([^\u2068\u2069]*)\u2069")
"""What `text.isolated` makes: marks in pairs, and nothing of the kind between them."""


TEXT = st.text(
    alphabet=st.characters() | st.characters(categories=["Cc", "Cf", "Cs", "Mn"]), max_size=70
)
DAYS = st.dates() | st.dates(date(2026, 11, 15), date(2026, 11, 30))
INSTANTS = st.datetimes(timezones=st.just(UTC)) | st.datetimes(
    datetime(2026, 11, 20), datetime(2026, 11, 25), timezones=st.just(UTC)
)
DUES: st.SearchStrategy[Due] = st.one_of(
    DAYS.map(Day),
    st.builds(datetime.combine, DAYS, st.times()).map(Floating),
    st.builds(Fixed, INSTANTS, st.just("Europe/Berlin")),
)
USERS = st.sampled_from(["1", "2", "3"]).map(UserId)
PROVIDERS = st.sampled_from(["todoist", "google_calendar", ""]).map(ProviderId)
COMMON = {
    "id": TEXT.map(SignalId),
    "source": PROVIDERS,
    "user_id": USERS,
    "title": TEXT,
    "url": st.none() | TEXT,
    "container": st.none() | st.builds(Container, TEXT, st.none() | TEXT),
    "actions": st.sampled_from([(), (ActionKind.DONE,), REPLIES]),
}
SIGNALS: st.SearchStrategy[AnySignal] = st.one_of(
    st.builds(
        Task,
        **COMMON,
        due=st.none() | DUES,
        priority=st.none() | st.integers(-1, 9),
    ),
    st.builds(
        Event,
        **COMMON,
        start=DUES,
        end=DUES,
        join_url=st.none() | TEXT,
        where=st.none() | TEXT,
        tentative=st.booleans(),
        unanswered=st.booleans(),
        twin=st.none() | st.sampled_from(["a", "b"]),
    ),
)
ACCOUNTS = st.builds(
    AccountState,
    key=st.builds(AccountKey, PROVIDERS, USERS),
    label=TEXT,
    token_status=st.sampled_from(TokenStatus),
    connection=st.sampled_from(Connection),
    reason=st.none() | TEXT,
    last_success=st.none() | INSTANTS,
    next_poll=st.none() | INSTANTS,
    zone=st.none() | st.sampled_from(["Asia/Kathmandu", "Pacific/Kiritimati", "../x", ""]) | TEXT,
    pending=st.integers(0, 9),
    waiting=st.integers(0, 9),
    calendars=st.lists(
        st.builds(Calendar, id=TEXT, name=TEXT, shown=st.booleans(), problem=st.none() | TEXT),
        max_size=3,
    ).map(tuple),
)
CLICKS = st.builds(
    OutboxItem,
    number=st.integers(0, 99),
    kind=st.sampled_from(ActionKind),
    uuid=TEXT,
    signal=SIGNALS,
    state=st.sampled_from(OutboxState),
    clicked_at=st.just(NOW),
    send_at=st.just(NOW),
    reason=st.none() | TEXT,
)
STATES = st.builds(
    AppState,
    accounts=st.lists(ACCOUNTS, max_size=3).map(tuple),
    signals=st.lists(SIGNALS, max_size=40).map(
        lambda found: {
            key: tuple(each for each in found if each.account == key)
            for key in {each.account for each in found}
        }
    ),
    outbox=st.lists(CLICKS, max_size=4).map(tuple),
    undoable=st.lists(CLICKS, max_size=4).map(tuple),
    sign_ins=st.lists(
        st.builds(
            SignInState,
            provider=PROVIDERS,
            url=TEXT,
            ends_at=INSTANTS,
            note=st.none() | TEXT,
        ),
        max_size=1,
    ).map(tuple),
    refreshing=st.booleans(),
    services=st.lists(
        st.builds(
            Service,
            id=PROVIDERS,
            name=TEXT,
            home=st.none() | TEXT,
            connecting=st.sampled_from(Connecting),
            pastes_tokens=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    problem=st.none() | TEXT,
)


@given(
    STATES,
    st.just(NOW)
    | st.datetimes(datetime(1970, 1, 2), timezones=st.just(UTC)).filter(
        lambda now: now.year < 9999
    ),
)
def test_any_state_can_be_drawn_and_holds_only_plain_text(state: AppState, now: datetime) -> None:
    view = shown(state, now)
    for each in rows_of(view.rows):
        # The two spaces after a time are ours, and so is what keeps a title to itself.
        spaced = ISOLATED.sub(r"\1", each.text).replace("  ", " ")
        assert plain_text(spaced) == spaced
        assert menu_text(each.text, MenuChannel.QT).replace("&&", "").count("&") == 0
    assert sum(each.id[0] in {"task", "event"} for each in view.rows) <= MAX_ROWS + SECTIONS
    for line in (*view.tooltip, *tray_lines(view)):
        assert "\n" not in line
    moment = changes_at(state, now)
    assert moment is None or moment > now


@given(STATES)
def test_equal_states_draw_equal_views(state: AppState) -> None:
    assert shown(state) == shown(state)


def test_the_ends_of_the_calendar_are_drawn(make_task: MakeTask, make_account: MakeAccount) -> None:
    ends: list[Due] = [
        Day(date.max),
        Day(date.min),
        Floating(datetime.max),
        Floating(datetime.min),
        Fixed(datetime.max.replace(tzinfo=UTC), "UTC"),
        Fixed(datetime.min.replace(tzinfo=UTC), "UTC"),
        Floating(datetime.combine(date.max, time(0))),
    ]
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        tasks = [make_task(str(i), due, id=str(i)) for i, due in enumerate(ends)]
        view = shown(state_of(make_account(zone=zone), *tasks))
        assert view.summary == "3 overdue"
