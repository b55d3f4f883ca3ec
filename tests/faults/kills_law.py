"""Judge clicks by their law, in one pure function: what the service did must be what was clicked.

It knows three things: the tasks as they were, the clicks with what was answered to them, and what
the service carried out, in its order. It judges by occurrence, which is a task and the due it had
when clicked: a recurring task that is closed twice for one click was closed once at a due that
nobody clicked.

==========================  =======================================================================
what was answered           what the service must have, in the end
==========================  =======================================================================
yes, to a click             it, exactly once
yes, to its undo            nothing of it: never sent, or carried out and taken back
nothing (killed before)     it at most once; of an undo, either what was clicked or nothing
no                          whatever it would have had without the click
==========================  =======================================================================
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


class Answer(StrEnum):
    """Says what came back for a click before the program was killed."""

    YES = "yes"
    NO = "no"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Held:
    """Is a task as the service holds it. due: `2026-11-22` or `2026-11-22T09:00:00`, or None.

    daily: it recurs every day.
    """

    due: str | None
    daily: bool = False
    checked: bool = False


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Is a click, or the undo of one, on a task that was due at `due`.

    target: where a reschedule moves it.
    """

    task: str
    due: str | None
    kind: str = "done"
    target: str | None = None
    undo: bool = False
    answer: Answer = Answer.YES


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Is a new task, or the undo of one. title: no other has it."""

    title: str
    undo: bool = False
    answer: Answer = Answer.YES


@dataclass(frozen=True, kw_only=True)
class Executed:
    """Is a command that was executed on `day`. due: the one in its arguments."""

    task: str
    type: str
    uuid: str
    day: date
    due: str | None = None


class Breach(StrEnum):
    """Names how the law can be broken."""

    LOST = "lost"
    TWICE = "twice"
    """Also at a due that the first time led to, and nobody clicked: an occurrence is skipped."""
    STRAY = "stray"
    """Something nobody clicked, or that was taken back."""


@dataclass(frozen=True)
class Violation:
    """Holds one breach, and a sentence on it."""

    breach: Breach
    text: str


@dataclass
class Verdict:
    """Holds what became of all clicks.

    once: answered, and carried out exactly once. undone: answered, as was the undo, and nothing of
    it is left. unanswered_done, unanswered_not: clicks without an answer, by what became of them.
    """

    once: int = 0
    undone: int = 0
    unanswered_done: int = 0
    unanswered_not: int = 0
    violations: list[Violation] = field(default_factory=list)

    def broken(self, breach: Breach, text: str) -> None:
        self.violations.append(Violation(breach, text))

    def count(self, breach: Breach) -> int:
        return sum(violation.breach is breach for violation in self.violations)

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            self.once + other.once,
            self.undone + other.undone,
            self.unanswered_done + other.unanswered_done,
            self.unanswered_not + other.unanswered_not,
            [*self.violations, *other.violations],
        )


def judge_new(wanted: Sequence[Wanted], there: Sequence[str]) -> Verdict:
    """Compare new tasks that were asked for with those that there are, by their titles."""
    verdict = Verdict()
    for title in dict.fromkeys([one.title for one in wanted] + list(there)):
        asked = [one for one in wanted if one.title == title]
        allowed = {0}
        for one in asked:
            count = 0 if one.undo else 1
            if one.answer is Answer.YES:
                allowed = {count}
            elif one.answer is Answer.NONE:
                allowed = {*allowed, count}
        count = sum(each == title for each in there)
        if count not in allowed:
            breach = Breach.TWICE if count > 1 else Breach.STRAY if count else Breach.LOST
            verdict.broken(breach, f"{title}: {asked}, and there are {count}")
        elif any(one.answer is Answer.NONE for one in asked):
            verdict.unanswered_done += count
            verdict.unanswered_not += not count
        else:
            verdict.once += count
            verdict.undone += not count
    return verdict


@dataclass(frozen=True)
class _Step:
    """One change that stands: nothing after it took it back."""

    before: Held
    executed: Executed
    after: Held


def judge(
    *,
    before: Mapping[str, Held],
    wishes: Sequence[Wish],
    executed: Sequence[Executed],
    after: Mapping[str, Held],
) -> Verdict:
    """Compare what was carried out with what was clicked, both in their order."""
    verdict = Verdict()
    _judge_uuids(executed, verdict)
    for task, was in before.items():
        steps, now = _standing(was, [one for one in executed if one.task == task])
        if after.get(task) != now:
            text = f"{task} is {after.get(task)}, and by what was carried out it is {now}"
            verdict.broken(Breach.STRAY, text)
        _judge_task(task, steps, [wish for wish in wishes if wish.task == task], verdict)
    for one in executed:
        if one.task not in before:
            verdict.broken(Breach.STRAY, f"{one} is about a task that nobody clicked")
    return verdict


def _judge_uuids(executed: Iterable[Executed], verdict: Verdict) -> None:
    seen: set[str] = set()
    for one in executed:
        if one.uuid in seen:
            verdict.broken(Breach.TWICE, f"{one} was carried out before")
        seen.add(one.uuid)


def _standing(was: Held, executed: Iterable[Executed]) -> tuple[list[_Step], Held]:
    """The changes that were not taken back, and what the task is after all of them."""
    steps: list[_Step] = []
    now = was
    for one in executed:
        then = _after(now, one)
        if steps and one.type != "item_close" and then == steps[-1].before:
            steps.pop()
        else:
            steps.append(_Step(now, one, then))
        now = then
    return steps, now


def _after(task: Held, one: Executed) -> Held:
    match one.type:
        case "item_close" if task.daily and task.due is not None:
            return Held(due=_next_daily(task.due, one.day), daily=True)
        case "item_close" | "item_complete":
            return Held(due=task.due, daily=task.daily, checked=True)
        case "item_uncomplete":
            return Held(due=task.due, daily=task.daily)
        case _:
            return Held(due=one.due, daily=task.daily and one.due is not None, checked=task.checked)


def _next_daily(due: str, today: date) -> str:
    following = max(date.fromisoformat(due[:10]) + timedelta(days=1), today)
    return following.isoformat() + due[10:]


def _judge_task(
    task: str, steps: Sequence[_Step], wishes: Sequence[Wish], verdict: Verdict
) -> None:
    if not wishes and steps:
        verdict.broken(Breach.STRAY, f"{task} was not clicked; standing: {steps}")
        return
    dues = dict.fromkeys([wish.due for wish in wishes] + [step.before.due for step in steps])
    for due in dues:
        _judge_occurrence(
            f"{task} due {due}",
            [step for step in steps if step.before.due == due],
            [wish for wish in wishes if wish.due == due],
            verdict,
        )


def _judge_occurrence(
    name: str, steps: Sequence[_Step], wishes: Sequence[Wish], verdict: Verdict
) -> None:
    story = f"{name}: {_told(wishes)}; standing: {[step.executed for step in steps]}"
    if len(steps) > 1 or not wishes:
        verdict.broken(Breach.TWICE, story)
        return
    allowed = _allowed(wishes)
    if not steps:
        if None not in allowed:
            verdict.broken(Breach.LOST, story)
            return
    elif not any(wish is not None and _does(steps[0], wish) for wish in allowed):
        verdict.broken(Breach.STRAY, story)
        return
    _count(wishes, done=bool(steps), verdict=verdict)


def _allowed(wishes: Iterable[Wish]) -> set[Wish | None]:
    """What may stand in the end; None: nothing."""
    allowed: set[Wish | None] = {None}
    for wish in wishes:
        meant = None if wish.undo else wish
        if wish.answer is Answer.YES:
            allowed = {meant}
        elif wish.answer is Answer.NONE:
            allowed.add(meant)
    return allowed


def _does(step: _Step, wish: Wish) -> bool:
    """Whether a change is what was clicked."""
    if wish.kind == "done":
        return step.executed.type == "item_close"
    return step.executed.type not in ("item_close", "item_complete") and (
        step.after.due == wish.target
    )


def _count(wishes: Sequence[Wish], *, done: bool, verdict: Verdict) -> None:
    """Of several clicks on one occurrence, only the last can stand: the others were undone."""
    clicks = [wish for wish in wishes if not wish.undo and wish.answer is not Answer.NO]
    for wish in reversed(clicks):
        stands, done = done, False
        if wish.answer is Answer.NONE:
            verdict.unanswered_done += stands
            verdict.unanswered_not += not stands
        else:
            verdict.once += stands
            verdict.undone += not stands


def _told(wishes: Iterable[Wish]) -> str:
    return ", ".join(
        f"{'undo ' if wish.undo else ''}{wish.kind} ({wish.answer})" for wish in wishes
    )
