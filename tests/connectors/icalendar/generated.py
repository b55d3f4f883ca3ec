"""Generate calendars with what real ones hold, valid by RFC 5545, and tell what is in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from hypothesis import strategies as st

from tests.connectors.icalendar.calendars import body, event


@dataclass(frozen=True)
class Observances:
    """Says how a VTIMEZONE describes a zone: offsets, and the rules and hours of both changes."""

    windows: str
    standard: str
    daylight: str = ""
    to_daylight: tuple[str, str] = ("", "")
    to_standard: tuple[str, str] = ("", "")


_EUROPE = ("20010325T020000", "BYMONTH=3;BYDAY=-1SU"), ("20011028T030000", "BYMONTH=10;BYDAY=-1SU")
_AMERICA = ("20070311T020000", "BYMONTH=3;BYDAY=2SU"), ("20071104T020000", "BYMONTH=11;BYDAY=1SU")

ZONES: Mapping[str, Observances] = {
    "Europe/Berlin": Observances("W. Europe Standard Time", "+0100", "+0200", *_EUROPE),
    "America/New_York": Observances("Eastern Standard Time", "-0500", "-0400", *_AMERICA),
    "America/St_Johns": Observances("Newfoundland Standard Time", "-0330", "-0230", *_AMERICA),
    "Asia/Kolkata": Observances("India Standard Time", "+0530"),
    "Asia/Kathmandu": Observances("Nepal Standard Time", "+0545"),
    "Australia/Lord_Howe": Observances(
        "Lord Howe Standard Time",
        "+1030",
        "+1100",
        ("20081005T020000", "BYMONTH=10;BYDAY=1SU"),
        ("20080406T020000", "BYMONTH=4;BYDAY=1SU"),
    ),
    "Asia/Tokyo": Observances("Tokyo Standard Time", "+0900"),
    "Pacific/Auckland": Observances(
        "New Zealand Standard Time",
        "+1200",
        "+1300",
        ("20070930T020000", "BYMONTH=9;BYDAY=-1SU"),
        ("20080406T030000", "BYMONTH=4;BYDAY=1SU"),
    ),
}
BARE_ZONES = (*ZONES, "Africa/Casablanca")
"""The last one's changes follow the moon: no rule describes them."""

CHANGES = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 9, 27),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 6, 10),
)
"""Days on which the clocks are changed somewhere, both ways, and one on which none is."""

OWN_NAME = "Our time"
"""How the names of zones begin that only their VTIMEZONE explains."""

DAYS = 2
"""Of the window."""

_NEAR = timedelta(days=4)
_CHANGED_LENGTH = timedelta(minutes=90)
"""Of what is said of one occurrence, or of all from it on."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_TEXTS = ("Stand-up", "Prüfung im großen Hörsaal, mit Ärzten; Köchen und naïven Gästen aus Ålesund")


@dataclass(frozen=True)
class Kept:
    """Says how a series keeps time: `form` is its TZID, "UTC", "floating" or "days".

    zone: whose clocks these are; of floating times and days, those of whoever looks.
    described: whether a VTIMEZONE is to stand beside it.
    """

    form: str
    zone: str
    described: bool = False

    @property
    def whole_days(self) -> bool:
        """Return whether it is of dates without a time."""
        return self.form == "days"

    def said(self, name: str, at: datetime, *, in_utc: bool = False) -> str:
        """Return a property of that name. in_utc: the same instant, said in UTC."""
        if self.whole_days:
            return f"{name};VALUE=DATE:{at:%Y%m%d}"
        if self.form == "floating":
            return f"{name}:{at:%Y%m%dT%H%M%S}"
        if self.form == "UTC" or in_utc:
            return f"{name}:{self.instant(at):%Y%m%dT%H%M%SZ}"
        tzid = f'"{self.form}"' if "," in self.form else self.form
        return f"{name};TZID={tzid}:{at:%Y%m%dT%H%M%S}"

    def instant(self, at: datetime) -> datetime:
        return at.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True)
class Series:
    """Holds one event or series, and what is odd about it: words that `test_events_differential`
    settles disagreements by."""

    summary: str
    kept: Kept
    lines: Sequence[str]
    odd: frozenset[str]


@dataclass(frozen=True)
class Generated:
    """Holds a calendar, and the window it is looked at in: `DAYS` from a day on, in a zone."""

    raw: bytes
    day: date
    zone: str
    series: Sequence[Series]
    odd: frozenset[str] = field(default=frozenset())
    """What is odd about the calendar as a whole."""


@st.composite
def calendars(draw: st.DrawFn) -> Generated:
    """Draw a calendar with something going on around a day, and who looks at it."""
    day = draw(st.sampled_from(CHANGES)) + timedelta(days=draw(st.integers(-2, 1)))
    zone = draw(st.sampled_from(BARE_ZONES))
    every = [draw(series(number, day, zone)) for number in range(draw(st.integers(1, 3)))]
    odd = set()
    parts = [every]
    if len(every) > 1 and draw(st.integers(0, 4)) == 0:
        parts = [every[:1], every[1:]]
        odd.add("several VCALENDARs")
    raw = b"".join(body(*_with_zones(part)) for part in parts)
    match draw(st.integers(0, 4)):
        case 0:
            raw = _folded(raw, 20, " ")
        case 1:
            raw = _folded(raw, 75, "\t")
    return Generated(raw, day, zone, every, frozenset(odd))


def _with_zones(every: Sequence[Series]) -> Iterator[str]:
    described = {each.kept.form: each.kept.zone for each in every if each.kept.described}
    for form, zone in described.items():
        yield from vtimezone(form, zone)
    for each in every:
        yield from each.lines


def vtimezone(form: str, zone: str) -> Iterator[str]:
    says = ZONES[zone]
    name = form.replace(",", "\\,")
    yield from ("BEGIN:VTIMEZONE", f"TZID:{name}")
    if says.daylight:
        for part, (onset, rule), before, after in (
            ("STANDARD", says.to_standard, says.daylight, says.standard),
            ("DAYLIGHT", says.to_daylight, says.standard, says.daylight),
        ):
            yield from (f"BEGIN:{part}", f"DTSTART:{onset}", f"RRULE:FREQ=YEARLY;{rule}")
            yield from (f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}", f"END:{part}")
    else:
        yield from ("BEGIN:STANDARD", "DTSTART:19700101T000000")
        yield from (f"TZOFFSETFROM:{says.standard}", f"TZOFFSETTO:{says.standard}", "END:STANDARD")
    yield "END:VTIMEZONE"


def _folded(raw: bytes, size: int, blank: str) -> bytes:
    """Fold each line after at most so many octets, never within a character (section 3.1)."""
    lines = []
    for line in raw.decode().split("\r\n"):
        pieces = [""]
        for letter in line:
            if len((pieces[-1] + letter).encode()) > size - 1:
                pieces.append("")
            pieces[-1] += letter
        lines.append(f"\r\n{blank}".join(pieces))
    return "\r\n".join(lines).encode()


@st.composite
def _kept(draw: st.DrawFn, looking: str) -> Kept:
    match draw(st.integers(0, 8)):
        case 0 | 1:
            return Kept("days", looking)
        case 2:
            return Kept("floating", looking)
        case 3:
            return Kept("UTC", "UTC")
        case 4:
            zone = draw(st.sampled_from(BARE_ZONES))
            return Kept(zone, zone)
    zone = draw(st.sampled_from(sorted(ZONES)))
    form = draw(
        st.sampled_from([zone, zone, ZONES[zone].windows, f"{OWN_NAME}, as in {zone[-5:]}"])
    )
    return Kept(form, zone, described=True)


@st.composite
def series(draw: st.DrawFn, number: int, day: date, looking: str) -> Series:
    """Draw an event or series that is on near a day. looking: the zone of whoever looks."""
    kept = draw(_kept(looking))
    odd: set[str] = set()
    clock = time(draw(st.sampled_from([0, 1, 2, 3, 9, 12, 23])), draw(st.sampled_from([0, 30])))
    first = day - timedelta(days=draw(st.sampled_from([0, 1, 7, 30, 365])))
    start = datetime.combine(first, time() if kept.whole_days else clock)
    summary = f"{draw(st.sampled_from(_TEXTS))} {number}"
    text = summary.replace(",", "\\,").replace(";", "\\;")

    said, length = _length(draw, kept, start, odd)
    lines = [kept.said("DTSTART", start), f"SUMMARY:{text}", *said]
    rule = draw(st.sampled_from(["", *_rules(start)]))
    near = [start]
    if rule:
        rule += draw(_ending(kept, start, rule, day))
        lines.append(f"RRULE:{rule}")
        near = _near(rule, kept, start, day)
    others: list[str] = []
    named = list(near) if rule else []
    if named and draw(st.integers(0, 2)) == 0:
        lines += _without(draw, kept, named, odd)
    if draw(st.integers(0, 4)) == 0:
        odd.add("RDATE" if rule else "RDATE alone")
        also, line = _and_also(draw, kept, start, day)
        lines.append(line)
        if rule and also in near:
            odd |= _twice(kept, line, left_out=also not in named)
        near = [*near, also]
    if named and draw(st.integers(0, 2)) == 0:
        at = draw(st.sampled_from(named))
        moved, others = _changed(draw, kept, at, (number, text), odd)
        for each in near if "THISANDFUTURE" in odd else [at]:
            odd |= set(_clocks(kept, each + moved, _CHANGED_LENGTH))
    if "skipped" in _clocks(kept, start, timedelta()):
        odd.add("begins at a skipped time")
    for each in (start, *near):
        odd |= set(_clocks(kept, each, length))
    parts = [event(*lines, uid=str(number)), others]
    if draw(st.booleans()):
        parts.reverse()
    return Series(summary, kept, parts[0] + parts[1], frozenset(odd))


def _length(
    draw: st.DrawFn, kept: Kept, start: datetime, odd: set[str]
) -> tuple[list[str], timedelta]:
    """How its length is said, and how long that is by the clock."""
    if kept.whole_days:
        lengths = {"P1D": timedelta(days=1), "P2D": timedelta(days=2)}
    else:
        lengths = {
            "PT15M": timedelta(minutes=15),
            "PT3H": timedelta(hours=3),
            "PT26H": timedelta(hours=26),
            "P1D": timedelta(days=1),
            "P1DT2H": timedelta(days=1, hours=2),
        }
    text = draw(st.sampled_from(sorted(lengths)))
    match draw(st.integers(0, 3)):
        case 0:
            odd.add("DURATION")
            return [f"DURATION:{text}"], lengths[text]
        case 1:
            return [], timedelta(days=1) if kept.whole_days else timedelta()
    length = min(lengths[text], timedelta(days=2) if kept.whole_days else timedelta(hours=3))
    return [kept.said("DTEND", start + length)], length


def _rules(start: datetime) -> list[str]:
    """Rules whose first occurrence is the start (section 3.8.5.3 leaves others undefined)."""
    weekday, other = _WEEKDAYS[start.weekday()], _WEEKDAYS[start.weekday() - 3]
    week = (start.day - 1) // 7 + 1
    return [
        "FREQ=DAILY",
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=2",
        "FREQ=WEEKLY",
        f"FREQ=WEEKLY;BYDAY={weekday},{other}",
        f"FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY={weekday},{other}",
        "FREQ=MONTHLY",
        f"FREQ=MONTHLY;BYMONTHDAY={start.day},-1",
        f"FREQ=MONTHLY;BYDAY={week}{weekday}",
        "FREQ=YEARLY",
        f"FREQ=YEARLY;BYMONTH={start.month};BYDAY={week}{weekday}",
    ]


@st.composite
def _ending(draw: st.DrawFn, kept: Kept, start: datetime, rule: str, day: date) -> str:
    match draw(st.integers(0, 4)):
        case 0:
            return f";COUNT={draw(st.sampled_from([2, 9, 31, 366]))}"
        case 1:
            near = _near(rule, kept, start, day) or [start]
            last = draw(st.sampled_from(near))
            if kept.whole_days:
                return f";UNTIL={last:%Y%m%d}"
            last += timedelta(minutes=draw(st.sampled_from([-1, 0, 1])))
            if last < start:
                last = start
            return ";" + kept.said("UNTIL", last, in_utc=True).replace(":", "=")
    return ""


def _near(rule: str, kept: Kept, start: datetime, day: date) -> list[datetime]:
    """When the rule has it near the day, by the clock of its own zone."""
    rule, _, until = rule.partition(";UNTIL=")
    here = datetime.combine(day, time())
    found = rrulestr(rule, dtstart=start).between(here - _NEAR, here + _NEAR, inc=True)
    if not until:
        return found
    if until.endswith("Z"):
        last = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return [each for each in found if kept.instant(each) <= last]
    size = len("20261130") if kept.whole_days else len("20261130T070000")
    return [each for each in found if f"{each:%Y%m%dT%H%M%S}"[:size] <= until]


def _without(draw: st.DrawFn, kept: Kept, named: list[datetime], odd: set[str]) -> Iterator[str]:
    """Leave some out of the series, and of `named`: what is left out is not moved as well."""
    odd.add("EXDATE")
    for each in draw(st.lists(st.sampled_from(named), min_size=1, max_size=2, unique=True)):
        named.remove(each)
        in_utc = kept.form not in ("days", "floating", "UTC") and draw(st.booleans())
        yield kept.said("EXDATE", each, in_utc=in_utc)


def _twice(kept: Kept, line: str, *, left_out: bool) -> set[str]:
    """Say what is odd about an RDATE of an occurrence that the rule has as well."""
    odd = {"RDATE that is left out"} if left_out else set()
    if line.endswith("Z") and kept.form != "UTC":
        odd.add("RDATE in UTC of an occurrence")
    return odd


def _and_also(draw: st.DrawFn, kept: Kept, start: datetime, day: date) -> tuple[datetime, str]:
    """Another beginning, and the RDATE that says it."""
    at = datetime.combine(day + timedelta(days=draw(st.integers(-1, 1))), start.time())
    at += timedelta(hours=0 if kept.whole_days else draw(st.sampled_from([0, 5])))
    at = max(at, start)
    in_utc = kept.form not in ("days", "floating", "UTC") and draw(st.booleans())
    return at, kept.said("RDATE", at, in_utc=in_utc)


def _changed(
    draw: st.DrawFn, kept: Kept, at: datetime, of: tuple[int, str], odd: set[str]
) -> tuple[timedelta, list[str]]:
    """Move or cancel an occurrence, or move all from it on: by how much, and as lines."""
    number, text = of
    name = "RECURRENCE-ID"
    in_utc = kept.form not in ("days", "floating", "UTC") and draw(st.integers(0, 2)) == 0
    odd.add(name)
    if in_utc:
        odd.add(f"{name} in UTC")
    lines = [kept.said(name, at, in_utc=in_utc), f"SUMMARY:{text}"]
    days = timedelta(days=draw(st.sampled_from([0, 1])))
    hours = timedelta(hours=draw(st.sampled_from([1, 4])))
    by = timedelta(days=1) if kept.whole_days else days + hours
    match draw(st.integers(0, 3)):
        case 0:
            odd.add("cancelled")
            by = timedelta()
            lines.append("STATUS:CANCELLED")
        case 1:
            odd.add("THISANDFUTURE")
            lines[0] = lines[0].replace(name, f"{name};RANGE=THISANDFUTURE", 1)
    end = at + by + (timedelta(days=1) if kept.whole_days else _CHANGED_LENGTH)
    when = kept.said("DTSTART", at + by), kept.said("DTEND", end)
    return by, event(*when, *lines, uid=str(number))


def _clocks(kept: Kept, at: datetime, length: timedelta) -> Iterator[str]:
    """What the clocks of its zone do to an occurrence."""
    zone = ZoneInfo(kept.zone)
    exact = kept.instant(at) + length
    end = (at + length).replace(tzinfo=zone)
    changed = any(end.replace(fold=fold).astimezone(UTC) != exact for fold in (0, 1))
    if kept.whole_days:
        if changed:
            yield "whole days while clocks are changed"
        return
    if changed:
        yield "on while clocks are changed"
    for each in (at, at + length):
        if each.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != each:
            yield "skipped"
