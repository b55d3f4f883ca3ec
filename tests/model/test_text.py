"""Texts from services, made harmless; times in plain words."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from gettext import NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop import language
from oo_desktop.language import Formats
from oo_desktop.model.text import (
    MAX_MARKS,
    age_words,
    clock_words,
    date_words,
    day_words,
    elided,
    is_blank,
    isolated,
    moment_words,
    near_day_words,
    place_of_zone,
    plain_text,
    sentence,
    title_text,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ANYTHING = st.text(
    alphabet=st.characters() | st.characters(categories=["Cc", "Cf", "Cs", "Mn"]), max_size=200
)


@pytest.mark.parametrize("text", ["Review", "Prüfung 5", "会議", "🎉", ""])
def test_what_reads_from_left_to_right_stays_as_it_is(text: str) -> None:
    assert isolated(text) == text


@pytest.mark.parametrize("text", ["פגישה", "شراء ٥", "Call פגישה"])
def test_what_reads_from_right_to_left_is_kept_to_itself(text: str) -> None:
    assert isolated(text) == f"\u200e\u2068{text}\u2069"


@given(ANYTHING)
def test_plain_text_never_holds_what_is_not_shown(text: str) -> None:
    plain = plain_text(text)
    kinds = {unicodedata.category(char) for char in plain}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert not any("\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069" for char in plain)
    assert plain == plain.strip()
    plain.encode()  # no half characters


@given(ANYTHING)
def test_plain_text_of_plain_text_is_the_same(text: str) -> None:
    assert plain_text(plain_text(text)) == plain_text(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("two\nlines\tand\0more", "two lines and more"),
        ("\u202egnp.exe", "gnp.exe"),
        ("half \ud83d", "half \ufffd"),
        ("family 👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "family 👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
        ("  spaced\u00a0 out  ", "spaced out"),
        ("a" + "\u0301" * 50, "a" + "\u0301" * MAX_MARKS),
        ("\u200b\u200f\u2060", ""),
        ("\u200d\u200c \ufe0f\u3164\u2800", ""),
    ],
)
def test_what_becomes_of_hostile_and_of_living_text(text: str, plain: str) -> None:
    assert plain_text(text) == plain


def test_a_megabyte_of_title_is_cut_before_it_is_looked_at() -> None:
    assert len(plain_text("a" * 1_000_000)) == 1000


@given(st.text(max_size=100), st.integers(min_value=2, max_value=60))
def test_elided_text_is_never_longer_than_asked(text: str, most: int) -> None:
    assert len(elided(text, most)) <= most


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("short", 5, "short"),
        ("a bit longer", 6, "a bit…"),
        ("ab👨‍👩‍👧cd", 6, "ab…"),
        ("abe\u0301cd", 4, "ab…"),
        ("a🇩🇪🇫🇷b", 5, "a🇩🇪…"),
        ("ab👍🏽cd", 4, "ab…"),
    ],
)
def test_eliding_never_cuts_what_belongs_together(text: str, most: int, shown: str) -> None:
    assert elided(text, most) == shown


def test_what_shows_nothing_is_told_from_what_does() -> None:
    assert all(map(is_blank, ("", " \u00a0", "\u200b", "\u200d\ufe0f", "\U000e0041", "\uffa0")))
    assert not any(map(is_blank, ("a", "\u200d.", "👩\u200d👧", "\ufffd", "가")))


def test_a_date_as_a_person_writes_it_whatever_day_it_is() -> None:
    year = 2026
    assert date_words(date(2026, 11, 22), year) == "Sun 22 Nov"
    assert date_words(date(2025, 11, 22), year) == "22 Nov 2025"


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "Today"), (-1, "Yesterday"), (1, "Tomorrow"), (-2, "Fri 20 Nov"), (-400, "18 Oct 2025")],
)
def test_days_as_a_person_names_them(days: int, words: str) -> None:
    today = date(2026, 11, 22)
    assert day_words(today + timedelta(days=days), today) == words


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-90), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=2, seconds=50), "2 min ago"),
        (timedelta(hours=3, minutes=59), "3 h ago"),
        (timedelta(hours=26), "yesterday 11:00"),
        (timedelta(days=4), "on Wed 18 Nov"),
        (timedelta(days=700), "on 22 Dec 2024"),
    ],
)
def test_ages_in_plain_words(age: timedelta, words: str) -> None:
    assert age_words(NOW - age, NOW, BERLIN) == words


def test_a_moment_of_today_is_a_time_and_another_days_is_a_day() -> None:
    assert moment_words(NOW, NOW, BERLIN) == "13:00"
    assert moment_words(NOW + timedelta(days=1), NOW, BERLIN) == "tomorrow 13:00"
    assert (
        moment_words(datetime.min.replace(tzinfo=UTC), NOW, ZoneInfo("America/Lima")) == "long ago"
    )


def test_small_words() -> None:
    assert [sentence("No"), sentence("No."), sentence("")] == ["No.", "No.", ""]


def test_on_a_day_of_25_hours_what_is_older_than_24_was_today() -> None:
    now = datetime(2026, 10, 25, 22, 50, tzinfo=UTC)  # 23:50 in Berlin
    assert age_words(now - timedelta(hours=24, minutes=40), now, BERLIN) == "today 00:10"


def test_a_day_within_a_sentence_is_named_only_where_it_is_near() -> None:
    today = date(2026, 11, 22)
    words = [near_day_words(today + timedelta(days=days), today) for days in (-2, -1, 0, 1, 2)]
    assert words == [None, "yesterday", "today", "tomorrow", None]


@pytest.mark.parametrize("title", ["", " \n", "\u200b"])
def test_a_title_that_shows_nothing_is_named_all_the_same(title: str) -> None:
    assert title_text(title, 50) == "(no title)"
    assert title_text("Milk and bread", 5) == "Milk…"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("America/New_York", "New York"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("UTC", "UTC"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_zone_is_called_by_its_place(name: str | None, place: str) -> None:
    assert place_of_zone(name) == place


@pytest.fixture
def american() -> Iterator[None]:
    """A session that counts hours to twelve and says the month first."""
    language.use(language.ENGLISH, Path(), Formats(hours_12=True, month_first=True))
    yield
    language.use(language.ENGLISH, Path(), Formats())


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(0, 5), "12:05 AM"),
        (time(9, 40), "9:40 AM"),
        (time(12, 0), "12:00 PM"),
        (time(23, 59), "11:59 PM"),
    ],
)
@pytest.mark.usefixtures("american")
def test_hours_are_counted_to_twelve_where_the_session_does(at: time, words: str) -> None:
    assert clock_words(at) == words


@pytest.mark.usefixtures("american")
def test_the_month_comes_first_where_the_session_says_so() -> None:
    assert date_words(date(2026, 11, 20), 2026) == "Fri, Nov 20"
    assert date_words(date(2025, 11, 20), 2026) == "Nov 20, 2025"


def test_a_title_of_another_direction_is_kept_to_itself_in_a_line_read_from_right_to_left() -> None:
    language.use_catalogue("ar", NullTranslations())
    try:
        assert isolated("Call Bea") == "\u200f\u2068Call Bea\u2069"
        assert isolated("اتصل") == "اتصل"
        assert isolated("42") == "\u200f\u206842\u2069"
    finally:
        language.use_catalogue(language.ENGLISH, NullTranslations())
