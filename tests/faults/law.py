"""Ask what must be true of every click in the end, whatever the network did in between.

Pure: a chronicle of what the service did and when it was asked for dates, the clicks with what the
user did about them, and the sentences that say which law was broken.

Each click has exactly one fate:

==============  ====================================================================================
fate            what the chronicle must say
==============  ====================================================================================
done            executed once; or it was already so: gone, its occurrence over, its date reached
refused         still listed, with a reason; not executed
undone          not executed; or executed once, and then compensated once (or that was refused)
discarded       given up by the user after a refusal; not executed
marked          executed, or so already, and yet listed in the end as it was when clicked
==============  ====================================================================================

A new task has its fate, too: done, it was added once; refused or discarded, never; undone, it was
never added, or added once and deleted, by oO or elsewhere. Never are there two of one addition.

"Not executed" has one exception. The answer may be lost, and before oO asks again somebody may
change the task elsewhere: then nobody can tell oO that its change was in between. That is counted
as `overtaken`, and only where the chronicle shows such a change.

Besides, whatever the fate: what depends on the date is executed on the very occurrence that was
clicked, unless it was changed elsewhere after oO last looked, or the user tried again after a
refusal and so means whatever date there is; a recurring task stays one and is
never finished; a uuid always carries the same command.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

CLOSE, UNCOMPLETE, BACK = "item_close", "item_uncomplete", "item_update_date_complete"
UPDATE = "item_update"
ADD = "item_add"


@dataclass(frozen=True, kw_only=True)
class TaskState:
    """Is a task in the service. due: its date as text; rule: what makes it recur, or None."""

    due: str | None = None
    rule: str | None = None
    checked: bool = False
    deleted: bool = False

    @property
    def gone(self) -> bool:
        return self.checked or self.deleted


@dataclass(frozen=True, kw_only=True)
class Changed:
    """Says that the service changed a task. uuid: None when it was done elsewhere.

    heard: how long the chronicle was when the request that led to this left oO.
    """

    type: str
    task: str
    uuid: str | None
    before: TaskState
    after: TaskState
    heard: int = 0


@dataclass(frozen=True, kw_only=True)
class Looked:
    """Says that the service told oO what these tasks are like now."""

    tasks: frozenset[str]


Entry = Changed | Looked


class Kept(StrEnum):
    """Says where a click's row is in the end."""

    GONE = "gone"
    WAITING = "waiting"
    UNCONFIRMED = "unconfirmed"
    REFUSED = "refused"


@dataclass(kw_only=True)
class Click:
    """Holds one click. due: as it was listed when clicked, or when the user tried again.

    to: where a reschedule moves it; moves: whether it is one. undo: the uuid of what takes it back.
    insists: the user tried again after a refusal, and so means whatever date there is.
    """

    uuid: str
    kind: str
    task: str
    recurring: bool = False
    dues: list[str | None] = field(default_factory=list)
    moves: bool = False
    to: str | None = None
    insists: bool = False
    undone: bool = False
    undo: "Click | None" = None
    discarded: bool = False
    kept: Kept = Kept.GONE
    reason: str | None = None

    @property
    def by_date(self) -> bool:
        """Return whether it means one occurrence, or one date, and no other."""
        return self.recurring or self.moves


@dataclass(kw_only=True)
class Addition:
    """Holds one new task. title: no other has it. undo: how the row is kept that takes it back."""

    uuid: str
    title: str
    undone: bool = False
    undo: Kept | None = None
    undo_reason: str | None = None
    undo_discarded: bool = False
    discarded: bool = False
    kept: Kept = Kept.GONE
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Made:
    """Is a task that an addition has led to. gone: it was deleted since."""

    title: str
    gone: bool


@dataclass(kw_only=True)
class Story:
    """Holds everything a law is about.

    additions, made: the new tasks that were asked for, and those that there are of them, or were.
    shown, listed: what oO shows and what the service has, by task. forgetful: the service does not
    remember for ever which commands it has carried out, and nobody has promised that it would; a
    repetition must then be harmless.
    """

    chronicle: Sequence[Entry]
    clicks: Sequence[Click]
    additions: Sequence[Addition] = ()
    made: Sequence[Made] = ()
    sent: Mapping[str, set[str]] = field(default_factory=dict)
    shown: Mapping[str, str | None] = field(default_factory=dict)
    listed: Mapping[str, str | None] = field(default_factory=dict)
    forgetful: bool = False

    def executions(self, uuid: str) -> list[tuple[int, Changed]]:
        return [
            (place, entry)
            for place, entry in enumerate(self.chronicle)
            if isinstance(entry, Changed) and entry.uuid == uuid
        ]

    def others(self, click: Click, *, since: int = 0) -> Iterator[Changed]:
        """Yield what happened to the task of a click from a place on, but for the click itself."""
        for entry in self.chronicle[since:]:
            if isinstance(entry, Changed) and entry.task == click.task and entry.uuid != click.uuid:
                yield entry


def violations(story: Story) -> list[str]:
    """Return one sentence for every law that was broken."""
    broken = [
        f"{uuid}: sent with different commands"
        for uuid, said in story.sent.items()
        if len(said) > 1
    ]
    for click in story.clicks:
        undo = [click.undo] if click.undo else []
        for one in (click, *undo):
            broken += [f"{one.kind} {one.uuid}: {what}" for what in _execution(story, one)]
        broken += [f"{click.kind} {click.uuid}: {what}" for what in _fate(story, click)]
    for addition in story.additions:
        made = [each for each in story.made if each.title == addition.title]
        broken += [f"{ADD} of {addition.title}: {what}" for what in addition_faults(addition, made)]
    for entry in story.chronicle:
        if isinstance(entry, Changed) and entry.uuid is not None:
            broken += [f"{entry.type} {entry.uuid}: {what}" for what in _recurrence(entry)]
    shown, listed = story.shown.items(), story.listed.items()
    if shown != listed:
        broken.append(
            f"shown {sorted(shown - listed)}, but the service has {sorted(listed - shown)}"
        )
    return broken


def addition_faults(addition: Addition, made: Sequence[Made]) -> Iterator[str]:
    """Yield a sentence for every law that was broken. made: what there is of it, or was."""
    if len(made) > 1:
        yield f"added {len(made)} times"
    if Kept.WAITING in (addition.kept, addition.undo):
        yield "never settled"
    if addition.kept is Kept.REFUSED and not addition.reason:
        yield "refused without a reason"
    if addition.undo is Kept.REFUSED and not addition.undo_reason:
        yield "its undo was refused without a reason"
    if addition.undone:
        let_be = addition.undo_discarded or addition.undo in (Kept.REFUSED, Kept.UNCONFIRMED)
        if not let_be and not all(each.gone for each in made):
            yield "taken back, and still there"
    elif addition.discarded or addition.kept is Kept.REFUSED:
        if made:
            yield "added, and yet refused"
    elif not made:
        yield "lost"


def tally(story: Story) -> Counter[str]:
    """Return how many clicks had which fate."""
    found = Counter(_named_fate(story, click) for click in story.clicks)
    return found + Counter(addition_fate(each) for each in story.additions)


def addition_fate(addition: Addition) -> str:
    """Return what became of a new task, in a word or two."""
    if addition.undone:
        return "new, undone"
    if addition.discarded:
        return "new, discarded"
    return "new, refused" if addition.kept is Kept.REFUSED else "new, added"


def _named_fate(story: Story, click: Click) -> str:
    executed = bool(story.executions(click.uuid))
    if click.undone:
        return "undone"
    if click.kept is Kept.UNCONFIRMED:
        return "marked"
    if click.discarded or click.kept is Kept.REFUSED:
        return "overtaken" if executed else ("discarded" if click.discarded else "refused")
    return "done" if executed else "already so"


def _execution(story: Story, click: Click) -> Iterator[str]:
    executions = story.executions(click.uuid)
    if len(executions) > 1 and not (story.forgetful and _harmless(story, executions)):
        yield f"executed {len(executions)} times"
    for place, entry in executions:
        idle = click.moves and entry.before == entry.after  # it says again what is so already
        meant = click.insists or not click.by_date or entry.before.due in click.dues
        if not (meant or idle or _raced(story, entry, place)):
            yield f"meant for {click.dues}, executed on {entry.before.due}"
        if click.moves and entry.after.due != click.to:
            yield f"should move to {click.to}, moved to {entry.after.due}"


def _harmless(story: Story, executions: Sequence[tuple[int, Changed]]) -> bool:
    """Whether every repetition changed nothing, or did again what was taken back elsewhere."""
    for (first, _), (again, entry) in pairwise(executions):
        between = story.chronicle[first + 1 : again]
        if entry.before != entry.after and not any(
            isinstance(other, Changed) and other.task == entry.task and other.uuid != entry.uuid
            for other in between
        ):
            return False
    return True


def _raced(story: Story, entry: Changed, place: int) -> bool:
    """Whether the task was changed elsewhere between oO's last look and the execution."""
    before = story.chronicle[: entry.heard]
    looks = [
        at
        for at, look in enumerate(before)
        if isinstance(look, Looked) and entry.task in look.tasks
    ]
    return bool(looks) and any(
        isinstance(other, Changed) and other.task == entry.task and other.uuid is None
        for other in story.chronicle[looks[-1] : place]
    )


def _recurrence(entry: Changed) -> Iterator[str]:
    if entry.before.rule is None:
        return
    if entry.after.checked and not entry.before.checked:
        yield "a recurring task was finished for ever"
    if entry.after.rule != entry.before.rule:
        yield f"the rule {entry.before.rule} became {entry.after.rule}"


def _fate(story: Story, click: Click) -> Iterator[str]:
    executions = story.executions(click.uuid)
    if click.kept is Kept.WAITING:
        yield "never settled"
    elif click.kept is Kept.UNCONFIRMED:
        said_yes = executions or any(_same_already(click, one) for one in story.others(click))
        if not said_yes or not _contradicted(story, click):
            yield "left unconfirmed without need"
    elif click.undone:
        yield from _undone(story, click)
    elif click.discarded or click.kept is Kept.REFUSED:
        if click.kept is Kept.REFUSED and not click.reason:
            yield "refused without a reason"
        if executions and not _overtaken(story, click):
            yield "executed, and yet refused"
    elif not executions and not any(_same_already(click, other) for other in story.others(click)):
        yield "lost"


def _contradicted(story: Story, click: Click) -> bool:
    """Whether the service lists in the end what it said it had done."""
    last = [e for e in story.chronicle if isinstance(e, Changed) and e.task == click.task][-1].after
    return not last.gone and (not click.by_date or last.due in click.dues)


def _overtaken(story: Story, click: Click) -> bool:
    (place, _), *_ = story.executions(click.uuid)
    return any(story.others(click, since=place))


def _same_already(click: Click, other: Changed) -> bool:
    """Whether, after `other`, there was nothing left to do for a click."""
    if other.after.gone:
        return not click.moves
    if click.moves:
        return other.after.due == click.to
    return click.recurring and other.before.due in click.dues and other.after.due not in click.dues


def _undone(story: Story, click: Click) -> Iterator[str]:
    executions = story.executions(click.uuid)
    undo = click.undo
    taken_back = story.executions(undo.uuid) if undo else []
    if undo and undo.kept is Kept.WAITING:
        yield "its undo never settled"
    if undo and undo.kept is Kept.REFUSED and not undo.reason:
        yield "its undo was refused without a reason"
    if not taken_back:
        let_be = undo is not None and (undo.kept is Kept.REFUSED or undo.discarded)
        if executions and not let_be and not _back_already(story, click, *executions[0]):
            yield "executed, and its undo was not"
        return
    place, entry = taken_back[0]
    if executions and place < executions[0][0]:
        yield "its undo came first"
    if click.by_date and entry.after.due not in click.dues:
        yield f"taken back to {entry.after.due}, not to {click.dues}"
    if not click.by_date and entry.after.checked:
        yield "taken back, and still finished"


def _back_already(story: Story, click: Click, place: int, execution: Changed) -> bool:
    """Whether there was nothing to take back: it changed no date, or somebody else was faster."""
    if click.by_date and execution.after.due in click.dues:
        return True
    return any(
        other.after.deleted
        or (not other.after.checked and (other.after.due in click.dues or not click.by_date))
        for other in story.others(click, since=place)
    )
