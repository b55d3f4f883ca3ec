"""Ask what must be true of a CalDAV server in the end: each click once in effect, nothing else.

Pure, and with nothing of oO's own reading or writing: lines as they are written, and the rules by
python-dateutil. A server of files remembers no command, so the effect of a write is told by what it
was before and after. Each write by oO is exactly one of

    done, reopened, moved       of one occurrence, or of what does not repeat

in one component: an override that came, went or changed; the master moved to its very next
occurrence (COUNT less by those passed), or back. Any other line, in bytes and order, is as it was.

Of a resource that nobody else has changed, an occurrence is over in the end if and only if a DONE
stands (neither refused nor taken back), and it is due where the last reschedule that stands put it.
Of one that was changed elsewhere, too, a click that stands was carried out, or was so already.

A new task is one resource, named after its uuid, that comes once, and goes once where it was taken
back (`law.addition_faults`). Two things no client can know: that somebody has deleted it before the
answer was lost, so that it is added anew; and, of a network that is `late`, that a request to add
it is still on its way when it is deleted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tests.faults.law import Addition, Click, Kept, Made, addition_fate, addition_faults

DATES = ("DTSTART", "DUE", "DURATION")
RULES = ("RRULE", "RDATE", "EXDATE")
PROGRESS = ("STATUS", "COMPLETED", "PERCENT-COMPLETE")
OURS = (*DATES, *PROGRESS, "RRULE", "SEQUENCE", "LAST-MODIFIED", "DTSTAMP")
"""What a click may change."""

FAR = 500
"""Occurrences of a series that are looked at."""

_LOGICAL = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n)*")
_FOLD = re.compile(rb"\r?\n[ \t]")
_COUNT = re.compile(r"COUNT=(\d+)")


class Wrong(Exception):
    """Says what a write did that it must not."""


def named(raw: bytes) -> str:
    return re.split(rb"[:;]", _FOLD.sub(b"", raw), maxsplit=1)[0].strip().upper().decode()


def unfolded(raw: bytes) -> str:
    return _FOLD.sub(b"", raw).rstrip(b"\r\n").decode()


class Time(NamedTuple):
    """Is a moment as it is written. zone: None for a floating one, or a day."""

    local: datetime
    zone: str | None = None
    whole_day: bool = False

    @property
    def stamp(self) -> str:
        if self.whole_day:
            return f"{self.local:%Y%m%d}"
        return f"{self.utc:%Y%m%dT%H%M%SZ}"

    @property
    def utc(self) -> datetime:
        return self.local.replace(tzinfo=ZoneInfo(self.zone or "UTC")).astimezone(UTC)

    @property
    def text(self) -> str:
        """As the book of clicks has it."""
        if self.whole_day:
            return self.local.date().isoformat()
        return f"{self.utc:%Y-%m-%dT%H:%M:%S}Z" if self.zone else f"{self.local:%Y-%m-%dT%H:%M:%S}"


def times(line: str) -> list[Time]:
    head, _, values = line.partition(":")
    zone = re.search(r";TZID=([^;:]+)", head)
    return [_time(value, zone[1] if zone else None) for value in values.split(",")]


def _time(value: str, zone: str | None) -> Time:
    if len(value) == len("20261122"):
        return Time(datetime.strptime(value, "%Y%m%d"), whole_day=True)  # noqa: DTZ007  # a day
    local = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007  # on its own clock
    return Time(local, "UTC" if value.endswith("Z") else zone)


class Todo:
    """Holds a VTODO: its lines as they are written, BEGIN and END among them."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self.lines = list(lines)

    def __bytes__(self) -> bytes:
        return b"".join(self.lines)

    def _own(self) -> Iterator[tuple[int, str]]:
        """Where its own properties are: those of its alarms are foreign."""
        depth = 0
        for at, raw in enumerate(self.lines):
            name = named(raw)
            depth += name == "BEGIN"
            if depth == 1 and name not in ("BEGIN", "END"):
                yield at, name
            depth -= name == "END"

    def raw(self, *names: str) -> list[bytes]:
        return [self.lines[at] for at, name in self._own() if name in names]

    def line(self, name: str) -> str | None:
        return next((unfolded(raw) for raw in self.raw(name)), None)

    def value(self, name: str) -> str:
        return (self.line(name) or "").partition(":")[2]

    def time(self, name: str) -> Time | None:
        line = self.line(name)
        return times(line)[0] if line else None

    def foreign(self, *also_not: str) -> list[bytes]:
        """What no click may change."""
        ours = {at for at, name in self._own() if name in (*OURS, *also_not)}
        return [raw for at, raw in enumerate(self.lines) if at not in ours]

    def put(self, name: str, line: str | None) -> None:
        """As somebody else writes: in the place of what is there, else first."""
        places = [at for at, each in self._own() if each == name]
        for at in reversed(places):
            del self.lines[at]
        if line is not None:
            end = b"\r\n" if self.lines[0].endswith(b"\r\n") else b"\n"
            self.lines.insert(places[0] if places else 1, line.encode() + end)

    @property
    def key(self) -> str | None:
        """Which occurrence it is; None: the master, or what does not repeat."""
        named_as = self.time("RECURRENCE-ID")
        return named_as.stamp if named_as else None

    @property
    def is_over(self) -> bool:
        return self.value("STATUS") in ("COMPLETED", "CANCELLED") or bool(self.value("COMPLETED"))

    @property
    def repeats(self) -> bool:
        return self.line("RRULE") is not None

    @property
    def anchor(self) -> Time:
        found = self.time("DTSTART") or self.time("DUE")
        assert found is not None
        return found

    @property
    def due(self) -> str | None:
        due, start = self.time("DUE"), self.time("DTSTART")
        if due is None and start is not None and self.line("DURATION") is not None:
            hours = int(re.findall(r"\d+", self.value("DURATION"))[0])
            due = start._replace(local=start.local + timedelta(hours=hours))
        return due.text if due else None

    def due_on(self, original: Time) -> str | None:
        """When the occurrence of a master is due."""
        copy = Todo(self.lines)
        for name, moment in self.dates_on(original).items():
            copy.put(name, moved_line(copy.line(name) or "", moment))
        return copy.due

    def dates_on(self, original: Time) -> dict[str, Time]:
        """DTSTART and DUE of an occurrence: by as much later on their own clocks."""
        shift = original.local - self.anchor.local
        found = {}
        for name in ("DTSTART", "DUE"):
            moment = self.time(name)
            if moment is not None:
                found[name] = moment._replace(local=moment.local + shift)
        return found

    @property
    def count(self) -> int | None:
        found = _COUNT.search(self.value("RRULE"))
        return int(found[1]) if found else None

    @property
    def rule(self) -> str:
        """All of the rule's line but how often."""
        return _COUNT.sub("COUNT", self.line("RRULE") or "")

    def originals(self) -> list[Time]:
        """When occurrences begin, those that are left out among them."""
        anchor = self.anchor
        if not self.repeats:
            return [anchor]
        ruled = islice(rrulestr(self.value("RRULE"), dtstart=anchor.local), FAR)
        also = [each for raw in self.raw("RDATE") for each in times(unfolded(raw))]
        return sorted({*(anchor._replace(local=local) for local in ruled), *also})

    def left_out(self) -> set[str]:
        return {each.stamp for raw in self.raw("EXDATE") for each in times(unfolded(raw))}

    def following(self) -> tuple[Time, int] | None:
        """The next occurrence, and how many of COUNT it is away."""
        out = self.left_out()
        later = enumerate(self.originals()[1:], 1)
        return next(((each, n) for n, each in later if each.stamp not in out), None)

    def find(self, stamp: str | None) -> Time | None:
        """The occurrence of that stamp, where it is one and not left out."""
        if stamp in self.left_out():
            return None
        return next((each for each in self.originals() if each.stamp == stamp), None)


def moved_line(line: str, moment: Time) -> str:
    """`line` with another moment of the same form."""
    form = "%Y%m%d" if moment.whole_day else "%Y%m%dT%H%M%S"
    utc = "Z" if line.endswith("Z") else ""
    return f"{line.partition(':')[0]}:{moment.local.strftime(form)}{utc}"


class Resource:
    """Holds a resource taken apart: its tasks, and what is around them."""

    def __init__(self, body: bytes) -> None:
        self.parts: list[bytes | Todo] = []
        inside: list[bytes] = []
        for raw in _LOGICAL.findall(body):
            text = unfolded(raw).upper()
            if inside or text == "BEGIN:VTODO":
                inside.append(raw)
                if text == "END:VTODO":
                    self.parts.append(Todo(inside))
                    inside = []
            else:
                self.parts.append(raw)

    def __bytes__(self) -> bytes:
        return b"".join(bytes(each) for each in self.parts)

    @property
    def outer(self) -> list[bytes]:
        return [each for each in self.parts if isinstance(each, bytes)]

    @property
    def todos(self) -> dict[str | None, Todo]:
        return {each.key: each for each in self.parts if isinstance(each, Todo)}

    @property
    def master(self) -> Todo:
        return self.todos[None]

    def add(self, todo: Todo) -> None:
        self.parts.insert(self.parts.index(self.master) + 1, todo)

    def is_open(self, stamp: str | None) -> bool:
        """Whether an occurrence is there, and still to be done."""
        own = self.todos.get(stamp)
        if own is not None:
            return not own.is_over
        master = self.master
        if stamp is None or master.is_over:
            return stamp is None and not master.is_over
        return master.find(stamp) is not None

    def due(self, stamp: str | None) -> str | None:
        """When it is due; None also where it is not there."""
        own = self.todos.get(stamp)
        if own is not None:
            return own.due
        found = self.master.find(stamp)
        return self.master.due_on(found) if found else None

    def first_open(self) -> Time | None:
        """The first occurrence that is to be done."""
        master = self.master
        return next(
            (
                each
                for each in master.originals()
                if each.stamp not in master.left_out() and self.is_open(each.stamp)
            ),
            None,
        )


class Effect(NamedTuple):
    """Says what a write came to. kind: `done`, `reopened` or `moved`; due: where it is due now."""

    kind: str
    stamp: str | None
    due: str | None


def effect_of(before: bytes, after: bytes) -> Effect:
    """Return the one effect of a write. Raises Wrong."""
    was, now = Resource(before), Resource(after)
    if was.outer != now.outer:
        raise Wrong("foreign lines changed around the tasks")
    old, new = was.todos, now.todos
    differ = [k for k in {**old, **new} if k not in old or k not in new or _differ(old[k], new[k])]
    if len(differ) != 1:
        raise Wrong(f"{len(differ)} components changed")
    (key,) = differ
    if [k for k in old if k != key] != [k for k in new if k != key]:
        raise Wrong("foreign lines changed their order")
    if key not in old:
        return _added(was.master, new[key])
    if key not in new:
        return _taken_out(was.master, old[key])
    if old[key].foreign() != new[key].foreign():
        raise Wrong("foreign lines changed")
    if key is None and old[key].repeats:
        return _of_master(old[key], new[key])
    return _of_one(old[key], new[key])


def _differ(one: Todo, other: Todo) -> bool:
    return one.lines != other.lines


def _added(master: Todo, new: Todo) -> Effect:
    if master.find(new.key) is None:
        raise Wrong(f"an override of {new.key}, which is no occurrence")
    if master.foreign(*RULES) != new.foreign("RECURRENCE-ID"):
        raise Wrong("foreign lines changed in an override")
    return Effect("done" if new.is_over else "moved", new.key, new.due)


def _taken_out(master: Todo, old: Todo) -> Effect:
    original = master.find(old.key)
    if original is None:
        raise Wrong(f"the override of {old.key} was lost")
    if master.foreign(*RULES) != old.foreign("RECURRENCE-ID"):
        raise Wrong("foreign lines changed: an override that differs was taken out")
    return Effect("reopened" if old.is_over else "moved", old.key, master.due_on(original))


def _of_master(old: Todo, new: Todo) -> Effect:
    if old.raw(*DATES, "RRULE") == new.raw(*DATES, "RRULE"):
        if old.is_over == new.is_over:
            raise Wrong("written, and nothing changed")
        if old.following() is not None:
            raise Wrong("a series was finished for ever, or begun again")
        return Effect("done" if new.is_over else "reopened", old.anchor.stamp, old.due)
    if old.is_over or new.is_over:
        raise Wrong("a series that is over was moved")
    if _is_next(old, new):
        return Effect("done", old.anchor.stamp, old.due)
    if _is_next(new, old):
        return Effect("reopened", new.anchor.stamp, new.due)
    raise Wrong(f"moved from {old.anchor.stamp} to {new.anchor.stamp}, not to the next occurrence")


def _is_next(old: Todo, new: Todo) -> bool:
    found = old.following()
    if found is None or old.rule != new.rule:
        return False
    original, passed = found
    count = old.count - passed if old.count is not None else None
    lines = {
        name: moved_line(old.line(name) or "", at) for name, at in old.dates_on(original).items()
    }
    return (
        new.count == count
        and all(new.line(name) == line for name, line in lines.items())
        and old.raw("DURATION") == new.raw("DURATION")
    )


def _of_one(old: Todo, new: Todo) -> Effect:
    if old.raw("RRULE") != new.raw("RRULE"):
        raise Wrong("the rule was changed")
    same = old.raw(*DATES) == new.raw(*DATES)
    if same and old.is_over != new.is_over:
        return Effect("done" if new.is_over else "reopened", new.key, new.due)
    if (
        not same
        and not old.is_over
        and not new.is_over
        and old.raw(*PROGRESS) == new.raw(*PROGRESS)
    ):
        return Effect("moved", new.key, new.due)
    raise Wrong("written, and nothing changed" if same else "moved and finished at once")


@dataclass(frozen=True, kw_only=True)
class Wrote:
    """Says that a resource was written. None: nothing is there. by_us: by oO."""

    path: str
    before: bytes | None
    after: bytes | None
    by_us: bool


@dataclass(kw_only=True)
class Story:
    """Holds everything the law is about.

    first: the resources as they were at the beginning. shown, fresh: what oO lists in the end, and
    what another one lists that has never seen the account before. late: whether the network may
    deliver a request long after whoever sent it has given up.
    """

    first: Mapping[str, bytes]
    writes: Sequence[Wrote]
    clicks: Sequence[Click]
    additions: Sequence[Addition] = ()
    late: bool = False
    shown: Mapping[str, str | None] = field(default_factory=dict)
    fresh: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(kw_only=True)
class _Of:
    """Everything about one resource."""

    path: str
    bodies: list[bytes | None]
    effects: list[Effect] = field(default_factory=list)
    elsewhere: int = 0
    clicks: list[Click] = field(default_factory=list)

    def ids(self) -> set[str | None]:
        return {*(each.stamp for each in self.effects), *(stamp_of(each) for each in self.clicks)}

    def about(self, stamp: str | None) -> list[Click]:
        return [each for each in self.clicks if stamp_of(each) == stamp]


def stamp_of(click: Click) -> str | None:
    return click.task.partition("#")[2] or None


def stands(click: Click) -> bool:
    """Whether it is to be so in the end, as far as oO has said."""
    if click.discarded or click.kept is Kept.REFUSED:
        return False
    if not click.undone:
        return True
    undo = click.undo
    return undo is not None and (undo.discarded or undo.kept is Kept.REFUSED)


def violations(story: Story) -> list[str]:
    """Return one sentence for every law that was broken."""
    broken = []
    new = _new_paths(story)
    of = {path: _Of(path=path, bodies=[body]) for path, body in {**story.first, **new}.items()}
    for click in story.clicks:
        of[unquote(click.task.partition("#")[0])].clicks.append(click)
        broken += [f"{click.kind} of {click.task}: {what}" for what in _settled(click)]
    for wrote in story.writes:
        is_new = wrote.path in new and wrote.by_us and None in (wrote.before, wrote.after)
        broken += (_came_or_went if is_new else _changed)(of[wrote.path], wrote)
    broken += _wrong_additions(story, new)
    for one in of.values():
        if one.path in new and one.bodies[-1] is None and not one.elsewhere:
            continue  # it was taken back, with all that was clicked on it
        for stamp in one.ids():
            broken += [f"{one.path}#{stamp}: {what}" for what in _once(one, stamp)]
            judge = _touched if one.elsewhere else _untouched
            broken += [f"{one.path}#{stamp}: {what}" for what in judge(one, stamp)]
    if story.shown != story.fresh:
        shown, fresh = story.shown.items(), story.fresh.items()
        broken.append(f"shown {sorted(shown - fresh)}, but there is {sorted(fresh - shown)}")
    return broken


def _came_or_went(one: "_Of", wrote: Wrote) -> Iterator[str]:
    """oO has made a new resource, which stands first among its bodies, or deleted it."""
    if wrote.before is not None:
        one.bodies.append(None)
    elif one.bodies[-1] is None:
        one.bodies.append(wrote.after)
    yield from ()


def _changed(one: "_Of", wrote: Wrote) -> Iterator[str]:
    if one.bodies[-1] != wrote.before:
        yield f"{wrote.path}: the chronicle has a hole"
    one.bodies.append(wrote.after)
    if not wrote.by_us:
        one.elsewhere += 1
        return
    try:
        if wrote.before is None or wrote.after is None:
            raise Wrong("created or deleted")
        one.effects.append(effect_of(wrote.before, wrote.after))
    except Wrong as error:
        yield f"{wrote.path}: {error}"


def _wrong_additions(story: Story, new: Mapping[str, bytes]) -> Iterator[str]:
    titles = {addition.uuid: addition.title for addition in story.additions}
    for path, body in new.items():
        todo = Resource(body).master
        uuid = path.rpartition("/")[2].removesuffix(".ics")
        if titles.get(uuid) != todo.value("SUMMARY") or todo.value("UID") != uuid or todo.is_over:
            yield f"{path}: made, and not as it was asked for"
    for addition in story.additions:
        for what in addition_faults(addition, _made(story, addition)):
            yield f"add of {addition.title}: {what}"


def _new_paths(story: Story) -> dict[str, bytes]:
    """Each resource that oO has made, as it was then."""
    found: dict[str, bytes] = {}
    for wrote in story.writes:
        if wrote.path not in story.first and wrote.before is None and wrote.after is not None:
            found.setdefault(wrote.path, wrote.after)
    return found


def _made(story: Story, addition: Addition) -> list[Made]:
    """What came of a new task, but for what nobody can guard against."""
    made: list[Made] = []
    deleted_by_us = excused = False
    for wrote in story.writes:
        if not wrote.path.endswith(f"/{addition.uuid}.ics"):
            continue
        if wrote.after is None:
            deleted_by_us = wrote.by_us
            made = [Made(title=each.title, gone=True) for each in made]
            excused = not wrote.by_us or story.late
        elif wrote.before is None:
            title = Resource(wrote.after).master.value("SUMMARY")
            if excused:
                made.pop()
            made.append(Made(title=title, gone=excused and deleted_by_us))
    return made


def _settled(click: Click) -> Iterator[str]:
    for one in (click, click.undo):
        if one is not None and one.kept is Kept.WAITING:
            yield "never settled"
        if one is not None and one.kept is Kept.REFUSED and not one.reason:
            yield "refused without a reason"


def _once(one: _Of, stamp: str | None) -> Iterator[str]:
    """No effect more often than it was asked for."""
    about = one.about(stamp)
    # Who tries again after a refusal means whatever occurrence there is now.
    insisting = [each for each in one.clicks if each.insists and stamp_of(each) != stamp]
    asked = Counter(
        done=sum(each.kind == "done" for each in (*about, *insisting)),
        reopened=sum(each.kind == "done" and each.undone for each in about),
        moved=sum(each.moves for each in (*about, *insisting))
        + sum(each.moves and each.undone for each in about),
    )
    had = Counter(each.kind for each in one.effects if each.stamp == stamp)
    for kind, count in had.items():
        # After it was changed elsewhere, it may have been there to be done once more.
        if count > asked[kind] + (one.elsewhere if asked[kind] else 0):
            yield f"{kind} {count} times, asked for {asked[kind]} times"
    places = {each.to for each in (*about, *insisting) if each.moves}
    places |= {due for each in about if each.moves and each.undone for due in each.dues}
    for effect in one.effects:
        if effect.stamp == stamp and effect.kind == "moved" and effect.due not in places:
            yield f"moved to {effect.due}, which nobody asked for"


def _untouched(one: _Of, stamp: str | None) -> Iterator[str]:
    body = one.bodies[-1]
    assert body is not None
    now = Resource(body)
    about = one.about(stamp)
    done = any(each.kind == "done" and stands(each) for each in about)
    if done and now.is_open(stamp):
        yield "lost: it is still to be done"
    if not done and not now.is_open(stamp):
        yield "over, though no click stands"
    moves = [each for each in about if each.moves and stands(each)]
    if now.is_open(stamp):
        first = one.bodies[0]
        assert first is not None
        wished = moves[-1].to if moves else Resource(first).due(stamp)
        if now.due(stamp) != wished:
            yield f"lost: it is due {now.due(stamp)}, not {wished}"


def _touched(one: _Of, stamp: str | None) -> Iterator[str]:
    for click in one.about(stamp):
        if click.kept is not Kept.GONE or click.undone or click.discarded:
            continue
        if click.kind == "done" and not (_was_done(one, click) or _was_over(one, stamp)):
            yield "lost: never done, and never over"
        if click.moves and not any(each.due == click.to for each in _dues(one, click)):
            yield f"lost: never moved to {click.to}"


def _was_done(one: _Of, click: Click) -> bool:
    stamp = stamp_of(click)
    return any(
        each.kind == "done" and (each.stamp == stamp or click.insists) for each in one.effects
    )


def _was_over(one: _Of, stamp: str | None) -> bool:
    return any(body is None or not Resource(body).is_open(stamp) for body in one.bodies)


def _dues(one: _Of, click: Click) -> Iterator[Effect]:
    """Where it was due at any time."""
    stamp = stamp_of(click)
    for body in one.bodies:
        if body is not None:
            yield Effect("moved", stamp, Resource(body).due(stamp))
    yield from (each for each in one.effects if click.insists and each.kind == "moved")


def tally(story: Story) -> Counter[str]:
    """Return how many clicks had which fate."""
    found = Counter(_fate(click) for click in story.clicks)
    return found + Counter(addition_fate(each) for each in story.additions)


def _fate(click: Click) -> str:
    if click.undone:
        return "undone"
    if click.discarded:
        return "discarded"
    return {Kept.REFUSED: "refused", Kept.UNCONFIRMED: "marked"}.get(click.kept, "done")
