"""Looks at tasks as they are in Todoist now, just before clicks on them are sent.

The look is a guard, and never a gate: clicks that no date decides go out whatever becomes of it,
and no others wait for it for ever. What it meets decides:

| the look meets | clicks that a date decides |
|---|---|
| the tasks | are compared |
| no connection, no token, 401, 429, any "not before" | nothing is sent at all: no one is there |
| a 4xx, also as a web page; JSON of another form; too much of it | are compared with the list |
| anything else: 5xx, no or half an answer, a web page, no JSON | wait; the second time, the list |

The second time: of looks of one account that fail so in a row; it is the same for any after it,
until a look succeeds or oO is started anew. The list is the one that is polled. What it has is
compared. What it does not have was changed elsewhere, or is to be brought back: it is sent and
relies on its uuid, which Todoist carries out once; but not before the fifth time where there may
be a look yet. So is everything if Todoist refuses the list, too. If the list fails as well, what
waited goes on waiting, for then there is no sign that Todoist is there; where the look was refused,
it is sent.

For how long Todoist remembers uuids nobody says. One click would do harm if it were carried out
twice: DONE on a recurring task would skip an occurrence. So where an earlier attempt may have done
it, what the list does not have any more is over; and while the list fails, it waits in any case.

What remains: a date that was moved out of the list elsewhere may be overwritten by a reschedule or
an undo without a look, and a first DONE may complete the occurrence after one that was completed
elsewhere. DONE that insists is never looked up: were its answer lost and its uuid forgotten, it
would be carried out twice.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from oo_desktop.connectors.todoist import wire
from oo_desktop.connectors.todoist.wire import TODOIST_LISTS
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import ServiceClient, WebPage, unreached
from oo_desktop.model.signals import SignalId

MAX_FAILED_LOOKS = 2
"""Precheck that fail in a row: at the last of them the list is asked instead."""

BLIND_AFTER = 5
"""Precheck that fail in a row: from then on, what the list does not have is sent all the same."""

NEVER = frozenset(range(400, 500)) - {401, 407, 408, 425, 429}
"""Web pages with these say that there is no such look; with others, that it is not its time."""


class Seen(NamedTuple):
    """Holds what was seen. tasks: the open ones by id. waits: what must wait, by id, and why."""

    tasks: Mapping[str, wire.TaskWire]
    waits: Mapping[str, Unavailable]


class Precheck:
    """Looks for one account. How many looks have failed may be lost.

    query: the filter that finds the tasks that were clicked.
    """

    def __init__(self, *, query: str) -> None:
        self._query = query
        self._failed = 0

    async def seen(
        self, client: ServiceClient, ids: Sequence[SignalId], *, maybe_over: Sequence[SignalId]
    ) -> Seen:
        """Return the tasks of `ids`; `maybe_over` are those of them that must not be done twice.

        Raises where nothing can be sent either: AuthRequired, VaultError, Unavailable
        (`reached` is False).
        """
        if not ids:
            return Seen({}, {})
        try:
            found, _ = await TODOIST_LISTS.all_items(
                client, "tasks", {"ids": ",".join(ids)}, wire.TaskWire
            )
        except Rejected:
            return await self._listed(client, ids, maybe_over, patient=maybe_over)
        except Unavailable as error:
            failure = unreached(error)
            if error.limited or not error.reached:
                raise failure from None
            if isinstance(error, WebPage) and error.status in NEVER:
                return await self._listed(client, ids, maybe_over, patient=maybe_over)
            self._failed += 1
            if self._failed < MAX_FAILED_LOOKS:
                return Seen({}, dict.fromkeys(ids, failure))
            seen = await self._listed(client, ids, maybe_over, patient=ids)
            if self._failed >= BLIND_AFTER:
                return seen
            missing = [id_ for id_ in ids if id_ not in seen.tasks]
            return Seen(seen.tasks, dict.fromkeys(missing, failure))
        self._failed = 0
        is_open = {id_: t for id_, t in found.items() if not (t.checked or t.is_deleted)}
        return Seen(is_open, {})

    async def _listed(
        self,
        client: ServiceClient,
        ids: Sequence[SignalId],
        maybe_over: Sequence[SignalId],
        *,
        patient: Sequence[SignalId],
    ) -> Seen:
        """What the list says of `ids`; where it fails, `patient` are not sent."""
        params = {"query": self._query}
        try:
            listed, _ = await TODOIST_LISTS.all_items(client, "tasks/filter", params, wire.TaskWire)
        except Rejected:
            return Seen({}, {})
        except Unavailable as error:
            return Seen({}, dict.fromkeys(patient, unreached(error)))
        told: dict[str, wire.TaskWire] = {id_: wire.TaskWire(id_) for id_ in maybe_over}
        return Seen(told | {id_: listed[id_] for id_ in ids if id_ in listed}, {})
