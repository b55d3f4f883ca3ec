"""Clicks on their way to Todoist: looked at once more, then sent, all in two requests.

A command with a uuid is carried out once (developer.todoist.com/api/v1, "Sync"), but nobody says
for how long Todoist remembers uuids, and days may lie between a click and its sending. So whatever
depends on a due date is compared with the one the task has now, just before it is sent. What
happened elsewhere in between decides:

| elsewhere, the task was | DONE | recurring DONE | reschedule | REOPEN | RESTORE |
|---|---|---|---|---|---|
| renamed, moved, made urgent | sent | sent | sent | sent | sent |
| completed | done | refused; done if it may have been this click | refused | sent | refused |
| deleted | done | done | refused | refused | refused |
| given another date | sent | as if completed | refused | sent | refused |
| given the date that was wished for | sent | as if completed | done | sent | sent |
| made to repeat otherwise | sent | sent | refused | refused, recurring | refused |

"Sent" means that the command goes out, and its own answer counts. "Done": there is nothing left to
do, and nothing is changed. "Refused": the click comes back with its reason, and nothing is sent: an
occurrence is never skipped, a newer wish never overwritten. A recurring task that was completed
elsewhere has its next date, which is why it looks like one that was put off; after an answer that
was lost it is taken for what the click itself did, for its occurrence is over either way. A task
that is completed or deleted is missing from the look, and is found out by its command's answer, as
is everything where there is no look to be had (`precheck`). What a REOPEN finds is the next
date, and nobody can tell whether Todoist or a person has set it. Where an undo finds the old date
it is sent all the same, for the look may lag behind the click it takes back, and to set a date
again changes nothing; unless an earlier attempt may have done it.

A click that insists was refused so, and the user wants it all the same: it is sent for whatever
date there is now. A reschedule then keeps how the task repeats now, which is why it is looked at;
without a look, how it repeated when it was clicked. Only NO_DATE is still refused where it would
end a recurrence.

Between the look and the command lies a moment in which another device may still change the task:
then the uuid alone protects it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote_plus

import msgspec

from oo_desktop.connectors.todoist import wire
from oo_desktop.connectors.todoist.errors import (
    envelope_from_json,
    error_of_command,
    is_gone,
    translate_refusals,
)
from oo_desktop.connectors.todoist.precheck import Precheck
from oo_desktop.errors import Rejected, SourceError, Unavailable, VaultError
from oo_desktop.http.client import ServiceClient, unreached
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import RESCHEDULES, ActionKind, SignalId
from oo_desktop.model.source import Action, Asked

MAX_COMMANDS = 100
MAX_SYNC_BYTES = 1024 * 1024 - 1024
"""What one POST /sync may carry ("Request limits"), less what surrounds the commands."""

FORGOTTEN = untranslated("oO no longer knows when this task was due. Please set it in Todoist.")
OTHER_DATE = untranslated("Its date was changed in Todoist since you clicked.")
OTHER_RULE = untranslated("How it repeats was changed in Todoist since you clicked.")
REPEATS = untranslated(
    "It repeats now, and would stop without a date. Please remove the date in Todoist."
)
WHAT_NOW = {
    ActionKind.DONE: untranslated("Try again to complete the date it has now."),
    ActionKind.REOPEN: untranslated("oO leaves it as it is."),
    ActionKind.RESTORE: untranslated("oO leaves it as it is."),
}
TRY_AGAIN = untranslated("Try again to put it off all the same.")


class _SyncCommand(NamedTuple):
    action: Action
    text: str


async def act_all(
    client: ServiceClient, asked: Sequence[Asked], *, precheck: Precheck
) -> Mapping[str, SourceError | None]:
    """Carry out `asked`; returns as `BatchSource.act_all` does.

    Raises only where nothing at all was settled: were something refused unsent and the rest lost,
    what was refused must not seem to be lost too, for then it might count as done.
    """
    settled, sayable = _sayable(asked)
    seen = await precheck.seen(
        client,
        [id_ for id_, action in sayable if _depends_on_date(action)],
        maybe_over=[id_ for id_, action in sayable if _may_be_over(action)],
    )
    waiting: dict[str, SourceError | None] = {}
    commands: list[_SyncCommand] = []
    for signal_id, action in sayable:
        if signal_id in seen.waits:
            waiting[action.uuid] = seen.waits[signal_id]
            continue
        task = seen.tasks.get(signal_id)
        is_wanted = is_insisted_on if action.insists else is_still_wanted
        try:
            if task is None or is_wanted(action, task.due):
                commands.append(_SyncCommand(action, encoded(signal_id, action, task)))
            else:
                settled[action.uuid] = None
        except Rejected as error:
            settled[action.uuid] = error
    return await _all_sent(client, commands, settled, waiting)


def _sayable(asked: Sequence[Asked]) -> tuple[dict[str, SourceError | None], list[Asked]]:
    """What cannot be said, refused; and what can."""
    refused: dict[str, SourceError | None] = {}
    sayable = []
    for one in asked:
        try:
            encoded(one.signal_id, one.action)
        except Rejected as error:
            refused[one.action.uuid] = error
        else:
            sayable.append(one)
    return refused, sayable


async def _all_sent(
    client: ServiceClient,
    commands: Sequence[_SyncCommand],
    settled: dict[str, SourceError | None],
    waiting: Mapping[str, SourceError | None],
) -> Mapping[str, SourceError | None]:
    outcomes = dict(settled)
    batches = list(_batches(commands))
    for number, batch in enumerate(batches):
        try:
            outcomes |= await _sent(client, batch)
        except (SourceError, VaultError) as error:
            # What waits was not sent: it must not be taken for lost along with the others.
            if not outcomes and not (waiting and isinstance(error, Unavailable)):
                raise
            outcomes |= _failed(error, batch, unsent=batches[number + 1 :])
            break
    return {**outcomes, **waiting}


def _depends_on_date(action: Action) -> bool:
    if action.insists:
        # Whatever its date is: only how it repeats now has to be known, to be kept.
        return action.kind in RESCHEDULES
    match action.kind:
        case ActionKind.DONE:
            # Where the date was too long to be kept there is nothing to compare.
            return action.recurring and action.undo is not None
        case ActionKind.REOPEN:
            return action.recurring
        case _:
            return True


def _may_be_over(action: Action) -> bool:
    """Whether it would do harm to carry it out twice, and it may have been carried out once."""
    return action.kind is ActionKind.DONE and action.may_be_done and _depends_on_date(action)


def is_still_wanted(action: Action, due: wire.DueWire | None) -> bool:
    """Return whether `action` is to be sent for a task that now has `due`.

    False where it is as wished already.

    Raises Rejected where it must not be sent any more.
    """
    old = old_due(action)
    if action.kind is ActionKind.DONE:
        if not action.recurring or wire.is_same_due(due, old):
            return True
        if action.may_be_done:
            return False
        raise _conflict(action, OTHER_DATE)
    if action.kind in (ActionKind.REOPEN, ActionKind.RESTORE):
        if wire.is_same_due(due, old):
            return wire.is_same_rule(due, old) and not action.may_be_done
        if action.kind is ActionKind.RESTORE and not wire.means(due, action.due):
            raise _conflict(action, OTHER_DATE)
    elif wire.means(due, action.due):
        return False
    elif not wire.is_same_due(due, old):
        raise _conflict(action, OTHER_DATE)
    # All of these set the whole due date, so that they would also set how it repeats.
    if not wire.is_same_rule(due, old):
        raise _conflict(action, OTHER_RULE)
    return True


def is_insisted_on(action: Action, due: wire.DueWire | None) -> bool:
    """Return what `is_still_wanted` does, for a reschedule that insists."""
    if action.kind is ActionKind.NO_DATE and due is not None and due.is_recurring:
        raise Rejected(translated(REPEATS))
    return not wire.means(due, action.due)


def _conflict(action: Action, what: str) -> Rejected:
    now = WHAT_NOW.get(action.kind, TRY_AGAIN)
    return Rejected(f"{translated(what)} {translated(now)}")


def old_due(action: Action) -> wire.DueWire | None:
    """Return the due date when it was clicked. Raises Rejected where it is not known any more."""
    if action.undo is None and action.kind is not ActionKind.REOPEN:
        return None
    try:
        return msgspec.json.decode(action.undo or "", type=wire.UndoWire).due
    except msgspec.DecodeError:
        error = Rejected(translated(FORGOTTEN))
    raise error


def encoded(signal_id: SignalId, action: Action, now: wire.TaskWire | None = None) -> str:
    """Return `command` as JSON text."""
    return msgspec.json.encode(command(signal_id, action, now)).decode()


def command(
    signal_id: SignalId, action: Action, now: wire.TaskWire | None = None
) -> dict[str, object]:
    """Return `action` as one command of POST /sync. Raises Rejected when it cannot be said.

    now: the task as it is, if that is known; a reschedule that insists keeps how it repeats.

    item_close is the click on the checkbox: item_complete would end a recurring task for ever.
    item_uncomplete does not turn back a recurring one: its due date has to be put back.
    item_update sets the whole due date, or a recurring task would recur no more.
    """
    args: dict[str, object] = {"id": signal_id}
    match action.kind:
        case ActionKind.DONE:
            name = "item_close"
        case ActionKind.REOPEN if action.recurring:
            name = "item_update_date_complete"
            args |= {"due": old_due(action), "is_forward": 0}
        case ActionKind.REOPEN:
            name = "item_uncomplete"
        case ActionKind.RESTORE:
            name = "item_update"
            args["due"] = old_due(action)
        case kind if kind in RESCHEDULES:
            name = "item_update"
            like = now.due if now and action.insists else old_due(action)
            args["due"] = wire.wire_from_due(action.due, like=like)
        case _:
            raise Rejected(translated("oO does not know how to do this in Todoist."))
    return {"type": name, "uuid": action.uuid, "args": args}


def _batches(commands: Sequence[_SyncCommand]) -> Iterator[list[_SyncCommand]]:
    batch: list[_SyncCommand] = []
    size = 0
    for one in commands:
        length = len(quote_plus(one.text)) + len("%2C")
        if batch and (len(batch) == MAX_COMMANDS or size + length > MAX_SYNC_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += length
    if batch:
        yield batch


async def _sent(
    client: ServiceClient, batch: Sequence[_SyncCommand]
) -> dict[str, SourceError | None]:
    commands = f"[{','.join(one.text for one in batch)}]"
    body = await translate_refusals(client.post("sync", form={"commands": commands}))
    try:
        answer = wire.decoded(body, wire.SyncWire)
    except Rejected as error:
        # It said yes to something: whether it was done is only hidden, not refused.
        unclear = Unavailable(str(error))
    else:
        return {one.action.uuid: outcome(answer, one.action) for one in batch}
    raise unclear


def outcome(answer: wire.SyncWire, action: Action) -> SourceError | None:
    """Return what is wrong; None when the command was carried out, now or by an earlier attempt."""
    said = (answer.sync_status or {}).get(action.uuid)
    if said is None:
        return Unavailable(translated("Todoist did not say what became of this. oO asks again."))
    if bytes(said) == b'"ok"':
        return None
    error = envelope_from_json(bytes(said))
    if not is_gone(error):
        return error_of_command(error)
    match action.kind:
        case ActionKind.DONE:
            return None
        case ActionKind.REOPEN:
            return Rejected(translated("This task no longer exists in Todoist."), status=404)
        case _:
            return Rejected(
                translated("This task was completed or deleted in Todoist."), status=404
            )


def _failed(
    error: SourceError | VaultError,
    batch: Sequence[_SyncCommand],
    unsent: Sequence[list[_SyncCommand]],
) -> dict[str, SourceError | None]:
    """`error` for each command it befell, where others are settled already.

    What concerns the account or the whole request is met again, and then raised, by the next
    attempt: it has nothing settled.
    """
    mine: SourceError
    if isinstance(error, Unavailable) or (isinstance(error, Rejected) and len(batch) == 1):
        mine = error
    else:
        mine = unreached(error)
    failed: dict[str, SourceError | None] = {one.action.uuid: mine for one in batch}
    later = unreached(error)
    for others in unsent:
        failed |= {one.action.uuid: later for one in others}
    return failed
