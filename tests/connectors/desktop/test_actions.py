"""What a click writes into a list of this computer, once in effect, whatever happens meanwhile."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.desktop import actions
from oo_desktop.connectors.desktop.actions import act
from oo_desktop.connectors.desktop.bus import EdsCode, EdsError
from oo_desktop.connectors.desktop.wire import (
    TASK_HANDLE_RECUR,
    Named,
    UndoWire,
    signal_id,
)
from oo_desktop.connectors.icalendar.changes import FORGOTTEN, GONE, NOT_EDITABLE, OTHER_DATE, OVER
from oo_desktop.errors import Rejected, SourceError, Unavailable
from oo_desktop.model.signals import ActionKind, Day, Due, Fixed, SignalId
from oo_desktop.model.source import Action
from tests.connectors.desktop.service import line

NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
KEPT = ("DTSTART", "DUE", "DURATION", "RRULE", "STATUS", "COMPLETED", "PERCENT-COMPLETE")
SEALS = ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE")
FINISHED = ("STATUS", "COMPLETED", "PERCENT-COMPLETE")
ETAG = 'X-EVOLUTION-CALDAV-ETAG:"7"'


def todo(*lines: str, uid: str = "t1") -> str:
    """Return a bare component, as the service answers them."""
    head = ("BEGIN:VTODO", f"UID:{uid}", "DTSTAMP:20261101T080000Z", "SUMMARY:Feed the cat")
    return "\r\n".join([*head, *lines, "END:VTODO", ""])


PLAIN = todo("DUE;VALUE=DATE:20261129", "X-APPLE-SORT-ORDER:7", ETAG)
DAILY = todo(
    "DTSTART;TZID=Europe/Berlin:20261129T090000",
    "DUE;TZID=Europe/Berlin:20261129T100000",
    "RRULE:FREQ=DAILY;COUNT=3",
    ETAG,
)
NINE = "20261129T080000Z"
"""The stamp of its first occurrence."""


def exception(*lines: str, named: str = ";TZID=Europe/Berlin:20261130T090000") -> str:
    return todo(f"RECURRENCE-ID{named}", *lines)


class Lists:
    """Is a task list that checks what the service checks, and the one who opens it.

    Each write is applied, unless `refuse` has an error for it; a lost answer is one that is raised
    after that (`lose`). other: what another program does to it, just before the next write.
    """

    def __init__(self, *texts: str, on_server: bool = False) -> None:
        self.texts = list(texts)
        self.writable = True
        self.capabilities: frozenset[str] = frozenset()
        self.on_server = on_server
        self.written: list[str] = []
        self.refreshed = 0
        self.refuse: list[EdsCode] = []
        self.lose: EdsCode | None = None
        self.other: Callable[[], None] | None = None
        self.server_has: list[str] | None = None
        self.opening: EdsCode | None = None

    async def opened(self, uid: str) -> "Lists":
        if self.opening is not None:
            raise EdsError(self.opening)
        if uid != "tasks":
            raise EdsError(EdsCode.NO_SOURCE)
        return self

    async def query(self, text: str) -> Sequence[str]:
        uid = re.fullmatch(r'\(uid\? "(.*)"\)', text)
        assert uid is not None
        return [each for each in self.texts if line(each, "UID") == uid[1]]

    async def modify(self, component: str) -> None:
        assert component.startswith("BEGIN:VTODO\r\n")
        assert component.endswith("END:VTODO\r\n")
        if self.other is not None:
            other, self.other = self.other, None
            other()
        if self.refuse:
            raise EdsError(self.refuse.pop(0))
        key = line(component, "RECURRENCE-ID")
        places = [n for n, each in enumerate(self.texts) if line(each, "RECURRENCE-ID") == key]
        if not self.texts:
            raise EdsError(EdsCode.GONE)
        if self.on_server and self.server_has is not None:
            raise EdsError(EdsCode.OUT_OF_SYNC)
        self.written.append(component)
        if places:
            self.texts[places[0]] = component
        else:
            self.texts.append(component)
        if self.lose is not None:
            lost, self.lose = self.lose, None
            raise EdsError(lost)

    async def refresh(self) -> None:
        self.refreshed += 1
        if self.server_has is not None:
            self.texts, self.server_has = self.server_has, None

    async def zone(self, _zone_id: str) -> str | None:
        return None

    def seen(self, stamp: str | None = None, *, place: int = 0) -> Action:
        """What a click on it carries, as a DONE."""
        kept = {name: found for name in KEPT if (found := whole_line(self.texts[place], name))}
        master = None
        if place:
            master = {n: found for n in KEPT if (found := whole_line(self.texts[0], n))}
        undo = UndoWire("tasks", "t1", stamp, kept, master)
        return Action(
            kind=ActionKind.DONE,
            uuid="u",
            undo=msgspec.json.encode(undo).decode(),
            recurring=stamp is not None,
        )


def whole_line(component: str, name: str) -> str:
    found = re.search(rf"(?m)^{name}[;:][^\r\n]*", component)
    return found[0] if found else ""


def id_of(stamp: str | None = None) -> SignalId:
    found = signal_id(Named("tasks", "t1", stamp))
    assert found is not None
    return found


def but(action: Action, kind: ActionKind, due: Due | None = None, **more: bool) -> Action:
    return msgspec.structs.replace(action, kind=kind, due=due, **more)


async def click(lists: Lists, action: Action, stamp: str | None = None) -> None:
    await act(lists, id_of(stamp), action, now=NOW, zone=BERLIN, look_seconds=0)


def differences(before: str, after: str) -> set[str]:
    """The names of the lines that are not in both."""
    lines = set(before.split("\r\n")) ^ set(after.split("\r\n"))
    return {re.split("[;:]", each)[0] for each in lines}


# Done, and not


async def test_a_task_is_done_and_nothing_else_of_it_changes() -> None:
    lists = Lists(PLAIN)
    await click(lists, lists.seen())
    (after,) = lists.texts
    assert line(after, "STATUS") == "COMPLETED"
    assert line(after, "COMPLETED") == "20261129T123000Z"
    assert line(after, "PERCENT-COMPLETE") == "100"
    assert differences(PLAIN, after) == {*FINISHED, *SEALS}
    assert ETAG in after


async def test_undo_puts_every_line_back_but_those_of_the_moment() -> None:
    lists = Lists(PLAIN)
    seen = lists.seen()
    await click(lists, seen)
    await click(lists, but(seen, ActionKind.REOPEN))
    assert differences(PLAIN, lists.texts[0]) == set(SEALS)


async def test_a_task_that_is_done_already_is_not_written_again() -> None:
    lists = Lists(PLAIN)
    seen = lists.seen()
    await click(lists, seen)
    await click(lists, seen)
    assert len(lists.written) == 1


async def test_a_task_that_is_gone_counts_as_done_and_cannot_be_brought_back() -> None:
    lists = Lists(PLAIN)
    seen = lists.seen()
    lists.texts = []
    await click(lists, seen)
    with pytest.raises(Rejected) as refused:
        await click(lists, but(seen, ActionKind.REOPEN))
    assert refused.value.reason == GONE


# To another day


async def test_a_task_is_moved_and_moved_back() -> None:
    lists = Lists(PLAIN)
    seen, tomorrow = lists.seen(), Day(date(2026, 11, 30))
    await click(lists, but(seen, ActionKind.TOMORROW, tomorrow))
    assert whole_line(lists.texts[0], "DUE") == "DUE;VALUE=DATE:20261130"
    await click(lists, but(seen, ActionKind.RESTORE, tomorrow))
    assert differences(PLAIN, lists.texts[0]) == set(SEALS)


async def test_what_was_moved_elsewhere_comes_back_with_the_reason() -> None:
    lists = Lists(PLAIN)
    seen = lists.seen()
    lists.texts = [PLAIN.replace("20261129", "20261203")]
    with pytest.raises(Rejected) as refused:
        await click(lists, but(seen, ActionKind.TOMORROW, Day(date(2026, 11, 30))))
    assert refused.value.reason.startswith(OTHER_DATE)
    assert lists.written == []


async def test_what_was_done_elsewhere_cannot_be_moved() -> None:
    lists = Lists(PLAIN)
    seen = lists.seen()
    await click(lists, seen)
    with pytest.raises(Rejected) as refused:
        await click(lists, but(seen, ActionKind.TOMORROW, Day(date(2026, 11, 30))))
    assert refused.value.reason == OVER


# Repeating tasks


async def test_a_series_moves_on_to_its_next_occurrence() -> None:
    lists = Lists(DAILY)
    await click(lists, lists.seen(NINE), NINE)
    (after,) = lists.texts
    assert line(after, "DTSTART") == "20261130T090000"
    assert line(after, "DUE") == "20261130T100000"
    assert line(after, "RRULE") == "FREQ=DAILY;COUNT=2"
    assert line(after, "STATUS") == line(after, "COMPLETED") == ""


async def test_a_series_moves_on_though_an_occurrence_has_a_component_of_its_own() -> None:
    own = exception("DUE;TZID=Europe/Berlin:20261130T180000")
    lists = Lists(DAILY, own)
    await click(lists, lists.seen(NINE), NINE)
    assert line(lists.texts[0], "DTSTART") == "20261130T090000"
    assert lists.texts[1] == own


async def test_the_last_occurrence_is_completed() -> None:
    last = DAILY.replace("COUNT=3", "COUNT=1")
    lists = Lists(last)
    await click(lists, lists.seen(NINE), NINE)
    assert line(lists.texts[0], "STATUS") == "COMPLETED"


async def test_an_occurrence_of_its_own_is_completed_by_itself() -> None:
    own = exception(
        "DTSTART;TZID=Europe/Berlin:20261129T110000",
        "DUE;TZID=Europe/Berlin:20261129T120000",
        named=";TZID=Europe/Berlin:20261129T090000",
    )
    lists = Lists(DAILY, own)
    await click(lists, lists.seen(NINE, place=1), NINE)
    assert lists.texts[0] == DAILY
    assert line(lists.texts[1], "STATUS") == "COMPLETED"


async def test_where_the_server_moves_a_series_on_the_master_is_completed() -> None:
    lists = Lists(DAILY)
    lists.capabilities = frozenset({TASK_HANDLE_RECUR})
    await click(lists, lists.seen(NINE), NINE)
    assert line(lists.texts[0], "STATUS") == "COMPLETED"
    assert line(lists.texts[0], "DTSTART") == "20261129T090000"


async def test_a_series_that_was_moved_on_is_not_moved_twice() -> None:
    lists = Lists(DAILY)
    seen = lists.seen(NINE)
    await click(lists, seen, NINE)
    await click(lists, but(seen, ActionKind.DONE, may_be_done=True), NINE)
    await click(lists, seen, NINE)
    assert len(lists.written) == 1


async def test_undo_moves_a_series_back_once() -> None:
    lists = Lists(DAILY)
    seen = lists.seen(NINE)
    await click(lists, seen, NINE)
    await click(lists, but(seen, ActionKind.REOPEN), NINE)
    await click(lists, but(seen, ActionKind.REOPEN), NINE)
    assert differences(DAILY, lists.texts[0]) == set(SEALS)
    assert len(lists.written) == 2


async def test_what_was_completed_after_that_is_never_taken_back() -> None:
    lists = Lists(DAILY)
    seen = lists.seen(NINE)
    await click(lists, seen, NINE)
    next_stamp = "20261130T080000Z"
    await click(lists, lists.seen(next_stamp), next_stamp)
    with pytest.raises(Rejected):
        await click(lists, but(seen, ActionKind.REOPEN), NINE)
    assert line(lists.texts[0], "DTSTART") == "20261201T090000"


async def test_moving_an_occurrence_leaves_the_series_and_keeps_its_component() -> None:
    lists = Lists(DAILY)
    seen, due = lists.seen(NINE), Fixed(datetime(2026, 11, 30, 9, tzinfo=UTC), "Europe/Berlin")
    await click(lists, but(seen, ActionKind.TOMORROW, due), NINE)
    assert lists.texts[0] == DAILY
    assert line(lists.texts[1], "RECURRENCE-ID") == "20261129T090000"
    assert line(lists.texts[1], "DUE") == "20261130T100000"
    await click(lists, but(seen, ActionKind.RESTORE, due), NINE)
    assert len(lists.texts) == 2
    assert whole_line(lists.texts[1], "DUE") == whole_line(DAILY, "DUE")


# A server behind the list


async def test_a_stale_write_is_refused_and_done_on_what_there_is_now() -> None:
    lists = Lists(PLAIN, on_server=True)
    renamed = PLAIN.replace("Feed the cat", "Feed both cats").replace('"7"', '"8"')
    lists.server_has = [renamed]
    await click(lists, lists.seen())
    (after,) = lists.texts
    assert lists.refreshed == 1
    assert "Feed both cats" in after
    assert '"8"' in after
    assert line(after, "STATUS") == "COMPLETED"


async def test_a_stale_write_that_makes_no_sense_any_more_is_refused() -> None:
    lists = Lists(PLAIN, on_server=True)
    lists.server_has = [PLAIN.replace("20261129", "20261203")]
    with pytest.raises(Rejected) as refused:
        await click(lists, but(lists.seen(), ActionKind.TOMORROW, Day(date(2026, 11, 30))))
    assert refused.value.reason.startswith(OTHER_DATE)
    assert lists.written == []


async def test_what_keeps_changing_waits() -> None:
    lists = Lists(PLAIN, on_server=True)
    lists.refuse = [EdsCode.OUT_OF_SYNC] * 9
    with pytest.raises(Unavailable) as waits:
        await click(lists, lists.seen())
    assert not waits.value.reached
    assert len(lists.refuse) == 9 - actions.MAX_ATTEMPTS


@pytest.mark.parametrize("code", [EdsCode.GONE, EdsCode.NO_OBJECT])
async def test_a_task_that_went_or_a_list_that_was_opened_anew_is_looked_at_again(
    code: EdsCode,
) -> None:
    lists = Lists(PLAIN)
    lists.refuse = [code]
    await click(lists, lists.seen())
    assert len(lists.written) == 1


WAITS = (
    *(EdsCode.SIGN_IN, EdsCode.OFFLINE, EdsCode.REFUSED_CONNECTION, EdsCode.NO_SERVICE),
    *(EdsCode.TIMED_OUT, EdsCode.NO_REPLY, EdsCode.OTHER),
)
MAY_BE_DONE = {EdsCode.TIMED_OUT, EdsCode.NO_REPLY, EdsCode.OTHER}


@pytest.mark.parametrize("code", WAITS)
async def test_what_may_pass_waits_and_says_whether_it_may_be_done(code: EdsCode) -> None:
    lists = Lists(PLAIN)
    lists.refuse = [code]
    with pytest.raises(Unavailable) as waits:
        await click(lists, lists.seen())
    assert waits.value.reached is (code in MAY_BE_DONE)


NEVER = (
    *(EdsCode.DENIED, EdsCode.NOT_SUPPORTED, EdsCode.NO_SOURCE, EdsCode.WRONG_KIND),
    *(EdsCode.INVALID, EdsCode.BAD_QUERY, EdsCode.EXISTS),
)


@pytest.mark.parametrize("code", NEVER)
async def test_what_will_never_pass_is_refused(code: EdsCode) -> None:
    lists = Lists(PLAIN)
    lists.refuse = [code]
    with pytest.raises(Rejected):
        await click(lists, lists.seen())


@pytest.mark.parametrize("code", EdsCode)
async def test_no_code_is_without_an_answer(code: EdsCode) -> None:
    lists = Lists(PLAIN)
    lists.opening = code
    with pytest.raises(SourceError):
        await click(lists, lists.seen())


@pytest.mark.parametrize(("text", "stamp"), [(PLAIN, None), (DAILY, NINE)])
@pytest.mark.parametrize("code", sorted(MAY_BE_DONE))
async def test_a_lost_answer_is_settled_by_looking(
    text: str, stamp: str | None, code: EdsCode
) -> None:
    lists = Lists(text)
    seen = lists.seen(stamp)
    lists.lose = code
    with pytest.raises(Unavailable):
        await click(lists, seen, stamp)
    await click(lists, but(seen, ActionKind.DONE, may_be_done=True), stamp)
    assert len(lists.written) == 1


async def test_a_list_that_cannot_be_written_is_not() -> None:
    lists = Lists(PLAIN)
    lists.writable = False
    with pytest.raises(Rejected) as refused:
        await click(lists, lists.seen())
    assert refused.value.reason == actions.READ_ONLY


async def test_a_click_on_something_else_is_forgotten() -> None:
    lists = Lists(PLAIN)
    with pytest.raises(Rejected) as refused:
        await act(lists, id_of(NINE), lists.seen(), now=NOW, zone=BERLIN, look_seconds=0)
    assert refused.value.reason == FORGOTTEN


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace("END:VTODO", "END:VEVENT"),
        PLAIN + "END:VCALENDAR\r\nBEGIN:VCALENDAR\r\n" + PLAIN,
        "BEGIN:VTODO\r\nUID:t1\r\n",
        PLAIN.replace("Feed", "\ud800"),
    ],
)
async def test_what_is_not_written_as_components_are_is_left_alone(text: str) -> None:
    lists = Lists(PLAIN)
    seen = lists.seen()
    lists.texts = [text]
    with pytest.raises(Rejected) as refused:
        await click(lists, seen)
    assert refused.value.reason == NOT_EDITABLE
    assert lists.written == []


@given(
    st.lists(
        st.sampled_from(
            [
                "DESCRIPTION:a\\nb",
                'X-A;X-B="c:d":e',
                "CATEGORIES:Home,Work",
                "LOCATION:" + "ä" * 90,
                "PRIORITY:1",
                ETAG,
            ]
        ),
        unique=True,
    )
)
def test_whatever_else_a_task_says_stays(more: list[str]) -> None:
    text = todo("DUE;VALUE=DATE:20261129", *more)
    lists = Lists(text)
    seen = lists.seen()

    async def there_and_back() -> None:
        await click(lists, seen)
        assert set(more) <= set(lists.texts[0].split("\r\n"))
        await click(lists, but(seen, ActionKind.REOPEN))

    asyncio.run(there_and_back())
    assert differences(text, lists.texts[0]) == set(SEALS)
