"""Of what is typed, date, time, priority and list are read; the rest is the title."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.model.quick_add import Understood, due_words, typed_text, understood
from oo_desktop.model.signals import MAX_NEW_TASK, Adding, Day, Due, Fixed, Floating, TaskList

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 11, tzinfo=UTC)
"""A Sunday, at noon in Berlin."""

INBOX = TaskList(id="in", name="Inbox")
GROCERIES = TaskList(id="g", name="Groceries")
WORK = TaskList(id="w", name="My Work")
MY = TaskList(id="m", name="My")
LISTS = Adding(lists=(INBOX, GROCERIES, WORK, MY), floats=True)
ALL_MARKS = Adding(lists=LISTS.lists, floats=True, marks=True)


def read(text: str, adding: Adding = LISTS) -> Understood:
    return understood(text, now=NOW, zone=BERLIN, adding=adding)


def day(text: str) -> Day:
    return Day(date.fromisoformat(text))


def at(text: str) -> Floating:
    return Floating(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("today", day("2026-11-22")),
        ("tomorrow", day("2026-11-23")),
        ("Tomorrow", day("2026-11-23")),
        ("day after tomorrow", day("2026-11-24")),
        ("friday", day("2026-11-27")),
        ("on fri", day("2026-11-27")),
        ("fri", day("2026-11-27")),
        ("by Monday", day("2026-11-23")),
        ("sunday", day("2026-11-29")),
        ("this sunday", day("2026-11-22")),
        ("next monday", day("2026-11-23")),
        ("next sunday", day("2026-11-29")),
        ("next week", day("2026-11-23")),
        ("next month", day("2026-12-01")),
        ("next year", day("2027-01-01")),
        ("this weekend", day("2026-11-28")),
        ("24 Dec", day("2026-12-24")),
        ("24. December", day("2026-12-24")),
        ("Dec 24th", day("2026-12-24")),
        ("December 24, 2027", day("2027-12-24")),
        ("3rd of January", day("2027-01-03")),
        ("29 feb", day("2028-02-29")),
        ("2026-12-24", day("2026-12-24")),
        ("2026/12/24", day("2026-12-24")),
        ("24.12.2026", day("2026-12-24")),
        ("24.12.", day("2026-12-24")),
        ("1.2.", day("2027-02-01")),
        ("24/12/2026", day("2026-12-24")),
        ("12/24/2026", day("2026-12-24")),
        ("5/5/2027", day("2027-05-05")),
        ("in 3 days", day("2026-11-25")),
        ("in a week", day("2026-11-29")),
        ("in two weeks", day("2026-12-06")),
        ("in 3 months", day("2027-02-22")),
        ("in 1 year", day("2027-11-22")),
        ("in 2 hours", at("2026-11-22T14:00")),
        ("in 45 min", at("2026-11-22T12:45")),
        ("18:00", at("2026-11-22T18:00")),
        ("at 18:00", at("2026-11-22T18:00")),
        ("9:00", at("2026-11-23T09:00")),
        ("at 9", at("2026-11-23T09:00")),
        ("9am", at("2026-11-23T09:00")),
        ("9:30 pm", at("2026-11-22T21:30")),
        ("12 pm", at("2026-11-23T12:00")),
        ("12am", at("2026-11-23T00:00")),
        ("at noon", at("2026-11-23T12:00")),
        ("tomorrow 18:00", at("2026-11-23T18:00")),
        ("18:00 tomorrow", at("2026-11-23T18:00")),
        ("friday at 9", at("2026-11-27T09:00")),
        ("24 Dec, 18:30", at("2026-12-24T18:30")),
    ],
)
def test_a_date_and_a_time_are_read(words: str, due: Due) -> None:
    found = read(f"Mend the kite {words}")
    assert (found.title, found.due) == ("Mend the kite", due)


@pytest.mark.parametrize(
    "text",
    [
        "Meet at 9 Main Street",
        "Sun cream",
        "Buy 11/12/2026 calendar",
        "24/7 support",
        "Train 18:00-19:00",
        "Fill in form 31 Feb",
        "Ask Tom about April",
        "Chapter 24.12 of the book",
        "Version 2026-13-01",
        "In 5000 days",
        "Issue #12 of #Nothing",
        "Read “Tomorrow”",
        'Watch "Friday at 9"',
        "p5 and p1x",
        "mailto:ada@example.org // not a note",
        "Water the plants every friday",
        "@home alone",
        "25:00",
        "todays news",
    ],
)
def test_what_is_not_understood_stays_in_the_title(text: str) -> None:
    found = read(text)
    assert (found.title, found.due, found.priority, found.list) == (text, None, 4, INBOX)


def test_everything_at_once() -> None:
    found = read("Buy milk tomorrow 18:00 p1 #Groceries")
    assert found.title == "Buy milk"
    assert found.due == at("2026-11-23T18:00")
    assert (found.priority, found.list) == (1, GROCERIES)
    assert found.sentence == "Due tomorrow at 18:00, priority 1, in Groceries"


def test_in_any_order_and_in_the_middle() -> None:
    found = read("p2 Call #my\\ work friday the bank")
    assert (found.title, found.priority, found.list) == ("Call the bank", 2, WORK)
    assert found.due == day("2026-11-27")


def test_the_longest_name_of_a_list_counts() -> None:
    assert read("x #My Work").list == WORK
    assert read("x #My day").list == MY


def test_the_last_of_a_kind_counts_and_the_others_are_words() -> None:
    found = read("Plan friday party p1 tomorrow p2")
    assert (found.title, found.due, found.priority) == (
        "Plan friday party p1",
        day("2026-11-23"),
        2,
    )


@pytest.mark.parametrize("text", ["tomorrow", "p1 #Groceries", "  24 Dec  "])
def test_a_task_always_has_a_name(text: str) -> None:
    found = read(text)
    assert (found.title, found.due, found.priority) == (text.strip(), None, 4)
    assert found.spans == ()


def test_a_blank_text_has_no_title() -> None:
    assert read(" \t ").title == ""


def test_a_time_is_an_instant_where_the_account_has_no_zone() -> None:
    found = read("x tomorrow 18:00", Adding())
    assert found.due == Fixed(datetime(2026, 11, 23, 17, tzinfo=UTC), "Europe/Berlin")
    assert found.sentence == "Due tomorrow at 18:00"


def test_today_is_that_of_the_account() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    found = understood("x today", now=late, zone=BERLIN)
    assert found.due == day("2026-11-23")


def test_it_goes_where_the_text_says_else_where_it_is_meant_to_else_to_the_first() -> None:
    def where(text: str, into: TaskList | None) -> TaskList | None:
        return understood(text, now=NOW, zone=BERLIN, adding=LISTS, into=into).list

    assert where("x #Groceries", WORK) == GROCERIES
    assert where("x", WORK) == WORK
    assert where("x", None) == INBOX
    assert understood("x", now=NOW, zone=BERLIN).list is None


# For services that understand more


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("every friday at 9:00", "every friday at 9:00"),
        ("every  day", "every day"),
        ("every! 3 days", "every! 3 days"),
        ("every other week", "every other week"),
        ("every mon, wed and fri at 9", "every mon, wed and fri at 9"),
        ("every 15th", "every 15th"),
        ("every 24 Dec", "every 24 Dec"),
        ("daily 8:00", "daily 8:00"),
    ],
)
def test_how_it_repeats_is_left_in_words(words: str, rule: str) -> None:
    found = read(f"Water the plants {words} p3", ALL_MARKS)
    assert (found.title, found.repeats, found.due) == ("Water the plants", rule, None)
    assert found.sentence == f"Repeats {rule}, priority 3, in Inbox"


def test_labels_and_a_note() -> None:
    found = read("Call Ana @phone @home tomorrow // about the // offer p1", ALL_MARKS)
    assert (found.title, found.labels) == ("Call Ana", ("phone", "home"))
    assert found.description == "about the // offer p1"
    assert found.priority == 4
    assert found.due == day("2026-11-23")


def test_addresses_are_no_notes_and_no_labels() -> None:
    found = read("Mail ada@example.org about https://example.org//a", ALL_MARKS)
    assert found.title == "Mail ada@example.org about https://example.org//a"
    assert (found.labels, found.description) == ((), "")


# The sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x", "In Inbox"),
        ("x p1", "Priority 1, in Inbox"),
        ("x today", "Due today, in Inbox"),
        ("x today p1", "Due today, priority 1, in Inbox"),
        ("x yesterday", "In Inbox"),
        ("x 2027-12-24", "Due 24 Dec 2027, in Inbox"),
    ],
)
def test_it_is_told_in_one_sentence(text: str, sentence: str) -> None:
    assert read(text).sentence == sentence


def test_where_there_are_no_lists_none_is_told() -> None:
    assert read("x", Adding()).sentence == ""
    assert read("x p1", Adding()).sentence == "Priority 1"


def test_a_date_in_words_is_that_of_the_account() -> None:
    late = Fixed(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "UTC")
    assert due_words(late, NOW, BERLIN) == "tomorrow at 00:30"


def test_what_was_understood_becomes_a_task() -> None:
    text = "Buy milk tomorrow p1 #Groceries @shop // the blue one"
    task = read(text, ALL_MARKS).task(text, uuid="u-1", typed_at=NOW)
    assert (task.uuid, task.text, task.typed_at) == ("u-1", text, NOW)
    assert (task.title, task.due, task.priority, task.list) == (
        "Buy milk",
        day("2026-11-23"),
        1,
        "g",
    )
    assert (task.labels, task.description, task.repeats) == (("shop",), "the blue one", "")


def test_what_cannot_be_sent_is_not_in_it() -> None:
    assert typed_text("a\x0bb\ud800c\n") == "a b\ufffdc "


# Whatever is typed

WORDS = st.sampled_from(
    [
        *("tomorrow", "fri", "at", "9", "18:00", "p1", "#Groceries", "#My", "Work", "24", "Dec"),
        *("every", "day", "in", "3", "days", "//", "@home", '"', "“", "”", "next", "week", "on"),
        *("2026-12-24", "24.12.", ",", "9am", "31", "the", "Feb", "9999-12-31", "months"),
    ]
)
TYPED = st.one_of(
    st.text(max_size=80),
    st.lists(WORDS, max_size=12).map(" ".join),
    st.text('p1#@/"9 :.,', max_size=40),
)


def solid(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(TYPED, st.booleans(), st.dates(date(1, 1, 2), date(9999, 12, 30)), st.times())
def test_nothing_is_lost_that_was_not_understood(
    text: str, marks: bool, today: date, clock: time
) -> None:
    adding = ALL_MARKS if marks else LISTS
    now = datetime.combine(today, clock, UTC)
    found = understood(text, now=now, zone=BERLIN, adding=adding)
    typed = typed_text(text)
    left, before = [], 0
    for begin, end in found.spans:
        assert before <= begin < end <= len(typed)
        left.append(typed[before:begin])
        before = end
    left.append(typed[before:])
    assert solid(found.title) == solid("".join(left))
    assert found.title == found.title.strip()
    assert bool(found.title) == bool(typed.strip())


@given(TYPED)
def test_what_is_in_quotation_marks_is_a_title(text: str) -> None:
    inner = text.replace('"', "")
    found = read(f'x "{inner}" tomorrow', ALL_MARKS)
    assert solid(f'x"{typed_text(inner)}"') == solid(found.title)
    assert found.due == day("2026-11-23")


@pytest.mark.parametrize(
    "text", ["every " * 200, "#My " * 300, "at 9 " * 200, "// " * 400, "a" * 9999]
)
def test_a_long_text_is_cut(text: str) -> None:
    assert len(read(text, ALL_MARKS).title) <= MAX_NEW_TASK


@given(st.integers(0, 60 * 24 - 1))
def test_a_time_alone_is_the_next_one(minutes: int) -> None:
    said = time(minutes // 60, minutes % 60)
    found = read(f"x {said:%H:%M}").due
    assert isinstance(found, Floating)
    ahead = found.at - at("2026-11-22T12:00").at
    assert timedelta() < ahead <= timedelta(days=1)
    assert found.at.time() == said
