"""Whole calendars in windows of any zone, held against what other programs read in them.

`recurring-ical-events` (with `icalendar`) and `ical` (which Home Assistant uses) are other parsers
and other expansions; `python -m tests.readers` adds ical.js and node-ical. Where they disagree with
ours the RFC says who is right, where it says anything: `SETTLED` has each kind with its section,
which readers are known to read it otherwise, and the smallest calendar that shows it. What is in no
row has to agree.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connectors.icalendar.calendars import body, changed, event
from tests.connectors.icalendar.generated import (
    OWN_NAME,
    ZONES,
    Generated,
    Kept,
    Series,
    calendars,
    vtimezone,
)
from tests.connectors.icalendar.readers import OTHERS, Reading, ours

RIE, ICAL, ICAL_JS, NODE_ICAL = "recurring-ical-events", "ical", "ical.js", "node-ical"


@dataclass(frozen=True)
class Settled:
    """Says how a kind of calendar is to be read, by which section of RFC 5545.

    otherwise: readers that are known to read it in another way. applies: whether a series is of
    this kind, as narrowly as can be told. example: looked at from Berlin for two days from `day`
    on. seen: what oO shows. defined: whether that is what the RFC says, or it leaves it open.
    """

    kind: str
    section: str
    otherwise: Sequence[str]
    applies: Callable[[Generated, Series], bool]
    example: bytes
    day: date
    seen: Sequence[str]
    defined: bool = True


def odd(*words: str) -> Callable[[Generated, Series], bool]:
    return lambda _calendar, series: series.odd.issuperset(words)


_TIME = ("DTSTART:20261130T060000Z", "DTEND:20261130T070000Z", "SUMMARY:A")
_SIX = "20261130T060000/20261130T070000"
_MONDAY = date(2026, 11, 30)

SETTLED = (
    Settled(
        "RDATE and no RRULE",
        "3.8.5.2: DTSTART is the first of the set, RDATE adds to it",
        (ICAL, ICAL_JS, NODE_ICAL),
        odd("RDATE alone"),
        body(*event(*_TIME, "RDATE:20261201T060000Z")),
        _MONDAY,
        (_SIX, "20261201T060000/20261201T070000"),
    ),
    Settled(
        "RANGE=THISANDFUTURE",
        "3.2.13: the given one and all that follow",
        (ICAL, NODE_ICAL),
        odd("THISANDFUTURE"),
        body(
            *event(*_TIME, "RRULE:FREQ=DAILY;COUNT=2"),
            *event(
                "RECURRENCE-ID;RANGE=THISANDFUTURE:20261130T060000Z",
                "DTSTART:20261130T090000Z",
                "DTEND:20261130T100000Z",
                "SUMMARY:A",
            ),
        ),
        _MONDAY,
        ("20261130T090000/20261130T100000", "20261201T090000/20261201T100000"),
    ),
    Settled(
        "an occurrence that is named in UTC",
        "3.8.4.4: an instant, however it is said",
        (ICAL,),
        lambda _, series: (
            "RECURRENCE-ID in UTC" in series.odd
            or ("RECURRENCE-ID" in series.odd and series.kept.form == "UTC")
            or "RDATE in UTC of an occurrence" in series.odd
        ),
        body(
            *vtimezone("Europe/Berlin", "Europe/Berlin"),
            *event(
                "DTSTART;TZID=Europe/Berlin:20261130T090000",
                "DTEND;TZID=Europe/Berlin:20261130T100000",
                "RRULE:FREQ=DAILY;COUNT=1",
                "SUMMARY:A",
            ),
            *changed(
                "DTSTART:20261130T090000Z",
                "DTEND:20261130T100000Z",
                "SUMMARY:A",
                named=":20261130T080000Z",
            ),
        ),
        _MONDAY,
        ("20261130T090000/20261130T100000",),
    ),
    Settled(
        "a zone without summer time, known by its VTIMEZONE",
        "3.6.5: an observance holds from its DTSTART on, with or without a rule",
        (ICAL,),
        lambda _, series: _is_known_by_vtimezone(series.kept) and not _has_summer(series.kept),
        body(
            *vtimezone("Tokyo Standard Time", "Asia/Tokyo"),
            *event(
                "DTSTART;TZID=Tokyo Standard Time:20261130T150000",
                "DTEND;TZID=Tokyo Standard Time:20261130T160000",
                "SUMMARY:A",
            ),
        ),
        _MONDAY,
        (_SIX,),
    ),
    Settled(
        "a zone with a name of its own",
        "3.2.19: TZID names the VTIMEZONE in the same calendar, whatever it is called",
        (NODE_ICAL,),
        lambda _, series: series.kept.form.startswith(OWN_NAME),
        body(
            *vtimezone("Our time", "America/New_York"),
            *event("DTSTART;TZID=Our time:20261130T010000", "DURATION:PT1H", "SUMMARY:A"),
        ),
        _MONDAY,
        (_SIX,),
    ),
    Settled(
        "a zone without a VTIMEZONE",
        "3.2.19 demands one, and leaves open what is without; RFC 7809 spares them for IANA names",
        (ICAL_JS,),
        lambda _, series: not series.kept.described and "/" in series.kept.form,
        body(*event("DTSTART;TZID=Asia/Tokyo:20261130T150000", "DURATION:PT1H", "SUMMARY:A")),
        _MONDAY,
        (_SIX,),
        defined=False,
    ),
    Settled(
        "a floating time beside a VTIMEZONE",
        "3.3.5, form 1: of no zone; a VTIMEZONE explains a TZID and nothing else",
        (NODE_ICAL,),
        lambda calendar, series: (
            series.kept.form == "floating" and any(each.kept.described for each in calendar.series)
        ),
        body(
            *vtimezone("America/New_York", "America/New_York"),
            *event("DTSTART:20261130T070000", "DURATION:PT1H", "SUMMARY:A"),
        ),
        _MONDAY,
        (_SIX,),
    ),
    Settled(
        "a floating series since before the clocks were changed",
        "3.3.5, form 1: the same time on the wall all year",
        (NODE_ICAL,),
        lambda _, series: series.kept.form == "floating" and _recurs(series),
        body(*event("DTSTART:20261005T070000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY", "SUMMARY:A")),
        _MONDAY,
        (_SIX,),
    ),
    Settled(
        "several VCALENDARs",
        "3.4: a stream holds one or more",
        (NODE_ICAL,),
        lambda calendar, _: "several VCALENDARs" in calendar.odd,
        body(*event(*_TIME)) + body(*event("DTSTART:20261130T080000Z", "SUMMARY:A", uid="2")),
        _MONDAY,
        (_SIX, "20261130T080000/20261130T080000"),
    ),
    Settled(
        "RDATE beside RRULE",
        "3.8.5.2: it adds to the set",
        (NODE_ICAL,),
        odd("RDATE"),
        body(*event(*_TIME, "RRULE:FREQ=WEEKLY", "RDATE:20261201T060000Z")),
        _MONDAY,
        (_SIX, "20261201T060000/20261201T070000"),
    ),
    Settled(
        "EXDATE of an RDATE",
        "3.8.5.1: it leaves out of the whole set",
        (ICAL_JS,),
        odd("RDATE that is left out"),
        body(
            *event(*_TIME, "RRULE:FREQ=DAILY", "RDATE:20261201T060000Z", "EXDATE:20261201T060000Z")
        ),
        _MONDAY,
        (_SIX,),
    ),
    Settled(
        "a time that the clocks skip",
        "3.3.5, form 3: with the UTC offset before the gap; of a floating time it says nothing",
        (RIE, ICAL, ICAL_JS),
        odd("skipped"),
        body(
            *vtimezone("W. Europe Standard Time", "Europe/Berlin"),
            *event(
                "DTSTART;TZID=W. Europe Standard Time:20260329T023000",
                "DTEND;TZID=W. Europe Standard Time:20260329T040000",
                "SUMMARY:A",
            ),
        ),
        date(2026, 3, 29),
        ("20260329T013000/20260329T020000",),
    ),
    Settled(
        "a series that begins at a time that the clocks skip",
        "3.3.10: each is read as if it were said by itself, so the others are not put off",
        (NODE_ICAL,),
        odd("begins at a skipped time"),
        body(
            *event(
                "DTSTART;TZID=Europe/Berlin:20260329T023000",
                "DURATION:PT1H",
                "RRULE:FREQ=DAILY",
                "SUMMARY:A",
            ),
        ),
        date(2026, 3, 30),
        ("20260330T003000/20260330T013000", "20260331T003000/20260331T013000"),
    ),
    Settled(
        "an occurrence at a time that the clocks skip",
        "3.3.10, as erratum 4271 corrects it: not ignored, but read as 3.3.5 says",
        (NODE_ICAL,),
        lambda _, series: "skipped" in series.odd and _recurs(series),
        body(
            *event(
                "DTSTART;TZID=Europe/Berlin:20260328T023000",
                "RRULE:FREQ=DAILY",
                "SUMMARY:A",
            ),
        ),
        date(2026, 3, 28),
        ("20260328T013000/20260328T013000", "20260329T013000/20260329T013000"),
    ),
    Settled(
        "this and all following, named in UTC",
        "3.8.4.4: an instant, however it is said",
        (ICAL, ICAL_JS, NODE_ICAL),
        odd("THISANDFUTURE", "RECURRENCE-ID in UTC"),
        body(
            *vtimezone("Asia/Tokyo", "Asia/Tokyo"),
            *event(
                "DTSTART;TZID=Asia/Tokyo:20261129T150000",
                "DTEND;TZID=Asia/Tokyo:20261129T160000",
                "RRULE:FREQ=DAILY;COUNT=3",
                "SUMMARY:A",
            ),
            *event(
                "RECURRENCE-ID;RANGE=THISANDFUTURE:20261130T060000Z",
                "DTSTART;TZID=Asia/Tokyo:20261130T170000",
                "DTEND;TZID=Asia/Tokyo:20261130T180000",
                "SUMMARY:A",
            ),
        ),
        _MONDAY,
        ("20261130T080000/20261130T090000", "20261201T080000/20261201T090000"),
    ),
    Settled(
        "this and all following of a series with an RDATE in UTC",
        "3.2.13 and 3.8.5.2: an RDATE is one of the set, and moved with it",
        (ICAL, ICAL_JS, NODE_ICAL),
        lambda _, series: (
            "THISANDFUTURE" in series.odd
            and series.kept.form != "UTC"
            and any(line.startswith("RDATE:") and line.endswith("Z") for line in series.lines)
        ),
        body(
            *vtimezone("Asia/Tokyo", "Asia/Tokyo"),
            *event(
                "DTSTART;TZID=Asia/Tokyo:20261130T150000",
                "DTEND;TZID=Asia/Tokyo:20261130T160000",
                "RRULE:FREQ=WEEKLY",
                "RDATE:20261201T060000Z",
                "SUMMARY:A",
            ),
            *event(
                "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Asia/Tokyo:20261130T150000",
                "DTSTART;TZID=Asia/Tokyo:20261130T170000",
                "DTEND;TZID=Asia/Tokyo:20261130T180000",
                "SUMMARY:A",
            ),
        ),
        _MONDAY,
        ("20261130T080000/20261130T090000", "20261201T080000/20261201T090000"),
    ),
    Settled(
        "the end of a series at a time that the clocks show twice",
        "3.3.10: UNTIL counts itself; 3.3.5, form 3: of what comes twice, the first is meant",
        (ICAL_JS, NODE_ICAL),
        lambda _, series: (
            "on while clocks are changed" in series.odd
            and any(line.startswith("RRULE:") and "UNTIL=" in line for line in series.lines)
        ),
        body(
            *vtimezone("Europe/Berlin", "Europe/Berlin"),
            *event(
                "DTSTART;TZID=Europe/Berlin:20261025T023000",
                "RRULE:FREQ=WEEKLY;UNTIL=20261025T003000Z",
                "SUMMARY:A",
            ),
        ),
        date(2026, 10, 25),
        ("20261025T003000/20261025T003000",),
    ),
    Settled(
        "whole days whose number is said, while clocks are changed",
        "3.3.6: days are those of the calendar",
        (NODE_ICAL,),
        lambda _, series: (
            "whole days while clocks are changed" in series.odd
            and any(line.startswith("DURATION:") for line in series.lines)
        ),
        body(*event("DTSTART;VALUE=DATE:20261025", "DURATION:P2D", "SUMMARY:A")),
        date(2026, 10, 25),
        ("20261025/20261027",),
    ),
    Settled(
        "a length in days while clocks are changed",
        "3.3.6: days are those of the calendar",
        (NODE_ICAL,),
        lambda _, series: (
            "on while clocks are changed" in series.odd
            and any(line.startswith("DURATION:P1D") for line in series.lines)
        ),
        body(
            *event(
                "DTSTART;TZID=Europe/Berlin:20260328T120000",
                "DURATION:P1D",
                "RRULE:FREQ=DAILY;COUNT=1",
                "SUMMARY:A",
            ),
        ),
        date(2026, 3, 29),
        ("20260328T110000/20260329T100000",),
    ),
    Settled(
        "a length in hours while clocks are changed",
        "3.3.6: hours are exact, days those of the calendar; 3.8.5.3: so is the DTEND of a series",
        (RIE, ICAL, ICAL_JS),
        odd("on while clocks are changed"),
        body(
            *event("DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:PT26H", "SUMMARY:A"),
        ),
        date(2026, 3, 29),
        ("20260328T110000/20260329T130000",),
    ),
)


def _is_known_by_vtimezone(kept: Kept) -> bool:
    return kept.described and kept.form not in ZONES


def _recurs(series: Series) -> bool:
    return any(line.startswith("RRULE") for line in series.lines)


def _has_summer(kept: Kept) -> bool:
    return bool(ZONES[kept.zone].daylight)


def kinds(reader: str, calendar: Generated, series: Series) -> Iterator[str]:
    """The kinds of what a reader is known to read otherwise."""
    for each in SETTLED:
        if reader in each.otherwise and each.applies(calendar, series):
            yield each.kind


def of(series: Series, reading: Reading) -> Reading:
    return frozenset(each for each in reading if each[0] == series.summary)


# The same calendars at each run: others may show a kind that nobody has settled yet, and it is for
# `python -m tests.readers` to find those.
@settings(max_examples=250, deadline=None, derandomize=True)
@given(calendars(), st.sampled_from(sorted(OTHERS)))
def test_a_window_of_any_calendar_is_as_another_program_sees_it(
    calendar: Generated, reader: str
) -> None:
    own, others = ours(calendar), OTHERS[reader](calendar)
    for series in calendar.series:
        if not any(kinds(reader, calendar, series)):
            assert of(series, own) == of(series, others)


@pytest.mark.parametrize("settled", SETTLED, ids=lambda settled: settled.kind)
def test_what_is_settled_is_read_as_the_table_says(settled: Settled) -> None:
    assert ours(example(settled)) == shown(settled)


@pytest.mark.parametrize("reader", OTHERS)
@pytest.mark.parametrize("settled", SETTLED, ids=lambda settled: settled.kind)
def test_what_another_program_reads_otherwise_is_still_so(settled: Settled, reader: str) -> None:
    read = OTHERS[reader](example(settled))
    assert (read != shown(settled)) == (reader in settled.otherwise)


def example(settled: Settled) -> Generated:
    return Generated(settled.example, settled.day, "Europe/Berlin", ())


def shown(settled: Settled) -> Reading:
    return frozenset(("A", start, end) for start, end in map(_halves, settled.seen))


def _halves(text: str) -> tuple[str, str]:
    start, _, end = text.partition("/")
    return start, end
