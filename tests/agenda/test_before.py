"""The view as it was, beside the view as it is: the same tray at every moment of every story.

Both remember: the old one in its modules, the new one in one agenda for all examples.
"""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.selection import Section
from oo_desktop.model.signals import AccountKey, ActionKind, AnySignal
from oo_desktop.model.state import AccountState, AppState, Connection, OutboxItem
from oo_desktop.ui.view.rows import Row
from oo_desktop.ui.view.view_model import HEADINGS, TrayView, next_change, tray_view
from tests.agenda import test_agenda, test_plan
from tests.ui.view import test_view_model_anything as anything
from tests.ui.view.before import agenda as old_agenda
from tests.ui.view.before import planned as old_planned
from tests.ui.view.before import sections as old_sections
from tests.ui.view.before import view_model as old
from tests.ui.view.views import NOW

BERLIN = ZoneInfo("Europe/Berlin")

NAMES: dict[str, Section] = {words: section for section, words in HEADINGS.items()}

remembering = Agenda()

Step = tuple[AppState, datetime]


@st.composite
def titled(draw: st.DrawFn, account: AccountKey, number: int) -> AnySignal:
    """What both other tests make, with what is drawn of it."""
    signal: Any = draw(
        test_agenda.signals(account, number) | test_plan.events(test_agenda.NOW, account, number)
    )
    return msgspec.structs.replace(  # type: ignore[no-any-return]
        signal,
        url=draw(st.sampled_from([None, "https://example.org/1"])),
        actions=draw(st.sampled_from([(), tuple(ActionKind)])),
    )


@st.composite
def lists(draw: st.DrawFn, account: AccountKey) -> tuple[AnySignal, ...]:
    many = draw(st.sampled_from([3, 8, 8, 30]))
    numbers = draw(st.lists(st.integers(0, many), unique=True, max_size=many))
    return tuple(draw(titled(account, number)) for number in numbers)


@st.composite
def outboxes(draw: st.DrawFn, listed: Sequence[AnySignal]) -> tuple[OutboxItem, ...]:
    """Some on exactly what is listed, as clicks are; some on what was, or never."""
    items = draw(test_agenda.outboxes())
    if not listed:
        return items
    return tuple(
        msgspec.structs.replace(
            item,
            signal=draw(st.sampled_from(listed)) if draw(st.booleans()) else item.signal,
            unconfirmed=draw(st.booleans()),
            sent_at=draw(st.sampled_from([None, test_agenda.NOW])),
            insists=draw(st.booleans()),
        )
        for item in items
    )


@st.composite
def states(draw: st.DrawFn) -> AppState:
    keys = draw(st.lists(st.sampled_from([test_agenda.ADA, test_agenda.BOB]), unique=True))
    signals = {key: draw(lists(key)) for key in keys if draw(st.integers(0, 6)) > 0}
    outbox = draw(outboxes([each for listed in signals.values() for each in listed]))
    return AppState(
        accounts=tuple(
            AccountState(
                key=key,
                label=key.user_id,
                zone=draw(test_agenda.zone_names),
                connection=draw(st.sampled_from(Connection)),
                last_success=draw(st.sampled_from([None, test_agenda.NOW])),
            )
            for key in keys
            if draw(st.integers(0, 6)) > 0
        ),
        signals=signals,
        outbox=outbox,
        undoable=outbox[:2],
    )


@st.composite
def stories(draw: st.DrawFn) -> Sequence[Step]:
    """As time goes by, mostly onwards, one thing after the other changes."""
    state, now = draw(states()), test_agenda.NOW + draw(test_plan.minutes)
    steps = [(state, now)]
    for _ in range(draw(st.integers(0, 8))):
        match draw(st.integers(0, 6)):
            case 0:
                state = draw(states())
            case 1:
                listed = [each for found in state.signals.values() for each in found]
                outbox = draw(outboxes(listed))
                state = msgspec.structs.replace(state, outbox=outbox, undoable=outbox[-1:])
            case 2:
                key = draw(st.sampled_from([test_agenda.ADA, test_agenda.BOB]))
                signals = {**state.signals, key: draw(lists(key))}
                state = msgspec.structs.replace(state, signals=signals)
            case 3:
                state = msgspec.structs.replace(state, accounts=state.accounts[::-1])
            case _:
                now += timedelta(minutes=draw(st.sampled_from([-90, 0, 1, 5, 29, 60, 600, 1440])))
        steps.append((state, now))
    return steps


def renamed(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """With ids that name sections as they are named now: not by their heading."""
    return tuple(
        msgspec.structs.replace(
            row,
            id=(row.id[0], NAMES[row.id[1]].value)
            if row.id[0] in {"heading", "more", "beyond"}
            else row.id,
            rows=renamed(row.rows),
        )
        for row in rows
    )


def old_view(state: AppState, now: datetime) -> TrayView:
    view = old.tray_view(state, now, local_zone=BERLIN)
    return msgspec.structs.replace(view, rows=renamed(view.rows))


def same(state: AppState, now: datetime) -> None:
    """Every way of looking, the old one first and the new one first."""
    selection = remembering.select(state, now, local_zone=BERLIN)
    assert tray_view(state, selection) == old_view(state, now)
    assert next_change(state, selection) == old.next_change(state, now, local_zone=BERLIN)
    shown = old_agenda.agenda(state, now, local_zone=BERLIN)
    told = [
        (NAMES[name], total, [msgspec.to_builtins(each) for each in map(as_dict, entries)])
        for name, total, entries in old_sections.sections(shown, now)
    ]
    assert told == [
        (section, total, [msgspec.to_builtins(each) for each in map(as_dict, entries)])
        for section, total, entries in selection.sections()
    ]
    meant = old_planned.meeting_to_join(state, now, local_zone=BERLIN)
    found = selection.plan.meeting_to_join(now)
    assert (meant and meant.event) == (found and found.event)
    forgetful = Agenda().select(state, now, local_zone=BERLIN)
    assert tray_view(state, forgetful) == tray_view(state, selection)
    assert next_change(state, forgetful) == next_change(state, selection)


def as_dict(entry: Any) -> dict[str, object]:
    return {
        "signal": entry.signal,
        "zone": str(entry.zone),
        "overdue": entry.overdue,
        "pending": entry.pending,
    }


EXAMPLES = settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))


@EXAMPLES
@given(stories(), st.data())
def test_the_new_view_is_the_old_view_at_every_step(
    steps: Sequence[Step], data: st.DataObject
) -> None:
    for state, now in steps:
        begun = remembering.prepare(state, now, local_zone=BERLIN)
        deque(islice(begun, data.draw(st.integers(0, 4))), maxlen=0)
        same(state, now)


@EXAMPLES
@given(test_plan.days())
def test_the_new_plan_is_the_old_plan_at_every_step(steps: Sequence[Step]) -> None:
    for state, now in steps:
        same(state, now)


@EXAMPLES
@given(
    anything.STATES,
    st.just(NOW)
    | st.datetimes(
        datetime(1970, 1, 2),  # noqa: DTZ001  # the zone is the next argument
        timezones=st.just(UTC),
    ).filter(lambda now: now.year < 9999),
)
def test_any_state_whatsoever_looks_as_it_did(state: AppState, now: datetime) -> None:
    same(state, now)
